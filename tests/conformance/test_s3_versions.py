"""S3 versioning and tags through boto3 and the AWS CLI."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

WEST = {"LocationConstraint": "us-west-2"}


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def error_of(call, **arguments) -> dict:
    """The whole answer of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


def refused(call, **arguments) -> tuple[str, int]:
    answer = error_of(call, **arguments)
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def version_ids(s3, bucket, **arguments) -> list[str]:
    return [v["VersionId"] for v in s3.list_object_versions(Bucket=bucket, **arguments)["Versions"]]


# --- versions ---


def test_versioning_is_off_then_on_then_suspended(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for status in ("Enabled", "Suspended", "Enabled"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status
    assert refused(
        s3.put_bucket_versioning,
        Bucket=bucket,
        MFA="serial 123456",
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
    ) == ("NotImplemented", 501)
    assert refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={}) == (
        "IllegalVersioningConfigurationException",
        400,
    )


def test_every_version_is_read_by_its_id(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    two = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    assert one != two
    for version, body in ((one, b"one"), (two, b"two"), ("null", b"before")):
        got = s3.get_object(Bucket=bucket, Key="k", VersionId=version)
        assert (got["Body"].read(), got["VersionId"]) == (body, version)
        assert s3.head_object(Bucket=bucket, Key="k", VersionId=version)["VersionId"] == version
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == two
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(v["VersionId"], v["IsLatest"]) for v in listed] == [
        (two, True),
        (one, False),
        ("null", False),
    ]
    assert refused(s3.get_object, Bucket=bucket, Key="x", VersionId=one) == ("NoSuchVersion", 404)
    assert refused(s3.get_object, Bucket=bucket, Key="k", VersionId="x") == ("InvalidArgument", 400)


def test_a_delete_marker_answers_404_and_its_version_405(s3, versioned):
    there = {"Bucket": versioned, "Key": "k"}
    one = s3.put_object(**there, Body=b"one")["VersionId"]
    deleted = s3.delete_object(**there)
    assert deleted["DeleteMarker"] is True
    marker = deleted["VersionId"]
    gone = error_of(s3.get_object, **there)
    headers = gone["ResponseMetadata"]["HTTPHeaders"]
    assert gone["Error"]["Code"] == "NoSuchKey"
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
    head = error_of(s3.head_object, **there)["ResponseMetadata"]
    assert (head["HTTPStatusCode"], head["HTTPHeaders"]["x-amz-delete-marker"]) == (404, "true")
    asked = error_of(s3.get_object, **there, VersionId=marker)
    headers = asked["ResponseMetadata"]["HTTPHeaders"]
    assert asked["Error"]["Code"] == "MethodNotAllowed"
    assert asked["ResponseMetadata"]["HTTPStatusCode"] == 405
    assert (headers["x-amz-delete-marker"], headers["allow"]) == ("true", "DELETE")
    assert refused(s3.head_object, **there, VersionId=marker) == ("405", 405)
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    (entry,) = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    assert (entry["Key"], entry["VersionId"], entry["IsLatest"]) == ("k", marker, True)
    assert s3.get_object(**there, VersionId=one)["Body"].read() == b"one"
    # Removing the marker brings the object back; removing a version is for good.
    undone = s3.delete_object(**there, VersionId=marker)
    assert (undone["DeleteMarker"], undone["VersionId"]) == (True, marker)
    assert s3.get_object(**there)["Body"].read() == b"one"
    removed = s3.delete_object(**there, VersionId=one)
    assert removed["VersionId"] == one and "DeleteMarker" not in removed
    assert refused(s3.get_object, **there) == ("NoSuchKey", 404)
    s3.delete_bucket(Bucket=versioned)


def test_many_deletes_name_versions_and_markers(s3, versioned):
    one = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="b", Body=b"2")
    asked = [{"Key": "a", "VersionId": one}, {"Key": "b"}, {"Key": "c", "VersionId": "bad"}]
    done = s3.delete_objects(Bucket=versioned, Delete={"Objects": asked})
    a, b = sorted(done["Deleted"], key=lambda d: d["Key"])
    assert a == {"Key": "a", "VersionId": one}
    assert b["DeleteMarker"] is True and "VersionId" not in b
    (error,) = done["Errors"]
    assert (error["Key"], error["Code"]) == ("c", "InvalidArgument")
    marker = b["DeleteMarkerVersionId"]
    undone = s3.delete_objects(
        Bucket=versioned, Delete={"Objects": [{"Key": "b", "VersionId": marker}]}
    )
    assert undone["Deleted"] == [
        {"Key": "b", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    ]
    assert s3.get_object(Bucket=versioned, Key="b")["Body"].read() == b"2"


def test_a_suspended_bucket_writes_null_versions(s3, versioned):
    there = {"Bucket": versioned, "Key": "k"}
    one = s3.put_object(**there, Body=b"one")["VersionId"]
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(**there, Body=b"two")["VersionId"] == "null"
    assert s3.put_object(**there, Body=b"three")["VersionId"] == "null"
    assert version_ids(s3, versioned) == ["null", one]
    deleted = s3.delete_object(**there)
    assert (deleted["VersionId"], deleted["DeleteMarker"]) == ("null", True)
    assert version_ids(s3, versioned) == [one]


def test_old_versions_are_copied_and_brought_back(s3, versioned):
    there = {"Bucket": versioned, "Key": "k"}
    one = s3.put_object(**there, Body=b"one")["VersionId"]
    s3.put_object(**there, Body=b"two")
    marker = s3.delete_object(**there)["VersionId"]
    assert refused(s3.copy_object, **there, CopySource={**there, "VersionId": marker}) == (
        "InvalidRequest",
        400,
    )
    copied = s3.copy_object(**there, CopySource={**there, "VersionId": one})
    assert copied["CopySourceVersionId"] == one
    got = s3.get_object(**there)
    assert (got["Body"].read(), got["VersionId"]) == (b"one", copied["VersionId"])
    upload = s3.create_multipart_upload(Bucket=versioned, Key="m")["UploadId"]
    part = s3.upload_part_copy(
        Bucket=versioned,
        Key="m",
        UploadId=upload,
        PartNumber=1,
        CopySource={**there, "VersionId": one},
    )
    assert part["CopySourceVersionId"] == one
    parts = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    done = s3.complete_multipart_upload(
        Bucket=versioned, Key="m", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert s3.head_object(Bucket=versioned, Key="m")["VersionId"] == done["VersionId"]


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_of_versions_join_to_the_whole(s3, versioned, size, delimiter):
    for key in ("a", "a", "b/1", "b/2", "c", "a", "c"):
        s3.put_object(Bucket=versioned, Key=key, Body=b"")
    s3.delete_object(Bucket=versioned, Key="a")
    whole = s3.list_object_versions(Bucket=versioned, Delimiter=delimiter)
    found = {"Versions": [], "DeleteMarkers": [], "CommonPrefixes": []}
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, Delimiter=delimiter, PaginationConfig={"PageSize": size}
    )
    for page in pages:
        for name, entries in found.items():
            entries += page.get(name, [])
    for name, entries in found.items():
        assert entries == whole.get(name, []), name
    assert len(found["Versions"]) == (5 if delimiter else 7)
    only = s3.list_object_versions(Bucket=versioned, Prefix="b/")
    assert [v["Key"] for v in only["Versions"]] == ["b/1", "b/2"]
    assert refused(s3.list_object_versions, Bucket=versioned, VersionIdMarker="null") == (
        "InvalidArgument",
        400,
    )


def test_conditional_writes_see_a_deleted_key_as_absent(s3, versioned):
    there = {"Bucket": versioned, "Key": "k"}
    etag = s3.put_object(**there, Body=b"1")["ETag"]
    assert refused(s3.put_object, **there, Body=b"2", IfNoneMatch="*")[0] == "PreconditionFailed"
    s3.delete_object(**there)
    assert refused(s3.put_object, **there, Body=b"2", IfMatch=etag)[0] == "NoSuchKey"
    s3.put_object(**there, Body=b"2", IfNoneMatch="*")


def test_versions_survive_a_kill(fresh_server):
    s3 = fresh_server.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=WEST)
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    made = [
        s3.put_object(Bucket="bucket", Key="k", Body=bytes([i]) * 20_000)["VersionId"]
        for i in range(5)
    ]
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    fresh_server.kill9()
    fresh_server.restart()
    s3 = fresh_server.client("s3")
    assert version_ids(s3, "bucket") == made[::-1]
    assert s3.list_object_versions(Bucket="bucket")["DeleteMarkers"][0]["VersionId"] == marker
    for i, version in enumerate(made):
        got = s3.get_object(Bucket="bucket", Key="k", VersionId=version)["Body"].read()
        assert got == bytes([i]) * 20_000


