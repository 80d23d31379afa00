// CreateSecurityGroup, DescribeSecurityGroups, DeleteSecurityGroup.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"
#include "services/ec2/rules.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 14> kSecurityGroupFilters = {{
    {"group-id", "GroupId"},
    {"group-name", "GroupName"},
    {"vpc-id", "VpcId"},
    {"owner-id", "OwnerId"},
    {"description", "Description"},
    {"ip-permission.cidr", "IpPermissions[].IpRanges[].CidrIp"},
    {"ip-permission.from-port", "IpPermissions[].FromPort"},
    {"ip-permission.to-port", "IpPermissions[].ToPort"},
    {"ip-permission.protocol", "IpPermissions[].IpProtocol"},
    {"ip-permission.group-id", "IpPermissions[].UserIdGroupPairs[].GroupId"},
    {"egress.ip-permission.cidr", "IpPermissionsEgress[].IpRanges[].CidrIp"},
    {"egress.ip-permission.from-port", "IpPermissionsEgress[].FromPort"},
    {"egress.ip-permission.to-port", "IpPermissionsEgress[].ToPort"},
    {"egress.ip-permission.group-id", "IpPermissionsEgress[].UserIdGroupPairs[].GroupId"},
}};

// The VPC of a new group. Errors: not_found(), VPCIdNotSpecified.
Result<std::string> vpc_of(const Draft& draft, const std::optional<std::string>& vpc_id) {
  if (vpc_id) {
    TARN_TRY(const Vpc vpc, draft.get<Vpc>(*vpc_id));
    return *vpc.vpc_id;
  }
  const Entry<Vpc> usual = default_vpc(draft);
  if (usual) return *usual->vpc_id;
  return Error("VPCIdNotSpecified", "No default VPC for this user. Say --vpc-id.");
}

bool refers_to(const SecurityGroupRule& rule, const std::string& group_id) {
  return rule.referenced_group_info && rule.referenced_group_info->group_id == group_id &&
         rule.group_id != group_id;
}

bool is_group_in_use(const Draft& draft, const std::string& group_id) {
  const auto has_it = [&](const VpcEndpoint& endpoint) {
    const auto& groups = endpoint.groups;
    return groups && std::any_of(groups->begin(), groups->end(),
                                 [&](const auto& each) { return each.group_id == group_id; });
  };
  return draft.any<SecurityGroupRule>([&](const SecurityGroupRule& rule) {
    return refers_to(rule, group_id);
  }) || draft.any<VpcEndpoint>(has_it);
}

// By id, or by name in the default VPC. Errors: MissingParameter, not_found().
Result<SecurityGroup> group_named(const Draft& draft, const DeleteSecurityGroupRequest& input) {
  if (input.group_id) return draft.get<SecurityGroup>(*input.group_id);
  TARN_TRY(const std::string name, required(input.group_name, "GroupId"));
  const Entry<Vpc> usual = default_vpc(draft);
  for (const auto& group : draft.all<SecurityGroup>()) {
    if (usual && group->group_name == name && group->vpc_id == usual->vpc_id) return *group;
  }
  return not_found<SecurityGroup>(name);
}

// Groups with the permissions that their rules make.
std::vector<SecurityGroup> with_permissions(const Network& network, const std::string& region) {
  std::map<std::pair<std::string, bool>, std::vector<Entry<SecurityGroupRule>>> rules;
  for (const auto& rule : network.all<SecurityGroupRule>(region))
    rules[{*rule->group_id, rule->is_egress.value_or(false)}].push_back(rule);
  auto groups = copies(network.all<SecurityGroup>(region));
  for (SecurityGroup& group : groups) {
    group.ip_permissions = permissions_from(rules[{*group.group_id, false}]);
    group.ip_permissions_egress = permissions_from(rules[{*group.group_id, true}]);
  }
  return groups;
}

}  // namespace

Task<Result<CreateSecurityGroupResult>> handle(CreateSecurityGroup /*tag*/, Ec2& ec2,
                                               const Caller& caller,
                                               CreateSecurityGroupRequest input) {
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "security-group"));
  if (input.group_name == "default" || input.group_name.starts_with("sg-")) {
    co_return Error("InvalidParameterValue",
                    fmt::format("Cannot use reserved security group name: {}", input.group_name));
  }
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  CreateSecurityGroupResult out;
  const Network::Change make = [&](Draft& draft) -> Status {
    TARN_TRY(const std::string vpc_id, vpc_of(draft, input.vpc_id));
    const auto has_name = [&](const SecurityGroup& other) {
      return other.vpc_id == vpc_id && other.group_name == input.group_name;
    };
    if (draft.any<SecurityGroup>(has_name)) {
      return Error("InvalidGroup.Duplicate",
                   fmt::format("The security group '{}' already exists for VPC '{}'",
                               input.group_name, vpc_id));
    }
    SecurityGroup group =
        make_group(ec2, caller, vpc_id, input.group_name, input.description, draft);
    group.tags = tags;
    out.group_id = group.group_id;
    out.security_group_arn = group.security_group_arn;
    out.tags = tags;
    draft.put(std::move(group));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, make));
  co_return out;
}

Task<Result<DescribeSecurityGroupsResult>> handle(DescribeSecurityGroups /*tag*/, Ec2& ec2,
                                                  const Caller& caller,
                                                  DescribeSecurityGroupsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(with_permissions(ec2.network, caller.region), input.group_ids,
                               input.filters, kSecurityGroupFilters));
  const auto names = input.group_names.value_or(std::vector<std::string>());
  std::erase_if(all, [&](const SecurityGroup& group) {
    return !names.empty() &&
           std::find(names.begin(), names.end(), *group.group_name) == names.end();
  });
  for (const std::string& name : names) {
    const auto is_it = [&](const SecurityGroup& group) {
      return group.group_name == name;
    };
    if (std::none_of(all.begin(), all.end(), is_it)) co_return not_found<SecurityGroup>(name);
  }
  DescribeSecurityGroupsResult out;
  TARN_CO_TRY(out.security_groups,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

Task<Result<DeleteSecurityGroupResult>> handle(DeleteSecurityGroup /*tag*/, Ec2& ec2,
                                               const Caller& caller,
                                               DeleteSecurityGroupRequest input) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  DeleteSecurityGroupResult out;
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const SecurityGroup group, group_named(draft, input));
    const std::string id = *group.group_id;
    if (group.group_name == "default") {
      return Error("CannotDelete", fmt::format("the specified group: \"{}\" name: \"default\" "
                                               "cannot be deleted by a user",
                                               id));
    }
    if (is_group_in_use(draft, id))
      return dependency(fmt::format("resource {} has a dependent object", id));
    for (const bool egress : {false, true}) {
      for (const auto& rule : rules_of(draft, id, egress)) draft.remove(*rule);
    }
    draft.remove(group);
    out.group_id = id;
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  out.return_ = true;
  co_return out;
}

}  // namespace tarn::ec2
