#include "tarn/logging.h"

#include <chrono>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "platform/log.h"

namespace tarn::app {

namespace {
constexpr std::size_t kFileBytes = 16 * 1024 * 1024;
constexpr std::size_t kOldFiles = 4;
}  // namespace

Status start_logging(const LoggingOptions& options) {
  const auto level = spdlog::level::from_str(options.level);
  if (level == spdlog::level::off && options.level != "off") {
    return Error(
        code::kInvalid,
        fmt::format("unknown log level '{}': one of trace, debug, info, warning, error, off",
                    options.level));
  }
  std::vector<spdlog::sink_ptr> sinks;
  try {
    auto file =
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.path, kFileBytes, kOldFiles);
    file->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l [%t] %v", spdlog::pattern_time_type::utc));
    sinks.push_back(std::move(file));
  } catch (const spdlog::spdlog_ex& error) {
    return Error(code::kIo, error.what());
  }
  if (options.on_terminal) {
    auto terminal = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    terminal->set_pattern("%H:%M:%S %^%l%$ %v");
    sinks.push_back(std::move(terminal));
  }
  auto logger = std::make_shared<spdlog::logger>("tarn", sinks.begin(), sinks.end());
  logger->set_level(level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void note_in_file(const std::string& text) {
  const spdlog::sink_ptr& file = spdlog::default_logger()->sinks().front();
  file->log(spdlog::details::log_msg("tarn", spdlog::level::err, text));
  file->flush();
}

void end_logging() {
  spdlog::shutdown();
}

}  // namespace tarn::app
