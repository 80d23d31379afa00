// Document::parse: a policy from its JSON.
#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/iam/policy/document.h"
#include "services/iam/policy/malformed.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::iam::policy {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 8;  // a policy needs six

// The first name that one object has twice: JSON readers differ in which of the two they take.
std::string repeated_name(std::string_view text, bool& too_deep) {
  std::string found;
  std::vector<std::set<std::string>> open;
  const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
    too_deep = too_deep || static_cast<std::size_t>(depth) > kMaxDepth;
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end && !open.empty()) open.pop_back();
    if (event == Json::parse_event_t::key && !open.empty() && found.empty()) {
      const auto& name = value.get_ref<const std::string&>();
      if (!open.back().insert(name).second) found = name;
    }
    return true;
  };
  [[maybe_unused]] const auto parsed = Json::parse(text, look, false);
  return found;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// One text or a list of them, as most elements are. nullopt: neither.
std::optional<std::vector<std::string>> texts(const Json& value, bool scalars = false) {
  const auto text_of = [&](const Json& each) -> std::optional<std::string> {
    if (each.is_string()) return each.get<std::string>();
    if (scalars && (each.is_boolean() || each.is_number())) return each.dump();
    return std::nullopt;
  };
  std::vector<std::string> out;
  if (!value.is_array()) {
    auto text = text_of(value);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
    return out;
  }
  for (const auto& each : value) {
    auto text = text_of(each);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
  }
  return out;
}

bool is_action(std::string_view text) {
  if (text == "*") return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto all = [](std::string_view part, std::string_view further) {
    return std::all_of(part.begin(), part.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             further.find(c) != std::string_view::npos;
    });
  };
  return all(text.substr(0, colon), "-") && all(text.substr(colon + 1), "*?");
}

// An ARN with fewer parts than six stands for all that begin so: "arn:aws:sqs" is every queue.
std::string completed(std::string text) {
  const auto colons = std::count(text.begin(), text.end(), ':');
  for (auto i = colons; i < 5; ++i) text += ":*";
  return text;
}

}  // namespace

class DocumentParser {
 public:
  DocumentParser(Document& out, Document::Kind kind) : out_(out), kind_(kind) {}

  Status parse(std::string_view text);

 private:
  Status parse_statement(const Json& json, std::size_t number);
  Status parse_sid(const Json& json, Statement& out);
  Status parse_effect(const Json& json, Statement& out) const;
  Status parse_principal(const Json& json, Statement& out) const;
  Status parse_actions(const Json& json, Statement& out) const;
  Status parse_resources(const Json& json, Statement& out);
  Status parse_conditions(const Json& json, Statement& out) const;
  // Exactly one of two elements; nullptr where there is neither.
  Result<const Json*> either(const Json& json, const char* name, bool& negated) const;
  [[nodiscard]] Error wrong(std::string_view what) const {
    return malformed(fmt::format("Statement {}: {}", where_, what));
  }

  Document& out_;
  Document::Kind kind_;
  bool variables_ = false;
  std::set<std::string> sids_;
  std::string where_;  // of the statement under way: its Sid, or its number
};

Result<std::shared_ptr<const Document>> Document::parse(std::string_view text, Kind kind) {
  auto out = std::make_shared<Document>();
  out->text_ = text;
  TARN_CHECK(DocumentParser(*out, kind).parse(text));
  return std::shared_ptr<const Document>(std::move(out));
}

Status DocumentParser::parse(std::string_view text) {
  bool too_deep = false;
  const std::string repeated = repeated_name(text, too_deep);
  if (too_deep) return malformed("The policy is nested deeper than any policy is.");
  const Json json = wire::parse_json(text);
  if (json.is_discarded()) return malformed("The policy is not valid JSON.");
  if (!json.is_object()) return malformed("The policy is not a JSON object.");
  if (!repeated.empty()) {
    return malformed(
        fmt::format("The policy names \"{}\" twice in one object.", printable(repeated)));
  }
  for (const auto& [name, value] : json.items()) {
    if (!is_one_of(name, {"Version", "Id", "Statement"})) {
      return malformed(
          fmt::format("The policy has no element \"{}\": it takes Version, Id and "
                      "Statement.",
                      printable(name)));
    }
  }
  const auto version = json.value("Version", Json("2008-10-17"));
  if (version != "2012-10-17" && version != "2008-10-17")
    return malformed("The policy's Version must be 2012-10-17 (or the older 2008-10-17).");
  variables_ = version == "2012-10-17";
  if (json.contains("Id") && !json["Id"].is_string())
    return malformed("The policy's Id must be a text.");
  if (!json.contains("Statement")) return malformed("The policy has no Statement.");
  const Json& statements = json["Statement"];
  if (statements.is_object()) return parse_statement(statements, 1);
  if (!statements.is_array() || statements.empty())
    return malformed("The policy's Statement must be an object or a list of at least one.");
  std::size_t number = 0;
  for (const auto& statement : statements) TARN_CHECK(parse_statement(statement, ++number));
  return {};
}

Status DocumentParser::parse_statement(const Json& json, std::size_t number) {
  where_ = fmt::format("{}", number);
  if (!json.is_object()) return wrong("it is not an object.");
  for (const auto& [name, value] : json.items()) {
    if (!is_one_of(name, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                          "Resource", "NotResource", "Condition"}))
      return wrong(fmt::format("there is no element \"{}\".", printable(name)));
  }
  Statement out;
  TARN_CHECK(parse_sid(json, out));
  if (!out.sid.empty()) where_ = fmt::format("{} ({})", number, printable(out.sid));
  TARN_CHECK(parse_effect(json, out));
  TARN_CHECK(parse_principal(json, out));
  TARN_CHECK(parse_actions(json, out));
  TARN_CHECK(parse_resources(json, out));
  TARN_CHECK(parse_conditions(json, out));
  out_.statements_.push_back(std::move(out));
  return {};
}

