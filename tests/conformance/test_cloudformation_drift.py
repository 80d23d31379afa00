"""Drift of stacks, found by their own services, and resources that become a stack's, through boto3 and the AWS CLI."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import events_of, refused, resources_of, wait, wait_for_status
from tarn_server import REGION

# One resource of each type that can be read, as its template would be written.
ALL = """
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {Description: ours, EnableKeyRotation: true, PendingWindowInDays: 7}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub "alias/${AWS::StackName}", TargetKeyId: !Ref Key}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
      Tags: [{Key: purpose, Value: data}]
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: 2
      RetentionPeriodHours: "48"
      StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}
      Tags: [{Key: purpose, Value: events}]
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ends, Enabled: true}
  Database:
    Type: AWS::Glue::Database
    Properties: {CatalogId: !Ref "AWS::AccountId", DatabaseInput: {Name: !Sub "${AWS::StackName}", Description: ours}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: reads
      MaxSessionDuration: 7200
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: reads
          PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: extra
      Roles: [!Ref Role]
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:ListBucket", Resource: "*"}]}
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/ours/${AWS::StackName}", RetentionInDays: 7}}
  Parameter:
    Type: AWS::SSM::Parameter
    Properties: {Name: !Sub "/ours/${AWS::StackName}", Type: String, Value: one, Description: ours}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Description: ours, SecretString: hidden}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16, EnableDnsSupport: true, EnableDnsHostnames: true}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.9.1.0/24, MapPublicIpOnLaunch: true}}
  Guard:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ours
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.9.0.0/16}]
"""


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


def made(cloudformation, stack, template, **more):
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=template,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "team", "Value": "data"}],
        **more,
    )
    wait(cloudformation, "stack_create_complete", stack)
    return resources_of(cloudformation, stack)


def detected(cloudformation, stack):
    """The detection, once it has ended, and what it found by logical id."""
    detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    told = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    assert told["DetectionStatus"] == "DETECTION_COMPLETE", told
    drifts = cloudformation.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return told, {each["LogicalResourceId"]: each for each in drifts}


def differences(drift):
    return [
        (d["PropertyPath"], d["DifferenceType"], d["ExpectedValue"], d["ActualValue"])
        for d in drift["PropertyDifferences"]
    ]


def test_what_a_stack_made_is_in_sync_and_what_others_change_is_told(
    cloudformation, client, unique
):
    stack = unique("drift")
    ids = made(cloudformation, stack, ALL)
    told, found = detected(cloudformation, stack)
    out_of_sync = {n: differences(d) for n, d in found.items() if d["PropertyDifferences"]}
    assert (told["StackDriftStatus"], out_of_sync) == ("IN_SYNC", {})
    assert set(found) == set(ids) - {"Extra"}  # of a type that cannot be read

    client("s3").put_bucket_versioning(
        Bucket=ids["Bucket"], VersioningConfiguration={"Status": "Suspended"}
    )
    client("kinesis").add_tags_to_stream(StreamName=ids["Stream"], Tags={"purpose": "other"})
    client("logs").delete_log_group(logGroupName=ids["Group"])
    client("iam").put_role_policy(
        RoleName=ids["Role"],
        PolicyName="reads",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
            }
        ),
    )
    client("ec2").authorize_security_group_ingress(
        GroupId=ids["Guard"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )
    told, found = detected(cloudformation, stack)
    assert (told["StackDriftStatus"], told["DriftedStackResourceCount"]) == ("DRIFTED", 5)
    assert differences(found["Bucket"]) == [
        ("/VersioningConfiguration/Status", "NOT_EQUAL", "Enabled", "Suspended")
    ]
    assert found["Stream"]["StackResourceDriftStatus"] == "MODIFIED"
    assert [d[1] for d in differences(found["Stream"])] == ["REMOVE", "ADD"]
    assert found["Group"]["StackResourceDriftStatus"] == "DELETED"
    assert found["Role"]["StackResourceDriftStatus"] == "MODIFIED"
    ((path, kind, _, added),) = differences(found["Guard"])
    assert (path.rpartition("/")[0], kind, json.loads(added)["FromPort"]) == (
        "/SecurityGroupIngress",
        "ADD",
        22,
    )

    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert described["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    modified = cloudformation.describe_stack_resource_drifts(
        StackName=stack, StackResourceDriftStatusFilters=["DELETED"]
    )["StackResourceDrifts"]
    assert [each["LogicalResourceId"] for each in modified] == ["Group"]


def test_one_resource_is_checked_and_a_type_that_cannot_be_read_says_so(
    cloudformation, aws_cli, unique
):
    stack = unique("drift")
    made(
        cloudformation,
        stack,
        """
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
""",
    )
    one = ("--stack-name", stack, "--logical-resource-id")
    told = aws_cli("cloudformation", "detect-stack-resource-drift", *one, "Stream")
    assert told["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    failed = aws_cli("cloudformation", "detect-stack-resource-drift", *one, "Handle", check=False)
    assert "not supported for resource type" in failed.stderr
    code, text = refused(
        cloudformation.detect_stack_resource_drift, StackName=stack, LogicalResourceId="Nothing"
    )
    assert (code, "Nothing does not exist" in text) == ("ValidationError", True)
    code, text = refused(
        cloudformation.describe_stack_drift_detection_status, StackDriftDetectionId="none"
    )
    assert (code, "none does not exist" in text) == ("ValidationError", True)


# --- imports ----------------------------------------------------------------------------------------

IMPORT = """
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    DeletionPolicy: Retain
    Properties: {Name: NAME-stream, ShardCount: 1}
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {BucketName: NAME-bucket}
Outputs:
  Arn: {Value: !GetAtt Stream.Arn}
