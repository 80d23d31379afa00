#include "services/logs/service.h"

#include <chrono>

#include "platform/log.h"
#include "services/logs/actions.h"
#include "services/logs/request.h"
#include "wire/encoding.h"

namespace tarn::logs {
namespace {

using Actions = AllActions<gateway::ActionList, LogsService>;

// How often events that are over are looked for, and how soon a stop is noticed.
constexpr std::chrono::milliseconds kSweepInterval{60'000};
constexpr std::chrono::milliseconds kNotice{250};
constexpr std::string_view kResourceTag = "aws:resourcetag/";

}  // namespace

LogsService::LogsService(platform::Platform platform, store::Store& store)
    : platform_(platform),
      store_(store),
      groups_(store),
      streams_(store, groups_),
      events_(store) {}

const wire::ServiceModel& LogsService::model() const {
  return service_model();
}

std::span<const gateway::Action> LogsService::actions() const {
  return Actions::table();
}

Task<Status> LogsService::start() {
  auto loaded = co_await platform_.tasks.offload([this] { return groups_.load(); });
  if (!loaded.ok()) co_return std::move(loaded).error();
  sweeping_ = true;
  tarn::start(sweep());
  co_return Status();
}

Task<void> LogsService::stop() {
  stopping_ = true;
  while (sweeping_) co_await platform_.clock.sleep(std::chrono::milliseconds(5));
}

Task<void> LogsService::sweep() {
  auto slept = std::chrono::milliseconds::zero();
  while (!stopping_) {
    co_await platform_.clock.sleep(kNotice);
    slept += kNotice;
    if (stopping_ || slept < kSweepInterval) continue;
    slept = std::chrono::milliseconds::zero();
    const Timestamp now = platform_.clock.now();
    const auto done = co_await platform_.tasks.offload([this, now]() -> Status {
      for (const auto& group : groups_.all()) TARN_CHECK(events_.expire(*group, now));
      return {};
    });
    if (!done.ok()) {
      spdlog::warn("logs: events that are over stay until the next sweep: {}",
                   done.error().message);
    }
  }
  sweeping_ = false;
}

std::shared_ptr<const iam::policy::Document> LogsService::find(
    std::string_view /*resource_arn*/) const {
  return nullptr;
}

iam::policy::Values LogsService::values(std::string_view key, std::string_view resource_arn) const {
  if (!key.starts_with(kResourceTag)) return {};
  const auto place = parse_group_arn(resource_arn);
  if (!place) return {};
  const auto group = groups_.find(place->account, place->region, place->name);
  if (group == nullptr) return {};
  iam::policy::Values out;
  const auto record = group->record();
  for (const auto& [name, value] : record->tags) {
    if (wire::equals_ignoring_case(name, key.substr(kResourceTag.size()))) out.push_back(value);
  }
  return out;
}

}  // namespace tarn::logs
