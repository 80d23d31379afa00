// CreateSubnet, DescribeSubnets, DeleteSubnet, ModifySubnetAttribute.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"
#include "services/ec2/zones.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 15> kSubnetFilters = {{
    {"subnet-id", "SubnetId"},
    {"subnet-arn", "SubnetArn"},
    {"vpc-id", "VpcId"},
    {"cidr", "CidrBlock"},
    {"cidr-block", "CidrBlock"},
    {"cidrBlock", "CidrBlock"},
    {"state", "State"},
    {"availability-zone", "AvailabilityZone"},
    {"availabilityZone", "AvailabilityZone"},
    {"availability-zone-id", "AvailabilityZoneId"},
    {"available-ip-address-count", "AvailableIpAddressCount"},
    {"default-for-az", "DefaultForAz"},
    {"defaultForAz", "DefaultForAz"},
    {"map-public-ip-on-launch", "MapPublicIpOnLaunch"},
    {"owner-id", "OwnerId"},
}};

// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
constexpr int kLargestSubnet = 16;
constexpr int kSmallestSubnet = 28;

// The zone that a call names by name or id, or the first. Error: InvalidParameterValue.
Result<std::string> zone_of(const Caller& caller, const CreateSubnetRequest& input) {
  const auto zones = zones_of(caller.region);
  if (!input.availability_zone && !input.availability_zone_id) return zones.front().name;
  std::string names;
  for (const Zone& zone : zones) {
    if (input.availability_zone == zone.name || input.availability_zone_id == zone.id)
      return zone.name;
    names += (names.empty() ? "" : ", ") + zone.name;
  }
  return Error("InvalidParameterValue",
               fmt::format("Value ({}) for parameter availabilityZone is invalid. Subnets can "
                           "currently only be created in the following availability zones: {}.",
                           input.availability_zone.value_or(*input.availability_zone_id), names));
}

// Errors: InvalidSubnet.Range, InvalidSubnet.Conflict.
Status check_range(const Draft& draft, const Vpc& vpc, const Cidr& range, const std::string& text) {
  TARN_TRY(const Cidr whole, Cidr::parse(*vpc.cidr_block, "cidrBlock"));
  if (range.bits < kLargestSubnet || range.bits > kSmallestSubnet || !whole.contains(range))
    return Error("InvalidSubnet.Range", fmt::format("The CIDR '{}' is invalid.", text));
  for (const Entry<Subnet>& other : draft.all<Subnet>()) {
    if (other->vpc_id != vpc.vpc_id) continue;
    TARN_TRY(const Cidr taken, Cidr::parse(*other->cidr_block, "cidrBlock"));
    if (!taken.overlaps(range)) continue;
    return Error("InvalidSubnet.Conflict",
                 fmt::format("The CIDR '{}' conflicts with another subnet", text));
  }
  return {};
}

bool has(const std::optional<std::vector<std::string>>& all, const std::string& one) {
  return all && std::find(all->begin(), all->end(), one) != all->end();
}

bool is_subnet_in_use(const Draft& draft, const std::string& subnet_id) {
  const auto is_gateway_here = [&](const NatGateway& gateway) {
    return gateway.subnet_id == subnet_id && gateway.state != "deleted";
  };
  const auto is_endpoint_here = [&](const VpcEndpoint& endpoint) {
    return has(endpoint.subnet_ids, subnet_id);
  };
  return draft.any<NatGateway>(is_gateway_here) || draft.any<VpcEndpoint>(is_endpoint_here);
}

// Route tables forget a subnet that goes.
void disassociate(Draft& draft, const std::string& subnet_id) {
  for (const Entry<RouteTable>& table : draft.all<RouteTable>()) {
    if (!table->associations) continue;
    RouteTable without = *table;
    const auto removed = std::erase_if(
        *without.associations, [&](const auto& each) { return each.subnet_id == subnet_id; });
    if (removed > 0) draft.put(std::move(without));
  }
}

}  // namespace

Task<Result<CreateSubnetResult>> handle(CreateSubnet /*tag*/, Ec2& ec2, const Caller& caller,
                                        CreateSubnetRequest input) {
  TARN_CO_CHECK(refuse({{"Ipv6CidrBlock", input.ipv6_cidr_block.has_value()},
                        {"Ipv6Native", input.ipv6_native.value_or(false)},
                        {"OutpostArn", input.outpost_arn.has_value()},
                        {"Ipv4IpamPoolId", input.ipv4_ipam_pool_id.has_value()}}));
  TARN_CO_TRY(const std::string text, required(input.cidr_block, "CidrBlock"));
  TARN_CO_TRY(const Cidr range, Cidr::parse(text, "cidrBlock"));
  TARN_CO_TRY(const std::string zone, zone_of(caller, input));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "subnet"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateSubnetResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    TARN_CHECK(check_range(draft, vpc, range, text));
    Subnet subnet = make_subnet(ec2, caller, vpc, range, zone);
    subnet.tags = tags;
    draft.put(subnet);
    out.subnet = std::move(subnet);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  co_return out;
}

Task<Result<DescribeSubnetsResult>> handle(DescribeSubnets /*tag*/, Ec2& ec2, const Caller& caller,
                                           DescribeSubnetsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<Subnet>(caller.region)), input.subnet_ids,
                               input.filters, kSubnetFilters));
  DescribeSubnetsResult out;
  TARN_CO_TRY(out.subnets,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteSubnet /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteSubnetRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const Subnet subnet, draft.get<Subnet>(input.subnet_id));
    if (is_subnet_in_use(draft, input.subnet_id)) {
      return dependency(
          fmt::format("The subnet '{}' has dependencies and cannot be deleted.", input.subnet_id));
    }
    disassociate(draft, input.subnet_id);
    draft.remove(subnet);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(ModifySubnetAttribute /*tag*/, Ec2& ec2, const Caller& caller,
                                ModifySubnetAttributeRequest input) {
  TARN_CO_CHECK(refuse(
      {{"AssignIpv6AddressOnCreation", input.assign_ipv6_address_on_creation.has_value()},
       {"MapCustomerOwnedIpOnLaunch", input.map_customer_owned_ip_on_launch.has_value()},
       {"EnableDns64", input.enable_dns64.has_value()},
       {"PrivateDnsHostnameTypeOnLaunch", input.private_dns_hostname_type_on_launch.has_value()}}));
  const Network::Change modify = [&](Draft& draft) -> Status {
    TARN_TRY(Subnet subnet, draft.get<Subnet>(input.subnet_id));
    if (input.map_public_ip_on_launch)
      subnet.map_public_ip_on_launch = input.map_public_ip_on_launch->value;
    draft.put(std::move(subnet));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, modify));
  co_return wire::Unit();
}

}  // namespace tarn::ec2
