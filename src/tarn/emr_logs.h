// `tarn emr logs`: the logs of a cluster and its steps, while they are written and after.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

// Adds `logs` to `tarn emr`.
void add_emr_logs(CLI::App& emr, Context& context);

}  // namespace tarn::app
