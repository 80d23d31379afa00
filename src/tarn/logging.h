// Logging: where spdlog's default logger writes.
//
// Place: tarn; rooms only call spdlog::info and its kind. Threads: set up once, before others
// start.
#pragma once

#include <string>

#include "base/result.h"

namespace tarn::app {

struct LoggingOptions {
  std::string path;         // rotated at 16 MiB, four older files kept
  bool on_terminal = true;  // to standard error too
  std::string level = "info";
};

// Errors: kIo, kInvalid for an unknown level.
[[nodiscard]] Status start_logging(const LoggingOptions& options);

// A line for the file alone, where the terminal is told in other words.
void note_in_file(const std::string& text);

// Writes out what is held back; before the program ends.
void end_logging();

}  // namespace tarn::app
