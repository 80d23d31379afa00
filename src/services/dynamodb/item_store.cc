#include "services/dynamodb/item_store.h"

#include <algorithm>
#include <functional>
#include <set>
#include <shared_mutex>
#include <utility>

#include "services/dynamodb/catalog.h"
#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/expression/update.h"
#include "services/dynamodb/item_codec.h"
#include "services/dynamodb/keys.h"

namespace tarn::dynamodb {
namespace {

using store::Space;

constexpr std::size_t kPageBytes = 4096;  // of a read unit

Error too_large(const char* text) {
  return {"ValidationException", text};
}

// What the write makes of the item; the checks that need the item as it was.
Result<std::optional<Item>> changed(const Write& write, const TableRecord& record,
                                    const std::optional<Item>& before) {
  switch (write.kind) {
    case Write::Kind::kCheck: return before;
    case Write::Kind::kDelete: return std::optional<Item>();
    case Write::Kind::kPut:
      if (size_bytes(write.item) > kMaxItemBytes)
        return too_large("Item size has exceeded the maximum allowed size");
      return std::optional<Item>(write.item);
    default: break;
  }
  // What only takes away does not make an item.
  const bool adds = !write.update.sets.empty() || !write.update.adds.empty();
  const bool takes = !write.update.removes.empty() || !write.update.deletes.empty();
  if (!before && takes && !adds) return std::optional<Item>();
  TARN_TRY(auto after, apply_update(write.update, before ? *before : write.item));
  if (size_bytes(after) > kMaxItemBytes)
    return too_large("Item size to update has exceeded the maximum allowed size");
  TARN_CHECK(check_item_keys(record, after));
  return std::optional<Item>(std::move(after));
}

void edit_entries(const TableRecord& record, const std::string& primary, const Written& written,
                  store::Batch& batch) {
  for (const auto& index : record.indexes) {
    auto old_key = written.before ? entry_key(record, index, *written.before) : std::nullopt;
    auto new_key = written.after ? entry_key(record, index, *written.after) : std::nullopt;
    if (old_key == new_key) continue;
    if (old_key) batch.remove(Space::kDynamodbItems, std::move(*old_key));
    // An entry leads to its item: the value is the item's store key.
    if (new_key) batch.put(Space::kDynamodbItems, std::move(*new_key), primary);
  }
}

struct Delta {
  std::int64_t items = 0;
  std::int64_t bytes = 0;
};

void edit_item(const TableRecord& record, const std::string& primary, const Written& written,
               store::Batch& batch, Delta& delta) {
  if (written.after) {
    batch.put(Space::kDynamodbItems, primary, encode_item(*written.after));
  } else if (written.before) {
    batch.remove(Space::kDynamodbItems, primary);
  }
  edit_entries(record, primary, written, batch);
  delta.items += (written.after ? 1 : 0) - (written.before ? 1 : 0);
  delta.bytes += static_cast<std::int64_t>(written.after ? size_bytes(*written.after) : 0) -
                 static_cast<std::int64_t>(written.before ? size_bytes(*written.before) : 0);
}

// The gates of all tables, shared, in one order.
std::vector<std::shared_lock<std::shared_mutex>> enter(const std::vector<Write>& writes) {
  std::set<Table*> tables;
  for (const auto& write : writes) tables.insert(write.table.get());
  std::vector<std::shared_lock<std::shared_mutex>> out;
  out.reserve(tables.size());
  for (Table* table : tables) out.emplace_back(table->gate());
  return out;
}

}  // namespace

ItemStore::Stripes ItemStore::lock(const std::vector<std::string>& keys) {
  std::set<std::size_t> wanted;
  for (const auto& key : keys) wanted.insert(std::hash<std::string>()(key) % stripes_.size());
  Stripes out;
  for (const std::size_t stripe : wanted) out.emplace_back(stripes_[stripe]);
  return out;
}

Result<std::optional<Item>> ItemStore::read(const std::string& key) {
  TARN_TRY(const auto bytes, store_.get(Space::kDynamodbItems, key));
  if (!bytes) return std::optional<Item>();
  TARN_TRY(auto item, decode_item(*bytes));
  return std::optional<Item>(std::move(item));
}

Result<std::optional<Item>> ItemStore::get(const TableRecord& table, const Item& key) {
  return read(primary_key(table, key));
}

Result<std::vector<std::optional<Item>>> ItemStore::get_all(
    const std::vector<std::shared_ptr<Table>>& tables, const std::vector<Item>& keys) {
  std::vector<std::string> primaries;
  primaries.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    primaries.push_back(primary_key(*tables[i]->record(), keys[i]));
  const Stripes held = lock(primaries);
  std::vector<std::optional<Item>> out;
  for (const auto& primary : primaries) {
    TARN_TRY(auto item, read(primary));
    out.push_back(std::move(item));
  }
  return out;
}

Result<ItemStore::Located> ItemStore::locate(const std::vector<Write>& writes) {
  Located out;
  for (const auto& write : writes) {
    auto record = write.table->record();
    if (record->status != "ACTIVE" && record->status != "UPDATING") {
      return Error("ResourceNotFoundException", "Requested resource not found");
    }
    out.primaries.push_back(primary_key(*record, write.item));
    out.records.push_back(std::move(record));
  }
  return out;
}

Result<Written> ItemStore::evaluate(const Write& write, const TableRecord& record,
                                    const std::string& primary) {
  Written written;
  TARN_TRY(written.before, read(primary));
  if (write.condition && !holds(*write.condition, written.before ? *written.before : Item())) {
    written.condition_held = false;
    return written;
  }
  auto after = changed(write, record, written.before);
  if (after.ok()) {
    written.after = std::move(*after);
  } else if (after.error().is("ValidationException")) {
    written.refused = std::move(after).error();
  } else {
    return std::move(after).error();
  }
  return written;
}

Status ItemStore::commit(const std::vector<Write>& writes, const Located& located,
                         const std::vector<Written>& written, const Once* once) {
  store::Batch batch;
  std::map<Table*, Delta> deltas;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (writes[i].kind == Write::Kind::kCheck) continue;
    edit_item(*located.records[i], located.primaries[i], written[i], batch,
              deltas[writes[i].table.get()]);
  }
  if (once != nullptr) batch.put(Space::kDynamodb, once->key, once->record);
  if (batch.empty()) return {};
  for (const auto& [table, delta] : deltas) {
    const std::int64_t items = table->items += delta.items;
    const std::int64_t bytes = table->bytes += delta.bytes;
    batch.put(Space::kDynamodb, Catalog::counters_key(table->record()->id),
              Catalog::encode_counters(items, bytes));
  }
  auto committed = store_.commit(batch);
  if (committed.ok()) return {};
  for (const auto& [table, delta] : deltas) {
    table->items -= delta.items;
    table->bytes -= delta.bytes;
  }
  return committed;
}

