#include "tarn/stack_parameters.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/ec2/kinds.h"
#include "services/ec2/zones.h"

namespace tarn::app {
namespace {

Error not_there(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

template <class Shape>
Status check_id(const ec2::Network& network, const std::string& region, std::string_view id) {
  if (network.find<Shape>(region, id) != nullptr) return {};
  return not_there(fmt::format(fmt::runtime(ec2::Kind<Shape>::kMessage), id));
}

Status check_group_name(const ec2::Network& network, const std::string& region,
                        std::string_view name) {
  const auto groups = network.all<ec2::SecurityGroup>(region);
  const bool is_there = std::ranges::any_of(
      groups, [&](const auto& each) { return each->group_name.value_or("") == name; });
  if (is_there) return {};
  return not_there(fmt::format("The security group '{}' does not exist", name));
}

Status check_key_pair(const ec2::Network& network, const std::string& region,
                      std::string_view name) {
  const auto pairs = network.all<ec2::KeyPairInfo>(region);
  const bool is_there = std::ranges::any_of(
      pairs, [&](const auto& each) { return each->key_name.value_or("") == name; });
  if (is_there) return {};
  return not_there(
      fmt::format("The key pair '{}' does not exist: aws ec2 create-key-pair "
                  "--key-name {} makes it",
                  name, name));
}

}  // namespace

Status StackParameters::check(const std::string& region, std::string_view type,
                              std::string_view value) const {
  if (type == "AWS::EC2::KeyPair::KeyName") return check_key_pair(network_, region, value);
  if (type == "AWS::EC2::VPC::Id") return check_id<ec2::Vpc>(network_, region, value);
  if (type == "AWS::EC2::Subnet::Id") return check_id<ec2::Subnet>(network_, region, value);
  if (type == "AWS::EC2::SecurityGroup::Id")
    return check_id<ec2::SecurityGroup>(network_, region, value);
  if (type == "AWS::EC2::SecurityGroup::GroupName")
    return check_group_name(network_, region, value);
  if (type == "AWS::EC2::AvailabilityZone::Name") {
    const bool is_zone = value.size() == region.size() + 1 && value.starts_with(region) &&
                         value.back() >= 'a' && value.back() <= 'c';
    if (is_zone) return {};
    return not_there(fmt::format("The zone '{}' does not exist in {}", value, region));
  }
  return not_there(fmt::format("tarn keeps no {}", type));
}

Result<std::string> StackParameters::read(const std::string& region, std::string_view name) const {
  const auto found = parameters_.find(region, name);
  if (found == nullptr) {
    return not_there(fmt::format(
        "Unable to fetch parameters [{}] from parameter store for this account: aws ssm "
        "put-parameter --name {} makes one",
        name, name));
  }
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
  if (found->current().type == "SecureString")
    return not_there(fmt::format("Parameter {} is a SecureString: stacks take only texts.", name));
  return found->current().value;
}

}  // namespace tarn::app
