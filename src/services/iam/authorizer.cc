#include "services/iam/authorizer.h"

#include <optional>

#include <fmt/format.h>

#include "base/ids.h"

namespace tarn::iam {
namespace {

// The text of the member at the dotted `path` ("Tagging.TagSet"), where it is a present string.
std::optional<std::string> member_text(const wire::Schema& schema, const void* data,
                                       std::string_view path) {
  const std::string_view name = path.substr(0, path.find('.'));
  for (const auto& member : schema.members) {
    if (member.name != name) continue;
    const void* value = member.find(data);
    if (value == nullptr) return std::nullopt;
    if (name.size() < path.size())
      return member_text(*member.schema, value, path.substr(name.size() + 1));
    if (member.schema->kind != wire::Kind::kString) return std::nullopt;
    const auto& text = *static_cast<const std::string*>(value);
    return text.empty() ? std::nullopt : std::optional(text);
  }
  return std::nullopt;
}

std::optional<std::string> fill(std::string_view alternative, const wire::Operation& operation,
                                const Caller& caller, const void* input) {
  std::string out;
  while (!alternative.empty()) {
    const std::size_t open = alternative.find('{');
    out.append(alternative.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = alternative.find('}', open);
    const std::string_view name = alternative.substr(open + 1, close - open - 1);
    if (name == "partition") {
      out.append(kPartition);
    } else if (name == "region") {
      out.append(caller.region);
    } else if (name == "account") {
      out.append(caller.account_id);
    } else {
      const auto text =
          operation.input != nullptr ? member_text(*operation.input, input, name) : std::nullopt;
      if (!text) return std::nullopt;
      out.append(*text);
    }
    alternative.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

std::string resource_of(const wire::Operation& operation, const Caller& caller, const void* input) {
  std::string_view alternatives = operation.iam_resource;
  while (!alternatives.empty()) {
    const std::size_t bar = alternatives.find('|');
    if (auto arn = fill(alternatives.substr(0, bar), operation, caller, input)) return *arn;
    if (bar == std::string_view::npos) break;
    alternatives.remove_prefix(bar + 1);
  }
  return "*";
}

Status Authorizer::authorize(const Caller& caller, const wire::Operation& operation,
                             const std::string& resource) const {
  switch (caller.kind) {
    case Caller::Kind::kRoot:
    case Caller::Kind::kService: return {};
    case Caller::Kind::kAnonymous:
      if (operation.anonymous) return {};
      return Error("AccessDenied",
                   "Anonymous users cannot invoke this API. Sign the request: `eval $(tarn env)` "
                   "gives a shell its keys.",
                   403);
    default:
      return Error("AccessDenied",
                   fmt::format("User: {} is not authorized to perform: {} on resource: {} because "
                               "no identity-based policy allows the {} action",
                               caller.arn, operation.iam_action, resource, operation.iam_action),
                   403);
  }
}

}  // namespace tarn::iam
