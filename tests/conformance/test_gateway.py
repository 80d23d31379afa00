"""The gateway, seen from a socket: what HTTP, TLS, signatures and names it takes, and how it refuses.

Each test speaks to the running server as a client would, good or bad; the server must answer by
the right code and go on serving.
"""

from __future__ import annotations

import datetime
import json
import os
import socket
import ssl
import subprocess

import boto3
import botocore.exceptions
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from tarn_server import REGION, RUNTIME


def read_response(stream) -> tuple[int, dict[str, str], bytes]:
    """One HTTP/1.1 response with a Content-Length from a socket file."""
    status = int(stream.readline().split()[1])
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, stream.read(int(headers.get("content-length", 0)))


def exchange(server, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """Sends all requests at once on one connection and reads as many answers."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"".join(requests))
        stream = connection.makefile("rb")
        return [read_response(stream) for _ in requests]


def signed(server, service="sts", *, body=b"Action=GetCallerIdentity&Version=2011-06-15", secret=None,
           key=None, headers=None, token=None) -> bytes:  # fmt: skip
    """A signed POST as bytes."""
    request = AWSRequest(
        method="POST",
        url=f"{server.endpoint_url}/",
        data=body,
        headers={
            "Host": f"127.0.0.1:{server.port}",
            "Content-Type": "application/x-www-form-urlencoded",
            **(headers or {}),
        },
    )
    keys = Credentials(key or server.access_key_id, secret or server.secret_access_key, token)
    SigV4Auth(keys, service, REGION).add_auth(request)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_text_that_is_no_utf_8_is_refused_by_the_name_of_its_member(server):
    for service, body, member in (
        ("iam", b"Action=CreateUser&Version=2010-05-08&UserName=caf%E9", b"UserName"),
        ("cloudformation", b"Action=ValidateTemplate&Version=2010-05-15&TemplateBody=Description%3A+caf%E9",
         b"TemplateBody"),
    ):  # fmt: skip
        status, _, said = exchange(server, signed(server, service, body=body))[0]
        assert status == 400 and member in said, said


def test_get_caller_identity_by_boto3_and_the_cli(client, aws_cli, server):
    identity = client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    assert len(identity["Account"]) == 12
    assert aws_cli("sts", "get-caller-identity")["Account"] == identity["Account"]


def test_session_tokens_work_and_their_secret_is_needed(client, server):
    keys = client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA")
    session = boto3.session.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )
    temporary = session.client("sts", endpoint_url=server.endpoint_url)
    assert temporary.get_caller_identity()["Arn"].endswith(":root")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        temporary.get_session_token()
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    without_token = exchange(
        server, signed(server, key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])
    )
    assert without_token[0][0] == 403
    assert b"InvalidClientTokenId" in without_token[0][2]


def test_session_tokens_survive_a_restart(fresh_server):
    keys = fresh_server.client("sts").get_session_token()["Credentials"]
    fresh_server.kill9()
    fresh_server.restart()
    session = boto3.session.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )
    again = session.client("sts", endpoint_url=fresh_server.endpoint_url)
    assert again.get_caller_identity()["Arn"].endswith(":root")


def test_one_connection_serves_many_requests_even_when_sent_at_once(server):
    answers = exchange(server, *[signed(server)] * 5)
    assert [status for status, _, _ in answers] == [200] * 5
    assert len({headers["x-amzn-requestid"] for _, headers, _ in answers}) == 5


def test_a_wrong_secret_is_refused_in_the_words_of_each_service(server):
    query = exchange(server, signed(server, secret="wrong"))[0]
    assert query[0] == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in query[2]
    json_headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
    }
    answer = exchange(
        server, signed(server, "kinesis", body=b"{}", secret="wrong", headers=json_headers)
    )[0]
    assert (answer[0], json.loads(answer[2])["__type"]) == (400, "InvalidSignatureException")
    s3 = server.client("s3", secret_access_key="wrong")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.list_buckets()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused_and_told_what_to_do(server):
    status, _, body = exchange(server, signed(server, key="AKIAAAAAAAAAAAAAAAAA"))[0]
    assert status == 403
    assert b"InvalidClientTokenId" in body
    assert b"tarn env" in body


def test_a_body_that_was_not_signed_is_refused(server):
    request = signed(server).replace(b"Version=2011-06-15", b"Version=2011-06-16")
    assert exchange(server, request)[0][0] == 403


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_skewed_clock_is_refused_by_its_code(server, monkeypatch, minutes):
    import botocore.auth
    import botocore.compat

    moved = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda *a, **k: moved.replace(tzinfo=None)
    )
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        server.client("s3").list_buckets()
    assert refused.value.response["Error"]["Code"] == "RequestTimeTooSkewed"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        server.client("kinesis").list_streams()
    assert refused.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_anonymous_requests_are_refused(server):
    body = b"Action=GetSessionToken&Version=2011-06-15"
    request = (
        b"POST / HTTP/1.1\r\nHost: sts.us-west-2.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body
    status, _, text = exchange(server, request)[0]
    assert status == 403
    assert b"MissingAuthenticationToken" in text


def test_an_action_that_is_not_there_answers_by_its_name(client):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client("sts").decode_authorization_message(EncodedMessage="x")
    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["Error"]["Code"] == "NotImplemented"
    assert "DecodeAuthorizationMessage" in error["Error"]["Message"]


def test_a_service_that_is_not_there_answers_by_its_name(client):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client("sqs").list_queues()
    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "sqs" in error["Error"]["Message"]


def test_expect_continue_is_answered_before_the_body_is_sent(server):
    request = signed(server)
    head, _, body = request.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        stream = connection.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        connection.sendall(body)
        assert read_response(stream)[0] == 200


def test_a_chunked_body_is_read(server):
    request = signed(server)
    head, _, body = request.partition(b"\r\n\r\n")
    head = b"\r\n".join(
        line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")
    )
    chunks = b"".join(b"%x\r\n%b\r\n" % (1, body[i : i + 1]) for i in range(len(body)))
    chunked = head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    assert exchange(server, chunked)[0][0] == 200


def test_a_body_over_the_limit_is_refused_and_the_server_lives(server):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
    }
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: kinesis.us-west-2.amazonaws.com\r\n{lines}Content-Length: 999999999\r\n\r\n".encode()
        )
        connection.sendall(b"x" * 1000)
        assert read_response(connection.makefile("rb"))[0] == 413
    assert exchange(server, signed(server))[0][0] == 200


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: banana\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_server_lives(server, garbage):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(garbage)
        answer = connection.makefile("rb").readline()
    assert answer == b"" or answer.split()[1][:1] == b"4"
    assert exchange(server, signed(server))[0][0] == 200


def test_a_client_that_goes_away_in_the_middle_harms_nobody(server):
    request = signed(server)
    for cut in range(1, len(request), 97):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(request[:cut])
    assert exchange(server, signed(server))[0][0] == 200


def test_invalid_json_gets_a_serialization_exception(server):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
    }
    status, _, body = exchange(
        server, signed(server, "kinesis", body=b'{"Limit": ', headers=headers)
    )[0]
    assert (status, json.loads(body)["__type"]) == (400, "SerializationException")


def test_tls_on_the_same_port_with_a_certificate_of_the_own_authority(server):
    context = ssl.create_default_context(cafile=server.facts["ca_bundle"])
    name = f"kinesis.{REGION}.amazonaws.com"
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        secure.sendall(signed(server))
        assert read_response(secure.makefile("rb"))[0] == 200


def test_aws_names_lead_home_through_the_proxy(server):
    """An unchanged client with no endpoint set: only the proxy and the authority of `tarn env --transparent`."""
    proxy = f"http://127.0.0.1:{server.port}"
    session = boto3.session.Session(
        server.access_key_id, server.secret_access_key, region_name=REGION
    )
    sts = session.client(
        "sts", verify=server.facts["ca_bundle"], config=Config(proxies={"https": proxy})
    )
    assert sts.meta.endpoint_url == f"https://sts.{REGION}.amazonaws.com"
    assert sts.get_caller_identity()["Arn"].endswith(":root")


def test_the_unchanged_aws_cli_reaches_home_with_the_transparent_environment(server):
    printed = server.tarn("env", "--transparent", "--shell", "json")
    environment = {
        **server.client_environment(),
        **{k: v for k, v in json.loads(printed.stdout).items() if v is not None},
    }
    environment.pop("AWS_ENDPOINT_URL", None)
    # `aws emr` ignores AWS_ENDPOINT_URL, and arrives like the others.
    for arguments in (
        ["sts", "get-caller-identity"],
        ["s3", "ls"],
        ["kinesis", "list-streams"],
        ["emr", "list-clusters"],
    ):
        command = [str(RUNTIME / "python/bin/aws"), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "request_line",
    [
        "CONNECT example.com:443 HTTP/1.1",
        # As apt and pip ask: S3 took it for a bucket named simple.
        "GET http://example.com/simple/ HTTP/1.1",
    ],
)
def test_other_hosts_are_not_let_out(server, request_line):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"{request_line}\r\nHost: example.com\r\n\r\n".encode())
        status, _, body = read_response(connection.makefile("rb"))
    assert status == 403
    assert b"--allow-host example.com" in body


def test_virtual_host_and_path_style_reach_the_same_bucket(server, unique):
    bucket = unique("names")
    server.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    server.client("s3").put_object(Bucket=bucket, Key="a b/ü", Body=b"x")
    proxy = f"http://127.0.0.1:{server.port}"
    session = boto3.session.Session(
        server.access_key_id, server.secret_access_key, region_name=REGION
    )
    virtual = session.client(
        "s3",
        verify=server.facts["ca_bundle"],
        config=Config(proxies={"https": proxy}, s3={"addressing_style": "virtual"}),
    )
    assert virtual.get_object(Bucket=bucket, Key="a b/ü")["Body"].read() == b"x"


def test_presigned_urls_work_until_they_expire(server, unique):
    import urllib.error
    import urllib.request

    bucket = unique("presigned")
    s3 = server.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60
    )
    assert urllib.request.urlopen(url).read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))
    assert refused.value.code == 403


def test_metrics_count_actions(server, client):
    import urllib.request

    client("sts").get_caller_identity()
    text = urllib.request.urlopen(f"{server.endpoint_url}/_tarn/metrics").read().decode()
    assert 'tarn_requests_total{service="sts",action="GetCallerIdentity"}' in text


def test_the_server_keeps_its_file_descriptors_in_bounds(server):
    """Connections that end, however they end, give back what they held."""
    folder = f"/proc/{server.pid}/fd"
    before = len(os.listdir(folder))
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
    exchange(server, signed(server))
    assert len(os.listdir(folder)) < before + 50
