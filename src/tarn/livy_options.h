// What Livy sessions are started with, from the program's configuration and place.
//
// Place: tarn. Threads: for the start of the program; blocks (it looks for Java).
#pragma once

#include "platform/files.h"
#include "services/livy/launch.h"
#include "tarn/application.h"
#include "tarn/configuration.h"

namespace tarn::app {

// `facts` name the address and the trust stores. Nothing is checked here: livy::check says what is
// missing when a session is asked for.
[[nodiscard]] livy::Options livy_options(const Configuration& configuration,
                                         const ApplicationOptions& options,
                                         const ServerFacts& facts, platform::Files& files);

}  // namespace tarn::app
