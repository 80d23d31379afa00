// Table input: what CreateTable and UpdateTable are given, checked and made records.
//
// Place: dynamodb. Source of the rules:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
// Threads: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/service.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/table.h"

namespace tarn::dynamodb {

using AttributeTypes = std::map<std::string, Type>;

// Errors of all: ValidationException as DynamoDB words it; NotImplemented for what tarn does not
// have, by name.

[[nodiscard]] Result<AttributeTypes> attribute_types(
    const std::vector<AttributeDefinition>& definitions);

// All but id, uuid and times.
[[nodiscard]] Result<TableRecord> record_of(const Caller& caller, const CreateTableInput& input);

// A global secondary index to be, for `table`.
[[nodiscard]] Result<IndexRecord> global_index(const CreateGlobalSecondaryIndexAction& action,
                                               const TableRecord& table);

// Sets billing mode and throughput.
[[nodiscard]] Status set_billing(const std::optional<std::string>& mode,
                                 const std::optional<ProvisionedThroughput>& throughput,
                                 TableRecord& record);

// Whether the caller may set or remove a tag.
[[nodiscard]] Status check_tag_key(const Caller& caller, const std::string& key);
[[nodiscard]] Status add_tags(const Caller& caller, const std::vector<Tag>& added,
                              TableRecord& record);

}  // namespace tarn::dynamodb
