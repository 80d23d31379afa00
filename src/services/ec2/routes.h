// Routes of route tables.
//
// Place: services/ec2, for route_table_actions.cc, route_actions.cc and endpoint_actions.cc.
// Threads: pure functions.
#pragma once

#include <string>

#include "services/ec2/network.h"

namespace tarn::ec2 {

// Within the VPC: every route table begins with it.
[[nodiscard]] Route local_route(const std::string& range);

// A route's target may be gone: then it is a blackhole
// (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
void show_states(const Network& network, const std::string& region, RouteTable& table);

}  // namespace tarn::ec2
