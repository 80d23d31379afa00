"""What S3 buckets are set to, through boto3: CORS, lifecycle, public access, ownership, and the rest."""

from __future__ import annotations

import datetime
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

WEST = {"LocationConstraint": "us-west-2"}


def refused(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def wait_until(condition):
    """Until `condition` holds; the test's own time-out is the limit."""
    while not condition():
        time.sleep(0.05)


# --- CORS ---

CORS = {
    "CORSRules": [
        {
            "ID": "console",
            "AllowedOrigins": ["https://*.example.com"],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["x-amz-*", "content-type"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 300,
        },
        {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
    ]
}


def ask(url: str, method: str = "GET", **headers) -> tuple[int, dict, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=named)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_cors_is_kept(s3, bucket):
    assert refused(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == CORS["CORSRules"]
    s3.delete_bucket_cors(Bucket=bucket)
    assert refused(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)
    patch = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"]}]}
    assert refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=patch) == (
        "InvalidRequest",
        400,
    )


def test_a_preflight_needs_no_signature(server, s3, bucket):
    url = f"{server.endpoint_url}/{bucket}/k?X-Amz-Signature=whatever"
    page = "https://app.example.com"
    asked = {"Origin": page, "Access_Control_Request_Method": "PUT"}
    status, _, body = ask(url, "OPTIONS", **asked)
    assert status == 403 and b"AccessForbidden" in body and b"not enabled" in body
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    status, headers, body = ask(
        url, "OPTIONS", **asked, Access_Control_Request_Headers="Content-Type, x-amz-date"
    )
    assert (status, body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == page
    assert headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert headers["Access-Control-Allow-Headers"] == "content-type, x-amz-date"
    assert headers["Access-Control-Max-Age"] == "300"
    assert "Origin" in headers["Vary"]
    for wrong in (
        {**asked, "Origin": "https://example.org"},
        {**asked, "Access_Control_Request_Method": "DELETE"},
        {**asked, "Access_Control_Request_Headers": "authorization"},
    ):
        assert ask(url, "OPTIONS", **wrong)[0] == 403
    assert ask(url, "OPTIONS", Access_Control_Request_Method="PUT")[0] == 400
    assert ask(url, "OPTIONS", Origin=page)[0] == 400


def test_answers_to_pages_say_who_may_see_them(server, s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    status, headers, body = ask(url, Origin="https://app.example.com")
    assert (status, body) == (200, b"x")
    assert headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Access-Control-Allow-Origin" not in ask(url, Origin="https://example.org")[1]
    assert "Access-Control-Allow-Origin" not in ask(url)[1]
    # A refusal can be read by the page too.
    status, headers, _ = ask(f"{server.endpoint_url}/{bucket}/k", Origin="https://a.example.com")
    assert status == 403 and headers["Access-Control-Allow-Origin"] == "https://a.example.com"
    head = s3.generate_presigned_url("head_object", Params={"Bucket": bucket, "Key": "k"})
    assert ask(head, "HEAD", Origin="http://any")[1]["Access-Control-Allow-Origin"] == "*"


# --- lifecycle ---


def days(number: int, **more) -> dict:
    return {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": number},
        **more,
    }


def test_lifecycle_rules_are_kept(s3, aws_cli, bucket):
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == (
        "NoSuchLifecycleConfiguration",
        404,
    )
    rules = [
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {
                "And": {
                    "Prefix": "logs/",
                    "Tags": [{"Key": "a", "Value": "b"}],
                    "ObjectSizeGreaterThan": 10,
                }
            },
            "Expiration": {"Days": 30},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2},
        },
        {
            "ID": "parts",
            "Status": "Disabled",
            "Filter": {"Prefix": "x"},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    old = (
        '{"Rules": [{"ID": "old", "Prefix": "p", "Status": "Enabled", "Expiration": {"Days": 1}}]}'
    )
    aws_cli("s3api", "put-bucket-lifecycle", "--bucket", bucket, "--lifecycle-configuration", old)
    assert s3.get_bucket_lifecycle(Bucket=bucket)["Rules"][0]["ID"] == "old"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)[1] == 404


def test_lifecycle_rules_that_are_refused(s3, bucket):
    def put(rule):
        return refused(
            s3.put_bucket_lifecycle_configuration,
            Bucket=bucket,
            LifecycleConfiguration={"Rules": [rule]},
        )

    assert put(days(0)) == ("InvalidArgument", 400)
    moved = days(1, Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])
    assert put(moved) == ("NotImplemented", 501)
    assert put({"Status": "Enabled", "Filter": {}}) == ("InvalidRequest", 400)


def test_answers_say_when_an_object_goes(s3, bucket):
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [days(3, Filter={"Prefix": "tmp/"})]},
    )
    put = s3.put_object(Bucket=bucket, Key="tmp/k", Body=b"x")
    assert 'rule-id="r"' in put["Expiration"] and "00:00:00 GMT" in put["Expiration"]
    assert s3.head_object(Bucket=bucket, Key="tmp/k")["Expiration"] == put["Expiration"]
    assert s3.get_object(Bucket=bucket, Key="tmp/k")["Expiration"] == put["Expiration"]
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="k", Body=b"x")


