// The token that agents join with: a file of the data directory, made at the first start.
//
// Place: tarn. Threads: for the start of the program; blocks.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/files.h"
#include "platform/random.h"
#include "tarn/configuration.h"

namespace tarn::app {

[[nodiscard]] std::string agent_token_path(const Configuration& configuration);
// Errors: kIo, kDiskFull.
[[nodiscard]] Result<std::string> open_agent_token(platform::Files& files, platform::Random& random,
                                                   const std::string& path);

}  // namespace tarn::app
