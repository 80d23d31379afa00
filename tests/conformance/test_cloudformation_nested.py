"""Stacks within stacks, through boto3."""

from __future__ import annotations

import re

import pytest
from cloudformation_steps import events_of, outputs_of, resources_of, wait_for_status
from tarn_server import REGION

CHILD = """
Parameters:
  Shards: {Type: Number}
  Names: {Type: CommaDelimitedList, Default: ""}
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !Ref Shards}}
Outputs:
  Name: {Value: !Ref Stream}
  Names: {Value: !Join ["+", !Ref Names]}
"""
PARENT = """
Parameters: {Shards: {Type: Number, Default: 1}}
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "@child", Parameters: {Shards: !Ref Shards, Names: [a, b]}, Tags: [{Key: own, Value: x}]}
  Consumer:
    Type: AWS::Kinesis::StreamConsumer
    Properties:
      ConsumerName: c
      StreamARN: !Sub "arn:aws:kinesis:${AWS::Region}:${AWS::AccountId}:stream/${Child.Outputs.Name}"
Outputs: {Name: {Value: !GetAtt Child.Outputs.Name}, Names: {Value: !GetAtt Child.Outputs.Names}}
"""


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


@pytest.fixture
def name(cloudformation, unique):
    """Of a stack that goes at the end."""
    chosen = unique("outer")
    yield chosen
    cloudformation.delete_stack(StackName=chosen)


@pytest.fixture
def put(s3, bucket):
    """Puts a template into the bucket; gives its URL."""

    def put_template(key, text):
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        return f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}"

    return put_template


def streams_of(client, prefix):
    names = client("kinesis").list_streams()["StreamNames"]
    return [n for n in names if n.startswith(prefix)]


def test_a_nested_stack_is_made_changed_and_removed_with_its_parent(
    client, cloudformation, name, put
):
    url = put("dir/child.yaml", CHILD)
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=PARENT.replace("@child", url),
        Tags=[{"Key": "team", "Value": "red"}],
    )
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    child_id = resources_of(cloudformation, name)["Child"]
    (child,) = cloudformation.describe_stacks(StackName=child_id)["Stacks"]
    assert re.fullmatch(f"{name}-Child-[0-9A-Z]{{12}}", child["StackName"])
    (parent,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert child["ParentId"] == child["RootId"] == parent["StackId"]
    assert {t["Key"]: t["Value"] for t in child["Tags"]} == {"team": "red", "own": "x"}
    outputs = outputs_of(cloudformation, name)
    assert outputs["Name"] == resources_of(cloudformation, child_id)["Stream"]
    assert outputs["Names"] == "a+b"
    events = events_of(cloudformation, name)
    assert events.index(("Child", "CREATE_COMPLETE")) < events.index(
        ("Consumer", "CREATE_IN_PROGRESS")
    )

    # A parameter of the parent's reaches the child.
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Shards", "ParameterValue": "2"}],
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    (child,) = cloudformation.describe_stacks(StackName=child_id)["Stacks"]
    assert child["StackStatus"] == "UPDATE_COMPLETE"
    summary = client("kinesis").describe_stream_summary(StreamName=outputs["Name"])
    assert summary["StreamDescriptionSummary"]["OpenShardCount"] == 2

    # So does another template at the same URL; what it replaces goes when the parent is complete.
    put("dir/child.yaml", CHILD.replace("Properties: {", f"Properties: {{Name: {name}-Child-new, "))
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Shards", "UsePreviousValue": True}],
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert outputs_of(cloudformation, name)["Name"] == f"{name}-Child-new"
    assert streams_of(client, name) == [f"{name}-Child-new"]

    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, parent["StackId"], "DELETE_COMPLETE")
    (child,) = cloudformation.describe_stacks(StackName=child_id)["Stacks"]
    assert child["StackStatus"] == "DELETE_COMPLETE"
    assert streams_of(client, name) == []


def test_a_parent_that_fails_puts_its_children_back(client, cloudformation, name, put):
    url = put("child.yaml", CHILD)
    body = PARENT.replace("@child", url)
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    before = outputs_of(cloudformation, name)
    child_id = resources_of(cloudformation, name)["Child"]
    put("child.yaml", CHILD.replace("Properties: {", f"Properties: {{Name: {name}-Child-new, "))
    failing = body.replace(
        "Outputs:", "  Bucket: {Type: AWS::S3::Bucket, DependsOn: Consumer, Properties: {BucketName: NO}}\nOutputs:"
    )  # fmt: skip
    cloudformation.update_stack(StackName=name, TemplateBody=failing)
    wait_for_status(cloudformation, name, "UPDATE_ROLLBACK_COMPLETE")
    (child,) = cloudformation.describe_stacks(StackName=child_id)["Stacks"]
    assert child["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs_of(cloudformation, name) == before
    assert outputs_of(cloudformation, child_id)["Name"] == before["Name"]
    # The stream that was replaced was never gone.
    assert streams_of(client, name) == [before["Name"]]


def test_a_child_that_fails_tells_its_parent_why(client, cloudformation, name, put):
    bad = "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: NO}}}"
    body = f"""
Resources:
  Stream: {{Type: AWS::Kinesis::Stream, Properties: {{ShardCount: 1}}}}
  Child: {{Type: AWS::CloudFormation::Stack, DependsOn: Stream, Properties: {{TemplateURL: "{put("bad.yaml", bad)}"}}}}
"""
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["ResourceStatusReason"].startswith(
        f"Embedded stack {failed['PhysicalResourceId']} was not successfully created: "
        "The following resource(s) failed to create: [Bucket]."
    )
    (child,) = cloudformation.describe_stacks(StackName=failed["PhysicalResourceId"])["Stacks"]
    assert child["StackStatus"] == "DELETE_COMPLETE"
    assert streams_of(client, name) == []


def test_every_form_of_url_and_what_is_no_template(cloudformation, name, put, bucket):
    put("a/c.yaml", CHILD)
    urls = [
        f"https://s3.{REGION}.amazonaws.com/{bucket}/a/c.yaml",
        f"https://s3.amazonaws.com/{bucket}/a/c.yaml",
        f"https://{bucket}.s3.{REGION}.amazonaws.com/a/c.yaml",
        f"https://{bucket}.s3.amazonaws.com/a/c.yaml",
        f"s3://{bucket}/a/c.yaml",
    ]
    children = "".join(
        f"  C{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}', Parameters: {{Shards: 1}}}}}}\n"
        for n, url in enumerate(urls)
    )
    outer = put("outer.yaml", f"Resources:\n{children}")
    cloudformation.create_stack(StackName=name, TemplateURL=outer)
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    assert len(resources_of(cloudformation, name)) == len(urls)
    cloudformation.delete_stack(StackName=name)
    wait_for_status_gone(cloudformation, name)
    for url, said in (
        (f"s3://{bucket}/absent.yaml", "absent.yaml"),
        ("https://example.com/t.yaml", "TemplateURL must be a supported URL"),
    ):
        body = f"Resources: {{C: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}}}"
        stack = cloudformation.create_stack(StackName=name, TemplateBody=body, OnFailure="DELETE")
        wait_for_status(cloudformation, stack["StackId"], "DELETE_COMPLETE")
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
        assert said in failed["ResourceStatusReason"]


def wait_for_status_gone(cloudformation, name):
    listed = cloudformation.list_stacks()["StackSummaries"]
    (newest,) = [s for s in listed if s["StackName"] == name][:1]
    wait_for_status(cloudformation, newest["StackId"], "DELETE_COMPLETE")
