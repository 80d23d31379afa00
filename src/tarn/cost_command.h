// `tarn cost`: what a cluster or a template would cost on AWS, and what has run would have.
//
// Place: tarn; over src/cost. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

void add_cost_command(CLI::App& app, Context& context);

}  // namespace tarn::app
