// AWS::EC2::SecurityGroup, SecurityGroupIngress, SecurityGroupEgress.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
#include <algorithm>
#include <array>
#include <span>

#include "services/ec2/resources/ec2_calls.h"
#include "services/ec2/resources/network_read.h"
#include "services/ec2/resources/resources.h"

namespace tarn::ec2 {
namespace {

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
constexpr std::size_t kMostGroupName = 255;

// A rule of a template as a permission of a call.
Json permission_of(const Json& rule) {
  constexpr std::array<Mapped, 3> kFrame = {
      {{"IpProtocol", "ipProtocol"}, {"FromPort", "fromPort"}, {"ToPort", "toPort"}}};
  Json out = map_properties(rule, kFrame);
  const auto peer = [&](const char* property, const char* list, const char* member) {
    if (!rule.contains(property)) return;
    Json one = {{member, rule[property]}};
    if (rule.contains("Description")) one["description"] = rule["Description"];
    out[list] = Json::array({std::move(one)});
  };
  peer("CidrIp", "ipRanges", "cidrIp");
  peer("CidrIpv6", "ipv6Ranges", "cidrIpv6");
  peer("SourceSecurityGroupId", "groups", "groupId");
  peer("DestinationSecurityGroupId", "groups", "groupId");
  peer("SourcePrefixListId", "prefixListIds", "prefixListId");
  peer("DestinationPrefixListId", "prefixListIds", "prefixListId");
  return out;
}

// What the call about one direction is called, and its members.
struct Direction {
  bool egress;
  [[nodiscard]] std::string authorize() const {
    return egress ? "AuthorizeSecurityGroupEgress" : "AuthorizeSecurityGroupIngress";
  }
  [[nodiscard]] std::string revoke() const {
    return egress ? "RevokeSecurityGroupEgress" : "RevokeSecurityGroupIngress";
  }
  [[nodiscard]] const char* property() const {
    return egress ? "SecurityGroupEgress" : "SecurityGroupIngress";
  }
  [[nodiscard]] Json call_on(const std::string& group) const {
    return {{egress ? "groupId" : "GroupId", group}};
  }
  [[nodiscard]] const char* permissions() const {
    return egress ? "ipPermissions" : "IpPermissions";
  }
};

constexpr Direction kIn{false};
constexpr Direction kOut{true};

class SecurityGroupType final : public cloudformation::ResourceType {
 public:
  explicit SecurityGroupType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EC2::SecurityGroup"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 6> kProperties = {{replacing("GroupDescription", true),
                                                             replacing("GroupName"),
                                                             replacing("VpcId"),
                                                             {"SecurityGroupIngress"},
                                                             {"SecurityGroupEgress"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "Id"; }
  Task<Result<Present>> read(ResourceOrder order) const override {
    co_return co_await read_security_group(calls_.in_process(), std::move(order));
  }

 private:
  // Makes the rules of one direction those of the template. Without any egress rule there, the one
  // that a group begins with stays.
  [[nodiscard]] Task<Status> set_rules(const ResourceOrder& order, std::string group,
                                       Direction direction, Json had) const;
  [[nodiscard]] Task<Result<Json>> group_by_name(const ResourceOrder& order,
                                                 std::string name) const;

