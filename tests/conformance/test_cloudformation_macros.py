"""Macros and custom resources: functions that stacks are made with, by boto3 and the AWS CLI."""

import json

import pytest
from botocore.exceptions import ClientError, WaiterError
from cloudformation_steps import own_tags

FUNCTION = """
  {name}Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}
  {name}Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Timeout: {timeout}
      Role: !GetAtt {name}Role.Arn
      Code:
        ZipFile: |
{code}
"""

SHOUT = """
import json
SEEN = ("region", "accountId", "transformId", "params", "templateParameterValues")

def handler(event, context):
    kind = event["params"].get("Do")
    if kind == "crash":
        print("about to crash")
        raise ValueError("the macro cannot count")
    if kind == "hang":
        import time
        time.sleep(30)
    if kind == "refuse":
        return {"requestId": event["requestId"], "status": "failure", "errorMessage": "not today"}
    if kind == "nonsense":
        return ["nonsense"]
    fragment = event["fragment"]
    if event["params"].get("Size"):
        # Beside Fn::Transform: a stream of as many shards as are asked for.
        fragment["ShardCount"] = int(event["templateParameterValues"]["Users"]) // 2
    else:
        for each in fragment["Resources"].values():
            each.setdefault("Properties", {}).setdefault("Tags", []).append(
                {"Key": "seen", "Value": json.dumps({key: event[key] for key in SEEN})})
    return {"requestId": event["requestId"], "status": "SUCCESS", "fragment": fragment}
"""

MACRO = """
  Macro:
    Type: AWS::CloudFormation::Macro
    Properties: {{Name: {macro}, FunctionName: !GetAtt ShoutFunction.Arn}}
"""

STREAM = """
Parameters:
  Users: {{Type: Number, Default: 4}}
  Zones: {{Type: CommaDelimitedList, Default: "a,b"}}
Transform: [{macro}]
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      RetentionPeriodHours: 24
      Fn::Transform: {{Name: {macro}, Parameters: {{Size: !Ref Users}}}}
Outputs:
  Name: {{Value: !Ref Stream}}
"""

FAILING = """
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      Fn::Transform: {{Name: {macro}, Parameters: {{Do: {what}}}}}
"""


def function(name, code, timeout=10):
    lines = "\n".join("          " + line for line in code.strip().splitlines())
    return FUNCTION.format(name=name, code=lines, timeout=timeout)


@pytest.fixture(scope="module")
def macro(server):
    """The name of a macro that is there for the whole module."""
    stacks = server.client("cloudformation")
    body = "Resources:" + function("Shout", SHOUT, timeout=2) + MACRO.format(macro="Shout")
    stacks.create_stack(StackName="shout-macro", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("stack_create_complete").wait(
        StackName="shout-macro", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    return "Shout"


@pytest.fixture
def stacks(client):
    return client("cloudformation")


def settled(stacks, name):
    waiter = stacks.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 600})
    return stacks.describe_stacks(StackName=name)["Stacks"][0]


def reasons(stacks, name):
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [each.get("ResourceStatusReason", "") for each in events]


AUTO_EXPAND = ["CAPABILITY_AUTO_EXPAND"]


def test_functions_and_the_section_are_worked_over_deepest_first(stacks, macro, unique, client):
    name = unique("stream")
    stacks.create_stack(
        StackName=name,
        TemplateBody=STREAM.format(macro=macro),
        Parameters=[{"ParameterKey": "Users", "ParameterValue": "6"}],
        Capabilities=AUTO_EXPAND,
    )
    stack = settled(stacks, name)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert "Transformation succeeded" in reasons(stacks, name)
    stream = stack["Outputs"][0]["OutputValue"]
    kinesis = client("kinesis")
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3
    tags = {t["Key"]: t["Value"] for t in kinesis.list_tags_for_stream(StreamName=stream)["Tags"]}
    seen = json.loads(tags["seen"])
    assert seen["region"] == "us-west-2"
    assert seen["transformId"] == f"{seen['accountId']}::{macro}"
    assert seen["params"] == {}
    assert seen["templateParameterValues"] == {"Users": "6", "Zones": ["a", "b"]}
    original = stacks.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    assert "Fn::Transform" in original
    processed = stacks.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    assert "Fn::Transform" not in json.dumps(processed)
    # With another parameter the macro is asked again.
    stacks.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Users", "ParameterValue": "8"}],
        Capabilities=AUTO_EXPAND,
    )
    stacks.get_waiter("stack_update_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.5, "MaxAttempts": 240}
    )
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 4
    stacks.delete_stack(StackName=name)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("crash", "the macro cannot count Its log ends with: about to crash"),
        ("hang", "Task timed out after 2.00 seconds"),
        ("refuse", "failed with: not today"),
        ("nonsense", "its answer is not a map with the requestId"),
    ],
)
def test_a_macro_that_fails_fails_the_stack_with_its_words(stacks, macro, unique, what, words):
    name = unique("failing")
    stacks.create_stack(
        StackName=name,
        TemplateBody=FAILING.format(macro=macro, what=what),
        Capabilities=AUTO_EXPAND,
    )
    with pytest.raises(WaiterError):
        settled(stacks, name)
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    told = " ".join(reasons(stacks, name))
    assert "::Shout failed with: " in told and words in told
    assert "Rollback requested by user." in told
    stacks.delete_stack(StackName=name)


