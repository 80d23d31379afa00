// CreateVpcEndpoint, DescribeVpcEndpoints, DeleteVpcEndpoints.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 5> kEndpointFilters = {{
    {"vpc-endpoint-id", "VpcEndpointId"},
    {"vpc-id", "VpcId"},
    {"service-name", "ServiceName"},
    {"vpc-endpoint-type", "VpcEndpointType"},
    {"vpc-endpoint-state", "State"},
}};

// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
constexpr const char* kOpenPolicy =
    R"({"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";

// Services with gateway endpoints.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
bool has_gateway(const Caller& caller, std::string_view service) {
  return service == fmt::format("com.amazonaws.{}.s3", caller.region) ||
         service == fmt::format("com.amazonaws.{}.dynamodb", caller.region);
}

// Errors: InvalidServiceName, InvalidParameter.
Status check_service(const Caller& caller, const CreateVpcEndpointRequest& input,
                     const std::string& service, const std::string& type) {
  if (!service.starts_with(fmt::format("com.amazonaws.{}.", caller.region))) {
    return Error("InvalidServiceName",
                 fmt::format("The Vpc Endpoint Service '{}' does not exist", service));
  }
  if (type != "Gateway" && type != "Interface") {
    return Error("NotImplemented",
                 fmt::format("VpcEndpointType {} is not implemented by this version of tarn. Use "
                             "Gateway or Interface.",
                             type),
                 501);
  }
  if (type == "Gateway" && !has_gateway(caller, service)) {
    return Error("InvalidParameter",
                 fmt::format("Endpoint type (Gateway) does not match available service types "
                             "([Interface]) of {}.",
                             service));
  }
  if (type == "Gateway" && input.subnet_ids && !input.subnet_ids->empty())
    return Error("InvalidParameter", "Subnets are for endpoints of type Interface.");
  return {};
}

// Checks what the endpoint names and notes the groups' names. Errors: not_found().
Status fill_endpoint(const Draft& draft, const CreateVpcEndpointRequest& input,
                     VpcEndpoint& endpoint) {
  using Ids = std::vector<std::string>;
  endpoint.route_table_ids = input.route_table_ids.value_or(Ids());
  endpoint.subnet_ids = input.subnet_ids.value_or(Ids());
  endpoint.groups.emplace();
  for (const std::string& id : *endpoint.route_table_ids) TARN_CHECK(draft.get<RouteTable>(id));
  for (const std::string& id : *endpoint.subnet_ids) TARN_CHECK(draft.get<Subnet>(id));
  for (const std::string& id : input.security_group_ids.value_or(Ids())) {
    TARN_TRY(const SecurityGroup group, draft.get<SecurityGroup>(id));
    SecurityGroupIdentifier& named = endpoint.groups->emplace_back();
    named.group_id = group.group_id;
    named.group_name = group.group_name;
  }
  return {};
}

}  // namespace

Task<Result<CreateVpcEndpointResult>> handle(CreateVpcEndpoint /*tag*/, Ec2& ec2,
                                             const Caller& caller, CreateVpcEndpointRequest input) {
  TARN_CO_CHECK(refuse({{"ServiceNetworkArn", input.service_network_arn.has_value()},
                        {"ResourceConfigurationArn", input.resource_configuration_arn.has_value()},
                        {"ServiceRegion", input.service_region.has_value()},
                        {"SubnetConfigurations", input.subnet_configurations.has_value()}}));
  TARN_CO_TRY(const std::string service, required(input.service_name, "ServiceName"));
  const std::string type = input.vpc_endpoint_type.value_or("Gateway");
  TARN_CO_CHECK(check_service(caller, input, service, type));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "vpc-endpoint"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateVpcEndpointResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    VpcEndpoint endpoint;
    endpoint.vpc_endpoint_id = new_id(ec2, "vpce");
    endpoint.vpc_endpoint_type = type;
    endpoint.vpc_id = vpc.vpc_id;
    endpoint.service_name = service;
    endpoint.state = "available";
    endpoint.policy_document = input.policy_document.value_or(kOpenPolicy);
    endpoint.private_dns_enabled = input.private_dns_enabled.value_or(type == "Interface");
    endpoint.requester_managed = false;
    endpoint.creation_timestamp = ec2.platform.clock.now();
    endpoint.owner_id = caller.account_id;
    endpoint.tags = tags;
    TARN_CHECK(fill_endpoint(draft, input, endpoint));
    draft.put(endpoint);
    out.vpc_endpoint = std::move(endpoint);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  out.client_token = input.client_token;
  co_return out;
}

Task<Result<DescribeVpcEndpointsResult>> handle(DescribeVpcEndpoints /*tag*/, Ec2& ec2,
                                                const Caller& caller,
                                                DescribeVpcEndpointsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<VpcEndpoint>(caller.region)),
                               input.vpc_endpoint_ids, input.filters, kEndpointFilters));
  DescribeVpcEndpointsResult out;
  TARN_CO_TRY(out.vpc_endpoints,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<DeleteVpcEndpointsResult>> handle(DeleteVpcEndpoints /*tag*/, Ec2& ec2,
                                              const Caller& caller,
                                              DeleteVpcEndpointsRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  DeleteVpcEndpointsResult out;
  out.unsuccessful.emplace();
  const Network::Change remove = [&](Draft& draft) -> Status {
    for (const std::string& id : input.vpc_endpoint_ids) {
      const auto found = draft.find<VpcEndpoint>(id);
      if (found) {
        draft.remove(*found);
        continue;
      }
      const Error missing = not_found<VpcEndpoint>(id);
      UnsuccessfulItem& item = out.unsuccessful->emplace_back();
      item.resource_id = id;
      item.error.emplace();
      item.error->code = missing.code;
      item.error->message = missing.message;
    }
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return out;
}

}  // namespace tarn::ec2
