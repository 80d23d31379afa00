#include <fmt/format.h>

#include "tarn/commands.h"
#include "tarn/version.h"

namespace tarn::app {

void add_version_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  add_examples(*command, "  tarn version");
  command->callback([&context] {
    fmt::print("tarn {}\n", kVersion);
    context.exit_code = 0;
  });
}

}  // namespace tarn::app
