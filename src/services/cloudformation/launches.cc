#include "services/cloudformation/launches.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/macros.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/references.h"
#include "services/cloudformation/template/stack_names.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

// Service Catalog launches with all of them.
// https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html
const std::vector<std::string>& every_capability() {
  static const std::vector<std::string> kAll = {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM",
                                                "CAPABILITY_AUTO_EXPAND"};
  return kAll;
}

tarn::Error invalid_launch(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

StackState state_of(LaunchOrder& order) {
  StackState out;
  out.text = std::move(order.text);
  out.parameters.insert(order.parameters.begin(), order.parameters.end());
  out.tags = std::move(order.tags);
  out.capabilities = every_capability();
  out.notification_arns = std::move(order.notification_arns);
  return out;
}

LaunchedStack told_launch(const StackRecord& stack) {
  std::string failure = stack.failure.empty() ? stack.reason : stack.failure;
  while (failure.ends_with(' ')) failure.pop_back();
  return {stack.id,        stack.status,    failure,      stack.token,
          stack.is_busy(), stack.is_gone(), stack.outputs};
}

// A rule asks for parameters only: there is nothing else before a stack is begun.
class NoSurroundings final : public Surroundings {
 public:
  Result<Value> physical_id(std::string_view resource) const override {
    return invalid_launch(fmt::format("a rule cannot ask for {}: it is no parameter", resource));
  }
  Result<Value> attribute(std::string_view resource, std::string_view /*name*/) const override {
    return physical_id(resource);
  }
  Result<Value> import(std::string_view name) const override { return physical_id(name); }
  Result<Value> zones(std::string_view region) const override { return physical_id(region); }
};

// The template as rules see it: its parameters, and the rules of the document.
Result<Template> ruled(const Template* read, std::string_view document) {
  const auto json = wire::parse_ordered_json(document);
  if (!json.is_object() || !json.contains("Rules"))
    return invalid_launch("a template constraint is a JSON document with Rules");
  Value out(Value::Map{});
  if (read != nullptr) {
    if (const Value* parameters = read->document.find("Parameters"))
      out.set("Parameters", *parameters);
    if (const Value* mappings = read->document.find("Mappings")) out.set("Mappings", *mappings);
  }
  out.set("Rules", from_json(json["Rules"]));
  // A template has a resource.
  Value handle(Value::Map{});
  handle.set("Type", "AWS::CloudFormation::WaitConditionHandle");
  Value resources(Value::Map{});
  resources.set("None", std::move(handle));
  out.set("Resources", std::move(resources));
  return check_template(std::move(out));
}

// What is given, or else the default; a parameter with neither is refused with the template's own
// checks.
ParameterValues values_of(const Template& read,
                          const std::map<std::string, std::string>& parameters) {
  ParameterValues out;
  for (const ParameterDefinition& each : read.parameters) {
    const auto given = parameters.find(each.name);
    if (given == parameters.end() && !each.otherwise) continue;
    const std::string& text = given == parameters.end() ? *each.otherwise : given->second;
    if (!each.type.starts_with("List<") && each.type != "CommaDelimitedList") {
      out.emplace(each.name, Value(text));
      continue;
    }
    Value::List items;
    for (std::string& item : split_list(text)) items.emplace_back(std::move(item));
    out.emplace(each.name, Value(std::move(items)));
  }
  return out;
}

}  // namespace

Result<Template> inspect_template(std::string_view text) {
  TARN_TRY(Template read, parse_template(text));
  // What a macro makes of it is not known before it is launched.
  if (needs_expansion(text)) return read;
  TARN_CHECK(check_references(read));
  std::set<std::string, std::less<>> all;
  for (const ResourceDefinition& resource : read.resources) all.insert(resource.name);
  TARN_TRY(const Dependencies order, dependencies_of(read, all));
  return read;
}

Status check_rule_form(std::string_view document) {
  TARN_TRY(const Template read, ruled(nullptr, document));
  return {};
}

Status check_further_rules(const Caller& caller, const LaunchOrder& order) {
  if (order.rules.empty()) return {};
  ParameterTexts texts(order.parameters.begin(), order.parameters.end());
  TARN_TRY(const Template read, parse_template(order.text, texts));
  const ParameterValues values = values_of(read, order.parameters);
  const StackPlace place{caller.account_id, caller.region, "", order.stack_name, {}};
  const NoSurroundings nothing;
  for (const std::string& document : order.rules) {
    TARN_TRY(const Template asked, ruled(&read, document));
    TARN_CHECK(StackNames(asked, values, place, nothing).check_rules());
  }
  return {};
}

Task<Result<std::string>> Launches::read_template(Caller caller, std::string url) const {
  std::optional<std::string> none;
  std::optional<std::string> address(std::move(url));
  co_return co_await source_.read(std::move(caller), std::move(none), std::move(address));
}

Task<Result<std::string>> Launches::create(Caller caller, LaunchOrder order) {
  const std::string arn = fmt::format("arn:aws:cloudformation:{}:{}:stack/{}/*", caller.region,
                                      caller.account_id, order.stack_name);
  TARN_CO_CHECK(authorizer_.check(caller, "cloudformation:CreateStack", arn));
  TARN_CO_CHECK(check_further_rules(caller, order));
  StackOrder stack;
  stack.name = order.stack_name;
  stack.token = order.token;
  static_cast<StackState&>(stack) = state_of(order);
  co_return co_await stacks_.create(std::move(caller), std::move(stack));
}

Task<Status> Launches::update(Caller caller, std::string stack_id, LaunchOrder order) {
  TARN_CO_CHECK(authorizer_.check(caller, "cloudformation:UpdateStack", stack_id));
  TARN_CO_CHECK(check_further_rules(caller, order));
  TARN_CO_TRY(const auto stack, stacks_.find(caller, stack_id));
  StackChange change;
  change.token = order.token;
  change.target = state_of(order);
  co_return co_await stacks_.update(std::move(caller), stack, std::move(change), true);
}

Task<Status> Launches::remove(Caller caller, std::string stack_id, std::string token) {
  TARN_CO_CHECK(authorizer_.check(caller, "cloudformation:DeleteStack", stack_id));
  TARN_CO_TRY(const auto stack, stacks_.find(caller, stack_id));
  StackRemoval removal;
  removal.token = std::move(token);
  co_return co_await stacks_.remove(std::move(caller), stack, std::move(removal));
}

std::optional<LaunchedStack> Launches::find(std::string_view stack_id) const {
  const auto stack = stacks_.find_by_id(stack_id);
  if (stack == nullptr) return std::nullopt;
  return told_launch(*stack);
}

std::optional<LaunchedStack> Launches::find_named(const Caller& caller,
                                                  std::string_view name) const {
  const auto stack = stacks_.find(caller, name);
  if (!stack.ok()) return std::nullopt;
  return told_launch(**stack);
}

}  // namespace tarn::cloudformation
