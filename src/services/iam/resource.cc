#include "services/iam/resource.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "wire/encoding.h"
#include "wire/values.h"

namespace tarn::iam {
namespace {

using wire::Kind;
constexpr std::string_view kVersionMark = "?versionId=";
constexpr std::string_view kVersionForm = "?version";

// "/bucket/key%20name?versionId=3" as "bucket/key name".
std::string copy_source(std::string_view text) {
  if (text.starts_with('/')) text.remove_prefix(1);
  const std::size_t version = text.find(kVersionMark);
  return wire::percent_decode(text.substr(0, version));
}

// Where the names of a template lead from.
struct Scope {
  const wire::Operation& operation;
  const void* input;
  const Caller* caller = nullptr;
  const wire::Schema* item_schema = nullptr;  // of a permission's items
  const void* item = nullptr;

  [[nodiscard]] std::vector<std::string> values(std::string_view path) const {
    if (!path.starts_with('.')) return values_at(operation, input, path);
    if (item == nullptr) return {};
    return wire::values_at(*item_schema, item, path.substr(1));
  }
};

// What one {…} of a template stands for; empty: nothing.
std::vector<std::string> values_of(std::string_view name, const Scope& scope) {
  if (name == "partition") return {std::string(kPartition)};
  if (name == "region") return {scope.caller->region};
  if (name == "account") return {scope.caller->account_id};
  if (name == "caller") return {scope.caller->arn};
  return scope.values(name);
}

bool is_met(std::string_view when, const Scope& scope) {
  if (when.empty()) return true;
  const bool wants_absent = when.starts_with('!');
  std::string_view path = when.substr(wants_absent ? 1 : 0);
  const bool wants_version = path.ends_with(kVersionForm);
  if (wants_version) path.remove_suffix(kVersionForm.size());
  const std::vector<std::string> found = scope.values(path);
  const bool is_present = std::any_of(found.begin(), found.end(), [&](const std::string& text) {
    return !wants_version || text.find(kVersionMark) != std::string::npos;
  });
  return is_present != wants_absent;
}

// The resources of one alternative; empty where a member of it is missing.
std::vector<std::string> fill(std::string_view alternative, const Scope& scope) {
  std::vector<std::string> out = {""};
  while (!alternative.empty()) {
    const std::size_t open = alternative.find('{');
    for (auto& text : out) text.append(alternative.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = alternative.find('}', open);
    std::string_view name = alternative.substr(open + 1, close - open - 1);
    const std::size_t mark = name.find('?');
    const std::string_view form = mark == name.npos ? std::string_view() : name.substr(mark + 1);
    name = name.substr(0, mark);
    std::vector<std::string> longer;
    for (const auto& value : values_of(name, scope)) {
      if (value.empty()) continue;
      const std::string text = form == "copy-source" ? copy_source(value) : value;
      for (const auto& before : out)
        longer.push_back(form == "arn" && text.starts_with("arn:") ? text : before + text);
    }
    if (longer.empty()) return {};
    out = std::move(longer);
    alternative.remove_prefix(close + 1);
  }
  return out;
}

// Of the first alternative all of whose members are present; each once.
std::vector<std::string> filled(std::string_view alternatives, const Scope& scope) {
  while (!alternatives.empty()) {
    const std::size_t bar = alternatives.find('|');
    auto out = fill(alternatives.substr(0, bar), scope);
    if (!out.empty()) {
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    }
    if (bar == std::string_view::npos) break;
    alternatives.remove_prefix(bar + 1);
  }
  return {};
}

bool is_of_many(std::string_view resource) {
  return resource.find("[]") != std::string_view::npos ||
         resource.find(".*}") != std::string_view::npos;
}

}  // namespace

std::vector<std::string> values_at(const wire::Operation& operation, const void* input,
                                   std::string_view path) {
  if (operation.input == nullptr || input == nullptr) return {};
  return wire::values_at(*operation.input, input, path);
}

std::vector<std::string> tag_at(const wire::Operation& operation, const void* input,
                                std::string_view path, std::string_view name) {
  std::vector<std::string> out;
  if (operation.input == nullptr || input == nullptr) return out;
  struct Wanted {
    std::string_view name;
    std::vector<std::string>* out;
  };
  Wanted wanted{name, &out};
  wire::walk(*operation.input, input, path, [&](const wire::Schema& schema, const void* value) {
    if (schema.kind == Kind::kMap && schema.element->kind == Kind::kString) {
      schema.map->each(value, &wanted, [](void* context, std::string_view key, const void* text) {
        auto& into = *static_cast<Wanted*>(context);
        if (wire::equals_ignoring_case(key, into.name))
          into.out->push_back(*static_cast<const std::string*>(text));
      });
    }
    if (schema.kind != Kind::kStructure) return;
    std::string key;
    std::optional<std::string> text;
    for (const auto& member : schema.members) {
      const void* found = member.find(value);
      if (found == nullptr || member.schema->kind != Kind::kString) continue;
      const auto& content = *static_cast<const std::string*>(found);
      if (member.name == "Key" || member.name == "TagKey") key = content;
      if (member.name == "Value" || member.name == "TagValue") text = content;
    }
    if (text && wire::equals_ignoring_case(key, name)) out.push_back(std::move(*text));
  });
  return out;
}

bool is_needed(const wire::Permission& permission, const wire::Operation& operation,
               const void* input) {
  if (permission.action.empty()) return false;
  if (!permission.items.empty()) return true;  // each of them says
  return is_met(permission.when, Scope{operation, input});
}

std::vector<std::string> resources_of(const wire::Permission& permission,
                                      const wire::Operation& operation, const Caller& caller,
                                      const void* input) {
  if (!permission.items.empty()) {
    std::vector<std::string> out;
    for (auto& item : item_resources_of(permission, operation, caller, input))
      out.push_back(std::move(item.resource));
    return out;
  }
  auto out = filled(permission.resource, Scope{operation, input, &caller});
  if (out.empty() && !is_of_many(permission.resource)) out.emplace_back("*");
  return out;
}

std::vector<ItemResource> item_resources_of(const wire::Permission& permission,
                                            const wire::Operation& operation, const Caller& caller,
                                            const void* input) {
  std::vector<ItemResource> out;
  if (operation.input == nullptr || input == nullptr) return out;
  std::size_t index = 0;
  wire::walk(*operation.input, input, permission.items,
             [&](const wire::Schema& schema, const void* item) {
               const Scope scope{operation, input, &caller, &schema, item};
               if (is_met(permission.when, scope)) {
                 for (auto& resource : filled(permission.resource, scope))
                   out.push_back({index, std::move(resource)});
               }
               ++index;
             });
  return out;
}

std::string resource_of(const wire::Operation& operation, const Caller& caller, const void* input) {
  for (const auto& permission : operation.permissions) {
    if (!is_needed(permission, operation, input)) continue;
    auto resources = resources_of(permission, operation, caller, input);
    if (!resources.empty()) return std::move(resources.front());
  }
  return "*";
}

}  // namespace tarn::iam
