"""Kinesis Data Streams through boto3 and the AWS CLI: each action, its errors, its limits."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import boto3
import pytest
from botocore.exceptions import ClientError

KIB = 1024
MIB = 1024 * KIB
LAST_HASH_KEY = 2**128 - 1


@pytest.fixture
def kinesis(client):
    """Leaves it to the server to say what is wrong with a request."""
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    """Makes an ACTIVE stream of so many shards; all are deleted after the test."""
    made = []

    def make(shards: int = 1, **options) -> str:
        name = unique("stream")
        made.append(name)
        if "StreamModeDetails" not in options:
            options["ShardCount"] = shards
        kinesis.create_stream(StreamName=name, **options)
        wait_active(kinesis, name)
        return name

    yield make
    for name in made:
        wait_active(kinesis, name)
        kinesis.delete_stream(StreamName=name)


def status_of(kinesis, name: str) -> str:
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return summary["StreamStatus"]


def wait_active(kinesis, name: str) -> None:
    deadline = time.monotonic() + 30
    while status_of(kinesis, name) != "ACTIVE":
        assert time.monotonic() < deadline, f"{name} stays {status_of(kinesis, name)}"
        time.sleep(0.02)


def wait_gone(kinesis, name: str) -> None:
    deadline = time.monotonic() + 30
    while name in kinesis.list_streams(Limit=10000)["StreamNames"]:
        assert time.monotonic() < deadline, f"{name} is still there"
        time.sleep(0.02)


def iterator(kinesis, name: str, shard: int = 0, kind: str = "TRIM_HORIZON", **start) -> str:
    return kinesis.get_shard_iterator(
        StreamName=name,
        ShardId=f"shardId-{shard:012}",
        ShardIteratorType=kind,
        **start,
    )["ShardIterator"]


def read_all(kinesis, name: str, shard: int = 0, kind: str = "TRIM_HORIZON", **start) -> list:
    """All records from there to the tip of the shard."""
    at = iterator(kinesis, name, shard, kind, **start)
    records = []
    while at:
        answer = kinesis.get_records(ShardIterator=at)
        records += answer["Records"]
        at = answer.get("NextShardIterator")
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            break
    return records


def refused(call, code: str, *, status: int = 400, text: str = ""):
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response
    assert error["Error"]["Code"] == code, error
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status
    assert text in error["Error"]["Message"]
    return error["Error"]["Message"]


def account_of(name: str, kinesis) -> str:
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return summary["StreamARN"].split(":")[4]


# --- streams ---------------------------------------------------------------------------------


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


# --- records ---------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_went(kinesis, make_stream):
    name = make_stream()
    data = bytes(range(256))
    before = datetime.now(UTC) - timedelta(milliseconds=5)
    put = kinesis.put_record(StreamName=name, Data=data, PartitionKey="schlüssel 🔑")
    assert put["ShardId"] == "shardId-000000000000"
    (record,) = read_all(kinesis, name)
    assert record["Data"] == data
    assert record["PartitionKey"] == "schlüssel 🔑"
    assert record["SequenceNumber"] == put["SequenceNumber"]
    assert before <= record["ApproximateArrivalTimestamp"] <= datetime.now(UTC)


def test_sequence_numbers_grow_and_look_like_those_of_aws(kinesis, make_stream):
    name = make_stream()
    numbers = [
        kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")["SequenceNumber"]
        for _ in range(20)
    ]
    assert all(len(n) == 56 and n.startswith("49") and n.isdigit() for n in numbers)
    assert [int(n) for n in numbers] == sorted({int(n) for n in numbers})


def test_keys_go_to_the_shard_of_their_md5(kinesis, make_stream):
    name = make_stream(4)
    shards = kinesis.list_shards(StreamName=name)["Shards"]
    keys = [f"key-{i}" for i in range(100)]
    answer = kinesis.put_records(
        StreamName=name, Records=[{"Data": k.encode(), "PartitionKey": k} for k in keys]
    )
    assert answer["FailedRecordCount"] == 0
    for key, placed in zip(keys, answer["Records"], strict=True):
        digest = int(hashlib.md5(key.encode()).hexdigest(), 16)
        (home,) = (
            s["ShardId"]
            for s in shards
            if int(s["HashKeyRange"]["StartingHashKey"])
            <= digest
            <= int(s["HashKeyRange"]["EndingHashKey"])
        )
        assert placed["ShardId"] == home
    read = [r["PartitionKey"] for n in range(4) for r in read_all(kinesis, name, n)]
    assert sorted(read) == sorted(keys)


def test_explicit_hash_keys_override(kinesis, make_stream):
    name = make_stream(2)

    def put(key: str):
        return kinesis.put_record(
            StreamName=name, Data=b"", PartitionKey="same", ExplicitHashKey=key
        )["ShardId"]

    assert put("0") == "shardId-000000000000"
    assert put(str(LAST_HASH_KEY)) == "shardId-000000000001"
    refused(
        lambda: put(str(LAST_HASH_KEY + 1)),
        "InvalidArgumentException",
        text="Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].",
    )
    refused(lambda: put("007"), "ValidationException")


def test_five_hundred_records_a_request_and_not_one_more(kinesis, make_stream):
    name = make_stream()
    records = [{"Data": str(i).encode(), "PartitionKey": "k"} for i in range(501)]
    answer = kinesis.put_records(StreamName=name, Records=records[:500])
    assert len({r["SequenceNumber"] for r in answer["Records"]}) == 500
    refused(lambda: kinesis.put_records(StreamName=name, Records=records), "ValidationException")
    refused(lambda: kinesis.put_records(StreamName=name, Records=[]), "ValidationException")
    assert [r["Data"] for r in read_all(kinesis, name)] == [r["Data"] for r in records[:500]]


def test_a_record_of_one_mebibyte_and_not_one_byte_more(kinesis, make_stream):
    name = make_stream()
    kinesis.put_record(StreamName=name, Data=b"x" * MIB, PartitionKey="k")
    refused(
        lambda: kinesis.put_record(StreamName=name, Data=b"x" * (MIB + 1), PartitionKey="k"),
        "ValidationException",
        text="length less than or equal to 1048576",
    )
    refused(
        lambda: kinesis.put_records(
            StreamName=name,
            Records=[
                {"Data": b"", "PartitionKey": "k"},
                {"Data": b"x" * (MIB + 1), "PartitionKey": "k"},
            ],
        ),
        "ValidationException",
        text="records.2.member.data",
    )
    assert [len(r["Data"]) for r in read_all(kinesis, name)] == [MIB]


def test_larger_records_where_the_stream_allows_them(kinesis, make_stream):
    name = make_stream()
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10240)
    data = b"y" * (10 * MIB - 1)
    kinesis.put_record(StreamName=name, Data=data, PartitionKey="k")
    assert read_all(kinesis, name)[0]["Data"] == data
    for kib in (1023, 10241):
        refused(
            lambda kib=kib: kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=kib),
            "ValidationException",
        )


def test_ten_mebibytes_a_request_and_not_one_byte_more(kinesis, make_stream):
    name = make_stream()
    full = [{"Data": b"z" * (MIB - 1), "PartitionKey": "k"} for _ in range(10)]
    assert kinesis.put_records(StreamName=name, Records=full)["FailedRecordCount"] == 0
    over = [*full[:9], {"Data": b"z" * MIB, "PartitionKey": "k"}]
    refused(
        lambda: kinesis.put_records(StreamName=name, Records=over),
        "InvalidArgumentException",
        text="Records size exceeds 10 MB limit",
    )
    assert len(read_all(kinesis, name)) == 10


def test_partition_keys_of_256_characters_and_not_one_more(kinesis, make_stream):
    name = make_stream()
    kinesis.put_record(StreamName=name, Data=b"", PartitionKey="ü" * 256)
    assert read_all(kinesis, name)[0]["PartitionKey"] == "ü" * 256
    for key in ("k" * 257, ""):
        refused(
            lambda key=key: kinesis.put_record(StreamName=name, Data=b"", PartitionKey=key),
            "ValidationException",
        )


def test_what_would_be_ignored_is_refused(kinesis, make_stream):
    name = make_stream()
    refused(
        lambda: kinesis.put_record(StreamName=name, Data=b"", PartitionKey="k", DryRun=True),
        "InvalidArgumentException",
        text="DryRun",
    )
    refused(
        lambda: kinesis.put_record(StreamName=name, Data=b""),
        "ValidationException",
        text="Value null at 'partitionKey'",
    )
    assert read_all(kinesis, name) == []


# --- iterators -------------------------------------------------------------------------------


def test_each_type_of_iterator_begins_where_it_says(kinesis, make_stream):
    name = make_stream()
    puts = []
    for i in range(6):
        puts.append(kinesis.put_record(StreamName=name, Data=f"r{i}".encode(), PartitionKey="k"))
        time.sleep(0.03)
    times = [r["ApproximateArrivalTimestamp"] for r in read_all(kinesis, name)]
    latest = iterator(kinesis, name, kind="LATEST")
    third = puts[3]["SequenceNumber"]

    def data(kind, **start):
        return [r["Data"].decode() for r in read_all(kinesis, name, 0, kind, **start)]

    assert data("TRIM_HORIZON") == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert data("AT_SEQUENCE_NUMBER", StartingSequenceNumber=third) == ["r3", "r4", "r5"]
    assert data("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=third) == ["r4", "r5"]
    assert data("AT_TIMESTAMP", Timestamp=times[2]) == ["r2", "r3", "r4", "r5"]
    between = times[2] + timedelta(milliseconds=5)
    assert data("AT_TIMESTAMP", Timestamp=between) == ["r3", "r4", "r5"]
    assert data("AT_TIMESTAMP", Timestamp=times[0] - timedelta(hours=1))[0] == "r0"
    kinesis.put_record(StreamName=name, Data=b"late", PartitionKey="k")
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=latest)["Records"]] == [b"late"]


def test_the_shards_starting_sequence_number_stands_before_its_first_record(kinesis, make_stream):
    name = make_stream()
    kinesis.put_record(StreamName=name, Data=b"first", PartitionKey="k")
    start = kinesis.list_shards(StreamName=name)["Shards"][0]["SequenceNumberRange"]
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        number = start["StartingSequenceNumber"]
        read = read_all(kinesis, name, 0, kind, StartingSequenceNumber=number)
        assert [r["Data"] for r in read] == [b"first"]


def test_malformed_starts_are_refused(kinesis, make_stream):
    name = make_stream(2)
    other = make_stream()
    here = kinesis.put_record(StreamName=name, Data=b"", PartitionKey="k", ExplicitHashKey="0")[
        "SequenceNumber"
    ]
    elsewhere = kinesis.put_record(StreamName=other, Data=b"", PartitionKey="k")["SequenceNumber"]
    code = "InvalidArgumentException"

    def start(kind, shard=0, **more):
        return lambda: iterator(kinesis, name, shard, kind, **more)

    refused(start("AT_SEQUENCE_NUMBER"), code, text="Must either specify")
    refused(start("LATEST", StartingSequenceNumber=here), code, text="Must either specify")
    refused(start("AT_SEQUENCE_NUMBER", StartingSequenceNumber="12345"), code, text="is invalid")
    refused(
        start("AT_SEQUENCE_NUMBER", StartingSequenceNumber=elsewhere),
        code,
        text="did not come from this stream",
    )
    refused(start("AT_SEQUENCE_NUMBER", 1, StartingSequenceNumber=here), code, text="is invalid")
    refused(start("AT_TIMESTAMP"), code, text="no timestamp")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    refused(start("AT_TIMESTAMP", Timestamp=tomorrow), code, text="cannot be greater than")
    refused(start("SIDEWAYS"), "ValidationException")
    refused(start("LATEST", 7), "ResourceNotFoundException", text="Could not find shard")


def test_forged_iterators_are_refused(kinesis, make_stream):
    name = make_stream()
    good = base64.b64decode(iterator(kinesis, name))
    for at in range(0, len(good), 7):
        forged = bytearray(good)
        forged[at] ^= 1
        text = base64.b64encode(bytes(forged)).decode()
        refused(
            lambda text=text: kinesis.get_records(ShardIterator=text),
            "InvalidArgumentException",
            text="Invalid ShardIterator.",
        )
    refused(
        lambda: kinesis.get_records(ShardIterator="not an iterator"), "InvalidArgumentException"
    )


def test_limit_bounds_an_answer_and_the_next_iterator_goes_on(kinesis, make_stream):
    name = make_stream()
    kinesis.put_records(
        StreamName=name,
        Records=[{"Data": str(i).encode(), "PartitionKey": "k"} for i in range(100)],
    )
    at = iterator(kinesis, name)
    read = []
    while len(read) < 100:
        answer = kinesis.get_records(ShardIterator=at, Limit=7)
        assert 1 <= len(answer["Records"]) <= 7
        read += [int(r["Data"]) for r in answer["Records"]]
        assert (answer["MillisBehindLatest"] == 0) == (len(read) == 100)
        at = answer["NextShardIterator"]
    assert read == list(range(100))
    for limit in (0, 10001):
        refused(
            lambda limit=limit: kinesis.get_records(ShardIterator=at, Limit=limit),
            "ValidationException",
        )


def test_ten_thousand_records_an_answer(kinesis, make_stream):
    name = make_stream()
    batch = [{"Data": b"d", "PartitionKey": "k"} for _ in range(500)]
    for _ in range(21):
        kinesis.put_records(StreamName=name, Records=batch)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name))
    assert len(answer["Records"]) == 10000
    assert answer["MillisBehindLatest"] > 0
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert len(rest["Records"]) == 500
    assert rest["MillisBehindLatest"] == 0


def test_ten_mebibytes_an_answer(kinesis, make_stream):
    name = make_stream()
    for _ in range(12):
        kinesis.put_record(StreamName=name, Data=b"m" * (MIB - 1), PartitionKey="k")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name))
    assert len(answer["Records"]) == 10
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert len(rest["Records"]) == 2


def test_nothing_to_read_is_told_at_once(kinesis, make_stream):
    name = make_stream()
    begin = time.monotonic()
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name, kind="LATEST"))
    assert answer["Records"] == []
    assert answer["MillisBehindLatest"] == 0
    assert time.monotonic() - begin < 5


# --- shards ----------------------------------------------------------------------------------


def shards_of(kinesis, name: str, **options) -> list:
    return kinesis.list_shards(StreamName=name, **options)["Shards"]


def test_list_shards_pages(kinesis, make_stream):
    name = make_stream(5)
    first = kinesis.list_shards(StreamName=name, MaxResults=2)
    assert len(first["Shards"]) == 2
    second = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=10)
    assert [s["ShardId"] for s in second["Shards"]] == [f"shardId-{i:012}" for i in (2, 3, 4)]
    assert "NextToken" not in second
    after = shards_of(kinesis, name, ExclusiveStartShardId="shardId-000000000003")
    assert [s["ShardId"] for s in after] == ["shardId-000000000004"]
    refused(
        lambda: kinesis.list_shards(StreamName=name, NextToken=first["NextToken"]),
        "InvalidArgumentException",
        text="cannot be provided together",
    )
    refused(lambda: kinesis.list_shards(NextToken="forged"), "InvalidArgumentException")


def test_a_split_closes_the_parent_and_opens_two_children(kinesis, make_stream):
    name = make_stream()
    put = kinesis.put_record
    before = put(StreamName=name, Data=b"before", PartitionKey="k", ExplicitHashKey="1")
    middle = 2**127
    kinesis.split_shard(
        StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(middle)
    )
    assert status_of(kinesis, name) in ("UPDATING", "ACTIVE")
    wait_active(kinesis, name)
    after = put(StreamName=name, Data=b"after", PartitionKey="k", ExplicitHashKey="1")
    parent, low, high = shards_of(kinesis, name)
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert low["ParentShardId"] == high["ParentShardId"] == parent["ShardId"]
    assert "AdjacentParentShardId" not in low
    assert int(low["HashKeyRange"]["EndingHashKey"]) == middle - 1
    assert int(high["HashKeyRange"]["StartingHashKey"]) == middle
    assert after["ShardId"] == low["ShardId"]
    assert int(after["SequenceNumber"]) > int(before["SequenceNumber"])
    ending = parent["SequenceNumberRange"]["EndingSequenceNumber"]
    assert int(before["SequenceNumber"]) < int(ending) < int(after["SequenceNumber"])

    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name))
    assert [r["Data"] for r in answer["Records"]] == [b"before"]
    assert answer.get("NextShardIterator") is None
    children = answer["ChildShards"]
    assert [c["ShardId"] for c in children] == [low["ShardId"], high["ShardId"]]
    assert children[0]["ParentShards"] == [parent["ShardId"]]
    assert children[0]["HashKeyRange"] == low["HashKeyRange"]
    assert [r["Data"] for r in read_all(kinesis, name, 1)] == [b"after"]


def test_a_merge_has_two_parents(kinesis, make_stream):
    name = make_stream(2)
    kinesis.merge_shards(
        StreamName=name,
        ShardToMerge="shardId-000000000000",
        AdjacentShardToMerge="shardId-000000000001",
    )
    wait_active(kinesis, name)
    (merged,) = shards_of(kinesis, name, ShardFilter={"Type": "AT_LATEST"})
    assert merged["ParentShardId"] == "shardId-000000000000"
    assert merged["AdjacentParentShardId"] == "shardId-000000000001"
    assert merged["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(LAST_HASH_KEY)}
    refused(
        lambda: kinesis.merge_shards(
            StreamName=name,
            ShardToMerge="shardId-000000000000",
            AdjacentShardToMerge="shardId-000000000002",
        ),
        "InvalidArgumentException",
        text="already been merged or split",
    )


def test_shards_that_cannot_be_resharded(kinesis, make_stream):
    name = make_stream(3)
    refused(
        lambda: kinesis.merge_shards(
            StreamName=name,
            ShardToMerge="shardId-000000000000",
            AdjacentShardToMerge="shardId-000000000002",
        ),
        "InvalidArgumentException",
        text="not an adjacent pair",
    )
    refused(
        lambda: kinesis.split_shard(
            StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey="0"
        ),
        "InvalidArgumentException",
        text="NewStartingHashKey 0 used in SplitShard()",
    )
    refused(
        lambda: kinesis.split_shard(
            StreamName=name, ShardToSplit="shardId-000000000009", NewStartingHashKey="5"
        ),
        "ResourceNotFoundException",
        text="Could not find shard shardId-000000000009",
    )
    wait_active(kinesis, name)


@pytest.mark.parametrize(("begin", "target"), [(1, 2), (2, 4), (4, 2), (2, 3), (3, 5), (5, 3)])
def test_update_shard_count_ends_with_even_shards(kinesis, make_stream, begin, target):
    name = make_stream(begin)
    answer = kinesis.update_shard_count(
        StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
    )
    assert answer["CurrentShardCount"] == begin
    assert answer["TargetShardCount"] == target
    wait_active(kinesis, name)
    ranges = sorted(
        (int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"]))
        for s in shards_of(kinesis, name, ShardFilter={"Type": "AT_LATEST"})
    )
    assert len(ranges) == target
    assert ranges[0][0] == 0 and ranges[-1][1] == LAST_HASH_KEY
    assert all(a[1] + 1 == b[0] for a, b in pairwise(ranges))
    widths = [end - start for start, end in ranges]
    assert max(widths) - min(widths) <= 2 * target


def test_update_shard_count_at_most_doubles_or_halves(kinesis, make_stream):
    name = make_stream(4)

    def update(target):
        return lambda: kinesis.update_shard_count(
            StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
        )

    refused(update(9), "InvalidArgumentException", text="over double")
    refused(update(1), "InvalidArgumentException", text="below half")


def test_update_shard_count_ten_times_a_day(kinesis, make_stream):
    name = make_stream(1)
    for i in range(10):
        kinesis.update_shard_count(
            StreamName=name, TargetShardCount=2 - i % 2, ScalingType="UNIFORM_SCALING"
        )
        wait_active(kinesis, name)
    refused(
        lambda: kinesis.update_shard_count(
            StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        ),
        "LimitExceededException",
    )


def test_shard_filters(kinesis, make_stream):
    name = make_stream(1)
    time.sleep(0.05)
    before = datetime.now(UTC)
    time.sleep(0.05)
    kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    wait_active(kinesis, name)

    def filtered(**shard_filter):
        listed = shards_of(kinesis, name, ShardFilter=shard_filter)
        return [int(s["ShardId"][-3:]) for s in listed]

    assert filtered(Type="AT_LATEST") == [1, 2]
    assert filtered(Type="AT_TRIM_HORIZON") == [0]
    assert filtered(Type="FROM_TRIM_HORIZON") == [0, 1, 2]
    assert filtered(Type="AT_TIMESTAMP", Timestamp=before) == [0]
    assert filtered(Type="FROM_TIMESTAMP", Timestamp=datetime.now(UTC)) == [1, 2]
    assert filtered(Type="AFTER_SHARD_ID", ShardId="shardId-000000000001") == [2]
    refused(lambda: filtered(Type="AFTER_SHARD_ID"), "InvalidArgumentException")
    refused(lambda: filtered(Type="AT_TIMESTAMP"), "InvalidArgumentException")


# --- wire and program ------------------------------------------------------------------------


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
    message = refused(
        lambda: kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan"),
        "NotImplemented",
        status=501,
    )
    assert "RegisterStreamConsumer" in message


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
