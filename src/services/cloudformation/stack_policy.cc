#include "services/cloudformation/stack_policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/wildcard.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

using Document = nlohmann::json;

constexpr std::array<std::string_view, 4> kTouches = {"Update:Modify", "Update:Replace",
                                                      "Update:Delete", "Update:*"};
constexpr std::string_view kResourcePrefix = "LogicalResourceId/";

tarn::Error invalid_policy(std::string_view why) {
  return {"ValidationError", fmt::format("Error validating stack policy: {}", why), 400};
}

// A text, or a list of them.
Result<std::vector<std::string>> policy_texts(const Document& value, std::string_view name) {
  std::vector<std::string> out;
  if (value.is_string()) out.push_back(value.get<std::string>());
  if (value.is_array()) {
    for (const Document& each : value) {
      if (each.is_string()) out.push_back(each.get<std::string>());
    }
  }
  if (out.empty() || (value.is_array() && out.size() != value.size()))
    return invalid_policy(fmt::format("{} must be a text or a list of texts", name));
  return out;
}

}  // namespace

bool StackPolicy::Patterns::take(std::string_view text) const {
  const bool found = std::any_of(
      each.begin(), each.end(), [&](const std::string& pattern) { return is_like(pattern, text); });
  return found != is_inverted;
}

bool StackPolicy::Statement::holds(std::string_view action, std::string_view resource,
                                   std::string_view type) const {
  const auto is_type = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), type) != names.end();
  };
  return actions.take(action) && resources.take(resource) &&
         std::all_of(types.begin(), types.end(), is_type) &&
         std::all_of(types_like.begin(), types_like.end(),
                     [&](const Patterns& patterns) { return patterns.take(type); });
}

// Reads one statement.
class StackPolicy::Reader {
 public:
  explicit Reader(const Document& from) : from_(from) {}

  Result<Statement> read() {
    if (!from_.is_object()) return invalid_policy("a Statement must be an object");
    TARN_CHECK(check_members());
    Statement out;
    const std::string effect = text("Effect");
    if (effect != "Allow" && effect != "Deny") return invalid_policy("Effect is Allow or Deny");
    out.allows = effect == "Allow";
    if (from_.value("Principal", Document()) != "*")
      return invalid_policy("Principal must be \"*\": a stack policy is for everyone");
    TARN_TRY(out.actions, patterns("Action"));
    TARN_CHECK(check_actions(out.actions.each));
    TARN_TRY(out.resources, patterns("Resource"));
    TARN_CHECK(check_resources(out.resources.each));
    TARN_CHECK(read_condition(out));
    return out;
  }

 private:
  [[nodiscard]] std::string text(const char* name) const {
    const auto found = from_.find(name);
    return found != from_.end() && found->is_string() ? found->get<std::string>() : "";
  }

  [[nodiscard]] Status check_members() const {
    constexpr std::array<std::string_view, 8> kMembers = {"Sid",         "Effect",    "Action",
                                                          "NotAction",   "Principal", "Resource",
                                                          "NotResource", "Condition"};
    for (const auto& [name, value] : from_.items()) {
      if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
        return invalid_policy(fmt::format("unknown member {}", name));
    }
    return {};
  }

  // Of NAME or NotNAME, exactly one of which must be there.
  [[nodiscard]] Result<Patterns> patterns(const std::string& name) const {
    const std::string other = "Not" + name;
    if (from_.contains(name) == from_.contains(other))
      return invalid_policy(fmt::format("a Statement has either {} or {}", name, other));
    Patterns out;
    out.is_inverted = from_.contains(other);
    const std::string& given = out.is_inverted ? other : name;
    TARN_TRY(out.each, policy_texts(from_[given], given));
    return out;
  }

  [[nodiscard]] static Status check_actions(const std::vector<std::string>& actions) {
    for (const std::string& each : actions) {
      if (each != "*" && std::find(kTouches.begin(), kTouches.end(), each) == kTouches.end())
        return invalid_policy(fmt::format("unknown Action {}", each));
    }
    return {};
  }

  [[nodiscard]] static Status check_resources(const std::vector<std::string>& resources) {
    for (const std::string& each : resources) {
      if (each != "*" && !each.starts_with(kResourcePrefix))
        return invalid_policy(fmt::format("Resource {} must begin with {}", each, kResourcePrefix));
    }
    return {};
  }

  [[nodiscard]] Status read_condition(Statement& out) const {
    const Document condition = from_.value("Condition", Document::object());
    if (!condition.is_object()) return invalid_policy("Condition must be an object");
    for (const auto& [test, keys] : condition.items()) {
      if ((test != "StringEquals" && test != "StringLike") || !keys.is_object())
        return invalid_policy("Condition takes StringEquals and StringLike of ResourceType");
      for (const auto& [key, value] : keys.items()) {
        if (key != "ResourceType")
          return invalid_policy("Condition takes StringEquals and StringLike of ResourceType");
        TARN_TRY(auto names, policy_texts(value, key));
        if (test == "StringEquals") {
          out.types.push_back(std::move(names));
        } else {
          out.types_like.push_back({std::move(names), false});
        }
      }
    }
    return {};
  }

  const Document& from_;
};

Result<StackPolicy> StackPolicy::parse(std::string_view text) {
  StackPolicy out;
  if (text.empty()) return out;
  if (text.size() > kMaxPolicyBytes)
    return invalid_policy(fmt::format("it is longer than {} bytes", kMaxPolicyBytes));
  const Document document = Document::parse(text, nullptr, false);
  if (!document.is_object()) return invalid_policy("it is not a JSON object");
  const auto statement = document.find("Statement");
  if (statement == document.end()) return invalid_policy("Statement is missing");
  const Document all = statement->is_array() ? *statement : Document::array({*statement});
  for (const Document& each : all) {
    TARN_TRY(Statement read, Reader(each).read());
    out.statements_.push_back(std::move(read));
  }
  out.is_there_ = true;
  return out;
}

Status StackPolicy::check(Touch touch, std::string_view logical_id, std::string_view type) const {
  if (!is_there_) return {};
  const std::string_view action = kTouches.at(static_cast<std::size_t>(touch));
  const std::string resource = fmt::format("{}{}", kResourcePrefix, logical_id);
  bool allowed = false;
  for (std::size_t i = 0; i < statements_.size(); ++i) {
    if (!statements_[i].holds(action, resource, type)) continue;
    if (!statements_[i].allows) {
      return tarn::Error("ValidationError",
                         fmt::format("Action denied by stack policy: Statement [#{}] does not "
                                     "allow [{}] for resource [{}];",
                                     i + 1, action, resource),
                         400);
    }
    allowed = true;
  }
  if (allowed) return {};
  return tarn::Error("ValidationError",
                     fmt::format("Action not allowed by stack policy: no Statement allows [{}] for "
                                 "resource [{}];",
                                 action, resource),
                     400);
}

}  // namespace tarn::cloudformation