// Policies of IAM hold Sids of letters and digits, each once; other services take any text.
Status DocumentParser::parse_sid(const Json& json, Statement& out) {
  if (!json.contains("Sid")) return {};
  if (!json["Sid"].is_string()) return wrong("its Sid must be a text.");
  out.sid = json["Sid"].get<std::string>();
  if (kind_ == Document::Kind::kResource || out.sid.empty()) return {};
  const bool plain = std::all_of(out.sid.begin(), out.sid.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  if (!plain) return wrong("its Sid must be of letters and digits only.");
  if (!sids_.insert(out.sid).second)
    return wrong(fmt::format("Statement IDs (SID) in a single policy must be unique: \"{}\".",
                             printable(out.sid)));
  return {};
}

Status DocumentParser::parse_effect(const Json& json, Statement& out) const {
  const auto effect = json.value("Effect", Json());
  if (effect != "Allow" && effect != "Deny") return wrong("its Effect must be Allow or Deny.");
  out.allows = effect == "Allow";
  return {};
}

Result<const Json*> DocumentParser::either(const Json& json, const char* name,
                                           bool& negated) const {
  const std::string other = std::string("Not") + name;
  negated = json.contains(other);
  if (negated && json.contains(name))
    return wrong(fmt::format("it has both {} and {}.", name, other));
  if (negated) return &json[other];
  return json.contains(name) ? &json[name] : nullptr;
}

Status DocumentParser::parse_principal(const Json& json, Statement& out) const {
  TARN_TRY(const Json* element, either(json, "Principal", out.not_principals));
  if (kind_ == Document::Kind::kIdentity) {
    if (element == nullptr) return {};
    return wrong("Policy document should not specify a principal.");
  }
  if (element == nullptr) return wrong("Missing required field Principal.");
  Principals principals;
  if (element->is_string()) {
    if (*element != "*") {
      return wrong(
          "Invalid principal in policy: a text principal is \"*\"; name others as "
          "{\"AWS\": \"arn:aws:iam::123456789012:user/name\"}.");
    }
    TARN_CHECK(principals.add_everyone());
  } else if (!element->is_object() || element->empty()) {
    return wrong("Invalid principal in policy: it must be \"*\" or an object.");
  } else {
    for (const auto& [type, value] : element->items()) {
      const auto values = texts(value);
      if (!values || values->empty()) {
        return wrong(
            fmt::format("Invalid principal in policy: \"{}\" must have a text or a list "
                        "of at least one.",
                        printable(type)));
      }
      for (const auto& each : *values) {
        if (const Status added = principals.add(type, each); !added.ok())
          return wrong(added.error().message);
      }
    }
  }
  out.principals = std::move(principals);
  return {};
}

Status DocumentParser::parse_actions(const Json& json, Statement& out) const {
  TARN_TRY(const Json* element, either(json, "Action", out.not_actions));
  if (element == nullptr) return wrong("Policy statement must contain actions.");
  const auto values = texts(*element);
  if (!values || values->empty())
    return wrong("its Action must be a text or a list of at least one.");
  for (const auto& value : *values) {
    if (!is_action(value)) {
      return wrong(
          fmt::format("Actions must be prefaced by a vendor, e.g., iam, s3, kinesis: "
                      "\"{}\" is not of the form service:Action.",
                      printable(value)));
    }
    TARN_TRY(auto pattern, Pattern::parse(value, {true, false, true}));
    out.actions.push_back(std::move(pattern));
  }
  return {};
}

Status DocumentParser::parse_resources(const Json& json, Statement& out) {
  TARN_TRY(const Json* element, either(json, "Resource", out.not_resources));
  if (kind_ == Document::Kind::kTrust) {
    if (element == nullptr) return {};
    return wrong("a trust policy has no Resource.");
  }
  if (element == nullptr) return wrong("Policy statement must contain resources.");
  const auto values = texts(*element);
  if (!values || values->empty())
    return wrong("its Resource must be a text or a list of at least one.");
  for (const auto& value : *values) {
    if (value != "*" && !value.starts_with("arn:")) {
      return wrong(fmt::format("Resource {} must be in ARN format or \"*\".", printable(value)));
    }
    auto pattern =
        Pattern::parse(value == "*" ? value : completed(value), {true, variables_, false});
    if (!pattern.ok()) return wrong(pattern.error().message);
    out.resources.push_back(std::move(pattern).value());
    out_.resources_.push_back(value);
  }
  return {};
}

Status DocumentParser::parse_conditions(const Json& json, Statement& out) const {
  if (!json.contains("Condition")) return {};
  const Json& element = json["Condition"];
  if (!element.is_object()) return wrong("its Condition must be an object.");
  for (const auto& [name, keys] : element.items()) {
    if (!keys.is_object() || keys.empty())
      return wrong(
          fmt::format("the condition {} must have an object of keys and values.", printable(name)));
    for (const auto& [key, value] : keys.items()) {
      const auto values = texts(value, true);
      if (!values || values->empty()) {
        return wrong(
            fmt::format("the condition {} on {} must have a value or a list of at least "
                        "one.",
                        printable(name), printable(key)));
      }
      auto condition = Condition::parse(name, key, *values, variables_);
      if (!condition.ok()) return wrong(condition.error().message);
      out.conditions.push_back(std::move(condition).value());
    }
  }
  return {};
}

}  // namespace tarn::iam::policy
