// STS: who am I, and temporary keys.
//
// Place: services/sts. Threads: control plane; its handlers run on the control strand.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/tasks.h"
#include "services/iam/credentials.h"

namespace tarn::sts {

// What the handlers work on.
struct Sts {
  iam::Credentials& credentials;
  platform::Tasks& tasks;
};

class StsService final : public gateway::Service {
 public:
  StsService(iam::Credentials& credentials, platform::Tasks& tasks) : sts_{credentials, tasks} {}

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &sts_; }

 private:
  Sts sts_;
};

}  // namespace tarn::sts
