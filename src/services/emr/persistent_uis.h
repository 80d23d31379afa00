// PersistentUis: application UIs that outlive their clusters: the event logs kept of one, and a
// history server over them while it is asked.
//
// Place: services/emr, under ui_actions.cc and emr_room.h. Threads: the control strand, but for
// load(). Sources: https://docs.aws.amazon.com/emr/latest/ManagementGuide/app-history-spark-UI.html
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/emr/clusters.h"
#include "services/emr/history_server.h"
#include "services/emr/launch.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::emr {

struct PersistentUiRecord {
  std::string id;       // "p-…"
  std::string cluster;  // "j-…"
  std::string account;
  std::string region;
  std::string author;   // ARN of who made it
  std::string address;  // of 127/8, that the cluster had
  Timestamp created;
  std::map<std::string, std::string> tags;
};

class PersistentUis {
 public:
  // The references outlive it.
  PersistentUis(platform::Platform platform, platform::Network& network, store::Journal& journal,
                sandbox::Sandboxes& sandboxes, const EmrOptions& options)
      : platform_(platform),
        network_(network),
        journal_(journal),
        sandboxes_(sandboxes),
        options_(options) {}

  // Those of clusters that are not known any more are dropped. Blocks. Errors: kIo, kDiskFull,
  // kCorrupt.
  [[nodiscard]] Status load(store::Store& store, const Clusters& clusters);
  // Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> add(PersistentUiRecord record);
  // nullptr: there is none.
  [[nodiscard]] const PersistentUiRecord* find(std::string_view id) const;

  // The history server over what is kept of an ended cluster, at `address` of 127/8 where it does
  // not run already. Errors: kNotFound (it left no logs),
  // kIo, kDiskFull, kInvalid.
  [[nodiscard]] Task<Result<std::shared_ptr<HistoryServer>>> history(std::string cluster,
                                                                     std::string address);
  // Returns once no history server is left.
  [[nodiscard]] Task<void> shut_down();

 private:
  struct Kept {
    sandbox::Sandbox box;
    std::shared_ptr<HistoryServer> server;
  };

  platform::Platform platform_;
  platform::Network& network_;
  store::Journal& journal_;
  sandbox::Sandboxes& sandboxes_;
  const EmrOptions& options_;
  std::map<std::string, PersistentUiRecord, std::less<>> all_;  // by id
  std::map<std::string, Kept> kept_;                            // by cluster
  std::set<std::string> opening_;                               // clusters
};

}  // namespace tarn::emr
