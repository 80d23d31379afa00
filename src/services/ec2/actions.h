// The handlers of every action. Each .cc names the actions it holds.
//
// Place: services/ec2. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare, DryRunOperation, and what the file's comments add.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/ec2/api.h"
#include "services/ec2/describe.h"
#include "services/ec2/request.h"
#include "services/ec2/service.h"

namespace tarn::ec2 {

// address_actions.cc
Task<Result<AllocateAddressResult>> handle(AllocateAddress, Ec2&, const Caller&,
                                           AllocateAddressRequest);
Task<Result<DescribeAddressesResult>> handle(DescribeAddresses, Ec2&, const Caller&,
                                             DescribeAddressesRequest);
Task<Result<wire::Unit>> handle(ReleaseAddress, Ec2&, const Caller&, ReleaseAddressRequest);

// endpoint_actions.cc
Task<Result<CreateVpcEndpointResult>> handle(CreateVpcEndpoint, Ec2&, const Caller&,
                                             CreateVpcEndpointRequest);
Task<Result<DescribeVpcEndpointsResult>> handle(DescribeVpcEndpoints, Ec2&, const Caller&,
                                                DescribeVpcEndpointsRequest);
Task<Result<DeleteVpcEndpointsResult>> handle(DeleteVpcEndpoints, Ec2&, const Caller&,
                                              DeleteVpcEndpointsRequest);

// gateway_actions.cc
Task<Result<CreateInternetGatewayResult>> handle(CreateInternetGateway, Ec2&, const Caller&,
                                                 CreateInternetGatewayRequest);
Task<Result<DescribeInternetGatewaysResult>> handle(DescribeInternetGateways, Ec2&, const Caller&,
                                                    DescribeInternetGatewaysRequest);
Task<Result<wire::Unit>> handle(DeleteInternetGateway, Ec2&, const Caller&,
                                DeleteInternetGatewayRequest);
Task<Result<wire::Unit>> handle(AttachInternetGateway, Ec2&, const Caller&,
                                AttachInternetGatewayRequest);
Task<Result<wire::Unit>> handle(DetachInternetGateway, Ec2&, const Caller&,
                                DetachInternetGatewayRequest);

// key_pair_actions.cc
Task<Result<KeyPair>> handle(CreateKeyPair, Ec2&, const Caller&, CreateKeyPairRequest);
Task<Result<ImportKeyPairResult>> handle(ImportKeyPair, Ec2&, const Caller&, ImportKeyPairRequest);
Task<Result<DescribeKeyPairsResult>> handle(DescribeKeyPairs, Ec2&, const Caller&,
                                            DescribeKeyPairsRequest);
Task<Result<DeleteKeyPairResult>> handle(DeleteKeyPair, Ec2&, const Caller&, DeleteKeyPairRequest);

// nat_gateway_actions.cc
Task<Result<CreateNatGatewayResult>> handle(CreateNatGateway, Ec2&, const Caller&,
                                            CreateNatGatewayRequest);
Task<Result<DescribeNatGatewaysResult>> handle(DescribeNatGateways, Ec2&, const Caller&,
                                               DescribeNatGatewaysRequest);
Task<Result<DeleteNatGatewayResult>> handle(DeleteNatGateway, Ec2&, const Caller&,
                                            DeleteNatGatewayRequest);

// route_actions.cc
Task<Result<CreateRouteResult>> handle(CreateRoute, Ec2&, const Caller&, CreateRouteRequest);
Task<Result<wire::Unit>> handle(ReplaceRoute, Ec2&, const Caller&, ReplaceRouteRequest);
Task<Result<wire::Unit>> handle(DeleteRoute, Ec2&, const Caller&, DeleteRouteRequest);

// route_table_actions.cc
Task<Result<CreateRouteTableResult>> handle(CreateRouteTable, Ec2&, const Caller&,
                                            CreateRouteTableRequest);
Task<Result<DescribeRouteTablesResult>> handle(DescribeRouteTables, Ec2&, const Caller&,
                                               DescribeRouteTablesRequest);
Task<Result<wire::Unit>> handle(DeleteRouteTable, Ec2&, const Caller&, DeleteRouteTableRequest);
Task<Result<AssociateRouteTableResult>> handle(AssociateRouteTable, Ec2&, const Caller&,
                                               AssociateRouteTableRequest);
Task<Result<wire::Unit>> handle(DisassociateRouteTable, Ec2&, const Caller&,
                                DisassociateRouteTableRequest);
Task<Result<ReplaceRouteTableAssociationResult>> handle(ReplaceRouteTableAssociation, Ec2&,
                                                        const Caller&,
                                                        ReplaceRouteTableAssociationRequest);

// rule_actions.cc
Task<Result<AuthorizeSecurityGroupIngressResult>> handle(AuthorizeSecurityGroupIngress, Ec2&,
                                                         const Caller&,
                                                         AuthorizeSecurityGroupIngressRequest);
Task<Result<AuthorizeSecurityGroupEgressResult>> handle(AuthorizeSecurityGroupEgress, Ec2&,
                                                        const Caller&,
                                                        AuthorizeSecurityGroupEgressRequest);
Task<Result<RevokeSecurityGroupIngressResult>> handle(RevokeSecurityGroupIngress, Ec2&,
                                                      const Caller&,
                                                      RevokeSecurityGroupIngressRequest);
Task<Result<RevokeSecurityGroupEgressResult>> handle(RevokeSecurityGroupEgress, Ec2&, const Caller&,
                                                     RevokeSecurityGroupEgressRequest);
Task<Result<DescribeSecurityGroupRulesResult>> handle(DescribeSecurityGroupRules, Ec2&,
                                                      const Caller&,
                                                      DescribeSecurityGroupRulesRequest);

// security_group_actions.cc
Task<Result<CreateSecurityGroupResult>> handle(CreateSecurityGroup, Ec2&, const Caller&,
                                               CreateSecurityGroupRequest);
Task<Result<DescribeSecurityGroupsResult>> handle(DescribeSecurityGroups, Ec2&, const Caller&,
                                                  DescribeSecurityGroupsRequest);
Task<Result<DeleteSecurityGroupResult>> handle(DeleteSecurityGroup, Ec2&, const Caller&,
                                               DeleteSecurityGroupRequest);

// subnet_actions.cc
Task<Result<CreateSubnetResult>> handle(CreateSubnet, Ec2&, const Caller&, CreateSubnetRequest);
Task<Result<DescribeSubnetsResult>> handle(DescribeSubnets, Ec2&, const Caller&,
                                           DescribeSubnetsRequest);
Task<Result<wire::Unit>> handle(DeleteSubnet, Ec2&, const Caller&, DeleteSubnetRequest);
Task<Result<wire::Unit>> handle(ModifySubnetAttribute, Ec2&, const Caller&,
                                ModifySubnetAttributeRequest);

// tag_actions.cc
Task<Result<wire::Unit>> handle(CreateTags, Ec2&, const Caller&, CreateTagsRequest);
Task<Result<wire::Unit>> handle(DeleteTags, Ec2&, const Caller&, DeleteTagsRequest);
Task<Result<DescribeTagsResult>> handle(DescribeTags, Ec2&, const Caller&, DescribeTagsRequest);

// vpc_actions.cc
Task<Result<CreateVpcResult>> handle(CreateVpc, Ec2&, const Caller&, CreateVpcRequest);
Task<Result<DescribeVpcsResult>> handle(DescribeVpcs, Ec2&, const Caller&, DescribeVpcsRequest);
Task<Result<wire::Unit>> handle(DeleteVpc, Ec2&, const Caller&, DeleteVpcRequest);
Task<Result<wire::Unit>> handle(ModifyVpcAttribute, Ec2&, const Caller&, ModifyVpcAttributeRequest);
Task<Result<DescribeVpcAttributeResult>> handle(DescribeVpcAttribute, Ec2&, const Caller&,
                                                DescribeVpcAttributeRequest);

// zone_actions.cc
Task<Result<DescribeAvailabilityZonesResult>> handle(DescribeAvailabilityZones, Ec2&, const Caller&,
                                                     DescribeAvailabilityZonesRequest);
Task<Result<DescribeRegionsResult>> handle(DescribeRegions, Ec2&, const Caller&,
                                           DescribeRegionsRequest);

}  // namespace tarn::ec2
