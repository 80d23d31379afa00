#include "cost/resource_usage.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "cost/cluster_usage.h"
#include "wire/json_value.h"

namespace tarn::cost {
namespace {

using nlohmann::json;

double number_of(const json& value, double otherwise) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return otherwise;
  const std::string text = value.get<std::string>();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return end == text.c_str() ? otherwise : number;
}

constexpr std::array<std::pair<const char*, const char*>, 3> kRoles = {
    {{"Master", "MASTER"}, {"Core", "CORE"}, {"Task", "TASK"}}};

// AWS::EMR::Cluster writes its groups and fleets by role.
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-emr-cluster-jobflowinstancesconfig.html)
bool add_emr_cluster(const json& properties, const std::string& name, double hours, Usage& usage) {
  const json instances = properties.value("Instances", json::object());
  bool any = false;
  const auto add_one = [&](json part, const char* role, bool fleet) {
    if (!part.is_object()) return;
    any = true;
    part[fleet ? "InstanceFleetType" : "InstanceRole"] = role;
    if (fleet) {
      add_fleet(part, name, hours, usage);
    } else {
      add_group(part, name, hours, usage);
    }
  };
  for (const auto& [role, wire] : kRoles) {
    const std::string prefix = role;
    for (const bool fleet : {false, true}) {
      const std::string member = prefix + (fleet ? "InstanceFleet" : "InstanceGroup");
      if (instances.contains(member)) add_one(instances[member], wire, fleet);
      if (!instances.contains(member + "s")) continue;
      for (const json& each : instances[member + "s"]) add_one(each, wire, fleet);
    }
  }
  return any;
}

// What is charged by use alone, and what runs a template of its own.
constexpr std::array<std::pair<const char*, const char*>, 5> kByUse = {
    {{"AWS::S3::Bucket", "storage is charged by use: --s3-gb"},
     {"AWS::Lambda::Function", "charged by use: --lambda-requests, --lambda-gb-seconds"},
     {"AWS::CloudFormation::Stack", "a nested stack: estimate its template"},
     {"AWS::ServiceCatalog::CloudFormationProduct", "a product: estimate its template"},
     {"AWS::DynamoDB::Table", "charged by use, without a rate here"}}};

}  // namespace

void add_resource(const Resource& resource, double hours, Usage& usage) {
  const auto& [name, type, properties] = resource;
  if (type == "AWS::EMR::Cluster") {
    if (!add_emr_cluster(properties, name + " ", hours, usage))
      usage.not_counted.push_back(name + ": its Instances are not there as they stand");
  } else if (type == "AWS::EMR::InstanceFleetConfig") {
    add_fleet(properties, name + " ", hours, usage);
  } else if (type == "AWS::EMR::InstanceGroupConfig") {
    add_group(properties, name + " ", hours, usage);
  } else if (type == "AWS::Kinesis::Stream") {
    if (properties.contains("ShardCount")) {
      usage.shard_hours += number_of(properties["ShardCount"], 1) * hours;
    } else {
      usage.not_counted.push_back(name +
                                  ": an on-demand stream is charged by use, without a rate "
                                  "here");
    }
  } else if (type == "AWS::EC2::NatGateway") {
    usage.nat_hours += hours;
  } else if (type == "AWS::KMS::Key") {
    usage.kms_key_months += 1;
  }
  for (const auto& [known, why] : kByUse) {
    if (type == known) usage.not_counted.push_back(name + ": " + why);
  }
}

}  // namespace tarn::cost
