// Stacks: all stacks of the account, and the operations on them.
//
// Place: services/cloudformation; one in the service. Threads: the control strand.
//
// stacks.cc has what there is, creation and deletion; stacks_update.cc what becomes of a stack that
// is there. An operation is a durable state machine: what it is about to do is recorded before it
// is done, so that one that was cut by the end of the server goes on when it starts again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/bell.h"
#include "platform/platform.h"
#include "services/cloudformation/macros.h"
#include "services/cloudformation/plan.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/resource_type.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iam/roles.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxStacks = 2000;  // of an account and Region, without deleted ones
inline constexpr std::string_view kNoUpdates = "No updates are to be performed.";

// What CreateStack asks.
struct StackOrder : StackState {
  std::string name;
  std::string on_failure = "ROLLBACK";
  bool is_protected = false;
  std::int64_t timeout_minutes = 0;  // of the creation; 0: none
  bool deletes_new = false;          // RetainExceptOnCreate
  std::string policy;                // of StackPolicy; empty: none
  std::string role_arn;              // empty: who calls
  std::string parent_id;             // of a nested stack
  std::string root_id;
  std::string token;
};

// What UpdateStack asks.
struct StackChange {
  StackState target;                    // of outputs and imports nothing
  std::optional<std::string> role_arn;  // none: as it was
  bool keeps_failure = false;           // DisableRollback
  bool waits = false;                   // a nested stack, whose parent will settle it
  bool deletes_new = false;             // RetainExceptOnCreate
  std::string policy;                   // from its success on; empty: as it was
  std::string policy_during;            // while it goes on; empty: the stack's
  std::string token;
};

// Resources that are there and become a stack's: physical ids by logical ones.
using Imports = std::map<std::string, std::string, std::less<>>;

// What DeleteStack asks.
struct StackRemoval {
  std::vector<std::string> retained;
  bool is_forced = false;
  std::string role_arn;  // empty: as it was
  std::string token;
};

// What stacks ask of other services about their parameters.
class ParameterSource {
 public:
  virtual ~ParameterSource() = default;
  // Whether a value of an AWS-specific type ("AWS::EC2::Subnet::Id") exists. Error:
  // ValidationError.
  [[nodiscard]] virtual Status check(const std::string& region, std::string_view type,
                                     std::string_view value) const = 0;
  // The value of an SSM parameter. Error: ValidationError.
  [[nodiscard]] virtual Result<std::string> read(const std::string& region,
                                                 std::string_view name) const = 0;
};

// Who operates a stack.
struct Identities {
  iam::Credentials& credentials;
  const iam::Roles& roles;
  const iam::Authorizer& authorizer;
};

// What operations work with. All of it must live on.
struct Surrounding {
  platform::Platform& platform;
  store::Store& store;
  store::Journal& journal;
  Identities identities;
  const ResourceTypes& types;
  const Macros& macros;
  const ParameterSource& parameters;
  const gateway::InProcess& calls;  // for what properties refer to
};

// "stack-Logical-1A2B3C4D5E6F", as CloudFormation makes up names.
[[nodiscard]] std::string made_up_name(const std::string& stack, const std::string& logical_id,
                                       platform::Random& random);

// Who has a macro work his template over, without seeing what comes of it first, says so. Error:
// InsufficientCapabilitiesException.
[[nodiscard]] Status check_expansion(const std::vector<std::string>& capabilities);

// What an operation would do.
struct StackPreview {
  std::vector<PlannedChange> changes;
  bool is_empty = false;  // neither resources nor outputs, tags, … change
};

class Stacks {
 public:
  explicit Stacks(Surrounding around) : around_(around) {}

  // Reads what there is. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();
  // Goes on with the operations that the last server began.
  void resume();
  // Lets no operation take another step; ends when those under way have ended.
  [[nodiscard]] Task<void> shut_down();

  // By name (of one that is not gone) or by id. Error: ValidationError, "Stack with id X does not
  // exist".
  [[nodiscard]] Result<std::shared_ptr<StackRecord>> find(const Caller& caller,
                                                          std::string_view name_or_id) const;
  // nullptr where there is none.
  [[nodiscard]] std::shared_ptr<StackRecord> find_by_id(std::string_view id) const;
  // Of the caller's account and Region, newest first; deleted ones too.
  [[nodiscard]] std::vector<std::shared_ptr<const StackRecord>> list(const Caller& caller) const;

