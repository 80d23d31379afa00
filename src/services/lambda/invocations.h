// Invocations: calls of functions, at once or by and by, and what is written about them.
//
// Place: services/lambda; handlers and, in process, stacks (macros, custom resources) call here.
// Threads: the control strand.
//
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/in_process.h"
#include "gateway/service.h"
#include "platform/bell.h"
#include "platform/platform.h"
#include "services/iam/credentials.h"
#include "services/lambda/execution_environments.h"
#include "services/lambda/functions.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::lambda {

// What a qualifier leads to.
struct Target {
  Functions::Entry function;
  Version version;
  std::string arn;  // with the qualifier that was given
};

class Invocations {
 public:
  Invocations(platform::Platform platform, store::Store& store, store::Journal& journal,
              Functions& functions, ExecutionEnvironments& environments,
              const iam::Credentials& credentials, const gateway::InProcess& calls)
      : platform_(platform),
        store_(store),
        journal_(journal),
        functions_(functions),
        environments_(environments),
        credentials_(credentials),
        calls_(calls) {}

  // Events that a server before this one had acknowledged go on. Errors: kIo, kCorrupt.
  [[nodiscard]] Task<Status> start();
  [[nodiscard]] Task<void> shut_down();

  // Ends with the function's answer; its output is on its way to the log. Errors: those of
  // ExecutionEnvironments::run.
  [[nodiscard]] Task<Result<ExecutionEnvironments::Outcome>> run(Target target, Call call);
  // Durable when it ends; run soon, and again after a minute and after two more where it fails.
  [[nodiscard]] Task<Status> queue(Target target, std::string qualifier, Call call);

 private:
  [[nodiscard]] Task<void> work();
  [[nodiscard]] Task<void> attempt(QueuedEvent event);
  [[nodiscard]] Task<void> settle(QueuedEvent event, bool done);
  // The lines around a call, then its output, to the function's group, as its role.
  static Task<void> write_log(Invocations* self, Target target,
                              ExecutionEnvironments::Outcome outcome, std::string request_id);

  platform::Platform platform_;
  store::Store& store_;
  store::Journal& journal_;
  Functions& functions_;
  ExecutionEnvironments& environments_;
  const iam::Credentials& credentials_;
  const gateway::InProcess& calls_;
  std::map<std::string, QueuedEvent> events_;  // by id
  std::set<std::string> running_;
  std::set<std::string> known_streams_;  // group and stream that were made
  std::size_t writing_ = 0;
  bool stopping_ = false;
  bool working_ = false;
};

// The version that `qualifier` names; empty: the latest state. Error: ResourceNotFoundException.
[[nodiscard]] Result<Target> find_target(const Functions::Entry& function,
                                         const std::string& qualifier);

// What a call's output and Lambda's own lines are, for LogType Tail and the log.
[[nodiscard]] std::string log_text(const Target& target,
                                   const ExecutionEnvironments::Outcome& outcome,
                                   const std::string& request_id);

}  // namespace tarn::lambda
