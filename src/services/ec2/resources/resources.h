// The resource types that stacks can make of EC2.
//
// Place: services/ec2/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
//
// One that is made without a name of its own is known by its id from the moment its stack has noted
// it; a server that is killed between the two leaves one behind (VPC, InternetGateway, RouteTable,
// EIP, VPCEndpoint).
#pragma once

#include <memory>
#include <vector>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::ec2 {

using OwnedType = std::unique_ptr<cloudformation::ResourceType>;

// All of them. `calls` must live on.
[[nodiscard]] std::vector<OwnedType> resource_types(const gateway::InProcess& calls);

// AWS::EC2::VPC, Subnet, RouteTable, InternetGateway, NatGateway, EIP, VPCEndpoint, KeyPair.
[[nodiscard]] std::vector<OwnedType> network_types(const gateway::InProcess& calls);
// AWS::EC2::Route, SubnetRouteTableAssociation, VPCGatewayAttachment.
[[nodiscard]] std::vector<OwnedType> link_types(const gateway::InProcess& calls);
// AWS::EC2::SecurityGroup, SecurityGroupIngress, SecurityGroupEgress.
[[nodiscard]] std::vector<OwnedType> security_group_types(const gateway::InProcess& calls);

}  // namespace tarn::ec2
