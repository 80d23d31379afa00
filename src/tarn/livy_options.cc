#include "tarn/livy_options.h"

#include <algorithm>
#include <thread>

#include "gateway/certificates.h"
#include "tarn/java.h"

namespace tarn::app {

namespace {

constexpr int kMostCores = 4;  // of one session; others run beside it

}  // namespace

livy::Options livy_options(const Configuration& configuration, const ApplicationOptions& options,
                           const ServerFacts& facts, platform::Files& files) {
  livy::Options out;
  out.data_directory = configuration.data_directory + "/livy/drivers";
  out.cache_directory = configuration.data_directory + "/livy/cache";
  out.python = configuration.runtime_directory + "/python/bin/python";
  out.driver_directory = configuration.share_directory;
  out.archive_directory = configuration.share_directory + "/archive";
  out.jar_directories = {configuration.runtime_directory + "/jars",
                         configuration.connector_directory};
  out.java_home = find_java(files, configuration.java_home);
  out.endpoint_url = facts.endpoint;
  out.region = facts.region;
  out.proxy_host = facts.reachable_host();
  out.proxy_port = facts.port;
  out.ca_bundle = facts.ca_bundle;
  out.trust_store = facts.trust_store;
  out.trust_store_password = gateway::kTrustStorePassword;
  out.cores = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostCores);
  out.driver_memory = options.driver_memory;
  out.driver_java_options = options.driver_java_options;
  out.warm_drivers = options.warm_drivers;
  return out;
}

}  // namespace tarn::app
