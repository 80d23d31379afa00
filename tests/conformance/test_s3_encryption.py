"""Encryption of objects through boto3 and the AWS CLI: SSE-S3, SSE-KMS, and what is on the disk."""

from __future__ import annotations

import base64
import hashlib
import json
import os

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tarn_server import TarnServer

MIB = 1 << 20


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["Arn"]


def refused(call, **arguments) -> tuple[str, int]:
    """Code and HTTP status of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def content(s3, bucket, key, **arguments) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key, **arguments)["Body"].read()


# --- what is asked for ---


@pytest.mark.parametrize("size", [0, 1000, 300_000])
def test_every_object_is_at_least_sse_s3(s3, bucket, size):
    body = os.urandom(size)
    for asked in ({}, {"ServerSideEncryption": "AES256"}):
        made = s3.put_object(Bucket=bucket, Key="k", Body=body, **asked)
        assert made["ServerSideEncryption"] == "AES256" and "SSEKMSKeyId" not in made
        assert made["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"
        assert s3.get_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"
        assert content(s3, bucket, "k") == body


@pytest.mark.parametrize("size", [0, 1000, 300_000])
def test_sse_kms_names_its_key_and_hides_the_md5(s3, bucket, key, size):
    body = os.urandom(size)
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "BucketKeyEnabled": True}
    made = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm="SHA256", **asked)
    for answer in (
        made,
        s3.head_object(Bucket=bucket, Key="k"),
        s3.get_object(Bucket=bucket, Key="k"),
    ):
        assert {name: answer[name] for name in asked} == asked
        assert answer["ETag"] == made["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
    assert len(made["ETag"]) == 34
    assert made["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert content(s3, bucket, "k", IfMatch=made["ETag"]) == body


def test_keys_by_alias_and_the_managed_key(s3, kms, bucket, key, unique):
    alias = f"alias/{unique('s3')}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    made = s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=alias
    )
    assert made["SSEKMSKeyId"] == key
    made = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert made["SSEKMSKeyId"] == managed["Arn"] and managed["KeyManager"] == "AWS"


def test_a_context_of_the_client_is_bound(s3, bucket, key):
    context = base64.b64encode(json.dumps({"tenant": "a"}).encode()).decode()
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    made = s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", SSEKMSEncryptionContext=context, **asked
    )
    assert made["SSEKMSEncryptionContext"] == context
    assert content(s3, bucket, "k") == b"x"
    assert refused(
        s3.put_object, Bucket=bucket, Key="k", SSEKMSEncryptionContext="e30x", **asked
    ) == ("InvalidArgument", 400)


def test_what_makes_no_sense_or_is_not_here_is_refused(s3, bucket, key):
    there = {"Bucket": bucket, "Key": "k"}
    assert refused(s3.put_object, **there, ServerSideEncryption="AES256", SSEKMSKeyId=key) == (
        "InvalidArgument",
        400,
    )
    assert refused(s3.put_object, **there, SSEKMSKeyId=key) == ("InvalidArgument", 400)
    assert refused(s3.put_object, **there, ServerSideEncryption="aws:kms:dsse") == (
        "NotImplemented",
        501,
    )
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    for call in (s3.put_object, s3.get_object, s3.create_multipart_upload):
        assert refused(call, **there, **customer)[0] == "NotImplemented"
    absent = key[:-4] + ("0000" if key[-4:] != "0000" else "1111")
    for name in (absent, "alias/absent"):
        assert refused(
            s3.put_object, **there, ServerSideEncryption="aws:kms", SSEKMSKeyId=name
        ) == ("KMS.NotFoundException", 400)


def test_a_key_that_is_disabled_or_deleted_opens_nothing(s3, kms, bucket, key):
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 100_000, **asked)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", **asked)["UploadId"]
    part = {"Bucket": bucket, "Key": "m", "UploadId": upload, "PartNumber": 1, "Body": b"x"}
    kms.disable_key(KeyId=key)
    disabled = ("KMS.DisabledException", 400)
    assert refused(s3.get_object, Bucket=bucket, Key="k") == disabled
    assert refused(s3.put_object, Bucket=bucket, Key="k2", **asked) == disabled
    assert refused(s3.upload_part, **part) == disabled
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 100_000
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(s3.get_object, Bucket=bucket, Key="k") == ("KMS.KMSInvalidStateException", 400)
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert content(s3, bucket, "k") == b"x" * 100_000
    s3.upload_part(**part)


def test_who_may_use_the_object_must_be_allowed_the_key_too(s3, server, client, bucket, key):
    """SSE-KMS asks KMS on the caller's behalf; SSE-S3 and the managed key serve all who may read."""

    def caller(*actions):
        allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        keys = client("sts").get_federation_token(
            Name="bob", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        )["Credentials"]
        return boto3.session.Session().client(
            "s3",
            region_name="us-west-2",
            endpoint_url=server.endpoint_url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket=bucket, Key="kms", Body=b"x", **by_key)
    s3.put_object(Bucket=bucket, Key="managed", Body=b"x", ServerSideEncryption="aws:kms")
    s3.put_object(Bucket=bucket, Key="s3", Body=b"x")
    reader = caller("s3:*")
    denied = ("AccessDenied", 403)
    assert refused(reader.get_object, Bucket=bucket, Key="kms") == denied
    assert refused(reader.put_object, Bucket=bucket, Key="new", **by_key) == denied
    assert content(reader, bucket, "managed") == content(reader, bucket, "s3") == b"x"
    both = caller("s3:*", "kms:Decrypt")
    assert content(both, bucket, "kms") == b"x"
    assert refused(both.put_object, Bucket=bucket, Key="new", **by_key) == denied
    caller("s3:*", "kms:GenerateDataKey").put_object(Bucket=bucket, Key="new", **by_key)


