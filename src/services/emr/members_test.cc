// Instance types, groups and fleets: which instances they come to, and how these follow the
// targets.
#include "services/emr/members.h"

#include <gtest/gtest.h>

#include "services/emr/emr_fixture.h"
#include "services/emr/scaling.h"

namespace tarn::emr {
namespace {

TEST(InstanceTypes, AreThoseOfEc2) {
  const InstanceTypes types = read_types();
  const auto type = types.find("r7g.16xlarge");
  ASSERT_TRUE(type.ok());
  EXPECT_EQ((*type)->vcpu, 64);
  EXPECT_EQ((*type)->memory_mib, 512 * 1024);
  EXPECT_EQ((*type)->usd_per_hour, 3.4272);
  EXPECT_TRUE(types.find("m9.huge").error().is("ValidationException"));
}

class MembersTest : public testing::Test {
 protected:
  // m7g.xlarge .1632, m7g.2xlarge .3264, r7g.2xlarge .4284 On-Demand: spec/prices.
  ClusterRecord with_fleet(int on_demand, int spot, int weight) {
    ClusterRecord out;
    auto& fleets = out.request.instances.instance_fleets.emplace();
    InstanceFleetConfig& primary = fleets.emplace_back();
    primary.instance_fleet_type = "MASTER";
    primary.target_on_demand_capacity = 1;
    primary.instance_type_configs.emplace().emplace_back().instance_type = "m7g.xlarge";
    InstanceFleetConfig& core = fleets.emplace_back();
    core.instance_fleet_type = "CORE";
    core.target_on_demand_capacity = on_demand;
    core.target_spot_capacity = spot;
    InstanceTypeConfig& config = core.instance_type_configs.emplace().emplace_back();
    config.instance_type = "m7g.2xlarge";
    config.weighted_capacity = weight;
    return out;
  }
  static InstanceFleetConfig& core(ClusterRecord& cluster) {
    return cluster.request.instances.instance_fleets->back();
  }
  static InstanceTypeConfig type(const std::string& name, int weight, double priority = 0) {
    InstanceTypeConfig out;
    out.instance_type = name;
    out.weighted_capacity = weight;
    out.priority = priority;
    return out;
  }
  Status add(ClusterRecord& cluster) { return add_members(supply(), cluster); }
  Moves follow(ClusterRecord& cluster) { return follow_targets(supply(), cluster); }
  Supply supply() { return {scheduler_, types_, market_, scheduler_.now()}; }
  static int count(const ClusterRecord& cluster, std::string_view market) {
    return static_cast<int>(
        std::count_if(cluster.members.begin(), cluster.members.end(), [&](const Member& member) {
          return member.counts() && member.role != "MASTER" && member.market == market;
        }));
  }

