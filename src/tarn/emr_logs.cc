#include "tarn/emr_logs.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "platform/real/process_table.h"
#include "tarn/server_call.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

constexpr std::chrono::milliseconds kLogPause{300};
// Of each log of a cluster that is shown as a whole.
constexpr int kLastBytes = 4000;

struct EmrLogOptions {
  std::string cluster;
  std::string step;
  std::string log;
  bool follow = false;
};

bool print_text(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

Result<nlohmann::json> read_log(const ServerFacts& facts, const EmrLogOptions& options,
                                const std::string& name, std::int64_t offset) {
  return call_server(
      facts, "GET",
      fmt::format("/_tarn/clusters/{}/logs/{}?offset={}", options.cluster, name, offset), "");
}

// All of it; with --follow, what comes until its step or cluster has ended.
Status show_log(const ServerFacts& facts, const EmrLogOptions& options, const std::string& name) {
  std::int64_t offset = 0;
  for (;;) {
    TARN_TRY(const nlohmann::json piece, read_log(facts, options, name, offset));
    const std::string text = piece.value("text", "");
    offset = piece.value("next", offset);
    if (!print_text(text)) return {};
    if (!text.empty()) continue;
    if (!options.follow || piece.value("ended", true)) return {};
    platform::real::pause_thread(kLogPause);
  }
}

Status show_cluster(const ServerFacts& facts, const EmrLogOptions& options) {
  TARN_TRY(const nlohmann::json cluster,
           call_server(facts, "GET", "/_tarn/clusters/" + options.cluster, ""));
  for (const char* name : {"master", "worker"}) {
    const auto piece = read_log(facts, options, name, -kLastBytes);
    // One that never began, or a cluster that kept none.
    const std::string text = piece.ok() ? piece->value("text", "") : piece.error().message + "\n";
    fmt::print("==> {} <==\n{}\n", name, text);
  }
  fmt::print("{:<24} {:<12} {}\n", "STEP", "STATE", "NAME");
  for (const nlohmann::json& step : cluster.value("steps", nlohmann::json::array())) {
    fmt::print("{:<24} {:<12} {}\n", step.value("id", ""), step.value("state", ""),
               step.value("name", ""));
  }
  return {};
}

int run_emr_logs(const Configuration& configuration, const EmrLogOptions& options) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  Status shown;
  if (options.step.empty() && !options.follow) {
    shown = show_cluster(*facts, options);
  } else if (options.step.empty()) {
    shown = show_log(*facts, options, options.log.empty() ? "worker" : options.log);
  } else {
    const std::string log = options.log.empty() ? "stderr" : options.log;
    shown = show_log(*facts, options, fmt::format("steps/{}/{}", options.step, log));
  }
  return shown.ok() ? 0 : report(shown.error());
}

}  // namespace

void add_emr_logs(CLI::App& emr, Context& context) {
  auto options = std::make_shared<EmrLogOptions>();
  CLI::App* command = emr.add_subcommand(
      "logs", "Show the logs of a cluster, or of one of its steps: from its LogUri once it ended");
  command->add_option("cluster", options->cluster, "its id, j-…")->type_name("CLUSTER")->required();
  command->add_option("step", options->step, "one of its steps, s-…")->type_name("STEP");
  command
      ->add_option("--log", options->log,
                   "which: stderr (usual), stdout or controller of a step; master or worker")
      ->check(CLI::IsMember({"stderr", "stdout", "controller", "master", "worker"}));
  command->add_flag("-f,--follow", options->follow,
                    "go on showing what comes, until the step or the cluster has ended");
  add_examples(*command,
               "  tarn emr logs j-1K48XXXXXXHCB\n"
               "  tarn emr logs j-1K48XXXXXXHCB s-3M8DXXXXXXGA --log stdout --follow");
  command->callback(
      [&context, options] { context.exit_code = run_emr_logs(context.configuration, *options); });
}

}  // namespace tarn::app
