#include <chrono>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "platform/real/process_table.h"
#include "tarn/commands.h"

namespace tarn::app {

namespace {

using std::chrono::milliseconds;
namespace real = platform::real;

struct DownOptions {
  int timeout_s = 30;
  bool force = false;
};

bool wait_until_free(const Configuration& configuration, milliseconds limit) {
  constexpr milliseconds kStep{20};
  for (milliseconds waited{0}; waited < limit; waited += kStep) {
    if (!real::lock_holder(configuration.lock_path())) return true;
    real::pause_thread(kStep);
  }
  return false;
}

int run(const Configuration& configuration, const DownOptions& options) {
  const auto pid = real::lock_holder(configuration.lock_path());
  if (!pid) {
    fmt::print("no server runs over {}\n", configuration.data_directory);
    return 0;
  }
  if (const Status sent = real::send_signal(*pid, SIGTERM);
      !sent.ok() && !sent.error().is(code::kNotFound)) {
    return report(sent.error());
  }
  bool stopped = wait_until_free(configuration, std::chrono::seconds(options.timeout_s));
  if (!stopped && options.force) {
    fmt::print(stderr, "tarn: process {} did not stop in {} s, killing it\n", *pid,
               options.timeout_s);
    [[maybe_unused]] const Status killed = real::send_signal(*pid, SIGKILL);
    stopped = wait_until_free(configuration, std::chrono::seconds(10));
  }
  if (!stopped) {
    return report(
        Error(code::kTimeout,
              fmt::format("process {} did not stop in {} s; see `tarn logs`, or end it by "
                          "`tarn down --force`: what was acknowledged is on disk",
                          *pid, options.timeout_s)));
  }
  fmt::print("stopped (process {})\n", *pid);
  return 0;
}

}  // namespace

void add_down_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<DownOptions>();
  CLI::App* command = app.add_subcommand("down", "Stop the server and wait until it has stopped");
  add_data_directory(*command, context);
  command->add_option("--timeout", options->timeout_s, "how long to wait, in seconds")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command->add_flag("--force", options->force, "kill it when the time is over");
  add_examples(*command,
               "  tarn down\n"
               "  tarn down --data-dir /srv/tarn --timeout 120");
  command->callback(
      [&context, options] { context.exit_code = run(context.configuration, *options); });
}

}  // namespace tarn::app
