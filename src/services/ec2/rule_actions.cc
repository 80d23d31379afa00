// AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress, RevokeSecurityGroupIngress,
// RevokeSecurityGroupEgress, DescribeSecurityGroupRules.
#include <algorithm>
#include <array>
#include <utility>

#include "services/ec2/actions.h"
#include "services/ec2/default_vpc.h"
#include "services/ec2/rules.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 2> kRuleFilters = {{
    {"group-id", "GroupId"},
    {"security-group-rule-id", "SecurityGroupRuleId"},
}};

// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
constexpr std::size_t kMostRules = 60;

// The permissions of a call, be they a list or members of the call itself.
template <class Request>
std::vector<IpPermission> permissions_of(const Request& input) {
  if (input.ip_permissions && !input.ip_permissions->empty()) return *input.ip_permissions;
  if (!input.ip_protocol && !input.cidr_ip) return {};
  IpPermission one;
  one.ip_protocol = input.ip_protocol;
  one.from_port = input.from_port;
  one.to_port = input.to_port;
  if (input.cidr_ip) {
    one.ip_ranges.emplace();
    one.ip_ranges->emplace_back().cidr_ip = input.cidr_ip;
  }
  return {std::move(one)};
}

// The group of a call about ingress, which may name it by its name in the default VPC. Errors:
// MissingParameter, not_found().
template <class Request>
Result<SecurityGroup> group_of(const Draft& draft, const Request& input) {
  if (input.group_id) return draft.get<SecurityGroup>(*input.group_id);
  TARN_TRY(const std::string name, required(input.group_name, "groupId"));
  const Entry<Vpc> usual = default_vpc(draft);
  for (const auto& group : draft.all<SecurityGroup>()) {
    if (usual && group->group_name == name && group->vpc_id == usual->vpc_id) return *group;
  }
  return not_found<SecurityGroup>(name);
}

Result<SecurityGroup> group_of(const Draft& draft,
                               const AuthorizeSecurityGroupEgressRequest& input) {
  return draft.get<SecurityGroup>(input.group_id);
}

Result<SecurityGroup> group_of(const Draft& draft, const RevokeSecurityGroupEgressRequest& input) {
  return draft.get<SecurityGroup>(input.group_id);
}

// Adds the rules to the group. Errors: not_found() (a group that a rule names),
// InvalidPermission.Duplicate, RulesPerSecurityGroupLimitExceeded.
Status add_rules(Ec2& ec2, const Caller& caller, Draft& draft, const SecurityGroup& group,
                 std::vector<SecurityGroupRule>& rules) {
  for (SecurityGroupRule& rule : rules) {
    const auto there = rules_of(draft, *group.group_id, *rule.is_egress);
    for (const auto& other : there) {
      if (!are_alike(*other, rule)) continue;
      return Error("InvalidPermission.Duplicate",
                   fmt::format("the specified rule \"{}\" already exists", describe_rule(rule)));
    }
    if (there.size() >= kMostRules) {
      return Error("RulesPerSecurityGroupLimitExceeded",
                   fmt::format("The maximum number of rules per security group ({}) has been "
                               "reached.",
                               kMostRules));
    }
    if (rule.referenced_group_info) {
      auto& peer = *rule.referenced_group_info;
      TARN_TRY(const auto named, draft.get<SecurityGroup>(peer.group_id.value_or("")));
      peer.user_id = named.owner_id;
    }
    rule.security_group_rule_id = new_id(ec2, "sgr");
    rule.security_group_rule_arn =
        arn_of(caller, "security-group-rule", *rule.security_group_rule_id);
    rule.group_id = group.group_id;
    rule.group_owner_id = group.owner_id;
    draft.put(rule);
  }
  return {};
}

template <class Output, class Request>
Task<Result<Output>> authorize(Ec2& ec2, const Caller& caller, const Request& input, bool egress) {
  TARN_CO_TRY(auto rules, rules_from(permissions_of(input), egress));
  TARN_CO_TRY(const auto tags, tags_of(caller, input.tag_specifications, "security-group-rule"));
  for (SecurityGroupRule& rule : rules) rule.tags = tags;
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const Network::Change add = [&](Draft& draft) -> Status {
    TARN_TRY(const SecurityGroup group, group_of(draft, input));
    return add_rules(ec2, caller, draft, group, rules);
  };
  TARN_CO_CHECK(co_await change(ec2, caller, add));
  Output out;
  out.return_ = true;
  out.security_group_rules = std::move(rules);
  co_return out;
}

