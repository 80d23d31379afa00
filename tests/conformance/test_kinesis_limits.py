"""Kinesis: `tarn up --limits aws` refuses what AWS would."""

from __future__ import annotations

import pytest
from kinesis_steps import iterator, refused, wait_active
from tarn_server import TarnServer


@pytest.fixture(scope="module")
def kinesis(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limited")
    server = TarnServer(folder, arguments=("--limits", "aws", "--no-sessions")).start()
    made = server.client("kinesis")
    made.create_stream(StreamName="s", ShardCount=1)
    wait_active(made, "s")
    yield made
    server.close()


def test_records_past_a_shards_megabyte_fail_one_by_one(kinesis):
    records = [{"Data": b"x" * 500_000, "PartitionKey": "k"} for _ in range(3)]
    answer = kinesis.put_records(StreamName="s", Records=records)
    assert answer["FailedRecordCount"] == 1
    good, also_good, bad = answer["Records"]
    assert "SequenceNumber" in good
    assert "SequenceNumber" in also_good
    assert bad["ErrorCode"] == "ProvisionedThroughputExceededException"
    assert "shardId-000000000000 in stream s under account" in bad["ErrorMessage"]


def test_reads_past_a_shards_rate_are_refused(kinesis):
    at = iterator(kinesis, "s", kind="LATEST")

    def read_many():
        for _ in range(50):
            kinesis.get_records(ShardIterator=at)

    refused(read_many, "ProvisionedThroughputExceededException")


def test_iterators_past_a_shards_rate_are_refused(kinesis):
    def make_many():
        for _ in range(50):
            iterator(kinesis, "s", kind="LATEST")

    refused(make_many, "ProvisionedThroughputExceededException")
