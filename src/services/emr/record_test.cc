// Records, grants, pages of Spark.
#include "services/emr/record.h"

#include <gtest/gtest.h>

#include "services/emr/launch.h"
#include "services/emr/logs.h"
#include "services/emr/master_page.h"

namespace tarn::emr {
namespace {

TEST(Record, AClusterComesBackAsItWas) {
  ClusterRecord cluster;
  cluster.id = "j-1";
  cluster.request.name = "naïve";
  cluster.role_arn = "arn:aws:iam::111122223333:role/R";
  cluster.security = "{}";
  cluster.on_hosts = true;
  cluster.port_shift = 2;
  Configuration& inner = cluster.request.configurations.emplace().emplace_back();
  inner.classification = "spark-defaults";
  inner.properties.emplace()["spark.x"] = "y";
  cluster.reason = {"USER_REQUEST", "because"};
  cluster.created.ms = 5;
  cluster.ended = Timestamp{7};
  cluster.idle_timeout_s = 60;
  cluster.tags["a"] = "b";
  Member& member = cluster.members.emplace_back();
  member.id = "ci-1";
  member.state = "TERMINATED";
  member.reason = {"INSTANCE_FAILURE", "it was taken"};
  member.ended = Timestamp{6};
  cluster.collection_notes["if-1"].short_since = Timestamp{4};
  cluster.managed_scaling.emplace().compute_limits.emplace().unit_type = "VCPU";
  const auto read = decode_cluster(encode(cluster));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(encode(*read), encode(cluster));
  EXPECT_EQ(read->request.name, "naïve");
  EXPECT_EQ(read->role_arn, cluster.role_arn);
  EXPECT_EQ(read->security, "{}");
  EXPECT_TRUE(read->on_hosts);
  EXPECT_EQ(read->port_shift, 2);
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

// Written before instances had a life of their own.
TEST(Record, AnEarlierClustersInstancesHaveItsStateAndTimes) {
  const auto read = decode_cluster(
      R"(1{"request":{"Name":"n","Instances":{}},"collections":["ig-1"],"created":5,"ready":6,)"
      R"("state":"WAITING","members":[{"id":"ci-1","ec2_id":"i-1","collection":"ig-1",)"
      R"("role":"MASTER","type":"m5.xlarge","market":"ON_DEMAND"}]})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  const Member& member = read->members.front();
  EXPECT_EQ(member.state, "RUNNING");
  EXPECT_EQ(member.created.ms, 5);
  EXPECT_EQ(member.ready->ms, 6);
  EXPECT_EQ(read->collection_notes.at("ig-1").created.ms, 5);
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
  EXPECT_EQ(page->workers.size(), 1U);
  EXPECT_EQ(page->cores, 2);
  EXPECT_EQ(page->applications.size(), 1U);
  EXPECT_FALSE(parse_master_page("<html>").ok());
  // A program of the cluster's may stand in the master's place.
  const auto forged = parse_master_page(
      R"({"status":5,"workers":[7,{"state":"ALIVE","host":[],"cores":"x"}],"activeapps":[1,{"id":2}]})");
  ASSERT_TRUE(forged.ok());
  EXPECT_FALSE(forged->alive);
  EXPECT_EQ(forged->cores, 0);
}

TEST(WorkerPage, CountsExecutors) {
  EXPECT_EQ(count_executors(R"({"executors":[{},{}],"finishedexecutors":[{}]})").value(), 2);
  EXPECT_FALSE(count_executors("<html>").ok());
}

TEST(Logs, PlacesInS3) {
  EXPECT_EQ(parse_s3_uri("s3://bucket/a/b")->key, "a/b");
  EXPECT_EQ(parse_s3_uri("s3n://bucket")->bucket, "bucket");
  EXPECT_TRUE(parse_s3_uri("https://bucket/a").error().is("ValidationException"));
  EXPECT_TRUE(parse_s3_uri("s3:///a").error().is("ValidationException"));
}

}  // namespace
}  // namespace tarn::emr
