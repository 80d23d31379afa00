// CreateNatGateway, DescribeNatGateways, DeleteNatGateway.
#include <array>
#include <chrono>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/cidr.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 5> kNatGatewayFilters = {{
    {"nat-gateway-id", "NatGatewayId"},
    {"state", "State"},
    {"subnet-id", "SubnetId"},
    {"vpc-id", "VpcId"},
    {"connectivity-type", "ConnectivityType"},
}};

// How long one that was deleted is told of
// (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html).
constexpr std::chrono::hours kDeletedShown{1};
// Of a subnet: before them come the addresses that AWS keeps back.
constexpr std::uint32_t kFirstAddress = 4;

// The first address of the subnet that no NAT gateway has. Error:
// InsufficientFreeAddressesInSubnet.
Result<std::string> free_address(const Draft& draft, const Subnet& subnet) {
  TARN_TRY(const Cidr range, Cidr::parse(*subnet.cidr_block, "cidrBlock"));
  for (std::uint32_t i = kFirstAddress; i + 1 < range.size(); ++i) {
    const std::string address = address_text(range.first + i);
    const auto has_it = [&](const NatGateway& gateway) {
      return gateway.subnet_id == subnet.subnet_id && gateway.state != "deleted" &&
             gateway.nat_gateway_addresses->front().private_ip == address;
    };
    if (!draft.any<NatGateway>(has_it)) return address;
  }
  return Error("InsufficientFreeAddressesInSubnet",
               fmt::format("The subnet {} has no free address.", *subnet.subnet_id));
}

// Gives the address to the gateway. Errors: not_found(), Resource.AlreadyAssociated.
Result<Address> take_address(Ec2& ec2, const Caller& caller, Draft& draft, const std::string& id,
                             const NatGatewayAddress& at) {
  TARN_TRY(Address address, draft.get<Address>(id));
  if (address.association_id) {
    return Error("Resource.AlreadyAssociated",
                 fmt::format("Elastic IP address [{}] is already associated", id));
  }
  address.association_id = new_id(ec2, "eipassoc");
  address.network_interface_id = at.network_interface_id;
  address.network_interface_owner_id = caller.account_id;
  address.private_ip_address = at.private_ip;
  draft.put(address);
  return address;
}

}  // namespace

Task<Result<CreateNatGatewayResult>> handle(CreateNatGateway /*tag*/, Ec2& ec2,
                                            const Caller& caller, CreateNatGatewayRequest input) {
  TARN_CO_CHECK(
      refuse({{"AvailabilityMode",
               input.availability_mode.has_value() && input.availability_mode != "zonal"},
              {"SecondaryAllocationIds", input.secondary_allocation_ids.has_value()},
              {"SecondaryPrivateIpAddresses", input.secondary_private_ip_addresses.has_value()},
              {"PrivateIpAddress", input.private_ip_address.has_value()}}));
  TARN_CO_TRY(const std::string subnet_id, required(input.subnet_id, "SubnetId"));
  const bool is_private = input.connectivity_type == "private";
  if (!is_private) {
    TARN_CO_CHECK(required(input.allocation_id, "AllocationId"));
  }
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "natgateway"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateNatGatewayResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    TARN_TRY(const Subnet subnet, draft.get<Subnet>(subnet_id));
    NatGateway gateway;
    gateway.nat_gateway_id = new_id(ec2, "nat");
    gateway.subnet_id = subnet.subnet_id;
    gateway.vpc_id = subnet.vpc_id;
    gateway.state = "available";
    gateway.connectivity_type = is_private ? "private" : "public";
    gateway.create_time = ec2.platform.clock.now();
    gateway.tags = tags;
    NatGatewayAddress at;
    at.network_interface_id = new_id(ec2, "eni");
    TARN_TRY(at.private_ip, free_address(draft, subnet));
    at.is_primary = true;
    at.status = "succeeded";
    if (!is_private) {
      TARN_TRY(const Address address, take_address(ec2, caller, draft, *input.allocation_id, at));
      at.allocation_id = address.allocation_id;
      at.association_id = address.association_id;
      at.public_ip = address.public_ip;
    }
    gateway.nat_gateway_addresses = {std::move(at)};
    draft.put(gateway);
    out.nat_gateway = std::move(gateway);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  out.client_token = input.client_token;
  co_return out;
}

Task<Result<DescribeNatGatewaysResult>> handle(DescribeNatGateways /*tag*/, Ec2& ec2,
                                               const Caller& caller,
                                               DescribeNatGatewaysRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  auto shown = copies(ec2.network.all<NatGateway>(caller.region));
  const Timestamp now = ec2.platform.clock.now();
  std::erase_if(shown, [&](const NatGateway& gateway) {
    return gateway.delete_time && *gateway.delete_time + kDeletedShown < now;
  });
  TARN_CO_TRY(auto all,
              select(std::move(shown), input.nat_gateway_ids, input.filter, kNatGatewayFilters));
  DescribeNatGatewaysResult out;
  TARN_CO_TRY(out.nat_gateways,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<DeleteNatGatewayResult>> handle(DeleteNatGateway /*tag*/, Ec2& ec2,
                                            const Caller& caller, DeleteNatGatewayRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(NatGateway gateway, draft.get<NatGateway>(input.nat_gateway_id));
    if (gateway.state == "deleted") return {};
    if (const auto& id = gateway.nat_gateway_addresses->front().allocation_id) {
      TARN_TRY(Address address, draft.get<Address>(*id));
      address.association_id.reset();
      address.network_interface_id.reset();
      address.network_interface_owner_id.reset();
      address.private_ip_address.reset();
      draft.put(std::move(address));
    }
    gateway.state = "deleted";
    gateway.delete_time = ec2.platform.clock.now();
    draft.put(std::move(gateway));
    // Nobody is told any more of those that went long ago.
    for (const auto& old : draft.all<NatGateway>()) {
      if (old->delete_time && *old->delete_time + kDeletedShown < ec2.platform.clock.now())
        draft.remove(*old);
    }
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  DeleteNatGatewayResult out;
  out.nat_gateway_id = input.nat_gateway_id;
  co_return out;
}

}  // namespace tarn::ec2
