// Operation: what is being done to one stack: its creation, update or deletion, or the rollback of
// what could not be done.
//
// Place: services/cloudformation; Stacks begins them. operation.cc has creation and deletion,
// operation_update.cc updates, operation_import.cc imports, operation_resources.cc how resources
// are taken, operation_record.cc what is recorded. Threads: the control strand. Resources that do
// not need one another are taken at the same time, at most kMostAtOnce.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/bell.h"
#include "services/cloudformation/blueprint.h"
#include "services/cloudformation/secrets.h"
#include "services/cloudformation/stack_policy.h"
#include "services/cloudformation/stacks.h"
#include "services/cloudformation/taking_order.h"

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
  [[nodiscard]] Status check(std::string_view type, std::string_view value) const override;
  [[nodiscard]] Result<std::string> read(std::string_view name) const override;

  // Recorded together with an event, durable when it ends. Error: of the store; then the operation
  // stops where it is.
  [[nodiscard]] Task<Status> record_stack(std::string_view status, std::string reason);
  // The same, with all resources: at the beginning of a phase.
  [[nodiscard]] Task<Status> record_phase(std::string_view status, std::string reason);

 private:
  friend class OrderProgress;

  [[nodiscard]] Task<void> create();
  // Works the template over with its macros, and lays the stack out. Errors: those of Macros, of
  // the template; of the store.
  [[nodiscard]] Task<Status> expand();
  // A creation comes to nothing: rolled back, deleted or left, as the stack says.
  [[nodiscard]] Task<void> give_up(std::string reason);
  [[nodiscard]] Task<void> complete();
  [[nodiscard]] Task<void> roll_back();
  [[nodiscard]] Task<void> remove_all();

  [[nodiscard]] Task<void> update();
  [[nodiscard]] Task<void> roll_back_update(std::string reason);
  [[nodiscard]] Task<void> restore_all();
  [[nodiscard]] Task<void> clean_up();
  // Of an import: what is there becomes the stack's, or nothing does.
  [[nodiscard]] Task<void> adopt_all();
  [[nodiscard]] Task<Status> adopt(ResourceRecord& resource);
  // Gives what was adopted the stack's tags.
  [[nodiscard]] Task<Status> mark(ResourceRecord& resource);
  [[nodiscard]] Task<void> end_import();

  // What is no part of the stack any more, and what the update kept in mind.
  [[nodiscard]] Task<Status> forget(std::string_view status, std::string reason);

  // Whether the stack's policy lets the update do that. Error: ValidationError, in its words.
  [[nodiscard]] Status check_policy(const ResourceRecord& resource, Touch touch) const;
  [[nodiscard]] Task<Status> refuse(ResourceRecord& resource, tarn::Error why);
  // Of those that the new template has not.
  [[nodiscard]] Task<Status> refuse_removals();

  // Takes all resources in their order; ends when none is left that could be taken.
  [[nodiscard]] Task<void> each_in_order(Turn turn);
  // Begins what is ready, or else, where nothing is under way, one that waits in a circle; false
  // where there is nothing to begin.
  [[nodiscard]] bool begin_some(TakingOrder& order, Turn turn);
  [[nodiscard]] bool stops(Turn turn);
  // Its creation takes longer than its TimeoutInMinutes.
  [[nodiscard]] bool is_late() const;
  static Task<void> take(std::shared_ptr<Operation> self, std::string name, Turn turn);
  [[nodiscard]] Task<Status> make(ResourceRecord& resource);
  [[nodiscard]] Task<Status> unmake(ResourceRecord& resource);
  [[nodiscard]] Task<Status> renew(ResourceRecord& resource);
  [[nodiscard]] Task<Status> restore(ResourceRecord& resource);
  [[nodiscard]] Task<Status> clean(ResourceRecord& resource);
  // Removes what was replaced; the status tells of the store only.
  [[nodiscard]] Task<Status> remove_leftovers(ResourceRecord& resource);

  [[nodiscard]] Result<Json> evaluated(const ResourceRecord& resource) const;
  [[nodiscard]] Task<Result<MadeResource>> order_new(ResourceRecord& resource, bool is_repeated);
  [[nodiscard]] Task<Result<MadeResource>> order_change(ResourceRecord& resource,
                                                        ResourceBefore before, bool is_repeated);
  [[nodiscard]] Task<Status> order_removal(const ResourceRecord& resource, ResourceState state);
  // What its properties refer to, for its type alone. Errors: those of resolve_references.
  [[nodiscard]] Task<Status> resolve(ResourceOrder& order) const;
  [[nodiscard]] Result<ResourceOrder> order_for(const ResourceRecord& resource,
                                                const ResourceState& state);
  // Records what came of an order; the status tells of the store only.
  [[nodiscard]] Task<Status> conclude(ResourceRecord& resource, Result<MadeResource> made,
                                      std::string_view complete, std::string_view failed);
  // The server ends: nothing is recorded, and the next one goes on.
  [[nodiscard]] bool is_cut(const tarn::Error& error) const;

  [[nodiscard]] const ResourceType& type_of(const ResourceRecord& resource) const;
  [[nodiscard]] Task<Status> record(ResourceRecord& resource, std::string_view status,
                                    std::string reason);
  // An event about something that the resource was.
  [[nodiscard]] Task<Status> tell(const ResourceRecord& resource, const ResourceState& of,
                                  std::string_view status, std::string reason);
  [[nodiscard]] Task<void> finish(std::string_view status, std::string reason);
  [[nodiscard]] Task<Status> commit(store::Batch batch, EventRecord event);
  [[nodiscard]] EventRecord stack_event(std::string_view status, std::string reason);
  [[nodiscard]] Task<void> give_back(std::string keys);
  [[nodiscard]] Result<Caller> caller() const;
  // "[A, B]", of the resources in that status.
  [[nodiscard]] std::string names_in(std::string_view status) const;
  // "The following resource(s) failed to create: [A]. …"
  [[nodiscard]] std::string failures() const;
  [[nodiscard]] Result<std::vector<OutputRecord>> checked_outputs() const;

  Stacks& stacks_;
  std::shared_ptr<StackRecord> stack_;
  std::shared_ptr<Operation> self_;
  std::unique_ptr<Blueprint> blueprint_;  // of a creation or update
  std::optional<Secrets> secrets_;        // once an event has been told
  platform::Bell bell_;                   // rings when a resource has been taken
  std::size_t running_ = 0;
  bool failed_ = false;
  bool broken_ = false;  // the store does not take records
};

}  // namespace tarn::cloudformation
