#include "services/cloudformation/stacks.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ids.h"
#include "platform/log.h"
#include "services/cloudformation/operation.h"

namespace tarn::cloudformation {
namespace {

// Longer than any operation: a cluster that starts, a bucket that empties.
constexpr std::chrono::hours kKeysLife{36};
constexpr std::size_t kNameLetters = 12;  // of what makes a physical name unique
constexpr std::string_view kPrincipal = "cloudformation.amazonaws.com";

tarn::Error invalid_stack(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

std::uint64_t count_in(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool is_of(const StackRecord& stack, const Caller& caller) {
  return stack.account_id == caller.account_id && stack.region == caller.region;
}

}  // namespace

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
Status check_expansion(const std::vector<std::string>& capabilities) {
  const auto found = std::find(capabilities.begin(), capabilities.end(), "CAPABILITY_AUTO_EXPAND");
  if (found != capabilities.end()) return {};
  return tarn::Error("InsufficientCapabilitiesException",
                     "Requires capabilities : [CAPABILITY_AUTO_EXPAND]", 400);
}

std::string made_up_name(const std::string& stack, const std::string& logical_id,
                         platform::Random& random) {
  std::string letters;
  for (const char c : random.uuid()) {
    if (c != '-' && letters.size() < kNameLetters)
      letters += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return fmt::format("{}-{}-{}", stack, logical_id, letters);
}

namespace {

// The resources that a new stack will have, not begun.
std::vector<ResourceRecord> planned(const Blueprint& blueprint, const StackRecord& stack,
                                    platform::Random& random) {
  std::vector<ResourceRecord> out;
  for (const ResourceDefinition& resource : blueprint.of().resources) {
    const auto needs = blueprint.dependencies().find(resource.name);
    if (needs == blueprint.dependencies().end()) continue;
    ResourceRecord& planned = out.emplace_back();
    planned.name = resource.name;
    planned.type = resource.type;
    planned.physical_name = made_up_name(stack.name, resource.name, random);
    planned.needs.assign(needs->second.begin(), needs->second.end());
    planned.on_delete = resource.on_delete;
    planned.on_replace = resource.on_replace;
  }
  return out;
}

}  // namespace

Status Stacks::load() {
  TARN_TRY(const auto records, around_.store.scan(store::Space::kCloudFormation, kStackPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(StackRecord stack, decode_stack(record));
    TARN_TRY(const auto count,
             around_.store.get(store::Space::kCloudFormation, count_key(stack.id)));
    if (count) stack.events = std::max(stack.events, count_in(*count));
    TARN_TRY(const auto resources,
             around_.store.scan(store::Space::kCloudFormation, resources_prefix(stack.id)));
    for (const auto& [resource_key, resource_record] : resources) {
      TARN_TRY(ResourceRecord resource, decode_resource(resource_record));
      // Records from before there were updates have no tags.
      if (resource.tags.empty() && !stack.before) resource.tags = stack.tags;
      ResourceRecord* place = stack.find(resource.name);
      if (place != nullptr) *place = std::move(resource);
    }
    const std::string id = stack.id;
    stacks_.emplace(id, std::make_shared<StackRecord>(std::move(stack)));
  }
  return {};
}

void Stacks::resume() {
  for (const auto& [id, stack] : stacks_) {
    if (stack->is_busy()) begin(stack);
  }
}

Task<void> Stacks::shut_down() {
  stopping_ = true;
  while (operations_ > 0) co_await rested_.wait();
}

void Stacks::begin(std::shared_ptr<StackRecord> stack) {
  ++operations_;
  start(Operation::run(std::make_shared<Operation>(*this, std::move(stack))), [this] {
    --operations_;
    rested_.ring();
  });
}

Result<std::shared_ptr<StackRecord>> Stacks::find(const Caller& caller,
                                                  std::string_view name_or_id) const {
  const auto by_id = stacks_.find(name_or_id);
  if (by_id != stacks_.end() && is_of(*by_id->second, caller)) return by_id->second;
  for (const auto& [id, stack] : stacks_) {
    if (stack->name == name_or_id && !stack->is_gone() && is_of(*stack, caller)) return stack;
  }
  return invalid_stack(fmt::format("Stack with id {} does not exist", name_or_id));
}

std::vector<std::shared_ptr<const StackRecord>> Stacks::list(const Caller& caller) const {
  std::vector<std::shared_ptr<const StackRecord>> out;
  for (const auto& [id, stack] : stacks_) {
    if (is_of(*stack, caller)) out.push_back(stack);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::pair(b->created_ms, b->id) < std::pair(a->created_ms, a->id);
  });
  return out;
}

Status Stacks::check_free(const Caller& caller, const std::string& name) const {
  std::size_t count = 0;
  for (const auto& [id, stack] : stacks_) {
    if (stack->is_gone() || !is_of(*stack, caller)) continue;
    ++count;
    if (stack->name == name)
      return tarn::Error("AlreadyExistsException", fmt::format("Stack [{}] already exists", name));
  }
  if (count < kMaxStacks) return {};
  return tarn::Error("LimitExceededException",
                     fmt::format("Limit for stacks has been exceeded: {}", kMaxStacks));
}

std::shared_ptr<StackRecord> Stacks::find_by_id(std::string_view id) const {
  const auto found = stacks_.find(id);
  return found == stacks_.end() ? nullptr : found->second;
}

Result<iam::Credential> Stacks::issue_keys(const Caller& caller, const std::string& given_role,
                                           const std::string& own_role) const {
  const std::string& arn = given_role.empty() ? own_role : given_role;
  if (arn.empty()) {
    const auto owner = around_.identities.credentials.find(caller.access_key_id);
    if (!owner) return tarn::Error("AccessDenied", "The caller's keys are not known any more.");
    return around_.identities.credentials.issue_session(*owner, kKeysLife);
  }
  const auto role = around_.identities.roles.find_role(arn);
  if (role == nullptr || !iam::trusts(*role, kPrincipal)) {
    return invalid_stack(fmt::format(
        "Role {} is invalid or cannot be assumed: there is none, or its trust policy does not "
        "name {}",
        arn, kPrincipal));
  }
  return around_.identities.credentials.issue_role_session(*role, "AWSCloudFormation", kKeysLife);
}

Task<Result<std::string>> Stacks::borrow_keys(Caller caller, std::string given_role,
                                              std::string own_role) {
  if (!given_role.empty())
    TARN_CO_CHECK(around_.identities.authorizer.check_pass_role(caller, given_role, kPrincipal));
  const auto issue = [&] {
    return issue_keys(caller, given_role, own_role);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await around_.platform.tasks.offload(issue));
  co_return keys.access_key_id;
}

std::shared_ptr<StackRecord> Stacks::drafted(const Caller& caller, StackOrder order) const {
  auto stack = std::make_shared<StackRecord>();
  stack->name = order.name;
  stack->account_id = caller.account_id;
  stack->region = caller.region;
  stack->id = make_arn("cloudformation", caller.region, caller.account_id,
                       fmt::format("stack/{}/{}", order.name, around_.platform.random.uuid()));
  stack->created_ms = around_.platform.clock.now().ms;
  stack->on_failure = std::move(order.on_failure);
  stack->is_protected = order.is_protected;
  stack->deletes_new = order.deletes_new;
  stack->timeout_minutes = order.timeout_minutes;
  stack->policy = std::move(order.policy);
  stack->role_arn = std::move(order.role_arn);
  stack->parent_id = std::move(order.parent_id);
  stack->root_id = std::move(order.root_id);
  stack->token = std::move(order.token);
  static_cast<StackState&>(*stack) = std::move(order);
  return stack;
}

Status Stacks::lay_out(StackRecord& stack, const Surroundings& world) const {
  TARN_TRY(const auto blueprint, Blueprint::draw(stack, around_.types, world));
  TARN_TRY(stack.imports, blueprint->imports());
  for (const std::string& name : stack.imports) {
    TARN_TRY(const Value known, world.import(name));
  }
  stack.resources = planned(*blueprint, stack, around_.platform.random);
  return {};
}

Result<Caller> Stacks::caller_with(const std::string& access_key_id,
                                   const std::string& region) const {
  const auto keys = around_.identities.credentials.find(access_key_id);
  if (!keys) {
    return tarn::Error("AccessDenied",
                       "the keys of who began this operation ended while the server was stopped");
  }
  Caller out;
  out.kind = keys->kind;
  out.account_id = keys->account_id;
  out.arn = keys->arn;
  out.user_id = keys->user_id;
  out.access_key_id = keys->access_key_id;
  out.region = region;
  out.session = keys->session;
  out.called_via = kPrincipal;
  return out;
}

Task<Status> Stacks::give_back(std::string access_key_id) {
  const auto revoke = [&] {
    return around_.identities.credentials.revoke(access_key_id);
  };
  co_return co_await around_.platform.tasks.offload(revoke);
}

Task<Status> Stacks::expand(Caller caller, std::string role_arn, std::string own_role,
                            StackState& state) {
  if (!needs_expansion(state.text)) {
    state.original.clear();
    co_return Status();
  }
  auto stack = std::make_shared<StackRecord>();
  stack->region = caller.region;
  stack->account_id = caller.account_id;
  const Operation world(*this, stack);
  TARN_CO_CHECK(around_.macros.check(caller, state.text, state.parameters, world));
  TARN_CO_TRY(const std::string keys,
              co_await borrow_keys(caller, std::move(role_arn), std::move(own_role)));
  TARN_CO_TRY(Caller operating, caller_with(keys, caller.region));
  std::string text = state.text;
  ParameterTexts parameters = state.parameters;
  auto expanded = co_await around_.macros.expand(std::move(operating), std::move(text),
                                                 std::move(parameters), world);
  [[maybe_unused]] const Status given_back = co_await give_back(keys);
  if (!expanded.ok()) co_return std::move(expanded).error();
  state.original = std::move(state.text);
  state.text = std::move(*expanded);
  co_return Status();
}

Task<Status> Stacks::launch(Caller caller, std::shared_ptr<StackRecord> stack) {
  Operation first(*this, stack);
  if (needs_expansion(stack->text)) {
    TARN_CO_CHECK(check_expansion(stack->capabilities));
    TARN_CO_CHECK(around_.macros.check(caller, stack->text, stack->parameters, first));
  } else {
    TARN_CO_CHECK(lay_out(*stack, first));
  }
  std::string role = stack->role_arn;
  std::string none;
  TARN_CO_TRY(stack->access_key_id, co_await borrow_keys(caller, std::move(role), std::move(none)));
  // Another may have come meanwhile.
  const std::shared_ptr<StackRecord> reserved = find_by_id(stack->id);
  if (reserved == nullptr) {
    TARN_CO_CHECK(check_free(caller, stack->name));
  } else if (reserved->status != status::kReviewInProgress) {
    co_return invalid_stack(
        fmt::format("Stack [{}] is in {} state", stack->name, reserved->status));
  }
  stacks_[stack->id] = stack;
  std::string reason = "User Initiated";
  const Status recorded = co_await first.record_phase(status::kCreateInProgress, std::move(reason));
  if (!recorded.ok()) {
    stacks_.erase(stack->id);
    if (reserved != nullptr) stacks_.emplace(stack->id, reserved);
    co_return recorded.error();
  }
  begin(stack);
  co_return Status();
}

Task<Result<std::string>> Stacks::create(Caller caller, StackOrder order) {
  TARN_CO_CHECK(check_free(caller, order.name));
  const std::shared_ptr<StackRecord> stack = drafted(caller, std::move(order));
  TARN_CO_CHECK(co_await launch(caller, stack));
  co_return stack->id;
}

Task<Result<std::string>> Stacks::reserve(Caller caller, StackOrder order) {
  TARN_CO_CHECK(check_free(caller, order.name));
  StackOrder bare;
  bare.name = std::move(order.name);
  bare.tags = std::move(order.tags);
  bare.token = std::move(order.token);
  const std::shared_ptr<StackRecord> stack = drafted(caller, std::move(bare));
  stacks_.emplace(stack->id, stack);
  Operation first(*this, stack);
  std::string reason = "User Initiated";
  const Status recorded = co_await first.record_stack(status::kReviewInProgress, std::move(reason));
  if (recorded.ok()) co_return stack->id;
  stacks_.erase(stack->id);
  co_return recorded.error();
}

Task<Status> Stacks::create_reserved(Caller caller, std::shared_ptr<StackRecord> stack,
                                     StackOrder order) {
  if (stack->status != status::kReviewInProgress)
    co_return invalid_stack(fmt::format("Stack [{}] is in {} state", stack->name, stack->status));
  auto filled = std::make_shared<StackRecord>(*stack);
  filled->on_failure = std::move(order.on_failure);
  filled->role_arn = std::move(order.role_arn);
  filled->token = std::move(order.token);
  filled->deletes_new = order.deletes_new;
  filled->updates = 1;
  static_cast<StackState&>(*filled) = std::move(order);
  co_return co_await launch(caller, filled);
}

Status Stacks::check_exports_free(const StackRecord& stack) const {
  for (const OutputRecord& output : stack.outputs) {
    if (output.export_name.empty()) continue;
    const std::vector<std::string> users = importers(stack, output.export_name);
    if (users.empty()) continue;
    return invalid_stack(fmt::format("Export {} cannot be deleted as it is in use by {}",
                                     output.export_name, fmt::join(users, ", ")));
  }
  return {};
}

Task<Status> Stacks::remove(Caller caller, std::shared_ptr<StackRecord> stack,
                            StackRemoval removal) {
  if (stack->is_gone()) co_return Status();
  if (stack->is_protected) {
    co_return invalid_stack(fmt::format(
        "Stack [{}] cannot be deleted while TerminationProtection is enabled", stack->name));
  }
  if (stack->is_busy()) {
    if (stack->status == status::kDeleteInProgress) co_return Status();
    co_return invalid_stack(
        fmt::format("Stack [{}] is in {} state and cannot be deleted until that ends", stack->name,
                    stack->status));
  }
  TARN_CO_CHECK(check_exports_free(*stack));
  const bool has_failed = stack->status == status::kDeleteFailed;
  if (!removal.retained.empty() && !has_failed) {
    co_return invalid_stack(
        "Invalid operation on stack: RetainResources is for a stack in DELETE_FAILED");
  }
  if (removal.is_forced && !has_failed) {
    co_return invalid_stack(
        "Invalid operation on stack: FORCE_DELETE_STACK is for a stack in DELETE_FAILED");
  }
  std::string role = removal.role_arn;
  std::string own_role = stack->role_arn;
  TARN_CO_TRY(const std::string keys,
              co_await borrow_keys(caller, std::move(role), std::move(own_role)));
  if (stack->is_busy()) co_return Status();
  stack->access_key_id = keys;
  stack->retained = std::move(removal.retained);
  stack->is_forced = removal.is_forced;
  stack->token = std::move(removal.token);
  stack->deleted_ms = around_.platform.clock.now().ms;
  Operation first(*this, stack);
  std::string reason = "User Initiated";
  TARN_CO_CHECK(co_await first.record_stack(status::kDeleteInProgress, std::move(reason)));
  begin(stack);
  co_return Status();
}

Task<Status> Stacks::set_policy(std::shared_ptr<StackRecord> stack, std::string policy) {
  stack->policy = std::move(policy);
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, stack_key(*stack), encode(*stack));
  co_return co_await around_.journal.commit(std::move(batch));
}

Task<Status> Stacks::protect(std::shared_ptr<StackRecord> stack, bool is_protected) {
  stack->is_protected = is_protected;
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, stack_key(*stack), encode(*stack));
  co_return co_await around_.journal.commit(std::move(batch));
}

std::shared_ptr<const StackRecord> Stacks::exporter(const StackRecord& of, std::string_view name,
                                                    std::string* value) const {
  for (const auto& [id, stack] : stacks_) {
    if (stack->is_gone() || stack->account_id != of.account_id || stack->region != of.region)
      continue;
    for (const OutputRecord& output : stack->outputs) {
      if (output.export_name != name) continue;
      if (value != nullptr) *value = output.value;
      return stack;
    }
  }
  return nullptr;
}

std::string_view Stacks::identifier_of(std::string_view type) const {
  const ResourceType* found = around_.types.find(type);
  return found == nullptr ? std::string_view() : found->identifier();
}

std::string Stacks::holder(const StackRecord& but, std::string_view type,
                           std::string_view physical_id) const {
  for (const auto& [id, stack] : stacks_) {
    if (stack->is_gone() || id == but.id || stack->account_id != but.account_id ||
        stack->region != but.region)
      continue;
    const auto& all = stack->resources;
    const bool has = std::any_of(all.begin(), all.end(), [&](const ResourceRecord& each) {
      return each.type == type && each.physical_id == physical_id;
    });
    if (has) return stack->name;
  }
  return {};
}

std::vector<std::string> Stacks::importers(const StackRecord& of, std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [id, stack] : stacks_) {
    if (stack->is_gone() || stack->account_id != of.account_id || stack->region != of.region)
      continue;
    const auto& imports = stack->imports;
    if (std::find(imports.begin(), imports.end(), name) != imports.end())
      out.push_back(stack->name);
  }
  return out;
}

Result<std::vector<EventRecord>> Stacks::events(const StackRecord& stack, std::uint64_t before,
                                                std::size_t limit) const {
  std::vector<EventRecord> out;
  const auto cursor = around_.store.cursor(store::Space::kCloudFormation);
  const std::string prefix = events_prefix(stack.id);
  if (before == 0) return out;
  cursor->seek_for_prev(event_key(stack.id, before - 1));
  for (; cursor->valid() && cursor->key().starts_with(prefix) && out.size() < limit;
       cursor->prev()) {
    TARN_TRY(EventRecord event, decode_event(cursor->value()));
    out.push_back(std::move(event));
  }
  TARN_CHECK(cursor->status());
  return out;
}

}  // namespace tarn::cloudformation
