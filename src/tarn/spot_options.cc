#include "tarn/spot_options.h"

#include <fmt/format.h>

namespace tarn::app {

void add_spot_options(CLI::App& command, emr::SpotOptions& options) {
  command
      .add_option("--spot-seed", options.seed,
                  "the chance of Spot prices and interruptions: the same seed, the same market")
      ->capture_default_str();
  command
      .add_option("--spot-scarcity", options.scarcity,
                  "the share of hours in which a type has no Spot capacity; 1: it never has")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option_function<double>(
          "--spot-interruptions",
          [&options](const double& rate) { options.interruptions_per_hour = rate; },
          "how often EC2 takes a Spot instance, in an hour; as often as its type is taken on AWS "
          "by "
          "default")
      ->check(CLI::Range(0.0, 60.0))
      ->type_name("RATE");
  command
      .add_option_function<int>(
          "--spot-notice",
          [&options](const int& seconds) { options.notice = std::chrono::seconds(seconds); },
          "how long before a Spot instance is taken it is told")
      ->check(CLI::Range(0, 86400))
      ->type_name("SECONDS")
      ->default_str("120");
}

void add_spot_arguments(const emr::SpotOptions& options, std::vector<std::string>& arguments) {
  arguments.push_back(fmt::format("--spot-seed={}", options.seed));
  arguments.push_back(fmt::format("--spot-scarcity={}", options.scarcity));
  arguments.push_back(fmt::format("--spot-notice={}", options.notice.count()));
  if (options.interruptions_per_hour) {
    arguments.push_back(fmt::format("--spot-interruptions={}", *options.interruptions_per_hour));
  }
}

}  // namespace tarn::app
