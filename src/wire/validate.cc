#include "wire/validate.h"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "wire/path.h"

namespace tarn::wire {
namespace {

// Length in characters, as AWS counts it.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string shown(const Schema& schema, std::string_view text) {
  constexpr std::size_t kMost = 256;
  if (schema.sensitive) return "****";
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "…";
}

Error failed(const Path& path, std::string_view value, std::string_view constraint) {
  return {"ValidationException",
          fmt::format(
              "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
              value, path.text(), constraint)};
}

}  // namespace

class Check {
 public:
  explicit Check(const Validator& validator) : validator_(validator) {}

  Status value(const Schema& schema, const void* data, const Path& path) const {
    switch (schema.kind) {
      case Kind::kStructure: return structure(schema, data, path);
      case Kind::kList: return list(schema, data, path);
      case Kind::kMap: return map(schema, data, path);
      case Kind::kString: return text(schema, *static_cast<const std::string*>(data), path);
      case Kind::kBlob:
        return size(schema, static_cast<const std::string*>(data)->size(), "", "length", path);
      case Kind::kInteger: return number(schema, *static_cast<const std::int32_t*>(data), path);
      case Kind::kLong:
        return number(schema, static_cast<double>(*static_cast<const std::int64_t*>(data)), path);
      default: return {};
    }
  }

 private:
  Status structure(const Schema& schema, const void* data, const Path& path) const {
    for (const Member& member : schema.members) {
      const void* inner = member.find(data);
      if (inner == nullptr) continue;
      const Path inner_path{&path, member.name, 0};
      TARN_CHECK(value(*member.schema, inner, inner_path));
    }
    return {};
  }

  Status list(const Schema& schema, const void* data, const Path& path) const {
    const std::size_t count = schema.list->size(data);
    TARN_CHECK(size(schema, count, "[…]", "length", path));
    for (std::size_t i = 0; i < count; ++i) {
      const Path inner{&path, {}, i + 1};
      TARN_CHECK(value(*schema.element, schema.list->at(data, i), inner));
    }
    return {};
  }

  Status map(const Schema& schema, const void* data, const Path& path) const {
    TARN_CHECK(size(schema, schema.map->size(data), "{…}", "length", path));
    struct Context {
      const Check& check;
      const Schema& schema;
      const Path& path;
      Status status;
    } context{*this, schema, path, {}};
    schema.map->each(data, &context, [](void* opaque, std::string_view key, const void* inner) {
      auto& self = *static_cast<Context*>(opaque);
      if (!self.status.ok()) return;
      const Path inner_path{&self.path, key, 0};
      self.status = self.check.value(*self.schema.element, inner, inner_path);
    });
    return context.status;
  }

  Status text(const Schema& schema, const std::string& value, const Path& path) const {
    if (!schema.values.empty() &&
        std::find(schema.values.begin(), schema.values.end(), value) == schema.values.end()) {
      return failed(
          path, shown(schema, value),
          fmt::format("Member must satisfy enum value set: [{}]", fmt::join(schema.values, ", ")));
    }
    // Counted only where bytes alone can't tell.
    const bool in_bounds = static_cast<double>(value.size()) <= schema.max &&
                           static_cast<double>(value.size()) >= schema.min * 4;
    if (!in_bounds)
      TARN_CHECK(size(schema, characters(value), shown(schema, value), "length", path));
    if (schema.pattern.empty()) return {};
    const auto pattern = validator_.patterns_.find(&schema);
    if (pattern != validator_.patterns_.end() && !re2::RE2::FullMatch(value, *pattern->second)) {
      return failed(
          path, shown(schema, value),
          fmt::format("Member must satisfy regular expression pattern: {}", schema.pattern));
    }
    return {};
  }

  static Status size(const Schema& schema, std::size_t count, std::string_view value,
                     std::string_view what, const Path& path) {
    if (static_cast<double>(count) < schema.min) {
      return failed(
          path, value,
          fmt::format("Member must have {} greater than or equal to {}", what, schema.min));
    }
    if (static_cast<double>(count) > schema.max) {
      return failed(path, value,
                    fmt::format("Member must have {} less than or equal to {}", what, schema.max));
    }
    return {};
  }

  static Status number(const Schema& schema, double value, const Path& path) {
    if (value < schema.min)
      return failed(path, fmt::format("{}", value),
                    fmt::format("Member must have value greater than or equal to {}", schema.min));
    if (value > schema.max)
      return failed(path, fmt::format("{}", value),
                    fmt::format("Member must have value less than or equal to {}", schema.max));
    return {};
  }

  const Validator& validator_;
};

Validator::Validator() = default;
Validator::~Validator() = default;

void Validator::prepare(const Schema& schema) {
  if (patterns_.contains(&schema)) return;
  if (!schema.pattern.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    auto pattern = std::make_unique<re2::RE2>(
        re2::StringPiece(schema.pattern.data(), schema.pattern.size()), options);
    if (pattern->ok()) patterns_.emplace(&schema, std::move(pattern));
  }
  // Recursive shapes are entered once: a structure is marked by an empty entry.
  if (schema.kind == Kind::kStructure) patterns_.emplace(&schema, nullptr);
  for (const Member& member : schema.members) prepare(*member.schema);
  if (schema.element != nullptr) prepare(*schema.element);
}

Status Validator::check(const Schema& schema, const void* data) const {
  const Path root;
  return Check(*this).value(schema, data, root);
}

}  // namespace tarn::wire
