// Records, instance types, groups and fleets, the master's page.
#include "services/emr/record.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "services/emr/launch.h"
#include "services/emr/logs.h"
#include "services/emr/master_page.h"
#include "services/emr/members.h"
#include "sim/scheduler.h"

namespace tarn::emr {
namespace {

InstanceTypes all_types() {
  std::ifstream file(TARN_INSTANCE_TYPES);
  std::stringstream text;
  text << file.rdbuf();
  return InstanceTypes::parse(text.str()).value();
}

TEST(Record, AClusterComesBackAsItWas) {
  ClusterRecord cluster;
  cluster.id = "j-1";
  cluster.request.name = "naïve";
  Configuration& inner = cluster.request.configurations.emplace().emplace_back();
  inner.classification = "spark-defaults";
  inner.properties.emplace()["spark.x"] = "y";
  cluster.reason = {"USER_REQUEST", "because"};
  cluster.created.ms = 5;
  cluster.ended = Timestamp{7};
  cluster.idle_timeout_s = 60;
  cluster.tags["a"] = "b";
  cluster.members.push_back({"ci-1", "i-1", "if-1", "CORE", "m7g.xlarge", "SPOT"});
  const auto read = decode_cluster(encode(cluster));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(encode(*read), encode(cluster));
  EXPECT_EQ(read->request.name, "naïve");
  EXPECT_EQ(read->request.configurations->front().properties->at("spark.x"), "y");
  EXPECT_FALSE(read->ready);
}

TEST(Record, AStepComesBackAsItWas) {
  StepRecord step;
  step.id = "s-1";
  step.config.name = "count";
  step.config.hadoop_jar_step.jar = "command-runner.jar";
  step.config.hadoop_jar_step.args = std::vector<std::string>{"bash", "-c", "true"};
  step.started = Timestamp{9};
  const auto read = decode_step(encode(step));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(encode(*read), encode(step));
}

TEST(Record, DamageIsSaid) {
  EXPECT_TRUE(decode_cluster("1{}").error().is(code::kCorrupt));
  EXPECT_TRUE(decode_step("2{}").error().is(code::kCorrupt));
}

TEST(InstanceTypes, AreThoseOfEc2) {
  const InstanceTypes types = all_types();
  const auto type = types.find("r7g.16xlarge");
  ASSERT_TRUE(type.ok());
  EXPECT_EQ((*type)->vcpu, 64);
  EXPECT_EQ((*type)->memory_mib, 512 * 1024);
  EXPECT_EQ((*type)->usd_per_hour, 3.4272);
  EXPECT_TRUE(types.find("m9.huge").error().is("ValidationException"));
}

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

TEST(Members, AFleetsTargetIsReachedOrPassed) {
  sim::Scheduler random;
  const InstanceTypes types = all_types();
  ClusterRecord cluster = with_fleet(7, 5, 5);
  ASSERT_TRUE(add_members(random, types, cluster).ok());
  // One primary, two of On-Demand for 7 units, one of Spot for 5.
  EXPECT_EQ(cluster.members.size(), 4U);
  EXPECT_EQ(cluster.asked.vcpu, 3 * 8);
  EXPECT_EQ(cluster.members.back().market, "SPOT");
  EXPECT_TRUE(cluster.members.back().ec2_id.starts_with("i-"));
}

TEST(Members, ThePrimaryComputesOnlyWhereItIsAlone) {
  sim::Scheduler random;
  ClusterRecord cluster;
  cluster.request.instances.master_instance_type = "m5.xlarge";
  cluster.request.instances.instance_count = 1;
  ASSERT_TRUE(write_out_groups(cluster.request.instances).ok());
  ASSERT_TRUE(add_members(random, all_types(), cluster).ok());
  EXPECT_EQ(cluster.asked.vcpu, 4);
}

TEST(Members, OnePrimaryAndKnownTypesOnly) {
  sim::Scheduler random;
  const InstanceTypes types = all_types();
  ClusterRecord cluster = with_fleet(1, 0, 1);
  cluster.request.instances.instance_fleets->erase(
      cluster.request.instances.instance_fleets->begin());
  EXPECT_TRUE(add_members(random, types, cluster).error().is("ValidationException"));
  ClusterRecord unknown = with_fleet(1, 0, 1);
  unknown.request.instances.instance_fleets->back().instance_type_configs->front().instance_type =
      "m9.huge";
  EXPECT_TRUE(add_members(random, types, unknown).error().is("ValidationException"));
}

TEST(Members, SpotIsWaitedForFiveMinutesToADay) {
  sim::Scheduler random;
  const InstanceTypes types = all_types();
  for (const auto& [minutes, taken] :
       std::vector<std::pair<int, bool>>{{4, false}, {5, true}, {1440, true}, {1441, false}}) {
    ClusterRecord cluster = with_fleet(0, 1, 1);
    auto& launch =
        cluster.request.instances.instance_fleets->back().launch_specifications.emplace();
    launch.spot_specification.emplace().timeout_duration_minutes = minutes;
    EXPECT_EQ(add_members(random, types, cluster).ok(), taken) << minutes;
  }
}

TEST(Members, AThousandInstancesAndNoMore) {
  sim::Scheduler random;
  const InstanceTypes types = all_types();
  ClusterRecord most = with_fleet(999, 0, 1);
  EXPECT_TRUE(add_members(random, types, most).ok());
  ClusterRecord more = with_fleet(1000, 0, 1);
  EXPECT_TRUE(add_members(random, types, more).error().is("ValidationException"));
}

TEST(Members, OneFormOfInstancesOnly) {
  JobFlowInstancesConfig none;
  EXPECT_TRUE(write_out_groups(none).error().is("ValidationException"));
  JobFlowInstancesConfig both;
  both.master_instance_type = "m5.xlarge";
  both.instance_groups.emplace().emplace_back();
  EXPECT_TRUE(write_out_groups(both).error().is("ValidationException"));
}

TEST(Grant, IsTheMachinesShareAtMost) {
  const Capacity host{4, 12288};
  EXPECT_EQ(grant({64, 512 * 1024}, host).vcpu, 4);
  EXPECT_EQ(grant({64, 512 * 1024}, host).memory_mib, 4096);
  EXPECT_EQ(grant({2, 2048}, host).vcpu, 2);
  EXPECT_EQ(grant({2, 2048}, host).memory_mib, 2048);
}

TEST(MasterPage, CountsWhatIsAlive) {
  const auto page = parse_master_page(
      R"({"status":"ALIVE","workers":[{"state":"DEAD","cores":9},{"state":"ALIVE","cores":2}],)"
      R"("activeapps":[{}]})");
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->alive);
  EXPECT_EQ(page->workers, 1);
  EXPECT_EQ(page->cores, 2);
  EXPECT_EQ(page->applications, 1);
  EXPECT_FALSE(parse_master_page("<html>").ok());
}

TEST(Logs, PlacesInS3) {
  EXPECT_EQ(parse_s3_uri("s3://bucket/a/b")->key, "a/b");
  EXPECT_EQ(parse_s3_uri("s3n://bucket")->bucket, "bucket");
  EXPECT_TRUE(parse_s3_uri("https://bucket/a").error().is("ValidationException"));
  EXPECT_TRUE(parse_s3_uri("s3:///a").error().is("ValidationException"));
}

}  // namespace
}  // namespace tarn::emr
