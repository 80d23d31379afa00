// LogsService: Amazon CloudWatch Logs: groups, streams and events of logs.
//
// Place: services/logs; made and started by src/tarn. Handlers by noun: group_actions.cc,
// stream_actions.cc, event_actions.cc, tag_actions.cc. Threads: handlers of groups, streams and
// tags run on the control strand, those of events on any I/O thread; both wait for the disk on the
// blocking pool.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/resource_policies.h"
#include "services/logs/events.h"
#include "services/logs/groups.h"
#include "services/logs/streams.h"
#include "store/store.h"

namespace tarn::logs {

class LogsService final : public gateway::Service, public iam::ResourcePolicies {
 public:
  LogsService(platform::Platform platform, store::Store& store);

  // Reads the groups and begins to remove events that are over, every minute. On the control
  // strand. Errors: those of the store, kCorrupt.
  Task<Status> start();
  // Waits for what runs in the background. On the control strand.
  Task<void> stop();

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // There are no policies of log groups; their tags are known to conditions (aws:ResourceTag).
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;
  [[nodiscard]] iam::policy::Values values(std::string_view key,
                                           std::string_view resource_arn) const override;

  // For the handlers.
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] store::Store& store() { return store_; }
  [[nodiscard]] Groups& groups() { return groups_; }
  [[nodiscard]] const Groups& group_view() const { return groups_; }
  [[nodiscard]] Streams& streams() { return streams_; }
  [[nodiscard]] Events& events() { return events_; }

 private:
  Task<void> sweep();

  platform::Platform platform_;
  store::Store& store_;
  Groups groups_;
  Streams streams_;
  Events events_;
  // On the control strand.
  bool sweeping_ = false;
  bool stopping_ = false;
};

}  // namespace tarn::logs
