#include "services/cloudformation/template/stack_names.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kPartitionName = "aws";
constexpr std::string_view kUrlSuffix = "amazonaws.com";

std::optional<Value> pseudo_parameter(std::string_view name, const StackPlace& place) {
  if (name == "AWS::AccountId") return Value(place.account_id);
  if (name == "AWS::Region") return Value(place.region);
  if (name == "AWS::StackId") return Value(place.stack_id);
  if (name == "AWS::StackName") return Value(place.stack_name);
  if (name == "AWS::Partition") return Value(kPartitionName);
  if (name == "AWS::URLSuffix") return Value(kUrlSuffix);
  if (name == "AWS::NoValue") return Value();
  if (name != "AWS::NotificationARNs") return std::nullopt;
  Value::List arns;
  for (const std::string& arn : place.notification_arns) arns.emplace_back(arn);
  return Value(std::move(arns));
}

}  // namespace

Status Surroundings::check(std::string_view type, std::string_view /*value*/) const {
  return Error("ValidationError", fmt::format("tarn keeps no {}", type), 400);
}

Result<std::string> Surroundings::read(std::string_view /*name*/) const {
  return Error("ValidationError", "tarn keeps no SSM parameters", 400);
}

Result<Value> StackNames::ref(std::string_view name) const {
  if (const auto found = parameters_.find(name); found != parameters_.end()) return found->second;
  if (std::optional<Value> pseudo = pseudo_parameter(name, place_)) return *std::move(pseudo);
  return surroundings_.physical_id(name);
}

Result<Value> StackNames::attribute(std::string_view resource, std::string_view attribute) const {
  return surroundings_.attribute(resource, attribute);
}

Result<bool> StackNames::condition(std::string_view name) const {
  if (const auto known = conditions_.find(name); known != conditions_.end()) return known->second;
  for (const auto& [each, value] : of_.conditions) {
    if (each != name) continue;
    TARN_TRY(const bool holds, evaluate_condition(value, *this));
    conditions_.emplace(name, holds);
    return holds;
  }
  return tarn::Error("ValidationError",
                     fmt::format("Template format error: Unresolved condition dependency {}", name),
                     400);
}

Result<Value> StackNames::import(std::string_view name) const {
  return surroundings_.import(name);
}

Result<Value> StackNames::zones(std::string_view region) const {
  return surroundings_.zones(region.empty() ? std::string_view(place_.region) : region);
}

const Value* StackNames::mappings() const {
  return of_.mappings ? &*of_.mappings : nullptr;
}

Result<std::set<std::string, std::less<>>> StackNames::present_resources() const {
  std::set<std::string, std::less<>> out;
  for (const ResourceDefinition& resource : of_.resources) {
    bool holds = true;
    if (!resource.condition.empty()) {
      TARN_TRY(holds, condition(resource.condition));
    }
    if (holds) out.insert(resource.name);
  }
  return out;
}

Status StackNames::check_rules() const {
  for (const Rule& rule : of_.rules) {
    bool applies = true;
    if (rule.condition) {
      TARN_TRY(applies, evaluate_condition(*rule.condition, *this));
    }
    if (!applies) continue;
    for (const Assertion& assertion : rule.assertions) {
      TARN_TRY(const bool holds, evaluate_condition(assertion.test, *this));
      if (holds) continue;
      return tarn::Error("ValidationError",
                         fmt::format("Template validation error: rule {} is not met: {}", rule.name,
                                     assertion.description.empty() ? "its assertion does not hold"
                                                                   : assertion.description),
                         400);
    }
  }
  return {};
}

}  // namespace tarn::cloudformation
