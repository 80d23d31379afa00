#include "services/servicecatalog/catalog.h"

namespace tarn::servicecatalog {
namespace {

template <class Record>
void apply(AllTables& changed, AllTables& to) {
  auto& table = to.of<Record>();
  for (auto& [key, entry] : changed.of<Record>()) {
    if (entry) {
      table[key] = std::move(entry);
    } else {
      table.erase(key);
    }
  }
}

}  // namespace

template <class Record>
Status Catalog::load_table() {
  const std::string prefix = record_key<Record>("");
  TARN_TRY(const auto records, store_.scan(store::Space::kServiceCatalog, prefix));
  for (const auto& [key, text] : records) {
    const std::string what = "Service Catalog at " + key;
    TARN_TRY(const auto json, wire::from_record(kRecordVersion, text, what));
    try {
      tables_.of<Record>()[key.substr(prefix.size())] =
          std::make_shared<const Record>(json.template get<Record>());
    } catch (const nlohmann::json::exception& failure) {
      return wire::damaged_record(what);
    }
  }
  return {};
}

Status Catalog::load() {
  TARN_CHECK(load_table<PortfolioRecord>());
  TARN_CHECK(load_table<ProductRecord>());
  TARN_CHECK(load_table<VersionRecord>());
  TARN_CHECK(load_table<PathRecord>());
  TARN_CHECK(load_table<PrincipalRecord>());
  TARN_CHECK(load_table<ConstraintRecord>());
  TARN_CHECK(load_table<TagOptionRecord>());
  TARN_CHECK(load_table<TagOptionUseRecord>());
  TARN_CHECK(load_table<ProvisionedRecord>());
  return load_table<OperationRecord>();
}

std::vector<std::pair<std::string, std::string>> Catalog::open_operations() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [key, record] : tables_.of<OperationRecord>()) {
    const std::size_t slash = key.find('/');
    if (!record->has_ended()) out.emplace_back(key.substr(0, slash), key.substr(slash + 1));
  }
  return out;
}

Status Catalog::change(const std::string& region, const Change& change) {
  const std::lock_guard changing(changing_);
  // Only changes write to the tables, and this is the only one.
  Draft draft(tables_, region);
  TARN_CHECK(change(draft));
  TARN_CHECK(store_.commit(draft.batch_));
  const std::unique_lock lock(mutex_);
  apply<PortfolioRecord>(draft.after_, tables_);
  apply<ProductRecord>(draft.after_, tables_);
  apply<VersionRecord>(draft.after_, tables_);
  apply<PathRecord>(draft.after_, tables_);
  apply<PrincipalRecord>(draft.after_, tables_);
  apply<ConstraintRecord>(draft.after_, tables_);
  apply<TagOptionRecord>(draft.after_, tables_);
  apply<TagOptionUseRecord>(draft.after_, tables_);
  apply<ProvisionedRecord>(draft.after_, tables_);
  apply<OperationRecord>(draft.after_, tables_);
  return {};
}

}  // namespace tarn::servicecatalog
