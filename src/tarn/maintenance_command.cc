#include "tarn/maintenance_command.h"

#include <chrono>
#include <cstdio>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tarn/server_call.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

std::string time_text(const nlohmann::json& ms) {
  if (!ms.is_number()) return "-";
  const std::chrono::sys_seconds at{std::chrono::seconds(ms.get<std::int64_t>() / 1000)};
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", at);
}

void print_list(const nlohmann::json& body) {
  fmt::print("{:<40} {:<26} {}\n", "TABLE", "LAST RUN", "STEPS");
  for (const auto& table : body.at("tables")) {
    const auto& fault = table.at("fault");
    fmt::print("{:<40} {:<26} {}\n", table.at("table").get<std::string>(),
               time_text(table.at("last-started-ms")),
               fault.is_null() ? table.at("steps").dump() : fault.get<std::string>());
  }
  fmt::print("\n{:<5} {:<40} {:<12} {:<9} {:<21} {}\n", "RUN", "TABLE", "KIND", "STATE", "STARTED",
             "OUTCOME");
  for (const auto& run : body.at("runs")) {
    const auto& reason = run.at("reason");
    fmt::print("{:<5} {:<40} {:<12} {:<9} {:<21} {}\n", run.at("id").get<int>(),
               run.at("table").get<std::string>(), run.at("kind").get<std::string>(),
               run.at("state").get<std::string>(), time_text(run.at("started-ms")),
               reason.is_null() ? run.at("steps").dump() : reason.get<std::string>());
  }
}

int ask(const Configuration& configuration, const std::string& method, const std::string& path,
        const std::string& body, bool as_json) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  const auto reply = call_server(*facts, method, "/_tarn/maintenance" + path, body);
  if (!reply.ok()) return report(reply.error());
  if (method == "GET" && !as_json) {
    print_list(*reply);
  } else if (!reply->is_discarded()) {
    fmt::print("{}\n", reply->dump(2));
  }
  return 0;
}

}  // namespace

void add_maintenance_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "maintenance", "Upkeep of Iceberg tables: compaction, snapshot expiry, orphan removal");
  command->fallthrough();  // its options may stand after those of a subcommand
  add_data_directory(*command, context);
  command->require_subcommand(1);
  add_examples(*command,
               "  tarn maintenance list\n"
               "  tarn maintenance run analytics.events\n"
               "  tarn maintenance stop 7");
  auto as_json = std::make_shared<bool>(false);
  CLI::App* list = command->add_subcommand("list", "Tables that are looked after, and runs");
  list->add_flag("--json", *as_json, "print JSON");
  list->callback([&context, as_json] {
    context.exit_code = ask(context.configuration, "GET", "", "", *as_json);
  });
  auto table = std::make_shared<std::string>();
  CLI::App* run = command->add_subcommand("run", "Run a table's steps now");
  run->add_option("table", *table, "the table")->type_name("DATABASE.TABLE")->required();
  run->callback([&context, table] {
    const std::string body = nlohmann::json{{"table", *table}}.dump();
    context.exit_code = ask(context.configuration, "POST", "/runs", body, true);
  });
  auto id = std::make_shared<int>(0);
  CLI::App* stop = command->add_subcommand("stop", "Stop a run, or take it from the queue");
  stop->add_option("run", *id, "its number in the list")->type_name("RUN")->required();
  stop->callback([&context, id] {
    context.exit_code =
        ask(context.configuration, "DELETE", fmt::format("/runs/{}", *id), "", true);
  });
}

}  // namespace tarn::app
