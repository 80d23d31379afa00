// BatchGetItem and BatchWriteItem.
#include <set>
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

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html and
// …_BatchWriteItem.html
constexpr std::size_t kMaxGets = 100;
constexpr std::size_t kMaxWrites = 25;
constexpr std::size_t kMaxAnswerBytes = 16 * 1024 * 1024;

// The keys asked for of one table.
struct Gets {
  std::string name;  // as asked
  std::shared_ptr<Table> table;
  std::shared_ptr<const TableRecord> record;
  std::vector<Item> keys;
  std::vector<Path> paths;
  bool consistent = false;
};

Result<Gets> prepare(const DynamodbService& service, const Caller& caller, const std::string& name,
                     const KeysAndAttributes& asked) {
  Gets out;
  out.name = name;
  TARN_TRY(out.table, service.active_table(caller, name));
  out.record = out.table->record();
  out.consistent = asked.consistent_read.value_or(false);
  const bool has_projection = asked.projection_expression.has_value();
  TARN_CHECK(check_one_style({{"AttributesToGet", asked.attributes_to_get.has_value()}},
                             {{"ProjectionExpression", has_projection}}));
  TARN_TRY(auto placeholders, placeholders_of(asked.expression_attribute_names, std::nullopt,
                                              {{"ProjectionExpression", has_projection}}));
  if (has_projection) {
    TARN_TRY(out.paths, parse_projection(*asked.projection_expression, placeholders));
  } else if (asked.attributes_to_get) {
    TARN_TRY(out.paths, paths_of_names(*asked.attributes_to_get));
  }
  TARN_CHECK(placeholders.check_all_used());
  std::set<std::string> seen;
  for (const auto& wire : asked.keys) {
    TARN_TRY(auto key, to_item(wire));
    TARN_CHECK(check_key(*out.record, key));
    if (!seen.insert(primary_key(*out.record, key)).second)
      return invalid("Provided list of item keys contains duplicates");
    out.keys.push_back(std::move(key));
  }
  return out;
}

// Reads what is asked for, until the answer is as large as one may be; the rest is told to be
// unprocessed.
Status answer(DynamodbService& service, const Gets& gets, const KeysAndAttributes& asked,
              std::size_t& bytes, BatchGetItemOutput& output, Consumed& consumed) {
  auto& found = (*output.responses)[gets.name];
  for (std::size_t i = 0; i < gets.keys.size(); ++i) {
    if (bytes >= kMaxAnswerBytes) {
      auto [rest, is_new] = output.unprocessed_keys->try_emplace(gets.name, asked);
      if (is_new) rest->second.keys.clear();
      rest->second.keys.push_back(asked.keys[i]);
      continue;
    }
    TARN_TRY(auto item, service.items().get(*gets.record, gets.keys[i]));
    consumed.table += read_units(item ? size_bytes(*item) : 0, gets.consistent);
    if (!item) continue;
    bytes += size_bytes(*item);
    found.push_back(to_wire(gets.paths.empty() ? std::move(*item) : project(*item, gets.paths)));
  }
  return {};
}

Result<Write> prepare(WriteRequest& request, const std::shared_ptr<Table>& table) {
  Write write;
  write.table = table;
  if (request.put_request.has_value() == request.delete_request.has_value()) {
    return invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  if (request.put_request) {
    write.kind = Write::Kind::kPut;
    TARN_TRY(write.item, to_item(std::move(request.put_request->item)));
    TARN_CHECK(check_item_keys(*table->record(), write.item));
    if (size_bytes(write.item) > kMaxItemBytes)
      return invalid("Item size has exceeded the maximum allowed size");
  } else {
    write.kind = Write::Kind::kDelete;
    TARN_TRY(write.item, to_item(std::move(request.delete_request->key)));
    TARN_CHECK(check_key(*table->record(), write.item));
  }
  return write;
}

Result<std::vector<Write>> prepare(DynamodbService& service, const Caller& caller,
                                   BatchWriteItemInput& input) {
  std::vector<Write> writes;
  std::set<std::string> seen;
  for (auto& [name, requests] : input.request_items) {
    TARN_TRY(const auto table, service.active_table(caller, name));
    for (auto& request : requests) {
      TARN_TRY(auto write, prepare(request, table));
      if (!seen.insert(primary_key(*table->record(), write.item)).second) {
        return invalid("Provided list of item keys contains duplicates");
      }
      writes.push_back(std::move(write));
    }
  }
  if (writes.size() > kMaxWrites)
    return invalid("Too many items requested for the BatchWriteItem call");
  return writes;
}

}  // namespace

Task<Result<BatchGetItemOutput>> handle(BatchGetItem, DynamodbService& service,
                                        const Caller& caller, BatchGetItemInput input) {
  std::vector<Gets> all;
  std::size_t count = 0;
  for (const auto& [name, asked] : input.request_items) {
    TARN_CO_TRY(auto gets, prepare(service, caller, name, asked));
    count += gets.keys.size();
    all.push_back(std::move(gets));
  }
  if (count > kMaxGets) co_return invalid("Too many items requested for the BatchGetItem call");
  BatchGetItemOutput output;
  output.responses.emplace();
  output.unprocessed_keys.emplace();
  std::map<std::string, Consumed> consumed;
  auto done = co_await service.platform().tasks.offload([&]() -> Status {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      TARN_CHECK(answer(service, all[i], input.request_items[all[i].name], bytes, output,
                        consumed[all[i].record->name]));
    }
    return {};
  });
  if (!done.ok()) co_return std::move(done).error();
  output.consumed_capacity = to_wire(input.return_consumed_capacity, consumed);
  co_return output;
}

Task<Result<BatchWriteItemOutput>> handle(BatchWriteItem, DynamodbService& service,
                                          const Caller& caller, BatchWriteItemInput input) {
  TARN_CO_TRY(auto writes, prepare(service, caller, input));
  std::vector<std::shared_ptr<const TableRecord>> records;
  records.reserve(writes.size());
  for (const auto& write : writes) records.push_back(write.table->record());
  auto done = co_await service.platform().tasks.offload(
      [&] { return service.items().write(std::move(writes)); });
  if (!done.ok()) co_return std::move(done).error();
  BatchWriteItemOutput output;
  output.unprocessed_items.emplace();
  std::map<std::string, Consumed> consumed;
  for (std::size_t i = 0; i < records.size(); ++i) {
    Written& written = (*done)[i];
    if (written.refused) co_return std::move(*written.refused);
    if (is_wanted(input.return_consumed_capacity))
      consumed[records[i]->name].add(consumed_by(*records[i], written));
  }
  output.consumed_capacity = to_wire(input.return_consumed_capacity, consumed);
  co_return output;
}

}  // namespace tarn::dynamodb
