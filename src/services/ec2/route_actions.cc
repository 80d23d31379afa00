// CreateRoute, ReplaceRoute, DeleteRoute.
#include <algorithm>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/cidr.h"
#include "services/ec2/routes.h"

namespace tarn::ec2 {
namespace {

bool is_attached_to(const InternetGateway& gateway, const std::optional<std::string>& vpc_id) {
  return gateway.attachments && !gateway.attachments->empty() &&
         gateway.attachments->front().vpc_id == vpc_id;
}

template <class Request>
Status refuse_targets(const Request& input) {
  return refuse({{"DestinationIpv6CidrBlock", input.destination_ipv6_cidr_block.has_value()},
                 {"DestinationPrefixListId", input.destination_prefix_list_id.has_value()},
                 {"VpcEndpointId", input.vpc_endpoint_id.has_value()},
                 {"TransitGatewayId", input.transit_gateway_id.has_value()},
                 {"LocalGatewayId", input.local_gateway_id.has_value()},
                 {"CarrierGatewayId", input.carrier_gateway_id.has_value()},
                 {"EgressOnlyInternetGatewayId", input.egress_only_internet_gateway_id.has_value()},
                 {"InstanceId", input.instance_id.has_value()},
                 {"NetworkInterfaceId", input.network_interface_id.has_value()},
                 {"VpcPeeringConnectionId", input.vpc_peering_connection_id.has_value()}});
}

// The route that the call asks for. Errors: MissingParameter, InvalidParameterValue,
// InvalidParameterCombination, not_found(), InvalidParameterValue (of another VPC).
template <class Request>
Result<Route> route_of(const Draft& draft, const RouteTable& table, const Request& input) {
  TARN_TRY(const std::string text, required(input.destination_cidr_block, "destinationCidrBlock"));
  TARN_TRY(const Cidr destination, Cidr::parse(text, "destinationCidrBlock"));
  if (input.gateway_id.has_value() == input.nat_gateway_id.has_value()) {
    return Error("InvalidParameterCombination",
                 "The request must contain exactly one of gatewayId and natGatewayId");
  }
  Route out;
  out.destination_cidr_block = destination.text();
  out.origin = "CreateRoute";
  out.state = "active";
  if (input.nat_gateway_id) {
    TARN_TRY(const NatGateway gateway, draft.get<NatGateway>(*input.nat_gateway_id));
    if (gateway.state == "deleted") return not_found<NatGateway>(*input.nat_gateway_id);
    out.nat_gateway_id = gateway.nat_gateway_id;
    return out;
  }
  TARN_TRY(const InternetGateway gateway, draft.get<InternetGateway>(*input.gateway_id));
  if (!is_attached_to(gateway, table.vpc_id)) {
    return Error("InvalidParameterValue",
                 fmt::format("route table {} and network gateway {} belong to different networks",
                             *table.route_table_id, *input.gateway_id));
  }
  out.gateway_id = gateway.internet_gateway_id;
  return out;
}

// The place of the route to a destination; the end where there is none.
auto place_of_route(std::vector<Route>& routes, const std::optional<std::string>& destination) {
  return std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    return route.destination_cidr_block == destination;
  });
}

Error no_such_route(const RouteTable& table, const std::optional<std::string>& destination) {
  return {"InvalidRoute.NotFound",
          fmt::format("no route with destination-cidr-block {} in route table {}",
                      destination.value_or(""), *table.route_table_id)};
}

bool is_local(const Route& route) {
  return route.gateway_id == "local";
}

}  // namespace

Route local_route(const std::string& range) {
  Route out;
  out.destination_cidr_block = range;
  out.gateway_id = "local";
  out.origin = "CreateRouteTable";
  out.state = "active";
  return out;
}

void show_states(const Network& network, const std::string& region, RouteTable& table) {
  if (!table.routes) return;
  for (Route& route : *table.routes) {
    bool is_there = true;
    if (route.nat_gateway_id) {
      const auto gateway = network.find<NatGateway>(region, *route.nat_gateway_id);
      is_there = gateway && gateway->state != "deleted";
    } else if (route.gateway_id && route.gateway_id->starts_with("igw-")) {
      const auto gateway = network.find<InternetGateway>(region, *route.gateway_id);
      is_there = gateway && is_attached_to(*gateway, table.vpc_id);
    }
    route.state = is_there ? "active" : "blackhole";
  }
}

Task<Result<CreateRouteResult>> handle(CreateRoute /*tag*/, Ec2& ec2, const Caller& caller,
                                       CreateRouteRequest input) {
  TARN_CO_CHECK(refuse_targets(input));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change add = [&](Draft& draft) -> Status {
    TARN_TRY(RouteTable table, draft.get<RouteTable>(input.route_table_id));
    TARN_TRY(Route route, route_of(draft, table, input));
    if (place_of_route(*table.routes, route.destination_cidr_block) != table.routes->end()) {
      return Error("RouteAlreadyExists", fmt::format("The route identified by {} already exists.",
                                                     *route.destination_cidr_block));
    }
    table.routes->push_back(std::move(route));
    draft.put(std::move(table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, add));
  CreateRouteResult out;
  out.return_ = true;
  co_return out;
}

Task<Result<wire::Unit>> handle(ReplaceRoute /*tag*/, Ec2& ec2, const Caller& caller,
                                ReplaceRouteRequest input) {
  TARN_CO_CHECK(refuse_targets(input));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change replace = [&](Draft& draft) -> Status {
    TARN_TRY(RouteTable table, draft.get<RouteTable>(input.route_table_id));
    TARN_TRY(Route route, route_of(draft, table, input));
    const auto place = place_of_route(*table.routes, route.destination_cidr_block);
    if (place == table.routes->end()) return no_such_route(table, route.destination_cidr_block);
    *place = std::move(route);
    draft.put(std::move(table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, replace));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteRoute /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteRouteRequest input) {
  TARN_CO_CHECK(
      refuse({{"DestinationIpv6CidrBlock", input.destination_ipv6_cidr_block.has_value()},
              {"DestinationPrefixListId", input.destination_prefix_list_id.has_value()}}));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(RouteTable table, draft.get<RouteTable>(input.route_table_id));
    const auto place = place_of_route(*table.routes, input.destination_cidr_block);
    if (place == table.routes->end()) return no_such_route(table, input.destination_cidr_block);
    if (is_local(*place)) {
      return Error("InvalidParameterValue",
                   fmt::format("cannot remove local route {} in route table {}",
                               *place->destination_cidr_block, input.route_table_id));
    }
    table.routes->erase(place);
    draft.put(std::move(table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

}  // namespace tarn::ec2