def test_what_cannot_be_expanded_is_refused_before_anything_is_made(stacks, macro, unique):
    def refused(body, capabilities=AUTO_EXPAND, **more):
        with pytest.raises(ClientError) as error:
            stacks.create_stack(
                StackName=unique("never"), TemplateBody=body, Capabilities=capabilities, **more
            )
        return error.value.response["Error"]

    body = STREAM.format(macro=macro)
    missing = refused(body, [])
    assert missing["Code"] == "InsufficientCapabilitiesException"
    assert "CAPABILITY_AUTO_EXPAND" in missing["Message"]
    unknown = refused(STREAM.format(macro="Nobody"))
    assert "No transform named" in unknown["Message"] and "::Nobody found" in unknown["Message"]
    assert refused(body.replace(f"[{macro}]", "AWS::Serverless-2016-10-31"))["Code"] == (
        "NotImplemented"
    )
    wrong = refused(body, Parameters=[{"ParameterKey": "Users", "ParameterValue": "many"}])
    assert "Users" in wrong["Message"]


def test_deploy_expands_by_a_change_set(aws_cli, stacks, macro, unique, tmp_path):
    name = unique("deployed")
    path = tmp_path / "t.yaml"
    path.write_text(STREAM.format(macro=macro))
    # No CAPABILITY_AUTO_EXPAND: a change set shows what comes of it.
    done = aws_cli(
        *("cloudformation", "deploy", "--stack-name", name, "--template-file", path), check=False
    )
    assert done.returncode == 0, done.stderr
    path.write_text(FAILING.format(macro=macro, what="refuse"))
    done = aws_cli(
        *("cloudformation", "deploy", "--stack-name", unique("bad"), "--template-file", path),
        check=False,
    )
    assert done.returncode != 0
    assert "failed with: not today" in done.stderr
    stacks.delete_stack(StackName=name)


def test_include_brings_a_part_from_a_bucket(stacks, s3, unique):
    bucket, name = unique("parts"), unique("including")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(
        Bucket=bucket, Key="stream.yaml", Body=b"ShardCount: 2\nRetentionPeriodHours: 48\n"
    )
    body = f"""
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: "s3://{bucket}/stream.yaml"}}}}
"""
    stacks.create_stack(StackName=name, TemplateBody=body, Capabilities=AUTO_EXPAND)
    settled(stacks, name)
    processed = stacks.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    assert "48" in json.dumps(processed)
    stacks.delete_stack(StackName=name)


MAKER = """
import json
import cfnresponse

def handler(event, context):
    given = event["ResourceProperties"]
    print(event["RequestType"], event["LogicalResourceId"])
    if given.get("Fail") == event["RequestType"]:
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, reason="I would rather not")
    elif given.get("Crash") == event["RequestType"]:
        raise RuntimeError("crashed in " + event["RequestType"])
    else:
        old = event.get("OldResourceProperties", {}).get("Name")
        data = {"Greeting": "hello " + given["Name"], "Old": old, "Count": given["Count"],
                "Type": event["ResourceType"]}
        cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "thing-" + given["Name"])
"""

THING = """
  Thing:
    Type: Custom::Thing
    Properties:
      ServiceToken: !GetAtt MakerFunction.Arn
      Name: {name}
      Count: 3
      {more}
Outputs:
  Greeting: {{Value: !GetAtt Thing.Greeting}}
  Id: {{Value: !Ref Thing}}
  Kind: {{Value: !Sub "${{Thing.Type}} of type ${{Thing.Count}}"}}
"""


def things(name, more="Same: 1"):
    return "Resources:" + function("Maker", MAKER) + THING.format(name=name, more=more)


