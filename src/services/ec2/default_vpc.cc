#include "services/ec2/default_vpc.h"

#include <utility>

#include "services/ec2/zones.h"

namespace tarn::ec2 {
namespace {

constexpr Cidr kDefaultRange{0xAC1F0000, 16};  // 172.31.0.0
constexpr int kDefaultSubnetBits = 20;
// Of every subnet: the network's own, the router's, the DNS server's, one kept back, the last one.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
constexpr int kKeptAddresses = 5;

Route route_to(const std::string& destination, const std::string& gateway, const char* origin) {
  Route out;
  out.destination_cidr_block = destination;
  out.gateway_id = gateway;
  out.origin = origin;
  out.state = "active";
  return out;
}

void make_main_route_table(Ec2& ec2, const Caller& caller, const Vpc& vpc, Draft& draft) {
  RouteTable table;
  table.route_table_id = new_id(ec2, "rtb");
  table.vpc_id = vpc.vpc_id;
  table.owner_id = caller.account_id;
  table.routes = {route_to(*vpc.cidr_block, "local", "CreateRouteTable")};
  RouteTableAssociation main;
  main.main = true;
  main.route_table_association_id = new_id(ec2, "rtbassoc");
  main.route_table_id = table.route_table_id;
  main.association_state.emplace();
  main.association_state->state = "associated";
  table.associations = {std::move(main)};
  draft.put(std::move(table));
}

}  // namespace

SecurityGroup make_group(Ec2& ec2, const Caller& caller, const std::string& vpc_id,
                         const std::string& name, const std::string& description, Draft& draft) {
  SecurityGroup group;
  group.group_id = new_id(ec2, "sg");
  group.group_name = name;
  group.description = description;
  group.vpc_id = vpc_id;
  group.owner_id = caller.account_id;
  group.security_group_arn = arn_of(caller, "security-group", *group.group_id);
  SecurityGroupRule out;
  out.security_group_rule_id = new_id(ec2, "sgr");
  out.group_id = group.group_id;
  out.group_owner_id = caller.account_id;
  out.is_egress = true;
  out.ip_protocol = "-1";
  out.from_port = -1;
  out.to_port = -1;
  out.cidr_ipv4 = "0.0.0.0/0";
  draft.put(std::move(out));
  draft.put(group);
  return group;
}

Vpc make_vpc(Ec2& ec2, const Caller& caller, const Cidr& range, Draft& draft) {
  Vpc vpc;
  vpc.vpc_id = new_id(ec2, "vpc");
  vpc.owner_id = caller.account_id;
  vpc.cidr_block = range.text();
  vpc.state = "available";
  vpc.instance_tenancy = "default";
  vpc.is_default = false;
  vpc.dhcp_options_id = "default";
  VpcCidrBlockAssociation association;
  association.association_id = new_id(ec2, "vpc-cidr-assoc");
  association.cidr_block = vpc.cidr_block;
  association.cidr_block_state.emplace();
  association.cidr_block_state->state = "associated";
  vpc.cidr_block_association_set = {std::move(association)};
  make_main_route_table(ec2, caller, vpc, draft);
  const SecurityGroup group =
      make_group(ec2, caller, *vpc.vpc_id, "default", "default VPC security group", draft);
  SecurityGroupRule among;
  among.security_group_rule_id = new_id(ec2, "sgr");
  among.group_id = group.group_id;
  among.group_owner_id = caller.account_id;
  among.is_egress = false;
  among.ip_protocol = "-1";
  among.from_port = -1;
  among.to_port = -1;
  among.referenced_group_info.emplace();
  among.referenced_group_info->group_id = group.group_id;
  among.referenced_group_info->user_id = caller.account_id;
  draft.put(std::move(among));
  draft.put(vpc);
  return vpc;
}

Subnet make_subnet(Ec2& ec2, const Caller& caller, const Vpc& vpc, const Cidr& range,
                   const std::string& zone) {
  Subnet subnet;
  subnet.subnet_id = new_id(ec2, "subnet");
  subnet.subnet_arn = arn_of(caller, "subnet", *subnet.subnet_id);
  subnet.vpc_id = vpc.vpc_id;
  subnet.owner_id = caller.account_id;
  subnet.cidr_block = range.text();
  subnet.state = "available";
  subnet.available_ip_address_count = static_cast<std::int32_t>(range.size()) - kKeptAddresses;
  subnet.availability_zone = zone;
  for (const Zone& each : zones_of(caller.region)) {
    if (each.name == zone) subnet.availability_zone_id = each.id;
  }
  subnet.default_for_az = false;
  subnet.map_public_ip_on_launch = false;
  subnet.assign_ipv6_address_on_creation = false;
  return subnet;
}

Status make_default_vpc(Ec2& ec2, const Caller& caller, Draft& draft) {
  Vpc vpc = make_vpc(ec2, caller, kDefaultRange, draft);
  vpc.is_default = true;
  std::uint32_t first = kDefaultRange.first;
  for (const Zone& zone : zones_of(caller.region)) {
    const Cidr range{first, kDefaultSubnetBits};
    Subnet subnet = make_subnet(ec2, caller, vpc, range, zone.name);
    subnet.default_for_az = true;
    subnet.map_public_ip_on_launch = true;
    draft.put(std::move(subnet));
    first += static_cast<std::uint32_t>(range.size());
  }
  InternetGateway gateway;
  gateway.internet_gateway_id = new_id(ec2, "igw");
  gateway.owner_id = caller.account_id;
  InternetGatewayAttachment attachment;
  attachment.vpc_id = vpc.vpc_id;
  attachment.state = "available";
  gateway.attachments = {std::move(attachment)};
  if (const Entry<RouteTable> main = main_route_table(draft, *vpc.vpc_id)) {
    RouteTable table = *main;
    table.routes->push_back(route_to("0.0.0.0/0", *gateway.internet_gateway_id, "CreateRoute"));
    draft.put(std::move(table));
  }
  draft.put(std::move(gateway));
  draft.put(std::move(vpc));
  return {};
}

Entry<Vpc> default_vpc(const Draft& draft) {
  for (const Entry<Vpc>& vpc : draft.all<Vpc>()) {
    if (vpc->is_default.value_or(false)) return vpc;
  }
  return nullptr;
}

Entry<RouteTable> main_route_table(const Draft& draft, const std::string& vpc_id) {
  for (const Entry<RouteTable>& table : draft.all<RouteTable>()) {
    if (table->vpc_id != vpc_id || !table->associations) continue;
    for (const RouteTableAssociation& each : *table->associations) {
      if (each.main.value_or(false)) return table;
    }
  }
  return nullptr;
}

}  // namespace tarn::ec2
