#include "services/livy/launch.h"

#include <fmt/format.h>

#include "services/metadata/access.h"

namespace tarn::livy {

namespace {

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::vector<std::string> readable_paths(const Options& options) {
  std::vector<std::string> out = {options.java_home,
                                  folder_of(folder_of(options.python)),
                                  options.driver_directory + "/tarn_session",
                                  options.archive_directory,
                                  options.ca_bundle,
                                  options.trust_store};
  out.insert(out.end(), options.jar_directories.begin(), options.jar_directories.end());
  std::erase(out, "");
  return out;
}

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

namespace {

// Twice the heap, for what Spark and Arrow keep beside it and for Python, and as much as a cell may
// make of its own.
constexpr std::uint64_t kMemoryBesideHeap = std::uint64_t{2} << 30;

std::uint64_t memory_limit(const Options& options, const Json& request) {
  std::string heap = options.driver_memory;
  const auto take = [&heap](const Json& from, const char* name) {
    const auto found = from.is_object() ? from.find(name) : from.end();
    if (found != from.end() && found->is_string()) heap = found->get<std::string>();
  };
  take(request, "driverMemory");
  if (const auto conf = request.find("conf"); conf != request.end())
    take(*conf, "spark.driver.memory");
  return 2 * memory_bytes(heap) + kMemoryBesideHeap;
}

sandbox::Request sandbox_request(const Options& options, const std::string& name,
                                 const Json& request) {
  sandbox::Request out;
  out.name = "livy-" + name;
  out.directory = options.data_directory + "/" + name;
  out.readable = readable_paths(options);
  out.limits = {memory_limit(options, request), options.max_processes};
  return out;
}

}  // namespace

std::uint64_t memory_bytes(const std::string& text) {
  std::uint64_t number = 0;
  std::size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    number = number * 10 + static_cast<std::uint64_t>(text[i] - '0');
  }
  const char unit = i < text.size() ? text[i] : 'b';
  switch (unit) {
    case 'k':
    case 'K': return number << 10;
    case 'm':
    case 'M': return number << 20;
    case 'g':
    case 'G': return number << 30;
    case 't':
    case 'T': return number << 40;
    default: return number;
  }
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

namespace {

// Its folders and sandbox.
Status place_driver(const Options& options, sandbox::Sandboxes& sandboxes, platform::Files& files,
                    const std::string& name, const Json& request, Driver::Plan& plan) {
  plan.directory = options.data_directory + "/" + name;
  plan.log_path = plan.directory + "/log";
  plan.shares_sandbox = options.cluster.has_value();
  if (!options.cluster) {
    TARN_TRY(plan.sandbox, sandboxes.open(sandbox_request(options, name, request)));
    return {};
  }
  plan.sandbox = options.cluster->box;
  return files.make_directories(plan.directory);
}

std::map<std::string, std::string> whole_environment(const Options& options,
                                                     const iam::Credential& keys,
                                                     const sandbox::Sandboxes& sandboxes,
                                                     const std::string& home) {
  auto out = driver_environment(options, keys, home);
  // For programs that a cell starts without this environment's keys.
  for (const auto& [name, value] : metadata::environment(options.endpoint_url, keys))
    out[name] = value;
  // A folder that all may write would be a way from one session into another.
  if (sandboxes.mode() != sandbox::Mode::kNone) out.erase("MPLCONFIGDIR");
  if (!options.cluster) return out;
  for (const auto& [name, value] : options.cluster->environment) out[name] = value;
  return out;
}

}  // namespace

Result<Driver::Plan> launch_plan(const Options& options, iam::Credentials& credentials,
                                 sandbox::Sandboxes& sandboxes, platform::Files& files,
                                 const iam::Credential& owner, const std::string& name,
                                 Json request, bool warm_up) {
  TARN_TRY(const iam::Credential keys, credentials.issue_session(owner, kCredentialLife));
  Driver::Plan plan;
  TARN_CHECK(place_driver(options, sandboxes, files, name, request, plan));
  plan.owner_arn = owner.arn;
  plan.access_key_id = keys.access_key_id;
  const std::string work_directory =
      options.cluster ? options.cluster->work_directory + "/" + name : plan.sandbox.home;
  plan.process.arguments = {options.python, "-m",
                            options.cluster ? options.cluster->driver_module : "tarn_session"};
  plan.process.environment = whole_environment(options, keys, sandboxes, plan.sandbox.home);
  plan.process.directory = plan.sandbox.home;
  plan.process.output_path = plan.log_path;
  plan.process.with_pipes = true;
  plan.process = sandboxes.enclosed(plan.sandbox, std::move(plan.process));
  plan.start = {{"op", "start"},
                {"request", std::move(request)},
                {"platform", platform_settings(options, work_directory)},
                {"warm_up", warm_up}};
  return plan;
}

}  // namespace tarn::livy
