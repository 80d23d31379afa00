// Catalog: the tables of every account and Region, in memory and in the store.
//
// Place: dynamodb. Formats: docs/formats/dynamodb.md ("Tables").
// Threads: find() and list() from any thread; what changes tables is called on the blocking pool
// (it waits for the disk).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/table.h"
#include "store/store.h"

namespace tarn::dynamodb {

class Catalog {
 public:
  explicit Catalog(store::Store& store) : store_(store) {}

  // Reads every table from the store. Errors: those of the store, kCorrupt.
  Status load();

  // nullptr where there is none. `name` may be a table's ARN, as AWS takes one for a name.
  [[nodiscard]] std::shared_ptr<Table> find(std::string_view account, std::string_view region,
                                            std::string_view name) const;
  // Names in order, at most `limit`, those > `after`.
  [[nodiscard]] std::vector<std::string> list(std::string_view account, std::string_view region,
                                              std::string_view after, std::size_t limit) const;
  [[nodiscard]] std::vector<std::shared_ptr<Table>> all() const;

  // Adds the table, giving it its id. Errors: ResourceInUseException, those of the store.
  [[nodiscard]] Result<std::shared_ptr<Table>> create(TableRecord record);
  // Makes what `edit` does to the table's record durable, together with `beside`, then known;
  // nobody writes items meanwhile. Errors: that of `edit`, after which nothing has changed; those
  // of the store.
  Status change(Table& table, const std::function<Status(TableRecord&)>& edit,
                store::Batch beside = {});
  // Removes the table with all that it holds. Errors: those of the store.
  Status drop(const std::shared_ptr<Table>& table);

  // The store key of the table's counters, which item writes bring along.
  [[nodiscard]] static std::string counters_key(std::uint64_t table_id);
  [[nodiscard]] static std::string encode_counters(std::int64_t items, std::int64_t bytes);

 private:
  using Name = std::tuple<std::string, std::string, std::string>;  // account, Region, name

  Status load_counters(Table& table);

  store::Store& store_;
  mutable std::mutex mutex_;
  std::map<Name, std::shared_ptr<Table>, std::less<>> tables_;
  std::uint64_t next_id_ = 1;
};

// The table's name in an ARN of a table (or of one of its indexes), or `name` as it is.
[[nodiscard]] std::string_view bare_name(std::string_view name);

}  // namespace tarn::dynamodb
