#include "tarn/emr_options.h"

#include <algorithm>
#include <string_view>
#include <thread>

#include <unistd.h>

#include "tarn/livy_options.h"

namespace tarn::app {

namespace {

constexpr std::int64_t kMebibyteOfNode = 1 << 20;
// A warm driver is three quarters of a gibibyte that nobody uses.
constexpr std::int64_t kMemoryPerWarmDriver = 6144;
constexpr std::int64_t kMostWarmDrivers = 4;

// By the name of its jar, spark-core_2.13-4.0.5.jar; empty where there is none.
std::string spark_version(platform::Files& files, const std::string& runtime) {
  const std::string libraries = runtime + "/python/lib";
  const auto pythons = files.list(libraries);
  if (!pythons.ok()) return {};
  for (const auto& python : *pythons) {
    const auto jars = files.list(libraries + "/" + python.name + "/site-packages/pyspark/jars");
    if (!jars.ok()) continue;
    for (const auto& jar : *jars) {
      if (!jar.name.starts_with("spark-core_") || !jar.name.ends_with(".jar")) continue;
      const std::size_t dash = jar.name.rfind('-');
      return jar.name.substr(dash + 1,
                             jar.name.size() - dash - 1 - std::string_view(".jar").size());
    }
  }
  return {};
}

}  // namespace

emr::EmrOptions emr_options(const Configuration& configuration, const ApplicationOptions& options,
                            const ServerFacts& facts, platform::Files& files) {
  emr::EmrOptions out;
  out.spark = livy_options(configuration, options, facts, files);
  out.data_directory = configuration.data_directory + "/emr";
  out.history_directory = configuration.data_directory + "/emr-history";
  out.notebook_file = configuration.data_directory + "/notebook.json";
  out.instance_types_path = configuration.share_directory + "/prices/instance-types.json";
  out.spark_version = spark_version(files, configuration.runtime_directory);
  out.spot = options.spot;
  out.host.vcpu = static_cast<int>(std::thread::hardware_concurrency());
  out.host.memory_mib = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE)) / kMebibyteOfNode;
  if (options.warm_drivers > 0) {
    out.warm_drivers = static_cast<int>(
        std::clamp(out.host.memory_mib / kMemoryPerWarmDriver, std::int64_t{0}, kMostWarmDrivers));
  }
  return out;
}

}  // namespace tarn::app
