// HistoryServer: Spark's history server over the event logs of one cluster, run while it is asked.
//
// Place: services/emr, under life.h (of a cluster that lives) and persistent_uis.h (of one that has
// ended). Threads: the control strand only.
//
// It is a JVM of some 300 MB, so it is started by the first question and ended when nobody has
// asked for kRest.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/network.h"
#include "platform/platform.h"

namespace tarn::emr {

// Where people know it, and where it is: the first is a door (gateway/doors.h).
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-web-interfaces.html
inline constexpr std::uint16_t kHistoryPort = 18080;
inline constexpr std::uint16_t kHistoryOwnPort = 18480;

class HistoryServer {
 public:
  static constexpr std::chrono::minutes kRest{10};

  using Spec = std::function<platform::ProcessSpec()>;

  // `spec` makes it listen at that address and port.
  HistoryServer(platform::Platform platform, platform::Network& network, std::string address,
                std::uint16_t port, Spec spec)
      : platform_(platform),
        network_(network),
        address_(std::move(address)),
        port_(port),
        spec_(std::move(spec)) {}

  // Starts it where it does not run. False: it starts, ask again in a moment. Errors: kIo (it ended
  // by itself; the next call starts it again), kNotFound (no Python).
  [[nodiscard]] static Task<Result<bool>> ready(std::shared_ptr<HistoryServer> self);
  // Returns once its process is reaped; it is started no more.
  [[nodiscard]] Task<void> stop();

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool runs() const { return process_ != nullptr; }

 private:
  static Task<void> watch(std::shared_ptr<HistoryServer> self);

  platform::Platform platform_;
  platform::Network& network_;
  const std::string address_;
  const std::uint16_t port_;
  const Spec spec_;
  std::unique_ptr<platform::Process> process_;
  std::chrono::nanoseconds asked_{0};
  bool answers_ = false;
  bool stopping_ = false;
  std::string failure_;  // why it ended by itself; told once
};

}  // namespace tarn::emr
