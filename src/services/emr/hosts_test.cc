// Hosts that join, leave and are lost, and clusters on them, in virtual time.
#include "services/emr/hosts.h"

#include "services/emr/emr_fixture.h"

namespace tarn::emr {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

// An agent as the protocol has it: it runs what it is told to.
class FakeAgent {
 public:
  FakeAgent(Hosts& hosts, std::string address) : hosts_(&hosts), address_(std::move(address)) {}

  json report() {
    json workers = json::array();
    for (const std::string& id : running) workers.push_back({{"id", id}});
    for (const std::string& id : ended) {
      workers.push_back({{"id", id}, {"end", {{"code", 1}, {"signal", 0}}}});
    }
    const json answer = hosts_
                            ->report({{"version", 1},
                                      {"run", run},
                                      {"name", "box"},
                                      {"address", address_},
                                      {"server_address", "10.0.0.1"},
                                      {"cores", 4},
                                      {"memory_mib", 16384},
                                      {"leaving", leaving},
                                      {"workers", workers}})
                            .value();
    running.clear();
    std::set<std::string> told;
    for (const json& order : answer["workers"]) {
      const std::string id = order["id"];
      if (!ended.contains(id)) running.insert(id);
      told.insert(id);
    }
    std::erase_if(ended, [&](const std::string& id) { return !told.contains(id); });
    return answer;
  }

  std::string run = "first";
  bool leaving = false;
  std::set<std::string> running;
  std::set<std::string> ended;

 private:
  Hosts* hosts_;
  std::string address_;
};

class HostsTest : public testing::Test {
 protected:
  sim::Scheduler scheduler_;
  Hosts hosts_{scheduler_};
  FakeAgent agent_{hosts_, "10.0.0.2"};
};

TEST_F(HostsTest, AHostThatReportsIsUsable) {
  EXPECT_FALSE(hosts_.any());
  agent_.report();
  ASSERT_EQ(hosts_.usable().size(), 1U);
  EXPECT_EQ(hosts_.usable()[0].capacity.vcpu, 4);
  EXPECT_EQ(hosts_.server_address(), "10.0.0.1");
}

TEST_F(HostsTest, WhatIsNoReportIsRefused) {
  EXPECT_FALSE(hosts_.report(json::array()).ok());
  EXPECT_FALSE(hosts_.report({{"version", 2}, {"address", "a"}, {"run", "r"}, {"cores", 1}}).ok());
  EXPECT_FALSE(hosts_.report({{"version", 1}, {"address", "a"}, {"run", "r"}}).ok());
  EXPECT_FALSE(hosts_.any());
}

TEST_F(HostsTest, AWorkerRunsUntilItIsNotWanted) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", {{"cluster", "j-1"}}).value();
  EXPECT_EQ(agent_.report()["workers"][0]["cluster"], "j-1");
  agent_.report();
  EXPECT_FALSE(process->exited());
  process->signal(SIGTERM);
  EXPECT_TRUE(agent_.report()["workers"].empty());
  EXPECT_FALSE(process->exited());
  agent_.report();
  EXPECT_EQ(process->exited()->signal, SIGTERM);
}

TEST_F(HostsTest, AKilledWorkerIsNotWaitedFor) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", json::object()).value();
  agent_.report();
  process->signal_group(SIGKILL);
  EXPECT_EQ(process->exited()->signal, SIGKILL);
  EXPECT_TRUE(agent_.report()["workers"].empty());
}

TEST_F(HostsTest, AWorkersEndIsTold) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", json::object()).value();
  agent_.report();
  agent_.ended = std::exchange(agent_.running, {});
  EXPECT_TRUE(agent_.report()["workers"].empty());
  EXPECT_EQ(process->exited()->code, 1);
}

TEST_F(HostsTest, AHostIsLostAfterFifteenSecondsOfSilence) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", json::object()).value();
  agent_.report();
  scheduler_.run_for(Hosts::kLostAfter);
  hosts_.look();
  EXPECT_FALSE(hosts_.is_lost("10.0.0.2"));
  scheduler_.run_for(std::chrono::milliseconds(1));
  hosts_.look();
  EXPECT_TRUE(hosts_.is_lost("10.0.0.2"));
  EXPECT_EQ(process->exited()->signal, SIGKILL);
  EXPECT_FALSE(hosts_.spawn("10.0.0.2", json::object()).ok());
  // It comes back, and runs nothing of before.
  EXPECT_TRUE(agent_.report()["workers"].empty());
  EXPECT_FALSE(hosts_.is_lost("10.0.0.2"));
}

TEST_F(HostsTest, AnAgentThatStartedAnewHasNothingOfTheFormer) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", json::object()).value();
  agent_.report();
  agent_.run = "second";
  agent_.running.clear();
  EXPECT_TRUE(agent_.report()["workers"].empty());
  EXPECT_EQ(process->exited()->signal, SIGKILL);
}

TEST_F(HostsTest, OneThatLeavesIsLetGoWhenItsWorkersAre) {
  agent_.report();
  const auto process = hosts_.spawn("10.0.0.2", json::object()).value();
  agent_.report();
  agent_.leaving = true;
  EXPECT_FALSE(agent_.report()["done"]);
  EXPECT_TRUE(hosts_.usable().empty());
  process->signal(SIGTERM);
  agent_.report();
  EXPECT_TRUE(agent_.report()["done"]);
  EXPECT_FALSE(hosts_.any());
}

