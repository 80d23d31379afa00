// Spot instances in virtual time: notice, the worker's decommissioning, the refill.
#include "services/emr/emr_fixture.h"

namespace tarn::emr {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class SpotTest : public EmrTest {
 protected:
  SpotTest() { options_.host = {16, 65536}; }

  void create_with_spot(int count) {
    ClusterRecord asked = record();
    InstanceGroupConfig core;
    core.instance_role = "CORE";
    core.market = "SPOT";
    core.instance_type = "m5.xlarge";
    core.instance_count = count;
    asked.request.instances.instance_groups->push_back(core);
    add_members(asked);
    create(asked);
    pass(seconds(3));
    EXPECT_EQ(state(), "WAITING");
  }
  [[nodiscard]] const Member& member(std::string_view ec2_id) {
    for (const Member& each : cluster().members) {
      if (each.ec2_id == ec2_id) return each;
    }
    ADD_FAILURE() << "no instance " << ec2_id;
    return cluster().members.front();
  }
  [[nodiscard]] int running() {
    return static_cast<int>(
        std::count_if(cluster().members.begin(), cluster().members.end(),
                      [](const Member& each) { return each.state == "RUNNING"; }));
  }
};

TEST_F(SpotTest, AnInterruptedInstanceIsDrainedAndReplaced) {
  create_with_spot(2);
  const auto old = machine_.started.back();
  EXPECT_EQ(life().interrupt("", seconds(120)).value(), "i-1");
  pass(seconds(5));
  EXPECT_TRUE(old->decommissioned);
  EXPECT_TRUE(old->end);
  EXPECT_EQ(member("i-1").state, "TERMINATED");
  EXPECT_EQ(member("i-1").reason.code, "INSTANCE_FAILURE");
  EXPECT_EQ(member("i-1").reason.message,
            "Spot instance i-1 was interrupted by EC2, with 120 s notice.");
  EXPECT_EQ(running(), 3);
  EXPECT_EQ(machine_.alive("worker"), 1U);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(SpotTest, WhatRunsHasTheNoticesTimeAndNoMore) {
  create_with_spot(1);
  machine_.applications = 1;
  machine_.busy = true;
  const auto old = machine_.started.back();
  EXPECT_TRUE(life().interrupt("i-1", seconds(120)).ok());
  pass(seconds(115));
  EXPECT_TRUE(old->decommissioned);
  EXPECT_FALSE(old->end);
  EXPECT_EQ(member("i-1").state, "RUNNING");
  EXPECT_EQ(running(), 3);
  pass(seconds(10));
  EXPECT_TRUE(old->end);
  EXPECT_EQ(member("i-1").state, "TERMINATED");
}

TEST_F(SpotTest, OnlyRunningSpotInstancesAreInterrupted) {
  create_with_spot(1);
  EXPECT_TRUE(life().interrupt("i-0", seconds(1)).error().is("ValidationException"));
  EXPECT_TRUE(life().interrupt("i-9", seconds(1)).error().is("ValidationException"));
  EXPECT_TRUE(life().interrupt("i-1", seconds(100)).ok());
  EXPECT_TRUE(life().interrupt("i-1", seconds(100)).error().is("ValidationException"));
}

TEST_F(SpotTest, APrimaryNodeThatIsTakenEndsTheCluster) {
  ClusterRecord asked = record();
  asked.request.instances.instance_groups->front().market = "SPOT";
  add_members(asked);
  create(asked);
  pass(seconds(3));
  EXPECT_TRUE(life().interrupt("", seconds(30)).ok());
  pass(seconds(25));
  EXPECT_EQ(state(), "WAITING");
  pass(seconds(10));
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "INSTANCE_FAILURE");
}

TEST_F(SpotTest, WithoutSpotCapacityTheClusterSaysWhatItWaitsFor) {
  create_with_spot(1);
  market_ = SpotMarket(SpotOptions{.scarcity = 1, .interruptions_per_hour = 0});
  EXPECT_TRUE(life().interrupt("i-1", seconds(30)).ok());
  pass(minutes(1));
  const std::uintmax_t written = bytes_written();
  pass(minutes(29));
  // Keys are renewed now and then; what it waits for was recorded when it began to.
  EXPECT_LT(bytes_written() - written, 2'000U);
  EXPECT_EQ(state(), "STARTING");
  EXPECT_TRUE(
      cluster().reason.message.ends_with("Waiting for Spot capacity of 1 units at the price "
                                         "offered."))
      << cluster().reason.message;
  market_ = SpotMarket(SpotOptions{.scarcity = 0, .interruptions_per_hour = 0});
  pass(seconds(10));
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(SpotTest, TheMarketInterruptsAsOftenAsItsModelSays) {
  market_ = SpotMarket(SpotOptions{.scarcity = 0, .interruptions_per_hour = 0.5});
  create_with_spot(2);
  options_.tick = seconds(5);
  pass(hours(12));
  const auto taken = std::count_if(cluster().members.begin(), cluster().members.end(),
                                   [](const Member& each) { return each.state == "TERMINATED"; });
  EXPECT_GE(taken, 4);
  EXPECT_LE(taken, 24);
  EXPECT_EQ(running(), 3);
}

}  // namespace
}  // namespace tarn::emr
