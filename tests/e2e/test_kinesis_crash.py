"""kill -9 of the server under full load: every acknowledged record is there once, in order.

Loaders are processes of their own that put records as fast as they can, each with its own partition
keys, and note on disk what was acknowledged. The server is killed in the middle and started again
over the same data, several times, the last time while the stream is being resharded. At the end
every shard is read to its end.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tarn_server import TarnServer

ROUNDS = 5
LOADERS = 4
RECORDS_A_REQUEST = 100
LOAD_S = 3.0
STREAM = "crash"


@pytest.fixture
def fresh_server(tmp_path):
    running = TarnServer(tmp_path / "server", arguments=("--no-sessions",)).start()
    yield running
    running.close()


def load(server, round_: int, loader: int, notes: Path, stop_at: float) -> None:
    """Puts numbered records until told or until the server is gone; notes each acknowledgement."""
    kinesis = server.client("kinesis", read_timeout=5, connect_timeout=2)
    filler = "x" * 400
    number = 0
    with notes.open("w") as out:
        while time.monotonic() < stop_at:
            sent = [f"{round_}/{loader}/{number + i}" for i in range(RECORDS_A_REQUEST)]
            number += RECORDS_A_REQUEST
            records = [
                {"Data": f"{name} {filler}".encode(), "PartitionKey": f"{loader}-{i % 16}"}
                for i, name in enumerate(sent)
            ]
            try:
                answer = kinesis.put_records(StreamName=STREAM, Records=records)
            except (BotoCoreError, ClientError):
                break  # killed: nothing of this request counts
            placed = [
                (name, r["ShardId"], r["SequenceNumber"])
                for name, r in zip(sent, answer["Records"], strict=True)
                if "SequenceNumber" in r
            ]
            out.write(json.dumps(placed) + "\n")
            out.flush()


def acknowledged(folder: Path) -> dict[str, tuple[str, int]]:
    """Every record that was acknowledged: where, and with which sequence number."""
    found = {}
    for path in sorted(folder.glob("notes-*")):
        for line in path.read_text().splitlines():
            for name, shard, sequence in json.loads(line):
                found[name] = (shard, int(sequence))
    return found


def read_shard(kinesis, shard: str) -> list[tuple[str, int]]:
    at = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    read = []
    while at:
        answer = kinesis.get_records(ShardIterator=at)
        read += [
            (r["Data"].split(b" ", 1)[0].decode(), int(r["SequenceNumber"]))
            for r in answer["Records"]
        ]
        at = answer.get("NextShardIterator")
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            break
    return read


def check(kinesis, folder: Path) -> int:
    expected = acknowledged(folder)
    seen: dict[str, tuple[str, int]] = {}
    for shard in kinesis.list_shards(StreamName=STREAM)["Shards"]:
        read = read_shard(kinesis, shard["ShardId"])
        sequences = [sequence for _, sequence in read]
        assert sequences == sorted(set(sequences)), "out of order within a shard"
        for name, sequence in read:
            assert name not in seen, f"{name} was read twice"
            seen[name] = (shard["ShardId"], sequence)
    lost = {name for name, place in expected.items() if seen.get(name) != place}
    assert not lost, f"{len(lost)} acknowledged records lost or moved, such as {min(lost)}"
    return len(expected)


def wait_active(kinesis) -> None:
    deadline = time.monotonic() + 30
    while True:
        summary = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
        if summary["StreamStatus"] == "ACTIVE":
            return
        assert time.monotonic() < deadline, "the stream does not become ACTIVE"
        time.sleep(0.02)


def test_acknowledged_records_survive_kill_9_under_load(fresh_server, tmp_path):
    kinesis = fresh_server.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=4)
    wait_active(kinesis)
    chance = random.Random(7)
    processes = multiprocessing.get_context("fork")
    total = 0
    for round_ in range(ROUNDS):
        stop_at = time.monotonic() + LOAD_S + 10
        loaders = [
            processes.Process(
                target=load,
                args=(fresh_server, round_, n, tmp_path / f"notes-{round_}-{n}", stop_at),
            )
            for n in range(LOADERS)
        ]
        for loader in loaders:
            loader.start()
        time.sleep(LOAD_S * chance.uniform(0.6, 1.0))
        if round_ >= ROUNDS - 2:
            target = 8 if round_ == ROUNDS - 2 else 4
            kinesis.update_shard_count(
                StreamName=STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
            )
            time.sleep(chance.uniform(0, 0.02))
        fresh_server.kill9()
        for loader in loaders:
            loader.join(30)
            assert loader.exitcode == 0, "a loader failed by itself"
        fresh_server.start()
        kinesis = fresh_server.client("kinesis")
        wait_active(kinesis)
        now = check(kinesis, tmp_path)
        assert now > total, "a round without a single acknowledged record proves nothing"
        total = now
    print(f"{total} acknowledged records, none lost, none twice, over {ROUNDS} kills")


def test_a_torn_tail_is_cut_and_said(fresh_server):
    kinesis = fresh_server.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    wait_active(kinesis)
    kinesis.put_record(StreamName=STREAM, Data=b"kept", PartitionKey="k")
    fresh_server.kill9()
    (segment,) = (fresh_server.data_dir / "kinesis").glob("*/*/*.seg")
    with segment.open("ab") as file:
        file.write(b"TKB1 and then the power went")
    fresh_server.start()
    kinesis = fresh_server.client("kinesis")
    assert read_shard(kinesis, "shardId-000000000000")[0][0] == "kept"
    assert "torn tail of 28 bytes" in fresh_server.log()


def test_damage_is_an_error_by_name_and_other_streams_go_on(fresh_server):
    kinesis = fresh_server.client("kinesis")
    for name in (STREAM, "sound"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    wait_active(kinesis)
    for i in range(5):
        kinesis.put_record(StreamName=STREAM, Data=str(i).encode() * 100, PartitionKey="k")
    kinesis.put_record(StreamName="sound", Data=b"fine", PartitionKey="k")
    fresh_server.stop()
    segments = (fresh_server.data_dir / "kinesis").glob("*/*/*.seg")
    segment = max(segments, key=lambda path: path.stat().st_size)
    with segment.open("r+b") as file:
        file.seek(200)
        file.write(b"\xff\x00\xff")
    fresh_server.start()
    kinesis = fresh_server.client("kinesis")
    with pytest.raises(ClientError) as raised:
        kinesis.put_record(StreamName=STREAM, Data=b"", PartitionKey="k")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert f"{segment} is damaged at offset" in fresh_server.log()
    assert kinesis.put_record(StreamName="sound", Data=b"on", PartitionKey="k")["SequenceNumber"]
    assert os.path.getsize(segment) > 0
