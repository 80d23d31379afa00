"""Kinesis: enhanced fan-out, pushed to boto3 over HTTP/1.1 and to curl over HTTP/2."""

from __future__ import annotations

import json
import subprocess

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import EventStreamError
from http2_steps import curl
from kinesis_steps import refused, streams, wait_active, wait_gone
from tarn_server import TarnServer


@pytest.fixture
def kinesis(client):
    """Leaves it to the server to say what is wrong with a request."""
    return client("kinesis", parameter_validation=False)


@pytest.fixture
def make_stream(kinesis, unique):
    """Makes streams by name; gives their ARNs."""
    with streams(kinesis, unique) as make:
        yield lambda *shards: arn_of(kinesis, make(*shards))


def arn_of(kinesis, name: str) -> str:
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return summary["StreamARN"]


def register(kinesis, stream_arn: str, name: str = "consumer") -> str:
    answer = kinesis.register_stream_consumer(StreamARN=stream_arn, ConsumerName=name)
    return answer["Consumer"]["ConsumerARN"]


def subscribe(kinesis, consumer: str, kind: str = "LATEST", shard: int = 0, **position):
    """The events of one subscription, each as the dictionary of its one kind."""
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=consumer,
        ShardId=f"shardId-{shard:012}",
        StartingPosition={"Type": kind, **position},
    )
    for event in answer["EventStream"]:
        yield event["SubscribeToShardEvent"]


@pytest.fixture(autouse=True)
def delete_consumers(kinesis, make_stream):
    """Streams are deleted by the steps that all tests share, which know of no consumers."""
    yield
    for name in kinesis.list_streams(Limit=10000)["StreamNames"]:
        arn = arn_of(kinesis, name)
        for consumer in kinesis.list_stream_consumers(StreamARN=arn)["Consumers"]:
            kinesis.deregister_stream_consumer(ConsumerARN=consumer["ConsumerARN"])


def test_a_consumer_is_registered_described_and_deregistered(kinesis, make_stream):
    stream = make_stream()
    made = kinesis.register_stream_consumer(
        StreamARN=stream, ConsumerName="reader", Tags={"team": "data"}
    )["Consumer"]
    created = int(made["ConsumerCreationTimestamp"].timestamp())
    assert made["ConsumerARN"] == f"{stream}/consumer/reader:{created}"
    described = kinesis.describe_stream_consumer(StreamARN=stream, ConsumerName="reader")
    assert described["ConsumerDescription"] == {
        "ConsumerName": "reader",
        "ConsumerARN": made["ConsumerARN"],
        "ConsumerStatus": "ACTIVE",
        "ConsumerCreationTimestamp": made["ConsumerCreationTimestamp"],
        "StreamARN": stream,
    }
    tags = kinesis.list_tags_for_resource(ResourceARN=made["ConsumerARN"])["Tags"]
    assert tags == [{"Key": "team", "Value": "data"}]
    summary = kinesis.describe_stream_summary(StreamARN=stream)["StreamDescriptionSummary"]
    assert summary["ConsumerCount"] == 1
    refused(lambda: register(kinesis, stream, "reader"), "ResourceInUseException")
    kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])
    refused(
        lambda: kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"]),
        "ResourceNotFoundException",
    )
    refused(lambda: kinesis.describe_stream_consumer(), "InvalidArgumentException")


def test_a_stream_lists_twenty_consumers_and_takes_no_more(kinesis, make_stream):
    stream = make_stream()
    names = [f"consumer-{i:02}" for i in range(20)]
    for name in names:
        register(kinesis, stream, name)
    refused(lambda: register(kinesis, stream, "more"), "LimitExceededException")
    pages = kinesis.get_paginator("list_stream_consumers").paginate(
        StreamARN=stream, PaginationConfig={"PageSize": 7}
    )
    found = [[c["ConsumerName"] for c in page["Consumers"]] for page in pages]
    assert [len(page) for page in found] == [7, 7, 6]
    assert [name for page in found for name in page] == names