# --- ranges, parts, copies ---


def test_ranges_of_a_sealed_object(s3, bucket, key):
    body = os.urandom(MIB + 12_345)
    s3.put_object(
        Bucket=bucket, Key="k", Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    for first, last in [(0, 0), (65_535, 65_536), (100, 200_000), (MIB, MIB + 12_344)]:
        got = content(s3, bucket, "k", Range=f"bytes={first}-{last}")
        assert got == body[first : last + 1]


def test_parts_of_an_upload_are_sealed(s3, bucket, key):
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    there = {"Bucket": bucket, "Key": "m"}
    made = s3.create_multipart_upload(**there, **asked)
    assert {name: made[name] for name in asked} == asked
    bodies = [os.urandom(5 * MIB), os.urandom(777)]
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(**there, UploadId=made["UploadId"], PartNumber=number, Body=body)
        assert {name: sent[name] for name in asked} == asked
        assert sent["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    done = s3.complete_multipart_upload(
        **there, UploadId=made["UploadId"], MultipartUpload={"Parts": parts}
    )
    assert done["SSEKMSKeyId"] == key and done["ETag"].endswith('-2"')
    assert content(s3, bucket, "m") == b"".join(bodies)
    assert content(s3, bucket, "m", PartNumber=2) == bodies[1]


def test_a_copy_is_encrypted_as_asked_not_as_its_source(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    source = {"Bucket": bucket, "Key": "k"}
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    sealed = s3.copy_object(Bucket=bucket, Key="k", CopySource=source, **asked)
    assert {name: sealed[name] for name in asked} == asked
    back = s3.copy_object(Bucket=bucket, Key="k2", CopySource=source)
    assert back["ServerSideEncryption"] == "AES256"
    assert content(s3, bucket, "k") == content(s3, bucket, "k2") == b"content"


# --- a bucket's default ---


def test_the_default_of_a_bucket(s3, bucket, key):
    def rule(**usual):
        return {"Rules": [{"ApplyServerSideEncryptionByDefault": usual, "BucketKeyEnabled": True}]}

    def current():
        answer = s3.get_bucket_encryption(Bucket=bucket)
        return answer["ServerSideEncryptionConfiguration"]["Rules"][0]

    usual = {"SSEAlgorithm": "AES256"}
    assert current() == {"ApplyServerSideEncryptionByDefault": usual, "BucketKeyEnabled": False}
    by_kms = rule(SSEAlgorithm="aws:kms", KMSMasterKeyID=key)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=by_kms)
    assert current() == by_kms["Rules"][0]
    made = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert (made["SSEKMSKeyId"], made["BucketKeyEnabled"]) == (key, True)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")
    assert upload["SSEKMSKeyId"] == key
    s3.abort_multipart_upload(Bucket=bucket, Key="m", UploadId=upload["UploadId"])
    asked = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")
    assert asked["ServerSideEncryption"] == "AES256"
    s3.delete_bucket_encryption(Bucket=bucket)
    assert current()["ApplyServerSideEncryptionByDefault"] == usual
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ServerSideEncryption"] == "AES256"
    for wrong, code in [
        (rule(SSEAlgorithm="AES256", KMSMasterKeyID=key), ("InvalidArgument", 400)),
        (rule(SSEAlgorithm="aws:kms:dsse"), ("NotImplemented", 501)),
        ({"Rules": []}, ("MalformedXML", 400)),
    ]:
        assert (
            refused(
                s3.put_bucket_encryption,
                Bucket=bucket,
                ServerSideEncryptionConfiguration=wrong,
            )
            == code
        )


def test_the_command_line_copies_under_kms(aws_cli, s3, bucket, key, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(9 * MIB))
    target = f"s3://{bucket}/file"
    aws_cli("s3", "cp", path, target, "--sse", "aws:kms", "--sse-kms-key-id", key)
    assert s3.head_object(Bucket=bucket, Key="file")["SSEKMSKeyId"] == key
    aws_cli("s3", "cp", target, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == path.read_bytes()


# --- the disk ---


def test_no_plaintext_below_the_data_directory_and_no_flipped_bit_passes(tmp_path):
    server = TarnServer(tmp_path / "own", arguments=("--no-sessions",)).start()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="own", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    mark = b"a sentence that nobody else would write"
    small = mark * 10
    large = mark + os.urandom(MIB) + mark * 5_000
    samples = set((server.data_dir / "s3").rglob("*"))
    for name, asked in [("s3", "AES256"), ("kms", "aws:kms")]:
        for size, body in [("small", small), ("large", large)]:
            s3.put_object(Bucket="own", Key=f"{name}-{size}", Body=body, ServerSideEncryption=asked)
    server.stop()
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if mark in path.read_bytes()]
    there = set((server.data_dir / "s3").rglob("*")) - samples
    bodies = [path for path in there if path.is_file()]
    assert len(bodies) == 2
    for path in bodies:
        sealed = bytearray(path.read_bytes())
        sealed[500_000] ^= 1
        path.write_bytes(sealed)
    server.start()
    s3 = server.client("s3")
    for name in ("s3", "kms"):
        assert content(s3, "own", f"{name}-small") == small
        assert content(s3, "own", f"{name}-large", Range="bytes=0-9999") == large[:10_000]
        assert refused(
            s3.get_object, Bucket="own", Key=f"{name}-large", Range="bytes=490000-510000"
        ) == ("InternalError", 500)
    server.close()
