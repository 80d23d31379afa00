// What EMR clusters are started with, from the program's configuration and place.
//
// Place: tarn. Threads: for the start of the program; blocks (it looks for Java and Spark).
#pragma once

#include "platform/files.h"
#include "services/emr/launch.h"
#include "tarn/application.h"
#include "tarn/configuration.h"

namespace tarn::app {

// `facts` name the address and the trust stores. Nothing is checked here: what is missing is said
// when a cluster is asked for.
[[nodiscard]] emr::EmrOptions emr_options(const Configuration& configuration,
                                          const ApplicationOptions& options,
                                          const ServerFacts& facts, platform::Files& files);

}  // namespace tarn::app
