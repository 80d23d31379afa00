// TransactGetItems and TransactWriteItems.
#include <set>
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/attribute.h"
#include "services/dynamodb/capacity.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/projection.h"
#include "services/dynamodb/keys.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/request.h"
#include "services/dynamodb/tokens.h"
#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"

namespace tarn::dynamodb {
namespace {

Error two_on_one_item() {
  return invalid("Transaction request cannot include multiple operations on one item");
}

// A write and whether the caller wants the item where its condition fails.
struct Part {
  Write write;
  bool wants_item = false;
};

template <class Action>
Result<Part> with_condition(Action& action, std::optional<std::string> condition,
                            std::vector<Given> expressions, const std::string* update, Part part) {
  expressions.push_back({"ConditionExpression", condition.has_value()});
  TARN_TRY(auto placeholders,
           placeholders_of(action.expression_attribute_names,
                           std::move(action.expression_attribute_values), expressions));
  if (update != nullptr) {
    TARN_TRY(part.write.update, parse_update(*update, placeholders));
  }
  if (condition) {
    TARN_TRY(part.write.condition,
             parse_condition("ConditionExpression", *condition, placeholders));
  }
  TARN_CHECK(placeholders.check_all_used());
  part.wants_item = action.return_values_on_condition_check_failure == "ALL_OLD";
  return part;
}

Result<Part> prepare(const DynamodbService& service, const Caller& caller, Put action) {
  Part part;
  part.write.kind = Write::Kind::kPut;
  TARN_TRY(part.write.table, service.active_table(caller, action.table_name));
  TARN_TRY(part.write.item, to_item(std::move(action.item)));
  TARN_CHECK(check_item_keys(*part.write.table->record(), part.write.item));
  return with_condition(action, action.condition_expression, {}, nullptr, std::move(part));
}

template <class Action>
Result<Part> with_key(const DynamodbService& service, const Caller& caller, Action& action,
                      Write::Kind kind) {
  Part part;
  part.write.kind = kind;
  TARN_TRY(part.write.table, service.active_table(caller, action.table_name));
  TARN_TRY(part.write.item, to_item(std::move(action.key)));
  TARN_CHECK(check_key(*part.write.table->record(), part.write.item));
  return part;
}

Result<Part> prepare(const DynamodbService& service, const Caller& caller, Delete action) {
  TARN_TRY(auto part, with_key(service, caller, action, Write::Kind::kDelete));
  return with_condition(action, action.condition_expression, {}, nullptr, std::move(part));
}

Result<Part> prepare(const DynamodbService& service, const Caller& caller, ConditionCheck action) {
  TARN_TRY(auto part, with_key(service, caller, action, Write::Kind::kCheck));
  return with_condition(action, action.condition_expression, {}, nullptr, std::move(part));
}

Result<Part> prepare(const DynamodbService& service, const Caller& caller, Update action) {
  TARN_TRY(auto part, with_key(service, caller, action, Write::Kind::kUpdate));
  TARN_TRY(part, with_condition(action, action.condition_expression, {{"UpdateExpression", true}},
                                &action.update_expression, std::move(part)));
  TARN_CHECK(check_keys_untouched(*part.write.table->record(), part.write.update.paths()));
  return part;
}

Result<Part> prepare(const DynamodbService& service, const Caller& caller, TransactWriteItem item) {
  const int given = (item.put ? 1 : 0) + (item.update ? 1 : 0) + (item.delete_ ? 1 : 0) +
                    (item.condition_check ? 1 : 0);
  if (given != 1) {
    return invalid("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  if (item.put) return prepare(service, caller, std::move(*item.put));
  if (item.update) return prepare(service, caller, std::move(*item.update));
  if (item.delete_) return prepare(service, caller, std::move(*item.delete_));
  return prepare(service, caller, std::move(*item.condition_check));
}

// {"Code": …, "Message": …, "Item": …} of one part of a cancelled transaction.
std::string reason(const Part& part, const Written& written, std::string& code) {
  code = "None";
  std::string out = "{\"Code\":";
  if (!written.condition_held) {
    code = "ConditionalCheckFailed";
    out += "\"ConditionalCheckFailed\",\"Message\":\"The conditional request failed\"";
    if (part.wants_item && written.before) out += ",\"Item\":" + to_wire_json(*written.before);
  } else if (written.refused) {
    code = "ValidationError";
    out += "\"ValidationError\",\"Message\":";
    wire::append_json_string(written.refused->message, out);
  } else {
    out += "\"None\"";
  }
  return out + "}";
}

// Error: TransactionCanceledException, where a part stood in the way.
Status check_held(const std::vector<Part>& parts, const std::vector<Written>& written) {
  bool held = true;
  std::string codes;
  std::string reasons = "[";
  for (std::size_t i = 0; i < written.size(); ++i) {
    std::string code;
    if (i > 0) reasons += ',';
    reasons += reason(parts[i], written[i], code);
    codes.append(codes.empty() ? "" : ", ").append(code);
    held = held && code == "None";
  }
  if (held) return {};
  Error error("TransactionCanceledException",
              "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
                  codes + "]");
  error.details.emplace_back("CancellationReasons", reasons + "]");
  return error;
}

Result<std::vector<Part>> prepare(const DynamodbService& service, const Caller& caller,
                                  std::vector<TransactWriteItem> items) {
  std::vector<Part> parts;
  std::set<std::string> seen;
  for (auto& item : items) {
    TARN_TRY(auto part, prepare(service, caller, std::move(item)));
    if (!seen.insert(primary_key(*part.write.table->record(), part.write.item)).second)
      return two_on_one_item();
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Task<Result<TransactWriteItemsOutput>> handle(TransactWriteItems, DynamodbService& service,
                                              const Caller& caller, TransactWriteItemsInput input) {
  std::optional<Once> once;
  if (input.client_request_token) {
    once = once_of(caller, *input.client_request_token, input, service.platform().clock.now());
  }
  TARN_CO_TRY(auto parts, prepare(service, caller, std::move(input.transact_items)));
  std::vector<Write> writes;
  writes.reserve(parts.size());
  for (const auto& part : parts) writes.push_back(part.write);
  auto done = co_await service.platform().tasks.offload(
      [&] { return service.items().write(std::move(writes), once ? &*once : nullptr); });
  if (!done.ok()) co_return std::move(done).error();
  TransactWriteItemsOutput output;
  if (once && once->found) {
    TARN_CO_CHECK(check_same_request(*once));
    co_return output;
  }
  TARN_CO_CHECK(check_held(parts, *done));
  std::map<std::string, Consumed> consumed;
  for (std::size_t i = 0; is_wanted(input.return_consumed_capacity) && i < parts.size(); ++i) {
    const auto record = parts[i].write.table->record();
    consumed[record->name].add(consumed_by(*record, (*done)[i]));
  }
  output.consumed_capacity = to_wire(input.return_consumed_capacity, consumed, Charge::kWriteTwice);
  co_return output;
}

Task<Result<TransactGetItemsOutput>> handle(TransactGetItems, DynamodbService& service,
                                            const Caller& caller, TransactGetItemsInput input) {
  std::vector<std::shared_ptr<Table>> tables;
  std::vector<Item> keys;
  std::vector<std::vector<Path>> paths(input.transact_items.size());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < input.transact_items.size(); ++i) {
    Get& get = input.transact_items[i].get;
    TARN_CO_TRY(auto table, service.active_table(caller, get.table_name));
    TARN_CO_TRY(auto key, to_item(std::move(get.key)));
    TARN_CO_CHECK(check_key(*table->record(), key));
    const std::vector<Given> expressions = {
        {"ProjectionExpression", get.projection_expression.has_value()}};
    TARN_CO_TRY(auto placeholders,
                placeholders_of(get.expression_attribute_names, std::nullopt, expressions));
    if (get.projection_expression) {
      TARN_CO_TRY(paths[i], parse_projection(*get.projection_expression, placeholders));
    }
    TARN_CO_CHECK(placeholders.check_all_used());
    if (!seen.insert(primary_key(*table->record(), key)).second) co_return two_on_one_item();
    tables.push_back(std::move(table));
    keys.push_back(std::move(key));
  }
  auto done = co_await service.platform().tasks.offload(
      [&] { return service.items().get_all(tables, keys); });
  if (!done.ok()) co_return std::move(done).error();
  TransactGetItemsOutput output;
  output.responses.emplace();
  std::map<std::string, Consumed> consumed;
  for (std::size_t i = 0; i < done->size(); ++i) {
    auto& item = (*done)[i];
    consumed[tables[i]->record()->name].table += read_units(item ? size_bytes(*item) : 0, true);
    ItemResponse response;
    if (item)
      response.item = to_wire(paths[i].empty() ? std::move(*item) : project(*item, paths[i]));
    output.responses->push_back(std::move(response));
  }
  output.consumed_capacity = to_wire(input.return_consumed_capacity, consumed, Charge::kReadTwice);
  co_return output;
}

}  // namespace tarn::dynamodb
