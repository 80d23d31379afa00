#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "tarn/client_environment.h"
#include "tarn/commands.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

struct EnvOptions {
  bool transparent = false;
  bool unset = false;
  std::string shell;
};

std::string quoted(const std::string& value, const char* escaped_quote) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'') {
      out += escaped_quote;
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

// Each line ends with a semicolon, so that an eval without quotes around $(tarn env) works too.
std::string bash_line(const Variable& variable) {
  if (variable.unset) return fmt::format("unset {};\n", variable.name);
  return fmt::format("export {}={};\n", variable.name, quoted(variable.value, "'\\''"));
}

std::string fish_line(const Variable& variable) {
  if (variable.unset) return fmt::format("set -e {};\n", variable.name);
  return fmt::format("set -gx {} {};\n", variable.name, quoted(variable.value, "\\'"));
}

std::string to_json(const std::vector<Variable>& variables) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Variable& variable : variables) {
    json[variable.name] =
        variable.unset ? nlohmann::ordered_json() : nlohmann::ordered_json(variable.value);
  }
  return json.dump(2) + "\n";
}

int run(const Configuration& configuration, const EnvOptions& options) {
  std::vector<Variable> variables;
  if (options.unset) {
    variables = cleared_environment();
  } else {
    const auto facts = find_server(configuration);
    if (!facts.ok()) return report(facts.error());
    variables = options.transparent ? transparent_environment(*facts) : direct_environment(*facts);
  }
  std::string shell = options.shell;
  if (shell.empty()) shell = configuration.shell == "fish" ? "fish" : "bash";
  std::string out;
  if (shell == "json") {
    out = to_json(variables);
  } else {
    for (const Variable& variable : variables)
      out += shell == "fish" ? fish_line(variable) : bash_line(variable);
  }
  fmt::print("{}", out);
  return 0;
}

}  // namespace

void add_env_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<EnvOptions>();
  CLI::App* command =
      app.add_subcommand("env", "Print what leads a shell, an SDK or Spark to the server");
  add_data_directory(*command, context);
  command->add_flag("--transparent", options->transparent,
                    "lead every *.amazonaws.com name here, for programs that take no endpoint");
  command->add_flag("--unset", options->unset, "print what takes it back");
  command
      ->add_option("--shell", options->shell,
                   "bash (zsh and sh too), fish or json; the shell in use by default")
      ->check(CLI::IsMember({"bash", "fish", "json"}));
  add_examples(*command,
               "  eval \"$(tarn env)\"\n"
               "  eval \"$(tarn env --transparent)\" && aws emr list-clusters\n"
               "  tarn env --shell fish | source\n"
               "  eval \"$(tarn env --unset)\"");
  command->callback(
      [&context, options] { context.exit_code = run(context.configuration, *options); });
}

}  // namespace tarn::app
