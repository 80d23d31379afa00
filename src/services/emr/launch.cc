#include "services/emr/launch.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/emr/configurations.h"
#include "services/emr/history_server.h"
#include "services/emr/security_configuration.h"
#include "services/metadata/access.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

// Programs of a primary node that are tarn's own (node/tarn_cluster/submit.py).
constexpr const char* kPrograms[] = {"spark-submit", "spark-sql", "spark-class"};
// In the cluster's folder.
constexpr const char* kLog4j2 = "/log4j2.properties";
// A worker that is granted less can start no executor of the usual 1 GiB.
constexpr std::int64_t kLeastMemoryMib = 1536;
// Executors use what they are asked to; the rest of the machine is for drivers and the server.
constexpr std::int64_t kHostShare = 3;
// The sandbox's bounds. Of memory, three quarters of the machine: what a cluster is granted changes
// while it lives, and beside executors' heaps there are Python, drivers, the master and workers.
constexpr std::int64_t kHostParts = 4;
constexpr std::int64_t kHistoryMib = 2048;
// And threads. A JVM has some two hundred; of 32,768 that a machine has, as many as ten clusters
// come to at once leave some thousands.
constexpr std::uint32_t kMostProcesses = 3072;

std::string home_of(const EmrOptions& options, const ClusterRecord& cluster) {
  return folder_of(options, cluster) + "/home";
}

// S3 encryption by a security configuration goes before what configurations say.
std::map<std::string, std::string> hadoop_of(const ClusterRecord& cluster, const Applied& applied) {
  std::map<std::string, std::string> out = applied.hadoop;
  if (cluster.security.empty()) return out;
  const auto security = read_security(cluster.security);
  if (!security.ok()) return out;
  for (const auto& [name, value] : s3a_settings(*security)) out[name] = value;
  return out;
}

// With the server where executors of other hosts reach it.
livy::Options seen_by_executors(const EmrOptions& options, const ClusterRecord& cluster) {
  livy::Options out = options.spark;
  if (!cluster.on_hosts) return out;
  out.endpoint_url = with_host(out.endpoint_url, cluster.address);
  out.proxy_host = cluster.address;
  return out;
}

