#include "services/dynamodb/catalog.h"

#include <charconv>
#include <utility>

#include "services/dynamodb/keys.h"

namespace tarn::dynamodb {
namespace {

using store::Space;

// Keys of Space::kDynamodb, docs/formats/dynamodb.md.
constexpr std::string_view kTablePrefix = "table/";
constexpr std::string_view kNextId = "next-table-id";

std::string table_key(const TableRecord& record) {
  return std::string(kTablePrefix) + record.account + "/" + record.region + "/" + record.name;
}

template <class Integer>
bool read_number(std::string_view text, Integer& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc() && end == text.data() + text.size();
}

Error already_exists(const std::string& name) {
  return {"ResourceInUseException", "Table already exists: " + name};
}

}  // namespace

std::string_view bare_name(std::string_view name) {
  constexpr std::string_view kMark = ":table/";
  if (!name.starts_with("arn:")) return name;
  const auto at = name.find(kMark);
  if (at == std::string_view::npos) return name;
  name.remove_prefix(at + kMark.size());
  return name.substr(0, name.find('/'));
}

std::string Catalog::counters_key(std::uint64_t table_id) {
  return "counters/" + std::to_string(table_id);
}

std::string Catalog::encode_counters(std::int64_t items, std::int64_t bytes) {
  return std::to_string(items) + " " + std::to_string(bytes);
}

Status Catalog::load_counters(Table& table) {
  TARN_TRY(const auto text, store_.get(Space::kDynamodb, counters_key(table.record()->id)));
  if (!text) return {};
  const auto blank = text->find(' ');
  std::int64_t items = 0;
  std::int64_t bytes = 0;
  if (blank == std::string::npos || !read_number(std::string_view(*text).substr(0, blank), items) ||
      !read_number(std::string_view(*text).substr(blank + 1), bytes)) {
    return Error(code::kCorrupt, "the counters of a DynamoDB table are damaged");
  }
  table.items = items;
  table.bytes = bytes;
  return {};
}

Status Catalog::load() {
  const std::lock_guard lock(mutex_);
  TARN_TRY(const auto next, store_.get(Space::kDynamodb, kNextId));
  if (next && !read_number(std::string_view(*next), next_id_)) {
    return Error(code::kCorrupt, "the next id of DynamoDB tables is damaged");
  }
  TARN_TRY(const auto stored, store_.scan(Space::kDynamodb, kTablePrefix));
  for (const auto& [key, text] : stored) {
    TARN_TRY(auto record, decode_table(text));
    Name name(record.account, record.region, record.name);
    auto table = std::make_shared<Table>(std::move(record));
    TARN_CHECK(load_counters(*table));
    tables_.emplace(std::move(name), std::move(table));
  }
  return {};
}

std::shared_ptr<Table> Catalog::find(std::string_view account, std::string_view region,
                                     std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(std::make_tuple(account, region, bare_name(name)));
  return found == tables_.end() ? nullptr : found->second;
}

std::vector<std::string> Catalog::list(std::string_view account, std::string_view region,
                                       std::string_view after, std::size_t limit) const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (auto at = tables_.upper_bound(std::make_tuple(account, region, after));
       at != tables_.end() && out.size() < limit; ++at) {
    const auto& [table_account, table_region, name] = at->first;
    if (table_account != account || table_region != region) break;
    out.push_back(name);
  }
  return out;
}

std::vector<std::shared_ptr<Table>> Catalog::all() const {
  std::vector<std::shared_ptr<Table>> out;
  const std::lock_guard lock(mutex_);
  out.reserve(tables_.size());
  for (const auto& [name, table] : tables_) out.push_back(table);
  return out;
}

Result<std::shared_ptr<Table>> Catalog::create(TableRecord record) {
  const Name name(record.account, record.region, record.name);
  std::shared_ptr<Table> table;
  std::string next;
  {
    // The name is taken before the disk is waited for, so that of two who ask at once one is told.
    const std::lock_guard lock(mutex_);
    if (tables_.contains(name)) return already_exists(record.name);
    record.id = next_id_++;
    next = std::to_string(next_id_);
    table = std::make_shared<Table>(record);
    tables_.emplace(name, table);
  }
  store::Batch batch;
  batch.put(Space::kDynamodb, std::string(kNextId), next);
  batch.put(Space::kDynamodb, table_key(record), encode_table(record));
  if (auto written = store_.commit(batch); !written.ok()) {
    const std::lock_guard lock(mutex_);
    tables_.erase(name);
    return std::move(written).error();
  }
  return table;
}

Status Catalog::change(Table& table, const std::function<Status(TableRecord&)>& edit,
                       store::Batch beside) {
  const std::unique_lock gate(table.gate());
  TableRecord record = *table.record();
  TARN_CHECK(edit(record));
  beside.put(Space::kDynamodb, table_key(record), encode_table(record));
  TARN_CHECK(store_.commit(beside));
  table.set_record(std::move(record));
  return {};
}

Status Catalog::drop(const std::shared_ptr<Table>& table) {
  const std::unique_lock gate(table->gate());
  const auto record = table->record();
  const std::string first = order_prefix(*record, kPrimary).substr(0, sizeof(record->id));
  const std::string last = store::prefix_end(first);
  store::Batch batch;
  batch.remove(Space::kDynamodb, table_key(*record));
  batch.remove(Space::kDynamodb, counters_key(record->id));
  batch.remove_range(Space::kDynamodbItems, first, last);
  TARN_CHECK(store_.commit(batch));
  // Whoever found the table before writes nothing into it any more.
  TableRecord gone = *record;
  gone.status = "DELETING";
  table->set_record(std::move(gone));
  const std::lock_guard lock(mutex_);
  tables_.erase(std::make_tuple(record->account, record->region, record->name));
  return {};
}

}  // namespace tarn::dynamodb
