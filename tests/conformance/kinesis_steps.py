"""Steps that the tests of Kinesis share."""

from __future__ import annotations

import contextlib
import time

import pytest
from botocore.exceptions import ClientError


@contextlib.contextmanager
def streams(kinesis, unique):
    """Makes ACTIVE streams of so many shards; all are deleted at the end."""
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


def shards_of(kinesis, name: str, **options) -> list:
    return kinesis.list_shards(StreamName=name, **options)["Shards"]
