"""Stacks through the AWS CLI and boto3: what they make, how they fail, and how they go."""

from __future__ import annotations

import json
import time

import boto3
import pytest
from cloudformation_steps import events_of, own_tags, refused, wait, wait_for_status
from tarn_server import REGION

# What a pipeline needs: a key, an encrypted bucket, a stream, a table and a database.
PIPELINE = """
AWSTemplateFormatVersion: "2010-09-09"
Description: A pipeline
Parameters:
  Profile: {Type: String, AllowedValues: [small, large], Default: small}
  Secret: {Type: String, NoEcho: true, Default: hidden}
Mappings: {Shards: {small: {count: 1}, large: {count: 3}}}
Conditions: {IsLarge: !Equals [!Ref Profile, large]}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {Description: of the pipeline, EnableKeyRotation: true, PendingWindowInDays: 7}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub "alias/${AWS::StackName}", TargetKeyId: !Ref Key}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
      Tags: [{Key: purpose, Value: data}]
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: "s3:GetObject"
            Resource: !Sub "${Bucket.Arn}/shared/*"
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: !FindInMap [Shards, !Ref Profile, count]
      RetentionPeriodHours: 48
      StreamEncryption: {EncryptionType: KMS, KeyId: !Ref Alias}
  Consumer: {Type: AWS::Kinesis::StreamConsumer, Properties: {ConsumerName: reader, StreamARN: !GetAtt Stream.Arn}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ends, Enabled: true}
  Database:
    Type: AWS::Glue::Database
    Properties: {CatalogId: !Ref "AWS::AccountId", DatabaseInput: {Description: !Sub "of ${AWS::StackName}"}}
  OnlyLarge: {Type: AWS::Kinesis::Stream, Condition: IsLarge, Properties: {ShardCount: 1}}
Outputs:
  BucketName: {Value: !Ref Bucket, Description: where the data is}
  StreamArn: {Value: !GetAtt Stream.Arn, Export: {Name: !Sub "${AWS::StackName}-stream"}}
"""
ORDER = [
    ("Key", "Alias"),
    ("Key", "Bucket"),
    ("Bucket", "BucketPolicy"),
    ("Alias", "Stream"),
    ("Stream", "Consumer"),
]


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


