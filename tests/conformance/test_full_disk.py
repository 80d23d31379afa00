"""A full disk: writes are refused by every service, reads go on, and room that is made is used."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from kinesis_steps import read_all, wait_active
from tarn_server import TarnServer

DISK_MIB = 160  # of which S3 leaves 64 to the others
FILLER = b"f" * (2 << 20)
TABLE = {
    "TableName": "kept",
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def small_disk(tmp_path):
    """A server whose data directory is a file system of its own, in its own mount namespace."""
    folder = tmp_path / "small"
    mount = f'mount -t tmpfs -o size={DISK_MIB}m tmpfs "{folder}/data" && exec "$@"'
    running = TarnServer(
        folder,
        arguments=("--no-sessions",),
        launcher=("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"),
    ).start()
    yield running
    running.close()


def fill(write) -> int:
    """Calls write(0), write(1), … until one is refused for want of room; how many were taken."""
    for number in range(2 * DISK_MIB):
        try:
            write(number)
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error.response
            assert "disk" in error.response["Error"]["Message"], error.response
            return number
    raise AssertionError("the disk never filled up")


def test_a_full_disk_refuses_writes_and_goes_on_reading(small_disk):
    s3, kinesis, dynamodb = (small_disk.client(name) for name in ("s3", "kinesis", "dynamodb"))
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="bucket", Key="kept", Body=b"kept" * 10_000)
    kinesis.create_stream(StreamName="s", ShardCount=1)
    wait_active(kinesis, "s")
    put = {"StreamName": "s", "Data": b"kept", "PartitionKey": "p"}
    kinesis.put_record(**put)
    dynamodb.create_table(**TABLE)
    dynamodb.get_waiter("table_exists").wait(TableName="kept")
    item = {"k": {"S": "kept"}}
    dynamodb.put_item(TableName="kept", Item=item)

    large = {**put, "Data": b"x" * (1 << 20)}
    objects = fill(lambda n: s3.put_object(Bucket="bucket", Key=f"filler/{n}", Body=FILLER))
    records = fill(lambda n: kinesis.put_record(**large))
    assert objects > 0 and records > 0

    assert s3.get_object(Bucket="bucket", Key="kept")["Body"].read() == b"kept" * 10_000
    assert s3.get_object(Bucket="bucket", Key=f"filler/{objects - 1}")["Body"].read() == FILLER
    sizes = [4] + records * [1 << 20]
    assert [len(record["Data"]) for record in read_all(kinesis, "s")] == sizes
    assert dynamodb.get_item(TableName="kept", Key=item)["Item"] == item
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]]
    assert len(keys) == objects + 1

    for number in range(objects):
        s3.delete_object(Bucket="bucket", Key=f"filler/{number}")
    kinesis.put_record(**large)
    s3.put_object(Bucket="bucket", Key="more", Body=FILLER)
    dynamodb.put_item(TableName="kept", Item={"k": {"S": "more"}})
    assert len(read_all(kinesis, "s")) == records + 2
