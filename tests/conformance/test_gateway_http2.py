"""The gateway's HTTP/2: by prior knowledge, by TLS and within a proxy's tunnel, on the one port."""

from __future__ import annotations

import json
import subprocess
import uuid

import pytest
from http2_steps import curl
from tarn_server import REGION

VERSION = ("--write-out", "\n%{http_version} %{response_code}")
MIB = 1 << 20


def run(command: list) -> tuple[str, str, str]:
    """The body of the answer, the version that carried it and its status."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    body, _, facts = done.stdout.rpartition("\n")
    return body, *facts.split()


def test_prior_knowledge_speaks_http2_in_clear(server):
    body, version, status = run(curl(server, "ListStreams", {}, *VERSION))
    assert (version, status) == ("2", "200")
    assert "StreamNames" in json.loads(body)


def test_tls_chooses_http2_where_the_client_offers_it(server):
    url = f"https://localhost:{server.port}/"
    trust = ("--cacert", server.facts["ca_bundle"])
    for how, version in ((("--http2",), "2"), (("--http1.1",), "1.1")):
        got = run(curl(server, "ListStreams", {}, *VERSION, *trust, url=url, how=how))
        assert got[1:] == (version, "200")


def test_a_tunnel_to_an_aws_name_speaks_http2(server):
    command = curl(
        server, "ListStreams", {}, *VERSION,
        "--proxy", server.endpoint_url, "--cacert", server.facts["ca_bundle"],
        url="https://kinesis.us-west-2.amazonaws.com/", how=("--http2",),
    )  # fmt: skip
    assert run(command)[1:] == ("2", "200")


def test_errors_are_worded_as_over_http1(server):
    body, _, status = run(curl(server, "DescribeStream", {"StreamName": "none"}, *VERSION))
    assert status == "400"
    assert json.loads(body)["__type"].endswith("ResourceNotFoundException")
    refused = curl(server, "ListStreams", {}, *VERSION, "--user", "AKIAUNKNOWN:x")
    assert run(refused)[2] == "400"


def test_one_connection_carries_many_requests(server):
    # By TLS: Debian's curl 7.88 cannot use a connection again that it began by prior knowledge.
    url = f"https://localhost:{server.port}/"
    facts = ("--write-out", "\n%{response_code} %{num_connects}\n")
    options = (*facts, "--cacert", server.facts["ca_bundle"])
    command = curl(server, "ListStreams", {}, *options, url=url, how=("--http2",))
    command += ["--parallel", *[url] * 20]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("200 ")]
    assert len(told) == 21
    assert sum(int(connects) for _, connects in told) == 1


@pytest.mark.parametrize("size", [0, 1, 70_000, 20 * MIB])
def test_objects_of_any_size_go_up_and_come_down(server, client, tmp_path, size):
    s3 = client("s3")
    bucket = f"http2-{uuid.uuid4().hex[:8]}"
    location = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    content = bytes(i * 31 % 251 for i in range(min(size, MIB))) * max(1, size // MIB)
    content = content[:size]
    up, down = tmp_path / "up", tmp_path / "down"
    up.write_bytes(content)
    signed = s3.generate_presigned_url
    arguments = {"Params": {"Bucket": bucket, "Key": "k"}, "ExpiresIn": 300}
    put = ["curl", "--silent", "--http2-prior-knowledge", "--upload-file", str(up), *VERSION]
    assert run([*put, signed("put_object", **arguments)])[1:] == ("2", "200")
    get = ["curl", "--silent", "--http2-prior-knowledge", "--output", str(down), *VERSION]
    assert run([*get, signed("get_object", **arguments)])[1:] == ("2", "200")
    assert down.read_bytes() == content
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == content


def test_a_client_that_goes_away_within_a_request_harms_nobody(server):
    for limit in ("0.01", "0.05"):
        command = curl(server, "ListStreams", {}, "--limit-rate", "1", "--max-time", limit)
        subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert run(curl(server, "ListStreams", {}, *VERSION))[1:] == ("2", "200")