// The rules that a call names by their ids or by what they permit. Errors:
// InvalidSecurityGroupRuleId.NotFound, InvalidPermission.NotFound, those of rules_from().
template <class Request>
Result<std::vector<SecurityGroupRule>> rules_named(const Draft& draft, const SecurityGroup& group,
                                                   const Request& input, bool egress) {
  std::vector<SecurityGroupRule> out;
  if (input.security_group_rule_ids && !input.security_group_rule_ids->empty()) {
    for (const std::string& id : *input.security_group_rule_ids) {
      TARN_TRY(SecurityGroupRule rule, draft.get<SecurityGroupRule>(id));
      if (rule.group_id != group.group_id || rule.is_egress.value_or(false) != egress)
        return not_found<SecurityGroupRule>(id);
      out.push_back(std::move(rule));
    }
    return out;
  }
  TARN_TRY(const auto wanted, rules_from(permissions_of(input), egress));
  const auto there = rules_of(draft, *group.group_id, egress);
  for (const SecurityGroupRule& rule : wanted) {
    const auto found = std::find_if(there.begin(), there.end(),
                                    [&](const auto& each) { return are_alike(*each, rule); });
    if (found == there.end()) {
      return Error("InvalidPermission.NotFound",
                   "The specified rule does not exist in this security group.");
    }
    out.push_back(**found);
  }
  return out;
}

RevokedSecurityGroupRule revoked(const SecurityGroupRule& rule) {
  RevokedSecurityGroupRule out;
  out.security_group_rule_id = rule.security_group_rule_id;
  out.group_id = rule.group_id;
  out.is_egress = rule.is_egress;
  out.ip_protocol = rule.ip_protocol;
  out.from_port = rule.from_port;
  out.to_port = rule.to_port;
  out.cidr_ipv4 = rule.cidr_ipv4;
  out.cidr_ipv6 = rule.cidr_ipv6;
  out.prefix_list_id = rule.prefix_list_id;
  if (rule.referenced_group_info) out.referenced_group_id = rule.referenced_group_info->group_id;
  out.description = rule.description;
  return out;
}

template <class Output, class Request>
Task<Result<Output>> revoke(Ec2& ec2, const Caller& caller, const Request& input, bool egress) {
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  Output out;
  out.revoked_security_group_rules.emplace();
  const Network::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const SecurityGroup group, group_of(draft, input));
    TARN_TRY(const auto rules, rules_named(draft, group, input, egress));
    for (const SecurityGroupRule& rule : rules) {
      draft.remove(rule);
      out.revoked_security_group_rules->push_back(revoked(rule));
    }
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, remove));
  out.return_ = true;
  co_return out;
}

}  // namespace

Task<Result<AuthorizeSecurityGroupIngressResult>> handle(
    AuthorizeSecurityGroupIngress /*tag*/, Ec2& ec2, const Caller& caller,
    AuthorizeSecurityGroupIngressRequest input) {
  TARN_CO_CHECK(
      refuse({{"SourceSecurityGroupName", input.source_security_group_name.has_value()}}));
  co_return co_await authorize<AuthorizeSecurityGroupIngressResult>(ec2, caller, input, false);
}

Task<Result<AuthorizeSecurityGroupEgressResult>> handle(AuthorizeSecurityGroupEgress /*tag*/,
                                                        Ec2& ec2, const Caller& caller,
                                                        AuthorizeSecurityGroupEgressRequest input) {
  co_return co_await authorize<AuthorizeSecurityGroupEgressResult>(ec2, caller, input, true);
}

Task<Result<RevokeSecurityGroupIngressResult>> handle(RevokeSecurityGroupIngress /*tag*/, Ec2& ec2,
                                                      const Caller& caller,
                                                      RevokeSecurityGroupIngressRequest input) {
  co_return co_await revoke<RevokeSecurityGroupIngressResult>(ec2, caller, input, false);
}

Task<Result<RevokeSecurityGroupEgressResult>> handle(RevokeSecurityGroupEgress /*tag*/, Ec2& ec2,
                                                     const Caller& caller,
                                                     RevokeSecurityGroupEgressRequest input) {
  co_return co_await revoke<RevokeSecurityGroupEgressResult>(ec2, caller, input, true);
}

Task<Result<DescribeSecurityGroupRulesResult>> handle(DescribeSecurityGroupRules /*tag*/, Ec2& ec2,
                                                      const Caller& caller,
                                                      DescribeSecurityGroupRulesRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_TRY(auto all, select(copies(ec2.network.all<SecurityGroupRule>(caller.region)),
                               input.security_group_rule_ids, input.filters, kRuleFilters));
  DescribeSecurityGroupRulesResult out;
  TARN_CO_TRY(out.security_group_rules,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

}  // namespace tarn::ec2
