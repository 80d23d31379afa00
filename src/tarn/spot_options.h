// Options of `tarn up` for the Spot market of EMR clusters.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "services/emr/spot_market.h"

namespace tarn::app {

// `options` outlives the parse.
void add_spot_options(CLI::App& command, emr::SpotOptions& options);
// The words that give a detached server the same.
void add_spot_arguments(const emr::SpotOptions& options, std::vector<std::string>& arguments);

}  // namespace tarn::app
