#include "services/emr/launch.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tarn::emr {
namespace {

using nlohmann::json;

// Programs of a primary node that are tarn's own (node/tarn_cluster/submit.py).
constexpr const char* kPrograms[] = {"spark-submit", "spark-sql", "spark-class"};
// A worker that is granted less can start no executor of the usual 1 GiB.
constexpr std::int64_t kLeastMemoryMib = 1536;
// Executors use what they are asked to; the rest of the machine is for drivers and the server.
constexpr std::int64_t kHostShare = 3;

json spark_defaults(const ClusterRecord& cluster) {
  json out = json::object();
  for (const Configuration& each :
       cluster.request.configurations.value_or(std::vector<Configuration>())) {
    if (each.classification != "spark-defaults" || !each.properties) continue;
    for (const auto& [name, value] : *each.properties) out[name] = value;
  }
  return out;
}

json kept_classifications(const ClusterRecord& cluster) {
  json out = json::array();
  for (const Configuration& each :
       cluster.request.configurations.value_or(std::vector<Configuration>())) {
    const std::string name = each.classification.value_or("");
    if (name != "spark-defaults") out.push_back(name);
  }
  return out;
}

std::string cluster_document(const EmrOptions& options, const ClusterRecord& cluster) {
  const std::string folder = folder_of(options, cluster);
  json platform = livy::platform_settings(options.spark, folder);
  platform["cores"] = cluster.granted.vcpu;
  const json out = {{"id", cluster.id},
                    {"folder", folder},
                    {"python", options.spark.python},
                    {"platform", platform},
                    {"address", cluster.address},
                    {"master_port", kMasterPort},
                    {"page_port", kMasterPagePort},
                    {"cores", cluster.granted.vcpu},
                    {"memory_mib", cluster.granted.memory_mib},
                    {"concurrency", cluster.step_concurrency},
                    {"spark_defaults", spark_defaults(cluster)},
                    {"kept_classifications", kept_classifications(cluster)}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::map<std::string, std::string> environment_of(const EmrOptions& options,
                                                  const ClusterRecord& cluster,
                                                  const iam::Credential& keys) {
  const std::string folder = folder_of(options, cluster);
  auto out = livy::driver_environment(options.spark, keys, folder);
  out["PATH"] = folder + "/bin:" + out["PATH"];
  out["TARN_CLUSTER"] = folder + "/cluster.json";
  out["SPARK_LOCAL_IP"] = cluster.address;
  // Without it Spark looks the address' name up.
  out["SPARK_LOCAL_HOSTNAME"] = cluster.address;
  out["PYSPARK_PYTHON"] = options.spark.python;
  out["PYSPARK_DRIVER_PYTHON"] = options.spark.python;
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    if (out.contains(name)) out[name] += "," + cluster.address;
  }
  return out;
}

}  // namespace

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

Status prepare(const EmrOptions& options, const ClusterRecord& cluster, platform::Files& files) {
  const std::string folder = folder_of(options, cluster);
  for (const char* stale : {"/recovery", "/spark", "/work", "/tmp"}) {
    if (files.exists(folder + stale)) TARN_CHECK(files.remove_tree(folder + stale));
  }
  for (const char* name : {"/recovery", "/spark", "/work", "/tmp", "/log", "/bin", "/home"}) {
    TARN_CHECK(files.make_directories(folder + name));
  }
  TARN_CHECK(files.make_directories(options.spark.cache_directory + "/matplotlib"));
  for (const char* program : kPrograms) {
    const std::string script = fmt::format(
        "#!/bin/sh\nexec '{}' -m tarn_cluster.submit {} \"$@\"\n", options.spark.python, program);
    TARN_CHECK(files.write_atomically(fmt::format("{}/bin/{}", folder, program), script, 0755));
  }
  return write_about(options, cluster, files);
}

Status write_about(const EmrOptions& options, const ClusterRecord& cluster,
                   platform::Files& files) {
  return files.write_atomically(folder_of(options, cluster) + "/cluster.json",
                                cluster_document(options, cluster));
}

platform::ProcessSpec master_process(const EmrOptions& options, const ClusterRecord& cluster,
                                     const iam::Credential& keys) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python, "-m", "tarn_cluster.node", "master"};
  out.environment = environment_of(options, cluster, keys);
  out.directory = folder_of(options, cluster);
  out.output_path = out.directory + "/log/master.log";
  return out;
}

platform::ProcessSpec worker_process(const EmrOptions& options, const ClusterRecord& cluster,
                                     const iam::Credential& keys, const WorkerPlan& plan) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python,
                   "-m",
                   "tarn_cluster.node",
                   "worker",
                   plan.address,
                   std::to_string(plan.page_port),
                   std::to_string(plan.share.capacity.vcpu),
                   std::to_string(plan.share.capacity.memory_mib)};
  out.environment = environment_of(options, cluster, keys);
  // Its executors get these too.
  out.environment["SPARK_LOCAL_IP"] = plan.address;
  out.environment["SPARK_LOCAL_HOSTNAME"] = plan.address;
  out.directory = folder_of(options, cluster);
  out.output_path = out.directory + "/log/worker.log";
  return out;
}

platform::ProcessSpec run_process(const EmrOptions& options, const ClusterRecord& cluster,
                                  const iam::Credential& keys, const std::string& folder) {
  platform::ProcessSpec out;
  out.arguments = {options.spark.python, "-m", "tarn_cluster.run", folder};
  out.environment = environment_of(options, cluster, keys);
  out.environment["HOME"] = folder_of(options, cluster) + "/home";
  out.directory = folder;
  out.output_path = folder + "/controller";
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