  Ec2Calls calls_;
};

Task<Result<Json>> SecurityGroupType::group_by_name(const ResourceOrder& order,
                                                    std::string name) const {
  Json input = {{"Filter", Json::array({{{"Name", "group-name"}, {"Value", {name}}}})}};
  TARN_CO_TRY(const Json told,
              co_await calls_.call("DescribeSecurityGroups", order.caller, std::move(input)));
  for (const Json& group : told["securityGroupInfo"]) {
    const auto wanted = order.properties.find("VpcId");
    if (wanted == order.properties.end() || group["vpcId"] == *wanted) co_return group;
  }
  co_return tarn::Error("InvalidGroup.NotFound", "the group is gone");
}

Task<Status> SecurityGroupType::set_rules(const ResourceOrder& order, std::string group,
                                          Direction direction, Json had) const {
  const Json wanted = order.properties.value(direction.property(), Json::array());
  for (const Json& rule : had) {
    if (std::find(wanted.begin(), wanted.end(), rule) != wanted.end()) continue;
    Json input = direction.call_on(group);
    input[direction.permissions()] = Json::array({permission_of(rule)});
    TARN_CO_CHECK(co_await calls_.change(direction.revoke(), order.caller, std::move(input),
                                         "InvalidPermission.NotFound"));
  }
  for (const Json& rule : wanted) {
    if (std::find(had.begin(), had.end(), rule) != had.end()) continue;
    Json input = direction.call_on(group);
    input[direction.permissions()] = Json::array({permission_of(rule)});
    auto done = co_await calls_.call(direction.authorize(), order.caller, std::move(input));
    const bool is_there =
        !done.ok() && order.is_repeated && done.error().is("InvalidPermission.Duplicate");
    if (!done.ok() && !is_there) co_return std::move(done).error();
  }
  co_return Status();
}

Task<Result<MadeResource>> SecurityGroupType::create(ResourceOrder order) const {
  const std::string name =
      order.properties.value("GroupName", order.physical_name.substr(0, kMostGroupName));
  Json input = {{"GroupName", name}, {"GroupDescription", order.properties["GroupDescription"]}};
  if (order.properties.contains("VpcId")) input["VpcId"] = order.properties["VpcId"];
  Json tags = wire_tags(order);
  if (!tags.empty()) {
    input["TagSpecification"] =
        Json::array({{{"resourceType", "security-group"}, {"Tag", std::move(tags)}}});
  }
  auto made = co_await calls_.call("CreateSecurityGroup", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("InvalidGroup.Duplicate");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_TRY(const Json group, co_await group_by_name(order, name));
  const auto id = group["groupId"].get<std::string>();
  TARN_CO_CHECK(co_await order.progress->begun(id));
  Json none = Json::array();
  TARN_CO_CHECK(co_await set_rules(order, id, kIn, std::move(none)));
  Json begun_with = Json::array();
  // Rules of its own take the place of the one that lets everything out.
  if (order.properties.contains("SecurityGroupEgress"))
    begun_with.push_back({{"IpProtocol", "-1"}, {"CidrIp", "0.0.0.0/0"}});
  TARN_CO_CHECK(co_await set_rules(order, id, kOut, std::move(begun_with)));
  Json attributes = {{"GroupId", id}, {"Id", id}, {"VpcId", group["vpcId"]}};
  co_return MadeResource{id, std::move(attributes)};
}

Task<Result<MadeResource>> SecurityGroupType::update(ResourceOrder order,
                                                     ResourceBefore before) const {
  for (const Direction direction : {kIn, kOut}) {
    Json had = before.properties.value(direction.property(), Json::array());
    TARN_CO_CHECK(co_await set_rules(order, order.physical_id, direction, std::move(had)));
  }
  TARN_CO_CHECK(co_await calls_.set_tags(order, before, order.physical_id));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> SecurityGroupType::remove(ResourceOrder order) const {
  Json input = {{"GroupId", order.physical_id}};
  co_return co_await calls_.change("DeleteSecurityGroup", order.caller, std::move(input),
                                   "InvalidGroup.NotFound");
}

// A rule that stands beside its group, so that two groups can name each other.
class RuleType final : public cloudformation::ResourceType {
 public:
  RuleType(const gateway::InProcess& calls, Direction direction)
      : calls_(calls), direction_(direction) {}

  std::string_view name() const override {
    return direction_.egress ? "AWS::EC2::SecurityGroupEgress" : "AWS::EC2::SecurityGroupIngress";
  }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 9> kEgress = {
        {replacing("GroupId", true), replacing("IpProtocol", true), replacing("FromPort"),
         replacing("ToPort"), replacing("CidrIp"), replacing("CidrIpv6"), replacing("Description"),
         replacing("DestinationSecurityGroupId"), replacing("DestinationPrefixListId")}};
    static constexpr std::array<Property, 9> kIngress = {
        {replacing("GroupId", true), replacing("IpProtocol", true), replacing("FromPort"),
         replacing("ToPort"), replacing("CidrIp"), replacing("CidrIpv6"), replacing("Description"),
         replacing("SourceSecurityGroupId"), replacing("SourcePrefixListId")}};
    return direction_.egress ? std::span<const Property>(kEgress) : kIngress;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = direction_.call_on(order.properties["GroupId"].get<std::string>());
    input[direction_.permissions()] = Json::array({permission_of(order.properties)});
    auto made = co_await calls_.call(direction_.authorize(), order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("InvalidPermission.Duplicate");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    // One that was there is known by what it permits, not by its id.
    const std::string id =
        is_there ? order.logical_id
                 : (*made)["securityGroupRuleSet"][0]["securityGroupRuleId"].get<std::string>();
    co_return MadeResource{id, {{"Id", id}}};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = direction_.call_on(order.properties["GroupId"].get<std::string>());
    input[direction_.permissions()] = Json::array({permission_of(order.properties)});
    co_return co_await calls_.change(direction_.revoke(), order.caller, std::move(input),
                                     "InvalidPermission.NotFound", "InvalidGroup.NotFound");
  }

 private:
  Ec2Calls calls_;
  const Direction direction_;
};

}  // namespace

std::vector<OwnedType> security_group_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  out.push_back(std::make_unique<SecurityGroupType>(calls));
  out.push_back(std::make_unique<RuleType>(calls, kIn));
  out.push_back(std::make_unique<RuleType>(calls, kOut));
  return out;
}

}  // namespace tarn::ec2
