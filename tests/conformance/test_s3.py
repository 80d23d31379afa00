"""S3 buckets and objects through boto3: each action, each condition, each refusal."""

from __future__ import annotations

import base64
import datetime
import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError


def refused(call, **arguments) -> tuple[str, int]:
    """Code and HTTP status of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


# --- buckets ---


def test_a_bucket_is_made_listed_located_and_removed(s3, unique):
    name = unique("bucket")
    made = s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    assert made["Location"].endswith(name)
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-west-2"
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"
    assert name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert [b["Name"] for b in s3.list_buckets(Prefix=name)["Buckets"]] == [name]
    s3.delete_bucket(Bucket=name)
    assert refused(s3.head_bucket, Bucket=name) == ("404", 404)
    assert refused(s3.get_bucket_location, Bucket=name) == ("NoSuchBucket", 404)
    assert name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def test_buckets_page(s3, unique):
    prefix = unique("page")
    names = [f"{prefix}-{i}" for i in range(3)]
    for name in names:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    first = s3.list_buckets(Prefix=prefix, MaxBuckets=2)
    rest = s3.list_buckets(Prefix=prefix, ContinuationToken=first["ContinuationToken"])
    assert [b["Name"] for b in first["Buckets"] + rest["Buckets"]] == names


def test_bucket_errors_are_those_of_aws(s3, bucket, unique):
    west = {"LocationConstraint": "us-west-2"}
    again = refused(s3.create_bucket, Bucket=bucket, CreateBucketConfiguration=west)
    assert again == ("BucketAlreadyOwnedByYou", 409)
    nowhere = refused(s3.create_bucket, Bucket=unique("b"))
    assert nowhere == ("IllegalLocationConstraintException", 400)
    elsewhere = {"LocationConstraint": "eu-west-1"}
    assert refused(s3.create_bucket, Bucket=unique("b"), CreateBucketConfiguration=elsewhere) == (
        "IllegalLocationConstraintException",
        400,
    )
    for bad in ("Upper-Case", "192.168.1.1", "xn--abc", "a..b", "-ab", "abc-"):
        assert refused(s3.create_bucket, Bucket=bad, CreateBucketConfiguration=west) == (
            "InvalidBucketName",
            400,
        )
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
    assert refused(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner="999999999999") == (
        "403",
        403,
    )


# --- put and get ---


@pytest.mark.parametrize("size", [0, 1, 16384, 16385, 1 << 20, (3 << 20) + 7])
def test_an_object_comes_back_as_it_was_put(s3, bucket, size):
    body = bytes(i * 7 % 251 for i in range(4096)) * (size // 4096 + 1)
    body = body[:size]
    put = s3.put_object(
        Bucket=bucket,
        Key="dir/ключ +&=?.bin",
        Body=body,
        ContentType="text/x-test",
        CacheControl="max-age=5",
        ContentDisposition="attachment",
        ContentLanguage="de",
        ContentEncoding="identity",
        StorageClass="STANDARD_IA",
        Metadata={"colour": "blue", "Mixed-Case": "kept"},
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="dir/ключ +&=?.bin")
    assert got["Body"].read() == body
    head = s3.head_object(Bucket=bucket, Key="dir/ключ +&=?.bin")
    for answer in (got, head):
        assert answer["ETag"] == put["ETag"]
        assert answer["ContentLength"] == size
        assert answer["ContentType"] == "text/x-test"
        assert answer["CacheControl"] == "max-age=5"
        assert answer["ContentDisposition"] == "attachment"
        assert answer["ContentLanguage"] == "de"
        assert answer["ContentEncoding"] == "identity"
        assert answer["StorageClass"] == "STANDARD_IA"
        assert answer["Metadata"] == {"colour": "blue", "mixed-case": "kept"}
        age = datetime.datetime.now(datetime.UTC) - answer["LastModified"]
        assert abs(age.total_seconds()) < 60


def test_a_directory_marker_is_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b/", Body=b"")
    assert s3.head_object(Bucket=bucket, Key="a/b/")["ContentLength"] == 0
    assert refused(s3.head_object, Bucket=bucket, Key="a/b") == ("404", 404)


def test_absent_things_are_named(s3, bucket):
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="absent")
    assert caught.value.response["Error"] == {
        "Code": "NoSuchKey",
        "Message": "The specified key does not exist.",
        "Key": "absent",
    }
    assert refused(s3.get_object, Bucket=bucket + "-no", Key="k") == ("NoSuchBucket", 404)
    assert refused(s3.put_object, Bucket=bucket + "-no", Key="k", Body=b"") == (
        "NoSuchBucket",
        404,
    )


def test_ranges(s3, bucket):
    body = bytes(range(256)) * 1000
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    for header, first, last in [
        ("bytes=0-0", 0, 0),
        ("bytes=5-9", 5, 9),
        ("bytes=255990-", 255990, 255999),
        ("bytes=-10", 255990, 255999),
        ("bytes=-999999", 0, 255999),
        ("bytes=255000-999999", 255000, 255999),
    ]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["Body"].read() == body[first : last + 1], header
        assert got["ContentRange"] == f"bytes {first}-{last}/{len(body)}"
    whole = s3.get_object(Bucket=bucket, Key="k", Range="lines=1-2")
    assert whole["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert len(whole["Body"].read()) == len(body)
    for header in ("bytes=256000-", "bytes=-0"):
        assert refused(s3.get_object, Bucket=bucket, Key="k", Range=header) == (
            "InvalidRange",
            416,
        )
    assert refused(s3.get_object, Bucket=bucket, Key="k", PartNumber=2) == (
        "InvalidPartNumber",
        416,
    )
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=1)["Body"].read() == body


def test_conditional_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    for call in (s3.get_object, s3.head_object):
        named = call == s3.get_object
        there = {"Bucket": bucket, "Key": "k"}
        call(**there, IfMatch=etag)
        call(**there, IfNoneMatch='"other"')
        call(**there, IfModifiedSince=long_ago)
        call(**there, IfUnmodifiedSince=now)
        assert refused(call, **there, IfNoneMatch=etag) == ("304", 304)
        assert refused(call, **there, IfModifiedSince=now) == ("304", 304)
        failed = ("PreconditionFailed" if named else "412", 412)
        assert refused(call, **there, IfMatch='"other"') == failed
        assert refused(call, **there, IfUnmodifiedSince=long_ago) == failed
        # RFC 9110: If-Match outranks If-Unmodified-Since.
        call(**there, IfMatch=etag, IfUnmodifiedSince=long_ago)


def test_response_headers_can_be_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    got = s3.get_object(
        Bucket=bucket,
        Key="k",
        ResponseContentType="text/html",
        ResponseContentDisposition="inline",
        ResponseCacheControl="no-store",
    )
    assert got["ContentType"] == "text/html"
    assert got["ContentDisposition"] == "inline"
    assert got["CacheControl"] == "no-store"


def test_conditional_writes(s3, bucket):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == (
        "PreconditionFailed",
        412,
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"4", IfMatch=first["ETag"]) == (
        "PreconditionFailed",
        412,
    )
    assert refused(s3.put_object, Bucket=bucket, Key="no", Body=b"", IfMatch='"x"') == (
        "NoSuchKey",
        404,
    )
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_of_racing_first_writes_one_wins(s3, bucket):
    def put(number):
        try:
            s3.put_object(Bucket=bucket, Key="k", Body=bytes([number]) * 20_000, IfNoneMatch="*")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return number

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(put, range(8)))
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
    lost = set(outcomes) - {winner}
    assert lost <= {"PreconditionFailed", "ConditionalRequestConflict"}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read()[0] == winner


# --- checksums ---


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


@pytest.mark.parametrize(
    "algorithm",
    ["CRC32", "SHA1", "SHA256"],
)
def test_a_checksum_is_kept_and_given_back(s3, bucket, algorithm):
    body = b"checked" * 5000
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    expected = {
        "CRC32": crc32(body),
        "SHA1": base64.b64encode(hashlib.sha1(body).digest()).decode(),
        "SHA256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }[algorithm]
    member = f"Checksum{algorithm}"
    assert put[member] == expected
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[member] == expected
    assert got["ChecksumType"] == "FULL_OBJECT"
    assert got["Body"].read() == body  # botocore checks it too
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[member] == expected
    (listed,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert listed["ChecksumAlgorithm"] == [algorithm]


def test_without_one_the_object_gets_crc64nvme(client, bucket):
    plain = client("s3", request_checksum_calculation="when_required")
    put = plain.put_object(Bucket=bucket, Key="k", Body=b"123456789")
    assert put["ChecksumCRC64NVME"] == "rosUhgp5mIg="


def test_wrong_checksums_are_refused_and_change_nothing(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    for arguments, code in [
        ({"ChecksumCRC32": crc32(b"other")}, "BadDigest"),
        (
            {"ChecksumSHA256": base64.b64encode(hashlib.sha256(b"other").digest()).decode()},
            "BadDigest",
        ),
        ({"ChecksumCRC32C": "AAAAAA=="}, "BadDigest"),
        ({"ChecksumCRC64NVME": "AAAAAAAAAAA="}, "BadDigest"),
        ({"ContentMD5": base64.b64encode(hashlib.md5(b"other").digest()).decode()}, "BadDigest"),
        ({"ContentMD5": "bm8="}, "InvalidDigest"),
        ({"ChecksumCRC32": "bm8="}, "InvalidRequest"),
    ]:
        assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"after", **arguments) == (
            code,
            400,
        )
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"before"


# --- copy ---


def test_a_copy_takes_the_headers_along_or_replaces_them(s3, bucket):
    body = b"copied" * 10000
    s3.put_object(Bucket=bucket, Key="from /ü", Body=body, ContentType="a/b", Metadata={"m": "1"})
    copied = s3.copy_object(
        Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from /ü"}
    )
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="to")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (body, "a/b", {"m": "1"})
    s3.copy_object(
        Bucket=bucket,
        Key="to",
        CopySource=f"{bucket}/to",
        MetadataDirective="REPLACE",
        Metadata={"n": "2"},
        ContentType="c/d",
    )
    head = s3.head_object(Bucket=bucket, Key="to")
    assert (head["ContentType"], head["Metadata"]) == ("c/d", {"n": "2"})
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == body


def test_copy_conditions_and_errors(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="from", Body=b"x")["ETag"]
    source = {"Bucket": bucket, "Key": "from"}
    s3.copy_object(Bucket=bucket, Key="to", CopySource=source, CopySourceIfMatch=etag)
    assert refused(
        s3.copy_object, Bucket=bucket, Key="to", CopySource=source, CopySourceIfMatch='"no"'
    ) == ("PreconditionFailed", 412)
    assert refused(
        s3.copy_object, Bucket=bucket, Key="to", CopySource=source, CopySourceIfNoneMatch=etag
    ) == ("PreconditionFailed", 412)
    assert refused(s3.copy_object, Bucket=bucket, Key="from", CopySource=source) == (
        "InvalidRequest",
        400,
    )
    assert refused(s3.copy_object, Bucket=bucket, Key="to", CopySource=f"{bucket}/no") == (
        "NoSuchKey",
        404,
    )
    assert refused(s3.copy_object, Bucket=bucket, Key="to", CopySource=source, IfNoneMatch="*") == (
        "PreconditionFailed",
        412,
    )


# --- delete ---


def test_deletes(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    assert refused(s3.delete_object, Bucket=bucket, Key="k", IfMatch='"no"') == (
        "PreconditionFailed",
        412,
    )
    s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    s3.delete_object(Bucket=bucket, Key="k")  # absent is no error
    assert refused(s3.head_object, Bucket=bucket, Key="k") == ("404", 404)


def test_many_deletes_at_once(s3, bucket):
    keys = [f"k{i}" for i in range(20)] + ["<&>\"'"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    asked = [{"Key": key} for key in keys] + [{"Key": "absent"}]
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": asked})
    assert sorted(d["Key"] for d in done["Deleted"]) == sorted([*keys, "absent"])
    assert "Errors" not in done
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="b", Body=b"x")
    quiet = s3.delete_objects(
        Bucket=bucket,
        Delete={"Objects": [{"Key": "a"}, {"Key": "b", "ETag": '"no"'}], "Quiet": True},
    )
    assert "Deleted" not in quiet
    (error,) = quiet["Errors"]
    assert (error["Key"], error["Code"]) == ("b", "PreconditionFailed")
    too_many = [{"Key": str(i)} for i in range(1001)]
    assert refused(s3.delete_objects, Bucket=bucket, Delete={"Objects": too_many}) == (
        "MalformedXML",
        400,
    )


# --- lists ---


@pytest.fixture
def tree(s3, bucket):
    """A bucket with keys whose order and grouping are telling."""
    for key in ("a", "a/1", "a/2", "a/b/3", "a0", "b c+d", "z/", "ä"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    return bucket


def test_lists(s3, tree):
    page = s3.list_objects_v2(Bucket=tree)
    assert [o["Key"] for o in page["Contents"]] == [
        "a",
        "a/1",
        "a/2",
        "a/b/3",
        "a0",
        "b c+d",
        "z/",
        "ä",
    ]
    assert page["KeyCount"] == 8
    assert page["IsTruncated"] is False
    assert page["Contents"][0]["Size"] == 5
    assert page["Contents"][0]["StorageClass"] == "STANDARD"
    assert "Owner" not in page["Contents"][0]
    owned = s3.list_objects_v2(Bucket=tree, FetchOwner=True)["Contents"][0]["Owner"]["ID"]
    assert owned
    folders = s3.list_objects_v2(Bucket=tree, Delimiter="/")
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["a/", "z/"]
    assert [o["Key"] for o in folders["Contents"]] == ["a", "a0", "b c+d", "ä"]
    inner = s3.list_objects_v2(Bucket=tree, Prefix="a/", Delimiter="/")
    assert [p["Prefix"] for p in inner["CommonPrefixes"]] == ["a/b/"]
    assert [o["Key"] for o in inner["Contents"]] == ["a/1", "a/2"]
    after = s3.list_objects_v2(Bucket=tree, StartAfter="a0")
    assert [o["Key"] for o in after["Contents"]] == ["b c+d", "z/", "ä"]
    assert s3.list_objects_v2(Bucket=tree, Prefix="no")["KeyCount"] == 0
    assert s3.list_objects_v2(Bucket=tree, MaxKeys=0)["KeyCount"] == 0


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_join_to_the_whole(s3, tree, operation, delimiter, size):
    found = []
    pages = s3.get_paginator(operation).paginate(
        Bucket=tree, Delimiter=delimiter, PaginationConfig={"PageSize": size}
    )
    for page in pages:
        found += [o["Key"] for o in page.get("Contents", [])]
        found += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    expected = ["a", "a/1", "a/2", "a/b/3", "a0", "b c+d", "z/", "ä"]
    if delimiter:
        expected = ["a", "a/", "a0", "b c+d", "z/", "ä"]
    assert sorted(found) == sorted(expected)


def test_a_list_shows_every_write_at_once(s3, bucket):
    for i in range(50):
        s3.put_object(Bucket=bucket, Key=f"k{i}", Body=b"")
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == i + 1


def test_wrong_list_arguments(s3, bucket):
    assert refused(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1) == ("InvalidArgument", 400)
    assert refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="?") == (
        "InvalidArgument",
        400,
    )
    assert refused(s3.list_objects_v2, Bucket=bucket + "-no") == ("NoSuchBucket", 404)


# --- what is not there says so ---


def test_what_is_not_implemented_is_named(s3, bucket):
    there = {"Bucket": bucket, "Key": "k", "Body": b""}
    assert refused(s3.put_object, **there, ServerSideEncryption="aws:kms:dsse") == (
        "NotImplemented",
        501,
    )
    assert refused(s3.put_object, **there, ObjectLockLegalHoldStatus="ON") == (
        "NotImplemented",
        501,
    )
    assert refused(s3.put_object, **there, ACL="public-read") == (
        "AccessControlListNotSupported",
        400,
    )
    with pytest.raises(ClientError, match="RestoreObject") as caught:
        s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 1})
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_limits_of_keys_and_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k" * 1024, Body=b"")
    assert refused(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"") == (
        "KeyTooLongError",
        400,
    )
    s3.put_object(Bucket=bucket, Key="m", Body=b"", Metadata={"a": "b" * 2047})
    assert refused(s3.put_object, Bucket=bucket, Key="m", Body=b"", Metadata={"a": "b" * 2048}) == (
        "MetadataTooLarge",
        400,
    )


# --- durability ---


def test_acknowledged_objects_survive_a_kill(fresh_server):
    s3 = fresh_server.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    bodies = {f"k{i}": bytes([i]) * (i * 10_000 + 1) for i in range(30)}
    for key, body in bodies.items():
        s3.put_object(Bucket="bucket", Key=key, Body=body)
    upload = s3.create_multipart_upload(Bucket="bucket", Key="m")["UploadId"]
    etag = s3.upload_part(Bucket="bucket", Key="m", UploadId=upload, PartNumber=1, Body=b"part")[
        "ETag"
    ]
    fresh_server.kill9()
    fresh_server.restart()
    s3 = fresh_server.client("s3")
    for key, body in bodies.items():
        assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == body
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="m", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket="bucket", Key="m")["Body"].read() == b"part"


def test_a_flipped_bit_on_disk_is_an_error_never_data(fresh_server):
    s3 = fresh_server.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    samples = set((fresh_server.data_dir / "s3").rglob("*"))
    s3.put_object(Bucket="bucket", Key="k", Body=b"x" * 200_000)
    (body,) = [p for p in set((fresh_server.data_dir / "s3").rglob("*")) - samples if p.is_file()]
    data = bytearray(body.read_bytes())
    data[100_000] ^= 1
    body.write_bytes(data)
    assert refused(s3.get_object, Bucket="bucket", Key="k") == ("InternalError", 500)
