#include "tarn/emr_command.h"

#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "tarn/emr_logs.h"
#include "tarn/server_call.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

struct Interruption {
  std::string cluster;
  std::string instance;
  std::optional<int> notice;
};

int interrupt(const Configuration& configuration, const Interruption& asked) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  nlohmann::json body = nlohmann::json::object();
  if (!asked.instance.empty()) body["instance"] = asked.instance;
  if (asked.notice) body["notice"] = *asked.notice;
  const auto reply =
      call_server(*facts, "POST",
                  fmt::format("/_tarn/emr/clusters/{}/interruptions", asked.cluster), body.dump());
  if (!reply.ok()) return report(reply.error());
  fmt::print("{} is taken in {} s\n", reply->value("instance", ""), reply->value("notice", 0));
  return 0;
}

void add_interrupt(CLI::App& emr, Context& context) {
  auto asked = std::make_shared<Interruption>();
  CLI::App* command =
      emr.add_subcommand("interrupt", "Take a Spot instance of a cluster back, as EC2 does");
  command->add_option("cluster", asked->cluster, "its id, j-…")->type_name("CLUSTER")->required();
  command
      ->add_option("--instance", asked->instance,
                   "the instance, i-…; the oldest Spot instance by default")
      ->type_name("ID");
  command
      ->add_option("--notice", asked->notice,
                   "how long before it is told; as `tarn up --spot-notice` says by default")
      ->check(CLI::Range(0, 86400))
      ->type_name("SECONDS");
  add_examples(*command,
               "  tarn emr interrupt j-1K48XXXXXXHCB\n"
               "  tarn emr interrupt j-1K48XXXXXXHCB --instance i-0abc1234def567890 --notice 30");
  command->callback(
      [&context, asked] { context.exit_code = interrupt(context.configuration, *asked); });
}

}  // namespace

void add_emr_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("emr", "Clusters: what the AWS CLI has no command for");
  command->fallthrough();  // its options may stand after those of a subcommand
  add_data_directory(*command, context);
  command->require_subcommand(1);
  add_examples(*command, "  tarn emr interrupt j-1K48XXXXXXHCB --notice 30");
  add_interrupt(*command, context);
  add_emr_logs(*command, context);
}

}  // namespace tarn::app
