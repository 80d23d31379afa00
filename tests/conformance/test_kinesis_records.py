"""Kinesis: records in and out, their limits, iterators."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from kinesis_steps import iterator, read_all, refused, streams

MIB = 1024 * 1024
LAST_HASH_KEY = 2**128 - 1


@pytest.fixture
def kinesis(client):
    """Leaves it to the server to say what is wrong with a request."""
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    with streams(kinesis, unique) as make:
        yield make


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
