// CreateVpc, DescribeVpcs, DeleteVpc, ModifyVpcAttribute, DescribeVpcAttribute.
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 10> kVpcFilters = {{
    {"vpc-id", "VpcId"},
    {"cidr", "CidrBlock"},
    {"cidrBlock", "CidrBlock"},
    {"cidr-block", "CidrBlock"},
    {"cidr-block-association.cidr-block", "CidrBlockAssociationSet[].CidrBlock"},
    {"state", "State"},
    {"is-default", "IsDefault"},
    {"isDefault", "IsDefault"},
    {"dhcp-options-id", "DhcpOptionsId"},
    {"owner-id", "OwnerId"},
}};

// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
constexpr int kLargest = 16;
constexpr int kSmallest = 28;

// What only the VPC's own parts may be: a default group and a main route table go with it.
bool is_in_use(const Draft& draft, const std::string& vpc_id) {
  const auto is_here = [&](const auto& each) {
    return each.vpc_id == vpc_id;
  };
  const auto is_attached = [&](const InternetGateway& gateway) {
    return gateway.attachments && !gateway.attachments->empty() &&
           gateway.attachments->front().vpc_id == vpc_id;
  };
  const auto is_own_group = [&](const SecurityGroup& group) {
    return is_here(group) && group.group_name != "default";
  };
  const Entry<RouteTable> main = main_route_table(draft, vpc_id);
  const auto is_own_table = [&](const RouteTable& table) {
    return is_here(table) && (!main || table.route_table_id != main->route_table_id);
  };
  const auto is_gateway_here = [&](const NatGateway& gateway) {
    return is_here(gateway) && gateway.state != "deleted";
  };
  return draft.any<Subnet>(is_here) || draft.any<InternetGateway>(is_attached) ||
         draft.any<SecurityGroup>(is_own_group) || draft.any<RouteTable>(is_own_table) ||
         draft.any<NatGateway>(is_gateway_here) || draft.any<VpcEndpoint>(is_here);
}

void remove_parts(Draft& draft, const std::string& vpc_id) {
  for (const auto& table : draft.all<RouteTable>()) {
    if (table->vpc_id == vpc_id) draft.remove(*table);
  }
  for (const auto& group : draft.all<SecurityGroup>()) {
    if (group->vpc_id != vpc_id) continue;
    for (const auto& rule : draft.all<SecurityGroupRule>()) {
      if (rule->group_id == group->group_id) draft.remove(*rule);
    }
    draft.remove(*group);
  }
}

// What a VPC has whose attributes nobody has changed
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html).
DescribeVpcAttributeResult usual_attributes(const Vpc& vpc) {
  DescribeVpcAttributeResult out;
  out.vpc_id = vpc.vpc_id;
  out.enable_dns_support.emplace().value = true;
  out.enable_dns_hostnames.emplace().value = vpc.is_default;
  return out;
}

}  // namespace

Task<Result<CreateVpcResult>> handle(CreateVpc /*tag*/, Ec2& ec2, const Caller& caller,
                                     CreateVpcRequest input) {
  TARN_CO_CHECK(refuse(
      {{"Ipv6CidrBlock", input.ipv6_cidr_block.has_value()},
       {"Ipv6Pool", input.ipv6_pool.has_value()},
       {"Ipv4IpamPoolId", input.ipv4_ipam_pool_id.has_value()},
       {"Ipv6IpamPoolId", input.ipv6_ipam_pool_id.has_value()},
       {"AmazonProvidedIpv6CidrBlock", input.amazon_provided_ipv6_cidr_block.value_or(false)}}));
  TARN_CO_TRY(const std::string text, required(input.cidr_block, "CidrBlock"));
  TARN_CO_TRY(const Cidr range, Cidr::parse(text, "cidrBlock"));
  if (range.bits < kLargest || range.bits > kSmallest)
    co_return Error("InvalidVpc.Range", fmt::format("The CIDR '{}' is invalid.", text));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "vpc"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateVpcResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    Vpc vpc = make_vpc(ec2, caller, range, draft);
    if (input.instance_tenancy) vpc.instance_tenancy = input.instance_tenancy;
    vpc.tags = tags;
    draft.put(vpc);
    out.vpc = std::move(vpc);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  co_return out;
}

Task<Result<DescribeVpcsResult>> handle(DescribeVpcs /*tag*/, Ec2& ec2, const Caller& caller,
                                        DescribeVpcsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<Vpc>(caller.region)), input.vpc_ids,
                               input.filters, kVpcFilters));
  DescribeVpcsResult out;
  TARN_CO_TRY(out.vpcs,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteVpc /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteVpcRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    if (is_in_use(draft, input.vpc_id)) {
      return dependency(
          fmt::format("The vpc '{}' has dependencies and cannot be deleted.", input.vpc_id));
    }
    remove_parts(draft, input.vpc_id);
    if (const auto attributes = draft.find<DescribeVpcAttributeResult>(input.vpc_id))
      draft.remove(*attributes);
    draft.remove(vpc);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(ModifyVpcAttribute /*tag*/, Ec2& ec2, const Caller& caller,
                                ModifyVpcAttributeRequest input) {
  TARN_CO_CHECK(refuse({{"EnableNetworkAddressUsageMetrics",
                         input.enable_network_address_usage_metrics.has_value()}}));
  const Network::Change modify = [&](Draft& draft) -> Status {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    const auto before = draft.find<DescribeVpcAttributeResult>(input.vpc_id);
    DescribeVpcAttributeResult attributes = before ? *before : usual_attributes(vpc);
    if (input.enable_dns_support) attributes.enable_dns_support = input.enable_dns_support;
    if (input.enable_dns_hostnames) attributes.enable_dns_hostnames = input.enable_dns_hostnames;
    draft.put(std::move(attributes));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, modify));
  co_return wire::Unit();
}

Task<Result<DescribeVpcAttributeResult>> handle(DescribeVpcAttribute /*tag*/, Ec2& ec2,
                                                const Caller& caller,
                                                DescribeVpcAttributeRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  const Entry<Vpc> vpc = ec2.network.find<Vpc>(caller.region, input.vpc_id);
  if (!vpc) co_return not_found<Vpc>(input.vpc_id);
  const auto kept = ec2.network.find<DescribeVpcAttributeResult>(caller.region, input.vpc_id);
  DescribeVpcAttributeResult out = kept ? *kept : usual_attributes(*vpc);
  if (input.attribute != "enableDnsSupport") out.enable_dns_support.reset();
  if (input.attribute != "enableDnsHostnames") out.enable_dns_hostnames.reset();
  co_return out;
}

}  // namespace tarn::ec2