def test_the_cli_lists_and_restores_versions(aws_cli, s3, versioned):
    s3.put_object(Bucket=versioned, Key="k", Body=b"one")
    aws_cli("s3", "rm", f"s3://{versioned}/k")
    assert aws_cli("s3", "ls", f"s3://{versioned}", check=False).stdout == ""
    listed = aws_cli("s3api", "list-object-versions", "--bucket", versioned)
    marker = listed["DeleteMarkers"][0]["VersionId"]
    there = ("--bucket", versioned, "--key", "k")
    aws_cli("s3api", "delete-object", *there, "--version-id", marker)
    assert aws_cli("s3", "cp", f"s3://{versioned}/k", "-", check=False).stdout == "one"


# --- tags ---


def tags_of(s3, bucket, key, **arguments) -> dict:
    answer = s3.get_object_tagging(Bucket=bucket, Key=key, **arguments)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def tag_set(**tags) -> dict:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def test_tags_come_with_the_object_and_are_replaced(s3, bucket):
    there = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**there, Body=b"x", Tagging="team=a%20b&empty=")
    before = s3.head_object(**there)
    assert s3.get_object(**there)["TagCount"] == before["TagCount"] == 2
    assert tags_of(s3, bucket=bucket, key="k") == {"team": "a b", "empty": ""}
    s3.put_object_tagging(**there, Tagging=tag_set(stage="raw"))
    assert tags_of(s3, bucket, "k") == {"stage": "raw"}
    s3.delete_object_tagging(**there)
    after = s3.head_object(**there)
    assert tags_of(s3, bucket, "k") == {} and "TagCount" not in after
    assert (after["ETag"], after["LastModified"]) == (before["ETag"], before["LastModified"])
    assert refused(s3.get_object_tagging, Bucket=bucket, Key="no") == ("NoSuchKey", 404)


