"""Tags that stacks give their resources: their own, and those by which a resource's stack is found."""

from __future__ import annotations

import pytest
from cloudformation_steps import own_tags, refused, resources_of, wait_for_status

# One resource of each service whose resources have tags.
BODY = """
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: own, Value: bucket}]}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1, Tags: [{Key: own, Value: stream}]}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Key: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: 7}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
  Group: {Type: AWS::Logs::LogGroup}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: v}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: hidden}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16}}
  Studio:
    Type: AWS::EMR::Studio
    Properties:
      Name: data team
      AuthMode: IAM
      VpcId: vpc-1
      SubnetIds: [subnet-1]
      ServiceRole: EMRStudio_Service_Role
      WorkspaceSecurityGroupId: sg-1
      EngineSecurityGroupId: sg-2
      DefaultS3Location: s3://studio/work
"""
SMALL = """
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16}}
"""
RED = [{"Key": "team", "Value": "red"}]
BLUE = [{"Key": "team", "Value": "blue"}]
MARK = "aws:cloudformation:stack-name"
CAPABILITIES = ["CAPABILITY_IAM"]


def table_tags(dynamodb, name):
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    return dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]


def key_tags(kms, key):
    told = kms.list_resource_tags(KeyId=key)["Tags"]
    return [{"Key": t["TagKey"], "Value": t["TagValue"]} for t in told]


def group_tags(logs, name):
    told = logs.list_tags_log_group(logGroupName=name)["tags"]
    return [{"Key": key, "Value": value} for key, value in told.items()]


def parameter_tags(ssm, name):
    return ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]


# By logical id: the service, and how its client tells the tags of the resource.
READERS = {
    "Bucket": ("s3", lambda s3, name: s3.get_bucket_tagging(Bucket=name)["TagSet"]),
    "Stream": ("kinesis", lambda k, name: k.list_tags_for_stream(StreamName=name)["Tags"]),
    "Table": ("dynamodb", table_tags),
    "Key": ("kms", key_tags),
    "Role": ("iam", lambda iam, name: iam.get_role(RoleName=name)["Role"]["Tags"]),
    "Group": ("logs", group_tags),
    "Parameter": ("ssm", parameter_tags),
    "Secret": ("secretsmanager", lambda s, arn: s.describe_secret(SecretId=arn)["Tags"]),
    "Vpc": ("ec2", lambda ec2, vpc: ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]),
    "Studio": ("emr", lambda emr, one: emr.describe_studio(StudioId=one)["Studio"]["Tags"]),
}
OWN = {"Bucket": {"own": "bucket"}, "Stream": {"own": "stream"}}


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


@pytest.fixture
def made(cloudformation, unique):
    """Makes stacks that go with the test: name and id."""
    stacks = []

    def make(body):
        name = unique("tagged")
        stack = cloudformation.create_stack(
            StackName=name, TemplateBody=body, Tags=RED, Capabilities=CAPABILITIES
        )["StackId"]
        stacks.append(stack)
        wait_for_status(cloudformation, name, "CREATE_COMPLETE")
        return name, stack

    yield make
    for stack in stacks:
        cloudformation.delete_stack(StackName=stack)
        wait_for_status(cloudformation, stack, "DELETE_COMPLETE")


def told_tags(client, logical, physical):
    """Values by keys."""
    service, read = READERS[logical]
    return {t["Key"]: t["Value"] for t in read(client(service), physical)}


def marks_of(name, stack, logical):
    return {
        MARK: name,
        "aws:cloudformation:stack-id": stack,
        "aws:cloudformation:logical-id": logical,
    }


