// The life of a cluster in virtual time: what it says it is, and what ends it.
#include "services/emr/life.h"

#include "services/emr/emr_fixture.h"

namespace tarn::emr {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// --- start ---

TEST_F(EmrTest, WaitsOnlyWhenExecutorsCanBeHad) {
  machine_.answers = false;
  machine_.registers = false;
  create(record());
  pass(seconds(5));
  EXPECT_EQ(state(), "STARTING");
  EXPECT_EQ(machine_.count("worker"), 0U);
  machine_.answers = true;
  pass(seconds(5));
  EXPECT_EQ(state(), "STARTING");
  EXPECT_EQ(machine_.alive("worker"), 1U);
  machine_.registers = true;
  pass(seconds(2));
  EXPECT_EQ(state(), "WAITING");
  EXPECT_TRUE(cluster().ready);
}

TEST_F(EmrTest, SaysWhatItAskedForAndWhatItWasGranted) {
  ClusterRecord asked = record();
  InstanceGroupConfig core;
  core.instance_role = "CORE";
  core.instance_type = "m5.xlarge";
  core.instance_count = 9;
  asked.request.instances.instance_groups->push_back(core);
  add_members(asked);
  create(asked);
  pass(seconds(3));
  EXPECT_EQ(cluster().reason.message,
            "Cluster ready to run steps. Asked for 36 vCPU and 144 GiB, granted 2 vCPU and 5.3 GiB "
            "of this machine.");
}

TEST_F(EmrTest, ASparkThatNeverAnswersEndsTheClusterWithItsReason) {
  machine_.answers = false;
  create(record());
  pass(minutes(15));
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "INSTANCE_FAILURE");
  EXPECT_EQ(machine_.alive(), 0U);
}

// --- bootstrap actions ---

ClusterRecord with_bootstrap_actions(ClusterRecord cluster, int count) {
  auto& actions = cluster.request.bootstrap_actions.emplace();
  for (int i = 0; i < count; ++i) {
    BootstrapActionConfig& action = actions.emplace_back();
    action.name = "install";
    action.script_bootstrap_action.path = "s3://scripts/install.sh";
  }
  return cluster;
}

TEST_F(EmrTest, BootstrapActionsRunOneAfterAnotherBeforeAnyStep) {
  ClusterRecord asked = with_bootstrap_actions(record(), 2);
  asked.steps.push_back(step("s-1"));
  create(asked);
  pass(seconds(3));
  EXPECT_EQ(state(), "BOOTSTRAPPING");
  EXPECT_EQ(machine_.count("bootstrap/1"), 1U);
  EXPECT_EQ(machine_.count("bootstrap/2"), 0U);
  machine_.find("bootstrap/1").finish({});
  pass(seconds(1));
  EXPECT_EQ(machine_.count("s-1"), 0U);
  machine_.find("bootstrap/2").finish({});
  pass(seconds(1));
  EXPECT_EQ(state(), "RUNNING");
  EXPECT_EQ(machine_.alive("s-1"), 1U);
  EXPECT_TRUE(logs_.objects.contains(
      fmt::format("s3://logs/{}/node/i-0/bootstrap-actions/1/stderr.gz", id_)));
}

TEST_F(EmrTest, ABootstrapActionThatFailsEndsTheCluster) {
  create(with_bootstrap_actions(record(), 1));
  pass(seconds(3));
  machine_.find("bootstrap/1").finish({.code = 3});
  pass(seconds(1));
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "BOOTSTRAP_FAILURE");
  EXPECT_EQ(
      cluster().reason.message,
      "On the master instance (i-0), bootstrap action 1 returned a non-zero return code (exit "
      "code 3)");
}

// --- steps ---

TEST_F(EmrTest, StepsRunInOrderOneAtATime) {
  create_waiting();
  add_step(step("s-1"));
  add_step(step("s-2"));
  EXPECT_EQ(state(), "RUNNING");
  EXPECT_EQ(step_state_of("s-1"), "RUNNING");
  EXPECT_EQ(step_state_of("s-2"), "PENDING");
  end_step("s-1", 0);
  EXPECT_EQ(step_state_of("s-1"), "COMPLETED");
  EXPECT_EQ(step_state_of("s-2"), "RUNNING");
  end_step("s-2", 0);
  EXPECT_EQ(state(), "WAITING");
  for (const char* log : {"controller", "stdout", "stderr"}) {
    EXPECT_TRUE(logs_.objects.contains(fmt::format("s3://logs/{}/steps/s-1/{}.gz", id_, log)));
  }
}

