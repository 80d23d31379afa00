"""EC2's networks and key pairs through boto3 and the AWS CLI."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


@pytest.fixture
def ec2(client):
    return client("ec2")


@pytest.fixture
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def tags(kind, **values):
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]
    return [{"ResourceType": kind, "Tags": pairs}]


def test_a_region_begins_with_a_default_vpc(ec2):
    (usual,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert usual["CidrBlock"] == "172.31.0.0/16" and usual["State"] == "available"
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones] == [f"us-west-2{letter}" for letter in "abcd"]
    assert zones[0]["ZoneId"] == "usw2-az1"
    of_usual = [{"Name": "vpc-id", "Values": [usual["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=of_usual)["Subnets"]
    assert {subnet["AvailabilityZone"] for subnet in subnets} == {z["ZoneName"] for z in zones}
    assert all(subnet["DefaultForAz"] and subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    (table,) = ec2.describe_route_tables(Filters=of_usual)["RouteTables"]
    assert {route["DestinationCidrBlock"] for route in table["Routes"]} == {
        "172.31.0.0/16",
        "0.0.0.0/0",
    }
    regions = ec2.describe_regions(RegionNames=["eu-west-1"])["Regions"]
    assert regions[0]["Endpoint"] == "ec2.eu-west-1.amazonaws.com"


def test_a_vpc_has_a_main_table_a_default_group_and_attributes(ec2, vpc):
    (told,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert (told["CidrBlock"], told["IsDefault"]) == ("10.7.0.0/16", False)
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    assert group["GroupName"] == "default"
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    (table,) = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    assert table["Associations"][0]["Main"] and table["Routes"][0]["GatewayId"] == "local"
    hostnames = {"VpcId": vpc, "Attribute": "enableDnsHostnames"}
    assert not ec2.describe_vpc_attribute(**hostnames)["EnableDnsHostnames"]["Value"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    assert ec2.describe_vpc_attribute(**hostnames)["EnableDnsHostnames"]["Value"]
    assert code_of(ec2.delete_security_group, GroupId=group["GroupId"]) == "CannotDelete"
    assert code_of(ec2.delete_route_table, RouteTableId=table["RouteTableId"]) == (
        "DependencyViolation"
    )
    ec2.delete_vpc(VpcId=vpc)
    assert code_of(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"
    assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []


def test_ranges_are_within_the_vpc_and_apart(ec2, vpc):
    def make(cidr, **more):
        return ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, **more)

    subnet = make("10.7.1.0/24", AvailabilityZone="us-west-2b")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251 and subnet["AvailabilityZoneId"] == "usw2-az2"
    refuse = {"VpcId": vpc}
    assert code_of(ec2.create_subnet, **refuse, CidrBlock="10.8.0.0/24") == "InvalidSubnet.Range"
    assert code_of(ec2.create_subnet, **refuse, CidrBlock="10.7.1.128/25") == (
        "InvalidSubnet.Conflict"
    )
    assert code_of(ec2.create_subnet, **refuse, CidrBlock="10.7.2.0/29") == "InvalidSubnet.Range"
    make("10.7.2.0/28")
    assert code_of(ec2.create_subnet, **refuse, CidrBlock="10.7.3.0") == "InvalidParameterValue"
    elsewhere = {"CidrBlock": "10.7.3.0/24", "AvailabilityZone": "us-east-1a"}
    assert code_of(ec2.create_subnet, **refuse, **elsewhere) == "InvalidParameterValue"
    assert code_of(ec2.create_vpc, CidrBlock="10.0.0.0/15") == "InvalidVpc.Range"
    assert code_of(ec2.create_vpc, CidrBlock="10.0.0.0/29") == "InvalidVpc.Range"
    assert code_of(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True) == "DryRunOperation"
    assert code_of(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"


def test_the_way_out_by_a_nat_gateway(ec2, vpc):
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert code_of(ec2.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc) == (
        "Resource.AlreadyAssociated"
    )
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat["NatGatewayId"]])
    assert nat["NatGatewayAddresses"][0]["PrivateIp"] == "10.7.1.4"
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**route, NatGatewayId=nat["NatGatewayId"])
    assert code_of(ec2.create_route, **route, GatewayId=gateway) == "RouteAlreadyExists"
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    assert code_of(ec2.associate_route_table, RouteTableId=table, SubnetId=subnet) == (
        "Resource.AlreadyAssociated"
    )
    # What is in use cannot go.
    for call, arguments in (
        (ec2.delete_subnet, {"SubnetId": subnet}),
        (ec2.delete_route_table, {"RouteTableId": table}),
        (ec2.delete_internet_gateway, {"InternetGatewayId": gateway}),
        (ec2.detach_internet_gateway, {"InternetGatewayId": gateway, "VpcId": vpc}),
    ):
        assert code_of(call, **arguments) == "DependencyViolation"
    assert code_of(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    # In the order in which it was made, backwards.
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat["NatGatewayId"]])
    (told,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert {route["State"] for route in told["Routes"]} == {"active", "blackhole"}
    ec2.replace_route(**route, GatewayId=gateway)
    ec2.delete_route(**route)
    assert code_of(ec2.delete_route, **route) == "InvalidRoute.NotFound"
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)
    ec2.release_address(AllocationId=address)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def permission(port, **peer):
    return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}]


def test_rules_of_groups_name_ranges_and_each_other(ec2, vpc):
    one = ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc)["GroupId"]
    two = ec2.create_security_group(GroupName="two", Description="d", VpcId=vpc)["GroupId"]
    again = {"GroupName": "one", "Description": "d", "VpcId": vpc}
    assert code_of(ec2.create_security_group, **again) == "InvalidGroup.Duplicate"
    ssh = permission(22, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "office"}])
    made = ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=ssh)
    assert made["SecurityGroupRules"][0]["CidrIpv4"] == "10.0.0.0/8"
    assert code_of(ec2.authorize_security_group_ingress, GroupId=one, IpPermissions=ssh) == (
        "InvalidPermission.Duplicate"
    )
    ec2.authorize_security_group_ingress(
        GroupId=one, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    for source, target in ((one, two), (two, one)):
        ec2.authorize_security_group_egress(
            GroupId=source, IpPermissions=permission(443, UserIdGroupPairs=[{"GroupId": target}])
        )
    (told,) = ec2.describe_security_groups(GroupIds=[one])["SecurityGroups"]
    assert {each["FromPort"] for each in told["IpPermissions"]} == {22, 80}
    (by_ssh,) = [each for each in told["IpPermissions"] if each["FromPort"] == 22]
    assert by_ssh["IpRanges"] == [{"CidrIp": "10.0.0.0/8", "Description": "office"}]
    assert code_of(ec2.delete_security_group, GroupId=one) == "DependencyViolation"
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [two]}])
    mutual = [r for r in rules["SecurityGroupRules"] if "ReferencedGroupInfo" in r]
    ec2.revoke_security_group_egress(
        GroupId=two, SecurityGroupRuleIds=[mutual[0]["SecurityGroupRuleId"]]
    )
    ec2.revoke_security_group_ingress(GroupId=one, IpPermissions=ssh)
    assert code_of(ec2.revoke_security_group_ingress, GroupId=one, IpPermissions=ssh) == (
        "InvalidPermission.NotFound"
    )
    ec2.delete_security_group(GroupId=one)
    ec2.delete_security_group(GroupId=two)
    ec2.delete_vpc(VpcId=vpc)


def test_a_group_has_at_most_sixty_rules(ec2, vpc):
    group = ec2.create_security_group(GroupName="many", Description="d", VpcId=vpc)["GroupId"]
    ranges = [{"CidrIp": f"10.0.{number}.0/24"} for number in range(60)]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=permission(1, IpRanges=ranges)
    )
    more = permission(1, IpRanges=[{"CidrIp": "10.1.0.0/24"}])
    assert code_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=more) == (
        "RulesPerSecurityGroupLimitExceeded"
    )


def test_endpoints_of_a_vpc(ec2, vpc):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-west-2.s3", RouteTableIds=[table]
    )["VpcEndpoint"]
    assert (made["VpcEndpointType"], made["State"]) == ("Gateway", "available")
    refused = {"VpcId": vpc, "ServiceName": "com.amazonaws.us-west-2.kms"}
    assert code_of(ec2.create_vpc_endpoint, **refused) == "InvalidParameter"
    assert code_of(ec2.delete_route_table, RouteTableId=table) == "DependencyViolation"
    gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"], "vpce-0"])
    assert [each["ResourceId"] for each in gone["Unsuccessful"]] == ["vpce-0"]
    ec2.delete_route_table(RouteTableId=table)


def test_tags_and_filters(ec2, unique):
    team = unique("team")
    made = [
        ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags("vpc", team=team, n=str(n)))
        for n in range(7)
    ]
    ids = [each["Vpc"]["VpcId"] for each in made]
    by_team = [{"Name": "tag:team", "Values": [team[:-2] + "*"]}]
    assert {v["VpcId"] for v in ec2.describe_vpcs(Filters=by_team)["Vpcs"]} == set(ids)
    pages = ec2.get_paginator("describe_vpcs").paginate(
        Filters=by_team, PaginationConfig={"PageSize": 5}
    )
    assert sum(len(page["Vpcs"]) for page in pages) == 7
    ec2.create_tags(Resources=ids[:2], Tags=[{"Key": "n", "Value": "9"}])
    nines = [*by_team, {"Name": "tag:n", "Values": ["9"]}]
    assert {v["VpcId"] for v in ec2.describe_vpcs(Filters=nines)["Vpcs"]} == set(ids[:2])
    ec2.delete_tags(Resources=ids, Tags=[{"Key": "n"}])
    told = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": ids}])["Tags"]
    assert [(tag["Key"], tag["ResourceType"]) for tag in told] == [("team", "vpc")] * 7
    wrong = [{"Name": "colour", "Values": ["red"]}]
    assert code_of(ec2.describe_vpcs, Filters=wrong) == "InvalidParameterValue"
    of_another = tags("subnet", a="b")
    assert code_of(ec2.create_vpc, CidrBlock="10.9.0.0/16", TagSpecifications=of_another) == (
        "InvalidParameterValue"
    )


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_pair_is_a_real_one(ec2, unique, kind):
    name = unique("key")
    made = ec2.create_key_pair(KeyName=name, KeyType=kind)
    private = private_key(made["KeyMaterial"].encode())
    shown = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (told,) = ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    assert told["PublicKey"].split()[:2] == shown.decode().split()[:2]
    assert told["KeyFingerprint"] == made["KeyFingerprint"] and told["KeyType"] == kind
    assert code_of(ec2.create_key_pair, KeyName=name) == "InvalidKeyPair.Duplicate"
    brought = ec2.import_key_pair(KeyName=name + "-2", PublicKeyMaterial=shown + b" me@here")
    if kind == "rsa":
        pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        assert made["KeyFingerprint"] == colons(hashlib.sha1(pkcs8))
        spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert brought["KeyFingerprint"] == colons(hashlib.md5(spki))
    else:
        blob = base64.b64decode(shown.split()[1])
        wanted = base64.b64encode(hashlib.sha256(blob).digest()).decode()
        assert made["KeyFingerprint"] == brought["KeyFingerprint"] == wanted
    ec2.delete_key_pair(KeyName=name)
    assert code_of(ec2.describe_key_pairs, KeyNames=[name]) == "InvalidKeyPair.NotFound"
    assert code_of(ec2.import_key_pair, KeyName="k", PublicKeyMaterial=b"ssh-rsa nonsense") == (
        "InvalidKey.Format"
    )


def private_key(text):
    if b"OPENSSH" in text:
        return load_ssh_private_key(text, None)
    return load_pem_private_key(text, None)


def colons(digest):
    return digest.digest().hex(":")


def test_a_network_outlives_the_server_and_the_cli_tells_it(fresh_server):
    ec2 = fresh_server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    before = ec2.describe_vpcs()["Vpcs"]
    fresh_server.kill9()
    fresh_server.restart()
    told = fresh_server.aws_cli("ec2", "describe-vpcs")["Vpcs"]
    assert json.dumps(told) == json.dumps(before)
    (kept,) = fresh_server.aws_cli("ec2", "describe-subnets", "--subnet-ids", subnet)["Subnets"]
    assert kept["MapPublicIpOnLaunch"]


def test_a_user_makes_what_its_policies_allow(client, ec2, unique):
    name = unique("user")
    iam = client("iam")
    iam.create_user(UserName=name)
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    condition = {"StringEquals": {"aws:RequestTag/team": "data"}}
    statement = {
        "Effect": "Allow",
        "Action": ["ec2:CreateVpc", "ec2:Describe*"],
        "Resource": "*",
        "Condition": condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    theirs = client(
        "ec2", access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"]
    )
    theirs.create_vpc(CidrBlock="10.3.0.0/16", TagSpecifications=tags("vpc", team="data"))
    assert code_of(theirs.create_vpc, CidrBlock="10.3.0.0/16") == "UnauthorizedOperation"


def test_what_is_not_here_answers_by_its_name(ec2):
    assert code_of(ec2.run_instances, MinCount=1, MaxCount=1) == "NotImplemented"
    ipv6 = {"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": True}
    assert code_of(ec2.create_vpc, **ipv6) == "NotImplemented"
