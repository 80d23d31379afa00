#include "services/emr/orders.h"

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

std::string folder_above(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// In the same order on both sides.
std::vector<std::string> paths_of(const livy::Options& spark) {
  std::vector<std::string> out = {folder_above(folder_above(spark.python)),
                                  spark.java_home,
                                  spark.driver_directory,
                                  spark.archive_directory,
                                  spark.ca_bundle,
                                  spark.trust_store};
  out.insert(out.end(), spark.jar_directories.begin(), spark.jar_directories.end());
  return out;
}

Result<std::string> read_encoded(platform::Files& files, const std::string& path) {
  if (path.empty()) return std::string();
  TARN_TRY(const std::string content, files.read(path));
  return wire::to_base64(content);
}

}  // namespace

Result<TrustStores> read_trust(const EmrOptions& options, platform::Files& files) {
  TrustStores out;
  TARN_TRY(out.ca_bundle, read_encoded(files, options.spark.ca_bundle));
  TARN_TRY(out.trust_store, read_encoded(files, options.spark.trust_store));
  return out;
}

json make_order(const EmrOptions& options, const ClusterRecord& cluster,
                const iam::Credential& keys, const WorkerPlan& plan, const TrustStores& trust) {
  const livy::Options& spark = options.spark;
  return json{{"cluster", cluster.id},
              {"address", cluster.address},
              {"port_shift", cluster.port_shift},
              {"secret", cluster.secret},
              {"cores", plan.share.capacity.vcpu},
              {"memory_mib", plan.share.capacity.memory_mib},
              {"worker_address", plan.address},
              {"page_port", plan.page_port},
              {"access_key_id", keys.access_key_id},
              {"secret_access_key", keys.secret_access_key},
              {"session_token", keys.session_token},
              {"region", spark.region},
              {"endpoint", with_host(spark.endpoint_url, cluster.address)},
              {"proxy_host", cluster.address},
              {"proxy_port", spark.proxy_port},
              {"trust_store_password", spark.trust_store_password},
              {"ca_bundle", trust.ca_bundle},
              {"trust_store", trust.trust_store},
              {"paths", paths_of(spark)}};
}

Result<WorkerOrder> parse_order(const json& order) {
  WorkerOrder out;
  const auto text = [&](const char* member) {
    const auto found = order.find(member);
    return found != order.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number = [&](const char* member) {
    const auto found = order.find(member);
    return found != order.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  out.cluster.id = text("cluster");
  out.cluster.address = text("address");
  out.cluster.port_shift = static_cast<int>(number("port_shift"));
  out.cluster.secret = text("secret");
  out.cluster.granted = {static_cast<int>(number("cores")), number("memory_mib")};
  out.plan.share = {text("worker_address"), out.cluster.granted, 0};
  out.plan.address = text("worker_address");
  out.plan.page_port = static_cast<std::uint16_t>(number("page_port"));
  out.keys.access_key_id = text("access_key_id");
  out.keys.secret_access_key = text("secret_access_key");
  out.keys.session_token = text("session_token");
  out.region = text("region");
  out.endpoint_url = text("endpoint");
  out.proxy_host = text("proxy_host");
  out.proxy_port = static_cast<int>(number("proxy_port"));
  out.trust_store_password = text("trust_store_password");
  const auto ca_bundle = wire::from_base64(text("ca_bundle"));
  const auto trust_store = wire::from_base64(text("trust_store"));
  out.ca_bundle = ca_bundle.value_or("");
  out.trust_store = trust_store.value_or("");
  if (const auto paths = order.find("paths"); paths != order.end() && paths->is_array()) {
    for (const json& path : *paths) out.paths.push_back(path.is_string() ? path : json(""));
  }
  // It becomes a folder's name.
  const bool plain = out.cluster.id.find_first_of("/.") == std::string::npos;
  if (out.cluster.id.empty() || !plain || out.plan.address.empty() ||
      out.cluster.granted.vcpu < 1) {
    return Error(code::kInvalid, "an order tells cluster, worker_address and cores");
  }
  return out;
}

void follow_order(const WorkerOrder& order, EmrOptions& options) {
  livy::Options& spark = options.spark;
  spark.endpoint_url = order.endpoint_url;
  spark.region = order.region;
  spark.proxy_host = order.proxy_host;
  spark.proxy_port = order.proxy_port;
  spark.trust_store_password = order.trust_store_password;
  spark.ca_bundle = order.ca_bundle.empty() ? "" : options.data_directory + "/ca-bundle.pem";
  spark.trust_store = order.trust_store.empty() ? "" : options.data_directory + "/trust-store.p12";
  spark.cache_directory = options.data_directory + "/cache";
}

Status write_trust(const WorkerOrder& order, const EmrOptions& options, platform::Files& files) {
  TARN_CHECK(files.make_directories(options.data_directory));
  if (!order.ca_bundle.empty()) {
    TARN_CHECK(files.write_atomically(options.spark.ca_bundle, order.ca_bundle, 0644));
  }
  if (order.trust_store.empty()) return {};
  return files.write_atomically(options.spark.trust_store, order.trust_store, 0644);
}

void add_paths(const WorkerOrder& order, const EmrOptions& options, sandbox::Sandbox& box) {
  const std::vector<std::string> own = paths_of(options.spark);
  for (std::size_t i = 0; i < own.size() && i < order.paths.size(); ++i) {
    const std::string& path = order.paths[i];
    if (path.empty() || own[i].empty() || path == own[i]) continue;
    box.readable.push_back({path, own[i]});
  }
}

}  // namespace tarn::emr
