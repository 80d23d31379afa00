"""S3 multipart uploads through boto3."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

PART = 5 << 20


def refused(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def begin(s3, bucket, key="k", **arguments) -> dict:
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **arguments)
    return {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}


def part(s3, upload, number, body, **arguments) -> dict:
    sent = s3.upload_part(**upload, PartNumber=number, Body=body, **arguments)
    return {"PartNumber": number, "ETag": sent["ETag"]}


def complete(s3, upload, parts, **arguments):
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **arguments)


def noise(size: int, seed: int = 1) -> bytes:
    block = hashlib.sha512(bytes([seed])).digest() * 16
    return (block * (size // len(block) + 1))[:size]


def test_a_hundred_megabytes_by_the_transfer_of_boto3(s3, bucket):
    body = b"".join(noise(1 << 20, i) for i in range(100))
    s3.upload_fileobj(
        io.BytesIO(body), bucket, "large", Config=TransferConfig(multipart_chunksize=8 << 20)
    )
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body)
    digests = [hashlib.md5(body[i : i + (8 << 20)]).digest() for i in range(0, len(body), 8 << 20)]
    whole = hashlib.md5(b"".join(digests)).hexdigest()
    assert head["ETag"] == f'"{whole}-{len(digests)}"'
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back)
    assert back.getvalue() == body
    middle = s3.get_object(
        Bucket=bucket, Key="large", Range=f"bytes={(8 << 20) - 3}-{(8 << 20) + 3}"
    )
    assert middle["Body"].read() == body[(8 << 20) - 3 : (8 << 20) + 4]


def test_parts_in_any_order_replaced_and_read_one_by_one(s3, bucket):
    upload = begin(s3, bucket, ContentType="a/b", Metadata={"m": "1"})
    two = part(s3, upload, 20, b"the end")
    part(s3, upload, 3, b"sent again below")
    one = part(s3, upload, 3, noise(PART))
    listed = s3.list_parts(**upload)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(3, PART), (20, 7)]
    assert [p["ETag"] for p in listed["Parts"]] == [one["ETag"], two["ETag"]]
    assert refused(s3.head_object, Bucket=bucket, Key="k") == ("404", 404)
    done = complete(s3, upload, [one, two])
    assert done["Location"].endswith(f"/{bucket}/k")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == noise(PART) + b"the end"
    assert (got["ContentType"], got["Metadata"]) == ("a/b", {"m": "1"})
    second = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert second["Body"].read() == b"the end"
    assert second["PartsCount"] == 2
    assert second["ContentRange"] == f"bytes {PART}-{PART + 6}/{PART + 7}"
    assert s3.head_object(Bucket=bucket, Key="k", PartNumber=1)["ContentLength"] == PART
    assert refused(s3.get_object, Bucket=bucket, Key="k", PartNumber=3) == (
        "InvalidPartNumber",
        416,
    )
    # A repeat of the completion gives the same object; another upload id does not.
    assert complete(s3, upload, [one, two])["ETag"] == done["ETag"]
    assert refused(s3.list_parts, **upload) == ("NoSuchUpload", 404)


def test_wrong_completions(s3, bucket):
    upload = begin(s3, bucket)
    small = part(s3, upload, 1, b"small")
    last = part(s3, upload, 2, b"last")
    for parts, code in [
        ([last, small], "InvalidPartOrder"),
        ([small, last], "EntityTooSmall"),
        ([{"PartNumber": 7, "ETag": last["ETag"]}], "InvalidPart"),
        ([{"PartNumber": 1, "ETag": last["ETag"]}], "InvalidPart"),
        ([], "MalformedXML"),
    ]:
        assert refused(
            s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts}
        ) == (code, 400)
    assert refused(s3.upload_part, **upload, PartNumber=0, Body=b"") == ("InvalidArgument", 400)
    assert refused(s3.upload_part, **upload, PartNumber=10_001, Body=b"") == (
        "InvalidArgument",
        400,
    )
    complete(s3, upload, [last])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"last"


def test_conditional_completion(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"there")
    upload = begin(s3, bucket)
    parts = [part(s3, upload, 1, b"x")]
    assert refused(
        s3.complete_multipart_upload,
        **upload,
        MultipartUpload={"Parts": parts},
        IfNoneMatch="*",
    ) == ("PreconditionFailed", 412)
    etag = s3.head_object(Bucket=bucket, Key="k")["ETag"]
    complete(s3, upload, parts, IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_composite_checksum(s3, bucket):
    upload = begin(s3, bucket, ChecksumAlgorithm="SHA256")
    bodies = [noise(PART), b"end"]
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append(
            {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]}
        )
    done = complete(s3, upload, parts)
    inner = b"".join(hashlib.sha256(body).digest() for body in bodies)
    expected = base64.b64encode(hashlib.sha256(inner).digest()).decode() + "-2"
    assert done["ChecksumSHA256"] == expected
    assert done["ChecksumType"] == "COMPOSITE"
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == expected


def test_a_full_object_checksum_of_parts(s3, bucket):
    upload = begin(s3, bucket, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    bodies = [noise(PART), b"end"]
    parts = [
        part(s3, upload, number, body, ChecksumAlgorithm="CRC32")
        for number, body in enumerate(bodies, 1)
    ]
    crc = zlib.crc32(b"".join(bodies)).to_bytes(4, "big")
    expected = base64.b64encode(crc).decode()
    wrong = {"ChecksumCRC32": "AAAAAA==", "ChecksumType": "FULL_OBJECT"}
    assert refused(
        s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts}, **wrong
    ) == ("BadDigest", 400)
    done = complete(s3, upload, parts, ChecksumCRC32=expected, ChecksumType="FULL_OBJECT")
    assert done["ChecksumCRC32"] == expected
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["ChecksumCRC32"] == expected
    assert got["Body"].read() == b"".join(bodies)


def test_parts_copied_from_an_object(s3, bucket):
    body = noise(2 * PART)
    s3.put_object(Bucket=bucket, Key="from", Body=body)
    upload = begin(s3, bucket)
    source = {"Bucket": bucket, "Key": "from"}
    ranges = [f"bytes=0-{PART - 1}", f"bytes={PART}-{2 * PART - 1}"]
    parts = []
    for number, stretch in enumerate(ranges, 1):
        copied = s3.upload_part_copy(
            **upload, PartNumber=number, CopySource=source, CopySourceRange=stretch
        )
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    assert refused(
        s3.upload_part_copy,
        **upload,
        PartNumber=3,
        CopySource=source,
        CopySourceRange=f"bytes=0-{2 * PART}",
    ) == ("InvalidArgument", 400)
    complete(s3, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    # Copying an object of parts gives a whole one, with the MD5 of its bytes.
    whole = s3.copy_object(Bucket=bucket, Key="whole", CopySource={"Bucket": bucket, "Key": "k"})
    assert whole["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


def test_uploads_are_listed_and_aborted(s3, bucket):
    uploads = [begin(s3, bucket, key) for key in ("a/1", "a/2", "b")]
    listed = s3.list_multipart_uploads(Bucket=bucket)
    assert [(u["Key"], u["UploadId"]) for u in listed["Uploads"]] == [
        (u["Key"], u["UploadId"]) for u in uploads
    ]
    folders = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["a/"]
    assert [u["Key"] for u in folders["Uploads"]] == ["b"]
    first = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1)
    rest = s3.list_multipart_uploads(
        Bucket=bucket,
        KeyMarker=first["NextKeyMarker"],
        UploadIdMarker=first["NextUploadIdMarker"],
    )
    assert [u["Key"] for u in rest["Uploads"]] == ["a/2", "b"]
    part(s3, uploads[0], 1, noise(PART))
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
    for upload in uploads:
        s3.abort_multipart_upload(**upload)
        assert refused(s3.abort_multipart_upload, **upload) == ("NoSuchUpload", 404)
        assert refused(s3.upload_part, **upload, PartNumber=1, Body=b"") == ("NoSuchUpload", 404)
    s3.delete_bucket(Bucket=bucket)