def test_every_resource_tells_its_stack_and_an_update_keeps_that(client, cloudformation, made):
    name, stack = made(BODY)
    ids = resources_of(cloudformation, name)
    assert set(ids) == set(READERS)
    for logical, physical in ids.items():
        wanted = {"team": "red", **OWN.get(logical, {}), **marks_of(name, stack, logical)}
        assert told_tags(client, logical, physical) == wanted, logical
    # They are the resources', not the stack's.
    (told,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert told["Tags"] == RED

    cloudformation.update_stack(
        StackName=name, UsePreviousTemplate=True, Tags=BLUE, Capabilities=CAPABILITIES
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert resources_of(cloudformation, name) == ids
    for logical, physical in ids.items():
        wanted = {"team": "blue", **OWN.get(logical, {}), **marks_of(name, stack, logical)}
        assert told_tags(client, logical, physical) == wanted, logical


def test_a_user_does_not_change_the_marks_of_a_bucket(client, cloudformation, made):
    name, stack = made(SMALL)
    bucket, s3 = resources_of(cloudformation, name)["Bucket"], client("s3")
    there = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    marks = [t for t in there if t["Key"].startswith("aws:")]
    assert len(marks) == 3

    def put(tags):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})

    removed = ("InvalidTag", "System tags cannot be removed by requester")
    changed = ("InvalidTag", "System tags cannot be added/updated by requester")
    assert refused(put, tags=BLUE) == removed
    assert refused(put, tags=[{**t, "Value": "other"} for t in marks]) == changed
    assert refused(put, tags=[*marks, {"Key": "aws:x", "Value": "1"}]) == changed
    put([*marks, *BLUE])
    assert own_tags(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == {"team": "blue"}
    s3.delete_bucket_tagging(Bucket=bucket)
    assert told_tags(client, "Bucket", bucket) == marks_of(name, stack, "Bucket")


def test_a_user_does_not_change_the_marks_of_a_stream_and_a_network(client, cloudformation, made):
    name, stack = made(SMALL)
    ids = resources_of(cloudformation, name)
    kinesis, stream = client("kinesis"), {"StreamName": ids["Stream"]}
    for call, more in (
        (kinesis.add_tags_to_stream, {"Tags": {MARK: "other"}}),
        (kinesis.add_tags_to_stream, {"Tags": {"aws:x": "1"}}),
        (kinesis.remove_tags_from_stream, {"TagKeys": [MARK]}),
    ):
        assert refused(call, **stream, **more)[0] == "InvalidArgumentException"
    kinesis.remove_tags_from_stream(**stream, TagKeys=["team"])
    assert told_tags(client, "Stream", ids["Stream"]) == marks_of(name, stack, "Stream")

    ec2, vpc = client("ec2"), {"Resources": [ids["Vpc"]]}
    for call, tag in (
        (ec2.create_tags, {"Key": MARK, "Value": "other"}),
        (ec2.create_tags, {"Key": "aws:x", "Value": "1"}),
        (ec2.delete_tags, {"Key": MARK}),
    ):
        assert refused(call, **vpc, Tags=[tag])[0] == "InvalidParameterValue"
    ec2.create_tags(**vpc, Tags=BLUE)
    assert own_tags(ec2.describe_vpcs(VpcIds=[ids["Vpc"]])["Vpcs"][0]["Tags"]) == {"team": "blue"}
    # All tags, that is: all that are the user's.
    ec2.delete_tags(**vpc)
    assert told_tags(client, "Vpc", ids["Vpc"]) == marks_of(name, stack, "Vpc")
    tagged = [{"Name": f"tag:{MARK}", "Values": [name]}]
    (found,) = ec2.describe_vpcs(Filters=tagged)["Vpcs"]
    assert found["VpcId"] == ids["Vpc"]


def test_a_user_does_not_untag_what_other_services_keep(client, cloudformation, made):
    name, stack = made(BODY)
    ids = resources_of(cloudformation, name)
    dynamodb, logs = client("dynamodb"), client("logs")
    table = dynamodb.describe_table(TableName=ids["Table"])["Table"]["TableArn"]
    for call, request, code in (
        (dynamodb.untag_resource, {"ResourceArn": table, "TagKeys": [MARK]}, "ValidationException"),
        (client("kms").untag_resource, {"KeyId": ids["Key"], "TagKeys": [MARK]}, "TagException"),
        # Keys of IAM are the same in any case.
        (client("iam").untag_role, {"RoleName": ids["Role"], "TagKeys": [MARK]}, "InvalidInput"),
        (
            client("iam").tag_role,
            {"RoleName": ids["Role"], "Tags": [{"Key": MARK.upper(), "Value": "x"}]},
            "InvalidInput",
        ),
        (
            logs.untag_log_group,
            {"logGroupName": ids["Group"], "tags": [MARK]},
            "InvalidParameterException",
        ),
        (
            client("ssm").remove_tags_from_resource,
            {"ResourceType": "Parameter", "ResourceId": ids["Parameter"], "TagKeys": [MARK]},
            "ValidationException",
        ),
        (
            client("secretsmanager").untag_resource,
            {"SecretId": ids["Secret"], "TagKeys": [MARK]},
            "InvalidParameterException",
        ),
        (
            client("emr").remove_tags,
            {"ResourceId": ids["Studio"], "TagKeys": [MARK]},
            "InvalidRequestException",
        ),
    ):
        assert refused(call, **request)[0] == code, request
    for logical, physical in ids.items():
        told = told_tags(client, logical, physical)
        assert marks_of(name, stack, logical).items() <= told.items(), logical


def test_a_user_gives_a_stack_no_tags_of_aws(cloudformation, made, unique):
    name, _ = made(SMALL)
    reserved = [{"Key": "aws:x", "Value": "1"}]
    change = {"ChangeSetName": "c", "TemplateBody": SMALL}
    for call, more in (
        (cloudformation.create_stack, {"StackName": unique("reserved"), "TemplateBody": SMALL}),
        (cloudformation.update_stack, {"StackName": name, "UsePreviousTemplate": True}),
        (cloudformation.create_change_set, {"StackName": name, **change}),
    ):
        code, message = refused(call, Tags=reserved, **more)
        assert code == "ValidationError" and "aws:" in message
