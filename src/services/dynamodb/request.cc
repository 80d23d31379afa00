#include "services/dynamodb/request.h"

#include <algorithm>

#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/legacy.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/table.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kConditionExpression = "ConditionExpression";

std::string names_of(const std::vector<Given>& given, std::string_view separator, bool present) {
  std::string out;
  for (const auto& each : given) {
    if (each.present == present) out.append(out.empty() ? "" : separator).append(each.name);
  }
  return out;
}

bool any(const std::vector<Given>& given) {
  return std::any_of(given.begin(), given.end(), [](const Given& each) { return each.present; });
}

}  // namespace

Status check_one_style(const std::vector<Given>& older, const std::vector<Given>& expressions) {
  if (!any(older) || !any(expressions)) return {};
  return invalid(
      "Can not use both expression and non-expression parameters in the same request: "
      "Non-expression parameters: {" +
      names_of(older, ", ", true) + "} Expression parameters: {" +
      names_of(expressions, ", ", true) + "}");
}

Result<Placeholders> placeholders_of(const WireNames& names, WireValues values,
                                     const std::vector<Given>& expressions) {
  if (!any(expressions)) {
    if (names)
      return invalid("ExpressionAttributeNames can only be specified when using expressions");
    if (values) {
      return invalid("ExpressionAttributeValues can only be specified when using expressions: " +
                     names_of(expressions, " and ", false) +
                     (expressions.size() > 1 ? " are null" : " is null"));
    }
    return Placeholders();
  }
  Placeholders::Values converted;
  if (values) {
    for (auto& [name, wire] : *values) {
      auto value = to_value(std::move(wire));
      if (!value.ok()) {
        return invalid("ExpressionAttributeValues contains invalid value: " +
                       value.error().message + " for key " + name);
      }
      converted.emplace(name, std::move(*value));
    }
  }
  return Placeholders::make(names ? &*names : nullptr, values ? &converted : nullptr);
}

Result<std::optional<Predicate>> condition_of(ConditionSource source, Placeholders& placeholders) {
  if (source.expression) {
    TARN_TRY(auto predicate,
             parse_condition(kConditionExpression, *source.expression, placeholders));
    return std::optional<Predicate>(std::move(predicate));
  }
  if (!source.expected) return std::optional<Predicate>();
  return predicate_of_expected(std::move(*source.expected), source.conditional_operator);
}

Status check_keys_untouched(const TableRecord& table, const std::vector<Path>& paths) {
  for (const auto& path : paths) {
    const std::string& name = path.front().name;
    if (name != table.keys.hash.name && (!table.keys.range || name != table.keys.range->name))
      continue;
    return invalid("One or more parameter values were invalid: Cannot update attribute " + name +
                   ". This attribute is part of the key");
  }
  return {};
}

}  // namespace tarn::dynamodb
