// Rules of security groups: one for each peer, as the API counts them, and permissions, as it also
// takes and tells them.
//
// Place: services/ec2, for security_group_actions.cc and rule_actions.cc. Source:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "services/ec2/network.h"

namespace tarn::ec2 {

// The rules of a group in one direction.
[[nodiscard]] std::vector<Entry<SecurityGroupRule>> rules_of(const Draft& draft,
                                                             const std::string& group_id,
                                                             bool egress);

// What a permission stands for: a rule without id for each range, prefix list and group. Errors:
// MissingParameter, InvalidParameterValue (protocol, ports, range).
[[nodiscard]] Result<std::vector<SecurityGroupRule>> rules_from(
    const std::vector<IpPermission>& permissions, bool egress);

// The same protocol, ports and peer.
[[nodiscard]] bool are_alike(const SecurityGroupRule& one, const SecurityGroupRule& other);

// "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW".
[[nodiscard]] std::string describe_rule(const SecurityGroupRule& rule);

// Rules with the same protocol and ports are one permission.
[[nodiscard]] std::vector<IpPermission> permissions_from(
    const std::vector<Entry<SecurityGroupRule>>& rules);

}  // namespace tarn::ec2
