#include "generator/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::generator {

namespace {

double seconds_of(Nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double per_second(std::uint64_t count, Nanoseconds elapsed) {
  return static_cast<double>(count) / std::max(seconds_of(elapsed), 1e-9);
}

}  // namespace

std::string progress_line(const SenderStats& stats, Nanoseconds elapsed, double recent_per_s) {
  std::string line = fmt::format(
      "{:.1f} s · sent {} · acknowledged {} · retried {} · lost {} · {:.0f} records/s",
      seconds_of(elapsed), stats.sent, stats.acknowledged, stats.retried, stats.lost, recent_per_s);
  if (recent_per_s == 0 && stats.pending() > 0 && !stats.last_error.empty())
    line += " · " + stats.last_error;
  return line;
}

std::string summary_text(const std::string& stream, const SenderStats& stats, Nanoseconds elapsed) {
  std::string text = fmt::format(
      "Stream        {}\n"
      "Sent          {} records\n"
      "Acknowledged  {}\n"
      "Retried       {}\n"
      "Lost          {}\n",
      stream, stats.sent, stats.acknowledged, stats.retried, stats.lost);
  if (stats.perhaps_twice > 0) {
    text +=
        fmt::format("Perhaps twice {} (sent again after a connection broke before the answer)\n",
                    stats.perhaps_twice);
  }
  text += fmt::format("Rate          {:.0f} records/s, {:.2f} MB/s over {:.1f} s in {} requests\n",
                      per_second(stats.acknowledged, elapsed),
                      per_second(stats.bytes, elapsed) / 1e6, seconds_of(elapsed), stats.requests);
  for (const auto& [code, count] : stats.errors)
    text += fmt::format("Failed tries  {} × {}\n", count, code);
  return text;
}

std::string summary_json(const std::string& stream, const SenderStats& stats, Nanoseconds elapsed) {
  nlohmann::ordered_json json;
  json["stream"] = stream;
  json["sent"] = stats.sent;
  json["acknowledged"] = stats.acknowledged;
  json["retried"] = stats.retried;
  json["lost"] = stats.lost;
  json["perhaps_twice"] = stats.perhaps_twice;
  json["requests"] = stats.requests;
  json["bytes"] = stats.bytes;
  json["seconds"] = seconds_of(elapsed);
  json["records_per_second"] = per_second(stats.acknowledged, elapsed);
  json["errors"] = stats.errors;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tarn::generator
