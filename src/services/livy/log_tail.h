// log_tail: the last lines of a session's log.
//
// Place: services/livy. Threads: pure functions over a file; they block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/files.h"

namespace tarn::livy {

// Lines that a client can read back; a driver's log holds more on disk.
inline constexpr std::size_t kLogLines = 2000;
inline constexpr std::uint64_t kLogTailBytes = std::uint64_t{1} << 20;
// A log above this is cut down to its last kLogTailBytes.
inline constexpr std::uint64_t kLogFileBytes = std::uint64_t{64} << 20;

// At most the last kLogLines lines of the last `bytes` bytes, valid UTF-8 or not; empty where there
// is no file yet.
[[nodiscard]] std::vector<std::string> log_tail(platform::Files& files, const std::string& path,
                                                std::uint64_t bytes = kLogTailBytes);

// Keeps a log that its driver appends to within bounds. What is written during the cut may be
// dropped with the older lines; the new first line says so. Errors: kIo, kDiskFull.
[[nodiscard]] Status bound_log(platform::Files& files, const std::string& path);

}  // namespace tarn::livy
