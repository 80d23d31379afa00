"""Fixtures of the conformance tests: a running server and real clients of it.

    def test_a_new_stream_is_listed(client):
        kinesis = client("kinesis")

`server` is shared by all tests of a run, so each test names its own buckets and streams (`unique`).
A test that stops, kills or fills the server takes `fresh_server`, which is its own.
"""

from __future__ import annotations

import itertools
import uuid

import pytest
from emr_steps import shared_cluster
from tarn_server import REGION, TarnServer


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for the whole run; it must still stop cleanly at its end. Each Spark session starts as it is asked for:
    tests/e2e has the driver that is kept warm."""
    arguments = ("--warm-drivers", "0")
    running = TarnServer(tmp_path_factory.mktemp("server"), arguments=arguments).start()
    yield running
    running.close()


@pytest.fixture
def fresh_server(tmp_path):
    """A server of the test's own, with `.kill9()`, `.stop()` and `.restart()`. It keeps no Spark
    driver warm, which would take a core for its first half minute."""
    running = TarnServer(tmp_path / "fresh", arguments=("--no-sessions",)).start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def emr_cluster(server):
    """One cluster of Spark for all tests that leave theirs usable."""
    with shared_cluster(server) as cluster:
        yield cluster


@pytest.fixture
def client(server):
    """Makes boto3 clients: client("s3"), client("kinesis", read_timeout=5)."""
    return server.client


@pytest.fixture
def aws_cli(server):
    """Runs the AWS CLI: aws_cli("kinesis", "list-streams")["StreamNames"]."""
    return server.aws_cli


_numbers = itertools.count(1)


@pytest.fixture
def unique():
    """Makes names that no other test of the run uses: unique("bucket") → bucket-3-1f0c9a2e."""
    return lambda prefix: f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, unique):
    """A bucket of the test's own."""
    name = unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name
