// AllocateAddress, DescribeAddresses, ReleaseAddress.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/cidr.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 7> kAddressFilters = {{
    {"allocation-id", "AllocationId"},
    {"association-id", "AssociationId"},
    {"public-ip", "PublicIp"},
    {"private-ip-address", "PrivateIpAddress"},
    {"network-interface-id", "NetworkInterfaceId"},
    {"domain", "Domain"},
    {"network-border-group", "NetworkBorderGroup"},
}};

// For benchmarks of devices, so nobody's on the internet: RFC 2544 appendix C.2.2.
constexpr Cidr kPublicRange{0xC6120000, 15};

// One that nobody has. Error: AddressLimitExceeded.
Result<std::string> free_public_address(Ec2& ec2, const Draft& draft) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    std::uint32_t offset = 0;
    const std::string digits = ec2.platform.random.text(5, "0123456789");
    std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    const std::string address = address_text(kPublicRange.first + 1 + offset);
    const auto has_it = [&](const Address& each) {
      return each.public_ip == address;
    };
    if (!draft.any<Address>(has_it)) return address;
  }
  return Error("AddressLimitExceeded", "Too many addresses are allocated: release some.");
}

// By allocation id or by the address itself. Errors: not_found(), MissingParameter.
Result<Address> address_of(const Draft& draft, const ReleaseAddressRequest& input) {
  if (input.allocation_id) return draft.get<Address>(*input.allocation_id);
  TARN_TRY(const std::string ip, required(input.public_ip, "AllocationId"));
  for (const auto& each : draft.all<Address>()) {
    if (each->public_ip == ip) return *each;
  }
  return Error("InvalidAddress.NotFound", fmt::format("Address '{}' not found.", ip));
}

}  // namespace

Task<Result<AllocateAddressResult>> handle(AllocateAddress /*tag*/, Ec2& ec2, const Caller& caller,
                                           AllocateAddressRequest input) {
  TARN_CO_CHECK(refuse({{"Address", input.address.has_value()},
                        {"PublicIpv4Pool", input.public_ipv4_pool.has_value()},
                        {"CustomerOwnedIpv4Pool", input.customer_owned_ipv4_pool.has_value()},
                        {"IpamPoolId", input.ipam_pool_id.has_value()},
                        {"Domain standard", input.domain == "standard"}}));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "elastic-ip"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  AllocateAddressResult out;
  const Network::Change allocate = [&](Draft& draft) -> Status {
    Address address;
    TARN_TRY(address.public_ip, free_public_address(ec2, draft));
    address.allocation_id = new_id(ec2, "eipalloc");
    address.domain = "vpc";
    address.public_ipv4_pool = "amazon";
    address.network_border_group = caller.region;
    address.tags = tags;
    out.allocation_id = address.allocation_id;
    out.public_ip = address.public_ip;
    out.domain = address.domain;
    out.public_ipv4_pool = address.public_ipv4_pool;
    out.network_border_group = address.network_border_group;
    draft.put(std::move(address));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, allocate));
  co_return out;
}

Task<Result<DescribeAddressesResult>> handle(DescribeAddresses /*tag*/, Ec2& ec2,
                                             const Caller& caller, DescribeAddressesRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<Address>(caller.region)),
                               input.allocation_ids, input.filters, kAddressFilters));
  if (const auto ips = input.public_ips; ips && !ips->empty()) {
    std::erase_if(all, [&](const Address& address) {
      return std::find(ips->begin(), ips->end(), *address.public_ip) == ips->end();
    });
  }
  DescribeAddressesResult out;
  out.addresses = std::move(all);
  co_return out;
}

Task<Result<wire::Unit>> handle(ReleaseAddress /*tag*/, Ec2& ec2, const Caller& caller,
                                ReleaseAddressRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change release = [&](Draft& draft) -> Status {
    TARN_TRY(const Address address, address_of(draft, input));
    if (address.association_id) {
      return Error("InvalidIPAddress.InUse",
                   fmt::format("Address {} is in use.", address.public_ip.value_or("")));
    }
    draft.remove(address);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, release));
  co_return wire::Unit();
}

}  // namespace tarn::ec2