def test_a_pipeline_is_made_and_removed_by_the_cli(
    aws_cli, client, cloudformation, unique, tmp_path
):
    name, path = unique("pipeline"), tmp_path / "t.yaml"
    path.write_text(PIPELINE)
    made = aws_cli(
        "cloudformation", "create-stack", "--stack-name", name, "--template-body", f"file://{path}",
        "--parameters", "ParameterKey=Profile,ParameterValue=large", "--tags", "Key=team,Value=data",
    )  # fmt: skip
    assert made["StackId"].startswith(f"arn:aws:cloudformation:{REGION}:")
    wait(cloudformation, "stack_create_complete", name)

    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]}
    assert parameters == {"Profile": "large", "Secret": "****"}
    assert stack["Description"] == "A pipeline"
    ids = {
        r["LogicalResourceId"]: r["PhysicalResourceId"]
        for r in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    }
    assert len(ids) == 9
    assert outputs["BucketName"] == ids["Bucket"]

    s3, kinesis = client("s3"), client("kinesis")
    rules = s3.get_bucket_encryption(Bucket=ids["Bucket"])["ServerSideEncryptionConfiguration"]
    default = rules["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"].endswith(ids["Key"])
    assert s3.get_bucket_versioning(Bucket=ids["Bucket"])["Status"] == "Enabled"
    tags = own_tags(s3.get_bucket_tagging(Bucket=ids["Bucket"])["TagSet"])
    assert tags == {"purpose": "data", "team": "data"}
    assert "shared/*" in s3.get_bucket_policy(Bucket=ids["Bucket"])["Policy"]
    stream = kinesis.describe_stream_summary(StreamName=ids["Stream"])["StreamDescriptionSummary"]
    assert (stream["OpenShardCount"], stream["RetentionPeriodHours"]) == (3, 48)
    assert (stream["EncryptionType"], stream["ConsumerCount"]) == ("KMS", 1)
    assert outputs["StreamArn"] == stream["StreamARN"]
    assert client("kms").get_key_rotation_status(KeyId=ids["Key"])["KeyRotationEnabled"]
    table = client("dynamodb").describe_time_to_live(TableName=ids["Table"])
    assert table["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert client("glue").get_database(Name=ids["Database"])["Database"]["Description"] == (
        f"of {name}"
    )
    export = {e["Name"]: e["Value"] for e in cloudformation.list_exports()["Exports"]}
    assert export[f"{name}-stream"] == stream["StreamARN"]
    assert cloudformation.get_template(StackName=name)["TemplateBody"] == PIPELINE

    events = events_of(cloudformation, name)
    assert events[0] == (name, "CREATE_IN_PROGRESS")
    assert events[-1] == (name, "CREATE_COMPLETE")
    for first, second in ORDER:
        done, begun = (first, "CREATE_COMPLETE"), (second, "CREATE_IN_PROGRESS")
        assert events.index(done) < events.index(begun), (first, second)

    aws_cli("cloudformation", "delete-stack", "--stack-name", name)
    wait(cloudformation, "stack_delete_complete", name)
    events = events_of(cloudformation, made["StackId"])
    assert events[-1] == (name, "DELETE_COMPLETE")
    for first, second in ORDER:
        done, begun = (second, "DELETE_COMPLETE"), (first, "DELETE_IN_PROGRESS")
        assert events.index(done) < events.index(begun), (first, second)
    assert refused(kinesis.describe_stream_summary, StreamName=ids["Stream"])[0] == (
        "ResourceNotFoundException"
    )
    assert refused(s3.head_bucket, Bucket=ids["Bucket"])[0] == "404"
    assert client("kms").describe_key(KeyId=ids["Key"])["KeyMetadata"]["KeyState"] == (
        "PendingDeletion"
    )
    assert refused(cloudformation.describe_stacks, StackName=name) == (
        "ValidationError",
        f"Stack with id {name} does not exist",
    )
    (gone,) = cloudformation.describe_stacks(StackName=made["StackId"])["Stacks"]
    assert gone["StackStatus"] == "DELETE_COMPLETE"


FAILING = """
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Kept: {Type: AWS::Kinesis::Stream, DeletionPolicy: Retain, Properties: {ShardCount: 1}}
  Undone: {Type: AWS::Kinesis::Stream, DeletionPolicy: RetainExceptOnCreate, Properties: {ShardCount: 1}}
  Bucket: {Type: AWS::S3::Bucket, DependsOn: [Stream, Kept, Undone], Properties: {BucketName: NO}}
  After: {Type: AWS::Kinesis::Stream, DependsOn: Bucket, Properties: {ShardCount: 1}}
"""


def test_what_fails_is_rolled_back_and_says_why(client, cloudformation, unique):
    name = unique("failing")
    cloudformation.create_stack(StackName=name, TemplateBody=FAILING)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["LogicalResourceId"] == "Bucket"
    assert "bucket is not valid" in failed["ResourceStatusReason"]
    rollback = [e for e in events if e["ResourceStatus"] == "ROLLBACK_IN_PROGRESS"]
    assert "failed to create: [Bucket]" in rollback[0]["ResourceStatusReason"]
    assert "After" not in {e["LogicalResourceId"] for e in events}
    states = {
        r["LogicalResourceId"]: (r["ResourceStatus"], r.get("PhysicalResourceId"))
        for r in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    }
    assert states["Stream"][0] == states["Undone"][0] == "DELETE_COMPLETE"
    status, kept = states["Kept"]
    assert status == "DELETE_SKIPPED"
    assert client("kinesis").describe_stream_summary(StreamName=kept)
    cloudformation.delete_stack(StackName=name)
    wait(cloudformation, "stack_delete_complete", name)


