// Launch: what a driver process is started with, built from scratch.
//
// Place: services/livy, under sessions.h. Threads: pure functions, but for launch_plan, which
// blocks (it issues credentials).
//
// Nothing of the server's own environment reaches a driver: it has the keys of a session of its own
// (never the root key), the ways to tarn for clients that honour the environment, and the egress
// listener for names that are written into code ("AWS names lead home" in docs/architecture.md). It
// runs in a sandbox (src/sandbox), which shows it the runtime and a folder of its own.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/files.h"
#include "sandbox/sandboxes.h"
#include "services/iam/credentials.h"
#include "services/livy/driver.h"

namespace tarn::livy {

// Of sessions that are an EMR cluster's: their drivers are programs of its primary node.
struct ClusterSite {
  std::map<std::string, std::string> environment;  // on top of a driver's own
  std::string driver_module;                       // what is run instead of tarn_session
  std::string
      work_directory;  // in the home of `box`: each driver makes a folder there and removes it
  std::string access_key_id;  // whose keys drivers have copies of, whoever asks for the session
  sandbox::Sandbox box;       // the cluster's, which every driver is in; not closed here
};

struct Options {
  std::string data_directory;                // drivers' files; emptied at start
  std::string cache_directory;               // kept: matplotlib's fonts, without a sandbox
  std::string archive_directory;             // class-data archives, if any were made
  std::string python;                        // path of an interpreter that has pyspark
  std::string driver_directory;              // the folder that holds tarn_session
  std::vector<std::string> jar_directories;  // Iceberg, AWS clients, the connector
  std::string java_home;
  std::string endpoint_url;  // of this server, "http://127.0.0.1:4566"
  std::string region;
  std::string proxy_host = "127.0.0.1";  // of the egress listener
  int proxy_port = 0;                    // 0: none
  std::string ca_bundle;                 // PEM: the machine's authorities and the account's
  std::string trust_store;               // the same for Java
  std::string trust_store_password;
  int cores = 2;  // threads for the tasks of one session
  std::string driver_memory = "1g";
  std::string driver_java_options;  // of every session's JVM, as a shell reads them
  int warm_drivers = 1;  // started and kept ready for sessions without configuration of their own
  int max_sessions = 10;
  std::uint32_t max_processes = 2048;  // and threads, of one session; a JVM has some two hundred
  std::chrono::seconds start_timeout{120};
  std::chrono::seconds session_timeout{0};  // of a session that does nothing and nobody asks for;
                                            // 0: it lives on
  std::chrono::milliseconds warm_up_delay{3000};  // after the server's start, or one being taken
  std::optional<ClusterSite> cluster;             // not set: drivers are Spark themselves
};

// A driver's keys are valid as long as it lives: they are given so much at a time, and again when
// less than kCredentialLeft of it is left. They end with it, or so long after a server that was
// killed.
inline constexpr std::chrono::seconds kCredentialLife{3600};
inline constexpr std::chrono::seconds kCredentialLeft{2400};

// Whether sessions can be started at all. Errors (kInvalid): what is missing and how to get it.
[[nodiscard]] Status check(const Options& options, platform::Files& files);

// What a program of Spark reads of this machine, for its sandbox.
[[nodiscard]] std::vector<std::string> readable_paths(const Options& options);
// The whole environment of a process with the keys `keys`, whose home is `directory`.
[[nodiscard]] std::map<std::string, std::string> driver_environment(const Options& options,
                                                                    const iam::Credential& keys,
                                                                    const std::string& directory);
// What the Python side is told of the machine; `directory` is the process's own.
[[nodiscard]] Json platform_settings(const Options& options, const std::string& directory);

// A plan of a driver for `request` (the body of POST /sessions), with new keys of `owner`, in a
// sandbox of its own or its cluster's. `name` is a new folder of data_directory. Errors: kIo,
// kDiskFull.
[[nodiscard]] Result<Driver::Plan> launch_plan(const Options& options,
                                               iam::Credentials& credentials,
                                               sandbox::Sandboxes& sandboxes,
                                               platform::Files& files, const iam::Credential& owner,
                                               const std::string& name, Json request, bool warm_up);

// Bytes of a JVM memory size such as "512m"; 0 for what is none.
[[nodiscard]] std::uint64_t memory_bytes(const std::string& text);

}  // namespace tarn::livy
