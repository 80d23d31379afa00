#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "platform/real/files.h"
#include "platform/real/process_table.h"
#include "tarn/client_environment.h"
#include "tarn/commands.h"

namespace tarn::app {

namespace {

std::map<std::string, std::string> environment_for(const Configuration& configuration,
                                                   const ServerFacts& facts) {
  std::map<std::string, std::string> out = configuration.environment;
  for (const Variable& variable : direct_environment(facts)) {
    if (variable.unset) {
      out.erase(variable.name);
    } else {
      out[variable.name] = variable.value;
    }
  }
  // The server is reached directly, whatever proxy the shell has.
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    std::string& hosts = out[name];
    hosts += fmt::format("{}{},127.0.0.1,localhost", hosts.empty() ? "" : ",", facts.host);
  }
  return out;
}

int run(const Configuration& configuration, const std::vector<std::string>& arguments) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  const std::string program = configuration.aws_cli_path();
  if (!platform::real::Files().exists(program)) {
    return report(Error(code::kNotFound,
                        fmt::format("the AWS CLI is not at {}: `./dev setup` installs it, and "
                                    "TARN_RUNTIME_DIR tells where another runtime is",
                                    program)));
  }
  // By option, since the CLI ignores AWS_ENDPOINT_URL for some services (emr).
  std::vector<std::string> command = {program, "--endpoint-url", facts->endpoint};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return report(platform::real::become_program(command, environment_for(configuration, *facts)));
}

}  // namespace

void add_aws_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("aws", "Run the AWS CLI against the server");
  add_data_directory(*command, context);
  // Everything from the first word that is not an option of this command on belongs to the AWS CLI.
  command->prefix_command();
  command->footer(
      "All that follows is the AWS CLI's own; its output and exit code are unchanged.\n\n"
      "Examples:\n"
      "  tarn aws kinesis create-stream --stream-name pixels --shard-count 2\n"
      "  tarn aws s3 cp report.csv s3://my-bucket/\n"
      "  tarn aws emr list-clusters");
  command->callback([&context, command] {
    context.exit_code = run(context.configuration, command->remaining());
  });
}

}  // namespace tarn::app
