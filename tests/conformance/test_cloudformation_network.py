"""A network in two zones as a stack: made, changed and removed by the AWS CLI."""

from __future__ import annotations

import time

import pytest

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Cidr: {Type: String, Default: 10.20.0.0/16}
  Port: {Type: Number, Default: 8443}
  Hostnames: {Type: String, Default: "true"}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref Cidr
      EnableDnsSupport: true
      EnableDnsHostnames: !Ref Hostnames
      Tags: [{Key: Name, Value: !Sub "${AWS::StackName}-vpc"}]
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  Public:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [0, !Cidr [!Ref Cidr, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
      MapPublicIpOnLaunch: true
  Private:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [1, !Cidr [!Ref Cidr, 4, 8]]
      AvailabilityZone: !Select [1, !GetAZs ""]
  Address:
    Type: AWS::EC2::EIP
    DependsOn: Attachment
    Properties: {Domain: vpc}
  Nat:
    Type: AWS::EC2::NatGateway
    Properties: {SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId}
  PublicRoutes:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Vpc}
  PrivateRoutes:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Vpc}
  WayOut:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: {RouteTableId: !Ref PublicRoutes, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  WayToNat:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref PrivateRoutes, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  PublicPlace:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Public, RouteTableId: !Ref PublicRoutes}
  PrivatePlace:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Private, RouteTableId: !Ref PrivateRoutes}
  Storage:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [!Ref PrivateRoutes]
  Engine:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the engine
      VpcId: !Ref Vpc
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
  Workspace:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the workspaces
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 10.0.0.0/8}
  FromWorkspace:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Ref Engine
      IpProtocol: tcp
      FromPort: 18888
      ToPort: 18888
      SourceSecurityGroupId: !Ref Workspace
  ToEngine:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      GroupId: !Ref Workspace
      IpProtocol: tcp
      FromPort: 18888
      ToPort: 18888
      DestinationSecurityGroupId: !Ref Engine
Outputs:
  Vpc: {Value: !Ref Vpc}
  Default: {Value: !GetAtt Vpc.DefaultSecurityGroup}
  Private: {Value: !Ref Private}
  Engine: {Value: !GetAtt Engine.GroupId}
  Workspace: {Value: !Ref Workspace}
"""


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "network.yaml"
    path.write_text(TEMPLATE)
    return path


def deploy(aws_cli, stack, template, *parameters):
    done = aws_cli(
        "cloudformation", "deploy", "--stack-name", stack, "--template-file", template,
        "--parameter-overrides", "Cidr=10.20.0.0/16", *parameters, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_network_is_made_changed_and_removed_at_the_first_try(client, aws_cli, unique, template):
    stack, cloudformation, ec2 = unique("network"), client("cloudformation"), client("ec2")
    deploy(aws_cli, stack, template)
    (told,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    out = {each["OutputKey"]: each["OutputValue"] for each in told["Outputs"]}
    (vpc,) = ec2.describe_vpcs(VpcIds=[out["Vpc"]])["Vpcs"]
    assert {"Key": "Name", "Value": f"{stack}-vpc"} in vpc["Tags"]
    hostnames = {"VpcId": out["Vpc"], "Attribute": "enableDnsHostnames"}
    assert ec2.describe_vpc_attribute(**hostnames)["EnableDnsHostnames"]["Value"]
    (private,) = ec2.describe_subnets(SubnetIds=[out["Private"]])["Subnets"]
    assert (private["CidrBlock"], private["AvailabilityZone"]) == ("10.20.1.0/24", "us-west-2b")
    by_subnet = [{"Name": "association.subnet-id", "Values": [out["Private"]]}]
    (table,) = ec2.describe_route_tables(Filters=by_subnet)["RouteTables"]
    assert [r.get("NatGatewayId", "")[:4] for r in table["Routes"]] == ["", "nat-"]
    groups = {
        group["GroupId"]: group
        for group in ec2.describe_security_groups(GroupIds=[out["Engine"], out["Workspace"]])[
            "SecurityGroups"
        ]
    }
    (egress,) = groups[out["Engine"]]["IpPermissionsEgress"]
    assert egress["FromPort"] == 443, "a rule of its own takes the place of the open one"
    assert groups[out["Workspace"]]["IpPermissions"][0]["FromPort"] == 8443
    assert out["Default"].startswith("sg-")

    time.sleep(1.1)  # the CLI names its change sets by the second
    deploy(aws_cli, stack, template, "Port=9443", "Hostnames=false")
    assert not ec2.describe_vpc_attribute(**hostnames)["EnableDnsHostnames"]["Value"]
    (changed,) = ec2.describe_security_groups(GroupIds=[out["Workspace"]])["SecurityGroups"]
    assert [p["FromPort"] for p in changed["IpPermissions"]] == [9443]

    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=told["StackId"], WaiterConfig={"Delay": 1}
    )
    left = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
    assert out["Vpc"] not in left


def test_what_is_wrong_with_a_network_is_told_and_nothing_is_left(
    client, aws_cli, unique, template
):
    stack, cloudformation, ec2 = unique("network"), client("cloudformation"), client("ec2")
    before = len(ec2.describe_vpcs()["Vpcs"])
    template.write_text(TEMPLATE.replace("!Select [1, !Cidr [!Ref Cidr, 4, 8]]", "10.99.0.0/24"))
    done = aws_cli(
        "cloudformation", "deploy", "--stack-name", stack, "--template-file", template, check=False
    )
    assert done.returncode != 0
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert any("The CIDR '10.99.0.0/24' is invalid" in reason for reason in reasons), reasons
    assert len(ec2.describe_vpcs()["Vpcs"]) == before