def test_records_are_pushed_as_they_come(kinesis, make_stream):
    stream = make_stream()
    events = subscribe(kinesis, register(kinesis, stream))
    first = next(events)
    assert first["Records"] == []
    assert first["MillisBehindLatest"] == 0
    for number in range(3):
        put = kinesis.put_record(StreamARN=stream, Data=f"{number}", PartitionKey="k")
        event = next(events)
        assert [r["Data"] for r in event["Records"]] == [f"{number}".encode()]
        assert event["Records"][0]["SequenceNumber"] == put["SequenceNumber"]
        assert event["ContinuationSequenceNumber"] == put["SequenceNumber"]
        assert event["Records"][0]["PartitionKey"] == "k"


def test_a_subscription_begins_where_it_is_told(kinesis, make_stream):
    stream = make_stream(2)
    consumers = [register(kinesis, stream, name) for name in ("a", "b", "c", "d")]
    put = [
        kinesis.put_record(StreamARN=stream, Data=f"{i}", PartitionKey="k", ExplicitHashKey="0")[
            "SequenceNumber"
        ]
        for i in range(4)
    ]

    def data(consumer: str, kind: str, **position):
        return [r["Data"] for r in next(subscribe(kinesis, consumer, kind, **position))["Records"]]

    assert data(consumers[0], "TRIM_HORIZON") == [b"0", b"1", b"2", b"3"]
    assert data(consumers[1], "AT_SEQUENCE_NUMBER", SequenceNumber=put[2]) == [b"2", b"3"]
    assert data(consumers[2], "AFTER_SEQUENCE_NUMBER", SequenceNumber=put[2]) == [b"3"]
    assert data(consumers[3], "AT_TIMESTAMP", Timestamp=0) == [b"0", b"1", b"2", b"3"]
    for kind, position in (
        ("AT_SEQUENCE_NUMBER", {}),
        ("LATEST", {"SequenceNumber": put[0]}),
        ("AT_TIMESTAMP", {}),
        ("AFTER_SEQUENCE_NUMBER", {"SequenceNumber": "1"}),
    ):
        refused(
            lambda kind=kind, position=position: data(consumers[0], kind, shard=1, **position),
            "InvalidArgumentException",
        )


def test_what_is_not_there_is_not_found(kinesis, make_stream):
    stream = make_stream()
    consumer = register(kinesis, stream)
    refused(lambda: next(subscribe(kinesis, consumer, shard=7)), "ResourceNotFoundException")
    other = consumer.replace("/consumer/consumer:", "/consumer/other:")
    refused(lambda: next(subscribe(kinesis, other)), "ResourceNotFoundException")
    refused(lambda: next(subscribe(kinesis, "no arn")), "ValidationException")


def test_a_second_call_within_five_seconds_is_refused(kinesis, make_stream):
    consumer = register(kinesis, make_stream())
    next(subscribe(kinesis, consumer))
    refused(lambda: next(subscribe(kinesis, consumer)), "ResourceInUseException")