  sim::Scheduler scheduler_;
  InstanceTypes types_ = read_types();
  SpotMarket market_{SpotOptions{.scarcity = 0}};
};

TEST_F(MembersTest, AFleetsTargetIsReachedOrPassed) {
  ClusterRecord cluster = with_fleet(7, 5, 5);
  ASSERT_TRUE(add(cluster).ok());
  // One primary, two of On-Demand for 7 units, one of Spot for 5.
  EXPECT_EQ(cluster.members.size(), 4U);
  EXPECT_EQ(tally(types_, cluster).vcpu, 3 * 8);
  EXPECT_EQ(cluster.members.back().market, "SPOT");
  EXPECT_TRUE(cluster.members.back().ec2_id.starts_with("i-"));
}

TEST_F(MembersTest, ThePrimaryComputesOnlyWhereItIsAlone) {
  ClusterRecord cluster;
  cluster.request.instances.master_instance_type = "m5.xlarge";
  cluster.request.instances.instance_count = 1;
  ASSERT_TRUE(write_out_groups(cluster.request.instances).ok());
  ASSERT_TRUE(add(cluster).ok());
  EXPECT_EQ(tally(types_, cluster).vcpu, 4);
}

TEST_F(MembersTest, OnePrimaryAndKnownTypesOnly) {
  ClusterRecord cluster = with_fleet(1, 0, 1);
  cluster.request.instances.instance_fleets->erase(
      cluster.request.instances.instance_fleets->begin());
  EXPECT_TRUE(add(cluster).error().is("ValidationException"));
  ClusterRecord unknown = with_fleet(1, 0, 1);
  core(unknown).instance_type_configs->front().instance_type = "m9.huge";
  EXPECT_TRUE(add(unknown).error().is("ValidationException"));
}

TEST_F(MembersTest, SpotIsWaitedForFiveMinutesToADay) {
  for (const auto& [limit, taken] :
       std::vector<std::pair<int, bool>>{{4, false}, {5, true}, {1440, true}, {1441, false}}) {
    ClusterRecord cluster = with_fleet(0, 1, 1);
    core(cluster)
        .launch_specifications.emplace()
        .spot_specification.emplace()
        .timeout_duration_minutes = limit;
    EXPECT_EQ(add(cluster).ok(), taken) << limit;
    ClusterRecord resized = with_fleet(0, 1, 1);
    core(resized)
        .resize_specifications.emplace()
        .spot_resize_specification.emplace()
        .timeout_duration_minutes = limit;
    EXPECT_EQ(add(resized).ok(), taken) << limit;
  }
}

TEST_F(MembersTest, AThousandInstancesAndNoMore) {
  ClusterRecord most = with_fleet(999, 0, 1);
  EXPECT_TRUE(add(most).ok());
  EXPECT_EQ(most.members.size(), 1000U);
  ClusterRecord more = with_fleet(1000, 0, 1);
  EXPECT_TRUE(add(more).error().is("ValidationException"));
}

TEST_F(MembersTest, OneFormOfInstancesOnly) {
  JobFlowInstancesConfig none;
  EXPECT_TRUE(write_out_groups(none).error().is("ValidationException"));
  JobFlowInstancesConfig both;
  both.master_instance_type = "m5.xlarge";
  both.instance_groups.emplace().emplace_back();
  EXPECT_TRUE(write_out_groups(both).error().is("ValidationException"));
}

// --- resizing ---

TEST_F(MembersTest, InstancesFollowTheTargetUpAndDownNewestFirst) {
  ClusterRecord cluster = with_fleet(2, 0, 1);
  ASSERT_TRUE(add(cluster).ok());
  const std::string first = cluster.members[1].id;
  core(cluster).target_on_demand_capacity = 4;
  EXPECT_TRUE(follow(cluster).any);
  EXPECT_EQ(count(cluster, "ON_DEMAND"), 4);
  EXPECT_FALSE(follow(cluster).any);
  core(cluster).target_on_demand_capacity = 1;
  EXPECT_TRUE(follow(cluster).any);
  EXPECT_EQ(count(cluster, "ON_DEMAND"), 1);
  EXPECT_TRUE(cluster.members[1].counts());
  EXPECT_EQ(cluster.members[1].id, first);
  EXPECT_TRUE(cluster.members[2].leaving);
}

TEST_F(MembersTest, ShrinkingNeverGoesBelowTheTarget) {
  ClusterRecord cluster = with_fleet(10, 0, 5);
  ASSERT_TRUE(add(cluster).ok());
  core(cluster).target_on_demand_capacity = 6;
  EXPECT_FALSE(follow(cluster).any);
  core(cluster).target_on_demand_capacity = 5;
  EXPECT_TRUE(follow(cluster).any);
  EXPECT_EQ(count(cluster, "ON_DEMAND"), 1);
}

// --- allocation ---

TEST_F(MembersTest, TheLowestPriceOfAUnitIsTaken) {
  ClusterRecord cluster = with_fleet(4, 0, 1);
  // .3264 and .4284 a unit; then .0816 where the larger counts four.
  core(cluster).instance_type_configs = {type("r7g.2xlarge", 1), type("m7g.2xlarge", 1)};
  ASSERT_TRUE(add(cluster).ok());
  EXPECT_EQ(cluster.members.back().type, "m7g.2xlarge");
  ClusterRecord weighed = with_fleet(4, 0, 1);
  core(weighed).instance_type_configs = {type("r7g.2xlarge", 4), type("m7g.2xlarge", 1)};
  ASSERT_TRUE(add(weighed).ok());
  EXPECT_EQ(weighed.members.back().type, "r7g.2xlarge");
}

TEST_F(MembersTest, PrioritiesAndDiversityAreKept) {
  ClusterRecord cluster = with_fleet(2, 4, 1);
  core(cluster).instance_type_configs = {type("m7g.2xlarge", 1, 2), type("r7g.2xlarge", 1, 1)};
  auto& launch = core(cluster).launch_specifications.emplace();
  launch.on_demand_specification.emplace().allocation_strategy = "prioritized";
  launch.spot_specification.emplace().allocation_strategy = "diversified";
  launch.spot_specification->timeout_duration_minutes = 5;
  ASSERT_TRUE(add(cluster).ok());
  int small = 0;
  for (const Member& member : cluster.members) {
    if (member.role == "MASTER") continue;
    if (member.market == "ON_DEMAND") {
      EXPECT_EQ(member.type, "r7g.2xlarge");
    }
    small += member.market == "SPOT" && member.type == "m7g.2xlarge" ? 1 : 0;
  }
  // The prioritized On-Demand ones count among the fleet's: three of each type at the end.
  EXPECT_EQ(small, 3);
}

// --- Spot that cannot be had ---

class NoSpotTest : public MembersTest {
 protected:
  NoSpotTest() { market_ = SpotMarket(SpotOptions{.scarcity = 1}); }
  void give(InstanceFleetConfig& fleet, std::string_view action) {
    auto& spot = fleet.launch_specifications.emplace().spot_specification.emplace();
    spot.timeout_duration_minutes = 5;
    spot.timeout_action = action;
  }
};

TEST_F(NoSpotTest, OnDemandFillsWhatSpotDidNotAfterTheTimeout) {
  ClusterRecord cluster = with_fleet(1, 3, 1);
  give(core(cluster), "SWITCH_TO_ON_DEMAND");
  ASSERT_TRUE(add(cluster).ok());
  EXPECT_EQ(count(cluster, "ON_DEMAND"), 1);
  scheduler_.run_for(std::chrono::minutes(5) - std::chrono::seconds(1));
  EXPECT_FALSE(follow(cluster).any);
  scheduler_.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(follow(cluster).any);
  follow(cluster);
  EXPECT_EQ(count(cluster, "ON_DEMAND"), 4);
  EXPECT_EQ(core(cluster).target_spot_capacity, 3);
  EXPECT_FALSE(follow(cluster).any);
}

TEST_F(NoSpotTest, OrTheClusterIsGivenUp) {
  ClusterRecord cluster = with_fleet(0, 3, 1);
  give(core(cluster), "TERMINATE_CLUSTER");
  ASSERT_TRUE(add(cluster).ok());
  scheduler_.run_for(std::chrono::minutes(5));
  EXPECT_TRUE(follow(cluster).give_up.ends_with(
      "Spot capacity of 3 units could not be had within 5 minutes."));
}

TEST_F(NoSpotTest, AResizeThatRanOutOfTimeIsSuspended) {
  ClusterRecord cluster = with_fleet(1, 0, 1);
  ASSERT_TRUE(add(cluster).ok());
  cluster.ready = scheduler_.now();
  core(cluster).target_spot_capacity = 2;
  core(cluster)
      .resize_specifications.emplace()
      .spot_resize_specification.emplace()
      .timeout_duration_minutes = 5;
  EXPECT_TRUE(follow(cluster).any);
  scheduler_.run_for(std::chrono::minutes(5));
  EXPECT_TRUE(follow(cluster).any);
  EXPECT_TRUE(cluster.collection_notes.at(cluster.collections[1]).suspended);
  EXPECT_FALSE(follow(cluster).any);
}

// --- managed scaling ---

class ScalingTest : public MembersTest {
 protected:
  ScalingTest() {
    cluster_ = with_fleet(2, 0, 1);
    EXPECT_TRUE(add(cluster_).ok());
    ComputeLimits& limits = cluster_.managed_scaling.emplace().compute_limits.emplace();
    limits.unit_type = "InstanceFleetUnits";
    limits.minimum_capacity_units = 1;
    limits.maximum_capacity_units = 6;
    limits.maximum_on_demand_capacity_units = 4;
  }
  bool follow_tasks(int tasks) {
    return scaler_.follow(types_, {.tasks = tasks}, scheduler_.monotonic(), cluster_);
  }

