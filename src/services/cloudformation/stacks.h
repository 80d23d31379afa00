// Stacks: all stacks of the account, and the operations on them.
//
// Place: services/cloudformation; one in the service. Threads: the control strand.
//
// An operation is a durable state machine: what it is about to do is recorded before it is done, so
// that one that was cut by the end of the server goes on when it starts again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/bell.h"
#include "platform/platform.h"
#include "services/cloudformation/record.h"
#include "services/cloudformation/resource_type.h"
#include "services/iam/credentials.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxStacks = 2000;  // of an account and Region, without deleted ones

// What CreateStack asks.
struct StackOrder {
  std::string name;
  std::string text;
  ParameterTexts parameters;
  std::map<std::string, std::string> tags;
  std::vector<std::string> capabilities;
  std::vector<std::string> notification_arns;
  std::string on_failure = "ROLLBACK";
  bool is_protected = false;
  std::string token;
};

// What operations work with. All of it must live on.
struct Surrounding {
  platform::Platform& platform;
  store::Store& store;
  store::Journal& journal;
  iam::Credentials& credentials;
  const ResourceTypes& types;
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
  // Of the caller's account and Region, newest first; deleted ones too.
  [[nodiscard]] std::vector<std::shared_ptr<const StackRecord>> list(const Caller& caller) const;

  // Its id, when the operation is recorded; it goes on by itself. Errors: AlreadyExistsException,
  // LimitExceededException, InsufficientCapabilitiesException, ValidationError; of the store.
  [[nodiscard]] Task<Result<std::string>> create(Caller caller, StackOrder order);
  // Likewise. Errors: ValidationError (protected, busy, its export in use).
  [[nodiscard]] Task<Status> remove(Caller caller, std::shared_ptr<StackRecord> stack,
                                    std::vector<std::string> retained, std::string token);
  // Durable when it ends.
  [[nodiscard]] Task<Status> protect(std::shared_ptr<StackRecord> stack, bool is_protected);

  // The stack whose export has that name; nullptr where none has.
  [[nodiscard]] std::shared_ptr<const StackRecord> exporter(const StackRecord& of,
                                                            std::string_view name,
                                                            std::string* value) const;
  // Names of the stacks that use an export.
  [[nodiscard]] std::vector<std::string> importers(const StackRecord& of,
                                                   std::string_view name) const;

  // Newest first, at most `limit`, older than the event number `before`. Errors: kIo, kCorrupt.
  [[nodiscard]] Result<std::vector<EventRecord>> events(const StackRecord& stack,
                                                        std::uint64_t before,
                                                        std::size_t limit) const;

 private:
  friend class Operation;

  [[nodiscard]] Task<Result<std::string>> borrow_keys(Caller caller);
  void begin(std::shared_ptr<StackRecord> stack);
  [[nodiscard]] Status check_free(const Caller& caller, const std::string& name) const;

  Surrounding around_;
  std::map<std::string, std::shared_ptr<StackRecord>, std::less<>> stacks_;  // by id
  bool stopping_ = false;
  std::size_t operations_ = 0;
  platform::Bell rested_;
};

}  // namespace tarn::cloudformation