std::string cluster_document(const EmrOptions& options, const ClusterRecord& cluster) {
  const std::string home = home_of(options, cluster);
  const Applied applied = apply_configurations(cluster.request);
  json platform = livy::platform_settings(seen_by_executors(options, cluster), home);
  platform["cores"] = cluster.granted.vcpu;
  const Capacity worker = cluster.worker.vcpu > 0 ? cluster.worker : cluster.granted;
  const json out = {{"id", cluster.id},
                    {"folder", home + "/spark"},
                    {"python", options.spark.python},
                    {"platform", platform},
                    {"address", cluster.address},
                    {"master_port", master_port(cluster)},
                    {"page_port", page_port(cluster)},
                    {"application_port", first_application_port(cluster.port_shift)},
                    {"cores", cluster.granted.vcpu},
                    {"worker_cores", worker.vcpu},
                    {"memory_mib", worker.memory_mib},
                    {"secret", cluster.secret},
                    {"concurrency", cluster.step_concurrency},
                    {"spark_defaults", applied.spark_defaults},
                    {"hadoop", hadoop_of(cluster, applied)},
                    {"environment", applied.environment},
                    {"log4j2", applied.log4j2.empty() ? "" : folder_of(options, cluster) + kLog4j2},
                    {"log_uri", cluster.log_folder()},
                    {"kept", applied.kept}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

// What makes a program of Spark one of the cluster's; `path` and `no_proxy` as it has them
// otherwise, empty: not at all.
std::map<std::string, std::string> cluster_variables(const EmrOptions& options,
                                                     const ClusterRecord& cluster,
                                                     const std::string& path,
                                                     const std::string& no_proxy) {
  const std::string folder = folder_of(options, cluster);
  std::map<std::string, std::string> out = {{"PATH", folder + "/bin:" + path},
                                            {"TARN_CLUSTER", folder + "/cluster.json"},
                                            {"SPARK_LOCAL_IP", cluster.address},
                                            // Without it Spark looks the address' name up.
                                            {"SPARK_LOCAL_HOSTNAME", cluster.address},
                                            {"PYSPARK_PYTHON", options.spark.python},
                                            {"PYSPARK_DRIVER_PYTHON", options.spark.python}};
  if (no_proxy.empty()) return out;
  for (const char* name : {"NO_PROXY", "no_proxy"}) out[name] = no_proxy + "," + cluster.address;
  return out;
}

std::map<std::string, std::string> environment_of(const EmrOptions& options,
                                                  const ClusterRecord& cluster,
                                                  const iam::Credential& keys,
                                                  const sandbox::Sandbox& box) {
  auto out = livy::driver_environment(options.spark, keys, box.home);
  // For programs that a user starts without this environment's keys.
  for (const auto& [variable, value] : metadata::environment(options.spark.endpoint_url, keys)) {
    out[variable] = value;
  }
  // Its own, in the home: one that all may write would be a way from one cluster into another.
  out.erase("MPLCONFIGDIR");
  auto own = cluster_variables(options, cluster, out["PATH"], out["NO_PROXY"]);
  own.merge(out);
  return own;
}

}  // namespace

std::uint16_t master_port(const ClusterRecord& cluster) {
  return static_cast<std::uint16_t>(kMasterPort + cluster.port_shift);
}

std::uint16_t page_port(const ClusterRecord& cluster) {
  return static_cast<std::uint16_t>(kMasterPagePort + cluster.port_shift);
}

std::string with_host(const std::string& url, const std::string& host) {
  const std::size_t port = url.rfind(':');
  return fmt::format("http://{}{}", host, port == std::string::npos ? "" : url.substr(port));
}

Capacity grant(const Capacity& asked, const Capacity& host) {
  Capacity out;
  out.vcpu = std::clamp(asked.vcpu, 1, std::max(1, host.vcpu));
  const std::int64_t most = std::max(kLeastMemoryMib, host.memory_mib / kHostShare);
  out.memory_mib = std::clamp(asked.memory_mib, kLeastMemoryMib, most);
  return out;
}

std::string folder_of(const EmrOptions& options, const ClusterRecord& cluster) {
  return options.data_directory + "/" + cluster.id;
}

sandbox::Request sandbox_request(const EmrOptions& options, const ClusterRecord& cluster) {
  const std::string folder = folder_of(options, cluster);
  sandbox::Request out;
  out.name = "emr-" + cluster.id;
  out.directory = folder;
  out.readable = livy::readable_paths(options.spark);
  for (const char* module : {"/tarn_cluster", "/tarn_jupyter"})
    out.readable.push_back(options.spark.driver_directory + module);
  // Each by itself: the server's folders are its own.
  for (const char* program : kPrograms) {
    out.readable.push_back(fmt::format("{}/bin/{}", folder, program));
  }
  out.readable.push_back(folder + "/cluster.json");
  out.readable.push_back(folder + kLog4j2);
  const std::int64_t most = options.host.memory_mib / kHostParts * (kHostParts - 1);
  out.limits.memory_bytes = static_cast<std::uint64_t>(most) << 20;
  out.limits.processes = kMostProcesses;
  return out;
}

Status prepare(const EmrOptions& options, const ClusterRecord& cluster, platform::Files& files) {
  const std::string folder = folder_of(options, cluster);
  const std::string stale = home_of(options, cluster) + "/spark";
  if (files.exists(stale)) TARN_CHECK(files.remove_tree(stale));
  for (const char* name : {"/log", "/bin"}) TARN_CHECK(files.make_directories(folder + name));
  for (const char* program : kPrograms) {
    const std::string script = fmt::format(
        "#!/bin/sh\nexec '{}' -m tarn_cluster.submit {} \"$@\"\n", options.spark.python, program);
    TARN_CHECK(files.write_atomically(fmt::format("{}/bin/{}", folder, program), script, 0755));
  }
  const std::string log4j2 = log4j2_text(apply_configurations(cluster.request).log4j2);
  TARN_CHECK(files.write_atomically(folder + kLog4j2, log4j2));
  return write_about(options, cluster, files);
}

Status write_about(const EmrOptions& options, const ClusterRecord& cluster,
                   platform::Files& files) {
  return files.write_atomically(folder_of(options, cluster) + "/cluster.json",
                                cluster_document(options, cluster));
}

platform::ProcessSpec master_process(const EmrOptions& options, const ClusterRecord& cluster,
                                     const iam::Credential& keys, const sandbox::Sandbox& box) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python, "-m", "tarn_cluster.node", "master"};
  out.environment = environment_of(options, cluster, keys, box);
  out.directory = box.home;
  out.output_path = folder_of(options, cluster) + "/log/master.log";
  return out;
}

platform::ProcessSpec worker_process(const EmrOptions& options, const ClusterRecord& cluster,
                                     const iam::Credential& keys, const sandbox::Sandbox& box,
                                     const WorkerPlan& plan) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python,
                   "-m",
                   "tarn_cluster.node",
                   "worker",
                   plan.address,
                   std::to_string(plan.page_port),
                   std::to_string(plan.share.capacity.vcpu),
                   std::to_string(plan.share.capacity.memory_mib)};
  out.environment = environment_of(options, cluster, keys, box);
  // Its executors get these too.
  out.environment["SPARK_LOCAL_IP"] = plan.address;
  out.environment["SPARK_LOCAL_HOSTNAME"] = plan.address;
  out.directory = box.home;
  out.output_path = folder_of(options, cluster) + "/log/worker.log";
  return out;
}

