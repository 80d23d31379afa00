// CreateInternetGateway, DescribeInternetGateways, DeleteInternetGateway, AttachInternetGateway,
// DetachInternetGateway.
#include <array>
#include <utility>

#include "services/ec2/actions.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 4> kInternetGatewayFilters = {{
    {"internet-gateway-id", "InternetGatewayId"},
    {"attachment.vpc-id", "Attachments[].VpcId"},
    {"attachment.state", "Attachments[].State"},
    {"owner-id", "OwnerId"},
}};

bool is_attached(const InternetGateway& gateway) {
  return gateway.attachments && !gateway.attachments->empty();
}

}  // namespace

Task<Result<CreateInternetGatewayResult>> handle(CreateInternetGateway /*tag*/, Ec2& ec2,
                                                 const Caller& caller,
                                                 CreateInternetGatewayRequest input) {
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "internet-gateway"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  InternetGateway gateway;
  gateway.internet_gateway_id = new_id(ec2, "igw");
  gateway.owner_id = caller.account_id;
  gateway.attachments.emplace();
  gateway.tags = tags;
  const Network::Change make = [&](Draft& draft) -> Status {
    draft.put(gateway);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  CreateInternetGatewayResult out;
  out.internet_gateway = std::move(gateway);
  co_return out;
}

Task<Result<DescribeInternetGatewaysResult>> handle(DescribeInternetGateways /*tag*/, Ec2& ec2,
                                                    const Caller& caller,
                                                    DescribeInternetGatewaysRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<InternetGateway>(caller.region)),
                               input.internet_gateway_ids, input.filters, kInternetGatewayFilters));
  DescribeInternetGatewaysResult out;
  TARN_CO_TRY(out.internet_gateways,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteInternetGateway /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteInternetGatewayRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const InternetGateway gateway, draft.get<InternetGateway>(input.internet_gateway_id));
    if (is_attached(gateway)) {
      return dependency(fmt::format(
          "The internetGateway '{}' has dependencies and cannot be deleted. Detach it from {} "
          "first.",
          input.internet_gateway_id, gateway.attachments->front().vpc_id.value_or("its VPC")));
    }
    draft.remove(gateway);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(AttachInternetGateway /*tag*/, Ec2& ec2, const Caller& caller,
                                AttachInternetGatewayRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change attach = [&](Draft& draft) -> Status {
    TARN_TRY(InternetGateway gateway, draft.get<InternetGateway>(input.internet_gateway_id));
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    if (is_attached(gateway)) {
      return Error(
          "Resource.AlreadyAssociated",
          fmt::format("resource {} is already attached to network {}", input.internet_gateway_id,
                      gateway.attachments->front().vpc_id.value_or("")));
    }
    const auto is_here = [&](const InternetGateway& other) {
      return is_attached(other) && other.attachments->front().vpc_id == input.vpc_id;
    };
    if (draft.any<InternetGateway>(is_here)) {
      return Error(
          "InvalidParameterValue",
          fmt::format("Network {} already has an internet gateway attached", input.vpc_id));
    }
    InternetGatewayAttachment attachment;
    attachment.vpc_id = vpc.vpc_id;
    attachment.state = "available";
    gateway.attachments = {std::move(attachment)};
    draft.put(std::move(gateway));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, attach));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DetachInternetGateway /*tag*/, Ec2& ec2, const Caller& caller,
                                DetachInternetGatewayRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change detach = [&](Draft& draft) -> Status {
    TARN_TRY(InternetGateway gateway, draft.get<InternetGateway>(input.internet_gateway_id));
    if (!is_attached(gateway) || gateway.attachments->front().vpc_id != input.vpc_id) {
      return Error("Gateway.NotAttached", fmt::format("resource {} is not attached to network {}",
                                                      input.internet_gateway_id, input.vpc_id));
    }
    // A public NAT gateway works by it.
    const auto needs_it = [&](const NatGateway& nat) {
      return nat.vpc_id == input.vpc_id && nat.state != "deleted" &&
             nat.connectivity_type != "private";
    };
    if (draft.any<NatGateway>(needs_it)) {
      return dependency(fmt::format(
          "Network {} has some mapped public address(es). Please unmap those public address(es) "
          "before detaching the gateway.",
          input.vpc_id));
    }
    gateway.attachments->clear();
    draft.put(std::move(gateway));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, detach));
  co_return wire::Unit();
}

}  // namespace tarn::ec2
