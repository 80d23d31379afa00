// AWS::EC2::Route, SubnetRouteTableAssociation, VPCGatewayAttachment: what joins two others.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_EC2.html
#include <array>
#include <span>

#include "services/ec2/resources/ec2_calls.h"
#include "services/ec2/resources/resources.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<Mapped, 4> kRouteInputs = {{{"RouteTableId", "routeTableId"},
                                                 {"DestinationCidrBlock", "destinationCidrBlock"},
                                                 {"GatewayId", "gatewayId"},
                                                 {"NatGatewayId", "natGatewayId"}}};

class RouteType final : public cloudformation::ResourceType {
 public:
  explicit RouteType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EC2::Route"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 4> kProperties = {
        {replacing("RouteTableId", true),
         replacing("DestinationCidrBlock", true),
         {"GatewayId"},
         {"NatGatewayId"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = map_properties(order.properties, kRouteInputs);
    auto made = co_await calls_.call("CreateRoute", order.caller, std::move(input));
    const bool is_there = !made.ok() && order.is_repeated && made.error().is("RouteAlreadyExists");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    const auto table = order.properties["RouteTableId"].get<std::string>();
    const auto range = order.properties["DestinationCidrBlock"].get<std::string>();
    co_return MadeResource{table + "|" + range, {{"CidrBlock", range}}};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json input = map_properties(order.properties, kRouteInputs);
    TARN_CO_CHECK(co_await calls_.change("ReplaceRoute", order.caller, std::move(input)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    const std::size_t bar = order.physical_id.find('|');
    Json input = {{"routeTableId", order.physical_id.substr(0, bar)},
                  {"destinationCidrBlock", order.physical_id.substr(bar + 1)}};
    co_return co_await calls_.change("DeleteRoute", order.caller, std::move(input),
                                     "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound");
  }

 private:
  Ec2Calls calls_;
};

class AssociationType final : public cloudformation::ResourceType {
 public:
  explicit AssociationType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EC2::SubnetRouteTableAssociation"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {{"RouteTableId", true}, replacing("SubnetId", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = {{"routeTableId", order.properties["RouteTableId"]},
                  {"subnetId", order.properties["SubnetId"]}};
    auto made = co_await calls_.call("AssociateRouteTable", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("Resource.AlreadyAssociated");
    if (is_there) co_return co_await find(order);
    if (!made.ok()) co_return std::move(made).error();
    co_return made_of((*made)["associationId"].get<std::string>());
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json input = {{"routeTableId", order.properties["RouteTableId"]},
                  {"associationId", order.physical_id}};
    TARN_CO_TRY(const Json moved, co_await calls_.call("ReplaceRouteTableAssociation", order.caller,
                                                       std::move(input)));
    co_return made_of(moved["newAssociationId"].get<std::string>());
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"associationId", order.physical_id}};
    co_return co_await calls_.change("DisassociateRouteTable", order.caller, std::move(input),
                                     "InvalidAssociationID.NotFound");
  }

 private:
  static MadeResource made_of(std::string id) {
    Json attributes = {{"Id", id}};
    return {std::move(id), std::move(attributes)};
  }
  // The one that was made before the server ended.
  [[nodiscard]] Task<Result<MadeResource>> find(const ResourceOrder& order) const {
    const Json by_subnet = {{"Name", "association.subnet-id"},
                            {"Value", {order.properties["SubnetId"]}}};
    Json input = {{"Filter", {by_subnet}}};
    TARN_CO_TRY(const Json told,
                co_await calls_.call("DescribeRouteTables", order.caller, std::move(input)));
    for (const Json& table : told["routeTableSet"]) {
      for (const Json& each : table["associationSet"]) {
        if (each.value("subnetId", "") == order.properties["SubnetId"])
          co_return made_of(each["routeTableAssociationId"].get<std::string>());
      }
    }
    co_return tarn::Error("InvalidAssociationID.NotFound", "the association is gone");
  }

  Ec2Calls calls_;
};

class AttachmentType final : public cloudformation::ResourceType {
 public:
  explicit AttachmentType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EC2::VPCGatewayAttachment"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("InternetGatewayId", true), replacing("VpcId", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    auto made = co_await calls_.call("AttachInternetGateway", order.caller, input_of(order));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("Resource.AlreadyAssociated");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    const std::string id = "IGW|" + order.properties["VpcId"].get<std::string>();
    co_return MadeResource{id, {{"AttachmentType", "IGW"}}};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = input_of(order);
    co_return co_await calls_.change("DetachInternetGateway", order.caller, std::move(input),
                                     "Gateway.NotAttached", "InvalidInternetGatewayID.NotFound");
  }

 private:
  static Json input_of(const ResourceOrder& order) {
    return {{"internetGatewayId", order.properties["InternetGatewayId"]},
            {"vpcId", order.properties["VpcId"]}};
  }

  Ec2Calls calls_;
};

}  // namespace

std::vector<OwnedType> link_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  out.push_back(std::make_unique<RouteType>(calls));
  out.push_back(std::make_unique<AssociationType>(calls));
  out.push_back(std::make_unique<AttachmentType>(calls));
  return out;
}

}  // namespace tarn::ec2
