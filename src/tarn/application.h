// Application: the server, put together of application_*: there every room is named once, and what
// of platform/real it runs on.
//
// Place: tarn. Threads: start and stop belong to the thread that owns the program's life.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/emr/spot_market.h"
#include "tarn/account.h"
#include "tarn/configuration.h"
#include "tarn/server_file.h"

namespace tarn::app {

struct ApplicationOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4566;  // 0: a free one
  std::string region = "us-west-2";
  std::vector<std::string> egress_allowed;  // hosts besides AWS's that proxy clients may reach
  bool only_audit_iam = false;              // denials of policies are logged, not enforced
  bool aws_limits = false;                  // enforce what AWS allows in a second
  bool sessions = true;                     // Livy sessions: needs Java and the runtime
  int warm_drivers = 1;
  std::string driver_memory = "1g";
  std::string driver_java_options;
  emr::SpotOptions spot;
  bool sandbox = true;  // what users run is kept apart from the machine by bubblewrap
  // Told, before the server listens, what is missing for some of the services and how to get it.
  std::function<void(const std::string&)> on_warning = [](const std::string&) {
  };
};

class Application {
  struct Parts;

 public:
  // Ready when it returns: it listens, and tarn.json tells where. A data directory is used by one
  // server at a time. Errors, for the operator: kExists (`locked_by` of the message: a server runs
  // over the data directory; or the port is in use), kInvalid (presets, host, something missing for
  // sessions), kIo, kDiskFull, kCorrupt.
  [[nodiscard]] static Result<std::unique_ptr<Application>> start(
      const Configuration& configuration, const ApplicationOptions& options);

  explicit Application(std::unique_ptr<Parts> parts);  // for start alone
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  ~Application();

  [[nodiscard]] const ServerFacts& facts() const;

  // Stops accepting, lets requests under way finish, ends sessions and services, removes tarn.json.
  void stop();

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace tarn::app