def outputs(stack):
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_a_custom_resource_is_made_changed_and_removed_by_its_function(stacks, unique):
    name = unique("custom")
    stacks.create_stack(StackName=name, TemplateBody=things("one"), Capabilities=["CAPABILITY_IAM"])
    stack = settled(stacks, name)
    assert outputs(stack) == {
        "Greeting": "hello one",
        "Id": "thing-one",
        "Kind": "Custom::Thing of type 3",
    }
    stacks.update_stack(StackName=name, TemplateBody=things("two"), Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("stack_update_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.5, "MaxAttempts": 240}
    )
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    assert outputs(stack)["Id"] == "thing-two"
    # The function made another one: the old one is deleted in the clean-up.
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    gone = [e for e in events if e["ResourceStatus"] == "DELETE_COMPLETE"]
    assert [each["PhysicalResourceId"] for each in gone] == ["thing-one"]
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=stack["StackId"], WaiterConfig={"Delay": 0.5, "MaxAttempts": 240}
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("Fail: Create", "Message returned: I would rather not"),
        ("Crash: Create", "The function of the custom resource failed: crashed in Create"),
    ],
)
def test_a_custom_resource_that_fails_says_why(stacks, unique, more, words):
    name = unique("custom")
    stacks.create_stack(
        StackName=name, TemplateBody=things("x", more), Capabilities=["CAPABILITY_IAM"]
    )
    with pytest.raises(WaiterError):
        settled(stacks, name)
    assert any(words in each for each in reasons(stacks, name))
    stacks.delete_stack(StackName=name)


def test_parameters_of_aws_types_must_be_there(stacks, client, unique):
    body = """
Parameters:
  Key: {Type: "AWS::EC2::KeyPair::KeyName"}
  Zone: {Type: "AWS::EC2::AvailabilityZone::Name", Default: us-west-2a}
Resources:
  Stream: {Type: "AWS::Kinesis::Stream", Properties: {ShardCount: 1}}
Outputs:
  Key: {Value: !Ref Key}
"""
    key, name = unique("key"), unique("keyed")
    given = [{"ParameterKey": "Key", "ParameterValue": key}]
    with pytest.raises(ClientError, match=f"The key pair '{key}' does not exist"):
        stacks.create_stack(StackName=name, TemplateBody=body, Parameters=given)
    client("ec2").create_key_pair(KeyName=key)
    stacks.create_stack(StackName=name, TemplateBody=body, Parameters=given)
    assert outputs(settled(stacks, name)) == {"Key": key}
    stacks.delete_stack(StackName=name)


def test_values_of_ssm_and_secrets_manager_stand_in_properties(stacks, client, unique):
    ssm, secrets = client("ssm"), client("secretsmanager")
    hours, secret, name = unique("hours"), unique("secret"), unique("referring")
    ssm.put_parameter(Name=hours, Value="48", Type="String")
    secrets.create_secret(Name=secret, SecretString=json.dumps({"team": "ads", "other": 1}))
    body = f"""
Parameters:
  Shards: {{Type: "AWS::SSM::Parameter::Value<String>", Default: {unique("shards")}}}
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: !Ref Shards
      RetentionPeriodHours: "{{{{resolve:ssm:{hours}}}}}"
      Tags:
        - {{Key: team, Value: "of {{{{resolve:secretsmanager:{secret}:SecretString:team}}}}"}}
Outputs:
  Name: {{Value: !Ref Stream}}
"""
    shards = body.split("Default: ")[1].split("}")[0]
    with pytest.raises(ClientError, match="Unable to fetch parameters"):
        stacks.create_stack(StackName=name, TemplateBody=body)
    ssm.put_parameter(Name=shards, Value="2", Type="String")
    stacks.create_stack(StackName=name, TemplateBody=body)
    stream = outputs(settled(stacks, name))["Name"]
    kinesis = client("kinesis")
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["RetentionPeriodHours"]) == (2, 48)
    tags = kinesis.list_tags_for_stream(StreamName=stream)["Tags"]
    assert own_tags(tags) == {"team": "of ads"}
    # Neither events nor templates tell the value.
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    assert "of ads" not in json.dumps(events, default=str)
    stacks.delete_stack(StackName=name)
    missing = body.replace(secret, "nothing")
    bad = unique("referring")
    stacks.create_stack(StackName=bad, TemplateBody=missing)
    with pytest.raises(WaiterError):
        settled(stacks, bad)
    assert any(
        "Could not resolve {{resolve:secretsmanager:nothing" in r for r in reasons(stacks, bad)
    )
    stacks.delete_stack(StackName=bad)
