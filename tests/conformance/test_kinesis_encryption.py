"""Kinesis: streams encrypted by a KMS key."""

from __future__ import annotations

import pytest
from kinesis_steps import iterator, read_all, refused, streams


@pytest.fixture
def kinesis(client):
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    with streams(kinesis, unique) as make:
        yield make


@pytest.fixture
def key(client):
    kms = client("kms")
    made = kms.create_key(Description="of a stream")["KeyMetadata"]["KeyId"]
    yield made
    kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)


def test_a_stream_is_encrypted_and_read_back(server, kinesis, make_stream, key):
    name = make_stream()
    kinesis.put_record(StreamName=name, Data=b"in the open", PartitionKey="k")
    kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
    put = kinesis.put_record(StreamName=name, Data=b"a sealed secret", PartitionKey="k")
    assert put["EncryptionType"] == "KMS"
    described = kinesis.describe_stream(StreamName=name)["StreamDescription"]
    assert (described["EncryptionType"], described["KeyId"]) == ("KMS", key)
    records = read_all(kinesis, name)
    assert [r["Data"] for r in records] == [b"in the open", b"a sealed secret"]
    assert [r.get("EncryptionType") for r in records] == [None, "KMS"]
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    folder = server.data_dir / "kinesis" / summary["StreamId"]
    written = b"".join(path.read_bytes() for path in folder.rglob("*.seg"))
    assert b"in the open" in written
    assert b"sealed secret" not in written
    kinesis.stop_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
    assert kinesis.describe_stream(StreamName=name)["StreamDescription"]["EncryptionType"] == "NONE"
    assert len(read_all(kinesis, name)) == 2


def test_the_key_of_the_service_itself_needs_no_making(kinesis, make_stream):
    name = make_stream()
    kinesis.start_stream_encryption(
        StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")
    assert [r["Data"] for r in read_all(kinesis, name)] == [b"x"]


def test_a_disabled_key_closes_the_stream_until_it_is_enabled(client, kinesis, make_stream, key):
    kms = client("kms")
    name = make_stream()
    kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
    kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")
    at = iterator(kinesis, name)
    kms.disable_key(KeyId=key)
    put = {"StreamName": name, "Data": b"y", "PartitionKey": "k"}
    refused(lambda: kinesis.put_record(**put), "KMSDisabledException")
    refused(lambda: kinesis.get_records(ShardIterator=at), "KMSDisabledException")
    records = [{"Data": b"y", "PartitionKey": "k"}]
    refused(lambda: kinesis.put_records(StreamName=name, Records=records), "KMSDisabledException")
    kms.enable_key(KeyId=key)
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=at)["Records"]] == [b"x"]


def test_a_key_that_is_not_there_is_refused(kinesis, make_stream):
    name = make_stream()
    for key in ("alias/none", "11111111-2222-3333-4444-555555555555"):
        refused(
            lambda key=key: kinesis.start_stream_encryption(
                StreamName=name, EncryptionType="KMS", KeyId=key
            ),
            "KMSNotFoundException",
        )
