"""The main job: events → stream → notebook → table, each record once, whatever happens on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from livy_session import LivySession, iceberg_conf
from tarn_server import ROOT, TarnServer

sys.path.insert(0, str(ROOT / "demo"))
import table

RATE = 300  # records a second


@pytest.mark.timeout(960)
def test_the_demo_ends_well_and_leaves_the_rendered_notebook(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "demo/run.py"),
            "--rate",
            "100",
            # So that records still come when Spark is ready, however busy the machine is.
            "--duration",
            "90",
            "--output",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 twice, 0 foreign" in done.stdout
    assert "all is right" in done.stdout
    html = (tmp_path / "realtime-impression-tracking.html").read_text()
    assert "impressions" in html
    executed = json.loads((tmp_path / "realtime-impression-tracking.ipynb").read_text())
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)


class Query(LivySession):
    """The notebook's streaming write, in a Livy session of its own."""

    SETUP = """
spark.sql("CREATE DATABASE IF NOT EXISTS glue_catalog.impressions")
spark.sql('''CREATE TABLE IF NOT EXISTS glue_catalog.impressions.pixel_events
    (payload STRING, sequence_number STRING, arrival_time TIMESTAMP)
    USING iceberg PARTITIONED BY (date_hour(arrival_time))''')
events = (spark.readStream.format("aws-kinesis")
    .option("kinesis.region", "us-west-2").option("kinesis.streamName", "crash")
    .option("kinesis.endpointUrl", "https://kinesis.us-west-2.amazonaws.com")
    .option("kinesis.startingposition", "TRIM_HORIZON")
    .option("kinesis.metadataCommitterType", "DYNAMODB")
    .option("kinesis.dynamodb.tableName", "crash-progress").load()
    .selectExpr("CAST(data AS STRING) payload", "sequenceNumber sequence_number",
                "approximateArrivalTimestamp arrival_time"))
writer = (events.writeStream.format("iceberg").outputMode("append")
    .option("fanout-enabled", "true").option("checkpointLocation", "s3://crash/checkpoint/"))
"""

    def __init__(self, server):
        super().__init__(server, iceberg_conf("s3://crash/warehouse/"))
        self.run(self.SETUP)

    def start(self):
        self.run(
            "query = writer.trigger(processingTime='1 second')"
            ".toTable('glue_catalog.impressions.pixel_events')"
        )


def put_records(server, stop, sent):
    """Sends records with an identity of their own until told to stop; keeps what was acknowledged."""
    kinesis = server.client("kinesis")
    number = 0
    while not stop.is_set():
        begun = time.monotonic()
        batch = [f"record-{number + n}" for n in range(RATE // 10)]
        number += len(batch)
        records = [{"Data": text.encode(), "PartitionKey": text} for text in batch]
        answer = kinesis.put_records(StreamName="crash", Records=records)
        for text, result in zip(batch, answer["Records"], strict=True):
            if "SequenceNumber" in result:
                sent[text] = result["SequenceNumber"]
        time.sleep(max(0, 0.1 - (time.monotonic() - begun)))


@pytest.mark.timeout(900)
def test_a_driver_killed_in_the_middle_of_a_batch_neither_loses_nor_repeats_a_record(tmp_path):
    """test_resharding.py kills one after the other."""
    server = TarnServer(tmp_path / "server", arguments=("--warm-drivers", "0")).start()
    stop, sent = threading.Event(), {}
    sender = threading.Thread(target=put_records, args=(server, stop, sent))
    try:
        server.aws_cli("s3", "mb", "s3://crash")
        server.aws_cli("kinesis", "create-stream", "--stream-name", "crash", "--shard-count", "2")
        server.aws_cli("kinesis", "wait", "stream-exists", "--stream-name", "crash")
        sender.start()
        query = Query(server)
        query.start()
        time.sleep(9.3)
        query.kill()
        query.delete()
        stop.set()
        sender.join()
        last = Query(server)
        last.run(
            "writer.trigger(availableNow=True)"
            ".toTable('glue_catalog.impressions.pixel_events').awaitTermination()"
        )
        rows = table.load_table(_Machine(server)).scan().to_arrow()
        last.delete()
    finally:
        stop.set()
        if sender.is_alive():
            sender.join()
        server.close()
    assert len(sent) > 1000
    found = Counter(rows["payload"].to_pylist())
    assert {text for text, count in found.items() if count > 1} == set()
    assert set(sent) - set(found) == set()
    assert set(found) - set(sent) == set()
    assert (
        dict(zip(rows["payload"].to_pylist(), rows["sequence_number"].to_pylist(), strict=True))
        == sent
    )


class _Machine:
    """A test's server as demo/table.py takes one."""

    def __init__(self, server):
        self.endpoint = server.endpoint_url
        self._keys = (server.access_key_id, server.secret_access_key)

    def keys(self):
        return {
            "aws_access_key_id": self._keys[0],
            "aws_secret_access_key": self._keys[1],
            "region_name": "us-west-2",
        }


def test_the_notebook_names_aws_only_and_keeps_its_steps():
    notebook = json.loads((ROOT / "notebooks/realtime-impression-tracking.ipynb").read_text())
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    assert notebook["metadata"]["kernelspec"]["name"] == "pysparkkernel"
    for own in ("127.0.0.1", "localhost", "4566", "tarn"):
        assert own not in text.lower()
    steps = [
        "%%configure -f",
        'readStream.format("aws-kinesis")',
        'format("memory")',
        "%%sql",
        "sqlContext.sql",
        "from_json",
        "PARTITIONED BY (date_hour(event_time))",
        "fanout-enabled",
        ".toTable(",
        "awaitTermination(run_seconds)",
        ".snapshots",
        "expire_snapshots",
        "DROP TABLE",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])
