// The command line: all commands, their help and how a wrong one is answered.

#include <cstdio>

#include <fmt/format.h>

#include "tarn/agent_command.h"
#include "tarn/commands.h"
#include "tarn/configuration.h"
#include "tarn/cost_command.h"
#include "tarn/emr_command.h"
#include "tarn/generate_command.h"
#include "tarn/guidance_command.h"
#include "tarn/maintenance_command.h"
#include "tarn/notebook_command.h"

namespace tarn::app {

void add_data_directory(CLI::App& command, Context& context) {
  command
      .add_option("--data-dir", context.configuration.data_directory,
                  "where the server keeps everything (or TARN_DATA_DIR)")
      ->type_name("DIR")
      ->capture_default_str()
      ->transform([](const std::string& path) { return absolute_path(path); });
}

void add_examples(CLI::App& command, const std::string& lines) {
  command.footer("Examples:\n" + lines);
}

int report(const Error& error) {
  fmt::print(stderr, "tarn: {}\n", error.message);
  return kFailed;
}

namespace {

void add_commands(CLI::App& app, Context& context) {
  add_up_command(app, context);
  add_down_command(app, context);
  add_status_command(app, context);
  add_logs_command(app, context);
  add_env_command(app, context);
  add_aws_command(app, context);
  add_deploy_command(app, context);
  add_destroy_command(app, context);
  add_generate_command(app, context);
  add_notebook_command(app, context);
  add_maintenance_command(app, context);
  add_emr_command(app, context);
  add_cost_command(app, context);
  add_agent_command(app, context);
  add_agent_token_command(app, context);
  add_completion_command(app, context);
  add_version_command(app, context);
}

}  // namespace

int run_command_line(int argument_count, char** arguments) {
  Context context{read_configuration()};
  CLI::App app("The big-data platform of AWS on your own machine.", "tarn");
  add_examples(app,
               "  tarn up --detach            start the server\n"
               "  eval \"$(tarn env)\"          lead this shell's AWS clients to it\n"
               "  tarn aws s3 ls              run the AWS CLI against it\n"
               "  tarn down                   stop it");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_commands(app, context);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    // Which command's help would have told.
    std::string command = "tarn";
    for (const CLI::App* chosen : app.get_subcommands()) command += " " + chosen->get_name();
    fmt::print(stderr, "tarn: {}\nSee `{} --help`.\n", error.what(), command);
    return kUsage;
  }
  return context.exit_code;
}

}  // namespace tarn::app
