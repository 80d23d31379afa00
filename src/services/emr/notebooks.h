// Notebooks: the Livy server of one cluster, at port 8998 of its primary node.
//
// Place: services/emr, under life.h and emr_room.h; over services/livy. Threads: the control strand
// only.
//
// Drivers of its sessions are programs of the cluster: in its sandbox, with its keys and its
// configuration, their executors on its worker (node/tarn_cluster/session.py).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/doors.h"
#include "services/emr/cluster.h"
#include "services/livy/room.h"

namespace tarn::emr {

struct Surroundings;

// https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-livy.html
inline constexpr std::uint16_t kLivyPort = 8998;

// Warm drivers that clusters may still start, all together: each is a JVM that nobody uses.
struct WarmDrivers {
  int left = 0;
};

class Notebooks {
 public:
  // Whether the cluster was asked to have Livy, by its name or by that of what attaches notebooks.
  [[nodiscard]] static bool wanted(const ClusterRecord& cluster);

  // The references of `around` outlive it.
  Notebooks(const Surroundings& around, const ClusterRecord& cluster, const sandbox::Sandbox& box);
  ~Notebooks();
  Notebooks(const Notebooks&) = delete;
  Notebooks& operator=(const Notebooks&) = delete;

  // Errors: kExists (another program has the port), kIo, kDiskFull.
  [[nodiscard]] Status open();
  // Returns once every session has ended.
  [[nodiscard]] Task<void> close();

  [[nodiscard]] livy::LivyRoom& room() { return room_; }

  // A session is open.
  [[nodiscard]] bool in_use() const { return room_.sessions().open() > 0; }
  // Whether `applications`, which Spark's master tells, are all drivers of sessions or warm ones.
  [[nodiscard]] bool are_sessions(const std::vector<std::string>& applications);

 private:
  gateway::Doors& doors_;
  WarmDrivers& warm_drivers_;
  const std::string id_;
  const std::string address_;
  const std::uint16_t port_;  // of Livy
  const int warm_;            // drivers, taken from warm_drivers_
  livy::LivyRoom room_;
  std::set<std::string> known_;  // applications of sessions that the master still tells
};

}  // namespace tarn::emr
