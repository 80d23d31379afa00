#include "services/dynamodb/table_input.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/system_tags.h"
#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/refusal.h"

namespace tarn::dynamodb {
namespace {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kMaxGlobalIndexes = 20;
constexpr std::size_t kMaxLocalIndexes = 5;
// https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
constexpr std::size_t kMaxTags = 50;

Error missing_part(const char* name) {
  return {"NotImplemented", std::string(name) + " is not implemented by tarn: leave it out"};
}

std::string bracketed(const std::set<std::string>& names) {
  std::string out = "[";
  for (const auto& name : names) out.append(out.size() > 1 ? ", " : "").append(name);
  return out + "]";
}

std::set<std::string> names_of(const AttributeTypes& types) {
  std::set<std::string> out;
  for (const auto& [name, type] : types) out.insert(name);
  return out;
}

Result<KeySchema> key_schema(const std::vector<KeySchemaElement>& elements,
                             const AttributeTypes& types) {
  if (elements.empty() || elements[0].key_type != values::key_type::kHash) {
    return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (elements.size() > 1 && elements[1].key_type != values::key_type::kRange) {
    return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  if (elements.size() > 2) {
    return invalid(
        "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member "
        "must have "
        "length less than or equal to 2");
  }
  if (elements.size() == 2 && elements[0].attribute_name == elements[1].attribute_name) {
    return invalid(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  std::set<std::string> unknown;
  for (const auto& element : elements) {
    if (!types.contains(element.attribute_name)) unknown.insert(element.attribute_name);
  }
  if (!unknown.empty()) {
    return invalid_value(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: " +
        bracketed(unknown) + ", AttributeDefinitions: " + bracketed(names_of(types)));
  }
  KeySchema out;
  const auto attribute = [&](const KeySchemaElement& element) {
    return KeyAttribute{element.attribute_name, types.at(element.attribute_name)};
  };
  out.hash = attribute(elements[0]);
  if (elements.size() == 2) out.range = attribute(elements[1]);
  return out;
}

Status set_projection(const Projection& projection, IndexRecord& index) {
  if (!projection.projection_type) return invalid_value("Unknown ProjectionType: null");
  index.projection_type = *projection.projection_type;
  if (projection.non_key_attributes) index.non_key_attributes = *projection.non_key_attributes;
  const bool includes = index.projection_type == values::projection_type::kInclude;
  if (includes == index.non_key_attributes.empty()) {
    return invalid_value(includes
                             ? "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
                             : "ProjectionType is " + index.projection_type +
                                   ", but NonKeyAttributes is specified");
  }
  return {};
}

template <class Definition>
Result<IndexRecord> index_of(const Definition& definition, const AttributeTypes& types) {
  IndexRecord out;
  out.name = definition.index_name;
  TARN_TRY(out.keys, key_schema(definition.key_schema, types));
  TARN_CHECK(set_projection(definition.projection, out));
  out.status = values::index_status::kActive;
  return out;
}

Status set_index_throughput(const std::optional<ProvisionedThroughput>& throughput,
                            const TableRecord& table, IndexRecord& index) {
  const bool provisioned = table.billing_mode == values::billing_mode::kProvisioned;
  if (provisioned && !throughput) {
    return invalid_value("ProvisionedThroughput must be specified for index: " + index.name);
  }
  if (!provisioned && throughput && throughput->read_capacity_units > 0) {
    return invalid_value("ProvisionedThroughput should not be specified for index: " + index.name +
                         " when BillingMode is PAY_PER_REQUEST");
  }
  if (provisioned) {
    index.read_units = throughput->read_capacity_units;
    index.write_units = throughput->write_capacity_units;
  }
  return {};
}

Status add_index(IndexRecord index, TableRecord& record) {
  if (record.index(index.name) != nullptr)
    return invalid_value("Duplicate index name: " + index.name);
  index.number = record.next_index++;
  record.indexes.push_back(std::move(index));
  return {};
}

Status add_indexes(const CreateTableInput& input, TableRecord& record) {
  if (input.local_secondary_indexes) {
    if (input.local_secondary_indexes->size() > kMaxLocalIndexes) {
      return invalid_value("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
    }
    for (const auto& definition : *input.local_secondary_indexes) {
      TARN_TRY(auto index, index_of(definition, record.attributes));
      index.global = false;
      if (!record.keys.range) {
        return invalid_value(
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex");
      }
      if (!index.keys.range)
        return invalid_value("Index KeySchema does not have a range key for index: " + index.name);
      if (!(index.keys.hash == record.keys.hash)) {
        return invalid_value(
            "Index KeySchema does not have the same leading hash key as table KeySchema for "
            "index: " +
            index.name + ". index hash key: " + index.keys.hash.name +
            ", table hash key: " + record.keys.hash.name);
      }
      TARN_CHECK(add_index(std::move(index), record));
    }
  }
  if (!input.global_secondary_indexes) return {};
  if (input.global_secondary_indexes->size() > kMaxGlobalIndexes) {
    return invalid_value("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  for (const auto& definition : *input.global_secondary_indexes) {
    TARN_TRY(auto index, index_of(definition, record.attributes));
    TARN_CHECK(set_index_throughput(definition.provisioned_throughput, record, index));
    TARN_CHECK(add_index(std::move(index), record));
  }
  return {};
}

// Every defined attribute must be a key of something.
Status check_definitions(const TableRecord& record) {
  std::set<std::string> used;
  const auto use = [&](const KeySchema& keys) {
    used.insert(keys.hash.name);
    if (keys.range) used.insert(keys.range->name);
  };
  use(record.keys);
  for (const auto& index : record.indexes) use(index.keys);
  if (used.size() == record.attributes.size()) return {};
  if (record.indexes.empty()) {
    return invalid_value(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  return invalid_value("Some AttributeDefinitions are not used. AttributeDefinitions: " +
                       bracketed(names_of(record.attributes)) + ", keys used: " + bracketed(used));
}

Status refuse_missing_parts(const CreateTableInput& input) {
  if (input.stream_specification && input.stream_specification->stream_enabled)
    return missing_part("StreamSpecification");
  if (input.resource_policy) return missing_part("ResourcePolicy");
  if (input.global_table_source_arn) return missing_part("GlobalTableSourceArn");
  if (input.sse_specification && input.sse_specification->enabled.value_or(false)) {
    return missing_part("SSESpecification");
  }
  return {};
}

}  // namespace

Result<AttributeTypes> attribute_types(const std::vector<AttributeDefinition>& definitions) {
  AttributeTypes out;
  for (const auto& definition : definitions) {
    const auto type = type_of_name(definition.attribute_type);
    if (!type) return invalid_value("Unknown AttributeType: " + definition.attribute_type);
    if (!out.emplace(definition.attribute_name, *type).second) {
      return invalid_value("Duplicate AttributeName in AttributeDefinitions: " +
                           definition.attribute_name);
    }
  }
  return out;
}

Status set_billing(const std::optional<std::string>& mode,
                   const std::optional<ProvisionedThroughput>& throughput, TableRecord& record) {
  record.billing_mode = mode.value_or(std::string(values::billing_mode::kProvisioned));
  if (record.billing_mode == values::billing_mode::kPayPerRequest) {
    if (throughput &&
        (throughput->read_capacity_units > 0 || throughput->write_capacity_units > 0)) {
      return invalid_value(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    }
    record.read_units = 0;
    record.write_units = 0;
    return {};
  }
  if (!throughput || throughput->read_capacity_units < 1 || throughput->write_capacity_units < 1) {
    return invalid_value(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
        "PROVISIONED");
  }
  record.read_units = throughput->read_capacity_units;
  record.write_units = throughput->write_capacity_units;
  return {};
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
Status check_table_name(const std::string& name) {
  constexpr std::size_t kShortest = 3;
  constexpr std::size_t kLongest = 255;
  if (name.size() < kShortest || name.size() > kLongest) {
    return invalid("TableName must be at least 3 characters long and at most 255 characters long");
  }
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  if (name.find_first_not_of(kLetters) == std::string::npos) return {};
  return invalid("1 validation error detected: Value '" + name +
                 "' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
                 "expression pattern: [a-zA-Z0-9_.-]+");
}

Result<TableRecord> record_of(const Caller& caller, const CreateTableInput& input) {
  TARN_CHECK(refuse_missing_parts(input));
  TARN_CHECK(check_table_name(input.table_name));
  if (!input.key_schema || !input.attribute_definitions) {
    return invalid_value(input.key_schema ? "AttributeDefinitions must be specified"
                                          : "KeySchema must be specified");
  }
  TableRecord record;
  record.name = input.table_name;
  TARN_TRY(record.attributes, attribute_types(*input.attribute_definitions));
  TARN_TRY(record.keys, key_schema(*input.key_schema, record.attributes));
  TARN_CHECK(set_billing(input.billing_mode, input.provisioned_throughput, record));
  TARN_CHECK(add_indexes(input, record));
  TARN_CHECK(check_definitions(record));
  record.deletion_protection = input.deletion_protection_enabled.value_or(false);
  record.table_class = input.table_class.value_or("");
  if (input.tags) TARN_CHECK(add_tags(caller, *input.tags, record));
  return record;
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return invalid_value("The tag key " + key + " begins with aws:, which is reserved");
}

Status add_tags(const Caller& caller, const std::vector<Tag>& added, TableRecord& record) {
  for (const Tag& tag : added) {
    TARN_CHECK(check_tag_key(caller, tag.key));
    record.tags.insert_or_assign(tag.key, tag.value);
  }
  if (gateway::count_own_tags(record.tags) <= kMaxTags) return {};
  return invalid("Too many tags: at most 50 tags a resource");
}

Result<IndexRecord> global_index(const CreateGlobalSecondaryIndexAction& action,
                                 const TableRecord& table) {
  const auto globals = std::count_if(table.indexes.begin(), table.indexes.end(),
                                     [](const IndexRecord& index) { return index.global; });
  if (static_cast<std::size_t>(globals) >= kMaxGlobalIndexes) {
    return invalid_value("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  TARN_TRY(auto index, index_of(action, table.attributes));
  TARN_CHECK(set_index_throughput(action.provisioned_throughput, table, index));
  index.status = values::index_status::kCreating;
  return index;
}

}  // namespace tarn::dynamodb
