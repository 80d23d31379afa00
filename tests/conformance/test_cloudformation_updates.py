"""Updates of stacks through boto3 and the AWS CLI: in place, by replacement, rolled back, cut short."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import (
    events_of,
    outputs_of,
    refused,
    resources_of,
    wait_for_status,
)

NO_UPDATES = ("ValidationError", "No updates are to be performed.")

# One of every type that is changed in place.
WHOLE = """
Parameters:
  Hours: {Type: Number, Default: 24}
  Secret: {Type: String, NoEcho: true, Default: first}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {Description: one, PendingWindowInDays: 7}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub "alias/${AWS::StackName}", TargetKeyId: !Ref Key}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: Enabled}, Tags: [{Key: own, Value: a}]}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "s3:GetObject", Resource: !Sub "${Bucket.Arn}/one/*"}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1, RetentionPeriodHours: !Ref Hours}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Database: {Type: AWS::Glue::Database, Properties: {CatalogId: !Ref "AWS::AccountId", DatabaseInput: {Description: one}}}
Outputs:
  Name: {Value: !Ref Bucket}
"""
CHANGES = [
    ("Description: one, Pending", "Description: two, EnableKeyRotation: true, Pending"),
    ("VersioningConfiguration: {Status: Enabled}, ", "PublicAccessBlockConfiguration: {BlockPublicAcls: true}, "),
    ("/one/*", "/two/*"),
    ("ShardCount: 1", "ShardCount: 2"),
    ("AttributeDefinitions: [{AttributeName: id, AttributeType: S}]",
     "AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]\n"
     "      GlobalSecondaryIndexes: [{IndexName: byday, KeySchema: [{AttributeName: day, KeyType: HASH}], Projection: {ProjectionType: ALL}}]\n"
     "      TimeToLiveSpecification: {AttributeName: ends, Enabled: true}"),
    ("DatabaseInput: {Description: one}", "DatabaseInput: {Description: two}"),
]  # fmt: skip


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


@pytest.fixture
def made(cloudformation, unique):
    """Makes stacks that are complete; all go at the end."""
    names = []

    def make(template, **options):
        name = unique("updates")
        names.append(name)
        cloudformation.create_stack(StackName=name, TemplateBody=template, **options)
        wait_for_status(cloudformation, name, "CREATE_COMPLETE")
        return name

    yield make
    for name in names:
        cloudformation.delete_stack(StackName=name)


def update(cloudformation, name, ends, **options):
    cloudformation.update_stack(StackName=name, **options)
    return wait_for_status(cloudformation, name, ends)


def reasons(cloudformation, name, status):
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return {
        e["LogicalResourceId"]: e.get("ResourceStatusReason", "")
        for e in reversed(events)
        if e["ResourceStatus"] == status
    }


def test_every_type_is_changed_in_place(client, cloudformation, made):
    name = made(WHOLE, Tags=[{"Key": "team", "Value": "red"}])
    before = resources_of(cloudformation, name)
    changed = WHOLE
    for old, new in CHANGES:
        assert old in changed
        changed = changed.replace(old, new)
    stack = update(
        cloudformation,
        name,
        "UPDATE_COMPLETE",
        TemplateBody=changed,
        Parameters=[
            {"ParameterKey": "Hours", "ParameterValue": "48"},
            {"ParameterKey": "Secret", "UsePreviousValue": True},
        ],
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    assert stack["LastUpdatedTime"] > stack["CreationTime"]
    assert resources_of(cloudformation, name) == before
    s3, kms, kinesis, dynamodb = client("s3"), client("kms"), client("kinesis"), client("dynamodb")
    bucket = before["Bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicAcls"]
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert (tags["own"], tags["team"]) == ("a", "blue")
    assert "/two/*" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    key = kms.describe_key(KeyId=before["Key"])["KeyMetadata"]
    assert key["Description"] == "two"
    assert kms.get_key_rotation_status(KeyId=before["Key"])["KeyRotationEnabled"]
    stream = kinesis.describe_stream_summary(StreamName=before["Stream"])
    summary = stream["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["RetentionPeriodHours"]) == (2, 48)
    kinesis_tags = kinesis.list_tags_for_stream(StreamName=before["Stream"])["Tags"]
    assert {"Key": "team", "Value": "blue"} in kinesis_tags
    table = dynamodb.describe_table(TableName=before["Table"])["Table"]
    assert [i["IndexName"] for i in table["GlobalSecondaryIndexes"]] == ["byday"]
    ttl = dynamodb.describe_time_to_live(TableName=before["Table"])["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"
    database = client("glue").get_database(Name=before["Database"])["Database"]
    assert database["Description"] == "two"

    # And all the way back; then there is nothing left to do.
    back = {"TemplateBody": WHOLE, "Tags": [{"Key": "team", "Value": "red"}]}
    update(cloudformation, name, "UPDATE_COMPLETE", **back)
    assert resources_of(cloudformation, name) == before
    assert kms.describe_key(KeyId=before["Key"])["KeyMetadata"]["Description"] == "one"
    assert (
        "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=before["Table"])["Table"]
    )
    assert refused(cloudformation.update_stack, StackName=name, **back) == NO_UPDATES
    assert (
        refused(cloudformation.update_stack, StackName=name, UsePreviousTemplate=True) == NO_UPDATES
    )


REPLACED = """
Parameters: {Suffix: {Type: String}}
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: !Sub "${AWS::StackName}-${Suffix}", ShardCount: 1}}
  Kept: {Type: AWS::Kinesis::Stream, UpdateReplacePolicy: Retain, Properties: {Name: !Sub "${AWS::StackName}-kept-${Suffix}", ShardCount: 1}}
  Consumer: {Type: AWS::Kinesis::StreamConsumer, Properties: {ConsumerName: c, StreamARN: !GetAtt Stream.Arn}}
