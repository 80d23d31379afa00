"""The data generator as a service of the server: runs that are begun, watched and stopped over HTTP."""

from __future__ import annotations

import json
import time

import pytest
import requests
from tarn_server import ROOT

TEMPLATE = '{"id":"{{random.uuid}}","at":"{{date.now}}"}'


@pytest.fixture
def generator(server):
    """Asks the generator as some user, the account's root by default."""

    def ask(method, path="", keys=None, **body):
        return requests.request(
            method,
            f"{server.endpoint_url}/_tarn/generator{path}",
            auth=keys or (server.access_key_id, server.secret_access_key),
            json=body or None,
            timeout=30,
        )

    return ask


@pytest.fixture
def stream(client, unique):
    kinesis, name = client("kinesis"), unique("events")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


@pytest.fixture
def user(client, unique):
    """Makes users with one policy: their name and keys for HTTP Basic."""
    iam, made = client("iam"), []

    def make(*statements):
        name = unique("sender")
        iam.create_user(UserName=name)
        made.append(name)
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return name, (key["AccessKeyId"], key["SecretAccessKey"])

    yield make
    for name in made:
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName="own")
        iam.delete_user(UserName=name)


def wait_for_state(generator, number, *states, keys=None):
    deadline = time.monotonic() + 120
    while True:
        run = generator("GET", f"/runs/{number}", keys).json()
        if run["state"] in states:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.1)


def records_of(client, stream):
    kinesis = client("kinesis")
    shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    position = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    return kinesis.get_records(ShardIterator=position["ShardIterator"])["Records"]


def test_a_run_sends_what_was_asked_for(client, generator, stream):
    begun = generator("POST", "/runs", stream=stream, template=TEMPLATE, rate=500, count=120)
    assert begun.status_code == 201, begun.text
    run = wait_for_state(generator, begun.json()["id"], "done", "failed")
    assert run["state"] == "done", run
    assert (run["records"]["acknowledged"], run["records"]["lost"]) == (120, 0)
    sent = [json.loads(record["Data"]) for record in records_of(client, stream)]
    assert len({record["id"] for record in sent}) == 120


def test_a_run_without_a_template_sends_pixel_events_until_it_is_stopped(generator, client, stream):
    number = generator("POST", "/runs", stream=stream, rate=100).json()["id"]
    deadline = time.monotonic() + 120
    while generator("GET", f"/runs/{number}").json()["records"]["acknowledged"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert generator("DELETE", f"/runs/{number}").status_code == 202
    run = wait_for_state(generator, number, "stopped", "failed")
    assert run["state"] == "stopped", run
    sent = records_of(client, stream)
    assert len(sent) == run["records"]["acknowledged"]
    assert json.loads(sent[0]["Data"])["action_source"] == "WEBSITE"
    told = generator("GET").json()
    assert told["sample"]["template"] == (ROOT / "templates/records/pixel.json.tmpl").read_text()
    assert "random.uuid" in told["functions"]
    assert number in [each["id"] for each in told["runs"]]


def test_who_sends_needs_the_permission_and_sees_own_runs_alone(
    client, generator, server, stream, user
):
    arn = f"arn:aws:kinesis:us-west-2:{server.facts['account_id']}:stream/{stream}"
    actions = ["kinesis:DescribeStreamSummary", "kinesis:PutRecords"]
    name, keys = user({"Effect": "Allow", "Action": actions, "Resource": arn})
    _, none = user({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    refused = generator("POST", "/runs", none, stream=stream, template=TEMPLATE)
    assert (refused.status_code, "kinesis:DescribeStreamSummary" in refused.text) == (403, True)
    number = generator("POST", "/runs", keys, stream=stream, template=TEMPLATE).json()["id"]
    assert generator("GET", f"/runs/{number}", none).status_code == 404
    assert generator("GET", "/runs", none).json() == {"runs": []}
    assert generator("GET", f"/runs/{number}").status_code == 200

    # Keys that go end their runs.
    client("iam").delete_access_key(UserName=name, AccessKeyId=keys[0])
    run = wait_for_state(generator, number, "failed")
    assert "access key" in run["reason"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"template": TEMPLATE}, "'stream' is missing"),
        ({"stream": "s", "template": "{{date.nw}}"}, "template 1:"),
        ({"stream": "s", "template": TEMPLATE, "rate": 5001}, "up to 5000"),
        ({"stream": "s", "template": TEMPLATE, "rate": 0}, "above 0"),
        ({"stream": "s", "template": TEMPLATE, "seconds": 86401}, "1 to 86400"),
        ({"stream": "s", "template": TEMPLATE, "count": -1}, "'count' is a number"),
        ({"stream": "s", "template": TEMPLATE, "utc_offset": "noon"}, "'utc_offset'"),
        ({"stream": "absent-stream", "template": TEMPLATE}, "absent-stream"),
    ],
)
def test_what_cannot_be_sent_is_refused(generator, order, words):
    refused = generator("POST", "/runs", **order)
    assert (refused.status_code, words in refused.text) == (400, True), refused.text


def test_nobody_sends_unsigned(server):
    answer = requests.post(f"{server.endpoint_url}/_tarn/generator/runs", json={}, timeout=30)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]
