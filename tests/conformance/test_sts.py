"""STS: who a caller is, temporary keys, and session policies that bind every action of every service."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tarn_server import REGION

FEDERATED = "arn:aws:sts::{account}:federated-user/{name}"


def code_of(raised):
    return raised.value.response["Error"]["Code"]


def message_of(raised):
    return raised.value.response["Error"]["Message"]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def sts(client):
    return client("sts")


@pytest.fixture
def account(server):
    return server.facts["account_id"]


@pytest.fixture
def federated(server, sts):
    """Makes clients of a federated user: federated(policy(…))("s3")."""

    def make(text=None, name="bob", **more):
        given = {"Policy": text} if text else {}
        keys = sts.get_federation_token(Name=name, **given, **more)["Credentials"]

        def client(service):
            return boto3.session.Session().client(
                service,
                region_name=REGION,
                endpoint_url=server.endpoint_url,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
                config=Config(retries={"total_max_attempts": 1}),
            )

        client.keys = keys
        return client

    return make


@pytest.fixture
def bucket(client, unique):
    name = unique("bucket")
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("mine/a", "mine/b", "theirs/a"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def prefix_policy(bucket, prefix="mine/"):
    """What a catalog gives out for one table."""
    return policy(
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/{prefix}*"),
        allow(
            "s3:ListBucket",
            f"arn:aws:s3:::{bucket}",
            Condition={"StringLike": {"s3:prefix": f"{prefix}*"}},
        ),
    )


# --- keys -----------------------------------------------------------------------------------------


def test_a_federated_user_is_somebody_else(sts, federated, account):
    answer = sts.get_federation_token(Name="bob", Policy=policy(allow("*", "*")))
    assert answer["FederatedUser"] == {
        "FederatedUserId": f"{account}:bob",
        "Arn": FEDERATED.format(account=account, name="bob"),
    }
    assert 0 < answer["PackedPolicySize"] <= 100
    bob = federated(policy(allow("*", "*")))
    identity = bob("sts").get_caller_identity()
    assert identity["Arn"] == FEDERATED.format(account=account, name="bob")
    assert identity["UserId"] == f"{account}:bob"


def test_without_a_policy_a_federated_user_may_nothing(federated, account, bucket):
    bob = federated()
    with pytest.raises(ClientError) as raised:
        bob("kinesis").list_streams()
    assert code_of(raised) == "AccessDeniedException"
    assert message_of(raised) == (
        f"User: {FEDERATED.format(account=account, name='bob')} is not authorized to perform: "
        "kinesis:ListStreams on resource: * because no session policy allows the "
        "kinesis:ListStreams action"
    )
    with pytest.raises(ClientError) as raised:
        bob("s3").get_object(Bucket=bucket, Key="mine/a")
    assert code_of(raised) == "AccessDenied"
    assert bob("sts").get_caller_identity()["Account"] == account


def test_temporary_keys_make_no_further_keys(federated):
    bob = federated(policy(allow("*", "*")))("sts")
    for call in (bob.get_session_token, lambda: bob.get_federation_token(Name="eve")):
        with pytest.raises(ClientError) as raised:
            call()
        assert code_of(raised) == "AccessDenied"
        assert "with session credentials" in message_of(raised)


def test_a_second_factor_is_refused_by_name(sts):
    with pytest.raises(ClientError) as raised:
        sts.get_session_token(SerialNumber="arn:aws:iam::123456789012:mfa/x", TokenCode="123456")
    assert code_of(raised) == "NotImplemented" and "SerialNumber" in message_of(raised)


def test_a_session_token_of_the_root_may_all(server, sts):
    keys = sts.get_session_token(DurationSeconds=900)["Credentials"]
    session = boto3.session.Session().client(
        "kinesis",
        region_name=REGION,
        endpoint_url=server.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    session.list_streams()


def test_the_account_of_an_access_key(sts, server, account):
    assert sts.get_access_key_info(AccessKeyId=server.access_key_id)["Account"] == account
    with pytest.raises(ClientError) as raised:
        sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    assert code_of(raised) == "ValidationError"


def test_a_federated_user_has_what_any_of_its_session_policies_allows(sts, server):
    policies = ("AmazonS3ReadOnlyAccess", "AmazonKinesisFullAccess")
    keys = sts.get_federation_token(
        Name="bob", PolicyArns=[{"arn": f"arn:aws:iam::aws:policy/{name}"} for name in policies]
    )["Credentials"]

    def theirs(service):
        return server.client(
            service,
            access_key_id=keys["AccessKeyId"],
            secret_access_key=keys["SecretAccessKey"],
            session_token=keys["SessionToken"],
        )

    theirs("s3").list_buckets()
    theirs("kinesis").list_streams()
    with pytest.raises(ClientError) as raised:
        theirs("s3").delete_bucket(Bucket="any")
    assert code_of(raised) == "AccessDenied"
    with pytest.raises(ClientError) as raised:
        sts.get_federation_token(Name="bob", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/None"}])
    assert code_of(raised) == "MalformedPolicyDocument"


def test_what_is_not_here_says_so(sts):
    with pytest.raises(ClientError) as raised:
        sts.decode_authorization_message(EncodedMessage="x")
    assert code_of(raised) == "NotImplemented"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not valid JSON"),
        (policy({"Effect": "Allow", "Action": "GetObject", "Resource": "*"}), "vendor"),
        (policy(allow("s3:*", "*", Principal="*")), "should not specify a principal"),
        (policy(allow("s3:*", "*", Condition={"StringSame": {"a:b": "c"}})), "StringSame"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_reason(sts, text, says):
    with pytest.raises(ClientError) as raised:
        sts.get_federation_token(Name="bob", Policy=text)
    assert code_of(raised) == "MalformedPolicyDocument"
    assert says in message_of(raised)


def test_a_policy_has_at_most_2048_characters(sts):
    spare = 2048 - len(policy(allow("s3:*", "*", Sid="")))
    sts.get_federation_token(Name="bob", Policy=policy(allow("s3:*", "*", Sid="a" * spare)))
    with pytest.raises(ClientError) as raised:
        sts.get_federation_token(
            Name="bob", Policy=policy(allow("s3:*", "*", Sid="a" * (spare + 1)))
        )
    assert code_of(raised) == "ValidationError"


def test_terms_outlive_a_restart(fresh_server):
    sts = fresh_server.client("sts")
    keys = sts.get_federation_token(Name="bob", Policy=policy(allow("sts:*", "*")))["Credentials"]
    fresh_server.kill9()
    fresh_server.start()
    kinesis = boto3.session.Session().client(
        "kinesis",
        region_name=REGION,
        endpoint_url=fresh_server.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    with pytest.raises(ClientError) as raised:
        kinesis.list_streams()
    assert "no session policy allows" in message_of(raised)


# --- what they may --------------------------------------------------------------------------------


def test_keys_for_one_prefix_of_a_bucket(federated, bucket):
    s3 = federated(prefix_policy(bucket))("s3")
    assert s3.get_object(Bucket=bucket, Key="mine/a")["Body"].read() == b"mine/a"
    s3.put_object(Bucket=bucket, Key="mine/new", Body=b"")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="mine/")["KeyCount"] == 3
    refused = {
        "theirs": lambda: s3.get_object(Bucket=bucket, Key="theirs/a"),
        "delete": lambda: s3.delete_object(Bucket=bucket, Key="mine/a"),
        "list theirs": lambda: s3.list_objects_v2(Bucket=bucket, Prefix="theirs/"),
        "list all": lambda: s3.list_objects_v2(Bucket=bucket),
        "buckets": s3.list_buckets,
    }
    for what, call in refused.items():
        with pytest.raises(ClientError) as raised:
            call()
        assert code_of(raised) == "AccessDenied", what


def test_a_copy_reads_its_source(federated, bucket):
    s3 = federated(prefix_policy(bucket))("s3")
    s3.copy_object(Bucket=bucket, Key="mine/c", CopySource=f"{bucket}/mine/a")
    with pytest.raises(ClientError) as raised:
        s3.copy_object(Bucket=bucket, Key="mine/c", CopySource=f"{bucket}/theirs/a")
    assert f"s3:GetObject on resource: arn:aws:s3:::{bucket}/theirs/a" in message_of(raised)
    with pytest.raises(ClientError) as raised:
        s3.copy_object(Bucket=bucket, Key="mine/c", CopySource=f"{bucket}/mine/a?versionId=null")
    assert f"s3:GetObjectVersion on resource: arn:aws:s3:::{bucket}/mine/a" in message_of(raised)


def test_a_delete_of_many_asks_for_each(federated, bucket, client):
    s3 = federated(policy(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/mine/*")))("s3")
    asked = [{"Key": "theirs/a"}, {"Key": "mine/a"}, {"Key": "mine/b", "VersionId": "null"}]
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": asked})
    assert [each["Key"] for each in done["Deleted"]] == ["mine/a"]
    assert [(each["Key"], each["Code"]) for each in done["Errors"]] == [
        ("theirs/a", "AccessDenied"),
        ("mine/b", "AccessDenied"),
    ]
    assert (
        f"s3:DeleteObject on resource: arn:aws:s3:::{bucket}/theirs/a"
        in (done["Errors"][0]["Message"])
    )
    assert "s3:DeleteObjectVersion" in done["Errors"][1]["Message"]
    kept = client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert "theirs/a" in [each["Key"] for each in kept]
    nothing = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "theirs/a"}]})
    assert "Deleted" not in nothing and len(nothing["Errors"]) == 1


def test_a_key_asked_for_by_an_alias_is_the_key(federated, client, unique):
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]
    alias = f"alias/{unique('a')}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    alias_arn = key["Arn"].split(":key/")[0] + ":" + alias
    on_key = federated(policy(allow("kms:Encrypt", key["Arn"])))("kms")
    on_alias = federated(policy(allow("kms:*", alias_arn)))("kms")
    for name in (alias, alias_arn):
        assert on_key.encrypt(KeyId=name, Plaintext=b"x")["KeyId"] == key["Arn"]
        with pytest.raises(ClientError) as raised:
            on_alias.encrypt(KeyId=name, Plaintext=b"x")
        assert f"kms:Encrypt on resource: {key['Arn']} because" in message_of(raised)
    with pytest.raises(ClientError) as raised:
        on_key.delete_alias(AliasName=alias)
    assert f"kms:DeleteAlias on resource: {alias_arn} because" in message_of(raised)


def test_an_explicit_denial_wins(federated, bucket):
    s3 = federated(
        policy(
            allow("s3:*", "*"),
            {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/t*"},
        )
    )("s3")
    s3.get_object(Bucket=bucket, Key="mine/a")
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="theirs/a")
    assert message_of(raised).endswith("with an explicit deny in a session policy")


def test_session_tags_and_the_address_of_the_caller(federated, bucket):
    by_tag = policy(
        allow("s3:GetObject", f"arn:aws:s3:::{bucket}/${{aws:PrincipalTag/folder}}/*"),
    )
    s3 = federated(by_tag, Tags=[{"Key": "Folder", "Value": "mine"}])("s3")
    s3.get_object(Bucket=bucket, Key="mine/a")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="theirs/a")
    by_address = "IpAddress", "NotIpAddress"
    for operator, allowed in zip(by_address, (True, False), strict=True):
        s3 = federated(
            policy(
                allow("s3:*", "*", Condition={operator: {"aws:SourceIp": ["127.0.0.0/8", "::1"]}})
            )
        )("s3")
        if allowed:
            s3.list_buckets()
        else:
            with pytest.raises(ClientError):
                s3.list_buckets()


def test_batches_and_transactions_are_asked_for_table_by_table(federated, client, unique, account):
    names = [unique("table"), unique("table")]
    dynamodb = client("dynamodb")
    for name in names:
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    mine, theirs = names
    table_arn = f"arn:aws:dynamodb:{REGION}:{account}:table/"
    bob = federated(policy(allow("dynamodb:*", table_arn + mine)))("dynamodb")
    key = {"id": {"S": "1"}}

    def write(name):
        return {"Put": {"TableName": name, "Item": key}}

    bob.batch_write_item(RequestItems={mine: [{"PutRequest": {"Item": key}}]})
    assert bob.batch_get_item(RequestItems={mine: {"Keys": [key]}})["Responses"][mine] == [key]
    bob.transact_write_items(TransactItems=[write(mine)])
    both = {
        "BatchWriteItem": lambda: bob.batch_write_item(
            RequestItems={name: [{"PutRequest": {"Item": key}}] for name in names}
        ),
        "BatchGetItem": lambda: bob.batch_get_item(
            RequestItems={name: {"Keys": [key]} for name in names}
        ),
        "PutItem": lambda: bob.transact_write_items(TransactItems=[write(mine), write(theirs)]),
        "GetItem": lambda: bob.transact_get_items(
            TransactItems=[{"Get": {"TableName": name, "Key": key}} for name in names]
        ),
    }
    for action, call in both.items():
        with pytest.raises(ClientError) as raised:
            call()
        assert code_of(raised) == "AccessDeniedException"
        assert f"perform: dynamodb:{action} on resource: {table_arn}{theirs} " in message_of(raised)
    # A name that is an ARN is that table.
    with pytest.raises(ClientError) as raised:
        bob.get_item(TableName=table_arn + theirs, Key=key)
    assert f"on resource: {table_arn}{theirs} because" in message_of(raised)


def test_a_stream_is_the_same_by_name_and_by_arn(federated, client, unique, account):
    name = unique("stream")
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    arn = f"arn:aws:kinesis:{REGION}:{account}:stream/{name}"
    writer = federated(policy(allow("kinesis:Put*", arn)))("kinesis")
    writer.put_record(StreamName=name, Data=b"x", PartitionKey="k")
    writer.put_record(StreamARN=arn, Data=b"x", PartitionKey="k")
    with pytest.raises(ClientError) as raised:
        writer.describe_stream_summary(StreamARN=arn)
    assert f"kinesis:DescribeStreamSummary on resource: {arn} because" in message_of(raised)


def test_keys_with_a_session_policy_open_no_notebook_session(server, federated):
    keys = federated(policy(allow("*", "*"))).keys
    user = f"{keys['AccessKeyId']}:{keys['SecretAccessKey']}:{keys['SessionToken']}"
    request = urllib.request.Request(
        f"{server.endpoint_url}/_tarn/livy/sessions",
        headers={"Authorization": "Basic " + b64encode(user.encode()).decode()},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=10)
    assert raised.value.code == 403