def test_rules_whose_date_is_past_work_at_once(s3, bucket):
    for key in ("old/1", "old/2", "kept"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"Prefix": "old/"},
        "Expiration": {"Date": past},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    wait_until(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1)
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] == "kept"


# --- who may use it ---


def test_public_access_is_blocked_until_it_is_taken_away(s3, bucket):
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

    def block():
        return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    assert block() == dict.fromkeys(names, True)
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    assert block() == {**dict.fromkeys(names, False), "BlockPublicAcls": True}
    s3.delete_public_access_block(Bucket=bucket)
    assert refused(s3.get_public_access_block, Bucket=bucket) == (
        "NoSuchPublicAccessBlockConfiguration",
        404,
    )


def test_the_owner_has_the_one_acl_there_is(s3, bucket):
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    writer = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    assert refused(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=writer) == (
        "NotImplemented",
        501,
    )
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert refused(s3.get_bucket_ownership_controls, Bucket=bucket) == (
        "OwnershipControlsNotFoundError",
        404,
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
        (grant,) = acl["Grants"]
        assert grant["Permission"] == "FULL_CONTROL"
        assert grant["Grantee"] == {"ID": acl["Owner"]["ID"], "Type": "CanonicalUser"}
    assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == (
        "AccessControlListNotSupported",
        400,
    )
    assert refused(s3.put_object_acl, Bucket=bucket, Key="k", ACL="private") == (
        "AccessControlListNotSupported",
        400,
    )


# --- what a bucket has not ---


def test_settings_that_no_bucket_has(s3, bucket):
    here = {"Bucket": bucket}
    assert s3.get_bucket_request_payment(**here)["Payer"] == "BucketOwner"
    assert "LoggingEnabled" not in s3.get_bucket_logging(**here)
    assert "Status" not in s3.get_bucket_accelerate_configuration(**here)
    assert "TopicConfigurations" not in s3.get_bucket_notification_configuration(**here)
    for call, code in (
        (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
        (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
        (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
    ):
        assert refused(call, **here) == (code, 404)


def test_settings_that_are_refused_by_name(s3, bucket):
    here = {"Bucket": bucket}
    with pytest.raises(ClientError, match="PutBucketNotificationConfiguration") as caught:
        s3.put_bucket_notification_configuration(
            **here, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    lock = {"ObjectLockEnabled": "Enabled"}
    assert refused(s3.put_object_lock_configuration, **here, ObjectLockConfiguration=lock) == (
        "NotImplemented",
        501,
    )
    assert refused(
        s3.put_bucket_website, **here, WebsiteConfiguration={"IndexDocument": {"Suffix": "i"}}
    ) == ("NotImplemented", 501)


# --- attributes ---


def test_attributes_of_objects(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"123", ChecksumAlgorithm="SHA256")
    names = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    got = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=names)
    assert got["ETag"] == put["ETag"].strip('"')
    assert got["Checksum"]["ChecksumSHA256"] == put["ChecksumSHA256"]
    assert (got["ObjectSize"], got["StorageClass"]) == (3, "STANDARD")
    assert "ObjectParts" not in got
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", ChecksumAlgorithm="SHA256")
    there = {"Bucket": bucket, "Key": "m", "UploadId": upload["UploadId"]}
    parts = []
    for number, body in ((1, b"x" * (5 << 20)), (4, b"end")):
        sent = s3.upload_part(**there, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({k: sent[k] for k in ("ETag", "ChecksumSHA256")} | {"PartNumber": number})
    s3.complete_multipart_upload(**there, MultipartUpload={"Parts": parts})
    got = s3.get_object_attributes(Bucket=bucket, Key="m", ObjectAttributes=names, MaxParts=1)
    assert got["Checksum"]["ChecksumType"] == "COMPOSITE"
    assert got["ObjectParts"]["TotalPartsCount"] == 2
    assert got["ObjectParts"]["IsTruncated"] is True
    (first,) = got["ObjectParts"]["Parts"]
    assert (first["PartNumber"], first["Size"]) == (1, 5 << 20)
    assert first["ChecksumSHA256"] == parts[0]["ChecksumSHA256"]
    rest = s3.get_object_attributes(
        Bucket=bucket, Key="m", ObjectAttributes=["ObjectParts"], PartNumberMarker=1
    )
    assert [p["PartNumber"] for p in rest["ObjectParts"]["Parts"]] == [4]
