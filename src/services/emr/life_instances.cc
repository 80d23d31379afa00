// Life: its instances, which come and go, and the shares of hosts that they stand for.
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "services/emr/life.h"
#include "services/emr/members.h"

namespace tarn::emr {
namespace {

constexpr std::string_view kPrimaryRole = values::instance_role_type::kMaster;
constexpr std::int64_t kMsPerMinute = 60'000;
// What a server that slept longer has missed stays missed.
constexpr std::int64_t kMostMinutesBack = 10;

}  // namespace

Task<void> Life::look_at_instances() {
  co_await look_at_demand();
  look_at_spot();
  const Supply supply{around_.platform.random, around_.types, around_.market,
                      around_.platform.clock.now()};
  const Moves moves = follow_targets(supply, cluster_);
  if (moves.any) touch();
  if (!moves.give_up.empty()) {
    terminate(reason_code::kInstanceFleetTimeout, moves.give_up, true);
    co_return;
  }
  co_await grant_shares();
}

// What hosts are to give; recorded before any of them does.
Task<void> Life::grant_shares() {
  const Capacity asked = tally(around_.types, cluster_);
  const bool any = asked.vcpu > 0;
  const Capacity granted = any ? grant(asked, around_.options.host) : Capacity();
  const bool granted_anew = granted != cluster_.granted;
  if (granted_anew || asked != cluster_.asked) {
    cluster_.asked = asked;
    cluster_.granted = granted;
    touch();
  }
  const Status saved = co_await save();
  if (!saved.ok()) co_return;
  if (granted_anew && any) {
    const auto write = [this] {
      return write_about(around_.options, cluster_, around_.platform.files);
    };
    const Status written = co_await around_.platform.tasks.offload(write);
    if (!written.ok()) spdlog::warn("emr: {}: {}", cluster_.id, written.error().message);
  }
  std::vector<Share> shares;
  if (any) shares.push_back({"", granted, generation_});
  node_->workers().want(std::move(shares));
}

void Life::settle_instances() {
  for (Member& member : cluster_.members) {
    if (!member.over()) settle_instance(member);
  }
}

void Life::settle_instance(Member& member) {
  const Workers& workers = node_->workers();
  if (member.leaving) {
    // The one that the worker stands for is there until the worker is gone, or it is taken.
    const bool taken = member.taken_at && *member.taken_at <= around_.platform.clock.now();
    if (taken && member.role == kPrimaryRole) {
      terminate(reason_code::kInstanceFailure, "The primary node was a Spot instance: interrupted.",
                true);
    }
    if (member.role == kPrimaryRole && !taken) return;
    if (!taken && (workers.any_drains() || (workers.wants_any() && !workers.any_serves()))) {
      return;
    }
    end_instance(member);
    touch();
    return;
  }
  if (member.state == instance_state::kRunning || !node_->ready()) return;
  const std::string_view before = member.state;
  if (cluster_.ready) {
    if (member.role != kPrimaryRole && !workers.serves("")) return;
    member.state = instance_state::kRunning;
    if (!member.ready) member.ready = around_.platform.clock.now();
  } else if (cluster_.state == cluster_state::kBootstrapping) {
    member.state = instance_state::kBootstrapping;
  }
  if (member.state != before) touch();
}

// Of each minute since the last look, what the market does in it.
void Life::look_at_spot() {
  const std::int64_t minute = around_.platform.clock.now().ms / kMsPerMinute;
  if (spot_minute_ == 0 || minute - spot_minute_ > kMostMinutesBack) spot_minute_ = minute;
  for (; spot_minute_ < minute; ++spot_minute_) {
    for (Member& member : cluster_.members) {
      if (member.market != values::market_type::kSpot || !member.counts()) continue;
      if (member.state != instance_state::kRunning) continue;
      if (!around_.market.interrupts(member.ec2_id, member.type, spot_minute_)) continue;
      give_notice(member, around_.market.notice());
    }
  }
}

Result<std::string> Life::interrupt(std::string_view instance, std::chrono::seconds notice) {
  const auto invalid = [](std::string text) {
    return Error("ValidationException", std::move(text));
  };
  for (Member& member : cluster_.members) {
    const bool named = member.ec2_id == instance || member.id == instance;
    if (!named && !instance.empty()) continue;
    const bool spot = member.market == values::market_type::kSpot;
    const bool runs = member.counts() && member.state == instance_state::kRunning;
    if (spot && runs) {
      give_notice(member, notice);
      return member.ec2_id;
    }
    if (!named) continue;
    if (!spot) {
      return invalid(fmt::format("Instance {} is On-Demand: only Spot instances are interrupted.",
                                 member.ec2_id));
    }
    return invalid(fmt::format("Instance {} does not run, or has its notice already ({}).",
                               member.ec2_id, member.state));
  }
  return invalid(fmt::format("Cluster {} has no running Spot instance{}.", cluster_.id,
                             instance.empty() ? "" : fmt::format(" {}", instance)));
}

void Life::give_notice(Member& member, std::chrono::seconds notice) {
  member.leaving = true;
  member.taken_at = around_.platform.clock.now() + notice;
  member.reason = {std::string(values::instance_state_change_reason_code::kInstanceFailure),
                   fmt::format("Spot instance {} was interrupted by EC2, with {} s notice.",
                               member.ec2_id, notice.count())};
  touch();
  spdlog::info("emr: {} {}", cluster_.id, member.reason.message);
  // Where only the primary node goes, its end is the cluster's.
  if (member.role == kPrimaryRole) return;
  ++generation_;
  if (node_) node_->workers().hurry("", around_.platform.clock.monotonic() + notice);
}

void Life::end_instance(Member& member) {
  member.state = instance_state::kTerminated;
  member.ended = around_.platform.clock.now();
}

// What a group or fleet waits for; empty: nothing.
std::string Life::shortage() const {
  for (const auto& [id, note] : cluster_.collection_notes) {
    if (note.short_since) return fmt::format("{}: {}", id, note.message);
  }
  return {};
}

Task<void> Life::look_at_demand() {
  if (!cluster_.managed_scaling || !cluster_.ready || !node_->ready()) co_return;
  const auto now = around_.platform.clock.monotonic();
  if (!scaler_.is_due(now)) co_return;
  const int applications = static_cast<int>(node_->applications().size());
  const auto ask = [&] {
    return count_tasks(around_.network, cluster_.address, applications);
  };
  const int tasks = co_await around_.platform.tasks.offload(ask);
  // It may have been removed meanwhile.
  if (!cluster_.managed_scaling) co_return;
  if (scaler_.follow(around_.types, tasks, now, cluster_)) {
    touch();
    spdlog::info("emr: {} is scaled for {} tasks", cluster_.id, tasks);
  }
}

}  // namespace tarn::emr
