// Platform: everything that a room may ask of the outside world, in one hand.
//
// Place: platform; put together by src/tarn (real) or src/sim. Rooms take the parts they use by
// reference. Threads: as the parts.
#pragma once

#include "platform/clock.h"
#include "platform/files.h"
#include "platform/processes.h"
#include "platform/random.h"
#include "platform/tasks.h"

namespace tarn::platform {

struct Platform {
  Clock& clock;
  Random& random;
  Tasks& tasks;
  Files& files;
  Processes& processes;
};

}  // namespace tarn::platform
