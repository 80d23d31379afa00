// Configuration: what the environment and the place of the program say; the only reader of
// environment variables.
//
// Place: tarn. Threads: read once in main, then constant.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace tarn::app {

struct Configuration {
  // Where a server keeps everything: TARN_DATA_DIR, or `tarn` in XDG_DATA_HOME (~/.local/share).
  // --data-dir overrides.
  std::string data_directory;
  std::string usual_data_directory;  // without the option
  // What wraps the KMS keys, outside the data directory: TARN_ROOT_KEY_FILE, or the data
  // directory's name and ".root-key" beside it. --root-key-file overrides.
  std::optional<std::string> root_key_file;
  // The Python environment and jars of sessions: TARN_RUNTIME_DIR, or `runtime` beside the folder
  // of the program.
  std::string runtime_directory;
  std::string
      connector_directory;  // the Spark source's jar: TARN_CONNECTOR_DIR, or `connector` beside it
  std::string share_directory;  // programs that tarn runs: TARN_SHARE_DIR, or `share` beside it
  std::string java_home;        // TARN_JAVA_HOME, JAVA_HOME; empty: what the system has
  // Presets of the first start.
  std::optional<std::string> account_id;
  std::optional<std::string> root_access_key_id;
  std::optional<std::string> root_secret_access_key;

  std::string program;  // path of the program that runs
  std::string shell;    // the user's, as "bash"; empty where unknown
  std::map<std::string, std::string> environment;

  [[nodiscard]] std::string log_path() const { return data_directory + "/log/tarn.log"; }
  [[nodiscard]] std::string lock_path() const { return data_directory + "/lock"; }
  [[nodiscard]] std::string server_path() const { return data_directory + "/tarn.json"; }
  [[nodiscard]] std::string root_key_path() const;
  [[nodiscard]] std::string aws_cli_path() const { return runtime_directory + "/python/bin/aws"; }
};

[[nodiscard]] Configuration read_configuration();

// `path` from the root, without dots.
[[nodiscard]] std::string absolute_path(const std::string& path);

}  // namespace tarn::app
