"""The table as engines other than Spark see it, and the stream it came from.

The live account reads Iceberg's metadata; the check at the end reads every row with PyIceberg and
every record with boto3, and compares them by sequence number.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field

import boto3
from botocore.exceptions import ClientError
from machine import Machine

DATABASE, TABLE = "impressions", "pixel_events"


def client(machine: Machine, service: str):
    return boto3.client(service, endpoint_url=machine.endpoint, **machine.keys())


@dataclass
class Committed:
    """What the newest committed state of the table says."""

    rows: int = 0
    snapshots: int = 0
    newest: str = ""  # metadata file


def committed(machine: Machine) -> Committed:
    """From the catalog's pointer and the metadata file it names; empty before the table is there."""
    try:
        table = client(machine, "glue").get_table(DatabaseName=DATABASE, Name=TABLE)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "EntityNotFoundException":
            return Committed()
        raise
    location = table["Parameters"]["metadata_location"]
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = client(machine, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    metadata = json.loads(body)
    current = metadata.get("current-snapshot-id")
    for snapshot in metadata.get("snapshots", []):
        if snapshot["snapshot-id"] == current:
            rows = int(snapshot["summary"].get("total-records", 0))
            return Committed(rows, len(metadata["snapshots"]), location)
    return Committed(newest=location)


def load_table(machine: Machine):
    from pyiceberg.catalog import load_catalog

    keys = machine.keys()
    properties = {
        "type": "glue",
        "glue.endpoint": machine.endpoint,
        "glue.region": keys["region_name"],
        "glue.access-key-id": keys["aws_access_key_id"],
        "glue.secret-access-key": keys["aws_secret_access_key"],
        "s3.endpoint": machine.endpoint,
        "s3.region": keys["region_name"],
        "s3.access-key-id": keys["aws_access_key_id"],
        "s3.secret-access-key": keys["aws_secret_access_key"],
        "s3.force-virtual-addressing": "false",
    }
    return load_catalog("demo", **properties).load_table(f"{DATABASE}.{TABLE}")


@dataclass
class Freshness:
    """How old rows were when they became visible, in seconds."""

    commits: int = 0
    newest_s: float = 0.0  # the median over commits of their newest row's age
    oldest_s: float = 0.0  # the same of their oldest row


def freshness(table) -> Freshness:
    """From each snapshot's time and the arrival times that its files' statistics give."""
    from pyiceberg.conversions import from_bytes
    from pyiceberg.types import TimestamptzType

    column = table.schema().find_field("arrival_time").field_id
    ages = []
    for snapshot in table.snapshots():
        lows, highs = [], []
        for manifest in snapshot.manifests(table.io):
            if manifest.added_snapshot_id != snapshot.snapshot_id:
                continue
            for entry in manifest.fetch_manifest_entry(table.io):
                lows.append(from_bytes(TimestamptzType(), entry.data_file.lower_bounds[column]))
                highs.append(from_bytes(TimestamptzType(), entry.data_file.upper_bounds[column]))
        if lows:
            committed_s = snapshot.timestamp_ms / 1000
            ages.append((committed_s - max(highs) / 1e6, committed_s - min(lows) / 1e6))
    if not ages:
        return Freshness()
    middle = len(ages) // 2
    newest = sorted(age[0] for age in ages)[middle]
    oldest = sorted(age[1] for age in ages)[middle]
    return Freshness(len(ages), newest, oldest)


@dataclass
class Window:
    """Which part of each shard the query's checkpoint says it has committed."""

    first: dict[str, str] = field(default_factory=dict)  # shard: position
    last: dict[str, str] = field(default_factory=dict)
    batches: int = 0


def committed_window(machine: Machine, bucket: str, prefix: str) -> Window:
    """From the checkpoint's logs (docs/formats/aws-kinesis-source.md), up to the last commit."""
    s3 = client(machine, "s3")
    numbers = {}
    for log in ("offsets", "commits"):
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{prefix}{log}/"
        )
        names = [
            item["Key"].rsplit("/", 1)[1] for page in pages for item in page.get("Contents", [])
        ]
        numbers[log] = sorted(int(name) for name in names if name.isdigit())
    window = Window(batches=len(numbers["commits"]))
    if not numbers["commits"]:
        return window
    for number in numbers["offsets"]:
        if number > numbers["commits"][-1]:
            break
        body = s3.get_object(Bucket=bucket, Key=f"{prefix}offsets/{number}")["Body"].read()
        offset = json.loads(body.decode().splitlines()[-1])
        for shard, progress in offset["shards"].items():
            window.first.setdefault(shard, progress.get("from", progress["to"]))
            window.last[shard] = progress["to"]
    return window


def read_stream(machine: Machine, stream: str) -> dict[str, list[tuple[int, float]]]:
    """Every record of every shard: (sequence number, arrival time)."""
    kinesis = client(machine, "kinesis")
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    found = {}
    for shard in shards:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found[shard["ShardId"]] = list(_read_shard(kinesis, iterator))
    return found


def _read_shard(kinesis, iterator):
    while iterator:
        try:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=10000)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ProvisionedThroughputExceededException":
                raise
            time.sleep(1)
            continue
        for record in answer["Records"]:
            yield int(record["SequenceNumber"]), record["ApproximateArrivalTimestamp"].timestamp()
        iterator = answer.get("NextShardIterator")
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            return
        time.sleep(0.21)  # five reads a second and shard


@dataclass
class Verdict:
    expected: int = 0  # acknowledged records in the window
    rows: int = 0
    lost: int = 0
    twice: int = 0
    foreign: int = 0  # rows that are no record of the window
    stream_records: int = 0

    @property
    def right(self) -> bool:
        return self.rows == self.expected > 0 and not (self.lost or self.twice or self.foreign)


def compare(stream: dict, window: Window, sequence_numbers: list[str]) -> Verdict:
    """The window's records against the table's rows."""
    expected = Counter()
    for shard, records in stream.items():
        inside = _inside(window.first.get(shard), window.last.get(shard))
        expected.update(number for number, arrival in records if inside(number, arrival))
    rows = Counter(int(number) for number in sequence_numbers)
    return Verdict(
        expected=expected.total(),
        rows=rows.total(),
        lost=(expected - rows).total(),
        twice=sum(count - 1 for count in rows.values() if count > 1),
        foreign=sum(1 for number in rows if number not in expected),
        stream_records=sum(len(records) for records in stream.values()),
    )


def _inside(first: str | None, last: str | None):
    if first is None or last is None:
        return lambda _number, _arrival: False
    after = _bound(first)
    upto = _bound(last)
    return lambda number, arrival: after(number, arrival) and not upto(number, arrival)


def _bound(position: str):
    """Whether a record lies behind a position: TRIM_HORIZON, AT_TIMESTAMP:ms or AFTER_SEQUENCE_NUMBER:n."""
    kind, _, value = position.partition(":")
    if kind == "TRIM_HORIZON":
        return lambda _number, _arrival: True
    if kind == "AT_TIMESTAMP":
        return lambda _number, arrival: round(arrival * 1000) >= int(value)
    return lambda number, _arrival: number > int(value)
