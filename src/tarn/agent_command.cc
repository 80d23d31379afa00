#include "tarn/agent_command.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "platform/log.h"
#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/network.h"
#include "platform/real/process_table.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "sandbox/sandboxes.h"
#include "services/emr/agent.h"
#include "tarn/agent_token.h"
#include "tarn/emr_options.h"
#include "tarn/server_file.h"

namespace tarn::app {

namespace {

namespace real = platform::real;
using std::chrono::milliseconds;

constexpr milliseconds kSignalLook{200};
constexpr std::int64_t kMebibyte = 1 << 20;
constexpr const char* kTokenVariable = "TARN_AGENT_TOKEN";
constexpr std::uint16_t kUsualPort = 4566;

struct AgentArguments {
  std::string server;
  std::string token;
  std::string name;
  int cores = 0;
  int memory_mib = 0;
  bool sandbox = true;
};

// "http://host:port", "host:port" or "host".
Status read_server(const std::string& text, emr::AgentOptions& out) {
  std::string rest = text;
  if (rest.starts_with("http://")) rest = rest.substr(7);
  while (rest.ends_with('/')) rest.pop_back();
  const Error bad(
      code::kInvalid,
      fmt::format("\"{}\" is no server such as http://10.0.0.1:4566 (agents speak plain "
                  "HTTP, within the network of your clusters)",
                  text));
  if (rest.empty() || rest.find('/') != std::string::npos) return bad;
  const std::size_t colon = rest.rfind(':');
  out.server_host = rest.substr(0, colon);
  out.server_port = kUsualPort;
  if (colon == std::string::npos) return {};
  int port = 0;
  for (const char digit : rest.substr(colon + 1)) {
    if (digit < '0' || digit > '9' || port > 65535) return bad;
    port = port * 10 + (digit - '0');
  }
  if (port < 1 || port > 65535) return bad;
  out.server_port = static_cast<std::uint16_t>(port);
  return {};
}

// The parts of the program that an agent needs.
struct AgentProgram {
  explicit AgentProgram(std::string data_directory) : directory(std::move(data_directory)) {}

  const std::string directory;
  real::Files files;  // holds the lock of the directory
  real::Threads threads;
  real::Clock clock{threads};
  real::Random random;
  real::Processes processes{threads};
  real::Network network;
  platform::Platform platform{clock, random, threads, files, processes};
  std::unique_ptr<sandbox::Sandboxes> sandboxes;
  std::unique_ptr<emr::Agent> agent;

