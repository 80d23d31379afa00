#include "services/dynamodb/service.h"

#include <utility>

#include "platform/log.h"
#include "services/dynamodb/actions.h"
#include "services/dynamodb/expiry.h"
#include "services/dynamodb/tokens.h"

namespace tarn::dynamodb {
namespace {

using Actions =
    gateway::ActionList<DynamodbService, CreateTable, DeleteTable, DescribeTable, UpdateTable,
                        ListTables, DescribeLimits, DescribeEndpoints, DescribeContinuousBackups,
                        UpdateTimeToLive, DescribeTimeToLive, TagResource, UntagResource,
                        ListTagsOfResource, PutItem, GetItem, UpdateItem, DeleteItem, Query, Scan,
                        BatchGetItem, BatchWriteItem, TransactGetItems, TransactWriteItems>;

// How often expired items and tokens are looked for, and how soon a stop is noticed.
constexpr std::chrono::milliseconds kSweepInterval{60'000};
constexpr std::chrono::milliseconds kNotice{250};

// The step that `table`'s status asks for. Waits for the disk.
Status take_step(Catalog& catalog, ItemStore& items, const std::shared_ptr<Table>& table) {
  const auto record = table->record();
  if (record->status == values::table_status::kDeleting) return catalog.drop(table);
  for (const auto& index : record->indexes) {
    if (index.status == values::index_status::kCreating)
      TARN_CHECK(items.backfill(*table, index.number));
  }
  return catalog.change(*table, [](TableRecord& changing) -> Status {
    for (auto& index : changing.indexes) index.status = values::index_status::kActive;
    changing.status = values::table_status::kActive;
    return {};
  });
}

}  // namespace

DynamodbService::DynamodbService(platform::Platform platform, store::Store& store)
    : platform_(platform), store_(store), catalog_(store), items_(store) {}

const wire::ServiceModel& DynamodbService::model() const {
  return service_model();
}

std::span<const gateway::Action> DynamodbService::actions() const {
  return Actions::table();
}

Task<Status> DynamodbService::start() {
  auto loaded = co_await platform_.tasks.offload([this] { return catalog_.load(); });
  if (!loaded.ok()) co_return std::move(loaded).error();
  for (auto& table : catalog_.all()) settle(std::move(table));
  ++in_background_;
  tarn::start(sweep());
  co_return Status();
}

Task<void> DynamodbService::stop() {
  stopping_ = true;
  while (in_background_ > 0) co_await platform_.clock.sleep(std::chrono::milliseconds(5));
}

Result<std::shared_ptr<Table>> DynamodbService::active_table(const Caller& caller,
                                                             std::string_view name) const {
  auto table = catalog_.find(caller.account_id, caller.region, name);
  if (table != nullptr) {
    const auto record = table->record();
    if (record->status == values::table_status::kActive ||
        record->status == values::table_status::kUpdating) {
      return table;
    }
  }
  return Error("ResourceNotFoundException", "Requested resource not found");
}

Result<std::shared_ptr<Table>> DynamodbService::any_table(const Caller& caller,
                                                          std::string_view name) const {
  auto table = catalog_.find(caller.account_id, caller.region, name);
  if (table != nullptr) return table;
  return Error("ResourceNotFoundException", "Requested resource not found: Table: " +
                                                std::string(bare_name(name)) + " not found");
}

void DynamodbService::settle(std::shared_ptr<Table> table) {
  if (table->record()->status == values::table_status::kActive) return;
  ++in_background_;
  tarn::start(settle_now(std::move(table)));
}

Task<void> DynamodbService::settle_now(std::shared_ptr<Table> table) {
  const auto done =
      co_await platform_.tasks.offload([&] { return take_step(catalog_, items_, table); });
  if (!done.ok()) {
    // The step stands in the table's status: the next start takes it again.
    spdlog::error("dynamodb: table {} stays {}: {}", table->record()->name, table->record()->status,
                  done.error().message);
  }
  --in_background_;
}

Task<void> DynamodbService::sweep() {
  auto slept = std::chrono::milliseconds::zero();
  while (!stopping_) {
    co_await platform_.clock.sleep(kNotice);
    slept += kNotice;
    if (stopping_ || slept < kSweepInterval) continue;
    slept = std::chrono::milliseconds::zero();
    const Timestamp now = platform_.clock.now();
    const auto done = co_await platform_.tasks.offload([&]() -> Status {
      TARN_CHECK(sweep_tokens(store_, now));
      return remove_expired(catalog_, items_, now);
    });
    if (!done.ok())
      spdlog::warn("dynamodb: expired items stay until the next sweep: {}", done.error().message);
  }
  --in_background_;
}

}  // namespace tarn::dynamodb
