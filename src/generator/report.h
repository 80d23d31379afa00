// What `tarn generate` tells while it sends and at its end.
//
// Place: generator. Threads: pure functions.
#pragma once

#include <string>

#include "generator/sender.h"

namespace tarn::generator {

// One line without a newline: "12.0 s · sent 12000 · acknowledged 11950 · retried 3 · lost 0 · 1000
// records/s".
[[nodiscard]] std::string progress_line(const SenderStats& stats, Nanoseconds elapsed,
                                        double recent_per_s);

// The account at the end, several lines; error codes with their counts where there were any.
[[nodiscard]] std::string summary_text(const std::string& stream, const SenderStats& stats,
                                       Nanoseconds elapsed);

// The same as one JSON object: stream, sent, acknowledged, retried, lost, perhaps_twice, requests,
// bytes, seconds, records_per_second, errors (counts by code).
[[nodiscard]] std::string summary_json(const std::string& stream, const SenderStats& stats,
                                       Nanoseconds elapsed);

}  // namespace tarn::generator
