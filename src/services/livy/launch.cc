#include "services/livy/launch.h"

#include <fmt/format.h>

namespace tarn::livy {

namespace {

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::map<std::string, std::string> driver_environment(const Options& options,
                                                      const iam::Credential& keys,
                                                      const std::string& directory) {
  std::map<std::string, std::string> out = {
      {"PATH",
       fmt::format("{}:{}/bin:/usr/bin:/bin", folder_of(options.python), options.java_home)},
      {"HOME", directory},
      {"TMPDIR", directory + "/tmp"},
      {"LANG", "C.UTF-8"},
      {"TZ", "UTC"},
      {"JAVA_HOME", options.java_home},
      {"PYTHONPATH", options.driver_directory},
      {"PYTHONDONTWRITEBYTECODE", "1"},
      // Pictures are sent, not shown; its font cache takes seconds to make.
      {"MPLBACKEND", "Agg"},
      {"MPLCONFIGDIR", options.cache_directory + "/matplotlib"},
      {"AWS_ACCESS_KEY_ID", keys.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", keys.secret_access_key},
      {"AWS_SESSION_TOKEN", keys.session_token},
      {"AWS_REGION", options.region},
      {"AWS_DEFAULT_REGION", options.region},
      {"AWS_ENDPOINT_URL", options.endpoint_url},
      {"AWS_EC2_METADATA_DISABLED", "true"},
  };
  if (options.proxy_port != 0) {
    const std::string proxy = fmt::format("http://{}:{}", options.proxy_host, options.proxy_port);
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) out[name] = proxy;
    for (const char* name : {"NO_PROXY", "no_proxy"}) out[name] = "127.0.0.1,localhost";
  }
  if (!options.ca_bundle.empty()) {
    for (const char* name : {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}) {
      out[name] = options.ca_bundle;
    }
  }
  return out;
}

Json platform_settings(const Options& options, const std::string& directory) {
  Json out = {{"directory", directory},
              {"jar_directories", options.jar_directories},
              {"archive_directory", options.archive_directory},
              {"cores", options.cores},
              {"driver_memory", options.driver_memory},
              {"driver_java_options", options.driver_java_options},
              {"region", options.region},
              {"endpoint", options.endpoint_url}};
  if (options.proxy_port != 0) {
    out["proxy_host"] = options.proxy_host;
    out["proxy_port"] = options.proxy_port;
  }
  if (!options.trust_store.empty()) {
    out["trust_store"] = options.trust_store;
    out["trust_store_password"] = options.trust_store_password;
  }
  return out;
}

Status check(const Options& options, platform::Files& files) {
  if (options.java_home.empty() || !files.exists(options.java_home + "/bin/java")) {
    return Error(code::kInvalid,
                 "Spark sessions need Java 17, and none is installed: run ./dev setup, or as root "
                 "apt install openjdk-17-jre-headless.");
  }
  if (!files.exists(options.python)) {
    return Error(code::kInvalid,
                 fmt::format("Spark sessions need the Python environment of the runtime, and {} is "
                             "not there: run ./dev setup.",
                             options.python));
  }
  if (!files.exists(options.driver_directory + "/tarn_session/__main__.py")) {
    return Error(code::kInvalid,
                 fmt::format("The session driver is not in {}: this installation is "
                             "incomplete.",
                             options.driver_directory));
  }
  return {};
}

Result<Driver::Plan> launch_plan(const Options& options, iam::Credentials& credentials,
                                 const iam::Credential& owner, const std::string& name,
                                 Json request, bool warm_up) {
  TARN_TRY(const iam::Credential keys, credentials.issue_session(owner, kCredentialLife));
  Driver::Plan plan;
  plan.directory = options.data_directory + "/" + name;
  plan.log_path = plan.directory + "/log";
  plan.owner_arn = owner.arn;
  plan.access_key_id = keys.access_key_id;
  plan.process.arguments = {options.python, "-m", "tarn_session"};
  plan.process.environment = driver_environment(options, keys, plan.directory);
  plan.process.directory = plan.directory;
  plan.process.output_path = plan.log_path;
  plan.process.with_pipes = true;
  plan.start = {{"op", "start"},
                {"request", std::move(request)},
                {"platform", platform_settings(options, plan.directory)},
                {"warm_up", warm_up}};
  return plan;
}

}  // namespace tarn::livy
