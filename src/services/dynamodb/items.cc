// PutItem, GetItem, UpdateItem, DeleteItem.
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/attribute.h"
#include "services/dynamodb/capacity.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/projection.h"
#include "services/dynamodb/keys.h"
#include "services/dynamodb/legacy.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/request.h"

namespace tarn::dynamodb {
namespace {

// The answer of a write whose condition did not hold; with the item where the caller asked for it.
Error condition_failed(const Written& written, const std::optional<std::string>& wanted) {
  Error error("ConditionalCheckFailedException", "The conditional request failed");
  if (wanted == "ALL_OLD" && written.before)
    error.details.emplace_back("Item", to_wire_json(*written.before));
  return error;
}

Task<Result<Written>> write_one(DynamodbService& service, Write write,
                                std::optional<std::string> on_failure) {
  std::vector<Write> writes;
  writes.push_back(std::move(write));
  auto done = co_await service.platform().tasks.offload(
      [&] { return service.items().write(std::move(writes)); });
  if (!done.ok()) co_return std::move(done).error();
  Written written = std::move((*done)[0]);
  if (!written.condition_held) co_return condition_failed(written, on_failure);
  if (written.refused) co_return std::move(*written.refused);
  co_return written;
}

// PutItem and DeleteItem know two kinds of ReturnValues.
Status check_return_values(const std::optional<std::string>& wanted) {
  if (!wanted || *wanted == "NONE" || *wanted == "ALL_OLD") return {};
  return invalid("Return values set to invalid value");
}

template <class Input>
Result<Write> prepare_put(Input& input, std::shared_ptr<Table> table) {
  Write write;
  write.kind = Write::Kind::kPut;
  TARN_CHECK(check_one_style({{"Expected", input.expected.has_value()},
                              {"ConditionalOperator", input.conditional_operator.has_value()}},
                             {{"ConditionExpression", input.condition_expression.has_value()}}));
  TARN_CHECK(check_return_values(input.return_values));
  TARN_TRY(write.item, to_item(std::move(input.item)));
  TARN_TRY(auto placeholders,
           placeholders_of(input.expression_attribute_names,
                           std::move(input.expression_attribute_values),
                           {{"ConditionExpression", input.condition_expression.has_value()}}));
  TARN_TRY(write.condition,
           condition_of({input.condition_expression, input.expected, input.conditional_operator},
                        placeholders));
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(check_item_keys(*table->record(), write.item));
  write.table = std::move(table);
  return write;
}

Result<Write> prepare_delete(DeleteItemInput& input, std::shared_ptr<Table> table) {
  Write write;
  write.kind = Write::Kind::kDelete;
  TARN_CHECK(check_one_style({{"Expected", input.expected.has_value()},
                              {"ConditionalOperator", input.conditional_operator.has_value()}},
                             {{"ConditionExpression", input.condition_expression.has_value()}}));
  TARN_CHECK(check_return_values(input.return_values));
  TARN_TRY(write.item, to_item(std::move(input.key)));
  TARN_TRY(auto placeholders,
           placeholders_of(input.expression_attribute_names,
                           std::move(input.expression_attribute_values),
                           {{"ConditionExpression", input.condition_expression.has_value()}}));
  TARN_TRY(write.condition,
           condition_of({input.condition_expression, input.expected, input.conditional_operator},
                        placeholders));
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(check_key(*table->record(), write.item));
  write.table = std::move(table);
  return write;
}

Result<Write> prepare_update(UpdateItemInput& input, std::shared_ptr<Table> table) {
  Write write;
  write.kind = Write::Kind::kUpdate;
  const bool has_update = input.update_expression.has_value();
  const bool has_condition = input.condition_expression.has_value();
  TARN_CHECK(
      check_one_style({{"AttributeUpdates", input.attribute_updates.has_value()},
                       {"Expected", input.expected.has_value()},
                       {"ConditionalOperator", input.conditional_operator.has_value()}},
                      {{"UpdateExpression", has_update}, {"ConditionExpression", has_condition}}));
  TARN_TRY(write.item, to_item(std::move(input.key)));
  TARN_TRY(auto placeholders,
           placeholders_of(
               input.expression_attribute_names, std::move(input.expression_attribute_values),
               {{"UpdateExpression", has_update}, {"ConditionExpression", has_condition}}));
  if (has_update) {
    TARN_TRY(write.update, parse_update(*input.update_expression, placeholders));
  } else if (input.attribute_updates) {
    TARN_TRY(write.update, plan_of_updates(std::move(*input.attribute_updates)));
  }
  TARN_TRY(write.condition,
           condition_of({input.condition_expression, input.expected, input.conditional_operator},
                        placeholders));
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(check_key(*table->record(), write.item));
  TARN_CHECK(check_keys_untouched(*table->record(), write.update.paths()));
  write.table = std::move(table);
  return write;
}

std::optional<WireItem> updated_attributes(const std::string& wanted,
                                           const std::vector<Path>& paths, Written& written) {
  if (wanted == "ALL_OLD" && written.before) return to_wire(std::move(*written.before));
  if (wanted == "ALL_NEW" && written.after) return to_wire(std::move(*written.after));
  const auto& side = wanted == "UPDATED_OLD" ? written.before : written.after;
  if (!wanted.starts_with("UPDATED") || !side) return std::nullopt;
  Item part = project(*side, paths);
  if (part.empty()) return std::nullopt;
  return to_wire(std::move(part));
}

struct GetPlan {
  Item key;
  std::vector<Path> paths;
};

Result<GetPlan> prepare_get(GetItemInput& input, const TableRecord& table) {
  GetPlan plan;
  const bool has_projection = input.projection_expression.has_value();
  TARN_CHECK(check_one_style({{"AttributesToGet", input.attributes_to_get.has_value()}},
                             {{"ProjectionExpression", has_projection}}));
  TARN_TRY(plan.key, to_item(std::move(input.key)));
  TARN_TRY(auto placeholders, placeholders_of(input.expression_attribute_names, std::nullopt,
                                              {{"ProjectionExpression", has_projection}}));
  if (has_projection) {
    TARN_TRY(plan.paths, parse_projection(*input.projection_expression, placeholders));
  } else if (input.attributes_to_get) {
    TARN_TRY(plan.paths, paths_of_names(*input.attributes_to_get));
  }
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(check_key(table, plan.key));
  return plan;
}

}  // namespace

Task<Result<PutItemOutput>> handle(PutItem, DynamodbService& service, const Caller& caller,
                                   PutItemInput input) {
  TARN_CO_TRY(auto table, service.active_table(caller, input.table_name));
  TARN_CO_TRY(auto write, prepare_put(input, table));
  auto waiting =
      write_one(service, std::move(write), input.return_values_on_condition_check_failure);
  TARN_CO_TRY(auto written, co_await std::move(waiting));
  PutItemOutput output;
  output.consumed_capacity = capacity_of(input.return_consumed_capacity, *table->record(), written);
  if (input.return_values == "ALL_OLD" && written.before)
    output.attributes = to_wire(std::move(*written.before));
  co_return output;
}

Task<Result<DeleteItemOutput>> handle(DeleteItem, DynamodbService& service, const Caller& caller,
                                      DeleteItemInput input) {
  TARN_CO_TRY(auto table, service.active_table(caller, input.table_name));
  TARN_CO_TRY(auto write, prepare_delete(input, table));
  auto waiting =
      write_one(service, std::move(write), input.return_values_on_condition_check_failure);
  TARN_CO_TRY(auto written, co_await std::move(waiting));
  DeleteItemOutput output;
  output.consumed_capacity = capacity_of(input.return_consumed_capacity, *table->record(), written);
  if (input.return_values == "ALL_OLD" && written.before)
    output.attributes = to_wire(std::move(*written.before));
  co_return output;
}

Task<Result<UpdateItemOutput>> handle(UpdateItem, DynamodbService& service, const Caller& caller,
                                      UpdateItemInput input) {
  TARN_CO_TRY(auto table, service.active_table(caller, input.table_name));
  TARN_CO_TRY(auto write, prepare_update(input, table));
  const std::vector<Path> paths = write.update.paths();
  auto waiting =
      write_one(service, std::move(write), input.return_values_on_condition_check_failure);
  TARN_CO_TRY(auto written, co_await std::move(waiting));
  UpdateItemOutput output;
  output.consumed_capacity = capacity_of(input.return_consumed_capacity, *table->record(), written);
  output.attributes = updated_attributes(input.return_values.value_or("NONE"), paths, written);
  co_return output;
}

Task<Result<GetItemOutput>> handle(GetItem, DynamodbService& service, const Caller& caller,
                                   GetItemInput input) {
  TARN_CO_TRY(const auto table, service.active_table(caller, input.table_name));
  const auto record = table->record();
  TARN_CO_TRY(auto plan, prepare_get(input, *record));
  // A read takes memory or the page cache only, so it stays on this thread.
  TARN_CO_TRY(auto item, service.items().get(*record, plan.key));
  GetItemOutput output;
  Consumed consumed;
  consumed.table = read_units(item ? size_bytes(*item) : 0, input.consistent_read.value_or(false));
  output.consumed_capacity = to_wire(input.return_consumed_capacity, record->name, consumed);
  if (item)
    output.item = to_wire(plan.paths.empty() ? std::move(*item) : project(*item, plan.paths));
  co_return output;
}

}  // namespace tarn::dynamodb
