// Whole VPCs: what comes with one, and the one that a region begins with.
//
// Place: services/ec2. Source:
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
// Threads: on the blocking pool, within Network::change().
#pragma once

#include <string>

#include "services/ec2/cidr.h"
#include "services/ec2/request.h"

namespace tarn::ec2 {

// A VPC with its main route table and its default security group.
[[nodiscard]] Vpc make_vpc(Ec2& ec2, const Caller& caller, const Cidr& range, Draft& draft);
[[nodiscard]] Subnet make_subnet(Ec2& ec2, const Caller& caller, const Vpc& vpc, const Cidr& range,
                                 const std::string& zone);
// A group that lets everything out, and the rule that says so.
[[nodiscard]] SecurityGroup make_group(Ec2& ec2, const Caller& caller, const std::string& vpc_id,
                                       const std::string& name, const std::string& description,
                                       Draft& draft);

// 172.31.0.0/16 with a subnet in every zone, and the way to the internet.
[[nodiscard]] Status make_default_vpc(Ec2& ec2, const Caller& caller, Draft& draft);

// The default VPC of the region; nullptr where it is gone.
[[nodiscard]] Entry<Vpc> default_vpc(const Draft& draft);
// Of a VPC. Nullptr only in damaged records.
[[nodiscard]] Entry<RouteTable> main_route_table(const Draft& draft, const std::string& vpc_id);

}  // namespace tarn::ec2
