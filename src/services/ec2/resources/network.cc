// AWS::EC2::VPC, Subnet, RouteTable, InternetGateway, NatGateway, EIP, VPCEndpoint, KeyPair: what
// is made by one call, has its tags with it and goes by one call.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_EC2.html
#include <span>
#include <vector>

#include "services/ec2/resources/ec2_calls.h"
#include "services/ec2/resources/network_read.h"
#include "services/ec2/resources/resources.h"
#include "wire/encoding.h"

namespace tarn::ec2 {
namespace {

// A property that a call of its own sets, also of one that is there.
struct Setting {
  std::string_view property;
  std::string_view action;     // "ModifyVpcAttribute"
  std::string_view id_member;  // "vpcId"
  std::string_view member;     // "EnableDnsSupport", a truth
};

struct Form {
  std::string_view name;
  std::vector<Property> properties;
  std::string_view create;
  std::vector<Mapped> inputs;
  std::string_view tag_type;
  std::string_view output;  // the member of the answer that is the resource; empty: the answer
  std::string_view id;
  std::vector<Mapped> attributes;  // of Fn::GetAtt, and where the resource has them
  std::string_view remove;
  std::string_view remove_id;
  const char* gone;
  std::vector<Setting> settings = {};
  bool removes_many = false;  // the call takes a list
  // Of those that can be read: the name of their id for an import, and what reads them.
  std::string_view identifier = {};
  Task<Result<Present>> (*read)(const gateway::InProcess&, ResourceOrder) = nullptr;
};

std::vector<Form> forms() {
  std::vector<Form> out;
  out.push_back({"AWS::EC2::VPC",
                 {replacing("CidrBlock", true),
                  {"EnableDnsHostnames"},
                  {"EnableDnsSupport"},
                  {"InstanceTenancy"},
                  {"Tags"}},
                 "CreateVpc",
                 {{"CidrBlock", "CidrBlock"}, {"InstanceTenancy", "instanceTenancy"}},
                 "vpc",
                 "vpc",
                 "vpcId",
                 {{"VpcId", "vpcId"}, {"CidrBlock", "cidrBlock"}},
                 "DeleteVpc",
                 "VpcId",
                 "InvalidVpcID.NotFound",
                 {{"EnableDnsSupport", "ModifyVpcAttribute", "vpcId", "EnableDnsSupport"},
                  {"EnableDnsHostnames", "ModifyVpcAttribute", "vpcId", "EnableDnsHostnames"}},
                 false,
                 "VpcId",
                 read_vpc});
  out.push_back(
      {"AWS::EC2::Subnet",
       {replacing("VpcId", true),
        replacing("CidrBlock"),
        replacing("AvailabilityZone"),
        replacing("AvailabilityZoneId"),
        {"MapPublicIpOnLaunch"},
        {"Tags"}},
       "CreateSubnet",
       {{"VpcId", "VpcId"},
        {"CidrBlock", "CidrBlock"},
        {"AvailabilityZone", "AvailabilityZone"},
        {"AvailabilityZoneId", "AvailabilityZoneId"}},
       "subnet",
       "subnet",
       "subnetId",
       {{"SubnetId", "subnetId"},
        {"AvailabilityZone", "availabilityZone"},
        {"AvailabilityZoneId", "availabilityZoneId"},
        {"CidrBlock", "cidrBlock"},
        {"VpcId", "vpcId"}},
       "DeleteSubnet",
       "SubnetId",
       "InvalidSubnetID.NotFound",
       {{"MapPublicIpOnLaunch", "ModifySubnetAttribute", "subnetId", "MapPublicIpOnLaunch"}},
       false,
       "SubnetId",
       read_subnet});
  out.push_back({"AWS::EC2::RouteTable",
                 {replacing("VpcId", true), {"Tags"}},
                 "CreateRouteTable",
                 {{"VpcId", "vpcId"}},
                 "route-table",
                 "routeTable",
                 "routeTableId",
                 {{"RouteTableId", "routeTableId"}},
                 "DeleteRouteTable",
                 "routeTableId",
                 "InvalidRouteTableID.NotFound"});
  out.push_back({"AWS::EC2::InternetGateway",
                 {{"Tags"}},
                 "CreateInternetGateway",
                 {},
                 "internet-gateway",
                 "internetGateway",
                 "internetGatewayId",
                 {{"InternetGatewayId", "internetGatewayId"}},
                 "DeleteInternetGateway",
                 "internetGatewayId",
                 "InvalidInternetGatewayID.NotFound"});
  out.push_back({"AWS::EC2::NatGateway",
                 {replacing("SubnetId", true),
                  replacing("AllocationId"),
                  replacing("ConnectivityType"),
                  {"Tags"}},
                 "CreateNatGateway",
                 {{"SubnetId", "SubnetId"},
                  {"AllocationId", "AllocationId"},
                  {"ConnectivityType", "ConnectivityType"}},
                 "natgateway",
                 "natGateway",
                 "natGatewayId",
                 {{"NatGatewayId", "natGatewayId"}},
                 "DeleteNatGateway",
                 "NatGatewayId",
                 "NatGatewayNotFound"});
  out.push_back({"AWS::EC2::EIP",
                 {replacing("Domain"), {"Tags"}},
                 "AllocateAddress",
                 {{"Domain", "Domain"}},
                 "elastic-ip",
                 "",
                 "publicIp",
                 {{"AllocationId", "allocationId"}, {"PublicIp", "publicIp"}},
                 "ReleaseAddress",
                 "PublicIp",
                 "InvalidAddress.NotFound"});
  out.push_back({"AWS::EC2::VPCEndpoint",
                 {replacing("VpcId", true),
                  replacing("ServiceName"),
                  replacing("VpcEndpointType"),
                  replacing("RouteTableIds"),
                  replacing("SubnetIds"),
                  replacing("SecurityGroupIds"),
                  replacing("PolicyDocument"),
                  replacing("PrivateDnsEnabled"),
                  {"Tags"}},
                 "CreateVpcEndpoint",
                 {{"VpcId", "VpcId"},
                  {"ServiceName", "ServiceName"},
                  {"VpcEndpointType", "VpcEndpointType"},
                  {"RouteTableIds", "RouteTableId"},
                  {"SubnetIds", "SubnetId"},
                  {"SecurityGroupIds", "SecurityGroupId"},
                  {"PolicyDocument", "PolicyDocument"},
                  {"PrivateDnsEnabled", "PrivateDnsEnabled"}},
                 "vpc-endpoint",
                 "vpcEndpoint",
                 "vpcEndpointId",
                 {{"Id", "vpcEndpointId"}},
                 "DeleteVpcEndpoints",
                 "VpcEndpointId",
                 "InvalidVpcEndpointId.NotFound",
                 {},
                 true});
  out.push_back({"AWS::EC2::KeyPair",
                 {replacing("KeyName", true), replacing("PublicKeyMaterial"), replacing("KeyType"),
                  replacing("KeyFormat"), replacing("Tags")},
                 "ImportKeyPair",
                 {{"KeyName", "keyName"}, {"PublicKeyMaterial", "publicKeyMaterial"}},
                 "key-pair",
                 "",
                 "keyName",
                 {{"KeyPairId", "keyPairId"}, {"KeyFingerprint", "keyFingerprint"}},
                 "DeleteKeyPair",
                 "KeyName",
                 "InvalidKeyPair.NotFound"});
  return out;
}

class NetworkType final : public cloudformation::ResourceType {
 public:
  NetworkType(const gateway::InProcess& calls, Form form) : calls_(calls), form_(std::move(form)) {}

