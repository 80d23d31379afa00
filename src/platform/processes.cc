#include "platform/processes.h"

#include <fmt/format.h>

namespace tarn::platform {

std::string ExitStatus::text() const {
  if (signal != 0) return fmt::format("killed by signal {}", signal);
  return fmt::format("exit code {}", code);
}

}  // namespace tarn::platform
