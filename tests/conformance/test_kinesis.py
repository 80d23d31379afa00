"""Kinesis: streams, their settings and tags, through boto3 and the AWS CLI."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import boto3
import pytest
from kinesis_steps import (
    account_of,
    iterator,
    read_all,
    refused,
    shards_of,
    streams,
    wait_active,
    wait_gone,
)

LAST_HASH_KEY = 2**128 - 1


@pytest.fixture
def kinesis(client):
    """Leaves it to the server to say what is wrong with a request."""
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    with streams(kinesis, unique) as make:
        yield make


def test_a_stream_goes_from_creating_to_active_to_gone(kinesis, unique):
    name = unique("life")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    kinesis.delete_stream(StreamName=name)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    refused(
        lambda: kinesis.describe_stream(StreamName=name),
        "ResourceNotFoundException",
        text="not found",
    )


def test_describe_stream_tells_all(kinesis, make_stream):
    before = datetime.now(UTC) - timedelta(seconds=2)
    name = make_stream(3)
    stream = kinesis.describe_stream(StreamName=name)["StreamDescription"]
    account = account_of(name, kinesis)
    assert stream["StreamARN"] == f"arn:aws:kinesis:us-west-2:{account}:stream/{name}"
    assert stream["StreamStatus"] == "ACTIVE"
    assert stream["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert stream["RetentionPeriodHours"] == 24
    assert stream["EnhancedMonitoring"] == [{"ShardLevelMetrics": []}]
    assert stream["EncryptionType"] == "NONE"
    assert stream["HasMoreShards"] is False
    assert before <= stream["StreamCreationTimestamp"] <= datetime.now(UTC)
    ranges = [s["HashKeyRange"] for s in stream["Shards"]]
    assert int(ranges[0]["StartingHashKey"]) == 0
    assert int(ranges[-1]["EndingHashKey"]) == LAST_HASH_KEY
    for before_, after in pairwise(ranges):
        assert int(before_["EndingHashKey"]) + 1 == int(after["StartingHashKey"])
    for shard in stream["Shards"]:
        assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        assert "ParentShardId" not in shard


def test_describe_stream_pages_by_exclusive_start_shard_id(kinesis, make_stream):
    name = make_stream(5)
    seen = []
    for page in kinesis.get_paginator("describe_stream").paginate(
        StreamName=name, PaginationConfig={"PageSize": 2}
    ):
        assert len(page["StreamDescription"]["Shards"]) <= 2
        seen += [s["ShardId"] for s in page["StreamDescription"]["Shards"]]
    assert seen == [f"shardId-{i:012}" for i in range(5)]


def test_describe_stream_summary_counts(kinesis, make_stream):
    name = make_stream(3, MaxRecordSizeInKiB=2048)
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3
    assert summary["ConsumerCount"] == 0
    assert summary["MaxRecordSizeInKiB"] == 2048
    assert summary["EncryptionType"] == "NONE"


def test_an_on_demand_stream_has_four_shards(kinesis, make_stream):
    name = make_stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 4
    assert summary["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    kinesis.update_stream_mode(
        StreamARN=summary["StreamARN"], StreamModeDetails={"StreamMode": "PROVISIONED"}
    )
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}


def test_on_demand_takes_no_shard_count(kinesis, unique):
    refused(
        lambda: kinesis.create_stream(
            StreamName=unique("x"), ShardCount=2, StreamModeDetails={"StreamMode": "ON_DEMAND"}
        ),
        "ValidationException",
        text="ShardCount",
    )


def test_a_name_is_used_once(kinesis, make_stream):
    name = make_stream()
    refused(
        lambda: kinesis.create_stream(StreamName=name, ShardCount=1),
        "ResourceInUseException",
        text=f"Stream {name} under account {account_of(name, kinesis)} already exists.",
    )


def test_a_deleted_name_begins_anew(kinesis, unique):
    name = unique("again")
    for _ in range(2):
        kinesis.create_stream(StreamName=name, ShardCount=1)
        wait_active(kinesis, name)
        assert read_all(kinesis, name) == []
        kinesis.put_record(StreamName=name, Data=b"old", PartitionKey="k")
        old = iterator(kinesis, name)
        kinesis.delete_stream(StreamName=name)
        wait_gone(kinesis, name)
        refused(
            lambda at=old: kinesis.get_records(ShardIterator=at),
            "ResourceNotFoundException",
            text=f"Stream {name} under account",
        )


def test_an_absent_stream_is_not_found_by_any_action(kinesis, server):
    name = "never-made"
    calls = [
        lambda: kinesis.delete_stream(StreamName=name),
        lambda: kinesis.describe_stream(StreamName=name),
        lambda: kinesis.describe_stream_summary(StreamName=name),
        lambda: kinesis.list_shards(StreamName=name),
        lambda: kinesis.put_record(StreamName=name, Data=b"", PartitionKey="k"),
        lambda: kinesis.put_records(StreamName=name, Records=[{"Data": b"", "PartitionKey": "k"}]),
        lambda: iterator(kinesis, name),
        lambda: kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48),
        lambda: kinesis.add_tags_to_stream(StreamName=name, Tags={"a": "b"}),
        lambda: kinesis.list_tags_for_stream(StreamName=name),
        lambda: kinesis.split_shard(
            StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey="7"
        ),
        lambda: kinesis.update_shard_count(
            StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        ),
    ]
    account = server.facts["account_id"]
    for call in calls:
        message = refused(call, "ResourceNotFoundException")
        assert message == f"Stream {name} under account {account} not found."


def test_stream_arn_names_the_stream_everywhere(kinesis, make_stream):
    name = make_stream()
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.put_record(StreamARN=arn, Data=b"by arn", PartitionKey="k")
    at = kinesis.get_shard_iterator(
        StreamARN=arn, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert kinesis.get_records(StreamARN=arn, ShardIterator=at)["Records"][0]["Data"] == b"by arn"
    assert len(kinesis.list_shards(StreamARN=arn)["Shards"]) == 1
    assert kinesis.describe_stream(StreamARN=arn)["StreamDescription"]["StreamName"] == name
    refused(
        lambda: kinesis.describe_stream(StreamARN=arn, StreamName="another"),
        "InvalidArgumentException",
        text="is not the stream of StreamARN",
    )
    refused(lambda: kinesis.describe_stream(), "InvalidArgumentException", text="must be given")


@pytest.mark.parametrize("name", ["with space", "slash/ed", "n" * 129, "ünïcode"])
def test_malformed_names_are_refused(kinesis, name):
    refused(lambda: kinesis.create_stream(StreamName=name, ShardCount=1), "ValidationException")


def test_list_streams_pages_by_name_and_by_token(kinesis, make_stream):
    names = sorted(make_stream() for _ in range(3))
    first = kinesis.list_streams(Limit=1, ExclusiveStartStreamName=names[0][:-1])
    assert first["StreamNames"] == [names[0]]
    assert first["HasMoreStreams"] is True
    assert first["StreamSummaries"][0]["StreamStatus"] == "ACTIVE"
    second = kinesis.list_streams(Limit=1, NextToken=first["NextToken"])
    assert second["StreamNames"] == [names[1]]
    listed = [
        name
        for page in kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 1})
        for name in page["StreamNames"]
    ]
    assert set(names) <= set(listed)
    assert listed == sorted(listed)
    refused(lambda: kinesis.list_streams(NextToken="x" * 40), "InvalidArgumentException")


def test_limits_tell_the_open_shards(kinesis, make_stream):
    before = kinesis.describe_limits()
    make_stream(3)
    after = kinesis.describe_limits()
    assert after["OpenShardCount"] >= before["OpenShardCount"] + 3 - 2  # others may go meanwhile
    assert after["ShardLimit"] == 20000


def test_more_shards_than_the_limit_are_refused(kinesis, unique):
    refused(
        lambda: kinesis.create_stream(StreamName=unique("huge"), ShardCount=20001),
        "LimitExceededException",
        text="would exceed the shard limit",
    )


def test_retention_goes_up_and_down_within_its_limits(kinesis, make_stream):
    name = make_stream()

    def retention() -> int:
        return kinesis.describe_stream(StreamName=name)["StreamDescription"]["RetentionPeriodHours"]

    kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=8760)
    assert retention() == 8760
    kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    assert retention() == 24
    increase = kinesis.increase_stream_retention_period
    decrease = kinesis.decrease_stream_retention_period
    code = "InvalidArgumentException"
    refused(lambda: increase(StreamName=name, RetentionPeriodHours=8761), code, text="too long")
    refused(lambda: decrease(StreamName=name, RetentionPeriodHours=23), code, text="too short")
    increase(StreamName=name, RetentionPeriodHours=48)
    refused(
        lambda: increase(StreamName=name, RetentionPeriodHours=47), code, text="can not be shorter"
    )
    refused(
        lambda: decrease(StreamName=name, RetentionPeriodHours=49), code, text="can not be longer"
    )


def test_tags(kinesis, make_stream):
    name = make_stream(1, Tags={"team": "pixels", "cost": "7"})
    kinesis.add_tags_to_stream(StreamName=name, Tags={"cost": "8", "env": ""})
    tags = kinesis.list_tags_for_stream(StreamName=name)
    assert tags["Tags"] == [
        {"Key": "cost", "Value": "8"},
        {"Key": "env", "Value": ""},
        {"Key": "team", "Value": "pixels"},
    ]
    page = kinesis.list_tags_for_stream(StreamName=name, Limit=1, ExclusiveStartTagKey="cost")
    assert page["Tags"] == [{"Key": "env", "Value": ""}]
    assert page["HasMoreTags"] is True
    kinesis.remove_tags_from_stream(StreamName=name, TagKeys=["cost", "absent"])
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.tag_resource(ResourceARN=arn, Tags={"by": "arn"})
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["env"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "by", "Value": "arn"},
        {"Key": "team", "Value": "pixels"},
    ]


def test_fifty_tags_and_not_one_more(kinesis, make_stream):
    name = make_stream()
    kinesis.add_tags_to_stream(StreamName=name, Tags={f"t{i}": "v" for i in range(50)})
    refused(
        lambda: kinesis.add_tags_to_stream(StreamName=name, Tags={"one": "more"}),
        "InvalidArgumentException",
        text="more than 50 tags",
    )
    assert len(kinesis.list_tags_for_stream(StreamName=name, Limit=50)["Tags"]) == 50


def test_records_through_the_aws_cli(aws_cli, make_stream):
    name = make_stream()
    put = aws_cli(
        "kinesis", "put-record", "--stream-name", name, "--partition-key", "k",
        "--data", "from the CLI",
    )  # fmt: skip
    assert put["ShardId"] == "shardId-000000000000"
    at = aws_cli(
        "kinesis", "get-shard-iterator", "--stream-name", name, "--shard-id", put["ShardId"],
        "--shard-iterator-type", "TRIM_HORIZON",
    )["ShardIterator"]  # fmt: skip
    records = aws_cli("kinesis", "get-records", "--shard-iterator", at)["Records"]
    assert base64.b64decode(records[0]["Data"]) == b"from the CLI"
    assert aws_cli("kinesis", "describe-stream", "--stream-name", name)["StreamDescription"]


def test_unimplemented_actions_answer_by_name(kinesis, make_stream):
    name = make_stream()
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    for call in (
        lambda: kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=10),
        lambda: kinesis.enable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=["ALL"]),
        lambda: kinesis.describe_account_settings(),
    ):
        message = refused(call, "NotImplemented", status=501)
        assert "kinesis:" in message


def test_streams_and_iterators_survive_a_restart(fresh_server):
    kinesis = fresh_server.client("kinesis")
    kinesis.create_stream(StreamName="kept", ShardCount=2, Tags={"a": "b"})
    wait_active(kinesis, "kept")
    kinesis.update_shard_count(StreamName="kept", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    wait_active(kinesis, "kept")
    puts = [
        kinesis.put_record(StreamName="kept", Data=str(i).encode(), PartitionKey=str(i))
        for i in range(50)
    ]
    at = iterator(kinesis, "kept", 2)
    before = kinesis.describe_stream(StreamName="kept")["StreamDescription"]
    for end in (fresh_server.stop, fresh_server.kill9):
        end()
        fresh_server.start(port=fresh_server.port)
        kinesis = fresh_server.client("kinesis")
        after = kinesis.describe_stream(StreamName="kept")["StreamDescription"]
        assert after == before
        in_third = [p["SequenceNumber"] for p in puts if p["ShardId"].endswith("002")]
        records = kinesis.get_records(ShardIterator=at)["Records"]
        assert [r["SequenceNumber"] for r in records] == in_third
        assert kinesis.list_tags_for_stream(StreamName="kept")["Tags"] == [
            {"Key": "a", "Value": "b"}
        ]


def test_a_kill_during_creation_deletion_and_resharding_is_taken_up(fresh_server):
    kinesis = fresh_server.client("kinesis")
    for round_ in range(4):
        made, split, gone = (f"{what}-{round_}" for what in ("made", "split", "gone"))
        for name in (split, gone):
            kinesis.create_stream(StreamName=name, ShardCount=1)
            wait_active(kinesis, name)
        kinesis.put_record(StreamName=split, Data=b"before", PartitionKey="k")
        kinesis.create_stream(StreamName=made, ShardCount=8)
        kinesis.update_shard_count(
            StreamName=split, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        )
        kinesis.delete_stream(StreamName=gone)
        fresh_server.kill9()
        fresh_server.start()
        kinesis = fresh_server.client("kinesis")
        wait_active(kinesis, made)
        wait_active(kinesis, split)
        wait_gone(kinesis, gone)
        assert len(shards_of(kinesis, made)) == 8
        assert len(shards_of(kinesis, split, ShardFilter={"Type": "AT_LATEST"})) == 2
        assert [r["Data"] for r in read_all(kinesis, split)] == [b"before"]


def test_streams_of_regions_and_wrong_keys_are_apart(server, make_stream):
    name = make_stream()
    elsewhere = boto3.session.Session().client(
        "kinesis",
        region_name="eu-central-1",
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )
    assert name not in elsewhere.list_streams()["StreamNames"]
    stranger = server.client("kinesis", secret_access_key="wrong")
    refused(lambda: stranger.list_streams(), "InvalidSignatureException")
