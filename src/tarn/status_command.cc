#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "tarn/commands.h"
#include "tarn/server_call.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

// Asks the server whether it answers; its own words where it does, empty where not.
std::string ask_health(const ServerFacts& facts) {
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::seconds(5));
  stream.connect(facts.reachable_host(), std::to_string(facts.port));
  if (!stream) return {};
  stream << fmt::format("GET /_tarn/health HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n",
                        facts.host, facts.port)
         << std::flush;
  std::string version;
  int status = 0;
  stream >> version >> status;
  if (status != 200) return {};
  std::string line;
  while (std::getline(stream, line) && line != "\r") {
  }
  std::getline(stream, line, '\0');
  return line;
}

// Machines that have joined by `tarn agent`.
nlohmann::json hosts_of(const ServerFacts& facts) {
  const auto answer = call_server(facts, "GET", "/_tarn/agents", "");
  if (!answer.ok() || !answer->is_object()) return nlohmann::json::array();
  return answer->value("hosts", nlohmann::json::array());
}

int run(const Configuration& configuration, bool as_json) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) {
    if (as_json)
      fmt::print("{}\n",
                 nlohmann::json{{"running", false}, {"reason", facts.error().message}}.dump(2));
    if (!as_json) fmt::print("{}\n", facts.error().message);
    return kFailed;
  }
  const auto health = wire::parse_json(ask_health(*facts));
  const bool answers = health.is_object();
  const auto services =
      answers ? health.value("services", std::vector<std::string>()) : std::vector<std::string>();
  const nlohmann::json hosts = answers ? hosts_of(*facts) : nlohmann::json::array();
  if (as_json) {
    // Without the secret: a status is pasted into reports.
    const nlohmann::ordered_json told{{"running", true},
                                      {"answers", answers},
                                      {"pid", facts->pid},
                                      {"endpoint", facts->endpoint},
                                      {"region", facts->region},
                                      {"account_id", facts->account_id},
                                      {"access_key_id", facts->access_key_id},
                                      {"services", services},
                                      {"hosts", hosts},
                                      {"data_dir", configuration.data_directory},
                                      {"log", configuration.log_path()}};
    fmt::print("{}\n", told.dump(2));
  } else {
    fmt::print("{}\n", answers ? "running" : "running, but it does not answer: see `tarn logs`");
    fmt::print(
        "  process    {}\n  endpoint   {}\n  region     {}\n  account    {}\n  data       {}\n  "
        "log        {}\n  services   {}\n",
        facts->pid, facts->endpoint, facts->region, facts->account_id, configuration.data_directory,
        configuration.log_path(), fmt::join(services, " "));
    for (const auto& host : hosts) {
      fmt::print("  host       {} {} ({}), {} cores, {} workers\n", host.value("address", ""),
                 host.value("state", ""), host.value("name", ""), host.value("cores", 0),
                 host.value("workers", 0));
    }
  }
  return answers ? 0 : kFailed;
}

}  // namespace

void add_status_command(CLI::App& app, Context& context) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("status", "Tell whether a server runs and answers (exit code 0: it does)");
  add_data_directory(*command, context);
  command->add_flag("--json", *as_json, "print JSON");
  add_examples(*command,
               "  tarn status\n"
               "  tarn status --json | jq -r .endpoint");
  command->callback(
      [&context, as_json] { context.exit_code = run(context.configuration, *as_json); });
}

}  // namespace tarn::app