  // Its id, when the operation is recorded; it goes on by itself. Errors: AlreadyExistsException,
  // LimitExceededException, InsufficientCapabilitiesException, ValidationError; of the store.
  [[nodiscard]] Task<Result<std::string>> create(Caller caller, StackOrder order);
  // A stack with nothing in it, REVIEW_IN_PROGRESS, for a change set. Errors: as above.
  [[nodiscard]] Task<Result<std::string>> reserve(Caller caller, StackOrder order);
  // Begins what was reserved. Errors: as create.
  [[nodiscard]] Task<Status> create_reserved(Caller caller, std::shared_ptr<StackRecord> stack,
                                             StackOrder order);
  // What macros make of a template, as who would operate the stack; one without stays as it is.
  // Errors: those of Macros.
  [[nodiscard]] Task<Status> expand(Caller caller, std::string role_arn, std::string own_role,
                                    StackState& state);
  // The name that an import gives a physical id of the type; empty where it cannot be imported.
  [[nodiscard]] std::string_view identifier_of(std::string_view type) const;
  // What creation would do, of a reserved stack where there is one. Errors: as create.
  [[nodiscard]] Result<StackPreview> preview(const Caller& caller, StackOrder order,
                                             std::shared_ptr<StackRecord> reserved);
  // What an update would do. Errors: ValidationError and others of the template.
  [[nodiscard]] Result<StackPreview> preview(std::shared_ptr<StackRecord> stack,
                                             const StackChange& change);
  // What an import would do; `stack` is nullptr where it would make one. Errors: ValidationError
  // (it would change what is there, a type that cannot be read, no DeletionPolicy).
  [[nodiscard]] Result<StackPreview> preview_import(const Caller& caller,
                                                    std::shared_ptr<StackRecord> stack,
                                                    const StackChange& change,
                                                    const Imports& imports);
  // Begins an import that goes on by itself. Errors: as preview_import; of the store.
  [[nodiscard]] Task<Status> adopt(Caller caller, std::shared_ptr<StackRecord> stack,
                                   StackChange change, Imports imports);
  // Begins an update that goes on by itself. Errors: ValidationError ("No updates are to be
  // performed." where `is_needed`), InsufficientCapabilitiesException; of the store.
  [[nodiscard]] Task<Status> update(Caller caller, std::shared_ptr<StackRecord> stack,
                                    StackChange change, bool is_needed);
  // The update under way ends with what it has begun, and is rolled back. Error: ValidationError.
  [[nodiscard]] Task<Status> cancel(std::shared_ptr<StackRecord> stack);
  // Rolls back what failed and stayed so. Error: ValidationError.
  [[nodiscard]] Task<Status> roll_back(Caller caller, std::shared_ptr<StackRecord> stack,
                                       std::string role_arn, std::string token);
  // Tries a rollback again, without touching the resources to be `skipped`. Error: ValidationError.
  [[nodiscard]] Task<Status> continue_rollback(Caller caller, std::shared_ptr<StackRecord> stack,
                                               std::vector<std::string> skipped,
                                               std::string role_arn, std::string token);
  // Of a nested stack that waits: its parent's update is complete, or is rolled back.
  [[nodiscard]] Task<Status> settle(Caller caller, std::shared_ptr<StackRecord> stack,
                                    bool is_complete);
  // Begins a deletion. Errors: ValidationError (protected, busy, its export in use).
  [[nodiscard]] Task<Status> remove(Caller caller, std::shared_ptr<StackRecord> stack,
                                    StackRemoval removal);
  // Durable when it ends.
  [[nodiscard]] Task<Status> protect(std::shared_ptr<StackRecord> stack, bool is_protected);
  // One that StackPolicy reads; an empty one takes it away. Durable when it ends.
  [[nodiscard]] Task<Status> set_policy(std::shared_ptr<StackRecord> stack, std::string policy);

  // The stack whose export has that name; nullptr where none has.
  [[nodiscard]] std::shared_ptr<const StackRecord> exporter(const StackRecord& of,
                                                            std::string_view name,
                                                            std::string* value) const;
  // The name of another stack that has that resource; empty where none has.
  [[nodiscard]] std::string holder(const StackRecord& but, std::string_view type,
                                   std::string_view physical_id) const;
  // Names of the stacks that use an export.
  [[nodiscard]] std::vector<std::string> importers(const StackRecord& of,
                                                   std::string_view name) const;

  // Newest first, at most `limit`, older than the event number `before`. Errors: kIo, kCorrupt.
  [[nodiscard]] Result<std::vector<EventRecord>> events(const StackRecord& stack,
                                                        std::uint64_t before,
                                                        std::size_t limit) const;

 private:
  friend class Operation;
  friend class OrderProgress;

  // Temporary keys of the role, where one is given or the stack has one, else of the caller.
  [[nodiscard]] Task<Result<std::string>> borrow_keys(Caller caller, std::string given_role,
                                                      std::string own_role);
  [[nodiscard]] Result<iam::Credential> issue_keys(const Caller& caller,
                                                   const std::string& given_role,
                                                   const std::string& own_role) const;
  // The caller with borrowed keys. Error: AccessDenied (they have ended).
  [[nodiscard]] Result<Caller> caller_with(const std::string& access_key_id,
                                           const std::string& region) const;
  [[nodiscard]] Task<Status> give_back(std::string access_key_id);
  // The resources that the stack's template makes, with all that is checked before. Errors: those
  // of Blueprint::draw and of imports.
  [[nodiscard]] Status lay_out(StackRecord& stack, const Surroundings& world) const;
  [[nodiscard]] Task<Status> launch(Caller caller, std::shared_ptr<StackRecord> stack);
  [[nodiscard]] Task<Status> begin_phase(Caller caller, std::shared_ptr<StackRecord> stack,
                                         std::string role_arn, std::string_view status);
  [[nodiscard]] std::shared_ptr<StackRecord> drafted(const Caller& caller, StackOrder order) const;
  [[nodiscard]] Status check_exports_free(const StackRecord& stack) const;
  void begin(std::shared_ptr<StackRecord> stack);
  [[nodiscard]] Status check_free(const Caller& caller, const std::string& name) const;

  Surrounding around_;
  std::map<std::string, std::shared_ptr<StackRecord>, std::less<>> stacks_;  // by id
  bool stopping_ = false;
  std::size_t operations_ = 0;
  platform::Bell rested_;
};

}  // namespace tarn::cloudformation