  std::string_view name() const override { return form_.name; }
  std::span<const Property> properties() const override { return form_.properties; }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return form_.identifier; }
  Task<Result<Present>> read(ResourceOrder order) const override {
    if (form_.read == nullptr) co_return co_await ResourceType::read(std::move(order));
    co_return co_await form_.read(calls_.in_process(), std::move(order));
  }

 private:
  [[nodiscard]] Result<Json> input_of(const ResourceOrder& order) const;
  // Settings that differ from what was before.
  [[nodiscard]] Task<Status> apply(const ResourceOrder& order, std::string id, Json before) const;

  Ec2Calls calls_;
  const Form form_;
};

Result<Json> NetworkType::input_of(const ResourceOrder& order) const {
  Json input = map_properties(order.properties, form_.inputs);
  if (const auto policy = input.find("PolicyDocument");
      policy != input.end() && !policy->is_string())
    *policy = policy->dump();
  if (form_.create == "ImportKeyPair") {
    const auto key = input.find("publicKeyMaterial");
    if (key == input.end()) {
      return tarn::Error(
          "NotImplemented",
          "A key pair without PublicKeyMaterial would keep its private key in SSM, "
          "which this version of tarn does not have. Bring a public key, or make the "
          "pair before the stack (aws ec2 create-key-pair).",
          501);
    }
    // A blob, whose text in JSON is base64.
    *key = wire::to_base64(key->get<std::string>());
  }
  Json tags = wire_tags(order);
  if (!tags.empty()) {
    input["TagSpecification"] =
        Json::array({{{"resourceType", form_.tag_type}, {"Tag", std::move(tags)}}});
  }
  return input;
}

Task<Status> NetworkType::apply(const ResourceOrder& order, std::string id, Json before) const {
  for (const Setting& setting : form_.settings) {
    if (!cloudformation::differs(before, order.properties, setting.property)) continue;
    const auto wanted = order.properties.find(setting.property);
    if (wanted == order.properties.end()) continue;
    Json input = {{setting.id_member, id}, {setting.member, {{"value", *wanted}}}};
    std::string action(setting.action);
    TARN_CO_CHECK(co_await calls_.change(std::move(action), order.caller, std::move(input)));
  }
  co_return Status();
}

Task<Result<MadeResource>> NetworkType::create(ResourceOrder order) const {
  TARN_CO_TRY(Json input, input_of(order));
  std::string action(form_.create);
  TARN_CO_TRY(const Json answer,
              co_await calls_.call(std::move(action), order.caller, std::move(input)));
  const Json& made = form_.output.empty() ? answer : answer[form_.output];
  MadeResource out{made[form_.id].get<std::string>(), Json::object()};
  TARN_CO_CHECK(co_await order.progress->begun(out.physical_id));
  for (const Mapped& each : form_.attributes) out.attributes[each.property] = made[each.member];
  Json nothing = Json::object();
  TARN_CO_CHECK(co_await apply(order, out.physical_id, std::move(nothing)));
  if (form_.name == "AWS::EC2::VPC") {
    TARN_CO_TRY(out.attributes["DefaultSecurityGroup"],
                co_await default_group_of(calls_.in_process(), order.caller, out.physical_id));
  }
  co_return out;
}

Task<Result<MadeResource>> NetworkType::update(ResourceOrder order, ResourceBefore before) const {
  Json had = before.properties;
  TARN_CO_CHECK(co_await apply(order, order.physical_id, std::move(had)));
  // An address is tagged by its allocation, whatever Ref gives.
  std::string tagged = order.attributes.value("AllocationId", order.physical_id);
  TARN_CO_CHECK(co_await calls_.set_tags(order, before, std::move(tagged)));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> NetworkType::remove(ResourceOrder order) const {
  Json input = Json::object();
  if (form_.removes_many) {
    input[form_.remove_id] = Json::array({order.physical_id});
  } else {
    input[form_.remove_id] = order.physical_id;
  }
  std::string action(form_.remove);
  co_return co_await calls_.change(std::move(action), order.caller, std::move(input), form_.gone);
}

}  // namespace

std::vector<OwnedType> network_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  for (Form& form : forms()) out.push_back(std::make_unique<NetworkType>(calls, std::move(form)));
  return out;
}

std::vector<OwnedType> resource_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out = network_types(calls);
  for (OwnedType& type : link_types(calls)) out.push_back(std::move(type));
  for (OwnedType& type : security_group_types(calls)) out.push_back(std::move(type));
  return out;
}

}  // namespace tarn::ec2
