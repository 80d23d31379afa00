// `tarn maintenance`: the upkeep of Iceberg tables, seen and steered from a shell.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

void add_maintenance_command(CLI::App& app, Context& context);

}  // namespace tarn::app