@pytest.mark.parametrize(
    ("how", "ends", "left"),
    [
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED", True),
        ({"DisableRollback": True}, "CREATE_FAILED", True),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE", False),
    ],
)
def test_what_becomes_of_a_stack_that_fails(client, cloudformation, unique, how, ends, left):
    name = unique("failing")
    body = FAILING.replace("DeletionPolicy: Retain, ", "")
    stack = cloudformation.create_stack(StackName=name, TemplateBody=body, **how)["StackId"]
    wait_for_status(cloudformation, stack, ends)
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    (there,) = [r for r in resources if r["LogicalResourceId"] == "Stream"]
    assert (there["ResourceStatus"] == "CREATE_COMPLETE") == left


def test_a_bucket_that_is_not_empty_stays_and_is_deleted_the_next_time(
    client, cloudformation, unique
):
    name, s3 = unique("full"), client("s3")
    body = "Resources: {B: {Type: 'AWS::S3::Bucket'}, S: {Type: 'AWS::Kinesis::Stream'}}"
    stack = cloudformation.create_stack(StackName=name, TemplateBody=body)["StackId"]
    wait(cloudformation, "stack_create_complete", name)
    detail = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId="B")
    bucket = detail["StackResourceDetail"]["PhysicalResourceId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    cloudformation.delete_stack(StackName=name)
    found = wait_for_status(cloudformation, name, "DELETE_FAILED")
    assert found["StackStatusReason"] == "The following resource(s) failed to delete: [B]."
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "DELETE_FAILED"]
    assert "aws s3 rm" in failed[-1]["ResourceStatusReason"]
    cloudformation.delete_stack(StackName=name, RetainResources=["B"])
    wait(cloudformation, "stack_delete_complete", stack)
    assert s3.head_object(Bucket=bucket, Key="k")


def test_an_export_in_use_cannot_go(cloudformation, unique):
    one, other = unique("exports"), unique("imports")
    cloudformation.create_stack(
        StackName=one,
        TemplateBody="""
Resources: {S: {Type: AWS::Kinesis::Stream}}
Outputs: {Arn: {Value: !GetAtt S.Arn, Export: {Name: !Sub "${AWS::StackName}-arn"}}}
""",
    )
    wait(cloudformation, "stack_create_complete", one)
    importing = f"""
Resources:
  C: {{Type: AWS::Kinesis::StreamConsumer, Properties: {{ConsumerName: c, StreamARN: !ImportValue {one}-arn}}}}
"""
    cloudformation.create_stack(StackName=other, TemplateBody=importing)
    wait(cloudformation, "stack_create_complete", other)
    assert cloudformation.list_imports(ExportName=f"{one}-arn")["Imports"] == [other]
    code, message = refused(cloudformation.delete_stack, StackName=one)
    assert (code, message) == (
        "ValidationError",
        f"Export {one}-arn cannot be deleted as it is in use by {other}",
    )
    code, message = refused(
        cloudformation.create_stack,
        StackName=unique("absent"),
        TemplateBody=importing.replace(f"{one}-arn", "absent-export"),
    )
    assert "No export named absent-export found" in message
    for name in (other, one):
        cloudformation.delete_stack(StackName=name)
        wait(cloudformation, "stack_delete_complete", name)


def test_a_protected_stack_stays(cloudformation, unique):
    name = unique("kept")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody="Resources: {S: {Type: 'AWS::Kinesis::Stream'}}",
        EnableTerminationProtection=True,
    )
    wait(cloudformation, "stack_create_complete", name)
    code, message = refused(cloudformation.delete_stack, StackName=name)
    assert (code, "TerminationProtection" in message) == ("ValidationError", True)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=name)
    wait(cloudformation, "stack_delete_complete", name)


