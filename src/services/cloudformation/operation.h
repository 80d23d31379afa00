// Operation: what is being done to one stack: its creation, its deletion, or the rollback of what
// could not be created.
//
// Place: services/cloudformation; Stacks begins them. Threads: the control strand. Resources that
// do not need one another are made at the same time, at most kMostAtOnce.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/bell.h"
#include "services/cloudformation/blueprint.h"
#include "services/cloudformation/stacks.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMostAtOnce = 32;

class Operation final : public Surroundings {
 public:
  Operation(Stacks& stacks, std::shared_ptr<StackRecord> stack)
      : stacks_(stacks), stack_(std::move(stack)) {}

  // From where the stack stands to the end of the operation, or to the server's.
  [[nodiscard]] static Task<void> run(std::shared_ptr<Operation> self);

  // What templates of the stack ask.
  [[nodiscard]] Result<Value> physical_id(std::string_view resource) const override;
  [[nodiscard]] Result<Value> attribute(std::string_view resource,
                                        std::string_view attribute) const override;
  [[nodiscard]] Result<Value> import(std::string_view name) const override;
  [[nodiscard]] Result<Value> zones(std::string_view region) const override;

  // Recorded together with an event, durable when it ends. Error: of the store; then the operation
  // stops where it is.
  [[nodiscard]] Task<Status> record_stack(std::string_view status, std::string reason);
  // The same of a new stack, with the resources that it is to have.
  [[nodiscard]] Task<Status> record_begin(std::string reason);

 private:
  enum class Turn : std::uint8_t { kMake, kRemove };

  [[nodiscard]] Task<void> create();
  [[nodiscard]] Task<void> roll_back();
  [[nodiscard]] Task<void> remove_all();
  // Makes or removes all resources in their order; ends when none is left that could be.
  [[nodiscard]] Task<void> each_in_order(Turn turn);
  [[nodiscard]] bool is_ready(const ResourceRecord& resource, Turn turn) const;
  static Task<void> take(std::shared_ptr<Operation> self, std::string name, Turn turn);
  [[nodiscard]] Task<Status> make(ResourceRecord& resource);
  [[nodiscard]] Task<Status> unmake(ResourceRecord& resource);
  [[nodiscard]] Task<Result<MadeResource>> order(ResourceRecord& resource);
  [[nodiscard]] Task<Status> record(ResourceRecord& resource, std::string_view status,
                                    std::string reason);
  [[nodiscard]] Task<void> complete();
  [[nodiscard]] Task<Status> finish(std::string_view status, std::string reason);
  [[nodiscard]] Task<Status> commit(store::Batch batch, EventRecord event);
  [[nodiscard]] Result<Caller> caller() const;
  // "[A, B]", of the resources in that status.
  [[nodiscard]] std::string names_in(std::string_view status) const;

  Stacks& stacks_;
  std::shared_ptr<StackRecord> stack_;
  std::shared_ptr<Operation> self_;
  std::unique_ptr<Blueprint> blueprint_;  // of a creation
  platform::Bell bell_;                   // rings when a resource has been taken
  std::size_t running_ = 0;
  bool failed_ = false;
  bool broken_ = false;  // the store does not take records
};

}  // namespace tarn::cloudformation
