#include "tarn/configuration.h"

#include <filesystem>
#include <string_view>

#include <unistd.h>

#include "platform/real/process_table.h"

namespace tarn::app {

namespace {

using Environment = std::map<std::string, std::string>;

Environment read_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

// An empty variable counts as absent, as shells have it.
std::optional<std::string> find(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::string default_data_directory(const Environment& environment) {
  if (const auto data = find(environment, "TARN_DATA_DIR")) return absolute_path(*data);
  if (const auto xdg = find(environment, "XDG_DATA_HOME")) return absolute_path(*xdg + "/tarn");
  return absolute_path(find(environment, "HOME").value_or("/root") + "/.local/share/tarn");
}

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

std::string Configuration::root_key_path() const {
  if (root_key_file) return *root_key_file;
  std::string directory = data_directory;
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory + ".root-key";
}

Configuration read_configuration() {
  Configuration out;
  out.environment = read_environment();
  const Environment& environment = out.environment;
  out.program = platform::real::program_path();
  // bin/tarn stands beside runtime, connector and share.
  const std::filesystem::path home = std::filesystem::path(out.program).parent_path().parent_path();
  out.usual_data_directory = default_data_directory(environment);
  out.data_directory = out.usual_data_directory;
  if (const auto file = find(environment, "TARN_ROOT_KEY_FILE")) {
    out.root_key_file = absolute_path(*file);
  }
  out.runtime_directory = find(environment, "TARN_RUNTIME_DIR").value_or(home / "runtime");
  out.connector_directory = find(environment, "TARN_CONNECTOR_DIR").value_or(home / "connector");
  out.share_directory = find(environment, "TARN_SHARE_DIR").value_or(home / "share");
  out.java_home =
      find(environment, "TARN_JAVA_HOME").value_or(find(environment, "JAVA_HOME").value_or(""));
  out.account_id = find(environment, "TARN_ACCOUNT_ID");
  out.root_access_key_id = find(environment, "TARN_ROOT_ACCESS_KEY_ID");
  out.root_secret_access_key = find(environment, "TARN_ROOT_SECRET_ACCESS_KEY");
  out.shell = std::filesystem::path(find(environment, "SHELL").value_or("")).filename().string();
  return out;
}

}  // namespace tarn::app
