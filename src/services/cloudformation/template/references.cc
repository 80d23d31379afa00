#include "services/cloudformation/template/references.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cloudformation/template/functions.h"

namespace tarn::cloudformation {
namespace {

constexpr std::array<std::string_view, 8> kPseudoParameters = {
    "AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue",   "AWS::Partition",
    "AWS::Region",    "AWS::StackId",          "AWS::StackName", "AWS::URLSuffix"};

tarn::Error invalid_reference(std::string text, int line) {
  if (line > 0) text += fmt::format(" (line {})", line);
  return {"ValidationError", std::move(text), 400};
}

Status collect(const Value& value, std::vector<Reference>& out);

Status collect_sub(const Value& argument, std::vector<Reference>& out) {
  const bool is_pair = argument.is_list() && argument.items().size() == 2;
  const Value& text = is_pair ? argument.items()[0] : argument;
  TARN_TRY(const std::vector<SubPiece> pieces, split_sub(text.text()));
  for (const SubPiece& piece : pieces) {
    if (!piece.is_name) continue;
    if (is_pair && argument.items()[1].find(piece.text) != nullptr) continue;
    const std::size_t dot = piece.text.find('.');
    const auto kind =
        dot == std::string::npos ? Reference::Kind::kRef : Reference::Kind::kAttribute;
    out.push_back({kind, piece.text.substr(0, dot), text.line()});
  }
  return is_pair ? collect(argument.items()[1], out) : Status();
}

Status collect_call(std::string_view function, const Value& argument, std::vector<Reference>& out) {
  using Kind = Reference::Kind;
  if (function == "Ref") {
    out.push_back({Kind::kRef, argument.text(), argument.line()});
    return {};
  }
  if (function == "Fn::Sub") return collect_sub(argument, out);
  if (function == "Fn::GetAtt") {
    const bool is_list = argument.is_list() && !argument.items().empty();
    const std::string& text = is_list ? argument.items()[0].text() : argument.text();
    out.push_back(
        {Kind::kAttribute, text.substr(0, is_list ? text.npos : text.find('.')), argument.line()});
    return is_list && argument.items().size() > 1 ? collect(argument.items()[1], out) : Status();
  }
  if (function == "Fn::If" && argument.is_list() && !argument.items().empty() &&
      argument.items()[0].is_string()) {
    out.push_back({Kind::kCondition, argument.items()[0].text(), argument.line()});
    for (std::size_t i = 1; i < argument.items().size(); ++i)
      TARN_CHECK(collect(argument.items()[i], out));
    return {};
  }
  return collect(argument, out);
}

Status collect(const Value& value, std::vector<Reference>& out) {
  const std::string_view function = function_of(value);
  if (!function.empty()) return collect_call(function, value.members().front().second, out);
  for (const Value& item : value.items()) TARN_CHECK(collect(item, out));
  for (const auto& [name, member] : value.members()) TARN_CHECK(collect(member, out));
  return {};
}

// The conditions that a condition names itself: {"Condition": "X"}, at any depth.
void collect_conditions(const Value& value, std::vector<Reference>& out) {
  const Value* named =
      value.is_map() && value.members().size() == 1 ? value.find("Condition") : nullptr;
  if (named != nullptr && named->is_string())
    out.push_back({Reference::Kind::kCondition, named->text(), named->line()});
  for (const Value& item : value.items()) collect_conditions(item, out);
  for (const auto& [name, member] : value.members()) collect_conditions(member, out);
}

// The first way from `from` along `edges` that comes back to where it was; empty: none.
std::vector<std::string> find_cycle(const Dependencies& edges) {
  std::map<std::string, int, std::less<>> state;  // 1: on the way, 2: done
  std::vector<std::string> way;
  const auto visit = [&](const auto& self, const std::string& name) -> bool {
    state[name] = 1;
    way.push_back(name);
    const auto found = edges.find(name);
    if (found != edges.end()) {
      for (const std::string& next : found->second) {
        if (state[next] == 1) {
          way.erase(way.begin(), std::find(way.begin(), way.end(), next));
          return true;
        }
        if (state[next] == 0 && self(self, next)) return true;
      }
    }
    state[name] = 2;
    way.pop_back();
    return false;
  };
  for (const auto& [name, targets] : edges) {
    if (state[name] == 0 && visit(visit, name)) return way;
  }
  return {};
}

// Checks names as the sections of one template may use them.
class Checker {
 public:
  explicit Checker(const Template& of) : of_(of) {}

