// Change sets: what would be done to a stack, kept until it is done or not wanted.
//
// Place: services/cloudformation; one in the service. Threads: the control strand.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/cloudformation/plan.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/stacks.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

struct ChangeSetRecord {
  std::string id;  // its ARN
  std::string name;
  std::string stack_id;
  std::string description;
  bool creates = false;  // the stack, which is REVIEW_IN_PROGRESS
  Imports imports;       // of one of type IMPORT
  std::string status;    // CREATE_COMPLETE, FAILED
  std::string reason;
  std::string on_failure;               // OnStackFailure
  std::optional<std::string> role_arn;  // none: the stack's
  std::int64_t created_ms = 0;
  StackState target;
  std::vector<PlannedChange> changes;
  std::uint64_t updates = 0;  // of the stack, when it was made: it holds for that state
  bool is_executed = false;
};

[[nodiscard]] std::string change_set_key(const ChangeSetRecord& set);
[[nodiscard]] std::string encode(const ChangeSetRecord& set);
// Error: kCorrupt.
[[nodiscard]] Result<ChangeSetRecord> decode_change_set(std::string_view record);

class ChangeSets {
 public:
  // All must live on.
  ChangeSets(Stacks& stacks, platform::Platform& platform, store::Store& store,
             store::Journal& journal)
      : stacks_(stacks), platform_(platform), store_(store), journal_(journal) {}

  // Reads what there is, after the stacks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // By name and stack, or by id. Errors: ChangeSetNotFound (404); ValidationError where a name
  // comes without a stack.
  [[nodiscard]] Result<std::shared_ptr<ChangeSetRecord>> find(
      const Caller& caller, const std::string& name_or_id,
      const std::optional<std::string>& stack) const;
  // Of a stack, oldest first.
  [[nodiscard]] std::vector<std::shared_ptr<const ChangeSetRecord>> list(
      const StackRecord& stack) const;
  // UNAVAILABLE, AVAILABLE, OBSOLETE, EXECUTE_IN_PROGRESS, EXECUTE_COMPLETE, EXECUTE_FAILED.
  [[nodiscard]] std::string_view execution_status(const ChangeSetRecord& set) const;

  // Kept, durable when it ends; id and time are given here. Errors: AlreadyExistsException; of the
  // store.
  [[nodiscard]] Task<Result<std::shared_ptr<const ChangeSetRecord>>> add(Caller caller,
                                                                         ChangeSetRecord set);
  // The stack's operation has been begun: the stack's other change sets go, as on AWS.
  [[nodiscard]] Task<Status> executed(std::shared_ptr<ChangeSetRecord> set);
  // Ends with the operation, or after a second: who looks every half minute from now on, as `aws
  // cloudformation deploy` does, finds a stack complete that is made at once.
  [[nodiscard]] Task<void> watch(std::string stack_id);
  [[nodiscard]] Task<Status> remove(std::shared_ptr<ChangeSetRecord> set);

 private:
  Stacks& stacks_;
  platform::Platform& platform_;
  store::Store& store_;
  store::Journal& journal_;
  std::map<std::string, std::shared_ptr<ChangeSetRecord>, std::less<>> sets_;  // by id
};

}  // namespace tarn::cloudformation
