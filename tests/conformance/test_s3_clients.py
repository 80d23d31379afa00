"""S3 by the AWS CLI, by presigned URLs, by virtual hosts and by bytes that are wrong on purpose."""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import socket
import time
import urllib.error
import urllib.request

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from tarn_server import REGION

# --- the AWS CLI ---


def test_the_cli_copies_syncs_moves_and_removes(aws_cli, s3, unique, tmp_path):
    url = f"s3://{unique('cli')}"
    aws_cli("s3", "mb", url)
    tree = tmp_path / "tree"
    (tree / "sub dir").mkdir(parents=True)
    (tree / "small").write_bytes(b"small")
    (tree / "empty").write_bytes(b"")
    (tree / "sub dir" / "large+ü").write_bytes(bytes(range(256)) * (20 << 12))  # 20 MiB: multipart
    # S3 gives whole seconds, so that a file written in the second of its upload looks newer than
    # the object and is uploaded again, on AWS too.
    for file in (tree / "small", tree / "empty", tree / "sub dir" / "large+ü"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    aws_cli("s3", "sync", tree, f"{url}/t")
    again = aws_cli("s3", "sync", tree, f"{url}/t", check=False)
    assert (again.returncode, again.stdout) == (0, "")  # nothing left to do
    back = tmp_path / "back"
    aws_cli("s3", "cp", "--recursive", f"{url}/t", back)
    compared = filecmp.dircmp(tree, back)
    assert not compared.left_only and not compared.right_only and not compared.diff_files
    assert filecmp.cmp(tree / "sub dir" / "large+ü", back / "sub dir" / "large+ü", shallow=False)
    aws_cli("s3", "mv", f"{url}/t/small", f"{url}/moved")
    listed = aws_cli("s3", "ls", "--recursive", url, check=False).stdout
    assert "moved" in listed and "t/small" not in listed
    aws_cli("s3", "cp", f"{url}/t/sub dir/large+ü", f"{url}/copy")
    size = aws_cli("s3api", "head-object", "--bucket", url[5:], "--key", "copy")["ContentLength"]
    assert size == 20 << 20
    aws_cli("s3", "rm", "--recursive", url)
    assert aws_cli("s3", "ls", url, check=False).stdout == ""
    aws_cli("s3", "rb", url)


def test_the_cli_streams(aws_cli, bucket):
    aws_cli("s3", "cp", "-", f"s3://{bucket}/k", stdin="from a pipe")
    assert aws_cli("s3", "cp", f"s3://{bucket}/k", "-", check=False).stdout == "from a pipe"


def test_the_cli_presigns(aws_cli, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"shared")
    url = aws_cli("s3", "presign", f"s3://{bucket}/k", check=False).stdout.strip()
    assert urllib.request.urlopen(url).read() == b"shared"


# --- presigned URLs ---


def fetch(url: str, data: bytes | None = None, method: str | None = None, headers=None):
    """Status and body, whatever the status."""
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_presigned_urls_put_and_get_until_they_expire(s3, bucket):
    there = {"Bucket": bucket, "Key": "k"}
    put = s3.generate_presigned_url("put_object", Params=there)
    assert fetch(put, b"by url", "PUT", {"Content-Type": ""})[0] == 200
    get = s3.generate_presigned_url("get_object", Params=there)
    assert fetch(get) == (200, b"by url")
    assert fetch(get + "x")[0] == 403
    brief = s3.generate_presigned_url("get_object", Params=there, ExpiresIn=1)
    time.sleep(2.1)
    status, body = fetch(brief)
    assert status == 403 and b"Request has expired" in body


def test_a_presigned_url_is_for_no_header_that_is_not_signed(server, bucket):
    """Who had the URL of an upload could have it copy any object that its signer may read."""
    s3 = server.client("s3", signature_version="s3v4")
    s3.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    there = {"Bucket": bucket, "Key": "drop"}
    put = s3.generate_presigned_url("put_object", Params=there)
    copying = {"x-amz-copy-source": f"/{bucket}/secret", "Content-Type": ""}
    status, body = fetch(put, b"", "PUT", copying)
    assert status == 403 and b"not signed: x-amz-copy-source" in body
    named = s3.generate_presigned_url("put_object", Params={**there, "Metadata": {"by": "me"}})
    assert fetch(named, b"1", "PUT", {"x-amz-meta-by": "me", "Content-Type": ""})[0] == 200


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("PUT", "partNumber=1"),
        ("PUT", "uploadId=u"),
        ("PUT", "uploads"),
        ("PUT", "policy"),
        ("DELETE", "acl"),
        ("DELETE", "uploads"),
        ("GET", "uploads"),
    ],
)
def test_what_is_asked_of_a_part_is_not_done_to_the_whole(s3, bucket, method, more):
    """PUT of a part without its upload overwrote the object, and DELETE of its ACL deleted it."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
    body = {"Body": b"lost"} if method == "PUT" else {}
    with (
        asking(s3, f"{method.capitalize()}Object", f"?{more}"),
        pytest.raises(ClientError) as caught,
    ):
        getattr(s3, f"{method.lower()}_object")(Bucket=bucket, Key="k", **body)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 405
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept"


@contextlib.contextmanager
def asking(client, operation, more):
    """Requests of the operation have `more` at the end of their URL, and are signed so."""

    def add(params, **_):
        params["url"] += more

    event = f"before-call.s3.{operation}"
    client.meta.events.register_first(event, add)
    try:
        yield
    finally:
        client.meta.events.unregister(event, add)


def test_a_path_that_is_no_utf8_is_refused(s3):
    with asking(s3, "ListBuckets", "%FF"), pytest.raises(ClientError) as caught:
        s3.list_buckets()
    assert caught.value.response["Error"]["Code"] == "InvalidURI"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_without_a_signature_nothing_is_given(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret")
    status, body = fetch(f"{server.endpoint_url}/{bucket}/k")
    assert status == 403 and b"<Code>AccessDenied</Code>" in body and b"secret" not in body
    assert fetch(f"{server.endpoint_url}/{bucket}/k", b"x", "PUT")[0] == 403


def test_a_wrong_signature_is_refused(server, bucket):
    stranger = server.client("s3", secret_access_key="wrong")
    with pytest.raises(ClientError) as caught:
        stranger.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    unknown = server.client("s3", access_key_id="AKIAUNKNOWNUNKNOWN00")
    with pytest.raises(ClientError) as caught:
        unknown.list_buckets()
    assert caught.value.response["Error"]["Code"] == "InvalidAccessKeyId"


def test_virtual_hosts(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"by host")
    request = AWSRequest("GET", f"http://{bucket}.s3.{REGION}.amazonaws.com/dir/k")
    keys = Credentials(server.access_key_id, server.secret_access_key)
    S3SigV4Auth(keys, "s3", REGION).add_auth(request)
    status, body = fetch(
        f"{server.endpoint_url}/dir/k",
        headers={**dict(request.headers), "Host": f"{bucket}.s3.{REGION}.amazonaws.com"},
    )
    assert (status, body) == (200, b"by host")


# --- the public object ---


def test_the_public_connector_is_answered_for_everyone(server, s3):
    name = "spark-sql-kinesis-connector/spark-streaming-sql-kinesis-connector_2.12-1.4.0.jar"
    status, body = fetch(f"{server.endpoint_url}/awslabs-code-us-east-1/{name}")
    if status == 200:
        assert body.startswith(b"PK")
        head = s3.head_object(Bucket="awslabs-code-us-east-1", Key=name)
        assert head["ContentLength"] == len(body)
        part = s3.get_object(Bucket="awslabs-code-us-east-1", Key=name, Range="bytes=0-1")
        assert part["Body"].read() == b"PK"
    else:
        assert status == 404 and b"NoSuchKey" in body and b"./dev build" in body
    other = f"{server.endpoint_url}/awslabs-code-us-east-1/other.jar"
    assert fetch(other)[0] == 403


# --- bytes that are wrong ---


def signed(server, method, path, headers, payload_hash) -> bytes:
    """The head of a signed request, as bytes."""
    url = f"http://127.0.0.1:{server.port}{path}"
    request = AWSRequest(method, url, headers={**headers, "X-Amz-Content-SHA256": payload_hash})
    keys = Credentials(server.access_key_id, server.secret_access_key)
    SigV4Auth(keys, "s3", REGION).add_auth(request)
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name != "Host"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def send(server, head: bytes, body: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_a_body_other_than_the_signed_one_is_refused(server, s3, bucket):
    digest = hashlib.sha256(b"signed").hexdigest()
    head = signed(server, "PUT", f"/{bucket}/k", {"Content-Length": "6"}, digest)
    assert b"XAmzContentSHA256Mismatch" in send(server, head, b"forged")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert send(server, head, b"signed").startswith(b"HTTP/1.1 200")


def chunked(server, bucket, body: bytes, decoded: int) -> bytes:
    headers = {
        "Content-Encoding": "aws-chunked",
        "Content-Length": str(len(body)),
        "X-Amz-Decoded-Content-Length": str(decoded),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    return send(server, signed(server, "PUT", f"/{bucket}/k", headers, kind), body)


def test_chunked_uploads_whole_truncated_and_with_a_wrong_trailer(server, s3, bucket):
    right = b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"
    assert chunked(server, bucket, right, 9).startswith(b"HTTP/1.1 200")
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"123456789"
    assert got["ChecksumCRC32"] == "y/Q5Jg=="
    assert "ContentEncoding" not in got
    s3.delete_object(Bucket=bucket, Key="k")
    wrong = right.replace(b"y/Q5Jg==", b"AAAAAA==")
    assert b"<Code>BadDigest</Code>" in chunked(server, bucket, wrong, 9)
    for cut in (b"9\r\n1234", b"9\r\n123456789\r\n", b"9\r\n123456789\r\n0\r\n"):
        assert b"200 OK" not in chunked(server, bucket, cut, 9)
    assert b"HTTP/1.1 400" in chunked(server, bucket, right, 8)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_one_upload_has_5_gib_at_most(server, bucket):
    """Asked by the head alone: the body would be refused before it is sent."""
    for length, answer in ((5 << 30, b"HTTP/1.1 100 "), ((5 << 30) + 1, b"HTTP/1.1 400 ")):
        headers = {"Content-Length": str(length), "Expect": "100-continue"}
        head = signed(server, "PUT", f"/{bucket}/k", headers, "UNSIGNED-PAYLOAD")
        got = send(server, head, b"")
        assert got.startswith(answer)
        assert (b"EntityTooLarge" in got) == (length > 5 << 30)


def test_a_list_of_deletes_must_be_what_its_checksum_says(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    body = b"<Delete><Object><Key>k</Key></Object></Delete>"
    headers = {"Content-Length": str(len(body)), "x-amz-checksum-crc32": "AAAAAA=="}
    digest = hashlib.sha256(body).hexdigest()
    head = signed(server, "POST", f"/{bucket}?delete=", headers, digest)
    assert b"<Code>BadDigest</Code>" in send(server, head, body)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_an_upload_that_breaks_off_leaves_nothing(server, s3, bucket):
    head = signed(server, "PUT", f"/{bucket}/k", {"Content-Length": "1000000"}, "UNSIGNED-PAYLOAD")
    send(server, head, b"x" * 500_000)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_an_expected_continue_comes_for_an_empty_object_too(server, s3, bucket):
    """botocore cannot read the next answer of a connection on which it did not come."""
    headers = {"Content-Length": "0", "Expect": "100-continue"}
    head = signed(server, "PUT", f"/{bucket}/empty", headers, hashlib.sha256(b"").hexdigest())
    answer = send(server, head, b"")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert s3.head_object(Bucket=bucket, Key="empty")["ContentLength"] == 0


def test_arrow_reads_what_it_wrote(server, unique):
    """PyIceberg's and pandas' way to S3; its checksum mode is spelt in lower case."""
    from pyarrow import fs

    bucket = unique("arrow")
    server.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    arrow = fs.S3FileSystem(
        access_key=server.access_key_id,
        secret_key=server.secret_access_key,
        endpoint_override=server.endpoint_url,
        region=REGION,
    )
    with arrow.open_output_stream(f"{bucket}/a/b") as out:
        out.write(b"x" * 100_000)
    with arrow.open_input_stream(f"{bucket}/a/b") as stream:
        assert stream.read() == b"x" * 100_000
    with arrow.open_input_file(f"{bucket}/a/b") as file:
        assert file.read_at(10, 99_995) == b"x" * 5