  Status open(const Configuration& configuration, const AgentArguments& arguments);
  Result<emr::AgentOptions> options_of(const Configuration& configuration,
                                       const AgentArguments& arguments);
  Status run(real::StopSignals& signals);
};

Result<emr::AgentOptions> AgentProgram::options_of(const Configuration& configuration,
                                                   const AgentArguments& arguments) {
  emr::AgentOptions out;
  TARN_CHECK(read_server(arguments.server, out));
  out.token = arguments.token;
  // Its address and certificates are the server's, which orders bring.
  out.spark = emr_options(configuration, ApplicationOptions(), ServerFacts(), files);
  out.spark.data_directory = directory + "/workers";
  TARN_CHECK(livy::check(out.spark.spark, files));
  out.name = arguments.name;
  if (out.name.empty()) {
    TARN_TRY(out.name, files.read("/proc/sys/kernel/hostname"));
    while (out.name.ends_with('\n')) out.name.pop_back();
  }
  out.capacity = out.spark.host;
  if (arguments.cores > 0) out.capacity.vcpu = arguments.cores;
  if (arguments.memory_mib > 0) out.capacity.memory_mib = arguments.memory_mib;
  TARN_TRY(const platform::Space space, files.space(directory));
  out.disk_mib = static_cast<std::int64_t>(space.available) / kMebibyte;
  return out;
}

Status AgentProgram::open(const Configuration& configuration, const AgentArguments& arguments) {
  TARN_CHECK(files.make_directories(directory));
  if (const Status locked = files.lock(directory + "/lock"); !locked.ok()) {
    return Error(code::kExists,
                 fmt::format("an agent runs over {} already; use another --data-dir", directory));
  }
  // What a killed agent left.
  if (files.exists(directory + "/workers")) TARN_CHECK(files.remove_tree(directory + "/workers"));
  TARN_CHECK(files.make_directories(directory + "/workers"));
  TARN_TRY(emr::AgentOptions options, options_of(configuration, arguments));
  sandbox::Settings settings;
  settings.mode = arguments.sandbox ? sandbox::Mode::kBubblewrap : sandbox::Mode::kNone;
  settings.as_root = ::geteuid() == 0;
  settings.server = ::getpid();
  settings.directory = directory + "/sandbox";
  settings.programs = configuration.share_directory + "/sandbox";
  sandboxes = std::make_unique<sandbox::Sandboxes>(platform, std::move(settings));
  real::run_on(threads.control(), sandboxes->start());
  TARN_CHECK(sandboxes->usable());
  fmt::print("this machine gives {} cores and {} MiB to the clusters of {}:{}\n",
             options.capacity.vcpu, options.capacity.memory_mib, options.server_host,
             options.server_port);
  std::fflush(stdout);
  agent = std::make_unique<emr::Agent>(platform, network, *sandboxes, std::move(options));
  return {};
}

// The first signal drains, the second ends.
Status AgentProgram::run(real::StopSignals& signals) {
  std::atomic<bool> ended{false};
  Status status;
  std::thread life([&] {
    status = real::run_on(threads.control(), agent->run());
    ended = true;
  });
  bool leaving = false;
  while (!ended) {
    if (!signals.wait_for(kSignalLook)) continue;
    fmt::print("{}\n",
               leaving ? "ends now" : "leaves once its workers are drained; again to end now");
    std::fflush(stdout);
    threads.control().post([this, leaving] { leaving ? agent->stop() : agent->leave(); });
    leaving = true;
  }
  life.join();
  threads.stop();
  return status;
}

int run_agent(const Configuration& configuration, AgentArguments arguments,
              const std::string& directory) {
  // Before the first thread, so that none takes the signals.
  real::StopSignals signals;
  real::keep_files_private();
  real::raise_descriptor_limit();
  if (arguments.token.empty()) {
    const auto given = configuration.environment.find(kTokenVariable);
    if (given != configuration.environment.end()) arguments.token = given->second;
  }
  if (arguments.token.empty()) {
    return report(Error(code::kInvalid,
                        fmt::format("give --token or {}: what `tarn agent-token` prints where the "
                                    "server runs",
                                    kTokenVariable)));
  }
  AgentProgram program(directory);
  if (const Status opened = program.open(configuration, arguments); !opened.ok()) {
    return report(opened.error());
  }
  const Status ended = program.run(signals);
  return ended.ok() ? 0 : report(ended.error());
}

int print_token(const Configuration& configuration) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  real::Files files;
  const auto token = files.read(agent_token_path(configuration));
  if (!token.ok()) return report(token.error());
  fmt::print("{}\n", *token);
  return 0;
}

}  // namespace

void add_agent_command(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<AgentArguments>();
  auto directory =
      std::make_shared<std::string>(context.configuration.usual_data_directory + "-agent");
  CLI::App* command = app.add_subcommand("agent", "Give this machine to the clusters of a server");
  command->add_option("--server", arguments->server, "the server, as http://10.0.0.1:4566")
      ->type_name("URL")
      ->required();
  command
      ->add_option(
          "--token", arguments->token,
          "what `tarn agent-token` prints (or TARN_AGENT_TOKEN, which other users don't see)")
      ->type_name("T");
  command->add_option("--cores", arguments->cores, "cores to give; all by default")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  command->add_option("--memory", arguments->memory_mib, "memory to count with; all by default")
      ->check(CLI::Range(512, 1 << 30))
      ->type_name("MIB");
  command->add_option("--name", arguments->name, "of this machine; its host name by default")
      ->type_name("NAME");
  command->add_option("--data-dir", *directory, "where its workers' files are")
      ->type_name("DIR")
      ->capture_default_str()
      ->transform([](const std::string& path) { return absolute_path(path); });
  command
      ->add_option_function<std::string>(
          "--sandbox",
          [arguments](const std::string& kind) { arguments->sandbox = kind != "none"; },
          "bubblewrap, or none: as of `tarn up`")
      ->check(CLI::IsMember({"bubblewrap", "none"}))
      ->default_str("bubblewrap");
  add_examples(*command,
               "  tarn up --host 0.0.0.0                                 on the server's machine\n"
               "  tarn agent-token                                       there\n"
               "  tarn agent --server http://10.0.0.1:4566 --token T     on each other machine\n"
               "Ctrl-C or SIGTERM drains its workers, then it ends; once more ends it at once.");
  command->callback([&context, arguments, directory] {
    context.exit_code = run_agent(context.configuration, *arguments, *directory);
  });
}

void add_agent_token_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("agent-token", "Print the token that lets machines join the server");
  add_data_directory(*command, context);
  add_examples(*command,
               "  tarn agent --server http://10.0.0.1:4566 --token \"$(tarn agent-token)\"");
  command->callback([&context] { context.exit_code = print_token(context.configuration); });
}

}  // namespace tarn::app
