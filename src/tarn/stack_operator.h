// StackOperator: stacks that a command makes and deletes, with progress on standard output.
//
// Place: tarn; under guidance.h. Threads: the main thread's; blocks until a stack has come to an
// end, for kLongest at most.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "tarn/aws_calls.h"

namespace tarn::app {

struct StackOrder {
  std::string name;
  std::string template_url;
  std::map<std::string, std::string> parameters;
};

class StackOperator {
 public:
  using Values = std::map<std::string, std::string>;
  static constexpr std::chrono::minutes kLongest{60};  // of one stack; it goes on behind

  explicit StackOperator(const AwsCalls& calls) : calls_(calls) {}

  // The stack is there and complete: made, waited for where it is under way, and made anew where an
  // earlier try was rolled back. One that is complete is left as it is. Errors: kInvalid (with the
  // reasons of what failed), kTimeout, those of the calls.
  [[nodiscard]] Status make(const StackOrder& order);
  // The stack is gone; one that is not there is no error. Errors: as above.
  [[nodiscard]] Status remove(const std::string& name);

  // Errors: those of the calls; kNotFound (no such stack).
  [[nodiscard]] Result<Values> outputs(const std::string& name) const;
  // What the stack's resources are, by logical id. Errors: as above.
  [[nodiscard]] Result<Values> resources(const std::string& name) const;

 private:
  [[nodiscard]] Result<nlohmann::json> describe(const std::string& name) const;
  // The status; empty where there is none.
  [[nodiscard]] Result<std::string> status(const std::string& name) const;
  // Waits while the status ends with _IN_PROGRESS, telling what happens; `stack` is a name or an
  // id. The status at the end.
  [[nodiscard]] Result<std::string> watch(const std::string& stack);
  // New events, oldest first; failures are kept for the end.
  Status tell_events(const std::string& stack);
  Status note_failure(const nlohmann::json& event);
  Status ended(const std::string& name, const std::string& status, std::string_view wanted);

  const AwsCalls& calls_;
  std::set<std::string> told_;  // ids of events
  std::string failures_;
};

}  // namespace tarn::app
