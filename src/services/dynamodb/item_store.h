// ItemStore: items as they are read, changed and walked, each change one durable commit with all
// its index entries.
//
// Place: dynamodb, between the handlers and the store. Formats: docs/formats/dynamodb.md.
// Threads: safe from any thread. write() waits for the disk and get_all() for locks: on the
// blocking pool. An item's readers see it before or after a change, never between; of two writers
// of an item the second sees the first's work.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/expression/syntax.h"
#include "services/dynamodb/table.h"
#include "services/dynamodb/value.h"
#include "store/store.h"

namespace tarn::dynamodb {

// One change of one item, or only a condition on it.
struct Write {
  enum class Kind : unsigned char { kPut, kUpdate, kDelete, kCheck };
  Kind kind = Kind::kPut;
  std::shared_ptr<Table> table;
  Item item;  // kPut: the item; else its key
  std::optional<Predicate> condition;
  UpdatePlan update;  // kUpdate
};

struct Written {
  bool condition_held = true;
  std::optional<Error> refused;  // the item cannot be changed so: ValidationException
  std::optional<Item> before;
  std::optional<Item> after;  // as `before` where nothing was changed
};

// A request that is carried out once, however often it comes (ClientRequestToken).
struct Once {
  std::string key;                   // in Space::kDynamodb
  std::string record;                // kept under the key with the writes
  std::optional<std::string> found;  // the record of the time before; then nothing was written now
};

// What a Query or Scan walks.
struct Walk {
  std::shared_ptr<Table> table;
  const IndexRecord* index = nullptr;  // of the record that the caller holds; nullptr: the table
  std::string first;                   // bounds of the store keys: [first, last)
  std::string last;
  std::string after;  // goes on behind this store key; empty: from the start
  bool forward = true;
  std::size_t limit = 0;  // of items looked at; 0: none
  const Predicate* filter = nullptr;
};

struct Walked {
  std::vector<Item> items;  // that pass the filter
  std::size_t looked_at = 0;
  std::size_t bytes = 0;           // of all that were looked at, as the table or index holds them
  std::size_t item_pages = 0;      // of 4 KiB, of each whole item rounded up
  std::optional<Item> stopped_at;  // the last item looked at, where more may follow
};

class ItemStore {
 public:
  // "You can retrieve up to 1 MB of data per Query or Scan"
  // (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html).
  static constexpr std::size_t kMaxPageBytes = 1024 * 1024;

  explicit ItemStore(store::Store& store) : store_(store) {}

  // Errors: those of the store, kCorrupt.
  [[nodiscard]] Result<std::optional<Item>> get(const TableRecord& table, const Item& key);
  // All as they stood at one moment, `table` and `key` pairwise.
  [[nodiscard]] Result<std::vector<std::optional<Item>>> get_all(
      const std::vector<std::shared_ptr<Table>>& tables, const std::vector<Item>& keys);

  // All of `writes` or none: where a condition does not hold or an item is refused, nothing is
  // written and the answers tell which. No two of `writes` may be for one item. With `once`, what
  // was carried out before is not again, and `found` tells. Errors: ResourceNotFoundException (a
  // table is not ACTIVE any more), those of the store.
  [[nodiscard]] Result<std::vector<Written>> write(std::vector<Write> writes, Once* once = nullptr);

  // Errors: those of the store, kCorrupt.
  [[nodiscard]] Result<Walked> walk(const Walk& walk);

  // Writes the entries of `index` for the items that are there already, a batch after the other;
  // those written meanwhile are entered by their writers. Errors: those of the store.
  Status backfill(Table& table, std::uint16_t index_number);

 private:
  using Stripes = std::vector<std::unique_lock<std::mutex>>;

  // Where the items of some writes stand.
  struct Located {
    std::vector<std::shared_ptr<const TableRecord>> records;
    std::vector<std::string> primaries;
  };

  static Result<Located> locate(const std::vector<Write>& writes);
  Result<Written> evaluate(const Write& write, const TableRecord& record,
                           const std::string& primary);
  Status commit(const std::vector<Write>& writes, const Located& located,
                const std::vector<Written>& written, const Once* once);

  // The locks of all `keys`, taken in one order, so that no two callers wait for each other.
  Stripes lock(const std::vector<std::string>& keys);
  Result<std::optional<Item>> read(const std::string& key);
  Result<Item> item_of_entry(const TableRecord& table, const Walk& walk, std::string_view key,
                             std::string_view value, bool& gone);

  store::Store& store_;
  std::array<std::mutex, 512> stripes_;
};

}  // namespace tarn::dynamodb