def test_the_end_of_a_shard_names_its_children(kinesis, make_stream):
    stream = make_stream()
    consumer = register(kinesis, stream)
    events = subscribe(kinesis, consumer)
    next(events)
    kinesis.split_shard(
        StreamARN=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    last = list(events)[-1]
    assert last["Records"] == []
    assert "ContinuationSequenceNumber" not in last
    assert [c["ShardId"] for c in last["ChildShards"]] == [
        "shardId-000000000001",
        "shardId-000000000002",
    ]
    wait_active(kinesis, stream.rsplit("/", 1)[1])
    kinesis.put_record(StreamARN=stream, Data=b"to a child", PartitionKey="k", ExplicitHashKey="0")
    child = subscribe(kinesis, consumer, "TRIM_HORIZON", shard=1)
    assert next(child)["Records"][0]["Data"] == b"to a child"


def test_deregistering_and_deleting_end_a_subscription(kinesis, make_stream, unique):
    stream = make_stream()
    consumer = register(kinesis, stream)
    events = subscribe(kinesis, consumer)
    next(events)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    with pytest.raises(EventStreamError, match="ResourceNotFoundException"):
        next(events)

    name = unique("deleted")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    wait_active(kinesis, name)
    events = subscribe(kinesis, register(kinesis, arn_of(kinesis, name)))
    next(events)
    refused(lambda: kinesis.delete_stream(StreamName=name), "ResourceInUseException")
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
    with pytest.raises(EventStreamError, match="ResourceNotFoundException"):
        next(events)
    wait_gone(kinesis, name)


def test_the_cli_manages_consumers(aws_cli, make_stream):
    stream = make_stream()
    made = aws_cli(
        "kinesis", "register-stream-consumer", "--stream-arn", stream, "--consumer-name", "cli"
    )["Consumer"]
    listed = aws_cli("kinesis", "list-stream-consumers", "--stream-arn", stream)["Consumers"]
    assert [c["ConsumerARN"] for c in listed] == [made["ConsumerARN"]]
    aws_cli("kinesis", "deregister-stream-consumer", "--consumer-arn", made["ConsumerARN"])
    assert aws_cli("kinesis", "list-stream-consumers", "--stream-arn", stream)["Consumers"] == []


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
def test_http2_pushes_the_same_events(server, kinesis, make_stream, cbor):
    stream = make_stream()
    consumer = register(kinesis, stream)
    asked = {
        "ConsumerARN": consumer,
        "ShardId": "shardId-000000000000",
        "StartingPosition": {"Type": "TRIM_HORIZON"},
    }
    kinesis.put_record(StreamARN=stream, Data=b"one", PartitionKey="k")
    command = curl(server, "SubscribeToShard", asked, "--no-buffer", cbor=cbor)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        events = messages(process.stdout)
        assert next(events)[0] == ("event", "initial-response")
        kind, payload = next(events)
        assert kind == ("event", "SubscribeToShardEvent")
        assert (b"one" if cbor else b'"b25l"') in payload
        kinesis.put_record(StreamARN=stream, Data=b"two", PartitionKey="k")
        assert (b"two" if cbor else b'"dHdv"') in next(events)[1]
        kinesis.deregister_stream_consumer(ConsumerARN=consumer)
        kind, payload = next(events)
        assert kind == ("exception", "ResourceNotFoundException")
        assert process.wait(30) == 0


def messages(pipe):
    buffer = EventStreamBuffer()
    while chunk := pipe.read1(65536):
        buffer.add_data(chunk)
        for message in buffer:
            kind = message.headers[":message-type"]
            yield (kind, message.headers[f":{kind}-type"]), message.payload


def test_stopping_the_server_ends_subscriptions_cleanly(tmp_path):
    server = TarnServer(tmp_path / "own", arguments=("--no-sessions",)).start()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    wait_active(kinesis, "s")
    consumer = register(kinesis, arn_of(kinesis, "s"))
    events = subscribe(kinesis, consumer)
    next(events)
    server.stop()
    assert list(events) == []
    server.start()
    kinesis = server.client("kinesis")
    arns = kinesis.list_stream_consumers(StreamARN=arn_of(kinesis, "s"))["Consumers"]
    assert [c["ConsumerARN"] for c in arns] == [consumer]
    server.close()


def test_policies_are_kept_on_streams_and_consumers(kinesis, make_stream):
    stream = make_stream()
    for arn in (stream, register(kinesis, stream)):
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                    "Action": "kinesis:DescribeStreamSummary",
                    "Resource": arn,
                }
            ],
        }
        refused(
            lambda arn=arn: kinesis.get_resource_policy(ResourceARN=arn),
            "ResourceNotFoundException",
        )
        kinesis.put_resource_policy(ResourceARN=arn, Policy=json.dumps(policy))
        assert json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"]) == policy
        refused(
            lambda arn=arn: kinesis.put_resource_policy(ResourceARN=arn, Policy="no JSON"),
            "InvalidArgumentException",
        )
        kinesis.delete_resource_policy(ResourceARN=arn)
        refused(
            lambda arn=arn: kinesis.delete_resource_policy(ResourceARN=arn),
            "ResourceNotFoundException",
        )
