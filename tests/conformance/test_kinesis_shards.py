"""Kinesis: shards listed, split, merged and counted anew."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from kinesis_steps import iterator, read_all, refused, shards_of, status_of, streams, wait_active

LAST_HASH_KEY = 2**128 - 1


@pytest.fixture
def kinesis(client):
    """Leaves it to the server to say what is wrong with a request."""
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    with streams(kinesis, unique) as make:
        yield make


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
