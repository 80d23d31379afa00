// What functions of Lambda run on, from what the program knows of this machine.
//
// Place: tarn. Threads: a pure function over the file system.
#pragma once

#include "platform/files.h"
#include "services/lambda/execution_environment.h"
#include "tarn/configuration.h"
#include "tarn/server_file.h"

namespace tarn::app {

[[nodiscard]] lambda::Options lambda_options(const Configuration& configuration,
                                             const ServerFacts& facts, platform::Files& files);

}  // namespace tarn::app
