// UpdateTable: billing, throughput, deletion protection, table class, and one global secondary
// index made or removed.
#include <algorithm>
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/keys.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/table_input.h"

namespace tarn::dynamodb {
namespace {

Error missing_part(const char* name) {
  return {"NotImplemented", std::string(name) + " is not implemented by tarn: leave it out"};
}
Error in_use(const std::string& name) {
  return {"ResourceInUseException",
          "Attempt to change a resource which is still in use: Table is being updated: " + name};
}

Status refuse_missing_parts(const UpdateTableInput& input) {
  if (input.stream_specification && input.stream_specification->stream_enabled)
    return missing_part("StreamSpecification");
  if (input.sse_specification) return missing_part("SSESpecification");
  if (input.replica_updates) return missing_part("ReplicaUpdates");
  if (input.multi_region_consistency) return missing_part("MultiRegionConsistency");
  if (input.global_table_witness_updates) return missing_part("GlobalTableWitnessUpdates");
  return {};
}

Status set_index_units(const UpdateGlobalSecondaryIndexAction& action, TableRecord& record) {
  for (auto& index : record.indexes) {
    if (index.name != action.index_name || !index.global) continue;
    if (action.provisioned_throughput) {
      index.read_units = action.provisioned_throughput->read_capacity_units;
      index.write_units = action.provisioned_throughput->write_capacity_units;
    }
    return {};
  }
  return Error("ResourceNotFoundException", "Requested resource not found");
}

Status change_index(const GlobalSecondaryIndexUpdate& update, TableRecord& record) {
  if (update.update) return set_index_units(*update.update, record);
  if (update.create) {
    if (record.index(update.create->index_name) != nullptr) {
      return invalid("Attempting to create an index which already exists");
    }
    TARN_TRY(auto index, global_index(*update.create, record));
    index.number = record.next_index++;
    record.indexes.push_back(std::move(index));
    record.status = values::table_status::kUpdating;
    return {};
  }
  if (!update.delete_)
    return invalid("One or more parameter values were invalid: an index update has no action");
  const auto found =
      std::find_if(record.indexes.begin(), record.indexes.end(), [&](const IndexRecord& index) {
        return index.global && index.name == update.delete_->index_name;
      });
  if (found == record.indexes.end())
    return Error("ResourceNotFoundException", "Requested resource not found");
  record.indexes.erase(found);
  return {};
}

Status apply(const UpdateTableInput& input, Timestamp now, TableRecord& record) {
  if (record.status != values::table_status::kActive) return in_use(record.name);
  if (input.attribute_definitions) {
    TARN_TRY(const auto types, attribute_types(*input.attribute_definitions));
    for (const auto& [name, type] : types) record.attributes.insert_or_assign(name, type);
  }
  if (input.billing_mode || input.provisioned_throughput) {
    const std::string before = record.billing_mode;
    TARN_CHECK(set_billing(input.billing_mode ? input.billing_mode : std::optional(before),
                           input.provisioned_throughput, record));
    if (before != record.billing_mode &&
        record.billing_mode == values::billing_mode::kPayPerRequest) {
      record.on_demand_since = now;
    }
  }
  if (input.deletion_protection_enabled)
    record.deletion_protection = *input.deletion_protection_enabled;
  if (input.table_class) record.table_class = *input.table_class;
  if (input.global_secondary_index_updates) {
    for (const auto& update : *input.global_secondary_index_updates)
      TARN_CHECK(change_index(update, record));
  }
  // Only attributes that are keys stay defined.
  std::erase_if(record.attributes, [&](const auto& attribute) {
    const auto is_key = [&](const KeySchema& keys) {
      return keys.hash.name == attribute.first ||
             (keys.range && keys.range->name == attribute.first);
    };
    return !is_key(record.keys) &&
           std::none_of(record.indexes.begin(), record.indexes.end(),
                        [&](const IndexRecord& index) { return is_key(index.keys); });
  });
  return {};
}

// The removal of the entries of the indexes that the update takes away.
store::Batch removals(const UpdateTableInput& input, const TableRecord& record) {
  store::Batch out;
  if (!input.global_secondary_index_updates) return out;
  for (const auto& update : *input.global_secondary_index_updates) {
    const IndexRecord* index = update.delete_ ? record.index(update.delete_->index_name) : nullptr;
    if (index == nullptr) continue;
    const std::string first = order_prefix(record, index->number);
    out.remove_range(store::Space::kDynamodbItems, first, store::prefix_end(first));
  }
  return out;
}

}  // namespace

Task<Result<UpdateTableOutput>> handle(UpdateTable, DynamodbService& service, const Caller& caller,
                                       UpdateTableInput input) {
  TARN_CO_CHECK(refuse_missing_parts(input));
  TARN_CO_TRY(const auto table, service.any_table(caller, input.table_name));
  const Timestamp now = service.platform().clock.now();
  const auto edit = [&](TableRecord& record) {
    return apply(input, now, record);
  };
  auto changed = co_await service.platform().tasks.offload(
      [&] { return service.catalog().change(*table, edit, removals(input, *table->record())); });
  if (!changed.ok()) co_return std::move(changed).error();
  UpdateTableOutput output;
  output.table_description = describe(*table);
  service.settle(table);
  co_return output;
}

}  // namespace tarn::dynamodb
