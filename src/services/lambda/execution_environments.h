// ExecutionEnvironments: the execution environments of all functions: started when they are needed,
// kept for a while, bounded in number.
//
// Place: services/lambda. Threads: the control strand.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "platform/tasks.h"
#include "sandbox/sandboxes.h"
#include "services/iam/credentials.h"
#include "services/iam/roles.h"
#include "services/lambda/execution_environment.h"
#include "services/lambda/functions.h"

namespace tarn::lambda {

inline constexpr std::size_t kMostEnvironments = 16;  // ours: each is a process of this machine
inline constexpr std::size_t kMostWaiting = 100;      // calls that wait for one

class ExecutionEnvironments {
 public:
  ExecutionEnvironments(platform::Platform platform, sandbox::Sandboxes& sandboxes,
                        Packages& packages, iam::Credentials& credentials, const iam::Roles& roles,
                        Options options)
      : platform_(platform),
        sandboxes_(sandboxes),
        packages_(packages),
        credentials_(credentials),
        roles_(roles),
        options_(std::move(options)) {}

  // Takes away what a killed server left.
  [[nodiscard]] Task<Status> start();
  [[nodiscard]] Task<void> shut_down();

  struct Outcome {
    Answer answer;
    std::string log_stream;
    std::string access_key_id;  // of the function's role
    bool cold = false;          // it was started for this call
  };
  // Errors: TooManyRequestsException, AccessDeniedException (the role), kIo, kDiskFull, kInvalid
  // (no sandbox), kNotFound (no runtime), kCancelled (the server ends).
  [[nodiscard]] Task<Result<Outcome>> run(Functions::Entry function, Version version, Call call);
  // Those of a function are not used again.
  void retire(const FunctionRecord& function);

 private:
  struct Slot {
    std::shared_ptr<ExecutionEnvironment> environment;
    std::string function;  // ARN
    std::string version;   // its revision
    bool busy = false;
    bool retired = false;
    Timestamp began;
    std::chrono::nanoseconds idle_since{0};
  };
  using Slots = std::list<std::shared_ptr<Slot>>;

  // A slot that is the caller's, with or without an environment.
  [[nodiscard]] Task<Result<std::shared_ptr<Slot>>> take(Functions::Entry function,
                                                         const Version& version);
  [[nodiscard]] std::shared_ptr<Slot> find_idle(const FunctionRecord& function,
                                                const Version& version);
  [[nodiscard]] std::shared_ptr<Slot> make_slot(const FunctionRecord& function,
                                                const Version& version);
  [[nodiscard]] Task<Status> fill(Slot& slot, Functions::Entry function, const Version& version);
  [[nodiscard]] std::size_t busy_of(const FunctionRecord& function) const;
  [[nodiscard]] Task<void> give_back(std::shared_ptr<Slot> slot);
  // Ends an environment and its keys.
  [[nodiscard]] Task<void> end(std::shared_ptr<Slot> slot);
  [[nodiscard]] Task<void> watch();
  void wake_one();

  platform::Platform platform_;
  sandbox::Sandboxes& sandboxes_;
  Packages& packages_;
  iam::Credentials& credentials_;
  const iam::Roles& roles_;
  const Options options_;
  Slots slots_;
  std::deque<std::shared_ptr<platform::Completion<bool>>> waiting_;
  std::uint64_t next_number_ = 1;
  std::size_t ending_ = 0;
  bool stopping_ = false;
  bool watching_ = false;
};

}  // namespace tarn::lambda