"""


def import_into(cloudformation, stack, template, resources, **more):
    """The id of an import's change set, made and not executed."""
    change_set = cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=template,
        ResourcesToImport=[
            {"ResourceType": kind, "LogicalResourceId": name, "ResourceIdentifier": identifier}
            for name, kind, identifier in resources
        ],
        **more,
    )["Id"]
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=change_set, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    return change_set


def both(name):
    return [
        ("Stream", "AWS::Kinesis::Stream", {"Name": f"{name}-stream"}),
        ("Bucket", "AWS::S3::Bucket", {"BucketName": f"{name}-bucket"}),
    ]


def there(client, name):
    client("kinesis").create_stream(StreamName=f"{name}-stream", ShardCount=1)
    client("s3").create_bucket(
        Bucket=f"{name}-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )


def test_what_is_there_becomes_a_stacks_without_being_touched(cloudformation, client, unique):
    name = unique("import")
    there(client, name)
    template = IMPORT.replace("NAME", name)
    summary = cloudformation.get_template_summary(TemplateBody=template)
    assert summary["ResourceIdentifierSummaries"][0]["ResourceIdentifiers"] == ["Name"]

    change_set = import_into(
        cloudformation, name, template, both(name), Tags=[{"Key": "team", "Value": "data"}]
    )
    changes = cloudformation.describe_change_set(ChangeSetName=change_set)["Changes"]
    assert [c["ResourceChange"]["Action"] for c in changes] == ["Import", "Import"]
    cloudformation.execute_change_set(ChangeSetName=change_set)
    found = wait_for_status(cloudformation, name, "IMPORT_COMPLETE")
    assert found["Outputs"][0]["OutputValue"].endswith(f":stream/{name}-stream")
    assert resources_of(cloudformation, name) == {
        "Stream": f"{name}-stream",
        "Bucket": f"{name}-bucket",
    }
    of_stream = [s for n, s in events_of(cloudformation, name) if n == "Stream"]
    assert of_stream == [
        "IMPORT_IN_PROGRESS",
        "IMPORT_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]
    tags = client("kinesis").list_tags_for_stream(StreamName=f"{name}-stream")["Tags"]
    assert {"Key": "team", "Value": "data"} in tags

    cloudformation.update_stack(
        StackName=name, TemplateBody=template.replace("ShardCount: 1", "ShardCount: 2")
    )
    wait(cloudformation, "stack_update_complete", name)
    summary = client("kinesis").describe_stream_summary(StreamName=f"{name}-stream")
    assert summary["StreamDescriptionSummary"]["OpenShardCount"] == 2
    cloudformation.delete_stack(StackName=name)
    wait(cloudformation, "stack_delete_complete", name)
    client("s3").head_bucket(Bucket=f"{name}-bucket")


def test_an_import_that_cannot_be_leaves_a_stack_as_it_was(cloudformation, client, unique):
    name = unique("import")
    client("kinesis").create_stream(StreamName=f"{name}-stream", ShardCount=1)
    before = (
        f"Resources: {{Queue: {{Type: AWS::Kinesis::Stream, Properties: {{Name: {name}-own}}}}}}"
    )
    made(cloudformation, name, before)
    template = IMPORT.replace("NAME", name).replace(
        "Resources:",
        f"Resources:\n  Queue: {{Type: AWS::Kinesis::Stream, Properties: {{Name: {name}-own}}}}",
    )
    change_set = import_into(cloudformation, name, template, both(name))
    cloudformation.execute_change_set(ChangeSetName=change_set)
    wait_for_status(cloudformation, name, "IMPORT_ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (why,) = [e for e in events if e["ResourceStatus"] == "IMPORT_FAILED"]
    assert f"identifier {name}-bucket does not exist" in why["ResourceStatusReason"]
    assert resources_of(cloudformation, name) == {"Queue": f"{name}-own"}
    client("kinesis").describe_stream_summary(StreamName=f"{name}-stream")

    for wrong, resources, said in (
        (template.replace("DeletionPolicy: Retain", ""), both(name), "must have DeletionPolicy"),
        (template.replace(f"{name}-own", "other"), both(name), "cannot modify or add [Queue]"),
        (template, both(name)[:1], "cannot modify or add [Bucket]"),
        (template, [("Stream", "AWS::Kinesis::Stream", {"Arn": "x"})], "must be Name alone"),
        (template, [("Queue", "AWS::EMR::Step", {"Id": "x"})], "not supported for Import"),
    ):
        code, text = refused(import_into, cloudformation=cloudformation, stack=name,
                             template=wrong, resources=resources)  # fmt: skip
        assert (code, said in text) == ("ValidationError", True), text
    assert [
        e["LogicalResourceId"] for e in events if e["ResourceStatus"].startswith("DELETE")
    ] == []