Outputs: {Arn: {Value: !GetAtt Stream.Arn}}
"""


def suffix(value):
    return [{"ParameterKey": "Suffix", "ParameterValue": value}]


def test_what_is_replaced_goes_in_the_clean_up(client, cloudformation, made):
    name = made(REPLACED, Parameters=suffix("a"))
    update(
        cloudformation,
        name,
        "UPDATE_COMPLETE",
        UsePreviousTemplate=True,
        Parameters=suffix("b"),
    )
    ids = resources_of(cloudformation, name)
    assert ids["Stream"] == f"{name}-b"
    assert outputs_of(cloudformation, name)["Arn"].endswith(f"{name}-b")
    assert f"/{name}-b/" in ids["Consumer"]
    streams = client("kinesis").list_streams()["StreamNames"]
    found = {s for s in streams if s.startswith(name)}
    assert found == {f"{name}-b", f"{name}-kept-b", f"{name}-kept-a"}
    events = events_of(cloudformation, name)
    cleaned = events.index((name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert events.index(("Stream", "DELETE_COMPLETE")) > cleaned
    assert ("Kept", "DELETE_SKIPPED") in events
    told = reasons(cloudformation, name, "UPDATE_IN_PROGRESS")
    (parameter,) = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]
    assert parameter["ParameterValue"] == "b"
    assert told[name] == "User Initiated"
    summary = cloudformation.get_template_summary(StackName=name)
    assert summary["ResourceTypes"] == ["AWS::Kinesis::Stream", "AWS::Kinesis::StreamConsumer"]
    found = cloudformation.describe_stack_resources(PhysicalResourceId=f"{name}-b")
    assert {r["StackName"] for r in found["StackResources"]} == {name}
    client("kinesis").delete_stream(StreamName=f"{name}-kept-a")


FAILING = REPLACED.replace(
    "Outputs:", "  Bucket: {Type: AWS::S3::Bucket, DependsOn: Consumer, Properties: {BucketName: NO}}\nOutputs:"
)  # fmt: skip


def test_what_fails_is_put_back(client, cloudformation, made):
    name = made(REPLACED, Parameters=suffix("a"))
    before = resources_of(cloudformation, name)
    stack = update(
        cloudformation,
        name,
        "UPDATE_ROLLBACK_COMPLETE",
        TemplateBody=FAILING,
        Parameters=suffix("b"),
    )
    assert stack["Parameters"][0]["ParameterValue"] == "a"
    assert resources_of(cloudformation, name) == before
    assert outputs_of(cloudformation, name)["Arn"].endswith(f"{name}-a")
    assert "bucket is not valid" in reasons(cloudformation, name, "CREATE_FAILED")["Bucket"]
    rollback = reasons(cloudformation, name, "UPDATE_ROLLBACK_IN_PROGRESS")[name]
    assert "The following resource(s) failed to create: [Bucket]." in rollback
    streams = client("kinesis").list_streams()["StreamNames"]
    # What an update made goes whatever its UpdateReplacePolicy.
    assert {s for s in streams if s.startswith(name)} == {f"{name}-a", f"{name}-kept-a"}
    assert cloudformation.get_template(StackName=name)["TemplateBody"] == REPLACED


def test_a_failure_that_is_kept_is_rolled_back_by_the_cli(aws_cli, cloudformation, made):
    name = made(REPLACED, Parameters=suffix("a"))
    before = resources_of(cloudformation, name)
    update(
        cloudformation,
        name,
        "UPDATE_FAILED",
        TemplateBody=FAILING,
        Parameters=suffix("b"),
        DisableRollback=True,
    )
    assert resources_of(cloudformation, name)["Stream"] == f"{name}-b"
    aws_cli("cloudformation", "rollback-stack", "--stack-name", name)
    wait_for_status(cloudformation, name, "UPDATE_ROLLBACK_COMPLETE")
    assert resources_of(cloudformation, name) == before


def test_a_rollback_that_fails_is_continued(client, cloudformation, made):
    """What the rollback needs went away meanwhile."""
    body = """
