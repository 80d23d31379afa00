"""A stream that is split, merged and resized under load, read into Iceberg by drivers that are killed.

Two queries read it at once: one polls and keeps its metadata in DynamoDB, one is pushed to and keeps it
in its checkpoint. Both tables hold each record once, and the records of one key in the order in which
they were acknowledged. At the end a third one copies the stream into another.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict

import pyarrow.parquet
import pytest
from livy_session import LivySession, iceberg_conf
from pyiceberg.catalog import load_catalog
from tarn_server import REGION, TarnServer

STREAM, BUCKET = "moving", "moving"
KEYS = 40
PAUSE_S = 0.1  # between two requests

READERS = {
    "polled": """
        .option("kinesis.metadataCommitterType", "DYNAMODB")
        .option("kinesis.dynamodb.tableName", "moving-progress")""",
    "pushed": """
        .option("kinesis.consumerType", "SubscribeToShard")
        .option("kinesis.consumerName", "moving-reader")
        .option("kinesis.metadataCommitterType", "HDFS")""",
}

SETUP = """
spark.sql("CREATE DATABASE IF NOT EXISTS glue_catalog.moving")
spark.sql('''CREATE TABLE IF NOT EXISTS glue_catalog.moving.{name}
    (key STRING, number BIGINT, sequence_number STRING) USING iceberg''')
{name} = (spark.readStream.format("aws-kinesis")
        .option("kinesis.region", "us-west-2").option("kinesis.streamName", "moving")
        .option("kinesis.endpointUrl", "https://kinesis.us-west-2.amazonaws.com")
        .option("kinesis.describeShardInterval", "2s")
        .option("kinesis.startingposition", "TRIM_HORIZON"){options}
    .load()
    .selectExpr("partitionKey key", "CAST(CAST(data AS STRING) AS BIGINT) number",
                "sequenceNumber sequence_number")
    .writeStream.format("iceberg").outputMode("append")
    .option("checkpointLocation", "s3://moving/checkpoint/{name}/"))
"""
START = """
{name}_query = ({name}.trigger(processingTime='500 milliseconds')
    .toTable('glue_catalog.moving.{name}'))
"""
FINISH = (
    "{name}.trigger(availableNow=True).toTable('glue_catalog.moving.{name}').awaitTermination()"
)
STATE = "print({name}_query.isActive, {name}_query.exception(), {name}_query.status, {name}_query.lastProgress)"
# Where the threads of the source stand, for a query that stands still.
THREADS = """
for entry in spark._jvm.java.lang.Thread.getAllStackTraces().entrySet():
    frames = [str(frame) for frame in entry.getValue()]
    if any("dev.tarn" in frame for frame in frames):
        print(entry.getKey().getName(), *frames[:25], sep="\\n    ")
"""

COPY = """
(spark.readStream.format("aws-kinesis")
    .option("kinesis.region", "us-west-2").option("kinesis.streamName", "moving")
    .option("kinesis.endpointUrl", "https://kinesis.us-west-2.amazonaws.com")
    .option("kinesis.startingposition", "TRIM_HORIZON").load()
    .writeStream.format("aws-kinesis")
    .option("kinesis.region", "us-west-2").option("kinesis.streamName", "copied")
    .option("kinesis.endpointUrl", "https://kinesis.us-west-2.amazonaws.com")
    .option("checkpointLocation", "s3://moving/checkpoint/copied/")
    .trigger(availableNow=True).start().awaitTermination())
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_record_is_lost_twice_or_out_of_order(tmp_path):
    server = TarnServer(tmp_path / "server", arguments=("--warm-drivers", "0")).start()
    load = Load(server)
    try:
        server.aws_cli("s3", "mb", f"s3://{BUCKET}")
        for stream in (STREAM, "copied"):
            server.client("kinesis").create_stream(StreamName=stream, ShardCount=2)
            wait_active(server.client("kinesis"), stream)
        load.start()
        for reshard in (split_first, merge_first_two):
            session = reading(server, START)
            wait_for_epochs(server, session, load, 1)
            reshard(server.client("kinesis"))
            wait_for_epochs(server, session, load, 2)
            resize(server.client("kinesis"))
            session.kill()
            session.delete()
        load.stop()
        session = reading(server, FINISH)
        session.run(COPY)
        session.delete()
        for name in READERS:
            assert epochs_of(server, name) == load.acknowledged, name
        assert numbers_in(server.client("kinesis"), "copied") == {
            key: [number for number, _ in sent] for key, sent in load.acknowledged.items()
        }
        assert len(load.shards) > 8, "the load went through shards of every generation"
    finally:
        load.stop()
        server.close()


def reading(server, how):
    session = LivySession(server, iceberg_conf(f"s3://{BUCKET}/warehouse/"))
    for name, options in READERS.items():
        session.run(SETUP.format(name=name, options=options))
    for name in READERS:
        session.run(how.format(name=name))
    return session


