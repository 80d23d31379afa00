#include "services/cloudformation/nested_stack.h"

#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};
constexpr std::size_t kMaxStackName = 128;

// A parameter's text; lists with commas.
std::string parameter_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& each : value) {
    if (!out.empty()) out += ',';
    out += parameter_text(each);
  }
  return out;
}

std::vector<std::string> texts(const Json& properties, const char* name) {
  std::vector<std::string> out;
  for (const Json& each : properties.value(name, Json::array())) out.push_back(each);
  return out;
}

// What Fn::GetAtt gives: Outputs.NAME.
Json attributes_of(const StackRecord& stack) {
  Json out = Json::object();
  for (const OutputRecord& each : stack.outputs) out["Outputs." + each.key] = each.value;
  return out;
}

class NestedStackType final : public ResourceType {
 public:
  NestedStackType(Stacks& stacks, const TemplateSource& source, const iam::Authorizer& authorizer,
                  platform::Clock& clock)
      : stacks_(stacks), source_(source), authorizer_(authorizer), clock_(clock) {}

  std::string_view name() const override { return "AWS::CloudFormation::Stack"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 4> kProperties = {
        {{"TemplateURL", true}, {"Parameters"}, {"NotificationARNs"}, {"Tags"}}};
    return kProperties;
  }
  // Its template may be another one at the same URL.
  bool always_updates() const override { return true; }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  Task<Status> settle(ResourceOrder order) const override;

 private:
  [[nodiscard]] Status check(const ResourceOrder& order, std::string_view action) const;
  // The child as the order wants it, of a parent that is there.
  [[nodiscard]] Task<Result<StackState>> state_of(const ResourceOrder& order) const;
  [[nodiscard]] Task<Result<std::string>> begin(const ResourceOrder& order) const;
  [[nodiscard]] Task<Status> roll_back(const ResourceOrder& order,
                                       std::shared_ptr<StackRecord> child) const;
  // Until nothing is under way in it. Error: kCancelled.
  [[nodiscard]] Task<Status> wait(const ResourceOrder& order, std::string id) const;

  Stacks& stacks_;
  const TemplateSource& source_;
  const iam::Authorizer& authorizer_;
  platform::Clock& clock_;
};

Status NestedStackType::check(const ResourceOrder& order, std::string_view action) const {
  const std::string arn =
      order.physical_id.empty()
          ? fmt::format("arn:aws:cloudformation:{}:{}:stack/{}/*", order.caller.region,
                        order.caller.account_id, order.physical_name)
          : order.physical_id;
  return authorizer_.check(order.caller, action, arn);
}

Task<Result<StackState>> NestedStackType::state_of(const ResourceOrder& order) const {
  StackState out;
  std::optional<std::string> none;
  std::optional<std::string> url = order.properties["TemplateURL"].get<std::string>();
  TARN_CO_TRY(out.text, co_await source_.read(order.caller, std::move(none), std::move(url)));
  const Json parameters = order.properties.value("Parameters", Json::object());
  for (const auto& [name, value] : parameters.items()) out.parameters[name] = parameter_text(value);
  const Json tags = tag_map(order);
  for (const auto& [key, value] : tags.items()) {
    if (!key.starts_with(kTagPrefix)) out.tags[key] = parameter_text(value);
  }
  const auto parent = stacks_.find_by_id(order.stack_id);
  out.capabilities = parent->capabilities;
  out.notification_arns = texts(order.properties, "NotificationARNs");
  co_return out;
}

Task<Result<std::string>> NestedStackType::begin(const ResourceOrder& order) const {
  const auto parent = stacks_.find_by_id(order.stack_id);
  std::string name = order.physical_name;
  // The end makes it unique.
  if (name.size() > kMaxStackName) name.erase(0, name.size() - kMaxStackName);
  const auto there = stacks_.find(order.caller, name);
  if (order.is_repeated && there.ok() && (*there)->parent_id == order.stack_id)
    co_return (*there)->id;
  TARN_CO_CHECK(check(order, "cloudformation:CreateStack"));
  StackOrder child;
  TARN_CO_TRY(static_cast<StackState&>(child), co_await state_of(order));
  child.name = std::move(name);
  child.on_failure = parent->on_failure == "DO_NOTHING" ? "DO_NOTHING" : "ROLLBACK";
  child.parent_id = parent->id;
  child.root_id = parent->root_id.empty() ? parent->id : parent->root_id;
  child.token = parent->token;
  co_return co_await stacks_.create(order.caller, std::move(child));
}

Task<Status> NestedStackType::wait(const ResourceOrder& order, std::string id) const {
  while (true) {
    const auto child = stacks_.find_by_id(id);
    if (child == nullptr || !child->is_busy()) co_return Status();
    TARN_CO_CHECK(order.check_going_on());
    co_await clock_.sleep(kLookAgain);
  }
}