TEST_F(EmrTest, AsManyStepsAtATimeAsAskedFor) {
  ClusterRecord asked = record();
  asked.step_concurrency = 2;
  for (const char* id : {"s-1", "s-2", "s-3"}) asked.steps.push_back(step(id));
  create(asked);
  pass(seconds(3));
  EXPECT_EQ(step_state_of("s-2"), "RUNNING");
  EXPECT_EQ(step_state_of("s-3"), "PENDING");
  end_step("s-2", 0);
  EXPECT_EQ(step_state_of("s-1"), "RUNNING");
  EXPECT_EQ(step_state_of("s-3"), "RUNNING");
}

TEST_F(EmrTest, AFailedStepThatIsToContinueLetsTheOthersRun) {
  create_waiting();
  add_step(step("s-1", "CONTINUE"));
  add_step(step("s-2"));
  end_step("s-1", 1);
  EXPECT_EQ(step_state_of("s-1"), "FAILED");
  EXPECT_EQ(cluster().find_step("s-1")->why, "The step ended with exit code 1.");
  EXPECT_EQ(step_state_of("s-2"), "RUNNING");
}

TEST_F(EmrTest, CancelAndWaitCancelsWhatIsPending) {
  create_waiting();
  add_step(step("s-1", "CANCEL_AND_WAIT"));
  add_step(step("s-2"));
  end_step("s-1", 1);
  EXPECT_EQ(step_state_of("s-2"), "CANCELLED");
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(EmrTest, TerminateClusterEndsItWithStepFailure) {
  for (const char* action : {"TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW"}) {
    create_waiting();
    add_step(step("s-1", action));
    add_step(step("s-2"));
    end_step("s-1", 1);
    pass(seconds(5));
    EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
    EXPECT_EQ(cluster().reason.code, "STEP_FAILURE");
    EXPECT_EQ(step_state_of("s-1"), "FAILED");
    EXPECT_EQ(step_state_of("s-2"), "CANCELLED");
    EXPECT_EQ(machine_.alive(), 0U);
  }
}

TEST_F(EmrTest, AProtectedClusterOutlivesItsFailedStep) {
  create_waiting();
  cluster().termination_protected = true;
  add_step(step("s-1", "TERMINATE_CLUSTER"));
  end_step("s-1", 1);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(EmrTest, WithoutKeepAliveItEndsAfterTheLastStep) {
  ClusterRecord asked = record();
  asked.keep_alive = false;
  asked.steps.push_back(step("s-1"));
  create(asked);
  pass(seconds(3));
  end_step("s-1", 0);
  pass(seconds(5));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_EQ(cluster().reason.code, "ALL_STEPS_COMPLETED");
  EXPECT_EQ(cluster().reason.message, "Steps completed");
}

TEST_F(EmrTest, APendingStepIsCancelledAtOnceAndARunningOneIsAskedToEnd) {
  create_waiting();
  machine_.stubborn = true;
  add_step(step("s-1"));
  add_step(step("s-2"));
  EXPECT_TRUE(life().cancel_step(*cluster().find_step("s-2"), false));
  EXPECT_TRUE(life().cancel_step(*cluster().find_step("s-1"), false));
  EXPECT_FALSE(life().cancel_step(*cluster().find_step("s-2"), false));
  EXPECT_EQ(step_state_of("s-2"), "CANCELLED");
  pass(seconds(5));
  EXPECT_EQ(step_state_of("s-1"), "CANCEL_PENDING");
  EXPECT_EQ(machine_.find("s-1").signals, std::vector<int>{SIGTERM});
  pass(Life::kCancelPatience);
  EXPECT_EQ(step_state_of("s-1"), "CANCELLED");
}

// --- end ---

TEST_F(EmrTest, TerminationLeavesNothingBehind) {
  create_waiting();
  add_step(step("s-1"));
  add_step(step("s-2"));
  const std::string keys = cluster().access_key_id;
  life().terminate(reason_code::kUserRequest, "Terminated by user request", false);
  pass(milliseconds(100));
  EXPECT_EQ(state(), "TERMINATING");
  pass(seconds(5));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_TRUE(cluster().ended);
  EXPECT_EQ(step_state_of("s-1"), "INTERRUPTED");
  EXPECT_EQ(step_state_of("s-2"), "CANCELLED");
  EXPECT_EQ(machine_.alive(), 0U);
  EXPECT_FALSE(credentials_->find(keys));
  EXPECT_FALSE(files_.exists("/emr/" + id_ + "/cluster.json"));
}

// --- idle ---

TEST_F(EmrTest, ALogOfTheNodeThatGrowsOverItsBoundLosesItsBeginning) {
  create_waiting();
  const std::string log = fmt::format("/emr/{}/log/master.log", id_);
  const auto size_after = [&](std::uint64_t bytes) {
    EXPECT_TRUE(files_.write_atomically(log, std::string(bytes, 'x'), 0644).ok());
    pass(Life::kLogLook + options_.tick);
    return files_.read(log).value().size();
  };
  EXPECT_EQ(size_after(kMostLogBytes), kMostLogBytes);
  EXPECT_EQ(size_after(kMostLogBytes + 1), kMostLogBytes / 2);
}

TEST_F(EmrTest, AnIdleClusterEndsByItsPolicy) {
  create_waiting();
  cluster().idle_timeout_s = kLeastIdleTimeout;
  pass(seconds(kLeastIdleTimeout - 5));
  EXPECT_EQ(state(), "WAITING");
  pass(seconds(10));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_EQ(cluster().reason.message,
            "Terminated by the auto-termination policy: the cluster was idle for 60 s");
}

TEST_F(EmrTest, ADayOfIdlenessIsADay) {
  create_waiting();
  options_.tick = seconds(2);
  cluster().idle_timeout_s = 86400;
  pass(hours(23));
  EXPECT_EQ(state(), "WAITING");
  pass(hours(1) + seconds(5));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(EmrTest, AnAttachedApplicationIsNoIdleness) {
  create_waiting();
  cluster().idle_timeout_s = kLeastIdleTimeout;
  machine_.applications = 1;
  pass(minutes(10));
  EXPECT_EQ(state(), "WAITING");
  machine_.applications = 0;
  pass(seconds(70));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(EmrTest, AStepThatRunsIsNoIdleness) {
  create_waiting();
  cluster().idle_timeout_s = kLeastIdleTimeout;
  add_step(step("s-1"));
  pass(minutes(10));
  EXPECT_EQ(state(), "RUNNING");
  end_step("s-1", 0);
  pass(seconds(30));
  EXPECT_EQ(state(), "WAITING");
  pass(seconds(40));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(EmrTest, AProtectedClusterEndsByNoPolicy) {
  create_waiting();
  cluster().termination_protected = true;
  cluster().idle_timeout_s = kLeastIdleTimeout;
  pass(minutes(10));
  EXPECT_EQ(state(), "WAITING");
}

// --- faults ---

TEST_F(EmrTest, AKilledMasterOrWorkerIsStartedAgain) {
  for (const char* part : {"worker", "master"}) {
    create_waiting();
    machine_.registers = false;
    machine_.find(part).finish({.signal = SIGKILL});
    pass(seconds(1));
    EXPECT_EQ(state(), "STARTING");
    EXPECT_EQ(cluster().reason.message,
              fmt::format("The Spark {} ended (killed by signal 9) and is started again.", part));
    machine_.registers = true;
    pass(seconds(3));
    EXPECT_EQ(state(), "WAITING");
    EXPECT_EQ(machine_.alive(part), 1U);
    life().terminate(reason_code::kUserRequest, "", false);
    pass(seconds(5));
  }
}

TEST_F(EmrTest, AWorkerThatKeepsDyingEndsTheCluster) {
  create_waiting();
  for (std::size_t death = 0; death <= Node::kMostDeaths; ++death) {
    EXPECT_EQ(state(), "WAITING");
    machine_.find("worker").finish({.signal = SIGKILL});
    pass(seconds(5));
  }
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "INSTANCE_FAILURE");
  EXPECT_TRUE(cluster().reason.message.starts_with(
      "The Spark worker ended 4 times within 10 minutes, at last with killed by signal 9"))
      << cluster().reason.message;
}

TEST_F(EmrTest, ARestartedServerFindsItsClusterAndSaysWhatDied) {
  create_waiting();
  add_step(step("s-1"));
  add_step(step("s-2"));
  restart_server();
  pass(milliseconds(100));
  EXPECT_EQ(state(), "STARTING");
  EXPECT_EQ(cluster().reason.message, "The server was restarted; Spark is started again.");
  EXPECT_EQ(step_state_of("s-1"), "FAILED");
  EXPECT_EQ(cluster().find_step("s-1")->why,
            "The server stopped while the step ran, and its processes ended with it.");
  pass(seconds(5));
  EXPECT_EQ(step_state_of("s-2"), "RUNNING");
  end_step("s-2", 0);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(EmrTest, ATerminationThatTheServerDidNotFinishIsFinishedByTheNext) {
  create_waiting();
  life().terminate(reason_code::kUserRequest, "Terminated by user request", false);
  save();
  restart_server();
  pass(seconds(5));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_EQ(cluster().reason.code, "USER_REQUEST");
}

TEST_F(EmrTest, AClusterWhoseKeysAreGoneEndsAndSaysSo) {
  create_waiting();
  EXPECT_TRUE(credentials_->revoke(cluster().access_key_id).ok());
  restart_server();
  pass(seconds(5));
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "INTERNAL_ERROR");
}

TEST_F(EmrTest, ItsKeysAreGoodAsLongAsItLives) {
  create_waiting();
  const std::string keys = cluster().access_key_id;
  options_.tick = seconds(5);
  pass(hours(3));
  EXPECT_GT(*credentials_->find(keys)->expires, scheduler_.now());
}

}  // namespace
}  // namespace tarn::emr