platform::ProcessSpec run_process(const EmrOptions& options, const ClusterRecord& cluster,
                                  const iam::Credential& keys, const sandbox::Sandbox& box,
                                  const std::string& name) {
  const std::string folder = folder_of(options, cluster) + "/" + name;
  platform::ProcessSpec out;
  out.arguments = {options.spark.python, "-m", "tarn_cluster.run", folder + "/run.json",
                   box.home + "/" + name};
  out.environment = environment_of(options, cluster, keys, box);
  out.directory = box.home;
  out.output_path = folder + "/controller";
  out.more_outputs = {folder + "/stdout", folder + "/stderr"};
  out.with_pipes = true;
  return out;
}

std::string event_log_folder(const std::string& home) {
  return home + "/eventlog";
}

std::string history_folder(const EmrOptions& options, const std::string& cluster) {
  return options.history_directory + "/" + cluster;
}

sandbox::Request history_sandbox(const EmrOptions& options, const std::string& cluster) {
  sandbox::Request out;
  out.name = "emr-history-" + cluster;
  out.directory = history_folder(options, cluster);
  out.readable = livy::readable_paths(options.spark);
  out.readable.push_back(options.spark.driver_directory + "/tarn_cluster");
  out.readable.push_back(out.directory + "/cluster.json");
  out.limits.memory_bytes = static_cast<std::uint64_t>(kHistoryMib) << 20;
  out.limits.processes = kMostProcesses;
  return out;
}

// It reads files and needs no keys.
platform::ProcessSpec history_process(const EmrOptions& options, const sandbox::Sandbox& box,
                                      const std::string& folder, const std::string& address,
                                      std::uint16_t port) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python,       "-m",
                   "tarn_cluster.node",        "history",
                   event_log_folder(box.home), std::to_string(port)};
  out.environment = livy::driver_environment(options.spark, {}, box.home);
  std::erase_if(out.environment, [](const auto& each) { return each.first.starts_with("AWS_"); });
  out.environment.erase("MPLCONFIGDIR");
  out.environment["TARN_CLUSTER"] = folder + "/cluster.json";
  out.environment["SPARK_LOCAL_IP"] = address;
  out.environment["SPARK_LOCAL_HOSTNAME"] = address;
  out.directory = box.home;
  out.output_path = folder + "/history.log";
  return out;
}

bool is_no_link(platform::Files& files, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const auto real = files.resolve(path);
  const auto folder = files.resolve(path.substr(0, slash));
  return real.ok() && folder.ok() && *real == *folder + path.substr(slash);
}

Status keep_history(const EmrOptions& options, const ClusterRecord& cluster,
                    platform::Files& files) {
  const std::string logs = event_log_folder(home_of(options, cluster));
  if (!files.exists(logs) || !is_no_link(files, logs)) return {};
  TARN_TRY(const auto applications, files.list(logs));
  if (applications.empty()) return {};
  const std::string kept = history_folder(options, cluster.id);
  TARN_CHECK(files.make_directories(kept + "/home/tmp"));
  TARN_CHECK(files.rename(logs, event_log_folder(kept + "/home")));
  return files.rename(folder_of(options, cluster) + "/cluster.json", kept + "/cluster.json");
}

livy::ClusterSite session_site(const EmrOptions& options, const ClusterRecord& cluster,
                               const sandbox::Sandbox& box) {
  const auto usual = livy::driver_environment(options.spark, {}, box.home);
  const auto no_proxy = usual.find("NO_PROXY");
  livy::ClusterSite out;
  out.environment = cluster_variables(options, cluster, usual.at("PATH"),
                                      no_proxy == usual.end() ? "" : no_proxy->second);
  out.driver_module = "tarn_cluster.session";
  out.work_directory = box.home + "/livy";
  out.access_key_id = cluster.access_key_id;
  out.box = box;
  return out;
}

std::string step_order(const StepConfig& config) {
  const HadoopJarStepConfig& jar = config.hadoop_jar_step;
  json order = {{"name", config.name},
                {"jar", jar.jar},
                {"main_class", jar.main_class.value_or("")},
                {"args", jar.args.value_or(std::vector<std::string>())}};
  return order.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string bootstrap_order(const ScriptBootstrapActionConfig& action) {
  json order = {{"script", action.path},
                {"args", action.args.value_or(std::vector<std::string>())}};
  return order.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tarn::emr
