// CreateRouteTable, DescribeRouteTables, DeleteRouteTable, AssociateRouteTable,
// DisassociateRouteTable, ReplaceRouteTableAssociation.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"
#include "services/ec2/routes.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 12> kRouteTableFilters = {{
    {"route-table-id", "RouteTableId"},
    {"vpc-id", "VpcId"},
    {"owner-id", "OwnerId"},
    {"association.route-table-association-id", "Associations[].RouteTableAssociationId"},
    {"association.route-table-id", "Associations[].RouteTableId"},
    {"association.subnet-id", "Associations[].SubnetId"},
    {"association.main", "Associations[].Main"},
    {"route.destination-cidr-block", "Routes[].DestinationCidrBlock"},
    {"route.gateway-id", "Routes[].GatewayId"},
    {"route.nat-gateway-id", "Routes[].NatGatewayId"},
    {"route.origin", "Routes[].Origin"},
    {"route.state", "Routes[].State"},
}};

RouteTableAssociationState associated() {
  RouteTableAssociationState out;
  out.state = "associated";
  return out;
}

RouteTableAssociation association_of(Ec2& ec2, const RouteTable& table,
                                     const std::string& subnet_id) {
  RouteTableAssociation out;
  out.main = false;
  out.route_table_association_id = new_id(ec2, "rtbassoc");
  out.route_table_id = table.route_table_id;
  out.subnet_id = subnet_id;
  out.association_state = associated();
  return out;
}

// The table that holds the association, and where in it.
struct Held {
  RouteTable table;
  std::size_t place = 0;
};

// Error: InvalidAssociationID.NotFound.
Result<Held> association(const Draft& draft, const std::string& id) {
  for (const Entry<RouteTable>& table : draft.all<RouteTable>()) {
    const auto count = table->associations ? table->associations->size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
      if ((*table->associations)[i].route_table_association_id == id) return Held{*table, i};
    }
  }
  return Error("InvalidAssociationID.NotFound",
               fmt::format("The association ID '{}' does not exist", id));
}

bool has_association(const Draft& draft, const std::string& subnet_id) {
  return draft.any<RouteTable>([&](const RouteTable& table) {
    const auto& all = table.associations;
    return all && std::any_of(all->begin(), all->end(),
                              [&](const auto& each) { return each.subnet_id == subnet_id; });
  });
}

}  // namespace

Task<Result<CreateRouteTableResult>> handle(CreateRouteTable /*tag*/, Ec2& ec2,
                                            const Caller& caller, CreateRouteTableRequest input) {
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "route-table"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateRouteTableResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(input.vpc_id));
    RouteTable table;
    table.route_table_id = new_id(ec2, "rtb");
    table.vpc_id = vpc.vpc_id;
    table.owner_id = caller.account_id;
    table.routes = {local_route(*vpc.cidr_block)};
    table.associations.emplace();
    table.tags = tags;
    draft.put(table);
    out.route_table = std::move(table);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  co_return out;
}

Task<Result<DescribeRouteTablesResult>> handle(DescribeRouteTables /*tag*/, Ec2& ec2,
                                               const Caller& caller,
                                               DescribeRouteTablesRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  auto tables = copies(ec2.network.all<RouteTable>(caller.region));
  for (RouteTable& table : tables) show_states(ec2.network, caller.region, table);
  TARN_CO_TRY(auto all,
              select(std::move(tables), input.route_table_ids, input.filters, kRouteTableFilters));
  DescribeRouteTablesResult out;
  TARN_CO_TRY(out.route_tables,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteRouteTable /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteRouteTableRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const RouteTable table, draft.get<RouteTable>(input.route_table_id));
    const auto is_named = [&](const VpcEndpoint& endpoint) {
      const auto& ids = endpoint.route_table_ids;
      return ids && std::find(ids->begin(), ids->end(), input.route_table_id) != ids->end();
    };
    if ((table.associations && !table.associations->empty()) || draft.any<VpcEndpoint>(is_named)) {
      return dependency(fmt::format("The routeTable '{}' has dependencies and cannot be deleted.",
                                    input.route_table_id));
    }
    draft.remove(table);
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

Task<Result<AssociateRouteTableResult>> handle(AssociateRouteTable /*tag*/, Ec2& ec2,
                                               const Caller& caller,
                                               AssociateRouteTableRequest input) {
  TARN_CO_CHECK(refuse({{"GatewayId", input.gateway_id.has_value()},
                        {"PublicIpv4Pool", input.public_ipv4_pool.has_value()}}));
  TARN_CO_TRY(const std::string subnet_id, required(input.subnet_id, "subnetId"));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  AssociateRouteTableResult out;
  const Network::Change associate = [&](Draft& draft) -> Status {
    TARN_TRY(RouteTable table, draft.get<RouteTable>(input.route_table_id));
    TARN_TRY(const Subnet subnet, draft.get<Subnet>(subnet_id));
    if (subnet.vpc_id != table.vpc_id) {
      return Error("InvalidParameterValue",
                   fmt::format("Route table {} and subnet {} belong to different networks",
                               input.route_table_id, subnet_id));
    }
    if (has_association(draft, subnet_id)) {
      return Error("Resource.AlreadyAssociated",
                   fmt::format("the specified association for route table {} conflicts with an "
                               "existing association",
                               input.route_table_id));
    }
    RouteTableAssociation made = association_of(ec2, table, subnet_id);
    out.association_id = made.route_table_association_id;
    out.association_state = made.association_state;
    table.associations->push_back(std::move(made));
    draft.put(std::move(table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, associate));
  co_return out;
}

Task<Result<wire::Unit>> handle(DisassociateRouteTable /*tag*/, Ec2& ec2, const Caller& caller,
                                DisassociateRouteTableRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(Held held, association(draft, input.association_id));
    auto& all = *held.table.associations;
    if (all[held.place].main.value_or(false)) {
      return Error("InvalidParameterValue",
                   fmt::format("cannot disassociate the main route table association {}",
                               input.association_id));
    }
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(held.place));
    draft.put(std::move(held.table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  co_return wire::Unit();
}

Task<Result<ReplaceRouteTableAssociationResult>> handle(ReplaceRouteTableAssociation /*tag*/,
                                                        Ec2& ec2, const Caller& caller,
                                                        ReplaceRouteTableAssociationRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  ReplaceRouteTableAssociationResult out;
  const Network::Change replace = [&](Draft& draft) -> Status {
    TARN_TRY(const RouteTable wanted, draft.get<RouteTable>(input.route_table_id));
    TARN_TRY(Held held, association(draft, input.association_id));
    auto& all = *held.table.associations;
    RouteTableAssociation moved = all[held.place];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(held.place));
    draft.put(std::move(held.table));
    TARN_TRY(RouteTable table, draft.get<RouteTable>(input.route_table_id));
    moved.route_table_id = table.route_table_id;
    moved.route_table_association_id = new_id(ec2, "rtbassoc");
    out.new_association_id = moved.route_table_association_id;
    out.association_state = moved.association_state;
    table.associations->push_back(std::move(moved));
    draft.put(std::move(table));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, replace));
  co_return out;
}

}  // namespace tarn::ec2
