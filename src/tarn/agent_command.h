// `tarn agent`: gives this machine to a server's clusters; `tarn agent-token`: what it joins with.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include "tarn/commands.h"

namespace tarn::app {

void add_agent_command(CLI::App& app, Context& context);
void add_agent_token_command(CLI::App& app, Context& context);

}  // namespace tarn::app
