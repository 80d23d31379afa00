#include "services/ec2/resources/network_read.h"

#include <array>
#include <span>

#include "gateway/present.h"

namespace tarn::ec2 {
namespace {

using cloudformation::PresentResource;
using gateway::InProcess;

constexpr gateway::TagForm kWireTags = {.key = "key", .value = "value"};

// The members of a resource as properties.
Json told_properties(const Json& there, std::span<const Mapped> mapped) {
  Json out = Json::object();
  for (const Mapped& each : mapped) {
    const auto found = there.find(each.member);
    if (found != there.end()) out[std::string(each.property)] = *found;
  }
  return out;
}

// The only one that an action tells of an id; null where there is none.
struct Question {
  std::string action;
  std::string id_member;
  std::string list;
  std::string absent;
};
Task<Result<Json>> find_one(const InProcess& calls, const ResourceOrder& order, Question question) {
  Json input = {{question.id_member, Json::array({order.physical_id})}};
  std::string action = std::move(question.action);
  std::string absent = std::move(question.absent);
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(input), std::move(absent)));
  const Json all = told.is_null() ? Json::array() : told.value(question.list, Json::array());
  if (all.empty()) co_return Json();
  co_return all.front();
}

Task<Status> tell_attribute(const InProcess& calls, const ResourceOrder& order, std::string name,
                            std::string property, Json& out) {
  Json input = {{"VpcId", order.physical_id}, {"Attribute", name}};
  std::string action = "ec2:DescribeVpcAttribute";
  TARN_CO_TRY(const Json told,
              co_await calls.call(std::move(action), order.caller, std::move(input)));
  const auto found = told.find(name);
  if (found != told.end()) out[property] = found->value("value", Json());
  co_return Status();
}

// The peers of one permission, each of which is a rule of a template.
void tell_peers(const Json& permission, bool is_egress, Json& rules) {
  struct Peer {
    const char* list;
    const char* member;
    const char* property;
  };
  const std::array<Peer, 4> peers = {
      {{"ipRanges", "cidrIp", "CidrIp"},
       {"ipv6Ranges", "cidrIpv6", "CidrIpv6"},
       {"groups", "groupId", is_egress ? "DestinationSecurityGroupId" : "SourceSecurityGroupId"},
       {"prefixListIds", "prefixListId",
        is_egress ? "DestinationPrefixListId" : "SourcePrefixListId"}}};
  static constexpr std::array<Mapped, 3> kFrame = {
      {{"IpProtocol", "ipProtocol"}, {"FromPort", "fromPort"}, {"ToPort", "toPort"}}};
  for (const Peer& peer : peers) {
    for (const Json& each : permission.value(peer.list, Json::array())) {
      Json rule = told_properties(permission, kFrame);
      rule[peer.property] = each[peer.member];
      if (each.contains("description")) rule["Description"] = each["description"];
      rules.push_back(std::move(rule));
    }
  }
}

Json told_rules(const Json& permissions, bool is_egress) {
  Json out = Json::array();
  for (const Json& permission : permissions) tell_peers(permission, is_egress, out);
  return out;
}

}  // namespace

Task<Result<Json>> default_group_of(const InProcess& calls, Caller caller, std::string vpc_id) {
  const Json of_vpc = {{"Name", "vpc-id"}, {"Value", {vpc_id}}};
  const Json by_name = {{"Name", "group-name"}, {"Value", {"default"}}};
  Json input = {{"Filter", {of_vpc, by_name}}};
  std::string action = "ec2:DescribeSecurityGroups";
  TARN_CO_TRY(const Json told,
              co_await calls.call(std::move(action), std::move(caller), std::move(input)));
  co_return told["securityGroupInfo"][0]["groupId"];
}

Task<Result<Present>> read_vpc(const InProcess& calls, ResourceOrder order) {
  Question question = {"ec2:DescribeVpcs", "VpcId", "vpcSet", "InvalidVpcID.NotFound"};
  TARN_CO_TRY(const Json vpc, co_await find_one(calls, order, std::move(question)));
  if (vpc.is_null()) co_return Present();
  static constexpr std::array<Mapped, 2> kMembers = {
      {{"CidrBlock", "cidrBlock"}, {"InstanceTenancy", "instanceTenancy"}}};
  PresentResource out;
  out.properties = told_properties(vpc, kMembers);
  std::string attribute = "enableDnsSupport";
  std::string property = "EnableDnsSupport";
  TARN_CO_CHECK(co_await tell_attribute(calls, order, std::move(attribute), std::move(property),
                                        out.properties));
  attribute = "enableDnsHostnames";
  property = "EnableDnsHostnames";
  TARN_CO_CHECK(co_await tell_attribute(calls, order, std::move(attribute), std::move(property),
                                        out.properties));
  gateway::tell_tags(order, vpc.value("tagSet", Json::array()), out.properties, kWireTags);
  TARN_CO_TRY(const Json group, co_await default_group_of(calls, order.caller, order.physical_id));
  out.attributes = {
      {"VpcId", vpc["vpcId"]}, {"CidrBlock", vpc["cidrBlock"]}, {"DefaultSecurityGroup", group}};
  co_return Present(std::move(out));
}

Task<Result<Present>> read_subnet(const InProcess& calls, ResourceOrder order) {
  Question question = {"ec2:DescribeSubnets", "SubnetId", "subnetSet", "InvalidSubnetID.NotFound"};
  TARN_CO_TRY(const Json subnet, co_await find_one(calls, order, std::move(question)));
  if (subnet.is_null()) co_return Present();
  static constexpr std::array<Mapped, 4> kPlace = {{{"VpcId", "vpcId"},
                                                    {"CidrBlock", "cidrBlock"},
                                                    {"AvailabilityZone", "availabilityZone"},
                                                    {"AvailabilityZoneId", "availabilityZoneId"}}};
  PresentResource out;
  out.attributes = told_properties(subnet, kPlace);
  out.properties = out.attributes;
  out.attributes["SubnetId"] = subnet["subnetId"];
  out.properties["MapPublicIpOnLaunch"] = subnet.value("mapPublicIpOnLaunch", false);
  gateway::tell_tags(order, subnet.value("tagSet", Json::array()), out.properties, kWireTags);
  co_return Present(std::move(out));
}

Task<Result<Present>> read_security_group(const InProcess& calls, ResourceOrder order) {
  Question question = {"ec2:DescribeSecurityGroups", "GroupId", "securityGroupInfo",
                       "InvalidGroup.NotFound"};
  TARN_CO_TRY(const Json group, co_await find_one(calls, order, std::move(question)));
  if (group.is_null()) co_return Present();
  static constexpr std::array<Mapped, 3> kMembers = {
      {{"GroupDescription", "groupDescription"}, {"GroupName", "groupName"}, {"VpcId", "vpcId"}}};
  PresentResource out;
  out.properties = told_properties(group, kMembers);
  const Json none = Json::array();
  out.properties["SecurityGroupIngress"] = told_rules(group.value("ipPermissions", none), false);
  out.properties["SecurityGroupEgress"] =
      told_rules(group.value("ipPermissionsEgress", none), true);
  gateway::tell_tags(order, group.value("tagSet", none), out.properties, kWireTags);
  out.attributes = {
      {"GroupId", group["groupId"]}, {"Id", group["groupId"]}, {"VpcId", group["vpcId"]}};
  co_return Present(std::move(out));
}

}  // namespace tarn::ec2
