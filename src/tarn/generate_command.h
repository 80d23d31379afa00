// `tarn generate`: sends records of a Kinesis Data Generator template to a stream.
//
// Place: tarn. Threads: the main thread's; the sockets run on it too.
#pragma once

#include <CLI/CLI.hpp>

#include "tarn/commands.h"

namespace tarn::app {

// Exit code 0 when every record was acknowledged, kFailed when records were lost or the service
// refused, kUsage for options or templates that are wrong.
void add_generate_command(CLI::App& app, Context& context);

}  // namespace tarn::app
