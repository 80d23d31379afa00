#include "wire/query_codec.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "wire/encoding.h"
#include "wire/xml_codec.h"

namespace tarn::wire {
namespace {

constexpr std::size_t kMaxEntries =
    10'000;  // of one list, against requests that name element 2,000,000,000

class FormReader {
 public:
  FormReader(const FormPairs& pairs, FormStyle style) : style_(style) {
    for (const auto& pair : pairs) sorted_.push_back(&pair);
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const auto* a, const auto* b) { return a->first < b->first; });
  }

  Status structure(const Schema& schema, const std::string& prefix, void* out) {
    for (const Member& member : schema.members) {
      const std::string_view own = member.form_name.empty() ? member.wire_name : member.form_name;
      const std::string name =
          prefix.empty() ? std::string(own) : fmt::format("{}.{}", prefix, own);
      if (present(name)) {
        TARN_CHECK(value(*member.schema, name, member.emplace(out)));
      } else if (member.required) {
        return Error(
            "ValidationError",
            fmt::format("1 validation error detected: Value null at '{}' failed to satisfy "
                        "constraint: Member must not be null",
                        name));
      }
    }
    return {};
  }

 private:
  [[nodiscard]] const std::string* exact(const std::string& name) const {
    const auto at = lower(name);
    return at != sorted_.end() && (*at)->first == name ? &(*at)->second : nullptr;
  }

  // Whether there is `name` itself or something below it.
  [[nodiscard]] bool present(const std::string& name) const {
    if (exact(name) != nullptr) return true;
    const std::string below = name + ".";
    const auto at = lower(below);
    return at != sorted_.end() && (*at)->first.starts_with(below);
  }

  [[nodiscard]] std::vector<const std::pair<std::string, std::string>*>::const_iterator lower(
      const std::string& name) const {
    return std::lower_bound(
        sorted_.begin(), sorted_.end(), name,
        [](const auto* pair, const std::string& key) { return pair->first < key; });
  }

  Status value(const Schema& schema, const std::string& name, void* out) {
    switch (schema.kind) {
      case Kind::kStructure: return structure(schema, name, out);
      case Kind::kList: return list(schema, name, out);
      case Kind::kMap: return map(schema, name, out);
      default: {
        const std::string* text = exact(name);
        if (text != nullptr && scalar_from_text(schema, *text, out)) return {};
        return not_valid(name);
      }
    }
  }

  Status list(const Schema& schema, const std::string& name, void* out) {
    const bool flat = schema.flattened || style_ == FormStyle::kEc2;
    const std::string base = flat ? name : name + "." + std::string(schema.element_name);
    for (std::size_t i = 1; i <= kMaxEntries; ++i) {
      const std::string element = base + "." + std::to_string(i);
      if (!present(element)) break;
      TARN_CHECK(value(*schema.element, element, schema.list->append(out)));
    }
    return {};
  }

  Status map(const Schema& schema, const std::string& name, void* out) {
    const std::string base = schema.flattened ? name : name + ".entry";
    for (std::size_t i = 1; i <= kMaxEntries; ++i) {
      const std::string entry = base + "." + std::to_string(i) + ".";
      const std::string* key = exact(entry + std::string(schema.key_name));
      if (key == nullptr) break;
      if (!is_utf8(*key)) return not_valid(entry + std::string(schema.key_name));
      TARN_CHECK(value(*schema.element, entry + std::string(schema.value_name),
                       schema.map->insert(out, *key)));
    }
    return {};
  }

  static Error not_valid(std::string_view name) {
    return {"ValidationError", fmt::format("The value of '{}' is not valid.", name)};
  }

  const FormStyle style_;
  std::vector<const std::pair<std::string, std::string>*> sorted_;
};

}  // namespace

Status from_form(const Schema& schema, const FormPairs& pairs, void* out, FormStyle style) {
  return FormReader(pairs, style).structure(schema, "", out);
}

}  // namespace tarn::wire
