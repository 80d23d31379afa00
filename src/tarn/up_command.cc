#include <chrono>
#include <cstdio>
#include <string>

#include <malloc.h>

#include <fmt/format.h>

#include "platform/log.h"
#include "platform/real/files.h"
#include "platform/real/process_table.h"
#include "tarn/application.h"
#include "tarn/commands.h"
#include "tarn/logging.h"
#include "tarn/server_file.h"
#include "tarn/spot_options.h"
#include "tarn/version.h"

namespace tarn::app {

namespace {

using std::chrono::milliseconds;
namespace real = platform::real;

// A detached server says here why it could not start.
constexpr const char* kConsoleLog = "/log/console.log";
constexpr milliseconds kStartLimit{60'000};

struct UpOptions {
  ApplicationOptions application;
  std::string log_level = "info";
  bool detach = false;
  bool detached = false;  // this is the server that `--detach` started
};

Error who_holds(const Configuration& configuration, const UpOptions& options, const Error& error) {
  if (const auto pid = real::lock_holder(configuration.lock_path()); pid && *pid != ::getpid()) {
    return {
        code::kExists,
        fmt::format("a server runs over {} already (process {}); stop it by `tarn down`, or use "
                    "another --data-dir",
                    configuration.data_directory, *pid)};
  }
  const std::uint16_t port = options.application.port;
  const auto listener = real::listener_on(port);
  if (!listener) {
    return {code::kExists,
            fmt::format("{}; choose another by --port, or --port 0 for a free one", error.message)};
  }
  return {
      code::kExists,
      fmt::format("port {} is in use by process {} ({}); choose another by --port, or --port 0 for "
                  "a free one",
                  port, listener->pid, listener->command)};
}

// One line of the banner: a command, and what it is for.
void print_hint(const std::string& command, std::string_view purpose) {
  fmt::print("  {:<34} {}\n", command, purpose);
}

// How a command finds this server: other commands look in the usual place, unless they are told.
std::string place_of(const Configuration& configuration) {
  const bool usual = configuration.data_directory == configuration.usual_data_directory;
  return usual ? "" : fmt::format(" --data-dir {}", configuration.data_directory);
}

void print_banner(const Configuration& configuration, const ServerFacts& facts) {
  fmt::print(
      "tarn {} is up\n"
      "  endpoint   {}\n"
      "  region     {}\n"
      "  account    {}\n"
      "  data       {}\n"
      "  log        {}\n\n",
      kVersion, facts.endpoint, facts.region, facts.account_id, configuration.data_directory,
      configuration.log_path());
  const std::string where = place_of(configuration);
  print_hint(fmt::format("eval \"$(tarn env{})\"", where), "lead the AWS clients of a shell here");
  print_hint(fmt::format("eval \"$(tarn env{} --transparent)\"", where),
             "the same for programs that take no endpoint");
  print_hint(fmt::format("tarn aws{} s3 ls", where), "run the AWS CLI");
}

int serve(const Configuration& configuration, const UpOptions& options) {
  // Before the first thread, so that none takes the signals.
  real::StopSignals signals;
  // Threads share four heaps rather than having one each: an idle server stays small.
  ::mallopt(M_ARENA_MAX, 4);
  real::raise_descriptor_limit();
  if (const Status made = real::Files().make_directories(configuration.data_directory + "/log");
      !made.ok()) {
    return report(made.error());
  }
  const LoggingOptions logging{configuration.log_path(), !options.detached, options.log_level};
  if (const Status logs = start_logging(logging); !logs.ok()) return report(logs.error());
  ApplicationOptions application_options = options.application;
  // Standard error of a detached server is shown by the one who started it.
  application_options.on_warning = [](const std::string& warning) {
    note_in_file(warning);
    fmt::print(stderr, "tarn: {}\n", warning);
  };
  auto application = Application::start(configuration, application_options);
  if (!application.ok()) {
    Error error = application.error();
    if (error.is(code::kExists)) error = who_holds(configuration, options, error);
    note_in_file(fmt::format("not started: {}", error.message));
    return report(error);
  }
  const ServerFacts& facts = (*application)->facts();
  spdlog::info("up: {} region {} account {} process {}", facts.endpoint, facts.region,
               facts.account_id, facts.pid);
  if (!options.detached) {
    print_banner(configuration, facts);
    print_hint("Ctrl-C", "stop\n");
    std::fflush(stdout);
  }
  const int signal = signals.wait();
  spdlog::info("stopping by signal {}", signal);
  (*application)->stop();
  application->reset();
  spdlog::info("stopped");
  end_logging();
  return 0;
}

std::vector<std::string> detached_arguments(const Configuration& configuration,
                                            const UpOptions& options) {
  const ApplicationOptions& application = options.application;
  std::vector<std::string> out = {configuration.program,
                                  "up",
                                  "--detached",
                                  "--data-dir",
                                  configuration.data_directory,
                                  "--host",
                                  application.host,
                                  "--port",
                                  std::to_string(application.port),
                                  "--region",
                                  application.region,
                                  "--log-level",
                                  options.log_level,
                                  "--warm-drivers",
                                  std::to_string(application.warm_drivers),
                                  "--driver-memory",
                                  application.driver_memory};
  if (configuration.root_key_file) {
    out.insert(out.end(), {"--root-key-file", *configuration.root_key_file});
  }
  if (!application.driver_java_options.empty())
    out.push_back("--driver-java-options=" + application.driver_java_options);
  add_spot_arguments(application.spot, out);
  if (!application.sessions) out.emplace_back("--no-sessions");
  if (!application.sandbox) out.insert(out.end(), {"--sandbox", "none"});
  if (application.only_audit_iam) out.insert(out.end(), {"--iam", "audit"});
  if (application.aws_limits) out.insert(out.end(), {"--limits", "aws"});
  for (const std::string& host : application.egress_allowed)
    out.insert(out.end(), {"--allow-host", host});
  return out;
}

int start_detached(const Configuration& configuration, const UpOptions& options) {
  real::Files files;
  const std::string console = configuration.data_directory + kConsoleLog;
  if (const Status made = files.make_directories(configuration.data_directory + "/log");
      !made.ok()) {
    return report(made.error());
  }
  const real::BackgroundSpec spec{detached_arguments(configuration, options),
                                  configuration.environment, console};
  const auto pid = real::start_background(spec);
  if (!pid.ok()) return report(pid.error());
  constexpr milliseconds kStep{20};
  for (milliseconds waited{0}; waited < kStartLimit; waited += kStep) {
    if (const auto facts = find_server(configuration); facts.ok() && facts->pid == *pid) {
      if (const auto said = files.read(console); said.ok()) fmt::print(stderr, "{}", *said);
      print_banner(configuration, *facts);
      print_hint(fmt::format("tarn down{}", place_of(configuration)), "stop");
      return 0;
    }
    if (const auto end = real::background_end(*pid)) {
      const auto why = files.read(console);
      if (why.ok() && !why->empty()) {
        fmt::print(stderr, "{}", *why);
        return kFailed;
      }
      return report(Error(
          code::kIo, fmt::format("the server ended with {} before it was ready; see `tarn logs`",
                                 end->text())));
    }
    real::pause_thread(kStep);
  }
  return report(
      Error(code::kTimeout,
            fmt::format("the server (process {}) is not ready after {} s; see `tarn logs`", *pid,
                        kStartLimit.count() / 1000)));
}

}  // namespace

void add_up_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<UpOptions>();
  ApplicationOptions& application = options->application;
  CLI::App* command = app.add_subcommand("up", "Start the server");
  add_data_directory(*command, context);
  command
      ->add_option("--root-key-file", context.configuration.root_key_file,
                   "what wraps the KMS keys, made at the first start and kept apart from the data "
                   "(or TARN_ROOT_KEY_FILE); DIR.root-key beside the data directory by default")
      ->type_name("FILE")
      ->transform([](const std::string& path) { return absolute_path(path); });
  command->add_option("--host", application.host, "address to listen on")->capture_default_str();
  command->add_option("--port", application.port, "port to listen on; 0: a free one")
      ->capture_default_str();
  command->add_option("--region", application.region, "region of clients that name none")
      ->capture_default_str();
  command
      ->add_option("--allow-host", application.egress_allowed,
                   "a host besides AWS's that sessions and proxy clients may reach; .example.com: "
                   "and all below it")
      ->type_name("HOST");
  command
      ->add_option("--warm-drivers", application.warm_drivers,
                   "Spark drivers kept ready for new sessions")
      ->check(CLI::Range(0, 16))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->capture_default_str();
  command
      ->add_option("--driver-java-options", application.driver_java_options,
                   "options of every session's JVM, before a session's own, as "
                   "--driver-java-options=-XX:+UseZGC")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->type_name("OPTIONS");
  command
      ->add_option("--driver-memory", application.driver_memory,
                   "memory of a session's driver, as 1g or 1500m")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool good = text.size() > 1 &&
                              text.find_first_not_of("0123456789") == text.size() - 1 &&
                              (text.back() == 'm' || text.back() == 'g');
            return good ? std::string() : "\"" + text + "\" is no size such as 1g or 1500m";
          },
          "SIZE"))
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--limits",
          [options](const std::string& whose) { options->application.aws_limits = whose == "aws"; },
          "aws: refuse what AWS would, such as a shard's 1,001st record in a second; off: take it")
      ->check(CLI::IsMember({"off", "aws"}))
      ->default_str("off");
  command
      ->add_option_function<std::string>(
          "--sandbox",
          [options](const std::string& kind) { options->application.sandbox = kind != "none"; },
          "bubblewrap: what users run in sessions sees neither the machine nor other sessions; "
          "none: "
          "it may read and do all that the server may, for machines that can make no sandbox and "
          "users that you trust")
      ->check(CLI::IsMember({"bubblewrap", "none"}))
      ->default_str("bubblewrap");
  command
      ->add_option_function<std::string>(
          "--iam",
          [options](const std::string& how) {
            options->application.only_audit_iam = how == "audit";
          },
          "enforce: refuse what policies deny; audit: let it pass, and keep it in the log and "
          "among the events of `aws cloudtrail lookup-events`, to find out what policies lack")
      ->check(CLI::IsMember({"enforce", "audit"}))
      ->default_str("enforce");
  add_spot_options(*command, application.spot);
  command->add_flag_callback(
      "--no-sessions", [options] { options->application.sessions = false; },
      "serve without Spark sessions (and without Java)");
  command
      ->add_option("--log-level", options->log_level, "trace, debug, info, warning, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  command->add_flag("--detach", options->detach,
                    "run in the background; comes back when the server is ready");
  command->add_flag("--detached", options->detached)->group("");
  command->footer(
      "The first start makes an account and its root access key; TARN_ACCOUNT_ID, "
      "TARN_ROOT_ACCESS_KEY_ID and\n"
      "TARN_ROOT_SECRET_ACCESS_KEY preset them.\n\n"
      "Examples:\n"
      "  tarn up                              in this terminal, until Ctrl-C\n"
      "  tarn up --detach --port 0            in the background, on a free port\n"
      "  tarn up --data-dir /srv/tarn --host 0.0.0.0\n"
      "  tarn up --iam audit                  denials are logged, not enforced\n"
      "  TARN_ROOT_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE TARN_ROOT_SECRET_ACCESS_KEY=… tarn up");
  command->callback([&context, options] {
    // The store and the logs hold secrets and data of the account.
    real::keep_files_private();
    context.exit_code = options->detach ? start_detached(context.configuration, *options)
                                        : serve(context.configuration, *options);
  });
}

}  // namespace tarn::app
