// Hosts: the machines that have joined by `tarn agent`, and the Spark workers that they run.
//
// Place: services/emr, beside the clusters. Threads: the control strand only.
//
// An agent reports every second what it is and which workers it has; the answer lists the workers
// that it is to have (docs/formats/agents.md). Here a worker of a host is a platform::Process like
// one of this machine: it ends when the agent says so, or when its host is lost.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/platform.h"
#include "services/emr/cluster.h"
#include "wire/json_value.h"

namespace tarn::emr {

// What an agent tells of its machine.
struct HostFacts {
  std::string address;         // IPv4, where others reach it; its name here
  std::string run;             // of this start of the agent
  std::string name;            // the machine's
  std::string server_address;  // where it reaches this server
  Capacity capacity;
  std::int64_t disk_mib = 0;
  bool leaving = false;  // it ends once its workers have been drained
};

class Hosts {
 public:
  // Without a report for so long a host is lost.
  static constexpr std::chrono::seconds kLostAfter{15};

  explicit Hosts(platform::Clock& clock) : clock_(clock) {}

  // Takes an agent's report; gives what it is to run. Errors: InvalidRequestException (no such
  // report).
  [[nodiscard]] Result<nlohmann::json> report(const nlohmann::json& report);
  // Notes which hosts are lost.
  void look();

  // Any has joined that is not lost; clusters that begin now compute on these.
  [[nodiscard]] bool any() const;
  // Those that may be given work, by address.
  [[nodiscard]] std::vector<HostFacts> usable() const;
  // It was lost, or has never been here: what was on it is gone.
  [[nodiscard]] bool is_lost(std::string_view address) const;
  // Where agents reach this server; empty: none has joined.
  [[nodiscard]] const std::string& server_address() const { return server_address_; }
  // For an operator.
  [[nodiscard]] nlohmann::json describe() const;

  // A worker on that host, by an order that its agent understands. Errors: kNotFound (no such
  // host).
  [[nodiscard]] Result<std::unique_ptr<platform::Process>> spawn(const std::string& address,
                                                                 nlohmann::json order);

 private:
  struct Worker {
    std::string id;
    nlohmann::json order;
    bool seen = false;     // the agent has it
    bool stopped = false;  // it is not wanted any more
    std::optional<platform::ExitStatus> end;
  };
  struct Host {
    HostFacts facts;
    std::chrono::nanoseconds heard{0};
    Timestamp joined;
    bool lost = false;
    std::map<std::string, std::shared_ptr<Worker>> workers;
  };
  class RemoteProcess;

  void take_workers(const nlohmann::json& list, Host& host);
  static void lose(Host& host);

  platform::Clock& clock_;
  std::map<std::string, Host, std::less<>> hosts_;  // by address
  std::string server_address_;
  std::uint64_t next_worker_ = 1;
};

}  // namespace tarn::emr
