"""CloudWatch Logs through boto3, the AWS CLI and stacks: groups, streams, events, searches."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

NOW = int(time.time() * 1000)


@pytest.fixture
def logs(client):
    return client("logs")


@pytest.fixture
def group(logs, unique):
    """A group of the test's own."""
    name = f"/tests/{unique('group')}"
    logs.create_log_group(logGroupName=name)
    return name


def refused(call, **arguments) -> str:
    """The code of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def put(logs, group, stream, *lines, create=True):
    """Writes (milliseconds after NOW, message) to a stream."""
    if create:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    return logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": NOW + at, "message": message} for at, message in lines],
    )


def messages(answer) -> list[str]:
    return [event["message"] for event in answer["events"]]


# --- groups and streams ---


def test_a_group_is_described_as_on_aws(logs, server, unique):
    name = f"/tests/{unique('described')}"
    logs.create_log_group(logGroupName=name, tags={"team": "a"})
    assert refused(logs.create_log_group, logGroupName=name) == "ResourceAlreadyExistsException"
    (found,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = f"arn:aws:logs:us-west-2:{server.facts['account_id']}:log-group:{name}"
    assert (found["arn"], found["logGroupArn"]) == (arn + ":*", arn)
    assert found["storedBytes"] == 0 and found["logGroupClass"] == "STANDARD"
    assert "retentionInDays" not in found
    assert abs(found["creationTime"] - time.time() * 1000) < 600_000
    put(logs, name, "s", (0, "four"))
    found = logs.describe_log_groups(logGroupNamePattern=name[3:])["logGroups"][0]
    assert found["storedBytes"] == 4 + 26
    logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
    assert refused(logs.delete_log_group, logGroupName=name) == "ResourceNotFoundException"


def test_groups_and_streams_are_paged(logs, unique):
    prefix = f"/tests/{unique('paged')}"
    for i in range(3):
        logs.create_log_group(logGroupName=f"{prefix}/{i}")
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=prefix, PaginationConfig={"PageSize": 2}
    )
    assert [g["logGroupName"][-1] for page in pages for g in page["logGroups"]] == list("012")
    group = f"{prefix}/0"
    for name, at in (("a", 0), ("b", 2000), ("c", 1000)):
        put(logs, group, name, (at, "x"))
    streams = logs.get_paginator("describe_log_streams")
    for order, expected in (
        ({"orderBy": "LogStreamName"}, "abc"),
        ({"orderBy": "LastEventTime", "descending": True}, "bca"),
    ):
        pages = streams.paginate(logGroupName=group, PaginationConfig={"PageSize": 2}, **order)
        names = [s["logStreamName"] for page in pages for s in page["logStreams"]]
        assert names == list(expected)
    (only,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="b")["logStreams"]
    assert only["firstEventTimestamp"] == only["lastEventTimestamp"] == NOW + 2000
    assert only["arn"].endswith(f"log-group:{group}:log-stream:b")
    logs.delete_log_stream(logGroupName=group, logStreamName="b")
    assert (
        refused(logs.get_log_events, logGroupName=group, logStreamName="b")
        == "ResourceNotFoundException"
    )


def test_what_is_protected_stays_until_it_is_not(logs, group):
    protect = logs.put_log_group_deletion_protection
    protect(logGroupIdentifier=group, deletionProtectionEnabled=True)
    assert refused(logs.delete_log_group, logGroupName=group) == "ValidationException"
    protect(logGroupIdentifier=group, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=group)


def test_tags_by_both_families_of_actions(logs, group):
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.tag_log_group(logGroupName=group, tags={"c": "3"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2", "c": "3"}
    logs.untag_log_group(logGroupName=group, tags=["b"])
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"c": "3"}
    fifty = {f"k{i}": "v" for i in range(49)}
    logs.tag_resource(resourceArn=arn, tags=fifty)
    assert refused(logs.tag_resource, resourceArn=arn, tags={"more": "v"}) == "TooManyTagsException"
    assert (
        refused(logs.tag_resource, resourceArn=arn, tags={"aws:x": "v"})
        == "InvalidParameterException"
    )


def test_retention_takes_aws_s_periods_and_hides_what_is_over(logs, group):
    day = 24 * 3600 * 1000
    put(logs, group, "s", (-2 * day, "old"))
    put(logs, group, "s", (0, "new"), create=False)
    assert (
        refused(logs.put_retention_policy, logGroupName=group, retentionInDays=2)
        == "InvalidParameterException"
    )
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert found["retentionInDays"] == 1
    assert messages(logs.filter_log_events(logGroupName=group)) == ["new"]
    rejected = put(logs, group, "s", (-2 * day, "old"), create=False)["rejectedLogEventsInfo"]
    assert rejected == {"expiredLogEventEndIndex": 1}
    logs.delete_retention_policy(logGroupName=group)
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert "retentionInDays" not in found


# --- events ---


def test_events_too_old_and_too_new_are_told(logs, group):
    hour = 3600 * 1000
    answer = put(logs, group, "s", (-15 * 24 * hour, "a"), (0, "b"), (hour, "c"), (3 * hour, "d"))
    assert answer["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 1,
        "tooNewLogEventStartIndex": 3,
    }
    assert answer["nextSequenceToken"]
    assert messages(logs.get_log_events(logGroupName=group, logStreamName="s")) == ["b", "c"]


def test_limits_of_a_batch(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")

    def batch(*sizes):
        return {
            "logGroupName": group,
            "logStreamName": "s",
            "logEvents": [{"timestamp": NOW, "message": "x" * size} for size in sizes],
        }

    logs.put_log_events(**batch(*[1] * 10_000))
    logs.put_log_events(**batch(1_048_576 - 26))
    assert refused(logs.put_log_events, **batch(1_048_577 - 26)) == "InvalidParameterException"
    with pytest.raises(ClientError):
        logs.put_log_events(**batch(*[1] * 10_001))
    unordered = batch(1, 1)
    unordered["logEvents"][0]["timestamp"] += 1
    assert refused(logs.put_log_events, **unordered) == "InvalidParameterException"


def test_tokens_lead_forward_and_backward_and_stay_at_the_ends(logs, group):
    put(logs, group, "s", *[(i, str(i)) for i in range(6)])

    def read(**more):
        return logs.get_log_events(logGroupName=group, logStreamName="s", limit=2, **more)

    latest = read()
    assert messages(latest) == ["4", "5"]
    end = read(nextToken=latest["nextForwardToken"], startFromHead=True)
    assert end["events"] == [] and end["nextForwardToken"] == latest["nextForwardToken"]
    before = read(nextToken=latest["nextBackwardToken"])
    assert messages(before) == ["2", "3"]
    first = read(nextToken=before["nextBackwardToken"])
    assert messages(first) == ["0", "1"]
    start = read(nextToken=first["nextBackwardToken"])
    assert start["events"] == [] and start["nextBackwardToken"] == first["nextBackwardToken"]
    # At an end, the other token turns round.
    assert messages(read(nextToken=start["nextForwardToken"], startFromHead=True)) == ["0", "1"]
    assert messages(read(nextToken=end["nextBackwardToken"])) == ["4", "5"]
    # What comes later is found from where the end was.
    put(logs, group, "s", (9, "9"), create=False)
    assert messages(read(nextToken=end["nextForwardToken"], startFromHead=True)) == ["9"]
    assert messages(read(startFromHead=True, startTime=NOW + 1, endTime=NOW + 3)) == ["1", "2"]
    assert refused(read, nextToken="f/12/s") == "InvalidParameterException"


def test_a_search_merges_streams_and_takes_patterns(logs, group):
    put(logs, group, "web/1", (1, "ERROR 500 a"), (4, "INFO d"))
    put(logs, group, "web/2", (2, "WARN b"), (3, json.dumps({"level": "ERROR", "n": 4})))
    put(logs, group, "db", (5, "ERROR 404 e"))

    def found(pattern="", **more):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern=pattern, PaginationConfig={"PageSize": 2}, **more
        )
        return [event["timestamp"] - NOW for page in pages for event in page["events"]]

    assert found() == [1, 2, 3, 4, 5]
    assert found("ERROR") == [1, 3, 5]
    assert found('"ERROR 500"') == [1]
    assert found("?WARN ?INFO") == [2, 4]
    assert found("ERROR -level") == [1, 5]
    assert found("%ERROR [45]0\\d%") == [1, 5]
    assert found('{ $.level = "ERROR" && $.n > 3 }') == [3]
    assert found("ERROR", logStreamNames=["db", "web/1"]) == [1, 5]
    assert found(logStreamNamePrefix="web/") == [1, 2, 3, 4]
    assert found(startTime=NOW + 2, endTime=NOW + 4) == [2, 3, 4]
    assert found("ERROR", startTime=NOW, startFromHead=False) == [5, 3, 1]
    for pattern, code in (
        ("[ip, user]", "NotImplemented"),
        ("{ $.a = }", "InvalidParameterException"),
        ("a.b", "InvalidParameterException"),
    ):
        call = logs.filter_log_events
        assert refused(call, logGroupName=group, filterPattern=pattern) == code
    ids = [e["eventId"] for e in logs.filter_log_events(logGroupName=group)["events"]]
    assert len(set(ids)) == 5


def test_a_group_may_be_named_by_its_arn(logs, group):
    put(logs, group, "s", (0, "x"))
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["logGroupArn"]
    assert messages(logs.get_log_events(logGroupIdentifier=arn, logStreamName="s")) == ["x"]
    assert messages(logs.filter_log_events(logGroupIdentifier=arn)) == ["x"]
    other = arn.replace("us-west-2", "eu-west-1")
    call = logs.filter_log_events
    assert refused(call, logGroupIdentifier=other) == "ResourceNotFoundException"
    both = {"logGroupIdentifier": arn, "logGroupName": group}
    assert refused(call, **both) == "InvalidParameterException"


def test_following_a_group_as_aws_logs_tail_does(logs, group, server):
    """`aws logs tail --follow` asks from the newest time that it has seen, and drops the events
    whose ids it has seen. Events outlive the server."""
    put(logs, group, "s", (0, "a"), (0, "b"))
    seen: list[str] = []
    shown: list[str] = []
    since = NOW - 60_000

    def follow():
        nonlocal since
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since, interleaved=True
        )
        for event in (event for page in pages for event in page["events"]):
            if event["eventId"] not in seen:
                seen.append(event["eventId"])
                shown.append(event["message"])
            since = max(since, event["timestamp"])

    follow()
    assert shown == ["a", "b"]
    put(logs, group, "s", (0, "c"), create=False)
    put(logs, group, "t", (7, "d"))
    follow()
    follow()
    assert shown == ["a", "b", "c", "d"]


def test_the_cli_reads_what_it_wrote(aws_cli, unique):
    group = unique("cli")
    aws_cli("logs", "create-log-group", "--log-group-name", group)
    stream = ("--log-group-name", group, "--log-stream-name", "s")
    aws_cli("logs", "create-log-stream", *stream)
    event = json.dumps([{"timestamp": NOW, "message": "from the shell"}])
    aws_cli("logs", "put-log-events", *stream, "--log-events", event)
    answer = aws_cli(
        "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "shell"
    )
    assert messages(answer) == ["from the shell"]


# --- who may, and what is not there ---


def test_permissions_are_of_groups_and_streams(logs, client, server, group, unique):
    put(logs, group, "s", (0, "x"))
    iam = client("iam")
    user = unique("reader")
    iam.create_user(UserName=user)
    account = server.facts["account_id"]
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["logs:FilterLogEvents", "logs:GetLogEvents"],
            "Resource": f"arn:aws:logs:us-west-2:{account}:log-group:{group}:*",
        },
    }
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = server.client(
        "logs",
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
    )
    assert messages(theirs.filter_log_events(logGroupName=group)) == ["x"]
    assert messages(theirs.get_log_events(logGroupName=group, logStreamName="s")) == ["x"]
    with pytest.raises(ClientError) as denied:
        put(theirs, group, "s", (0, "y"), create=False)
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert f"log-group:{group}:log-stream:s" in error["Message"]


@pytest.mark.parametrize(
    "action, arguments",
    [
        ("start_query", {"startTime": 0, "endTime": 1, "queryString": "fields @message"}),
        ("describe_subscription_filters", {"logGroupName": "g"}),
        ("describe_metric_filters", {}),
        ("create_log_group", {"logGroupName": "k", "kmsKeyId": "arn:aws:kms:x:1:key/2"}),
        ("create_log_group", {"logGroupName": "k", "logGroupClass": "INFREQUENT_ACCESS"}),
    ],
)
def test_what_is_not_there_says_so_by_name(logs, action, arguments):
    assert refused(getattr(logs, action), **arguments) == "NotImplemented"


# --- stacks ---


def test_a_stack_makes_keeps_and_removes_its_group(client, logs, unique):
    stacks = client("cloudformation")
    name = unique("stack")

    def template(**properties):
        resources = {
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": properties},
            "Stream": {
                "Type": "AWS::Logs::LogStream",
                "Properties": {"LogGroupName": {"Ref": "Group"}, "LogStreamName": "s"},
            },
        }
        outputs = {
            "Name": {"Value": {"Ref": "Group"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}},
        }
        return json.dumps({"Resources": resources, "Outputs": outputs})

    stacks.create_stack(StackName=name, TemplateBody=template(RetentionInDays=7))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    group = outputs["Name"]
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert (found["retentionInDays"], found["arn"]) == (7, outputs["Arn"])
    assert logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"] == "s"
    tags = [{"Key": "team", "Value": "a"}]
    stacks.update_stack(StackName=name, TemplateBody=template(RetentionInDays=30, Tags=tags))
    stacks.get_waiter("stack_update_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 30
    assert logs.list_tags_log_group(logGroupName=group)["tags"]["team"] == "a"
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
