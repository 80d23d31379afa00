// DynamoDB: tables and items by its own API.
//
// Place: services/dynamodb; made and started by src/tarn.
// Threads: handlers of tables run on the control strand, handlers of items on any I/O thread; both
// wait for the disk on the blocking pool.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/item_store.h"
#include "store/store.h"

namespace tarn::dynamodb {

class DynamodbService final : public gateway::Service {
 public:
  DynamodbService(platform::Platform platform, store::Store& store);

  // Reads the tables and goes on with what a stop interrupted. On the control strand.
  // Errors: those of the store, kCorrupt.
  Task<Status> start();
  // Waits for what runs in the background. On the control strand.
  Task<void> stop();

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // For the handlers.
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] Catalog& catalog() { return catalog_; }
  [[nodiscard]] const Catalog& catalog_view() const { return catalog_; }
  [[nodiscard]] ItemStore& items() { return items_; }

  // The table, to read or write its items. Error: ResourceNotFoundException (there is none, or it
  // is not ready).
  [[nodiscard]] Result<std::shared_ptr<Table>> active_table(const Caller& caller,
                                                            std::string_view name) const;
  // The table in any state. Error: ResourceNotFoundException, naming it.
  [[nodiscard]] Result<std::shared_ptr<Table>> any_table(const Caller& caller,
                                                         std::string_view name) const;

  // Brings a table that is CREATING, UPDATING or DELETING to its next state, in the background. On
  // the control strand.
  void settle(std::shared_ptr<Table> table);

 private:
  Task<void> settle_now(std::shared_ptr<Table> table);
  Task<void> sweep();

  platform::Platform platform_;
  store::Store& store_;
  Catalog catalog_;
  ItemStore items_;
  // On the control strand.
  std::size_t in_background_ = 0;
  bool stopping_ = false;
};

}  // namespace tarn::dynamodb
