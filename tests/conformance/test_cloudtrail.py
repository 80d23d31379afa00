"""CloudTrail's history of events through boto3 and the AWS CLI, and `tarn up --iam audit`."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from tarn_server import TarnServer


@pytest.fixture
def trail(client):
    return client("cloudtrail")


def look_up(trail, key, value, **more):
    """All events with that attribute, each with its CloudTrailEvent as `event`."""
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}], **more
    )
    found = [event for page in pages for event in page["Events"]]
    for each in found:
        each["event"] = json.loads(each["CloudTrailEvent"])
    return found


def refused(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def make_user(server, name, *allowed):
    """An IAM user's key, who may do `allowed`."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    if allowed:
        statement = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def test_calls_are_found_by_their_attributes(trail, client, server, unique):
    kinesis = client("kinesis")
    stream = unique("audited")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"a": "b"})
    names = [e["EventName"] for e in look_up(trail, "ResourceName", stream)]
    assert names == ["AddTagsToStream", "CreateStream"]
    made = look_up(trail, "ResourceName", stream)[-1]
    assert made["EventSource"] == "kinesis.amazonaws.com" and made["ReadOnly"] == "false"
    assert made["Username"] == "root" and made["AccessKeyId"] == server.access_key_id
    assert made["Resources"][0]["ResourceName"].endswith(f":stream/{stream}")
    event = made["event"]
    assert event["userIdentity"]["type"] == "Root" and event["sourceIPAddress"] == "127.0.0.1"
    assert event["awsRegion"] == "us-west-2" and "Boto3" in event["userAgent"]
    assert "errorCode" not in event and event["requestID"]
    assert [e["EventId"] for e in look_up(trail, "EventId", made["EventId"])] == [made["EventId"]]
    time = made["EventTime"]
    within = look_up(trail, "ResourceName", stream, StartTime=time, EndTime=time)
    assert made["EventId"] in [e["EventId"] for e in within]


def test_a_denied_call_tells_who_and_why(trail, server, unique):
    name = unique("denied")
    theirs = server.client("kinesis", **make_user(server, name))
    with pytest.raises(ClientError) as caught:
        theirs.create_stream(StreamName="never", ShardCount=1)
    (denied,) = look_up(trail, "Username", name)
    assert denied["event"]["errorCode"] == "AccessDenied"
    assert denied["event"]["errorMessage"] == caught.value.response["Error"]["Message"]
    assert denied["event"]["userIdentity"]["userName"] == name


def test_what_a_stack_does_is_told_too(trail, client, unique):
    stacks = client("cloudformation")
    name = unique("audited")
    template = {"Resources": {"G": {"Type": "AWS::Logs::LogGroup"}}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    group = stacks.describe_stack_resource(StackName=name, LogicalResourceId="G")
    group = group["StackResourceDetail"]["PhysicalResourceId"]
    (made,) = look_up(trail, "ResourceName", group)
    assert made["EventName"] == "CreateLogGroup" and made["Username"] == "root"


def test_calls_are_paged(trail, client, unique):
    for _ in range(5):
        client("logs").describe_log_groups()
    pages = trail.get_paginator("lookup_events").paginate(
        PaginationConfig={"PageSize": 2, "MaxItems": 6}
    )
    found = [event["EventId"] for page in pages for event in page["Events"]]
    assert len(set(found)) == len(found) == 6


def test_what_cannot_be_looked_up_is_refused(trail):
    one = {"AttributeKey": "EventName", "AttributeValue": "CreateStream"}
    call = trail.lookup_events
    assert refused(call, LookupAttributes=[one, one]) == "InvalidLookupAttributesException"
    assert refused(call, StartTime=2000, EndTime=1000) == "InvalidTimeRangeException"
    assert refused(call, NextToken="x") == "InvalidNextTokenException"
    assert refused(call, EventCategory="insight") == "NotImplemented"
    assert refused(trail.describe_trails) == "NotImplemented"


def test_under_audit_denials_are_kept_and_not_enforced(tmp_path):
    server = TarnServer(tmp_path / "audit", arguments=("--no-sessions", "--iam", "audit")).start()
    try:
        keys = make_user(server, "jo")
        theirs = server.client("kinesis", **keys)
        theirs.create_stream(StreamName="allowed", ShardCount=1)
        theirs.get_waiter("stream_exists").wait(
            StreamName="allowed", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        theirs.put_record(StreamName="allowed", Data=b"x", PartitionKey="k")
        trail = server.client("cloudtrail")
        for name in ("CreateStream", "PutRecord"):
            denials = [
                e["event"]
                for e in look_up(trail, "EventName", name)
                if e["event"].get("errorCode") == "AccessDenied"
            ]
            assert denials, name
            assert denials[0]["additionalEventData"] == {"enforced": False}
            assert (
                "user/jo is not authorized to perform: kinesis:" + name
                in denials[0]["errorMessage"]
            )
        answer = server.aws_cli(
            "cloudtrail",
            "lookup-events",
            "--lookup-attributes",
            "AttributeKey=Username,AttributeValue=jo",
        )
        assert answer["Events"]
        # Who did not sign is nobody, under audit too.
        wrong = server.client("kinesis", access_key_id="AKIAWRONG", secret_access_key="wrong")
        assert refused(wrong.list_streams) == "UnrecognizedClientException"
    finally:
        server.close()
