// Registry: records of one kind by name, durable, read without the disk.
//
// Place: services/iam; roles.h and users.h are made of it. Threads: safe from any thread; finding
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
#include "services/iam/identity.h"
#include "store/store.h"

namespace tarn::iam {

template <class Record>
class Registry {
 public:
  using Entry = std::shared_ptr<const Record>;
  using Change = std::function<Status(std::optional<Record>&)>;
  // How records are kept, and what is made of each before it is handed out.
  struct Form {
    std::string_view prefix;  // of keys in space `iam`
    std::string (*encode)(const Record&);
    Result<Record> (*decode)(std::string_view);
    std::function<Status(Record&)> compile;
  };

  Registry(store::Store& store, Form form) : store_(store), form_(std::move(form)) {}

  // Reads all. Errors: kIo, kCorrupt, those of compile.
  [[nodiscard]] Status load();
  // By name, in any case, or ARN; nullptr where there is none.
  [[nodiscard]] Entry find(std::string_view name_or_arn) const;
  // By name.
  [[nodiscard]] std::vector<Entry> all() const;
  // Calls `change` with what there is, or nothing, and keeps what it leaves, durable when it
  // returns. Errors: those of `change` and of compile, kIo, kDiskFull.
  [[nodiscard]] Status change(const std::string& name, const Change& change);
  // Makes anew what is made of the records for which `concerned` holds. Errors: those of compile.
  [[nodiscard]] Status recompile(const std::function<bool(const Record&)>& concerned);

 private:
  store::Store& store_;
  const Form form_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // by key_of(name)
};

template <class Record>
Status Registry<Record>::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kIam, form_.prefix));
  for (const auto& [stored_key, text] : records) {
    TARN_TRY(Record record, form_.decode(text));
    TARN_CHECK(form_.compile(record));
    const std::string key = key_of(record.name);
    entries_.emplace(key, std::make_shared<const Record>(std::move(record)));
  }
  return {};
}

template <class Record>
typename Registry<Record>::Entry Registry<Record>::find(std::string_view name_or_arn) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(key_of(name_or_arn));
  if (found == entries_.end()) return nullptr;
  if (name_or_arn.starts_with("arn:") && found->second->arn() != name_or_arn) return nullptr;
  return found->second;
}

template <class Record>
std::vector<typename Registry<Record>::Entry> Registry<Record>::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<Entry> out;
  out.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) out.push_back(entry);
  return out;
}

template <class Record>
Status Registry<Record>::change(const std::string& name, const Change& change) {
  const std::lock_guard changing(changing_);
  std::optional<Record> record;
  if (const Entry before = find(name)) record = *before;
  TARN_CHECK(change(record));
  const std::string key = key_of(name);
  const std::string stored_key = std::string(form_.prefix) + key;
  store::Batch batch;
  if (record) {
    TARN_CHECK(form_.compile(*record));
    batch.put(store::Space::kIam, stored_key, form_.encode(*record));
  } else {
    batch.remove(store::Space::kIam, stored_key);
  }
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  entries_.erase(key);
  if (record) entries_.emplace(key, std::make_shared<const Record>(*std::move(record)));
  return {};
}

template <class Record>
Status Registry<Record>::recompile(const std::function<bool(const Record&)>& concerned) {
  const std::lock_guard changing(changing_);
  for (const Entry& entry : all()) {
    if (!concerned(*entry)) continue;
    Record record = *entry;
    TARN_CHECK(form_.compile(record));
    const std::string key = key_of(record.name);
    const std::unique_lock lock(mutex_);
    entries_[key] = std::make_shared<const Record>(std::move(record));
  }
  return {};
}

}  // namespace tarn::iam
