"""Upkeep of Iceberg tables: what the worker does, and how it is seen and steered."""

from __future__ import annotations

import json
import time

import pyarrow as pa
import pytest
from iceberg_steps import ROWS, rest_catalog
from tarn_server import REGION

LIMIT_S = 120  # of a run, on a machine that does much else


@pytest.fixture
def catalog(server):
    return rest_catalog(server)


@pytest.fixture
def space(catalog, client, unique):
    bucket = unique("upkeep")
    client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    name = unique("space").replace("-", "_")
    catalog.create_namespace(name, {"location": f"s3://{bucket}/{name}"})
    return name


def ended(server, number):
    """The run once it has ended."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        listed = json.loads(server.tarn("maintenance", "list", "--json").stdout)["runs"]
        [run] = [each for each in listed if each["id"] == number]
        if run["state"] not in ("queued", "running"):
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.2)


def maintain(server, table):
    number = json.loads(server.tarn("maintenance", "run", table).stdout)["id"]
    run = ended(server, number)
    assert run["state"] == "done", run
    return {step.pop("step"): step for step in run["steps"]}


def objects(client, table):
    bucket, prefix = table.location().removeprefix("s3://").split("/", 1)
    listed = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix + "/")
    return [each["Key"] for each in listed.get("Contents", [])]


def test_small_files_become_one_old_snapshots_and_strays_go(server, catalog, client, space):
    table = catalog.create_table(
        f"{space}.t",
        schema=ROWS.schema,
        properties={
            "history.expire.max-snapshot-age-ms": "0",
            "tarn.maintenance.orphan-removal.older-than-ms": "0",
        },
    )
    for number in range(5):
        table.append(
            pa.table({"id": pa.array([number], pa.int64()), "name": pa.array(["x"], pa.string())})
        )
    bucket, prefix = table.location().removeprefix("s3://").split("/", 1)
    client("s3").put_object(Bucket=bucket, Key=f"{prefix}/data/stray.parquet", Body=b"x")
    time.sleep(1.1)  # S3 tells times in seconds: the stray must be older than none
    steps = maintain(server, f"{space}.t")
    assert (steps["compaction"]["files_before"], steps["compaction"]["files_after"]) == (5, 1)
    assert steps["expire-snapshots"]["snapshots"] == 5
    assert steps["orphan-removal"]["files"] >= 1
    after = catalog.load_table(f"{space}.t")
    assert sorted(after.scan().to_arrow()["id"].to_pylist()) == [0, 1, 2, 3, 4]
    assert len(after.snapshots()) == 1
    assert after.current_snapshot().summary.operation.value == "replace"
    assert len([key for key in objects(client, after) if "/data/" in key]) == 1


def test_what_is_left_out_says_why(server, catalog, space):
    table = catalog.create_table(
        f"{space}.t", schema=ROWS.schema, properties={"format-version": "3", "gc.enabled": "false"}
    )
    assert table.format_version == 3
    steps = maintain(server, f"{space}.t")
    assert "format version 3" in steps["compaction"]["left_out"]
    assert "gc.enabled" in steps["expire-snapshots"]["left_out"]
    assert "gc.enabled" in steps["orphan-removal"]["left_out"]


def test_a_purged_table_leaves_no_object(server, catalog, client, space):
    table = catalog.create_table(f"{space}.t", schema=ROWS.schema)
    table.append(ROWS)
    assert len(objects(client, table)) >= 5
    catalog.purge_table(f"{space}.t")
    assert not catalog.table_exists(f"{space}.t")
    deadline = time.monotonic() + LIMIT_S
    while left := objects(client, table):
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def test_runs_are_refused_listed_and_stopped(server, space):
    number = json.loads(server.tarn("maintenance", "run", f"{space}.nothing").stdout)["id"]
    run = ended(server, number)
    assert run["state"] == "failed"
    assert "Table does not exist" in run["reason"]
    late = server.tarn("maintenance", "stop", number, check=False)
    assert late.returncode == 1
    assert "has ended" in late.stderr
    missing = server.tarn("maintenance", "stop", 9999, check=False)
    assert "There is no run 9999" in missing.stderr
    assert "RUN" in server.tarn("maintenance", "list").stdout
