#include "tarn/notebook_command.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "platform/real/files.h"
#include "platform/real/process_table.h"
#include "tarn/client_environment.h"

namespace tarn::app {

namespace {

int run(const Configuration& configuration, const std::vector<std::string>& arguments) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  const std::string python = configuration.runtime_directory + "/python/bin/python";
  if (!platform::real::Files().exists(python)) {
    return report(Error(code::kNotFound,
                        fmt::format("JupyterLab's Python is not at {}: `./dev setup` installs it, "
                                    "and TARN_RUNTIME_DIR tells where another runtime is",
                                    python)));
  }
  std::map<std::string, std::string> environment = configuration.environment;
  for (const Variable& variable : direct_environment(*facts)) {
    if (variable.unset) {
      environment.erase(variable.name);
    } else {
      environment[variable.name] = variable.value;
    }
  }
  environment["PYTHONPATH"] = configuration.share_directory;
  environment["TARN_NOTEBOOK_FILE"] = configuration.data_directory + "/notebook.json";
  std::vector<std::string> command = {python, "-m", "tarn_jupyter"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return report(platform::real::become_program(command, environment));
}

}  // namespace

void add_notebook_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("notebook", "Start JupyterLab with Spark notebooks on the server");
  add_data_directory(*command, context);
  // [--cluster ID] [--port N] [--ip ADDRESS] [--no-browser] [FILE] are read by the launcher.
  command->prefix_command();
  command->footer(
      "[--cluster ID]: run notebooks on an EMR cluster that has Livy\n"
      "Options of JupyterLab: [--port N] [--ip ADDRESS] [--no-browser] [FILE or folder]\n\n"
      "Examples:\n"
      "  tarn notebook\n"
      "  tarn notebook --cluster j-2AXXXXXXGAPLF\n"
      "  tarn notebook --no-browser --port 8899 notebooks/realtime-impression-tracking.ipynb");
  command->callback([&context, command] {
    context.exit_code = run(context.configuration, command->remaining());
  });
}

}  // namespace tarn::app
