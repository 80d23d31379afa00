// Agent: the other side of hosts.h, on a machine that has joined. Reports what it is, starts the
// workers that the server's answer lists, in a sandbox each, and ends those that it does not.
//
// Place: services/emr; `tarn agent` makes one. Threads: the control strand only.
//
// What it owns ends with it. A server that does not answer for kServerPatience is gone: its workers
// are ended, and the agent goes on asking.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/network.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/emr/launch.h"
#include "wire/json_value.h"

namespace tarn::emr {

struct AgentOptions {
  std::string server_host;  // a name or an IPv4 address
  std::uint16_t server_port = 0;
  std::string token;
  std::string name;   // of this machine
  Capacity capacity;  // that it gives
  std::int64_t disk_mib = 0;
  EmrOptions spark;  // what workers are started with; the endpoint is the server's
};

class Agent {
 public:
  static constexpr std::chrono::seconds kReportEvery{1};
  static constexpr std::chrono::seconds kServerPatience{60};

  Agent(platform::Platform platform, platform::Network& network, sandbox::Sandboxes& sandboxes,
        AgentOptions options);

  // Until it has left (leave()), was stopped, or the server refuses it for good. All of its workers
  // have ended then. Errors, for the operator: kInvalid (the server's refusal).
  [[nodiscard]] Task<Status> run();
  // From now on it takes no further work; run() ends when the server has drained it.
  void leave() { leaving_ = true; }
  // Now.
  void stop() { stopping_ = true; }

 private:
  struct Worker {
    std::string folder;
    std::string log;
    std::optional<sandbox::Sandbox> box;
    std::unique_ptr<platform::Process> process;
    std::optional<platform::ExitStatus> end;
  };

  [[nodiscard]] nlohmann::json report() const;
  // True: the server has let it go.
  [[nodiscard]] Task<Result<bool>> ask();
  [[nodiscard]] Task<void> follow(nlohmann::json orders);
  [[nodiscard]] Task<Status> start(std::string id, nlohmann::json order);
  [[nodiscard]] Task<void> end(std::string id);
  [[nodiscard]] Task<void> end_all();
  void note_ends();
  [[nodiscard]] Task<void> bound_logs();

  platform::Platform platform_;
  platform::Network& network_;
  sandbox::Sandboxes& sandboxes_;
  AgentOptions options_;
  std::string run_;
  std::map<std::string, Worker> workers_;  // by the server's id
  std::chrono::nanoseconds heard_{0};
  bool leaving_ = false;
  bool stopping_ = false;
};

}  // namespace tarn::emr