Result<std::vector<Written>> ItemStore::write(std::vector<Write> writes, Once* once) {
  const auto gates = enter(writes);
  TARN_TRY(const auto located, locate(writes));
  std::vector<std::string> to_lock = located.primaries;
  if (once != nullptr) to_lock.push_back(once->key);
  const Stripes held = lock(to_lock);
  std::vector<Written> out;
  if (once != nullptr) {
    TARN_TRY(once->found, store_.get(Space::kDynamodb, once->key));
    if (once->found) return out;
  }
  bool commits = true;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    TARN_TRY(auto written, evaluate(writes[i], *located.records[i], located.primaries[i]));
    commits = commits && written.condition_held && !written.refused;
    out.push_back(std::move(written));
  }
  if (commits) TARN_CHECK(commit(writes, located, out, once));
  return out;
}

Result<Item> ItemStore::item_of_entry(const TableRecord& table, const Walk& walk,
                                      std::string_view key, std::string_view value, bool& gone) {
  gone = false;
  if (walk.index == nullptr) return decode_item(value);
  TARN_TRY(auto item, read(std::string(value)));
  // Between the cursor's view and this read the item may have moved on.
  if (!item || entry_key(table, *walk.index, *item) != key) {
    gone = true;
    return Item();
  }
  return std::move(*item);
}

Result<Walked> ItemStore::walk(const Walk& walk) {
  const auto record = walk.table->record();
  const auto cursor = store_.cursor(Space::kDynamodbItems);
  if (walk.forward) {
    cursor->seek(std::max(walk.first, walk.after));
    if (!walk.after.empty() && cursor->valid() && cursor->key() == walk.after) cursor->next();
  } else {
    const bool from_end = walk.after.empty() || walk.after >= walk.last;
    cursor->seek_for_prev(from_end ? walk.last : walk.after);
    if (cursor->valid() && cursor->key() == (from_end ? walk.last : walk.after)) cursor->prev();
  }
  const auto held =
      walk.index != nullptr ? held_names(*record, *walk.index) : std::vector<std::string>();
  Walked out;
  while (cursor->valid() && cursor->key() >= walk.first && cursor->key() < walk.last) {
    bool gone = false;
    TARN_TRY(auto item, item_of_entry(*record, walk, cursor->key(), cursor->value(), gone));
    if (walk.forward) {
      cursor->next();
    } else {
      cursor->prev();
    }
    if (gone) continue;
    ++out.looked_at;
    const std::size_t whole = size_bytes(item);
    out.bytes += entry_bytes(held, item);
    out.item_pages += (whole + kPageBytes - 1) / kPageBytes;
    const bool full = out.looked_at == walk.limit || out.bytes >= kMaxPageBytes;
    if (full) out.stopped_at = key_of(*record, walk.index, item);
    if (walk.filter == nullptr || holds(*walk.filter, item)) out.items.push_back(std::move(item));
    if (full) return out;
  }
  TARN_CHECK(cursor->status());
  return out;
}

Status ItemStore::backfill(Table& table, std::uint16_t index_number) {
  constexpr std::size_t kBatch = 500;
  std::string after;
  while (true) {
    // The gate keeps writers out, so that an entry never tells of an item that is gone already.
    const std::unique_lock gate(table.gate());
    const auto record = table.record();
    const auto index =
        std::find_if(record->indexes.begin(), record->indexes.end(),
                     [&](const IndexRecord& each) { return each.number == index_number; });
    if (index == record->indexes.end()) return {};
    TARN_TRY(const auto items,
             store_.scan(Space::kDynamodbItems, order_prefix(*record, kPrimary), kBatch, after));
    if (items.empty()) return {};
    store::Batch batch;
    for (const auto& [key, bytes] : items) {
      TARN_TRY(const auto item, decode_item(bytes));
      if (auto entry = entry_key(*record, *index, item))
        batch.put(Space::kDynamodbItems, std::move(*entry), key);
    }
    if (!batch.empty()) TARN_CHECK(store_.commit(batch));
    after = items.back().first;
  }
}

}  // namespace tarn::dynamodb
