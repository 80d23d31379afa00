#include "tarn/livy_options.h"

#include <algorithm>
#include <string_view>
#include <thread>

#include "gateway/certificates.h"

namespace tarn::app {

namespace {

// Where Debian installs Java (https://wiki.debian.org/Java).
constexpr std::string_view kJavaFolder = "/usr/lib/jvm";
constexpr std::string_view kJava = "java-17-openjdk";
constexpr int kMostCores = 4;  // of one session; others run beside it

std::string find_java(platform::Files& files) {
  const auto installed = files.list(std::string(kJavaFolder));
  if (!installed.ok()) return {};
  for (const auto& entry : *installed) {
    std::string home = std::string(kJavaFolder) + "/" + entry.name;
    if (entry.name.starts_with(kJava) && files.exists(home + "/bin/java")) return home;
  }
  return {};
}

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
  out.java_home = configuration.java_home.empty() ? find_java(files) : configuration.java_home;
  out.endpoint_url = facts.endpoint;
  out.region = facts.region;
  out.proxy_port = facts.port;
  out.ca_bundle = facts.ca_bundle;
  out.trust_store = facts.trust_store;
  out.trust_store_password = gateway::kTrustStorePassword;
  out.cores = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostCores);
  out.driver_memory = options.driver_memory;
  out.warm_drivers = options.warm_drivers;
  return out;
}

}  // namespace tarn::app
