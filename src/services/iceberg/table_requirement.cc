#include "services/iceberg/table_requirement.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/iceberg/error.h"

namespace tarn::iceberg {
namespace {

// A requirement that a number of the table is the one that is given.
struct Number {
  std::string_view type;
  const char* given;
  const char* member;
  std::string_view what;
};

constexpr Number kNumbers[] = {
    {"assert-last-assigned-field-id", "last-assigned-field-id", "last-column-id",
     "last assigned field id"},
    {"assert-current-schema-id", "current-schema-id", "current-schema-id", "current schema"},
    {"assert-last-assigned-partition-id", "last-assigned-partition-id", "last-partition-id",
     "last assigned partition id"},
    {"assert-default-spec-id", "default-spec-id", "default-spec-id", "default partition spec"},
    {"assert-default-sort-order-id", "default-sort-order-id", "default-sort-order-id",
     "default sort order"},
};

Error failed(std::string text) {
  return commit_failed("Requirement failed: " + text);
}

Status check_number(const Number& number, const Json& requirement, const TableMetadata& metadata) {
  TARN_TRY(const std::int64_t wanted, number_at(requirement, number.given));
  const std::int64_t found = metadata.number(number.member, -1);
  if (wanted == found) return {};
  return failed(fmt::format("{} changed: expected {}, found {}", number.what, wanted, found));
}

Status check_ref(const Json& requirement, const TableMetadata& metadata) {
  TARN_TRY(const std::string name, text_at(requirement, "ref"));
  const Json* wanted = find(requirement, "snapshot-id");
  const auto found = metadata.ref(name);
  if (wanted == nullptr) {
    if (!found) return {};
    return failed(fmt::format("branch or tag {} was created concurrently", name));
  }
  if (!wanted->is_number_integer()) return bad_request("'snapshot-id' must be a whole number.");
  if (!found) return failed(fmt::format("branch or tag {} is missing", name));
  if (*found == wanted->get<std::int64_t>()) return {};
  return failed(fmt::format("branch or tag {} has changed: expected snapshot {}, found {}", name,
                            wanted->get<std::int64_t>(), *found));
}

}  // namespace

bool asserts_create(const Json& requirements) {
  return std::any_of(requirements.begin(), requirements.end(),
                     [](const Json& each) { return text_or(each, "type", "") == "assert-create"; });
}

Status check_requirement(const Json& requirement, const TableMetadata* metadata) {
  TARN_TRY(const std::string type, text_at(requirement, "type"));
  if (type == "assert-create") {
    return metadata == nullptr ? Status() : Status(failed("table already exists"));
  }
  const auto number = std::find_if(std::begin(kNumbers), std::end(kNumbers),
                                   [&](const Number& each) { return each.type == type; });
  const bool known = type == "assert-table-uuid" || type == "assert-ref-snapshot-id" ||
                     number != std::end(kNumbers);
  if (!known)
    return bad_request(fmt::format("'{}' is no requirement of a table that tarn knows.", type));
  // Of a table that is made only its absence can be required.
  if (metadata == nullptr) return failed("table does not exist");
  if (type == "assert-ref-snapshot-id") return check_ref(requirement, *metadata);
  if (number != std::end(kNumbers)) return check_number(*number, requirement, *metadata);
  TARN_TRY(const std::string uuid, text_at(requirement, "uuid"));
  if (uuid == metadata->uuid()) return {};
  return failed(fmt::format("UUID does not match: expected {}, found {}", uuid, metadata->uuid()));
}

}  // namespace tarn::iceberg
