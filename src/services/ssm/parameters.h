// Parameters: all parameters of the account, durable, by Region and name.
//
// Place: services/ssm; handlers read and change them. docs/formats/ssm.md. Threads: safe from any
// thread; finding takes a shared lock and no disk, load() and change() block, one change at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/ssm/records.h"
#include "store/store.h"

namespace tarn::ssm {

class Parameters {
 public:
  using Entry = std::shared_ptr<const ParameterRecord>;
  // Sees what there is, or nothing, and leaves what is to be there, or nothing. `count` parameters
  // are in the Region.
  using Change = std::function<Status(std::optional<ParameterRecord>& record, std::size_t count)>;

  // Lives on.
  explicit Parameters(store::Store& store) : store_(store) {}

  // Errors: kIo, kCorrupt.
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
  store::Store& store_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::map<std::string, Entry, std::less<>>, std::less<>> by_region_;
};

}  // namespace tarn::ssm
