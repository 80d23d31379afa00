// Clusters: all EMR clusters of the server, those that live and those that have ended.
//
// Place: services/emr, under the handlers. Threads: the control strand only, but for load().
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/emr/life.h"
#include "store/store.h"

namespace tarn::emr {

class Clusters {
 public:
  using Entry = std::shared_ptr<Life>;

  Clusters(Surroundings surroundings, store::Store& store);

  // Reads all; drops those that ended too long ago, and the folders of clusters that are not there.
  // Blocks. Errors: kIo, kDiskFull, kCorrupt.
  [[nodiscard]] Status load();
  // Starts again what lived when the last server ended.
  void start();
  // Ends every process; returns once all are reaped. The clusters go on with the next server.
  [[nodiscard]] Task<void> shut_down();

  // Records the cluster and begins its life. Errors: ValidationException (as many live as this
  // server runs), kIo, kDiskFull.
  [[nodiscard]] Task<Result<Entry>> add(ClusterRecord cluster);
  // nullptr: the account has none of this id in the Region.
  [[nodiscard]] Entry find(const Caller& caller, std::string_view id) const;
  // Whoever's it is and wherever.
  [[nodiscard]] Entry find(std::string_view id) const;
  // Of the account and Region, newest first.
  [[nodiscard]] std::vector<Entry> list(const Caller& caller) const;

  // How far the ports of a new master at `address` are to be from the usual ones: no living cluster
  // has them.
  [[nodiscard]] int free_ports(const std::string& address) const;
  // An address of 127/8 that no living cluster has.
  [[nodiscard]] std::string free_address() const;

 private:
  void begin(const Entry& life);
  [[nodiscard]] std::size_t living() const;

  Surroundings around_;
  store::Store& store_;
  std::map<std::string, Entry, std::less<>> all_;  // by id
  std::size_t adding_ = 0;
  std::size_t running_ = 0;  // lives that have not ended
  bool stopping_ = false;
};

}  // namespace tarn::emr
