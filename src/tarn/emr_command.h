// `tarn emr`: what an operator does with clusters beside the EMR API.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

void add_emr_command(CLI::App& app, Context& context);

}  // namespace tarn::app
