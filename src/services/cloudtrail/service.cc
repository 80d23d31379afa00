#include "services/cloudtrail/service.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudtrail/actions.h"

namespace tarn::cloudtrail {
namespace {

using Actions = AllActions<gateway::ActionList, CloudTrailService>;

constexpr std::chrono::milliseconds kWriteInterval{250};

}  // namespace

CloudTrailService::CloudTrailService(platform::Platform platform, store::Store& store)
    : platform_(platform), trail_(platform, store) {}

const wire::ServiceModel& CloudTrailService::model() const {
  return service_model();
}

std::span<const gateway::Action> CloudTrailService::actions() const {
  return Actions::table();
}

Task<Status> CloudTrailService::start() {
  auto loaded = co_await platform_.tasks.offload([this] { return trail_.load(); });
  if (!loaded.ok()) co_return std::move(loaded).error();
  writing_ = true;
  tarn::start(write());
  co_return Status();
}

Task<void> CloudTrailService::stop() {
  stopping_ = true;
  while (writing_) co_await platform_.clock.sleep(std::chrono::milliseconds(5));
}

Task<void> CloudTrailService::write() {
  bool is_last = false;
  while (!is_last) {
    is_last = stopping_;
    if (!is_last) co_await platform_.clock.sleep(kWriteInterval);
    if (!trail_.has_waiting()) continue;
    const auto done = co_await platform_.tasks.offload([this] { return trail_.flush(); });
    if (!done.ok()) spdlog::warn("cloudtrail: calls could not be kept: {}", done.error().message);
  }
  writing_ = false;
}

void CloudTrailService::record(gateway::AuditedCall call) {
  trail_.record(std::move(call));
}

void CloudTrailService::passed_over(const Caller& caller, std::string_view action,
                                    std::string_view resource, const std::string& message) {
  spdlog::warn("iam audit: {}", message);
  const std::size_t colon = action.find(':');
  gateway::AuditedCall call;
  call.caller = caller;
  call.event_source = fmt::format("{}.amazonaws.com", action.substr(0, colon));
  call.event_name = action.substr(colon + 1);
  call.resource = resource;
  call.error_code = "AccessDenied";
  call.error_message = message;
  call.is_enforced = false;
  trail_.record(std::move(call));
}

}  // namespace tarn::cloudtrail
