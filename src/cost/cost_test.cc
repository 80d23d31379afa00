// Line items of clusters and templates, with the rates of spec/prices.
#include <gtest/gtest.h>

#include "cost/bill.h"
#include "cost/cluster_usage.h"
#include "cost/resource_usage.h"
#include "platform/real/files.h"

namespace tarn::cost {
namespace {

using nlohmann::json;

Prices prices() {
  platform::real::Files files;
  return Prices::read(files, TARN_PRICES).value();
}

const LineItem& item(const Bill& bill, const std::string& service) {
  for (const LineItem& each : bill.items) {
    if (each.service == service) return each;
  }
  ADD_FAILURE() << "no line of " << service;
  return bill.items.front();
}

TEST(Cost, AGroupIsInstancesAndEmrAndStorage) {
  Usage usage;
  const json instances = json::parse(
      R"({"InstanceGroups": [{"InstanceRole": "CORE", "InstanceType": "m7g.2xlarge",
          "InstanceCount": 3, "Market": "SPOT"}]})");
  ASSERT_TRUE(add_cluster(instances, "", 730, usage).ok());
  const Prices rates = prices();
  const Bill bill = make_bill(usage, rates);
  EXPECT_NEAR(item(bill, "EC2").amount.on_demand, 3 * 730 * .3264, 1e-9);
  EXPECT_NEAR(item(bill, "EC2").amount.spot_most, 3 * 730 * .3264 * .4, 1e-9);
  EXPECT_NEAR(item(bill, "EMR").amount.on_demand, 3 * 730 * .3264 * .25, 1e-9);
  EXPECT_NEAR(item(bill, "EBS").amount.on_demand, 3 * (128 + 10) * .10, 1e-9);
  EXPECT_NEAR(bill.as_asked, bill.sum.spot_most, 1e-9);
  EXPECT_GT(bill.sum.on_demand, bill.sum.spot_most);
  EXPECT_TRUE(bill.not_counted.empty());
}

TEST(Cost, AFleetReachesItsTarget) {
  Usage usage;
  add_fleet(json::parse(R"({"InstanceFleetType": "CORE", "TargetSpotCapacity": 7,
                           "InstanceTypeConfigs": [{"InstanceType": "r7g.2xlarge",
                                                    "WeightedCapacity": 5}]})"),
            "", 1, usage);
  ASSERT_EQ(usage.instances.size(), 1U);
  EXPECT_EQ(usage.instances[0].count, 2);
  EXPECT_TRUE(usage.instances[0].spot);
}

TEST(Cost, WhatHasNoRateIsSaid) {
  Usage usage;
  ASSERT_TRUE(add_cluster(json::parse(R"({"MasterInstanceType": "x9.metal"})"), "", 1, usage).ok());
  const Bill bill = make_bill(usage, prices());
  EXPECT_TRUE(bill.items.empty());
  ASSERT_EQ(bill.not_counted.size(), 2U);
  EXPECT_NE(bill.not_counted[0].find("no price"), std::string::npos);
  EXPECT_FALSE(add_cluster(json::object(), "", 1, usage).ok());
}

TEST(Cost, OtherServicesHaveTheirRates) {
  Usage usage;
  usage.shard_hours = 730;
  usage.million_put_units = 10;
  usage.nat_hours = 730;
  usage.nat_gb = 100;
  usage.s3_gb_months = 50;
  usage.kms_key_months = 2;
  usage.million_lambda_requests = 1;
  usage.lambda_gb_seconds = 1000;
  const Bill bill = make_bill(usage, prices());
  EXPECT_EQ(bill.items.size(), 8U);
  EXPECT_NEAR(bill.sum.on_demand, 10.95 + .14 + 32.85 + 4.5 + 1.15 + 2 + .2 + .0166667, 1e-6);
  EXPECT_EQ(bill.sum.on_demand, bill.sum.spot_least);
  for (const LineItem& each : bill.items) EXPECT_TRUE(each.source.starts_with("https://"));
}

TEST(Cost, ResourcesOfAStackAreCounted) {
  Usage usage;
  add_resource({"Stream", "AWS::Kinesis::Stream", {{"ShardCount", "2"}}}, 10, usage);
  add_resource({"Nat", "AWS::EC2::NatGateway"}, 10, usage);
  add_resource({"Key", "AWS::KMS::Key"}, 10, usage);
  add_resource({"Bucket", "AWS::S3::Bucket"}, 10, usage);
  add_resource({"Cluster", "AWS::EMR::Cluster", json::parse(R"({"Instances": {
    "MasterInstanceGroup": {"InstanceType": "m7g.xlarge", "InstanceCount": 1},
    "CoreInstanceFleet": {"TargetOnDemandCapacity": 4, "InstanceTypeConfigs": [
      {"InstanceType": "r7g.4xlarge", "WeightedCapacity": 2}]}}})")},
               10, usage);
  EXPECT_EQ(usage.shard_hours, 20);
  EXPECT_EQ(usage.nat_hours, 10);
  EXPECT_EQ(usage.kms_key_months, 1);
  ASSERT_EQ(usage.instances.size(), 2U);
  EXPECT_EQ(usage.instances[1].type, "r7g.4xlarge");
  EXPECT_EQ(usage.instances[1].count, 2);
  ASSERT_EQ(usage.not_counted.size(), 1U);
  EXPECT_NE(usage.not_counted[0].find("Bucket"), std::string::npos);
}

TEST(Cost, TheTableHasASumAndItsDate) {
  Usage usage;
  ASSERT_TRUE(
      add_cluster(json::parse(R"({"MasterInstanceType": "m7g.xlarge"})"), "", 730, usage).ok());
  const Prices rates = prices();
  const std::string table = bill_table(make_bill(usage, rates), rates, "a month");
  EXPECT_NE(table.find("SUM      a month"), std::string::npos) << table;
  EXPECT_NE(table.find("us-west-2, 2024-03"), std::string::npos) << table;
}

}  // namespace
}  // namespace tarn::cost