// --- clusters on hosts ---

class ClusterOnHostsTest : public EmrTest {
 protected:
  // Both agents report every second, and their workers register with the master.
  void live(seconds duration) {
    for (seconds passed{0}; passed < duration; passed += seconds(1)) {
      machine_.elsewhere.clear();
      for (auto& [address, agent] : agents_) {
        agent.report();
        if (!agent.running.empty()) machine_.elsewhere.push_back(address);
      }
      pass(seconds(1));
    }
  }
  void create_on_two_hosts() {
    for (const char* address : {"10.0.0.2", "10.0.0.3"}) {
      agents_.emplace(address, FakeAgent(*hosts_, address));
    }
    live(seconds(1));
    ClusterRecord asked = record();
    InstanceGroupConfig core;
    core.instance_role = "CORE";
    core.instance_type = "m5.xlarge";
    core.instance_count = 2;
    asked.request.instances.instance_groups->push_back(core);
    add_members(asked);
    asked.on_hosts = true;
    asked.address = hosts_->server_address();
    create(asked);
    live(seconds(6));
    EXPECT_EQ(state(), "WAITING");
  }
  [[nodiscard]] int in_state(std::string_view wanted) {
    return static_cast<int>(
        std::count_if(cluster().members.begin(), cluster().members.end(),
                      [&](const Member& member) { return member.state == wanted; }));
  }

  std::map<std::string, FakeAgent> agents_;
};

TEST_F(ClusterOnHostsTest, EachHostHasAWorkerWithItsShare) {
  create_on_two_hosts();
  EXPECT_EQ(machine_.count("worker"), 0U);
  EXPECT_EQ(agents_.at("10.0.0.2").running.size(), 1U);
  EXPECT_EQ(agents_.at("10.0.0.3").running.size(), 1U);
  EXPECT_EQ(cluster().granted.vcpu, 8);
  EXPECT_EQ(in_state("RUNNING"), 3);
  EXPECT_TRUE(cluster().reason.message.ends_with("granted 8 vCPU and 10.7 GiB of 2 hosts."))
      << cluster().reason.message;
}

TEST_F(ClusterOnHostsTest, ALostHostsInstancesAreReplacedAndTheClusterGoesOn) {
  create_on_two_hosts();
  agents_.erase("10.0.0.3");
  live(seconds(20));
  EXPECT_EQ(state(), "WAITING");
  EXPECT_EQ(in_state("TERMINATED"), 1);
  EXPECT_EQ(in_state("RUNNING"), 3);
  const auto lost = std::find_if(cluster().members.begin(), cluster().members.end(),
                                 [](const Member& member) { return member.over(); });
  EXPECT_EQ(lost->reason.code, "INSTANCE_FAILURE");
  EXPECT_EQ(lost->reason.message, "Host 10.0.0.3 was lost: its agent did not report for 15 s.");
  EXPECT_EQ(machine_.decommissioned_addresses, std::vector<std::string>{"10.0.0.3"});
}

TEST_F(ClusterOnHostsTest, AHostThatJoinsDisturbsNoneAndGivesWhatIsLacking) {
  create_on_two_hosts();
  const auto first = agents_.at("10.0.0.2").running;
  agents_.emplace("10.0.0.4", FakeAgent(*hosts_, "10.0.0.4"));
  live(seconds(5));
  EXPECT_TRUE(agents_.at("10.0.0.4").running.empty());
  agents_.erase("10.0.0.3");
  live(seconds(20));
  EXPECT_EQ(agents_.at("10.0.0.4").running.size(), 1U);
  EXPECT_EQ(agents_.at("10.0.0.2").running, first);
  EXPECT_EQ(cluster().granted.vcpu, 8);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(ClusterOnHostsTest, AHostThatLeavesIsDrained) {
  create_on_two_hosts();
  machine_.applications = 1;
  machine_.busy = true;
  agents_.at("10.0.0.3").leaving = true;
  live(seconds(60));
  EXPECT_EQ(agents_.at("10.0.0.3").running.size(), 1U);
  machine_.busy = false;
  live(seconds(5));
  EXPECT_TRUE(agents_.at("10.0.0.3").running.empty());
  EXPECT_EQ(in_state("RUNNING"), 3);
  EXPECT_EQ(state(), "WAITING");
}

TEST_F(ClusterOnHostsTest, WithoutAnyHostItWaitsAndThenEnds) {
  create_on_two_hosts();
  agents_.clear();
  live(seconds(20));
  EXPECT_EQ(state(), "STARTING");
  EXPECT_TRUE(cluster().reason.message.starts_with("No host serves the cluster"))
      << cluster().reason.message;
  pass(minutes(10));
  EXPECT_EQ(state(), "TERMINATED_WITH_ERRORS");
  EXPECT_EQ(cluster().reason.code, "INSTANCE_FAILURE");
}

TEST_F(ClusterOnHostsTest, AServersRestartFindsTheHostsAgain) {
  create_on_two_hosts();
  restart_server();
  for (auto& [address, agent] : agents_) agent = FakeAgent(*hosts_, address);
  live(seconds(10));
  EXPECT_EQ(state(), "WAITING");
  EXPECT_EQ(in_state("RUNNING"), 3);
}

}  // namespace
}  // namespace tarn::emr
