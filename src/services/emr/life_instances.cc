// Life: its instances, which come and go, and the shares of hosts that they stand for.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
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
  shares_ = split(asked);
  std::vector<Share> shares = shares_;
  watch_hosts(!shares.empty());
  const bool recorded = co_await record_grant(asked, shares);
  if (!recorded) co_return;
  place_instances(shares);
  node_->workers().want(std::move(shares));
}

// False: not recorded yet.
Task<bool> Life::record_grant(const Capacity& asked, const std::vector<Share>& shares) {
  Capacity granted;
  Capacity worker;
  for (const Share& share : shares) {
    const Capacity& part = share.capacity;
    granted.vcpu += part.vcpu;
    granted.memory_mib += part.memory_mib;
    // An executor is to fit on each.
    worker.vcpu = worker.vcpu == 0 ? part.vcpu : std::min(worker.vcpu, part.vcpu);
    worker.memory_mib =
        worker.memory_mib == 0 ? part.memory_mib : std::min(worker.memory_mib, part.memory_mib);
  }
  // Where nothing is granted no worker has a size; what was written of it last stays.
  const bool resized = !shares.empty() && worker != cluster_.worker;
  const bool granted_anew = granted != cluster_.granted || resized;
  if (granted_anew || asked != cluster_.asked) {
    cluster_.asked = asked;
    cluster_.granted = granted;
    touch();
  }
  const Status saved = co_await save();
  if (!saved.ok()) co_return false;
  if (!granted_anew || shares.empty()) co_return true;
  cluster_.worker = worker;
  const auto write = [this] {
    return write_about(around_.options, cluster_, around_.platform.files);
  };
  const Status written = co_await around_.platform.tasks.offload(write);
  if (!written.ok()) spdlog::warn("emr: {}: {}", cluster_.id, written.error().message);
  co_return true;
}

// Each host gives a part of what was asked for by its cores, at most what it has. As long as the
// same is asked for, a host keeps its part whatever comes of others: replacing its worker would
// disturb what runs there. Those that join give what is lacking.
std::vector<Share> Life::split(const Capacity& asked) {
  std::vector<Share> out;
  if (asked.vcpu == 0) return out;
  if (!cluster_.on_hosts) {
    out.push_back({"", grant(asked, around_.options.host), generations_[""]});
    return out;
  }
  around_.hosts.look();
  const std::vector<HostFacts> hosts = around_.hosts.usable();
  const bool anew = std::exchange(split_for_, asked) != asked;
  int cores = 0;
  for (const HostFacts& host : hosts) cores += host.capacity.vcpu;
  int left = asked.vcpu;
  std::vector<HostFacts> others;
  for (const HostFacts& host : hosts) {
    const auto has = std::find_if(shares_.begin(), shares_.end(),
                                  [&](const Share& share) { return share.host == host.address; });
    if (anew || has == shares_.end()) {
      others.push_back(host);
      continue;
    }
    left -= has->capacity.vcpu;
    out.push_back({host.address, has->capacity, generations_[host.address]});
  }
  for (const HostFacts& host : others) {
    const int part = std::min(left, (asked.vcpu * host.capacity.vcpu + cores - 1) / cores);
    if (part <= 0) continue;
    const Capacity wanted{part, asked.memory_mib * part / asked.vcpu};
    out.push_back({host.address, grant(wanted, host.capacity), generations_[host.address]});
    left -= out.back().capacity.vcpu;
  }
  return out;
}

// Instances of hosts that are lost go with them; those of one that leaves move.
void Life::place_instances(const std::vector<Share>& shares) {
  if (!cluster_.on_hosts) return;
  for (Member& member : cluster_.members) {
    if (!member.counts() || (member.role == kPrimaryRole && !primary_computes(cluster_))) continue;
    std::string& host = placement_[member.id];
    const bool there = std::any_of(shares.begin(), shares.end(),
                                   [&](const Share& share) { return share.host == host; });
    if (there) continue;
    if (!host.empty() && around_.hosts.is_lost(host) && member.role != kPrimaryRole) {
      member.leaving = true;
      member.reason = {std::string(values::instance_state_change_reason_code::kInstanceFailure),
                       fmt::format("Host {} was lost: its agent did not report for {} s.", host,
                                   Hosts::kLostAfter.count())};
      touch();
      continue;
    }
    host = shares.empty() ? "" : shares[placed_++ % shares.size()].host;
  }
}

void Life::watch_hosts(bool any) {
  const auto now = around_.platform.clock.monotonic();
  if (any || !cluster_.on_hosts) {
    without_host_since_.reset();
    return;
  }
  if (!without_host_since_) without_host_since_ = now;
  if (now - *without_host_since_ < kHostPatience) return;
  terminate(reason_code::kInstanceFailure,
            fmt::format("No host has served the cluster for {} minutes.", kHostPatience.count()),
            true);
}

std::string Life::granted_of() const {
  const double memory_gib = static_cast<double>(cluster_.granted.memory_mib) / 1024;
  const std::string where =
      cluster_.on_hosts ? fmt::format("{} host{}", shares_.size(), shares_.size() == 1 ? "" : "s")
                        : "this machine";
  return fmt::format("{} vCPU and {:.1f} GiB of {}", cluster_.granted.vcpu, memory_gib, where);
}

ClusterPages Life::pages() const {
  ClusterPages out{cluster_.address, cluster_.port_shift, {}};
  if (!cluster_.on_hosts) return out;
  for (const Share& share : shares_) out.hosts.push_back(share.host);
  return out;
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
    const auto placed = placement_.find(member.id);
    const std::string_view host = placed == placement_.end() ? "" : placed->second;
    if (member.role != kPrimaryRole && !workers.serves(host)) return;
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
  const std::string& host = placement_[member.id];
  ++generations_[host];
  if (node_) node_->workers().hurry(host, around_.platform.clock.monotonic() + notice);
}

void Life::end_instance(Member& member) {
  placement_.erase(member.id);
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
  const ApplicationPages pages{cluster_.address, first_application_port(cluster_.port_shift)};
  const auto ask = [&] {
    return count_tasks(around_.network, pages, applications);
  };
  const Demand demand = co_await around_.platform.tasks.offload(ask);
  // It may have been removed meanwhile.
  if (!cluster_.managed_scaling) co_return;
  if (scaler_.follow(around_.types, demand, now, cluster_)) {
    touch();
    spdlog::info("emr: {} is scaled for {} tasks", cluster_.id, demand.tasks);
  }
}

}  // namespace tarn::emr