Task<Result<MadeResource>> NestedStackType::create(ResourceOrder order) const {
  std::string id = order.physical_id;
  if (id.empty()) {
    TARN_CO_TRY(id, co_await begin(order));
    TARN_CO_CHECK(co_await order.progress->begun(id));
  }
  TARN_CO_CHECK(co_await wait(order, id));
  const auto child = stacks_.find_by_id(id);
  if (child->status == status::kCreateComplete) co_return MadeResource{id, attributes_of(*child)};
  co_return tarn::Error(
      "ValidationError",
      fmt::format("Embedded stack {} was not successfully created: {}", id, child->failure), 400);
}

Task<Status> NestedStackType::roll_back(const ResourceOrder& order,
                                        std::shared_ptr<StackRecord> child) const {
  if (child->status == status::kUpdateRollbackFailed) {
    std::vector<std::string> none;
    std::string no_role;
    std::string token = child->token;
    TARN_CO_CHECK(co_await stacks_.continue_rollback(order.caller, child, std::move(none),
                                                     std::move(no_role), std::move(token)));
  } else {
    TARN_CO_CHECK(co_await stacks_.settle(order.caller, child, false));
  }
  std::string id = child->id;
  TARN_CO_CHECK(co_await wait(order, std::move(id)));
  if (child->status != status::kUpdateRollbackFailed) co_return Status();
  co_return tarn::Error(
      "ValidationError",
      fmt::format("Embedded stack {} could not be rolled back: {}", child->id, child->reason), 400);
}

Task<Result<MadeResource>> NestedStackType::update(ResourceOrder order,
                                                   ResourceBefore /*before*/) const {
  TARN_CO_CHECK(check(order, "cloudformation:UpdateStack"));
  const auto child = stacks_.find_by_id(order.physical_id);
  if (child == nullptr || child->is_gone()) {
    co_return tarn::Error("ValidationError",
                          fmt::format("Stack with id {} does not exist", order.physical_id), 400);
  }
  TARN_CO_CHECK(co_await wait(order, child->id));
  if (order.is_rollback) {
    TARN_CO_CHECK(co_await roll_back(order, child));
    co_return MadeResource{child->id, attributes_of(*child)};
  }
  // What was cut may have come to its end already.
  if (!child->waits || child->status != status::kUpdateCleanup) {
    StackChange change;
    TARN_CO_TRY(change.target, co_await state_of(order));
    change.waits = true;
    change.token = child->token;
    auto begun = co_await stacks_.update(order.caller, child, std::move(change), true);
    if (!begun.ok() && begun.error().message == kNoUpdates)
      co_return MadeResource{child->id, attributes_of(*child)};
    if (!begun.ok()) co_return std::move(begun).error();
    TARN_CO_CHECK(co_await wait(order, child->id));
  }
  if (child->status == status::kUpdateCleanup)
    co_return MadeResource{child->id, attributes_of(*child)};
  co_return tarn::Error(
      "ValidationError",
      fmt::format("Embedded stack {} was not successfully updated. Currently in {} with reason: {}",
                  child->id, child->status, child->failure),
      400);
}

Task<Status> NestedStackType::settle(ResourceOrder order) const {
  const auto child = stacks_.find_by_id(order.physical_id);
  if (child == nullptr) co_return Status();
  TARN_CO_CHECK(co_await stacks_.settle(order.caller, child, true));
  std::string id = child->id;
  co_return co_await wait(order, std::move(id));
}

Task<Status> NestedStackType::remove(ResourceOrder order) const {
  const auto child = stacks_.find_by_id(order.physical_id);
  if (child == nullptr || child->is_gone()) co_return Status();
  TARN_CO_CHECK(check(order, "cloudformation:DeleteStack"));
  std::string id = child->id;
  TARN_CO_CHECK(co_await wait(order, id));
  StackRemoval removal;
  removal.token = child->token;
  TARN_CO_CHECK(co_await stacks_.remove(order.caller, child, std::move(removal)));
  TARN_CO_CHECK(co_await wait(order, std::move(id)));
  if (child->is_gone()) co_return Status();
  co_return tarn::Error(
      "ValidationError",
      fmt::format("Embedded stack {} was not successfully deleted: {}", child->id, child->reason),
      400);
}

}  // namespace

std::unique_ptr<ResourceType> nested_stack_type(Stacks& stacks, const TemplateSource& source,
                                                const iam::Authorizer& authorizer,
                                                platform::Clock& clock) {
  return std::make_unique<NestedStackType>(stacks, source, authorizer, clock);
}

}  // namespace tarn::cloudformation