  Status run() {
    TARN_CHECK(conditions());
    for (const ResourceDefinition& resource : of_.resources) TARN_CHECK(one(resource));
    for (const OutputDefinition& output : of_.outputs) {
      TARN_CHECK(is_condition(output.condition, output.line));
      TARN_CHECK(all_known(output.value, "Outputs"));
      if (output.export_name) TARN_CHECK(all_known(*output.export_name, "Outputs"));
    }
    return {};
  }

 private:
  Status one(const ResourceDefinition& resource) {
    TARN_CHECK(is_condition(resource.condition, resource.line));
    for (const std::string& name : resource.depends_on) {
      if (of_.find_resource(name) == nullptr) return unresolved(name, "Resources", resource.line);
    }
    TARN_CHECK(all_known(resource.properties, "Resources"));
    if (resource.creation_policy) TARN_CHECK(all_known(*resource.creation_policy, "Resources"));
    if (resource.update_policy) TARN_CHECK(all_known(*resource.update_policy, "Resources"));
    return {};
  }

  Status conditions() {
    Dependencies edges;
    for (const auto& [name, value] : of_.conditions) {
      std::vector<Reference> named;
      collect_conditions(value, named);
      for (const Reference& each : named) {
        TARN_CHECK(is_condition(each.name, each.line));
        edges[name].insert(each.name);
      }
      TARN_TRY(const std::vector<Reference> references, references_of(value));
      for (const Reference& each : references) {
        if (each.kind == Reference::Kind::kRef &&
            (of_.find_parameter(each.name) != nullptr || is_pseudo_parameter(each.name)))
          continue;
        return invalid_reference(
            fmt::format("Template format error: Unresolved dependencies [{}]. Cannot reference "
                        "resources in the Conditions block of the template",
                        each.name),
            each.line);
      }
    }
    const std::vector<std::string> cycle = find_cycle(edges);
    if (cycle.empty()) return {};
    return invalid_reference(
        fmt::format("Template error: circular dependency between conditions: [{}]",
                    fmt::join(cycle, ", ")),
        0);
  }

  Status all_known(const Value& value, std::string_view section) {
    TARN_TRY(const std::vector<Reference> references, references_of(value));
    for (const Reference& each : references) {
      if (each.kind == Reference::Kind::kCondition) {
        TARN_CHECK(is_condition(each.name, each.line));
        continue;
      }
      if (of_.find_resource(each.name) != nullptr) continue;
      if (each.kind == Reference::Kind::kAttribute) {
        return invalid_reference(
            fmt::format("Template error: instance of Fn::GetAtt references undefined resource {}",
                        each.name),
            each.line);
      }
      if (of_.find_parameter(each.name) == nullptr && !is_pseudo_parameter(each.name))
        return unresolved(each.name, section, each.line);
    }
    return {};
  }

  Status is_condition(const std::string& name, int line) const {
    const auto is_it = [&](const Value::Member& each) {
      return each.first == name;
    };
    if (name.empty() || std::any_of(of_.conditions.begin(), of_.conditions.end(), is_it)) return {};
    return invalid_reference(
        fmt::format("Template format error: Unresolved condition dependency {}", name), line);
  }

  static tarn::Error unresolved(std::string_view name, std::string_view section, int line) {
    return invalid_reference(
        fmt::format("Template format error: Unresolved resource dependencies [{}] in the {} block "
                    "of the template",
                    name, section),
        line);
  }

  const Template& of_;
};

}  // namespace

bool is_pseudo_parameter(std::string_view name) {
  return std::find(kPseudoParameters.begin(), kPseudoParameters.end(), name) !=
         kPseudoParameters.end();
}

Result<std::vector<Reference>> references_of(const Value& value) {
  std::vector<Reference> out;
  TARN_CHECK(collect(value, out));
  return out;
}

Status check_references(const Template& of) {
  return Checker(of).run();
}

Result<Dependencies> dependencies_of(const Template& of,
                                     const std::set<std::string, std::less<>>& present) {
  Dependencies out;
  for (const ResourceDefinition& resource : of.resources) {
    if (!present.contains(resource.name)) continue;
    auto& needed = out[resource.name];
    for (const std::string& name : resource.depends_on) {
      if (present.contains(name)) needed.insert(name);
    }
    TARN_TRY(const std::vector<Reference> references, references_of(resource.properties));
    for (const Reference& each : references) {
      if (each.kind != Reference::Kind::kCondition && present.contains(each.name))
        needed.insert(each.name);
    }
  }
  std::vector<std::string> cycle = find_cycle(out);
  if (cycle.empty()) return out;
  std::sort(cycle.begin(), cycle.end());
  return invalid_reference(
      fmt::format("Circular dependency between resources: [{}]", fmt::join(cycle, ", ")), 0);
}

}  // namespace tarn::cloudformation
