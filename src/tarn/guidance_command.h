// `tarn deploy guidance` and `tarn destroy guidance`.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

void add_deploy_command(CLI::App& app, Context& context);
void add_destroy_command(CLI::App& app, Context& context);

}  // namespace tarn::app
