// RegionalRecords: records of one kind by Region and name, durable, read without the disk.
//
// Place: store; what a room has of it is in docs/formats/. Threads: safe from any thread; finding
// takes a shared lock and no disk, load() and change() block, one change at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace tarn::store {

template <class Record>
class RegionalRecords {
 public:
  using Entry = std::shared_ptr<const Record>;
  // Sees what there is, or nothing, and leaves what is to be there, or nothing. `count` records are
  // in the Region.
  using Change = std::function<Status(std::optional<Record>& record, std::size_t count)>;
  // How records are kept: at prefix + REGION/NAME.
  struct Form {
    Space space;
    std::string_view prefix;
    std::string (*encode)(const Record&);
    Result<Record> (*decode)(const std::string& key, std::string_view value);
  };

  // Lives on.
  RegionalRecords(Store& store, Form form) : store_(store), form_(form) {}

  // Reads all. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // nullptr where there is none.
  [[nodiscard]] Entry find(std::string_view region, std::string_view name) const;
  // By name, those that begin so.
  [[nodiscard]] std::vector<Entry> all(std::string_view region, std::string_view prefix) const;

  // Durable when it returns. Errors: those of `change`, after which nothing is changed; kIo,
  // kDiskFull.
  [[nodiscard]] Status change(const std::string& region, const std::string& name,
                              const Change& change);

 private:
  using Names = std::map<std::string, Entry, std::less<>>;

  [[nodiscard]] std::string key_of(const std::string& region, const std::string& name) const {
    return std::string(form_.prefix) + region + "/" + name;
  }

  Store& store_;
  const Form form_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Names, std::less<>> by_region_;
};

template <class Record>
Status RegionalRecords<Record>::load() {
  TARN_TRY(const auto records, store_.scan(form_.space, form_.prefix));
  for (const auto& [key, text] : records) {
    TARN_TRY(Record record, form_.decode(key, text));
    const std::string place = key.substr(form_.prefix.size());
    const std::string name = record.name;
    by_region_[place.substr(0, place.find('/'))].emplace(
        name, std::make_shared<const Record>(std::move(record)));
  }
  return {};
}

template <class Record>
typename RegionalRecords<Record>::Entry RegionalRecords<Record>::find(std::string_view region,
                                                                      std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto names = by_region_.find(region);
  if (names == by_region_.end()) return nullptr;
  const auto found = names->second.find(name);
  return found == names->second.end() ? nullptr : found->second;
}

template <class Record>
std::vector<typename RegionalRecords<Record>::Entry> RegionalRecords<Record>::all(
    std::string_view region, std::string_view prefix) const {
  const std::shared_lock lock(mutex_);
  std::vector<Entry> out;
  const auto names = by_region_.find(region);
  if (names == by_region_.end()) return out;
  for (auto at = names->second.lower_bound(prefix);
       at != names->second.end() && at->first.starts_with(prefix); ++at)
    out.push_back(at->second);
  return out;
}

template <class Record>
Status RegionalRecords<Record>::change(const std::string& region, const std::string& name,
                                       const Change& change) {
  // Who holds this is the only one that writes, and may read without the other lock.
  const std::lock_guard changing(changing_);
  std::optional<Record> record;
  if (const Entry before = find(region, name)) record = *before;
  const auto names = by_region_.find(region);
  TARN_CHECK(change(record, names == by_region_.end() ? 0 : names->second.size()));
  Batch batch;
  if (record) {
    batch.put(form_.space, key_of(region, name), form_.encode(*record));
  } else {
    batch.remove(form_.space, key_of(region, name));
  }
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  Names& changed = by_region_[region];
  if (record) {
    changed[name] = std::make_shared<const Record>(*std::move(record));
  } else {
    changed.erase(name);
  }
  return {};
}

}  // namespace tarn::store
