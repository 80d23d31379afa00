// ExecutionEnvironment: one execution environment: a process in a sandbox that has loaded a version
// of a function and answers one event after another.
//
// Place: services/lambda, under execution_environments.h; the other side is runtime/ (its files
// describe the protocol). Threads: the control strand.
//
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/iam/credentials.h"
#include "services/lambda/function.h"
#include "services/lambda/package.h"
#include "wire/json_value.h"

namespace tarn::lambda {

using Json = nlohmann::json;

// What functions run on and what leads them to the server.
struct Options {
  std::string data_directory;     // of the room; `environments` in it is emptied at start
  std::string python;             // of the runtime: has boto3
  std::string runtime_directory;  // holds tarn_lambda, nodejs, inline
  std::string node;               // empty: none is installed
  std::string endpoint_url;
  std::string proxy_host = "127.0.0.1";  // of the egress listener
  int proxy_port = 0;
  std::string ca_bundle;
};

// One call of a function.
struct Call {
  std::string request_id;
  std::string arn;  // as it was called
  std::string payload;
  std::string client_context;  // JSON; empty: none
};

// What became of a call.
struct Answer {
  std::string payload;  // the function's answer, or its error: JSON
  bool failed = false;  // the function did
  std::string log;      // what it wrote meanwhile, cut at kMostLogBytes
  std::chrono::milliseconds duration{0};
};

inline constexpr std::size_t kMostLogBytes = std::size_t{1} << 20;      // of one call
inline constexpr std::size_t kMostPayloadBytes = std::size_t{6} << 20;  // each way

class ExecutionEnvironment {
 public:
  struct Place {
    std::string name;       // unique: "lambda-3"
    std::string directory;  // its own
    std::string log_stream;
  };

  // In a new sandbox. Blocks. Errors: kIo, kDiskFull, kNotFound (no such runtime), kInvalid.
  [[nodiscard]] static Result<std::shared_ptr<ExecutionEnvironment>> start(
      platform::Platform& platform, sandbox::Sandboxes& sandboxes, const Options& options,
      const Packages& packages, const FunctionRecord& function, const Version& version,
      const iam::Credential& keys, Place place);

  ExecutionEnvironment(platform::Platform& platform, sandbox::Sandboxes& sandboxes,
                       sandbox::Sandbox box, std::unique_ptr<platform::Process> process,
                       Place place, std::string access_key_id);

  // One call at a time. Never fails: what goes wrong is the function's answer. After a failure of
  // the process ended() is true.
  [[nodiscard]] static Task<Answer> call(std::shared_ptr<ExecutionEnvironment> self, Call call,
                                         std::chrono::milliseconds timeout);
  // Ends a call under way.
  void kill();
  // Output of a call that writes without end is dropped. Blocks.
  void trim_log();
  // Ends it and takes its files away; returns once its process is reaped. Not during a call.
  [[nodiscard]] static Task<void> stop(std::shared_ptr<ExecutionEnvironment> self);

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] const std::string& access_key_id() const { return access_key_id_; }

 private:
  // The process's next message. nullopt: it has ended.
  [[nodiscard]] Task<std::optional<Json>> next_message();
  // What it says to `line`, once it is ready.
  [[nodiscard]] Task<std::optional<Json>> converse(std::string line);
  [[nodiscard]] Answer answer_of(const Json& said);
  static Task<void> end_at(std::shared_ptr<ExecutionEnvironment> self, std::uint64_t number,
                           std::chrono::milliseconds timeout);
  [[nodiscard]] Task<Answer> broken(std::string request_id);
  // Takes the file of output, empties it.
  [[nodiscard]] Task<std::string> take_log();

  platform::Platform& platform_;
  sandbox::Sandboxes& sandboxes_;
  sandbox::Sandbox box_;
  std::unique_ptr<platform::Process> process_;
  const Place place_;
  const std::string access_key_id_;
  bool ready_ = false;
  bool ended_ = false;
  bool timed_out_ = false;
  bool removed_ = false;
  std::uint64_t calls_ = 0;  // begun
  std::uint64_t answered_ = 0;
};

}  // namespace tarn::lambda
