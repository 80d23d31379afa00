#include <chrono>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "platform/real/files.h"
#include "platform/real/process_table.h"
#include "tarn/commands.h"

namespace tarn::app {

namespace {

namespace real = platform::real;

struct LogsOptions {
  bool follow = false;
  std::size_t lines = 200;
};

// Where the last `lines` lines of `text` begin.
std::size_t start_of_last_lines(const std::string& text, std::size_t lines) {
  std::size_t at = text.size();
  if (at > 0 && text.back() == '\n') --at;
  for (; lines > 0 && at > 0; --lines) {
    const std::size_t newline = text.rfind('\n', at - 1);
    if (newline == std::string::npos) return 0;
    at = newline;
    if (lines == 1) return at + 1;
  }
  return lines == 0 ? text.size() : 0;
}

bool show(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

// Shows what comes after `offset`, also when the log is rotated; ends with the reader (Ctrl-C, a
// closed pipe).
Status follow(const std::string& path, std::uint64_t offset) {
  real::Files files;
  constexpr std::size_t kPiece = 1024 * 1024;
  for (;;) {
    real::pause_thread(std::chrono::milliseconds(200));
    const auto file = files.open(path, platform::OpenMode::kRead);
    if (!file.ok()) continue;
    TARN_TRY(const std::uint64_t size, (*file)->size());
    if (size < offset) offset = 0;
    std::string text;
    while (offset < size) {
      TARN_CHECK((*file)->read_at(offset, kPiece, text));
      if (text.empty()) break;
      offset += text.size();
      if (!show(text)) return {};
    }
  }
}

int run(const Configuration& configuration, const LogsOptions& options) {
  real::Files files;
  const auto text = files.read(configuration.log_path());
  if (!text.ok()) {
    return report(Error(code::kNotFound, fmt::format("{} has no log yet; `tarn up` starts a server",
                                                     configuration.data_directory)));
  }
  if (!show(text->substr(start_of_last_lines(*text, options.lines))) || !options.follow) return 0;
  const Status followed = follow(configuration.log_path(), text->size());
  return followed.ok() ? 0 : report(followed.error());
}

}  // namespace

void add_logs_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* command = app.add_subcommand("logs", "Show the server's log");
  add_data_directory(*command, context);
  command->add_flag("-f,--follow", options->follow, "go on showing what comes, until Ctrl-C");
  command->add_option("-n,--lines", options->lines, "how many of the last lines")
      ->capture_default_str();
  add_examples(*command,
               "  tarn logs -f\n"
               "  tarn logs -n 1000 | grep -w error");
  command->callback(
      [&context, options] { context.exit_code = run(context.configuration, *options); });
}

}  // namespace tarn::app
