#include "tarn/generate_command.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>

#include "generator/functions.h"
#include "generator/moment_format.h"
#include "generator/report.h"
#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/random.h"
#include "tarn/generate_run.h"
#include "tarn/server_file.h"

namespace tarn::app {

namespace {

using generator::Nanoseconds;

struct GenerateOptions {
  std::string stream;
  std::string template_path;
  std::string partition_key = "{{random.uuid}}";
  double rate = 100;
  std::string duration;
  std::uint64_t count = 0;
  std::string endpoint;
  std::string region;
  std::size_t connections = 8;
  std::optional<std::uint64_t> seed;
  std::string retry_for = "60s";
  std::string utc_offset = "+00:00";
  std::size_t dry_run = 0;
  bool json = false;
  bool functions = false;
};

// "90", "90s", "2m", "1m30s", "500ms", "1h"; a number alone is seconds. False where it is none.
bool parse_duration(std::string_view text, Nanoseconds& out) {
  out = Nanoseconds(0);
  if (text.empty()) return false;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || number < 0 || number > 1'000'000'000) return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    std::chrono::milliseconds unit(1'000);
    std::size_t letters = 1;
    if (text.starts_with("ms")) {
      unit = std::chrono::milliseconds(1);
      letters = 2;
    } else if (text.starts_with('m')) {
      unit = std::chrono::minutes(1);
    } else if (text.starts_with('h')) {
      unit = std::chrono::hours(1);
    } else if (text.empty()) {
      letters = 0;
    } else if (!text.starts_with('s')) {
      return false;
    }
    text.remove_prefix(letters);
    out += number * unit;
  }
  return out.count() > 0;
}

Error usage(std::string message) {
  return {code::kInvalid, std::move(message)};
}

Result<generator::Template> read_template(const GenerateOptions& options) {
  if (options.template_path.empty())
    return usage("--template is missing: a file with a record template, or - for standard input");
  std::string text;
  if (options.template_path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    platform::real::Files files;
    TARN_TRY(text, files.read(options.template_path));
  }
  auto parsed = generator::Template::parse(text);
  if (!parsed.ok())
    return usage(fmt::format("{}: {}", options.template_path, parsed.error().message));
  return parsed;
}

std::string variable(const Configuration& configuration, const std::string& name) {
  const auto found = configuration.environment.find(name);
  return found == configuration.environment.end() ? std::string() : found->second;
}

// With an endpoint of the caller, the keys of the caller's environment; else the server of the data
// directory, with its own keys and Region: those of the environment may be of another account.
Result<StreamTarget> find_target(const Configuration& configuration,
                                 const GenerateOptions& options) {
  StreamTarget target;
  target.stream = options.stream;
  std::string endpoint = options.endpoint.empty()
                             ? variable(configuration, "AWS_ENDPOINT_URL_KINESIS")
                             : options.endpoint;
  if (endpoint.empty()) endpoint = variable(configuration, "AWS_ENDPOINT_URL");
  target.keys = {variable(configuration, "AWS_ACCESS_KEY_ID"),
                 variable(configuration, "AWS_SECRET_ACCESS_KEY"),
                 variable(configuration, "AWS_SESSION_TOKEN")};
  target.region = variable(configuration, "AWS_REGION");
  if (target.region.empty()) target.region = variable(configuration, "AWS_DEFAULT_REGION");
  if (endpoint.empty() || target.keys.access_key_id.empty()) {
    TARN_TRY(const ServerFacts facts, find_server(configuration));
    if (endpoint.empty()) {
      endpoint = facts.endpoint;
      target.region = facts.region;
    }
    target.keys = {facts.access_key_id, facts.secret_access_key, ""};
  }
  if (!options.region.empty()) target.region = options.region;
  if (target.region.empty()) target.region = "us-east-1";
  TARN_CHECK(parse_endpoint(endpoint, target));
  return target;
}

Result<generator::SenderOptions> sender_options(const GenerateOptions& options) {
  generator::SenderOptions out;
  out.records_per_s = options.rate;
  out.count = options.count;
  out.connections = options.connections;
  if (!options.duration.empty() && !parse_duration(options.duration, out.duration)) {
    return usage(fmt::format("--duration: \"{}\" is no time such as 90s, 2m, 1m30s or 1h",
                             options.duration));
  }
  if (!parse_duration(options.retry_for, out.retry_for)) {
    return usage(
        fmt::format("--retry-for: \"{}\" is no time such as 30s or 2m", options.retry_for));
  }
  return out;
}

int dry_run(generator::Renderer& renderer, const platform::Clock& clock, std::size_t records) {
  std::string record;
  for (std::size_t i = 0; i < records; ++i) {
    record.clear();
    renderer.append(clock.now(), record);
    record.push_back('\n');
    std::fwrite(record.data(), 1, record.size(), stdout);
  }
  return 0;
}

// Progress goes to standard error: one line that is rewritten on a terminal, a line every five
// seconds elsewhere.
GenerateEvents events_on(bool terminal) {
  GenerateEvents events;
  events.progress = [terminal, ticks = 0](const generator::SenderStats& stats, Nanoseconds elapsed,
                                          double recent_per_s) mutable {
    const std::string line = generator::progress_line(stats, elapsed, recent_per_s);
    if (terminal) {
      fmt::print(stderr, "\r\x1b[K{}", line);
    } else if (++ticks % 5 == 0) {
      fmt::print(stderr, "{}\n", line);
    }
    std::fflush(stderr);
  };
  events.stopping = [terminal] {
    fmt::print(stderr, "{}Stopping: waiting for what was sent (Ctrl-C again gives up).\n",
               terminal ? "\n" : "");
  };
  return events;
}

