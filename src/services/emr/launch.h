// Launch: the processes of a cluster, what they are started with and where their files are.
//
// Place: services/emr, under node.h and run.h. Threads: pure functions, but for prepare(), which
// blocks.
//
// As a Livy session's (services/livy/launch.h), the environment is made from nothing and has the
// cluster's own temporary keys. All processes of a cluster run in one sandbox, each in an enclosure
// of its own: they share files and bounds, and see no other's processes. The Python side is
// node/tarn_cluster.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "platform/files.h"
#include "platform/processes.h"
#include "sandbox/sandboxes.h"
#include "services/emr/cluster.h"
#include "services/emr/spot_market.h"
#include "services/emr/workers.h"
#include "services/iam/credentials.h"
#include "services/livy/launch.h"

namespace tarn::emr {

// Where people know Spark's master page and the master to be on a primary node.
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-web-interfaces.html (8088 is YARN's
// there), https://spark.apache.org/docs/4.0.0/spark-standalone.html
inline constexpr std::uint16_t kMasterPagePort = 8088;
inline constexpr std::uint16_t kMasterPort = 7077;

// Spark's worker; applications, from 4040 on: a further one takes the next (spark.port.maxRetries).
inline constexpr std::uint16_t kPageOfWorker = 8081;
inline constexpr int kFirstApplicationPort = 4040;
inline constexpr int kApplicationPorts = 16;

// The ports of this cluster's programs: several clusters may share an address.
[[nodiscard]] constexpr int first_application_port(int port_shift) {
  return kFirstApplicationPort + port_shift * (kApplicationPorts + 1);
}
[[nodiscard]] std::uint16_t master_port(const ClusterRecord& cluster);
[[nodiscard]] std::uint16_t page_port(const ClusterRecord& cluster);

// The same port of another host; `url` is "http://host:port".
[[nodiscard]] std::string with_host(const std::string& url, const std::string& host);

struct EmrOptions {
  livy::Options spark;              // Java, Python, jars and the ways to tarn
  std::string data_directory;       // a folder a cluster
  std::string history_directory;    // what is kept of ended clusters' applications, a folder each
  std::string notebook_file;        // where `tarn notebook` tells its JupyterLab's address
  std::string instance_types_path;  // spec/prices/instance-types.json
  std::string spark_version;        // "4.0.5"; empty: Spark is not installed
  Capacity host;                    // of this machine, that clusters may be granted
  std::size_t max_clusters = 10;    // living at once
  SpotOptions spot;
  int warm_drivers = 0;  // of all clusters' Livy servers together, one each at most
  // Between two looks at a cluster: what changes by itself is seen that late.
  std::chrono::milliseconds tick{200};
};

// The share of the machine that the cluster gets of what it asked for.
[[nodiscard]] Capacity grant(const Capacity& asked, const Capacity& host);

[[nodiscard]] std::string folder_of(const EmrOptions& options, const ClusterRecord& cluster);

// The sandbox of all processes of the cluster; its home is `home` in the cluster's folder.
[[nodiscard]] sandbox::Request sandbox_request(const EmrOptions& options,
                                               const ClusterRecord& cluster);

// The cluster's folder with what its processes read; what a former master knew is forgotten.
// Errors: kIo, kDiskFull.
[[nodiscard]] Status prepare(const EmrOptions& options, const ClusterRecord& cluster,
                             platform::Files& files);

// What the cluster is, for the Python side; to be written anew when its grant changes. Errors: kIo,
// kDiskFull.
[[nodiscard]] Status write_about(const EmrOptions& options, const ClusterRecord& cluster,
                                 platform::Files& files);

// Spark's master and a worker: JVMs.
[[nodiscard]] platform::ProcessSpec master_process(const EmrOptions& options,
                                                   const ClusterRecord& cluster,
                                                   const iam::Credential& keys,
                                                   const sandbox::Sandbox& box);
[[nodiscard]] platform::ProcessSpec worker_process(const EmrOptions& options,
                                                   const ClusterRecord& cluster,
                                                   const iam::Credential& keys,
                                                   const sandbox::Sandbox& box,
                                                   const WorkerPlan& plan);

// The event logs of applications, below the home of a cluster's sandbox.
[[nodiscard]] std::string event_log_folder(const std::string& home);
// What is kept of an ended cluster for its history server; and the sandbox in which that runs.
[[nodiscard]] std::string history_folder(const EmrOptions& options, const std::string& cluster);
[[nodiscard]] sandbox::Request history_sandbox(const EmrOptions& options,
                                               const std::string& cluster);
// Spark's history server over the event logs in `box`, of the cluster that cluster.json in `folder`
// tells.
[[nodiscard]] platform::ProcessSpec history_process(const EmrOptions& options,
                                                    const sandbox::Sandbox& box,
                                                    const std::string& folder,
                                                    const std::string& address, std::uint16_t port);
// Whether `path` is itself and not a link to something else.
[[nodiscard]] bool is_no_link(platform::Files& files, const std::string& path);
// Keeps the event logs of a cluster that has ended, where there are any. Errors: kIo, kDiskFull.
[[nodiscard]] Status keep_history(const EmrOptions& options, const ClusterRecord& cluster,
                                  platform::Files& files);

// What runs a step or a bootstrap action (`name`: "steps/s-…", "bootstrap/1", also its folder in
// the home) as run.json in `folder` tells, with its outputs there: run.h.
[[nodiscard]] platform::ProcessSpec run_process(const EmrOptions& options,
                                                const ClusterRecord& cluster,
                                                const iam::Credential& keys,
                                                const sandbox::Sandbox& box,
                                                const std::string& name);
// Where drivers of the cluster's Livy sessions run and what they have besides.
[[nodiscard]] livy::ClusterSite session_site(const EmrOptions& options,
                                             const ClusterRecord& cluster,
                                             const sandbox::Sandbox& box);
// The content of run.json.
[[nodiscard]] std::string step_order(const StepConfig& config);
[[nodiscard]] std::string bootstrap_order(const ScriptBootstrapActionConfig& action);

}  // namespace tarn::emr
