// Query and Scan.
#include <algorithm>
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/attribute.h"
#include "services/dynamodb/capacity.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/projection.h"
#include "services/dynamodb/key_codec.h"
#include "services/dynamodb/keys.h"
#include "services/dynamodb/legacy.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/request.h"

namespace tarn::dynamodb {
namespace {

// A Query or Scan made ready.
struct Plan {
  std::shared_ptr<Table> table;
  std::shared_ptr<const TableRecord> record;
  const IndexRecord* index = nullptr;
  Walk walk;
  std::optional<Predicate> filter;
  std::vector<Path> paths;  // empty: all
  bool count_only = false;
  bool consistent = false;
};

// What Query and Scan share of their inputs.
template <class Input>
Status take_source(Input& input, Plan& plan) {
  plan.record = plan.table->record();
  plan.walk.table = plan.table;
  plan.consistent = input.consistent_read.value_or(false);
  plan.walk.limit = static_cast<std::size_t>(input.limit.value_or(0));
  if (!input.index_name) return {};
  plan.index = plan.record->index(*input.index_name);
  if (plan.index == nullptr)
    return invalid("The table does not have the specified index: " + *input.index_name);
  plan.walk.index = plan.index;
  if (!plan.index->global) return {};
  if (plan.consistent)
    return invalid("Consistent reads are not supported on global secondary indexes");
  if (plan.index->status == values::index_status::kCreating) {
    return invalid("Cannot read from backfilling global secondary index: " + plan.index->name);
  }
  return {};
}

// What an index that does not project everything shows.
std::vector<Path> projected(const Plan& plan) {
  std::vector<Path> out;
  for (auto& name : held_names(*plan.record, *plan.index))
    out.push_back({PathStep{std::move(name), 0, false}});
  return out;
}

Status take_select(const std::optional<std::string>& select, bool names_attributes, Plan& plan) {
  const bool partial =
      plan.index != nullptr && plan.index->projection_type != values::projection_type::kAll;
  plan.count_only = select == "COUNT";
  if (select && names_attributes && *select != "SPECIFIC_ATTRIBUTES") {
    return invalid(
        "Cannot specify the AttributesToGet or ProjectionExpression when choosing to get " +
        *select);
  }
  if (select == "SPECIFIC_ATTRIBUTES" && !names_attributes) {
    return invalid(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
        "SPECIFIC_ATTRIBUTES");
  }
  if (select == "ALL_PROJECTED_ATTRIBUTES" && plan.index == nullptr) {
    return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
  if (select == "ALL_ATTRIBUTES" && partial && plan.index->global) {
    return invalid(
        "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported "
        "for global secondary index " +
        plan.index->name + " because its projection type is not ALL");
  }
  if (partial && !names_attributes && select != "ALL_ATTRIBUTES") plan.paths = projected(plan);
  return {};
}

Status take_projection(const std::optional<std::string>& expression,
                       const std::optional<std::vector<std::string>>& names,
                       Placeholders& placeholders, Plan& plan) {
  if (expression) {
    TARN_TRY(plan.paths, parse_projection(*expression, placeholders));
  } else if (names) {
    TARN_TRY(plan.paths, paths_of_names(*names));
  }
  return {};
}

// Every attribute that `predicate` looks at.
void add_names(const Predicate& predicate, std::vector<std::string>& names) {
  for (const auto& child : predicate.children) add_names(child, names);
  for (const auto& operand : predicate.operands) {
    if (!operand.path.empty()) names.push_back(operand.path.front().name);
  }
}

// A filter looks at items after the keys have chosen them.
Status check_filter(const Predicate& filter, const KeySchema& keys) {
  std::vector<std::string> names;
  add_names(filter, names);
  for (const auto& name : names) {
    if (name != keys.hash.name && (!keys.range || name != keys.range->name)) continue;
    return invalid(
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: " +
        name);
  }
  return {};
}

void set_bounds(const KeyCondition& condition, Plan& plan) {
  using Kind = KeyCondition::Kind;
  const std::uint16_t number = plan.index != nullptr ? plan.index->number : kPrimary;
  const std::string prefix = hash_prefix(*plan.record, number, condition.hash);
  const auto with = [&](const Value& value) {
    std::string out = prefix;
    append_key_value(out, value);
    return out;
  };
  std::string first = prefix;
  std::string last = store::prefix_end(prefix);
  switch (condition.range) {
    case Kind::kAll: break;
    case Kind::kEqual:
      first = with(condition.low);
      last = store::prefix_end(first);
      break;
    case Kind::kLess: last = with(condition.low); break;
    case Kind::kLessOrEqual: last = store::prefix_end(with(condition.low)); break;
    case Kind::kGreater: first = store::prefix_end(with(condition.low)); break;
    case Kind::kGreaterOrEqual: first = with(condition.low); break;
    case Kind::kBetween:
      first = with(condition.low);
      last = store::prefix_end(with(condition.high));
      break;
    case Kind::kBeginsWith:
      append_key_prefix(first, condition.low);
      last = store::prefix_end(first);
      break;
  }
  plan.walk.first = std::move(first);
  plan.walk.last = std::move(last);
}

// Goes on behind the item that a page before ended with.
Status take_start(std::optional<WireItem> wire, Plan& plan) {
  if (!wire) return {};
  TARN_TRY(const auto start, to_item(std::move(*wire)));
  const Item key = key_of(*plan.record, plan.index, start);
  std::size_t expected = plan.record->keys.range ? 2 : 1;
  if (plan.index != nullptr) {
    const auto of_table = key_of(*plan.record, nullptr, start);
    for (const auto* attribute :
         {&plan.index->keys.hash, plan.index->keys.range ? &*plan.index->keys.range : nullptr}) {
      if (attribute != nullptr && !of_table.contains(attribute->name)) ++expected;
    }
  }
  if (start.size() != expected || key.size() != expected ||
      !check_item_keys(*plan.record, start).ok()) {
    return invalid("The provided starting key is invalid");
  }
  if (plan.index == nullptr) {
    plan.walk.after = primary_key(*plan.record, start);
  } else {
    const auto entry = entry_key(*plan.record, *plan.index, start);
    if (!entry) return invalid("The provided starting key is invalid");
    plan.walk.after = *entry;
  }
  if (plan.walk.after < plan.walk.first || plan.walk.after >= plan.walk.last) {
    return invalid(
        "The provided starting key is outside query boundaries based on provided conditions");
  }
  return {};
}

Result<KeyCondition> condition_of_keys(QueryInput& input, Placeholders& placeholders,
                                       const KeySchema& keys) {
  if (input.key_condition_expression) {
    TARN_TRY(const auto predicate, parse_condition("KeyConditionExpression",
                                                   *input.key_condition_expression, placeholders));
    return key_condition(predicate, keys);
  }
  if (!input.key_conditions) {
    return invalid(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  TARN_TRY(const auto predicate,
           predicate_of_conditions(std::move(*input.key_conditions), std::nullopt));
  if (!predicate) {
    return invalid(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  return key_condition(*predicate, keys);
}

Result<Plan> prepare(QueryInput& input, std::shared_ptr<Table> table) {
  Plan plan;
  plan.table = std::move(table);
  const bool has_filter = input.filter_expression.has_value();
  const bool has_keys = input.key_condition_expression.has_value();
  const bool has_projection = input.projection_expression.has_value();
  TARN_CHECK(check_one_style({{"AttributesToGet", input.attributes_to_get.has_value()},
                              {"QueryFilter", input.query_filter.has_value()},
                              {"ConditionalOperator", input.conditional_operator.has_value()},
                              {"KeyConditions", input.key_conditions.has_value()}},
                             {{"ProjectionExpression", has_projection},
                              {"FilterExpression", has_filter},
                              {"KeyConditionExpression", has_keys}}));
  TARN_CHECK(take_source(input, plan));
  TARN_TRY(auto placeholders, placeholders_of(input.expression_attribute_names,
                                              std::move(input.expression_attribute_values),
                                              {{"FilterExpression", has_filter},
                                               {"KeyConditionExpression", has_keys},
                                               {"ProjectionExpression", has_projection}}));
  const KeySchema& keys = plan.index != nullptr ? plan.index->keys : plan.record->keys;
  TARN_TRY(const auto condition, condition_of_keys(input, placeholders, keys));
  if (has_filter) {
    TARN_TRY(plan.filter,
             parse_condition("FilterExpression", *input.filter_expression, placeholders));
  } else if (input.query_filter) {
    TARN_TRY(plan.filter,
             predicate_of_conditions(std::move(*input.query_filter), input.conditional_operator));
  }
  if (plan.filter) TARN_CHECK(check_filter(*plan.filter, keys));
  TARN_CHECK(
      take_projection(input.projection_expression, input.attributes_to_get, placeholders, plan));
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(take_select(input.select, has_projection || input.attributes_to_get, plan));
  set_bounds(condition, plan);
  plan.walk.forward = input.scan_index_forward.value_or(true);
  TARN_CHECK(take_start(std::move(input.exclusive_start_key), plan));
  return plan;
}

// The part of the ring that a segment of a parallel scan walks.
Status set_segment(const ScanInput& input, Plan& plan) {
  const std::uint16_t number = plan.index != nullptr ? plan.index->number : kPrimary;
  const std::string prefix = order_prefix(*plan.record, number);
  plan.walk.first = prefix;
  plan.walk.last = store::prefix_end(prefix);
  if (!input.segment && !input.total_segments) return {};
  if (!input.total_segments) {
    return invalid(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (!input.segment) {
    return invalid(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  const auto segment = static_cast<std::uint64_t>(*input.segment);
  const auto total = static_cast<std::uint64_t>(*input.total_segments);
  if (segment >= total) {
    return invalid(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: " +
        std::to_string(segment) + " is not less than TotalSegments: " + std::to_string(total));
  }
  constexpr std::uint64_t kRing = std::uint64_t{1} << 32U;
  const std::uint64_t begin = segment * kRing / total;
  const std::uint64_t end = (segment + 1) * kRing / total;
  append_u32(plan.walk.first, static_cast<std::uint32_t>(begin));
  if (end == kRing) return {};
  plan.walk.last = prefix;
  append_u32(plan.walk.last, static_cast<std::uint32_t>(end));
  return {};
}

Result<Plan> prepare(ScanInput& input, std::shared_ptr<Table> table) {
  Plan plan;
  plan.table = std::move(table);
  const bool has_filter = input.filter_expression.has_value();
  const bool has_projection = input.projection_expression.has_value();
  TARN_CHECK(check_one_style(
      {{"AttributesToGet", input.attributes_to_get.has_value()},
       {"ScanFilter", input.scan_filter.has_value()},
       {"ConditionalOperator", input.conditional_operator.has_value()}},
      {{"ProjectionExpression", has_projection}, {"FilterExpression", has_filter}}));
  TARN_CHECK(take_source(input, plan));
  TARN_TRY(auto placeholders,
           placeholders_of(
               input.expression_attribute_names, std::move(input.expression_attribute_values),
               {{"FilterExpression", has_filter}, {"ProjectionExpression", has_projection}}));
  if (has_filter) {
    TARN_TRY(plan.filter,
             parse_condition("FilterExpression", *input.filter_expression, placeholders));
  } else if (input.scan_filter) {
    TARN_TRY(plan.filter,
             predicate_of_conditions(std::move(*input.scan_filter), input.conditional_operator));
  }
  TARN_CHECK(
      take_projection(input.projection_expression, input.attributes_to_get, placeholders, plan));
  TARN_CHECK(placeholders.check_all_used());
  TARN_CHECK(take_select(input.select, has_projection || input.attributes_to_get, plan));
  TARN_CHECK(set_segment(input, plan));
  TARN_CHECK(take_start(std::move(input.exclusive_start_key), plan));
  return plan;
}

// Whether a local index's items are asked for attributes that the index does not hold.
bool fetches_rest(const Plan& plan) {
  if (plan.index == nullptr || plan.index->global || plan.count_only) return false;
  if (plan.index->projection_type == values::projection_type::kAll) return false;
  if (plan.paths.empty()) return true;
  const auto held = projected(plan);
  return std::any_of(plan.paths.begin(), plan.paths.end(), [&](const Path& path) {
    return std::none_of(held.begin(), held.end(),
                        [&](const Path& each) { return each.front().name == path.front().name; });
  });
}

template <class Output>
Output output_of(Walked walked, const Plan& plan, const std::optional<std::string>& wanted) {
  Output output;
  output.count = static_cast<std::int32_t>(walked.items.size());
  output.scanned_count = static_cast<std::int32_t>(walked.looked_at);
  output.consumed_capacity =
      to_wire(wanted, plan.record->name,
              consumed_by(plan.index, walked, plan.consistent, fetches_rest(plan)));
  if (walked.stopped_at) output.last_evaluated_key = to_wire(std::move(*walked.stopped_at));
  if (plan.count_only) return output;
  auto& items = output.items.emplace();
  items.reserve(walked.items.size());
  for (auto& item : walked.items) {
    items.push_back(to_wire(plan.paths.empty() ? std::move(item) : project(item, plan.paths)));
  }
  return output;
}

template <class Output, class Input>
Task<Result<Output>> run(DynamodbService& service, const Caller& caller, Input input) {
  TARN_CO_TRY(auto table, service.active_table(caller, input.table_name));
  TARN_CO_TRY(auto plan, prepare(input, std::move(table)));
  plan.walk.filter = plan.filter ? &*plan.filter : nullptr;
  // A page may read a megabyte from disk.
  auto walked =
      co_await service.platform().tasks.offload([&] { return service.items().walk(plan.walk); });
  if (!walked.ok()) co_return std::move(walked).error();
  co_return output_of<Output>(std::move(*walked), plan, input.return_consumed_capacity);
}

}  // namespace

Task<Result<QueryOutput>> handle(Query, DynamodbService& service, const Caller& caller,
                                 QueryInput input) {
  return run<QueryOutput>(service, caller, std::move(input));
}

Task<Result<ScanOutput>> handle(Scan, DynamodbService& service, const Caller& caller,
                                ScanInput input) {
  return run<ScanOutput>(service, caller, std::move(input));
}

}  // namespace tarn::dynamodb
