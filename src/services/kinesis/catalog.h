// Catalog: all streams, as they are now.
//
// Place: kinesis. Threads: lookups from any thread; change() on the control strand, where changes
// run one after another, each durable before anyone sees it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/tasks.h"
#include "services/kinesis/stream.h"
#include "services/kinesis/turnstile.h"
#include "store/store.h"

namespace tarn::kinesis {

struct StreamName {
  std::string account;
  std::string region;
  std::string name;

  auto operator<=>(const StreamName&) const = default;
};

class Catalog {
 public:
  // `on_change` is told the id of every stream after it changed or went, on the thread that changed
  // it.
  Catalog(store::Store& store, platform::Tasks& tasks,
          std::function<void(const std::string& id)> on_change)
      : store_(store), tasks_(tasks), on_change_(std::move(on_change)) {}

  // What the store holds; blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Result<std::vector<StreamState>> load();

  // nullptr when there is none.
  [[nodiscard]] StreamView find(const StreamName& name) const;
  [[nodiscard]] StreamView find_id(const std::string& id) const;
  // All of an account and region by name; all of all when `account` is empty.
  [[nodiscard]] std::vector<StreamView> list(const std::string& account,
                                             const std::string& region) const;

  // Makes `stream` the one that lookups find, without the store.
  void publish(StreamView stream);

  // Puts a new stream into the store and publishes it. Errors: `check` given the streams as they
  // are, kIo, kDiskFull.
  [[nodiscard]] Task<Status> add(StreamState state, std::function<Status()> check);

  // Applies `edit` to the stream's state and, where that goes well, stores and publishes it (with
  // `logs` added to and `gone` taken from its logs). Errors: edit's, kNotFound (deleted meanwhile),
  // kIo, kDiskFull.
  using Edit = std::function<Status(StreamState& state)>;
  [[nodiscard]] Task<Status> change(std::string id, Edit edit, Stream::Logs logs = {});

  // Forgets the stream. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> remove(std::string id);

 private:
  store::Store& store_;
  platform::Tasks& tasks_;
  const std::function<void(const std::string& id)> on_change_;
  Turnstile turns_;
  mutable std::shared_mutex mutex_;
  std::map<StreamName, StreamView> by_name_;
  std::map<std::string, StreamView> by_id_;
};

}  // namespace tarn::kinesis
