// Resizing in virtual time: instances come and go, and the worker that stands for them is replaced.
#include "services/emr/emr_fixture.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class ResizeTest : public EmrTest {
 protected:
  ResizeTest() { options_.host = {16, 65536}; }

  // A primary and `count` core instances of 4 vCPU each, on a machine of 16.
  void create_with_core(int count) {
    ClusterRecord asked = record();
    InstanceGroupConfig core;
    core.instance_role = "CORE";
    core.instance_type = "m5.xlarge";
    core.instance_count = count;
    asked.request.instances.instance_groups->push_back(core);
    add_members(asked);
    create(asked);
    pass(seconds(3));
    EXPECT_EQ(state(), "WAITING");
  }
  void resize(int count) {
    cluster().request.instances.instance_groups->back().instance_count = count;
    life().touch();
  }
  [[nodiscard]] int in_state(std::string_view wanted) {
    return static_cast<int>(
        std::count_if(cluster().members.begin(), cluster().members.end(),
                      [&](const Member& member) { return member.state == wanted; }));
  }
};

TEST_F(ResizeTest, InstancesRunOnceTheWorkerDoes) {
  create_with_core(1);
  EXPECT_EQ(in_state("RUNNING"), 2);
  machine_.registers = false;
  resize(3);
  pass(seconds(1));
  EXPECT_EQ(in_state("PROVISIONING"), 2);
  EXPECT_EQ(cluster().granted.vcpu, 12);
  machine_.registers = true;
  pass(seconds(10));
  EXPECT_EQ(in_state("RUNNING"), 4);
  EXPECT_EQ(machine_.count("worker"), 2U);
  EXPECT_EQ(machine_.alive("worker"), 1U);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(ResizeTest, ShrinkingWaitsForTheTasksThatRun) {
  create_with_core(3);
  machine_.applications = 1;
  machine_.busy = true;
  const auto old = machine_.started.back();
  resize(1);
  pass(minutes(30));
  EXPECT_TRUE(old->decommissioned);
  EXPECT_FALSE(old->end);
  EXPECT_EQ(in_state("TERMINATED"), 0);
  EXPECT_EQ(machine_.alive("worker"), 2U);
  machine_.busy = false;
  pass(seconds(3));
  EXPECT_TRUE(old->end);
  EXPECT_EQ(in_state("TERMINATED"), 2);
  EXPECT_EQ(in_state("RUNNING"), 2);
  EXPECT_TRUE(cluster().members.back().ended);
}

TEST_F(ResizeTest, TheNewWorkerIsThereBeforeTheOldOneGoes) {
  create_with_core(3);
  machine_.registers = false;
  const auto old = machine_.started.back();
  resize(1);
  pass(minutes(1));
  EXPECT_FALSE(old->decommissioned);
  machine_.registers = true;
  pass(seconds(10));
  EXPECT_TRUE(old->end);
}

TEST_F(ResizeTest, WhatTheMachineCannotGiveChangesNoWorker) {
  create_with_core(4);
  resize(40);
  pass(seconds(3));
  EXPECT_EQ(in_state("RUNNING"), 41);
  EXPECT_EQ(machine_.count("worker"), 1U);
  EXPECT_TRUE(cluster().reason.message.starts_with(
      "Cluster ready to run steps. Asked for 160 vCPU and 640 GiB, granted 16 vCPU"))
      << cluster().reason.message;
}

TEST_F(ResizeTest, ARestartedServerFindsAResizeHalfDone) {
  create_with_core(3);
  machine_.applications = 1;
  machine_.busy = true;
  resize(1);
  pass(seconds(10));
  EXPECT_TRUE(cluster().members.back().leaving);
  machine_.applications = 0;
  restart_server();
  pass(seconds(5));
  EXPECT_EQ(in_state("TERMINATED"), 2);
  EXPECT_EQ(in_state("RUNNING"), 2);
  EXPECT_EQ(machine_.alive("worker"), 1U);
}

TEST_F(ResizeTest, ManagedScalingFollowsTheTasks) {
  create_with_core(1);
  ComputeLimits& limits = cluster().managed_scaling.emplace().compute_limits.emplace();
  limits.unit_type = "Instances";
  limits.minimum_capacity_units = 1;
  limits.maximum_capacity_units = 3;
  machine_.applications = 1;
  machine_.tasks = 100;
  pass(seconds(20));
  EXPECT_EQ(in_state("RUNNING"), 4);
  machine_.tasks = 0;
  machine_.applications = 0;
  pass(minutes(2));
  EXPECT_EQ(in_state("RUNNING"), 2);
  EXPECT_EQ(in_state("TERMINATED"), 2);
}

TEST_F(ResizeTest, ATerminatedClustersInstancesAreTerminated) {
  create_with_core(1);
  life().terminate(reason_code::kUserRequest, "", false);
  pass(seconds(5));
  EXPECT_EQ(in_state("TERMINATED"), 2);
  EXPECT_EQ(cluster().members.front().reason.code, "CLUSTER_TERMINATED");
}

}  // namespace
}  // namespace tarn::emr