@pytest.mark.parametrize(
    ("template", "code", "said"),
    [
        ("Resources: {A: {Type: 'AWS::No::Such'}}", "ValidationError", "Unrecognized resource types: [AWS::No::Such]"),
        ("Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BuketName: x}}}", "ValidationError", "extraneous key [BuketName] is not permitted (line 1)"),
        ("Resources: {A: {Type: 'AWS::KMS::Alias', Properties: {AliasName: x}}}", "ValidationError", "required key [TargetKeyId] not found"),
        ("Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref B}}}", "ValidationError", "Unresolved resource dependencies [B]"),
        ("Transform: Mine\nResources: {A: {Type: 'AWS::S3::Bucket'}}", "InsufficientCapabilitiesException", "CAPABILITY_AUTO_EXPAND"),
        ("Parameters: {P: {Type: String}}\nResources: {A: {Type: 'AWS::S3::Bucket'}}", "ValidationError", "Parameters: [P] must have values"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_before_anything_is_made(
    cloudformation, unique, template, code, said
):
    name = unique("wrong")
    found, message = refused(cloudformation.create_stack, StackName=name, TemplateBody=template)
    assert (found, said in message) == (code, True), message
    assert refused(cloudformation.describe_stacks, StackName=name)[0] == "ValidationError"


def test_a_stack_can_do_no_more_than_who_makes_it(server, client, cloudformation, unique):
    name = unique("limited")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["cloudformation:*", "kinesis:*"], "Resource": "*"}
        ],
    }
    keys = client("sts").get_federation_token(Name="author", Policy=json.dumps(policy))
    author = boto3.client(
        "cloudformation",
        endpoint_url=server.endpoint_url,
        region_name=REGION,
        aws_access_key_id=keys["Credentials"]["AccessKeyId"],
        aws_secret_access_key=keys["Credentials"]["SecretAccessKey"],
        aws_session_token=keys["Credentials"]["SessionToken"],
    )
    body = (
        "Resources: {B: {Type: 'AWS::S3::Bucket', DependsOn: S}, S: {Type: 'AWS::Kinesis::Stream'}}"
    )
    author.create_stack(StackName=name, TemplateBody=body)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "is not authorized to perform: s3:CreateBucket" in failed["ResourceStatusReason"]
    author.delete_stack(StackName=name)
    wait(cloudformation, "stack_delete_complete", name)


def test_names_of_stacks_are_taken_once(cloudformation, unique):
    name = unique("once")
    body = "Resources: {S: {Type: 'AWS::Kinesis::Stream'}}"
    first = cloudformation.create_stack(StackName=name, TemplateBody=body)["StackId"]
    code, message = refused(cloudformation.create_stack, StackName=name, TemplateBody=body)
    assert (code, message) == ("AlreadyExistsException", f"Stack [{name}] already exists")
    wait(cloudformation, "stack_create_complete", name)
    cloudformation.delete_stack(StackName=name)
    wait(cloudformation, "stack_delete_complete", first)
    second = cloudformation.create_stack(StackName=name, TemplateBody=body)["StackId"]
    assert second != first
    wait(cloudformation, "stack_create_complete", name)
    listed = cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    assert name in [s["StackName"] for s in listed]
    cloudformation.delete_stack(StackName=name)


def test_a_stack_that_was_cut_by_the_servers_death_is_finished(fresh_server, unique):
    cloudformation = fresh_server.client("cloudformation")
    count = 40
    resources = "".join(
        f"  S{n}: {{Type: AWS::Kinesis::Stream, DependsOn: {f'S{n - 1}' if n else '[]'}}}\n"
        for n in range(count)
    )
    cloudformation.create_stack(StackName="cut", TemplateBody=f"Resources:\n{resources}")
    fresh_server.kill9()
    fresh_server.restart()
    cloudformation = fresh_server.client("cloudformation")
    wait(cloudformation, "stack_create_complete", "cut")
    streams = fresh_server.client("kinesis").get_paginator("list_streams").paginate()
    assert sum(len(page["StreamNames"]) for page in streams) == count
    cloudformation.delete_stack(StackName="cut")
    fresh_server.kill9()
    fresh_server.restart()
    cloudformation = fresh_server.client("cloudformation")
    deadline = time.monotonic() + 60
    while cloudformation.describe_stacks()["Stacks"]:
        assert time.monotonic() < deadline, cloudformation.describe_stacks()
        time.sleep(0.1)
    assert fresh_server.client("kinesis").list_streams()["StreamNames"] == []


def test_a_property_of_another_form_fails_its_stack_alone(cloudformation, unique):
    name = unique("form")
    body = "Resources: {D: {Type: 'AWS::Glue::Database', Properties: {CatalogId: '1', DatabaseInput: [a]}}}"
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "a form that its type does not take" in failed["ResourceStatusReason"]
    cloudformation.delete_stack(StackName=name)