  ClusterRecord cluster_;
  Scaler scaler_;
};

TEST_F(ScalingTest, GrowsAtOnceToWhatTasksAskForWithinTheLimits) {
  // m7g.2xlarge has 8 vCPU.
  EXPECT_TRUE(follow_tasks(25));
  EXPECT_EQ(core(cluster_).target_on_demand_capacity, 4);
  EXPECT_EQ(core(cluster_).target_spot_capacity, 0);
  EXPECT_TRUE(follow_tasks(1000));
  EXPECT_EQ(core(cluster_).target_on_demand_capacity, 4);
  EXPECT_EQ(core(cluster_).target_spot_capacity, 2);
  EXPECT_FALSE(follow_tasks(1000));
}

TEST_F(ScalingTest, GivesBackWhatIsSpareForAWhile) {
  EXPECT_FALSE(follow_tasks(0));
  scheduler_.run_for(Scaler::kSpareTime - std::chrono::seconds(1));
  EXPECT_FALSE(follow_tasks(0));
  scheduler_.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(follow_tasks(0));
  EXPECT_EQ(core(cluster_).target_on_demand_capacity, 1);
}

TEST_F(ScalingTest, WorkBetweenKeepsIt) {
  EXPECT_FALSE(follow_tasks(0));
  scheduler_.run_for(Scaler::kSpareTime);
  EXPECT_FALSE(follow_tasks(16));
  EXPECT_FALSE(follow_tasks(0));
}

TEST_F(ScalingTest, NothingIsGivenBackWhileADriverIsSilent) {
  const Demand partly{.tasks = 0, .whole = false};
  EXPECT_FALSE(follow_tasks(0));
  scheduler_.run_for(Scaler::kSpareTime);
  EXPECT_FALSE(scaler_.follow(types_, partly, scheduler_.monotonic(), cluster_));
  EXPECT_FALSE(follow_tasks(0)) << "spare time begins again";
  const Demand more{.tasks = 25, .whole = false};
  EXPECT_TRUE(scaler_.follow(types_, more, scheduler_.monotonic(), cluster_));
  EXPECT_EQ(core(cluster_).target_on_demand_capacity, 4);
}

TEST_F(ScalingTest, LimitsThatCannotBeAreRefused) {
  ManagedScalingPolicy policy = *cluster_.managed_scaling;
  EXPECT_TRUE(check_scaling(cluster_, policy).ok());
  policy.compute_limits->minimum_capacity_units = 0;
  EXPECT_FALSE(check_scaling(cluster_, policy).ok());
  policy.compute_limits->minimum_capacity_units = 7;
  EXPECT_FALSE(check_scaling(cluster_, policy).ok());
  policy.compute_limits->minimum_capacity_units = 6;
  EXPECT_TRUE(check_scaling(cluster_, policy).ok());
  policy.compute_limits->maximum_on_demand_capacity_units = 7;
  EXPECT_FALSE(check_scaling(cluster_, policy).ok());
  policy.compute_limits->maximum_on_demand_capacity_units = 6;
  policy.compute_limits->unit_type = "VCPU";
  EXPECT_FALSE(check_scaling(cluster_, policy).ok());
}

}  // namespace
}  // namespace tarn::emr
