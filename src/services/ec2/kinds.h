// What is particular to each kind of resource that EC2 keeps: its id, and what is said where it is
// not there.
//
// Place: services/ec2; records are the API's own shapes. Threads: constants.
#pragma once

#include <optional>
#include <string>

#include "services/ec2/api.h"

namespace tarn::ec2 {

using Id = std::optional<std::string>;

// kType is the resource type of tags and filters; ids are kPrefix-0123456789abcdef0.
template <class Shape>
struct Kind;

template <>
struct Kind<Vpc> {
  static constexpr Id Vpc::* kId = &Vpc::vpc_id;
  static constexpr const char* kPrefix = "vpc";
  static constexpr const char* kType = "vpc";
  static constexpr const char* kNotFound = "InvalidVpcID.NotFound";
  static constexpr const char* kMessage = "The vpc ID '{}' does not exist";
};

template <>
struct Kind<Subnet> {
  static constexpr Id Subnet::* kId = &Subnet::subnet_id;
  static constexpr const char* kPrefix = "subnet";
  static constexpr const char* kType = "subnet";
  static constexpr const char* kNotFound = "InvalidSubnetID.NotFound";
  static constexpr const char* kMessage = "The subnet ID '{}' does not exist";
};

template <>
struct Kind<RouteTable> {
  static constexpr Id RouteTable::* kId = &RouteTable::route_table_id;
  static constexpr const char* kPrefix = "rtb";
  static constexpr const char* kType = "route-table";
  static constexpr const char* kNotFound = "InvalidRouteTableID.NotFound";
  static constexpr const char* kMessage = "The routeTable ID '{}' does not exist";
};

template <>
struct Kind<InternetGateway> {
  static constexpr Id InternetGateway::* kId = &InternetGateway::internet_gateway_id;
  static constexpr const char* kPrefix = "igw";
  static constexpr const char* kType = "internet-gateway";
  static constexpr const char* kNotFound = "InvalidInternetGatewayID.NotFound";
  static constexpr const char* kMessage = "The internetGateway ID '{}' does not exist";
};

template <>
struct Kind<NatGateway> {
  static constexpr Id NatGateway::* kId = &NatGateway::nat_gateway_id;
  static constexpr const char* kPrefix = "nat";
  static constexpr const char* kType = "natgateway";
  static constexpr const char* kNotFound = "NatGatewayNotFound";
  static constexpr const char* kMessage = "The Nat Gateway {} was not found";
};

template <>
struct Kind<Address> {
  static constexpr Id Address::* kId = &Address::allocation_id;
  static constexpr const char* kPrefix = "eipalloc";
  static constexpr const char* kType = "elastic-ip";
  static constexpr const char* kNotFound = "InvalidAllocationID.NotFound";
  static constexpr const char* kMessage = "The allocation ID '{}' does not exist";
};

template <>
struct Kind<SecurityGroup> {
  static constexpr Id SecurityGroup::* kId = &SecurityGroup::group_id;
  static constexpr const char* kPrefix = "sg";
  static constexpr const char* kType = "security-group";
  static constexpr const char* kNotFound = "InvalidGroup.NotFound";
  static constexpr const char* kMessage = "The security group '{}' does not exist";
};

template <>
struct Kind<SecurityGroupRule> {
  static constexpr Id SecurityGroupRule::* kId = &SecurityGroupRule::security_group_rule_id;
  static constexpr const char* kPrefix = "sgr";
  static constexpr const char* kType = "security-group-rule";
  static constexpr const char* kNotFound = "InvalidSecurityGroupRuleId.NotFound";
  static constexpr const char* kMessage = "The security group rule ID '{}' does not exist";
};

template <>
struct Kind<VpcEndpoint> {
  static constexpr Id VpcEndpoint::* kId = &VpcEndpoint::vpc_endpoint_id;
  static constexpr const char* kPrefix = "vpce";
  static constexpr const char* kType = "vpc-endpoint";
  static constexpr const char* kNotFound = "InvalidVpcEndpointId.NotFound";
  static constexpr const char* kMessage = "The Vpc Endpoint Id '{}' does not exist";
};

template <>
struct Kind<KeyPairInfo> {
  static constexpr Id KeyPairInfo::* kId = &KeyPairInfo::key_pair_id;
  static constexpr const char* kPrefix = "key";
  static constexpr const char* kType = "key-pair";
  static constexpr const char* kNotFound = "InvalidKeyPair.NotFound";
  static constexpr const char* kMessage = "The key pair '{}' does not exist";
};

// What ModifyVpcAttribute sets, kept apart: the shape Vpc does not have it.
template <>
struct Kind<DescribeVpcAttributeResult> {
  static constexpr Id DescribeVpcAttributeResult::* kId = &DescribeVpcAttributeResult::vpc_id;
  static constexpr const char* kType = "vpc-attributes";
};

template <class Shape>
const std::string& id_of(const Shape& shape) {
  return *(shape.*Kind<Shape>::kId);
}

}  // namespace tarn::ec2
