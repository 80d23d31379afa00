// `tarn notebook`: JupyterLab with Spark notebooks that run on the server.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

// Adds the subcommand; the work is done by jupyter/tarn_jupyter in the runtime's Python.
void add_notebook_command(CLI::App& app, Context& context);

}  // namespace tarn::app
