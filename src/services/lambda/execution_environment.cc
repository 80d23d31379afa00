#include "services/lambda/execution_environment.h"

#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/metadata/access.h"
#include "wire/dates.h"

namespace tarn::lambda {
namespace {

// An answer's text, escaped as JSON.
constexpr std::size_t kMostMessageBytes = 2 * kMostPayloadBytes + (std::size_t{1} << 16);
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint32_t kMostProcesses = 1024;
// What an interpreter takes before the function's own memory.
constexpr std::uint64_t kOverheadBytes = std::uint64_t{64} << 20;
constexpr std::chrono::milliseconds kRemovalPause{20};
constexpr int kRemovals = 10;
constexpr std::uint64_t kMostLogOnDisk = std::uint64_t{64} << 20;

bool is_node(const Version& version) {
  return version.runtime.starts_with("nodejs");
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::map<std::string, std::string> own_variables(const Options& options,
                                                 const FunctionRecord& function,
                                                 const Version& version,
                                                 const iam::Credential& keys,
                                                 const std::string& log_stream) {
  std::map<std::string, std::string> out = version.environment;
  out["_HANDLER"] = version.handler;
  out["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + version.runtime;
  out["AWS_LAMBDA_FUNCTION_NAME"] = function.name;
  out["AWS_LAMBDA_FUNCTION_VERSION"] = version.name;
  out["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(version.memory_mb);
  out["AWS_LAMBDA_LOG_GROUP_NAME"] = version.log_group;
  out["AWS_LAMBDA_LOG_STREAM_NAME"] = log_stream;
  out["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
  out["AWS_REGION"] = out["AWS_DEFAULT_REGION"] = function.region;
  out["AWS_ACCESS_KEY_ID"] = keys.access_key_id;
  out["AWS_SECRET_ACCESS_KEY"] = keys.secret_access_key;
  out["AWS_SESSION_TOKEN"] = keys.session_token;
  out.emplace("AWS_ENDPOINT_URL", options.endpoint_url);
  out["LANG"] = "en_US.UTF-8";
  out["PYTHONUTF8"] = "1";
  out["TZ"] = ":UTC";
  return out;
}

void lead_home(const Options& options, std::map<std::string, std::string>& out) {
  if (options.proxy_port != 0) {
    const std::string proxy = fmt::format("http://{}:{}", options.proxy_host, options.proxy_port);
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) out.emplace(name, proxy);
    for (const char* name : {"NO_PROXY", "no_proxy"}) out.emplace(name, "127.0.0.1,localhost");
  }
  if (options.ca_bundle.empty()) return;
  for (const char* name :
       {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}) {
    out.emplace(name, options.ca_bundle);
  }
}

sandbox::Request sandbox_request(const Options& options, const Version& version,
                                 const ExecutionEnvironment::Place& place) {
  sandbox::Request out;
  out.name = place.name;
  out.directory = place.directory;
  out.readable = {options.runtime_directory, options.ca_bundle};
  if (is_node(version)) {
    out.readable.push_back(options.node);
  } else {
    out.readable.push_back(folder_of(folder_of(options.python)));
  }
  std::erase(out.readable, "");
  const auto memory = static_cast<std::uint64_t>(version.memory_mb) << 20;
  out.limits = {memory + kOverheadBytes, kMostProcesses};
  return out;
}

platform::ProcessSpec process_of(const Options& options, const FunctionRecord& function,
                                 const Version& version, const std::string& task_root,
                                 const iam::Credential& keys,
                                 const ExecutionEnvironment::Place& place) {
  platform::ProcessSpec out;
  out.environment = own_variables(options, function, version, keys, place.log_stream);
  lead_home(options, out.environment);
  out.environment["LAMBDA_TASK_ROOT"] = task_root;
  const std::string inline_modules = options.runtime_directory + "/inline";
  if (is_node(version)) {
    out.arguments = {options.node, options.runtime_directory + "/nodejs/bootstrap.mjs"};
    // A file of that name beside the code comes first, as for Python.
    out.environment["NODE_PATH"] = inline_modules;
    out.environment.emplace("PATH", folder_of(options.node) + ":/usr/bin:/bin");
  } else {
    out.arguments = {options.python, "-m", "tarn_lambda"};
    const auto own = version.environment.find("PYTHONPATH");
    out.environment["PYTHONPATH"] = (own == version.environment.end() ? "" : own->second + ":") +
                                    options.runtime_directory + ":" + inline_modules;
    out.environment["PYTHONDONTWRITEBYTECODE"] = "1";
    out.environment.emplace("PATH", folder_of(options.python) + ":/usr/bin:/bin");
  }
  out.directory = task_root;
  out.output_path = place.directory + "/log";
  out.with_pipes = true;
  return out;
}

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json problem(std::string_view type, std::string message) {
  return {{"errorType", type}, {"errorMessage", std::move(message)}};
}

}  // namespace

Result<std::shared_ptr<ExecutionEnvironment>> ExecutionEnvironment::start(
    platform::Platform& platform, sandbox::Sandboxes& sandboxes, const Options& options,
    const Packages& packages, const FunctionRecord& function, const Version& version,
    const iam::Credential& keys, Place place) {
  if (is_node(version) && options.node.empty()) {
    return Error(code::kNotFound,
                 "Node.js is not installed on this machine: apt install nodejs, then restart tarn");
  }
  TARN_CHECK(sandboxes.usable());
  TARN_CHECK(platform.files.make_directories(place.directory));
  TARN_TRY(sandbox::Sandbox box, sandboxes.open(sandbox_request(options, version, place)));
  const std::string code_folder = place.directory + "/task";
  TARN_TRY(const std::vector<std::string> made, packages.unpack(version.code, code_folder));
  TARN_CHECK(sandboxes.give(box, made));
  std::string task_root = code_folder;
  if (sandboxes.mode() != sandbox::Mode::kNone) {
    task_root = "/var/task";
    TARN_TRY(const std::string real, platform.files.resolve(code_folder));
    box.readable.push_back({task_root, real});
  }
  platform::ProcessSpec spec =
      sandboxes.enclosed(box, process_of(options, function, version, task_root, keys, place));
  TARN_TRY(auto process, platform.processes.spawn(std::move(spec)));
  return std::make_shared<ExecutionEnvironment>(platform, sandboxes, std::move(box),
                                                std::move(process), std::move(place),
                                                keys.access_key_id);
}

ExecutionEnvironment::ExecutionEnvironment(platform::Platform& platform,
                                           sandbox::Sandboxes& sandboxes, sandbox::Sandbox box,
                                           std::unique_ptr<platform::Process> process, Place place,
                                           std::string access_key_id)
    : platform_(platform),
      sandboxes_(sandboxes),
      box_(std::move(box)),
      process_(std::move(process)),
      place_(std::move(place)),
      access_key_id_(std::move(access_key_id)) {}

Task<std::optional<Json>> ExecutionEnvironment::next_message() {
  auto line = co_await process_->read_line(kMostMessageBytes);
  if (!line.ok() || !line->has_value()) co_return std::nullopt;
  Json message = wire::parse_json(**line);
  if (!message.is_object()) co_return std::nullopt;
  co_return message;
}

// What ends a call that takes too long is the end of its process.
Task<void> ExecutionEnvironment::end_at(std::shared_ptr<ExecutionEnvironment> self,
                                        std::uint64_t number, std::chrono::milliseconds timeout) {
  co_await self->platform_.clock.sleep(timeout);
  if (self->ended_ || self->answered_ >= number) co_return;
  self->timed_out_ = true;
  self->process_->signal_group(SIGKILL);
}

Task<std::optional<Json>> ExecutionEnvironment::converse(std::string line) {
  if (!ready_) {
    std::optional<Json> first = co_await next_message();
    if (!first || !first->contains("ready")) co_return first;
    ready_ = true;
  }
  const Status written = co_await process_->write(std::move(line));
  if (!written.ok()) co_return std::nullopt;
  co_return co_await next_message();
}

Answer ExecutionEnvironment::answer_of(const Json& said) {
  Answer out;
  if (const auto failed = said.find("failed"); failed != said.end()) {
    ended_ = true;
    out.failed = true;
    out.payload = text_of(*failed);
  } else if (const auto error = said.find("error"); error != said.end()) {
    out.failed = true;
    out.payload = text_of(*error);
  } else {
    out.payload = wire::text_or(said, "result", "null");
  }
  if (out.payload.size() <= kMostPayloadBytes) return out;
  out.failed = true;
  out.payload = text_of(
      problem("Function.ResponseSizeTooLarge",
              fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                          kMostPayloadBytes)));
  return out;
}

Task<Answer> ExecutionEnvironment::call(std::shared_ptr<ExecutionEnvironment> self, Call call,
                                        std::chrono::milliseconds timeout) {
  platform::Clock& clock = self->platform_.clock;
  const auto began = clock.monotonic();
  const std::uint64_t number = ++self->calls_;
  tarn::start(end_at(self, number, timeout));
  const Json message = {{"id", call.request_id},
                        {"event", std::move(call.payload)},
                        {"arn", call.arn},
                        {"deadline_ms", (clock.now() + timeout).ms},
                        {"client_context", call.client_context}};
  std::string line = text_of(message) + "\n";
  const std::optional<Json> said = co_await self->converse(std::move(line));
  self->answered_ = number;
  Answer answer;
  if (said) {
    answer = self->answer_of(*said);
  } else {
    answer = co_await self->broken(call.request_id);
  }
  answer.log = co_await self->take_log();
  answer.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - began);
  if (!self->timed_out_) co_return answer;
  const std::string words =
      fmt::format("{} {} Task timed out after {:.2f} seconds", wire::to_iso8601(clock.now(), true),
                  call.request_id, static_cast<double>(timeout.count()) / 1000.0);
  answer.failed = true;
  answer.payload = text_of(problem("Sandbox.Timedout", words));
  answer.log += words + "\n\n";
  co_return answer;
}

void ExecutionEnvironment::kill() {
  ended_ = true;
  process_->signal_group(SIGKILL);
}

// The process has ended, or says what it should not.
Task<Answer> ExecutionEnvironment::broken(std::string request_id) {
  kill();
  const platform::ExitStatus outside = co_await process_->wait();
  const platform::ExitStatus status = sandboxes_.ended(outside);
  const std::string why = sandboxes_.why_killed(box_);
  const std::string how = status.signal != 0 ? fmt::format("signal: {}", status.signal)
                                             : fmt::format("exit status {}", status.code);
  Answer out;
  out.failed = true;
  out.payload = text_of(problem(
      "Runtime.ExitError", fmt::format("RequestId: {} Error: Runtime exited with error: {}{}{}",
                                       request_id, how, why.empty() ? "" : ": ", why)));
  co_return out;
}

Task<std::string> ExecutionEnvironment::take_log() {
  const auto take = [this]() -> std::string {
    auto file = platform_.files.open(place_.directory + "/log", platform::OpenMode::kReadWrite);
    if (!file.ok()) return {};
    const auto size = (*file)->size();
    std::string out;
    if (!size.ok() || *size == 0) return out;
    if (!(*file)->read_at(0, kMostLogBytes, out).ok()) return {};
    if (*size > kMostLogBytes)
      out += fmt::format("\n[tarn: {} more bytes of output are left out]\n", *size - kMostLogBytes);
    [[maybe_unused]] const Status emptied = (*file)->truncate(0);
    return out;
  };
  co_return co_await platform_.tasks.offload(take);
}

void ExecutionEnvironment::trim_log() {
  const std::string path = place_.directory + "/log";
  auto file = platform_.files.open(path, platform::OpenMode::kReadWrite);
  if (!file.ok()) return;
  const auto size = (*file)->size();
  if (!size.ok() || *size <= kMostLogOnDisk) return;
  [[maybe_unused]] const Status emptied = (*file)->truncate(0);
}

Task<void> ExecutionEnvironment::stop(std::shared_ptr<ExecutionEnvironment> self) {
  if (std::exchange(self->removed_, true)) co_return;
  self->kill();
  co_await self->process_->wait();
  sandbox::Sandbox box = self->box_;
  co_await self->sandboxes_.close(std::move(box));
  // The last processes of a sandbox end a moment after its enclosure.
  const auto remove = [&files = self->platform_.files, &directory = self->place_.directory] {
    return files.remove_tree(directory);
  };
  for (int i = 1; i <= kRemovals; ++i) {
    const Status removed = co_await self->platform_.tasks.offload(remove);
    if (removed.ok()) co_return;
    if (i == kRemovals) spdlog::warn("lambda: {}", removed.error().message);
    co_await self->platform_.clock.sleep(kRemovalPause);
  }
}

}  // namespace tarn::lambda
