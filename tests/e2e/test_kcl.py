"""The Kinesis Client Library of AWS (Java, 3.x) reads a stream through a reshard, by GetRecords and by
SubscribeToShard, checkpoints in DynamoDB and resumes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
import time
from collections import defaultdict

import pytest
from tarn_server import BUILD, ROOT, TarnServer

SOURCES = ROOT / "tests" / "kcl"
CONSUMER = BUILD / "kcl"
KEYS = [f"key-{number}" for number in range(40)]
# A lease is taken over within seconds; a cold JVM on a busy machine takes most of this.
PATIENCE_S = 240


def digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in SOURCES.rglob("*") if p.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def classpath():
    """The consumer of tests/kcl, built where its sources have changed."""
    stamp = CONSUMER / ".sources"
    digest = digest_of_sources()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(CONSUMER, ignore_errors=True)
        subprocess.run(
            ["mvn", "-B", "-q", "-ntp", "-f", SOURCES / "pom.xml", "package",
             f"-Dconsumer.directory={CONSUMER}"],
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=900,
        )  # fmt: skip
        stamp.write_text(digest)
    return f"{CONSUMER}/consumer.jar:{CONSUMER}/lib/*"


@pytest.fixture
def server(tmp_path):
    running = TarnServer(tmp_path / "server", arguments=("--no-sessions",)).start()
    yield running
    running.close()


# Of the consumer's classes, parsed and verified; the first run to its end leaves it.
ARCHIVE = CONSUMER / "classes.jsa"


class Consumer:
    """One run of the consumer: what it printed, and its end."""

    def __init__(self, classpath, server, stream, application, how, log_path):
        self.lines: list[list[str]] = []
        self.changed = threading.Condition()
        self.log_path = log_path
        self.new_archive = log_path.with_suffix(".jsa")
        shared = f"-XX:SharedArchiveFile={ARCHIVE}"
        if not ARCHIVE.exists():
            shared = f"-XX:ArchiveClassesAtExit={self.new_archive}"
        with log_path.open("ab") as log:
            self.process = subprocess.Popen(
                ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 shared, "-Xshare:auto", "-Xlog:disable",
                 "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                 "-cp", classpath, "dev.tarn.kcl.Consumer",
                 server.endpoint_url, stream, application, how],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=server.client_environment(),
            )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.split())
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def records(self):
        """(shard, sequence number, key, data) in the order in which they came."""
        with self.changed:
            return [tuple(line[1:]) for line in self.lines if line[0] == "record"]

    def shards(self, word):
        with self.changed:
            return [line[1] for line in self.lines if line[0] == word]

    def wait_for(self, what, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            with self.changed:
                self.changed.wait(1)
            assert self.process.poll() is None, f"the consumer ended:\n{self._log()}"
            assert time.monotonic() < deadline, (
                f"waited in vain for {what}; {len(self.records())} records came\n{self._log()}"
            )

    def wait_for_records(self, count):
        self.wait_for(f"{count} records", lambda: len(self.records()) >= count)

    def finish(self):
        """Asks for the end by closing its input; everything it was given is checkpointed then."""
        self.process.stdin.close()
        assert self.process.wait(120) == 0, self._log()
        self.reader.join(10)
        if self.new_archive.exists():
            shutil.move(self.new_archive, ARCHIVE)
        assert self.lines[-1] == ["end"], self._log()

    def close(self):
        self.process.kill()
        self.process.wait()

    def _log(self):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-40:])


@pytest.fixture
def consume(classpath, server, tmp_path):
    running = []

    def start(stream, application, how):
        log_path = tmp_path / f"consumer-{len(running)}.log"
        running.append(Consumer(classpath, server, stream, application, how, log_path))
        return running[-1]

    yield start
    for each in running:
        each.close()


class Writer:
    """Puts records whose data counts up for each key."""

    def __init__(self, kinesis, stream):
        self.kinesis = kinesis
        self.stream = stream
        self.next = defaultdict(int)
        self.count = 0

    def put(self, count):
        for first in range(0, count, 100):
            batch = []
            for number in range(first, min(first + 100, count)):
                key = KEYS[number % len(KEYS)]
                batch.append({"PartitionKey": key, "Data": f"{self.next[key]}"})
                self.next[key] += 1
            answer = self.kinesis.put_records(StreamName=self.stream, Records=batch)
            assert answer["FailedRecordCount"] == 0
        self.count += count


def active(kinesis, stream):
    return kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"][
        "StreamStatus"
    ]


def split_to(kinesis, stream, count):
    kinesis.update_shard_count(
        StreamName=stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
    )
    deadline = time.monotonic() + 30
    while active(kinesis, stream) != "ACTIVE":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def expect_each_once_in_order(records, first, last):
    """Of each key, all of first[key] … last[key] - 1, each once, in their order; sequence numbers grow in a shard."""
    by_key = defaultdict(list)
    by_shard = defaultdict(list)
    for shard, sequence, key, data in records:
        by_key[key].append(int(data))
        by_shard[shard].append(int(sequence))
    for key in KEYS:
        assert by_key[key] == list(range(first.get(key, 0), last[key])), key
    for shard, sequences in by_shard.items():
        assert sequences == sorted(set(sequences)), shard


@pytest.mark.parametrize("how", ["polling", "fanout"])
def test_a_consumer_reads_through_a_reshard_and_resumes(server, consume, how):
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="events", ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName="events", WaiterConfig={"Delay": 1})
    writer = Writer(kinesis, "events")
    writer.put(1500)

    consumer = consume("events", "reader", how)
    consumer.wait_for_records(1)
    split_to(kinesis, "events", 4)
    writer.put(1500)
    consumer.wait_for_records(3000)
    consumer.wait_for("the parents' end", lambda: len(consumer.shards("shard-end")) == 2)
    consumer.finish()
    expect_each_once_in_order(consumer.records(), {}, writer.next)
    parents = {"shardId-000000000000", "shardId-000000000001"}
    assert set(consumer.shards("shard-end")) == parents

    # Its state is in DynamoDB: parents read to their end, children where they were left.
    dynamodb = server.client("dynamodb")
    leases = dynamodb.scan(TableName="reader", ConsistentRead=True)["Items"]
    checkpoints = {item["leaseKey"]["S"]: item["checkpoint"]["S"] for item in leases}
    last_seen = {shard: sequence for shard, sequence, *_ in consumer.records()}
    for shard, checkpoint in checkpoints.items():
        if shard in parents:
            assert checkpoint == "SHARD_END"
        else:
            assert checkpoint == last_seen[shard]
    assert len(set(checkpoints) - parents) == 4

    before = dict(writer.next)
    writer.put(500)
    resumed = consume("events", "reader", how)
    resumed.wait_for_records(500)
    resumed.finish()
    expect_each_once_in_order(resumed.records(), before, writer.next)