class Load(threading.Thread):
    """Puts numbered records of some keys; a key's next one only when the last is acknowledged."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self._kinesis = server.client("kinesis")
        self._stopped = threading.Event()
        self.acknowledged = {f"key-{n}": [] for n in range(KEYS)}
        self.shards = set()
        self.failure = None

    def run(self):
        try:
            self._put_until_stopped()
        except Exception as failure:
            self.failure = failure
            raise

    def _put_until_stopped(self):
        while not self._stopped.wait(PAUSE_S):
            batch = [(key, len(sent)) for key, sent in self.acknowledged.items()]
            records = [{"PartitionKey": key, "Data": str(number)} for key, number in batch]
            answer = self._kinesis.put_records(StreamName=STREAM, Records=records)
            for (key, number), result in zip(batch, answer["Records"], strict=True):
                if "SequenceNumber" in result:
                    self.acknowledged[key].append((number, result["SequenceNumber"]))
                    self.shards.add(result["ShardId"])

    def stop(self):
        self._stopped.set()
        if self.is_alive():
            self.join()


def wait_for_epochs(server, session, load, more):
    """Until each table has so many more snapshots than now. What goes wrong meanwhile is told at once."""
    wanted = {name: len(load_table(server, name).snapshots()) + more for name in READERS}
    deadline = time.monotonic() + 300
    while any(len(load_table(server, n).snapshots()) < count for n, count in wanted.items()):
        assert load.failure is None
        if time.monotonic() > deadline:
            states = {name: session.run(STATE.format(name=name)) for name in READERS}
            found = {name: len(load_table(server, name).snapshots()) for name in READERS}
            threads = session.run(THREADS)
            raise AssertionError(
                f"{found} epochs where {wanted} are wanted: {states}\n{threads}\n{session.log()}"
            )
        time.sleep(0.3)


def wait_active(kinesis, stream=STREAM):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        if summary["StreamStatus"] == "ACTIVE":
            return summary["OpenShardCount"]
        time.sleep(0.1)
    raise AssertionError(f"the stream is {summary['StreamStatus']}")


def open_shards(kinesis):
    shards = kinesis.list_shards(StreamName=STREAM, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    return sorted(shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))


def split_first(kinesis):
    first = open_shards(kinesis)[0]
    middle = int(first["HashKeyRange"]["EndingHashKey"]) // 2
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit=first["ShardId"], NewStartingHashKey=str(middle)
    )
    wait_active(kinesis)


def merge_first_two(kinesis):
    first, second = open_shards(kinesis)[:2]
    kinesis.merge_shards(
        StreamName=STREAM,
        ShardToMerge=first["ShardId"],
        AdjacentShardToMerge=second["ShardId"],
    )
    wait_active(kinesis)


def resize(kinesis):
    count = wait_active(kinesis) + 1
    kinesis.update_shard_count(
        StreamName=STREAM, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
    )
    wait_active(kinesis)


def numbers_in(kinesis, stream):
    """The numbers of each key that a stream holds, sorted."""
    numbers = defaultdict(list)
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        answer = {"MillisBehindLatest": 1, "NextShardIterator": iterator}
        while answer["MillisBehindLatest"] > 0:
            answer = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
            for record in answer["Records"]:
                numbers[record["PartitionKey"]].append(int(record["Data"]))
    return {key: sorted(found) for key, found in numbers.items()}


def epochs_of(server, name):
    """(number, sequence number) of each key in the order of the table's snapshots and of the rows in
    their files. A snapshot has a key in one file only: its shard's."""
    rows, seen = defaultdict(list), set()
    table = load_table(server, name)
    for snapshot in sorted(table.snapshots(), key=lambda s: s.sequence_number):
        in_snapshot = {}
        for task in table.scan(snapshot_id=snapshot.snapshot_id).plan_files():
            path = task.file.file_path
            if path in seen:
                continue
            seen.add(path)
            with table.io.new_input(path).open() as file:
                columns = pyarrow.parquet.read_table(file).to_pydict()
            for key, number, sequence in zip(*columns.values(), strict=True):
                assert in_snapshot.setdefault(key, path) == path, "two shards in one batch"
                rows[key].append((number, sequence))
    return dict(rows)


def load_table(server, name):
    keys = {"access-key-id": server.access_key_id, "secret-access-key": server.secret_access_key}
    properties = {"type": "glue", "s3.force-virtual-addressing": "false"}
    for service in ("glue", "s3"):
        properties[f"{service}.endpoint"] = server.endpoint_url
        properties[f"{service}.region"] = REGION
        properties.update({f"{service}.{key}": value for key, value in keys.items()})
    return load_catalog("moving", **properties).load_table(f"moving.{name}")