def test_tags_belong_to_a_version(s3, versioned):
    there = {"Bucket": versioned, "Key": "k"}
    one = s3.put_object(**there, Body=b"1", Tagging="n=1")["VersionId"]
    two = s3.put_object(**there, Body=b"2", Tagging="n=2")["VersionId"]
    assert (
        s3.put_object_tagging(**there, VersionId=one, Tagging=tag_set(n="old"))["VersionId"] == one
    )
    assert tags_of(s3, versioned, "k", VersionId=one) == {"n": "old"}
    assert tags_of(s3, versioned, "k") == {"n": "2"}
    assert s3.get_object_tagging(**there)["VersionId"] == two


def test_copies_and_uploads_carry_tags(s3, bucket):
    source = {"Bucket": bucket, "Key": "from"}
    s3.put_object(**source, Body=b"x", Tagging="a=1")
    s3.copy_object(Bucket=bucket, Key="same", CopySource=source)
    assert tags_of(s3, bucket, "same") == {"a": "1"}
    s3.copy_object(
        Bucket=bucket, Key="new", CopySource=source, TaggingDirective="REPLACE", Tagging="b=2"
    )
    assert tags_of(s3, bucket, "new") == {"b": "2"}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", Tagging="c=3")["UploadId"]
    etag = s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"")["ETag"]
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="m",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
    )
    assert tags_of(s3, bucket, "m") == {"c": "3"}


def test_limits_of_tags(s3, bucket):
    there = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**there, Body=b"x")
    ten = {f"k{i}": "v" for i in range(10)}
    s3.put_object_tagging(**there, Tagging=tag_set(**ten))
    eleven = tag_set(**ten, k10="v")
    assert refused(s3.put_object_tagging, **there, Tagging=eleven) == ("BadRequest", 400)
    twice = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}
    assert refused(s3.put_object_tagging, **there, Tagging=twice) == ("InvalidTag", 400)
    assert len(tags_of(s3, bucket, "k")) == 10
    assert refused(s3.put_object, **there, Body=b"", Tagging="aws:a=1") == ("InvalidTag", 400)


def test_buckets_have_tags(s3, bucket, unique):
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tag_set(owner="me"))
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "owner", "Value": "me"}]
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    made = unique("tagged")
    configuration = {**WEST, "Tags": [{"Key": "a", "Value": "b"}]}
    s3.create_bucket(Bucket=made, CreateBucketConfiguration=configuration)
    assert s3.get_bucket_tagging(Bucket=made)["TagSet"] == [{"Key": "a", "Value": "b"}]
    fifty = tag_set(**{f"k{i}": "v" for i in range(50)})
    s3.put_bucket_tagging(Bucket=made, Tagging=fifty)
    one_more = {"TagSet": [*fifty["TagSet"], {"Key": "k50", "Value": "v"}]}
    assert refused(s3.put_bucket_tagging, Bucket=made, Tagging=one_more) == ("BadRequest", 400)
