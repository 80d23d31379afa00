// Catalog: everything that Service Catalog keeps, durable, by Region.
//
// Place: services/servicecatalog; handlers read it and change it by drafts, of which all or nothing
// is kept. docs/formats/servicecatalog.md. Threads: safe from any thread; finding takes a shared
// lock and no disk, load() and change() block, one change at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "services/servicecatalog/records.h"
#include "store/store.h"
#include "wire/stored_json.h"

namespace tarn::servicecatalog {

template <class Record>
using Entry = std::shared_ptr<const Record>;
template <class Record>
using Entries = std::vector<Entry<Record>>;

template <class... Records>
struct TableSet {
  template <class Record>
  using Table = std::map<std::string, Entry<Record>, std::less<>>;  // by REGION/ID
  std::tuple<Table<Records>...> all;

  template <class Record>
  [[nodiscard]] Table<Record>& of() {
    return std::get<Table<Record>>(all);
  }
  template <class Record>
  [[nodiscard]] const Table<Record>& of() const {
    return std::get<Table<Record>>(all);
  }
};

using AllTables = TableSet<PortfolioRecord, ProductRecord, VersionRecord, PathRecord,
                           PrincipalRecord, ConstraintRecord, TagOptionRecord, TagOptionUseRecord,
                           ProvisionedRecord, OperationRecord>;

template <class Record>
Entry<Record> find_in(const AllTables& tables, std::string_view region, std::string_view id) {
  const auto& table = tables.of<Record>();
  const auto found = table.find(fmt::format("{}/{}", region, id));
  return found == table.end() ? nullptr : found->second;
}

// By id, those of which `test` is true.
template <class Record, class Test>
Entries<Record> all_in(const AllTables& tables, std::string_view region, const Test& test) {
  const std::string prefix = fmt::format("{}/", region);
  const auto& table = tables.of<Record>();
  Entries<Record> out;
  for (auto at = table.lower_bound(prefix); at != table.end() && at->first.starts_with(prefix);
       ++at) {
    if (test(*at->second)) out.push_back(at->second);
  }
  return out;
}

// A Region while it is changed. Its own changes are not seen by `find` and `all`.
class Draft {
 public:
  Draft(const AllTables& before, std::string region)
      : before_(before), region_(std::move(region)) {}

  // nullptr where there is none.
  template <class Record>
  [[nodiscard]] Entry<Record> find(std::string_view id) const {
    return find_in<Record>(before_, region_, id);
  }
  template <class Record, class Test>
  [[nodiscard]] Entries<Record> all(const Test& test) const {
    return all_in<Record>(before_, region_, test);
  }
  template <class Record, class Test>
  [[nodiscard]] bool any(const Test& test) const {
    return !all<Record>(test).empty();
  }

  template <class Record>
  void put(Record record);
  template <class Record>
  void remove(const Record& record);

 private:
  friend class Catalog;

  const AllTables& before_;
  const std::string region_;
  AllTables after_;  // of what was changed: nullptr where it was removed
  store::Batch batch_;
};

class Catalog {
 public:
  using Change = std::function<Status(Draft&)>;

  // Lives on.
  explicit Catalog(store::Store& store) : store_(store) {}

  // Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // As Draft's.
  template <class Record>
  [[nodiscard]] Entry<Record> find(std::string_view region, std::string_view id) const {
    const std::shared_lock lock(mutex_);
    return find_in<Record>(tables_, region, id);
  }
  template <class Record, class Test>
  [[nodiscard]] Entries<Record> all(std::string_view region, const Test& test) const {
    const std::shared_lock lock(mutex_);
    return all_in<Record>(tables_, region, test);
  }
  // Operations that have not ended: their Regions and ids.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> open_operations() const;

  // Keeps what `change` leaves of the Region, durable when it returns. Errors: those of `change`,
  // after which nothing is changed; kIo, kDiskFull.
  [[nodiscard]] Status change(const std::string& region, const Change& change);

 private:
  template <class Record>
  [[nodiscard]] Status load_table();

  store::Store& store_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  AllTables tables_;
};

// First of every value: the version of docs/formats/servicecatalog.md. The record as JSON follows.
inline constexpr char kRecordVersion = '1';

template <class Record>
std::string record_key(std::string_view key) {
  return fmt::format("{}/{}", Record::kKind, key);
}

template <class Record>
void Draft::put(Record record) {
  const std::string at = fmt::format("{}/{}", region_, record.id);
  batch_.put(store::Space::kServiceCatalog, record_key<Record>(at),
             wire::to_record(kRecordVersion, record));
  after_.of<Record>()[at] = std::make_shared<const Record>(std::move(record));
}

template <class Record>
void Draft::remove(const Record& record) {
  const std::string at = fmt::format("{}/{}", region_, record.id);
  batch_.remove(store::Space::kServiceCatalog, record_key<Record>(at));
  after_.of<Record>()[at] = nullptr;
}

}  // namespace tarn::servicecatalog
