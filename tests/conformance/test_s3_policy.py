"""S3 bucket policies through boto3: kept, checked, and enforced on everybody, signed or not."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError


def refused(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(bucket: str, action="s3:GetObject", below: str = "/*", **more) -> dict:
    resource = f"arn:aws:s3:::{bucket}{below}"
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}


def fetch(url: str, data: bytes | None = None, method: str = "GET") -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=data, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def open_to_all(s3, bucket, *statements):
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(*statements))


def test_a_policy_is_kept_as_it_came(s3, bucket):
    assert refused(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    assert refused(s3.get_bucket_policy_status, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    only_tls = policy(
        {
            **allow(bucket, "s3:*"),
            "Effect": "Deny",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=only_tls)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == only_tls
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)


def test_policies_that_are_none_are_refused(s3, bucket):
    padding = {"Sid": "x" * (20 << 10)}
    for text in (
        "{}",
        "no json",
        policy({**allow(bucket), "Effect": "Maybe"}),
        policy({**allow(bucket), "Principal": None}),
        policy(allow("another-bucket")),
        policy({**allow(bucket), **padding}),
    ):
        assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=text) == (
            "MalformedPolicy",
            400,
        )


def test_the_block_on_public_access_comes_first(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    public = policy(allow(bucket))
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=public) == ("AccessDenied", 403)
    restricted = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=restricted)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    assert fetch(f"{server.endpoint_url}/{bucket}/k")[0] == 403
    s3.delete_public_access_block(Bucket=bucket)
    assert fetch(f"{server.endpoint_url}/{bucket}/k") == (200, b"x")


def test_a_public_policy_lets_everybody_read(server, s3, bucket):
    for key in ("open/k", "closed/k"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    open_to_all(s3, bucket, allow(bucket, below="/open/*"))
    url = f"{server.endpoint_url}/{bucket}"
    assert fetch(f"{url}/open/k") == (200, b"x")
    assert fetch(f"{url}/open/k", method="HEAD")[0] == 200
    assert fetch(f"{url}/closed/k")[0] == 403
    assert fetch(f"{url}/open/k", b"y", "PUT")[0] == 403
    assert fetch(f"{url}?list-type=2")[0] == 403
    listing = allow(bucket, "s3:ListBucket", below="")
    open_to_all(s3, bucket, allow(bucket), allow(bucket, "s3:PutObject"), listing)
    assert fetch(f"{url}/new", b"y", "PUT")[0] == 200
    status, body = fetch(f"{url}?list-type=2")
    assert status == 200 and b"<Key>new</Key>" in body
    s3.delete_bucket_policy(Bucket=bucket)
    assert fetch(f"{url}/open/k")[0] == 403


def test_a_denial_binds_the_owner_too(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_policy(
        Bucket=bucket, Policy=policy({**allow(bucket, "s3:DeleteObject"), "Effect": "Deny"})
    )
    assert refused(s3.delete_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    # The way back stays open whatever the policy says.
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({**everything, "Resource": resources}))
    assert refused(s3.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")


def test_versions_and_tags_are_told_apart(server, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="tagged", Body=b"2", Tagging="public=yes")
    by_tag = {"Condition": {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}}}
    open_to_all(s3, bucket, allow(bucket, **by_tag), allow(bucket, below="/k"))
    url = f"{server.endpoint_url}/{bucket}"
    assert fetch(f"{url}/tagged") == (200, b"2")
    assert fetch(f"{url}/k") == (200, b"1")
    assert fetch(f"{url}/k?versionId={one}")[0] == 403
    open_to_all(s3, bucket, allow(bucket, "s3:GetObjectVersion"))
    assert fetch(f"{url}/k?versionId={one}") == (200, b"1")
    assert fetch(f"{url}/k")[0] == 403


def test_a_policy_survives_a_restart(fresh_server):
    s3 = fresh_server.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    open_to_all(s3, "bucket", allow("bucket"))
    fresh_server.kill9()
    fresh_server.restart()
    assert fetch(f"{fresh_server.endpoint_url}/bucket/k") == (200, b"x")