Parameters: {Hours: {Type: Number, Default: 48}}
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1, RetentionPeriodHours: !Ref Hours}}
"""
    name = made(body)
    stream = resources_of(cloudformation, name)["Stream"]
    failing = (
        body
        + "  Bucket: {Type: AWS::S3::Bucket, DependsOn: Stream, Properties: {BucketName: NO}}\n"
    )
    hours = [{"ParameterKey": "Hours", "ParameterValue": "72"}]
    update(
        cloudformation,
        name,
        "UPDATE_FAILED",
        TemplateBody=failing,
        Parameters=hours,
        DisableRollback=True,
    )
    client("kinesis").delete_stream(StreamName=stream)
    client("kinesis").get_waiter("stream_not_exists").wait(
        StreamName=stream, WaiterConfig={"Delay": 1}
    )
    cloudformation.rollback_stack(StackName=name)
    stack = wait_for_status(cloudformation, name, "UPDATE_ROLLBACK_FAILED")
    assert stack["StackStatusReason"] == "The following resource(s) failed to update: [Stream]."
    code, message = refused(cloudformation.update_stack, StackName=name, TemplateBody=body)
    assert (code, "UPDATE_ROLLBACK_FAILED" in message) == ("ValidationError", True)
    cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Stream"])
    wait_for_status(cloudformation, name, "UPDATE_ROLLBACK_COMPLETE")


def test_a_stack_is_updated_under_its_role(client, cloudformation, unique, made):
    iam, role = client("iam"), unique("operator")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    allowed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"}],
    }
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(allowed))
    body = "Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}}"
    name = made(body, RoleARN=arn)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["RoleARN"] == arn
    more = body[:-1] + ", B: {Type: AWS::S3::Bucket}}"
    update(cloudformation, name, "UPDATE_ROLLBACK_COMPLETE", TemplateBody=more)
    reason = reasons(cloudformation, name, "CREATE_FAILED")["B"]
    assert f"assumed-role/{role}/AWSCloudFormation is not authorized" in reason
    assert "s3:CreateBucket" in reason
    code, message = refused(
        cloudformation.create_stack,
        StackName=unique("norole"),
        TemplateBody=body,
        RoleARN=arn + "x",
    )
    assert (code, "is invalid or cannot be assumed" in message) == ("ValidationError", True)


def test_what_cannot_be_updated_says_why(cloudformation, made):
    body = "Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}}"
    name = made(body)
    for options, said in (
        ({"TemplateBody": body.replace("Kinesis::Stream", "S3::Bucket").replace("ShardCount: 1", "")},
         "modifies resource type of the following resources: [S]"),
        ({"UsePreviousTemplate": True, "TemplateBody": body}, "exclude one another"),
        ({}, "Either Template URL or Template Body must be specified."),
        ({"TemplateBody": body, "Parameters": [{"ParameterKey": "P", "UsePreviousValue": True}]},
         "P has no previous value"),
        ({"TemplateBody": body[:-1]}, "YAML not well-formed"),
    ):  # fmt: skip
        code, message = refused(cloudformation.update_stack, StackName=name, **options)
        assert (code, said in message) == ("ValidationError", True), message
    code, message = refused(cloudformation.cancel_update_stack, StackName=name)
    assert "CancelUpdateStack cannot be called" in message
    code, message = refused(cloudformation.update_stack, StackName="absent", TemplateBody=body)
    assert message == "Stack with id absent does not exist"


def test_an_update_that_was_cut_by_the_servers_death_is_finished(fresh_server):
    cloudformation = fresh_server.client("cloudformation")
    count = 20

    def template(suffix, failing=""):
        resources = "".join(
            f"  S{n}: {{Type: AWS::Kinesis::Stream, DependsOn: {f'S{n - 1}' if n else '[]'},"
            f" Properties: {{Name: s{n}-{suffix}, ShardCount: 1}}}}\n"
            for n in range(count)
        )
        return f"Resources:\n{resources}{failing}"

    def names():
        pages = fresh_server.client("kinesis").get_paginator("list_streams").paginate()
        return {name for page in pages for name in page["StreamNames"]}

    cloudformation.create_stack(StackName="cut", TemplateBody=template("a"))
    wait_for_status(cloudformation, "cut", "CREATE_COMPLETE")
    bucket = (
        f"  B: {{Type: AWS::S3::Bucket, DependsOn: S{count - 1}, Properties: {{BucketName: NO}}}}\n"
    )
    for body, ends, left in (
        (template("b"), "UPDATE_COMPLETE", "b"),
        (template("c", bucket), "UPDATE_ROLLBACK_COMPLETE", "b"),
    ):
        cloudformation.update_stack(StackName="cut", TemplateBody=body)
        fresh_server.kill9()
        fresh_server.restart()
        cloudformation = fresh_server.client("cloudformation")
        wait_for_status(cloudformation, "cut", ends)
        assert names() == {f"s{n}-{left}" for n in range(count)}
