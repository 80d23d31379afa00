// CloudTrailService: AWS CloudTrail's history of events: who called what, and what was denied.
//
// Place: services/cloudtrail; made and started by src/tarn, told by the gateway (audit_log.h) and,
// where denials are only audited, by the authorizer (denials.h). Threads: record() and
// passed_over() from any thread; the handler on the control strand, which waits for the disk on the
// blocking pool, as what writes in the background does.
#pragma once

#include <span>

#include "base/result.h"
#include "base/task.h"
#include "gateway/audit_log.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/cloudtrail/trail.h"
#include "services/iam/denials.h"
#include "store/store.h"

namespace tarn::cloudtrail {

class CloudTrailService final : public gateway::Service,
                                public gateway::AuditLog,
                                public iam::Denials {
 public:
  CloudTrailService(platform::Platform platform, store::Store& store);

  // Begins to write, four times a second, what it was told. On the control strand. Errors: those of
  // the store, kCorrupt.
  Task<Status> start();
  // Writes what it was told till then. On the control strand.
  Task<void> stop();

  void record(gateway::AuditedCall call) override;
  void passed_over(const Caller& caller, std::string_view action, std::string_view resource,
                   const std::string& message) override;

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // For the handler.
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] Trail& trail() { return trail_; }

 private:
  Task<void> write();

  platform::Platform platform_;
  Trail trail_;
  // On the control strand.
  bool writing_ = false;
  bool stopping_ = false;
};

}  // namespace tarn::cloudtrail
