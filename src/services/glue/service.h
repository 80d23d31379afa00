// Glue: the data catalog by its own API.
//
// Place: services/glue; made and started by src/tarn.
// Threads: handlers run on the control strand and wait for the disk on the blocking pool.
#pragma once

#include <span>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/glue/metastore.h"
#include "store/store.h"

namespace tarn::glue {

class GlueService final : public gateway::Service {
 public:
  GlueService(platform::Platform platform, store::Store& store);

  // Nothing runs in the background: every answer is durable when it is given.
  Task<Status> start();
  Task<void> stop();

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // For the handlers.
  [[nodiscard]] platform::Tasks& tasks() { return platform_.tasks; }
  [[nodiscard]] Metastore& metastore() { return metastore_; }

 private:
  platform::Platform platform_;
  Metastore metastore_;
};

}  // namespace tarn::glue
