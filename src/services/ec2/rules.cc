#include "services/ec2/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "services/ec2/cidr.h"
#include "wire/encoding.h"

namespace tarn::ec2 {
namespace {

constexpr int kAnyPort = -1;
constexpr int kLastPort = 65535;
// https://www.iana.org/assignments/protocol-numbers
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNumbers = {
    {{"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"58", "icmpv6"}}};

bool has_ports(std::string_view protocol) {
  return protocol == "tcp" || protocol == "udp";
}

// Error: InvalidParameterValue.
Result<std::string> protocol_of(const std::string& given) {
  std::string name = wire::to_lower(given);
  if (name == "all") name = "-1";
  for (const auto& [number, word] : kNumbers) {
    if (name == number) name = word;
  }
  const bool is_number =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (name == "-1" || has_ports(name) || name == "icmp" || name == "icmpv6" ||
      (is_number && name.size() <= 3 && !name.empty()))
    return name;
  return Error("InvalidParameterValue",
               fmt::format("Invalid value '{}' for IP protocol. Unknown protocol.", given));
}

// Protocol and ports of a permission. Errors: as rules_from().
Result<SecurityGroupRule> frame_of(const IpPermission& permission, bool egress) {
  if (!permission.ip_protocol) {
    return Error("MissingParameter", "The request must contain the parameter ipProtocol");
  }
  SecurityGroupRule out;
  out.is_egress = egress;
  TARN_TRY(out.ip_protocol, protocol_of(*permission.ip_protocol));
  out.from_port = kAnyPort;
  out.to_port = kAnyPort;
  if (out.ip_protocol == "-1") return out;
  out.from_port = permission.from_port.value_or(kAnyPort);
  out.to_port = permission.to_port.value_or(kAnyPort);
  if (!has_ports(*out.ip_protocol)) return out;
  if (!permission.from_port || !permission.to_port) {
    return Error("MissingParameter",
                 "The request must contain the parameters fromPort and toPort for this protocol");
  }
  if (*out.from_port == kAnyPort && *out.to_port == kAnyPort) return out;
  if (*out.from_port < 0 || *out.to_port > kLastPort || *out.from_port > *out.to_port) {
    return Error("InvalidParameterValue", fmt::format("Invalid value for portRange. From port ({}) "
                                                      "to port ({}) is not a range.",
                                                      *out.from_port, *out.to_port));
  }
  return out;
}

Result<SecurityGroupRule> with_range(SecurityGroupRule rule, const IpRange& range) {
  TARN_TRY(const Cidr cidr, Cidr::parse(range.cidr_ip.value_or(""), "cidrIp"));
  rule.cidr_ipv4 = cidr.text();
  rule.description = range.description;
  return rule;
}

SecurityGroupRule with_group(SecurityGroupRule rule, const UserIdGroupPair& pair) {
  rule.referenced_group_info.emplace();
  rule.referenced_group_info->group_id = pair.group_id;
  rule.referenced_group_info->user_id = pair.user_id;
  rule.description = pair.description;
  return rule;
}

std::string peer_of(const SecurityGroupRule& rule) {
  if (rule.cidr_ipv4) return *rule.cidr_ipv4;
  if (rule.cidr_ipv6) return *rule.cidr_ipv6;
  if (rule.prefix_list_id) return *rule.prefix_list_id;
  return rule.referenced_group_info ? rule.referenced_group_info->group_id.value_or("") : "";
}

void add_peer(IpPermission& to, const SecurityGroupRule& rule) {
  if (rule.cidr_ipv4) {
    IpRange& range = to.ip_ranges->emplace_back();
    range.cidr_ip = rule.cidr_ipv4;
    range.description = rule.description;
  } else if (rule.cidr_ipv6) {
    Ipv6Range& range = to.ipv6_ranges->emplace_back();
    range.cidr_ipv6 = rule.cidr_ipv6;
    range.description = rule.description;
  } else if (rule.prefix_list_id) {
    PrefixListId& list = to.prefix_list_ids->emplace_back();
    list.prefix_list_id = rule.prefix_list_id;
    list.description = rule.description;
  } else if (rule.referenced_group_info) {
    UserIdGroupPair& pair = to.user_id_group_pairs->emplace_back();
    pair.group_id = rule.referenced_group_info->group_id;
    pair.user_id = rule.referenced_group_info->user_id;
    pair.description = rule.description;
  }
}

}  // namespace

std::vector<Entry<SecurityGroupRule>> rules_of(const Draft& draft, const std::string& group_id,
                                               bool egress) {
  auto out = draft.all<SecurityGroupRule>();
  std::erase_if(out, [&](const auto& rule) {
    return rule->group_id != group_id || rule->is_egress.value_or(false) != egress;
  });
  return out;
}

Result<std::vector<SecurityGroupRule>> rules_from(const std::vector<IpPermission>& permissions,
                                                  bool egress) {
  std::vector<SecurityGroupRule> out;
  for (const IpPermission& permission : permissions) {
    TARN_TRY(const SecurityGroupRule frame, frame_of(permission, egress));
    for (const auto& range : permission.ip_ranges.value_or(std::vector<IpRange>())) {
      TARN_TRY(out.emplace_back(), with_range(frame, range));
    }
    for (const auto& range : permission.ipv6_ranges.value_or(std::vector<Ipv6Range>())) {
      SecurityGroupRule& rule = out.emplace_back(frame);
      rule.cidr_ipv6 = range.cidr_ipv6;
      rule.description = range.description;
    }
    for (const auto& list : permission.prefix_list_ids.value_or(std::vector<PrefixListId>())) {
      SecurityGroupRule& rule = out.emplace_back(frame);
      rule.prefix_list_id = list.prefix_list_id;
      rule.description = list.description;
    }
    for (const auto& pair : permission.user_id_group_pairs.value_or(std::vector<UserIdGroupPair>()))
      out.push_back(with_group(frame, pair));
  }
  if (!out.empty()) return out;
  return Error("MissingParameter",
               "Either 'cidrIp' or 'sourceSecurityGroupId' should be provided.");
}

bool are_alike(const SecurityGroupRule& one, const SecurityGroupRule& other) {
  return one.is_egress == other.is_egress && one.ip_protocol == other.ip_protocol &&
         one.from_port == other.from_port && one.to_port == other.to_port &&
         peer_of(one) == peer_of(other);
}

std::string describe_rule(const SecurityGroupRule& rule) {
  std::string protocol = rule.ip_protocol == "-1" ? "ALL" : *rule.ip_protocol;
  std::transform(protocol.begin(), protocol.end(), protocol.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (rule.ip_protocol == "-1") return fmt::format("peer: {}, {}, ALLOW", peer_of(rule), protocol);
  return fmt::format("peer: {}, {}, from port: {}, to port: {}, ALLOW", peer_of(rule), protocol,
                     *rule.from_port, *rule.to_port);
}

std::vector<IpPermission> permissions_from(const std::vector<Entry<SecurityGroupRule>>& rules) {
  std::vector<IpPermission> out;
  for (const auto& rule : rules) {
    const bool is_all = rule->ip_protocol == "-1";
    const auto from = is_all ? std::optional<std::int32_t>() : rule->from_port;
    const auto to = is_all ? std::optional<std::int32_t>() : rule->to_port;
    auto same = std::find_if(out.begin(), out.end(), [&](const IpPermission& permission) {
      return permission.ip_protocol == rule->ip_protocol && permission.from_port == from &&
             permission.to_port == to;
    });
    if (same == out.end()) {
      IpPermission permission;
      permission.ip_protocol = rule->ip_protocol;
      permission.from_port = from;
      permission.to_port = to;
      permission.ip_ranges.emplace();
      permission.ipv6_ranges.emplace();
      permission.prefix_list_ids.emplace();
      permission.user_id_group_pairs.emplace();
      same = out.insert(out.end(), std::move(permission));
    }
    add_peer(*same, *rule);
  }
  return out;
}

}  // namespace tarn::ec2