int send(const Configuration& configuration, const GenerateOptions& options,
         platform::real::Clock& clock, generator::Renderer data, generator::Renderer partition_key,
         std::uint64_t seed) {
  if (options.stream.empty()) return report(usage("--stream is missing")), kUsage;
  auto settings = sender_options(options);
  if (!settings.ok()) return report(settings.error()), kUsage;
  auto target = find_target(configuration, options);
  if (!target.ok()) return report(target.error());
  generator::Sender sender(std::move(data), std::move(partition_key), *settings, seed,
                           clock.monotonic());
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const GenerateEvents events = events_on(terminal);
  boost::asio::io_context context(1);
  const GenerateOutcome outcome =
      run_generate(context, clock, sender, *target, options.connections, events);
  if (terminal) fmt::print(stderr, "\r\x1b[K");
  if (options.json) {
    fmt::print("{}\n", generator::summary_json(options.stream, outcome.stats, outcome.elapsed));
  } else {
    fmt::print("{}", generator::summary_text(options.stream, outcome.stats, outcome.elapsed));
  }
  if (!outcome.refused.empty()) return report(Error(code::kInvalid, outcome.refused));
  if (outcome.stats.lost == 0) return 0;
  return report(Error(code::kTimeout, fmt::format("{} records were lost; last error: {}",
                                                  outcome.stats.lost, outcome.stats.last_error)));
}

int run(const Configuration& configuration, const GenerateOptions& options) {
  if (options.functions) {
    for (const std::string_view name : generator::function_names()) fmt::print("{}\n", name);
    return 0;
  }
  auto parsed = read_template(options);
  if (!parsed.ok()) return report(parsed.error()), kUsage;
  auto key = generator::Template::parse(options.partition_key);
  if (!key.ok()) return report(usage("--partition-key: " + key.error().message)), kUsage;
  int offset_minutes = 0;
  if (!generator::parse_utc_offset(options.utc_offset, offset_minutes)) {
    return report(usage(fmt::format("--utc-offset: \"{}\" is no offset such as +01:00",
                                    options.utc_offset))),
           kUsage;
  }
  platform::real::Threads threads({.io_threads = 1, .blocking_threads = 1});
  platform::real::Clock clock(threads);
  const std::uint64_t seed = options.seed ? *options.seed : platform::real::Random().next();
  generator::Renderer renderer(std::move(parsed).value(), seed, offset_minutes);
  if (options.dry_run > 0) return dry_run(renderer, clock, options.dry_run);
  generator::Renderer keys(std::move(key).value(), seed + 1, offset_minutes);
  return send(configuration, options, clock, std::move(renderer), std::move(keys), seed + 2);
}

// What is wrong with the word; empty: nothing.
std::string is_number_of_records(const std::string& word) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (failure == std::errc() && end == word.data() + word.size() && number > 0) return {};
  return fmt::format("\"{}\" is no number of records, which is 1 or more", word);
}

constexpr double kMostRate = 1e12;

std::string is_rate(const std::string& word) {
  double rate = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), rate);
  if (failure == std::errc() && end == word.data() + word.size() && rate >= 0 && rate <= kMostRate)
    return {};
  return fmt::format("\"{}\" is no rate: a number of records a second, 0 or more", word);
}

void add_options(CLI::App& command, GenerateOptions& options) {
  command.add_option("--stream", options.stream, "name or ARN of the Kinesis stream")
      ->type_name("NAME");
  command
      .add_option("--template", options.template_path,
                  "file with a record template; - reads standard input")
      ->type_name("FILE");
  command.add_option("--rate", options.rate, "records a second; 0: as fast as possible")
      ->check(is_rate)
      ->capture_default_str();
  command
      .add_option("--duration", options.duration,
                  "how long, as 90s, 2m or 1h; until Ctrl-C by default")
      ->type_name("TIME");
  command.add_option("--count", options.count, "how many records; no limit by default")
      ->check(is_number_of_records)
      ->type_name("N");
  command.add_option("--partition-key", options.partition_key, "template of the partition keys")
      ->type_name("TEMPLATE")
      ->capture_default_str();
  command
      .add_option("--endpoint-url", options.endpoint,
                  "AWS_ENDPOINT_URL, or the running server, by default")
      ->type_name("URL");
  command.add_option("--region", options.region, "AWS Region that requests are signed for");
  command.add_option("--connections", options.connections, "connections at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      .add_option("--retry-for", options.retry_for,
                  "a record not acknowledged for so long counts as lost")
      ->type_name("TIME")
      ->capture_default_str();
  command.add_option("--seed", options.seed, "the same seed makes the same values")->type_name("N");
  command.add_option("--utc-offset", options.utc_offset, "offset of date.now")
      ->type_name("OFFSET")
      ->capture_default_str();
  command.add_option("--dry-run", options.dry_run, "print N records and send nothing")
      ->check(is_number_of_records)
      ->type_name("N");
  command.add_flag("--json", options.json, "print the final account as JSON");
  command.add_flag("--functions", options.functions, "print the functions of templates and end");
}

}  // namespace

void add_generate_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command = app.add_subcommand(
      "generate", "Send records of a Kinesis Data Generator template to a stream");
  add_data_directory(*command, context);
  add_options(*command, *options);
  add_examples(
      *command,
      "  tarn generate --stream pixels --template pixel.json.tmpl --rate 1000 --duration 2m\n"
      "  tarn generate --template pixel.json.tmpl --dry-run 3\n"
      "  echo '{\"id\":\"{{random.uuid}}\",\"at\":\"{{date.now}}\"}' | tarn generate --stream s "
      "--template -\n"
      "  tarn generate --stream s --template t.json --rate 0 --count 1000000 --json");
  command->callback(
      [&context, options] { context.exit_code = run(context.configuration, *options); });
}

}  // namespace tarn::app
