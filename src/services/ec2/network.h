// Network: everything that EC2 keeps, durable, by region.
//
// Place: services/ec2; handlers read it and change it by drafts, of which all or nothing is kept.
// docs/formats/ec2.md. Threads: safe from any thread; finding takes a shared lock and no disk,
// load() and change() block, one change at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "services/ec2/kinds.h"
#include "store/store.h"
#include "wire/json_codec.h"

namespace tarn::ec2 {

template <class Shape>
using Entry = std::shared_ptr<const Shape>;

template <class... Shapes>
struct TableSet {
  template <class Shape>
  using Table = std::map<std::string, Entry<Shape>, std::less<>>;  // by REGION/ID
  std::tuple<Table<Shapes>...> all;

  template <class Shape>
  [[nodiscard]] Table<Shape>& of() {
    return std::get<Table<Shape>>(all);
  }
  template <class Shape>
  [[nodiscard]] const Table<Shape>& of() const {
    return std::get<Table<Shape>>(all);
  }
};

using AllTables =
    TableSet<Vpc, Subnet, RouteTable, InternetGateway, NatGateway, Address, SecurityGroup,
             SecurityGroupRule, VpcEndpoint, KeyPairInfo, DescribeVpcAttributeResult>;

// Error of a resource that is not there, in the words of its kind.
template <class Shape>
[[nodiscard]] Error not_found(std::string_view id) {
  return {Kind<Shape>::kNotFound, fmt::format(fmt::runtime(Kind<Shape>::kMessage), id)};
}

// A region while it is changed: what was there and what the change has made of it so far.
class Draft {
 public:
  Draft(const AllTables& before, std::string region)
      : before_(before), region_(std::move(region)) {}

  // nullptr where there is none.
  template <class Shape>
  [[nodiscard]] Entry<Shape> find(std::string_view id) const;
  // Error: not_found().
  template <class Shape>
  [[nodiscard]] Result<Shape> get(std::string_view id) const;
  template <class Shape>
  [[nodiscard]] std::vector<Entry<Shape>> all() const;
  template <class Shape, class Test>
  [[nodiscard]] bool any(const Test& test) const;

  template <class Shape>
  void put(Shape shape);
  template <class Shape>
  void remove(const Shape& shape);

 private:
  friend class Network;
  template <class Shape>
  [[nodiscard]] std::string key(std::string_view id) const {
    return fmt::format("{}/{}", region_, id);
  }

  const AllTables& before_;
  const std::string region_;
  AllTables after_;  // of what was changed: nullptr where it was removed
  store::Batch batch_;
};

class Network {
 public:
  using Change = std::function<Status(Draft&)>;

  // Lives on.
  explicit Network(store::Store& store) : store_(store) {}

  // Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // As Draft's.
  template <class Shape>
  [[nodiscard]] Entry<Shape> find(std::string_view region, std::string_view id) const;
  template <class Shape>
  [[nodiscard]] std::vector<Entry<Shape>> all(std::string_view region) const;

  // Keeps what `change` leaves of the region, durable when it returns. Errors: those of `change`,
  // after which nothing is changed; kIo, kDiskFull.
  [[nodiscard]] Status change(const std::string& region, const Change& change);
  // The first time that a region is asked for: what it begins with, by `change`. Errors: as above.
  [[nodiscard]] Status begin(const std::string& region, const Change& change);

 private:
  template <class Shape>
  [[nodiscard]] Status load_table();
  [[nodiscard]] Status keep(const std::string& region, const Change& change, bool begins);

  store::Store& store_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  AllTables tables_;
  std::map<std::string, bool, std::less<>> begun_;  // regions
};

template <class Shape>
std::string record_key(std::string_view key) {
  return fmt::format("{}/{}", Kind<Shape>::kType, key);
}

template <class Shape>
Entry<Shape> Draft::find(std::string_view id) const {
  const std::string at = key<Shape>(id);
  const auto changed = after_.of<Shape>().find(at);
  if (changed != after_.of<Shape>().end()) return changed->second;
  const auto found = before_.of<Shape>().find(at);
  return found == before_.of<Shape>().end() ? nullptr : found->second;
}

template <class Shape>
Result<Shape> Draft::get(std::string_view id) const {
  const Entry<Shape> found = find<Shape>(id);
  if (!found) return not_found<Shape>(id);
  return *found;
}

template <class Shape>
std::vector<Entry<Shape>> Draft::all() const {
  const std::string prefix = region_ + "/";
  std::map<std::string, Entry<Shape>> merged;
  const auto& before = before_.of<Shape>();
  for (auto at = before.lower_bound(prefix); at != before.end() && at->first.starts_with(prefix);
       ++at)
    merged.insert(*at);
  for (const auto& [id, entry] : after_.of<Shape>()) merged[id] = entry;
  std::vector<Entry<Shape>> out;
  for (auto& [id, entry] : merged) {
    if (entry) out.push_back(std::move(entry));
  }
  return out;
}

template <class Shape, class Test>
bool Draft::any(const Test& test) const {
  for (const Entry<Shape>& entry : all<Shape>()) {
    if (test(*entry)) return true;
  }
  return false;
}

template <class Shape>
void Draft::put(Shape shape) {
  const std::string at = key<Shape>(id_of(shape));
  batch_.put(store::Space::kEc2, record_key<Shape>(at),
             "1" + wire::to_json(Shape::schema(), &shape));
  after_.of<Shape>()[at] = std::make_shared<const Shape>(std::move(shape));
}

template <class Shape>
void Draft::remove(const Shape& shape) {
  const std::string at = key<Shape>(id_of(shape));
  batch_.remove(store::Space::kEc2, record_key<Shape>(at));
  after_.of<Shape>()[at] = nullptr;
}

template <class Shape>
Entry<Shape> Network::find(std::string_view region, std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = tables_.of<Shape>().find(fmt::format("{}/{}", region, id));
  return found == tables_.of<Shape>().end() ? nullptr : found->second;
}

template <class Shape>
std::vector<Entry<Shape>> Network::all(std::string_view region) const {
  const std::string prefix = fmt::format("{}/", region);
  const std::shared_lock lock(mutex_);
  const auto& table = tables_.of<Shape>();
  std::vector<Entry<Shape>> out;
  for (auto at = table.lower_bound(prefix); at != table.end() && at->first.starts_with(prefix);
       ++at)
    out.push_back(at->second);
  return out;
}

}  // namespace tarn::ec2
