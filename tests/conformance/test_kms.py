"""KMS through boto3 and the AWS CLI: keys, aliases, what they encrypt, and the root key file."""

from __future__ import annotations

import base64
import json
import stat
import subprocess

import pytest
from botocore.exceptions import ClientError
from tarn_server import TARN, TarnServer


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key(Description="a test's")["KeyMetadata"]


def refused(call, **arguments) -> str:
    """The code of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


# --- keys ---


def test_a_new_key_is_described_and_listed(kms, key):
    assert key["KeyState"] == "Enabled" and key["Enabled"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert (key["Origin"], key["KeyManager"]) == ("AWS_KMS", "CUSTOMER")
    assert key["Arn"] == f"arn:aws:kms:us-west-2:{key['AWSAccountId']}:key/{key['KeyId']}"
    for name in (key["KeyId"], key["Arn"]):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == key
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})
    assert {"KeyId": key["KeyId"], "KeyArn": key["Arn"]} in [k for p in pages for k in p["Keys"]]
    kms.update_key_description(KeyId=key["KeyId"], Description="another")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "another"


@pytest.mark.parametrize(
    "kind",
    [
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Origin": "EXTERNAL"},
        {"MultiRegion": True},
    ],
)
def test_other_kinds_of_keys_are_refused_by_name(kms, kind):
    assert refused(kms.create_key, **kind) == "NotImplemented"


def test_a_key_that_is_not_there_is_not_found(kms, key):
    absent = "00000000-1111-2222-3333-444444444444"
    elsewhere = key["Arn"].replace("us-west-2", "eu-west-1")
    for name in (absent, "alias/absent", key["Arn"].replace(key["KeyId"], absent), elsewhere):
        assert refused(kms.describe_key, KeyId=name) == "NotFoundException"
    assert refused(kms.describe_key, KeyId="arn:aws:s3:::bucket") == "InvalidArnException"


def test_states_of_a_key(kms, key):
    name = key["KeyId"]
    blob = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=name)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused(kms.encrypt, KeyId=name, Plaintext=b"x") == "DisabledException"
    assert refused(kms.decrypt, CiphertextBlob=blob) == "DisabledException"
    kms.enable_key(KeyId=name)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert refused(kms.schedule_key_deletion, KeyId=name, PendingWindowInDays=6).startswith("Valid")
    assert refused(kms.schedule_key_deletion, KeyId=name, PendingWindowInDays=31).startswith("Val")
    gone = kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    assert gone["KeyState"] == "PendingDeletion" and gone["PendingWindowInDays"] == 7
    for call in (kms.enable_key, kms.disable_key, kms.schedule_key_deletion):
        assert refused(call, KeyId=name) == "KMSInvalidStateException"
    assert refused(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=name)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused(kms.cancel_key_deletion, KeyId=name) == "KMSInvalidStateException"


# --- aliases ---


def test_an_alias_leads_to_its_key_and_can_be_moved(kms, key, unique):
    alias = f"alias/{unique('a')}"
    other = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert refused(kms.create_alias, AliasName=alias, TargetKeyId=other["KeyId"]) == (
        "AlreadyExistsException"
    )
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key["KeyId"]
    listed = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert [(a["AliasName"], a["TargetKeyId"]) for a in listed] == [(alias, key["KeyId"])]
    kms.update_alias(AliasName=alias, TargetKeyId=other["Arn"])
    assert kms.describe_key(KeyId=listed[0]["AliasArn"])["KeyMetadata"]["Arn"] == other["Arn"]
    kms.delete_alias(AliasName=alias)
    for call in (kms.delete_alias, lambda **a: kms.describe_key(KeyId=a["AliasName"])):
        assert refused(call, AliasName=alias) == "NotFoundException"


def test_names_of_aliases(kms, key):
    target = key["KeyId"]
    for name, code in [
        ("alias/aws/mine", "NotAuthorizedException"),
        ("mine", "ValidationException"),
        ("alias/a:b", "ValidationException"),
    ]:
        assert refused(kms.create_alias, AliasName=name, TargetKeyId=target) == code
    assert refused(kms.create_alias, AliasName="alias/x", TargetKeyId="alias/absent") == (
        "ValidationException"
    )


def test_an_aws_managed_key_is_made_when_it_is_asked_for(kms):
    made = kms.describe_key(KeyId="alias/aws/glue")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    assert kms.get_key_rotation_status(KeyId=made["KeyId"])["KeyRotationEnabled"]
    assert "kms:ViaService" in kms.get_key_policy(KeyId=made["KeyId"])["Policy"]
    for call in (kms.disable_key, kms.schedule_key_deletion, kms.enable_key_rotation):
        assert refused(call, KeyId=made["KeyId"]) == "AccessDeniedException"
    assert refused(kms.describe_key, KeyId="alias/aws/no-such-service") == "NotFoundException"


# --- encryption ---


def test_what_is_encrypted_opens_with_its_context_only(kms, key):
    context = {"tenant": "a", "table": "clicks"}
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=context)
    assert made["KeyId"] == key["Arn"] and b"secret" not in made["CiphertextBlob"]
    blob = made["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"secret", key["Arn"])
    assert refused(kms.decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"
    for at in (0, 20, 40, len(blob) - 1):
        spoilt = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        assert refused(kms.decrypt, CiphertextBlob=spoilt, EncryptionContext=context) == (
            "InvalidCiphertextException"
        )
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert (
        refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context, KeyId=other)
        == "IncorrectKeyException"
    )


def test_a_plaintext_has_at_most_4096_bytes(kms, key):
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x" * 4096)["CiphertextBlob"]
    assert len(blob) <= 6144
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x" * 4096
    assert refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x" * 4097) == "ValidationException"


def test_a_ciphertext_moves_to_another_key(kms, key):
    other = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"a": "1"})
    moved = kms.re_encrypt(
        CiphertextBlob=blob["CiphertextBlob"],
        SourceEncryptionContext={"a": "1"},
        DestinationKeyId=other["KeyId"],
        DestinationEncryptionContext={"b": "2"},
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key["Arn"], other["Arn"])
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", other["Arn"])


def test_data_keys(kms, key):
    name = key["KeyId"]
    for asked, size in [
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 1024}, 1024),
    ]:
        made = kms.generate_data_key(KeyId=name, **asked)
        assert len(made["Plaintext"]) == size
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    closed = kms.generate_data_key_without_plaintext(KeyId=name, KeySpec="AES_256")
    assert "Plaintext" not in closed
    assert len(kms.decrypt(CiphertextBlob=closed["CiphertextBlob"])["Plaintext"]) == 32
    assert refused(kms.generate_data_key, KeyId=name) == "ValidationException"
    assert refused(kms.generate_data_key, KeyId=name, NumberOfBytes=1025) == "ValidationException"
    both = {"NumberOfBytes": 16, "KeySpec": "AES_128"}
    assert refused(kms.generate_data_key, KeyId=name, **both) == "ValidationException"
    assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
    assert kms.generate_random(NumberOfBytes=32) != kms.generate_random(NumberOfBytes=32)


def test_a_dry_run_does_nothing(kms, key):
    assert refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", DryRun=True) == (
        "DryRunOperationException"
    )


def test_a_rotated_key_opens_what_it_closed_before(kms, key):
    name = key["KeyId"]
    before = kms.encrypt(KeyId=name, Plaintext=b"before")["CiphertextBlob"]
    assert not kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]
    kms.enable_key_rotation(KeyId=name, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=name)
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 90
    kms.rotate_key_on_demand(KeyId=name)
    rotations = kms.list_key_rotations(KeyId=name)["Rotations"]
    assert [r["RotationType"] for r in rotations] == ["ON_DEMAND"]
    after = kms.encrypt(KeyId=name, Plaintext=b"after")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=before)["Plaintext"] == b"before"
    opened = kms.decrypt(CiphertextBlob=after)
    assert opened["Plaintext"] == b"after"
    assert opened["KeyMaterialId"] == rotations[0]["KeyMaterialId"]
    kms.disable_key_rotation(KeyId=name)
    assert not kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]


# --- policies and tags ---


def test_policies_are_kept(kms, key):
    name = key["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
    root = f"arn:aws:iam::{key['AWSAccountId']}:root"
    assert policy["Statement"][0]["Principal"] == {"AWS": root}
    policy["Statement"][0]["Sid"] = "mine"
    kms.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(policy))
    assert kms.get_key_policy(KeyId=name)["Policy"] == json.dumps(policy)
    assert kms.list_key_policies(KeyId=name)["PolicyNames"] == ["default"]
    assert refused(kms.put_key_policy, KeyId=name, Policy="{") == "MalformedPolicyDocumentException"


def test_a_keys_policy_decides_for_the_account_too(kms, key):
    """Unlike other policies of resources: what it does not allow, nothing else can."""
    name = key["KeyId"]
    root = f"arn:aws:iam::{key['AWSAccountId']}:root"
    keep = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    deny = {**keep, "Effect": "Deny", "Action": ["kms:Encrypt", "kms:Decrypt"]}
    blob = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    for statements in ([keep, deny], [{**keep, "Action": ["kms:Put*", "kms:Get*"]}]):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        kms.put_key_policy(KeyId=name, Policy=policy)
        assert refused(kms.encrypt, KeyId=name, Plaintext=b"x") == "AccessDeniedException"
        assert refused(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    locked = json.dumps({"Version": "2012-10-17", "Statement": [{**keep, "Action": "kms:Get*"}]})
    assert refused(kms.put_key_policy, KeyId=name, Policy=locked) == (
        "MalformedPolicyDocumentException"
    )


def test_an_aws_managed_key_is_for_its_service_alone(kms):
    kms.describe_key(KeyId="alias/aws/s3")
    assert refused(kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x") == "AccessDeniedException"
    assert refused(kms.generate_data_key, KeyId="alias/aws/s3", KeySpec="AES_256") == (
        "AccessDeniedException"
    )


def test_tags_are_kept(kms, unique):
    made = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "a"}])["KeyMetadata"]["KeyId"]
    kms.tag_resource(KeyId=made, Tags=[{"TagKey": f"t{i}", "TagValue": ""} for i in range(49)])
    first = kms.list_resource_tags(KeyId=made, Limit=1)
    assert first["Truncated"] and len(first["Tags"]) == 1
    assert len(kms.list_resource_tags(KeyId=made)["Tags"]) == 50
    assert refused(kms.tag_resource, KeyId=made, Tags=[{"TagKey": "one", "TagValue": "more"}]) == (
        "TagException"
    )
    kms.untag_resource(KeyId=made, TagKeys=[f"t{i}" for i in range(49)])
    assert kms.list_resource_tags(KeyId=made)["Tags"] == [{"TagKey": "team", "TagValue": "a"}]
    assert refused(kms.list_resource_tags, KeyId=made, Marker="?") == "InvalidMarkerException"


def test_the_command_line_encrypts(aws_cli, tmp_path):
    made = aws_cli("kms", "create-key")["KeyMetadata"]
    plain = tmp_path / "plain"
    plain.write_bytes(b"by the CLI")
    blob = aws_cli("kms", "encrypt", "--key-id", made["Arn"], "--plaintext", f"fileb://{plain}")
    sealed = tmp_path / "sealed"
    sealed.write_bytes(base64.b64decode(blob["CiphertextBlob"]))
    opened = aws_cli("kms", "decrypt", "--ciphertext-blob", f"fileb://{sealed}")
    assert base64.b64decode(opened["Plaintext"]) == b"by the CLI"


def test_what_is_not_here_says_so(kms, key):
    assert refused(
        kms.sign, KeyId=key["KeyId"], Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256"
    ) == ("NotImplemented")


# --- grants ---


@pytest.fixture
def grantee(server, client, unique):
    """An IAM user without any policy: its ARN and a client of KMS."""
    iam = client("iam")
    name = unique("grantee")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = server.client(
        "kms",
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
    )
    return arn, theirs


def test_a_grant_gives_what_it_names_and_no_more(kms, key, grantee):
    arn, theirs = grantee
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert refused(theirs.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    made = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn, Operations=["Decrypt"])
    assert len(made["GrantId"]) == 64
    assert theirs.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    by_token = theirs.decrypt(CiphertextBlob=blob, GrantTokens=[made["GrantToken"]])
    assert by_token["Plaintext"] == b"x"
    wrong = {"CiphertextBlob": blob, "GrantTokens": ["d3Jvbmc="]}
    assert refused(theirs.decrypt, **wrong) == "InvalidGrantTokenException"
    own = {"KeyId": key["KeyId"], "Plaintext": b"y"}
    assert refused(theirs.encrypt, **own) == "AccessDeniedException"
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    assert refused(theirs.decrypt, CiphertextBlob=blob) == "AccessDeniedException"


@pytest.mark.parametrize(
    "constraint, context, allowed",
    [
        ("EncryptionContextSubset", {"a": "1", "b": "2"}, True),
        ("EncryptionContextSubset", {"a": "1"}, True),
        ("EncryptionContextSubset", {"b": "2"}, False),
        ("EncryptionContextEquals", {"a": "1"}, True),
        ("EncryptionContextEquals", {"a": "1", "b": "2"}, False),
        ("EncryptionContextEquals", {"a": "2"}, False),
    ],
)
def test_a_grant_may_be_bound_to_an_encryption_context(
    kms, key, grantee, constraint, context, allowed
):
    arn, theirs = grantee
    kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=arn,
        Operations=["Encrypt", "Decrypt"],
        Constraints={constraint: {"a": "1"}},
    )
    plain = {"KeyId": key["KeyId"], "Plaintext": b"x", "EncryptionContext": context}
    blob = kms.encrypt(**plain)["CiphertextBlob"]
    sealed = {"CiphertextBlob": blob, "EncryptionContext": context}
    if allowed:
        theirs.encrypt(**plain)
        assert theirs.decrypt(**sealed)["Plaintext"] == b"x"
    else:
        assert refused(theirs.encrypt, **plain) == "AccessDeniedException"
        assert refused(theirs.decrypt, **sealed) == "AccessDeniedException"


def test_grants_are_listed_and_retired_by_whom_they_name(kms, key, grantee):
    arn, theirs = grantee
    given = {
        "KeyId": key["KeyId"],
        "GranteePrincipal": arn,
        "Operations": ["Decrypt", "DescribeKey"],
        "RetiringPrincipal": arn,
        "Name": "once",
    }
    made = kms.create_grant(**given)
    assert kms.create_grant(**given)["GrantId"] == made["GrantId"]
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn, Operations=["Encrypt"])
    pages = kms.get_paginator("list_grants").paginate(
        KeyId=key["KeyId"], PaginationConfig={"PageSize": 1}
    )
    grants = [grant for page in pages for grant in page["Grants"]]
    assert len(grants) == 2
    (listed,) = kms.list_retirable_grants(RetiringPrincipal=arn)["Grants"]
    assert listed in grants and listed["GrantId"] == made["GrantId"]
    assert (listed["KeyId"], listed["Name"]) == (key["Arn"], "once")
    other = next(grant for grant in grants if grant != listed)
    named = {"KeyId": key["Arn"], "GrantId": other["GrantId"]}
    assert refused(theirs.retire_grant, **named) == "AccessDeniedException"
    theirs.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == [other]
    kms.retire_grant(**named)
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_what_a_grant_cannot_be_is_refused(kms, key, grantee):
    arn, _ = grantee
    given = {"KeyId": key["KeyId"], "GranteePrincipal": arn, "Operations": ["Decrypt"]}
    create = kms.create_grant
    assert refused(create, **{**given, "Operations": ["Sign"]}) == "ValidationException"
    assert refused(create, **{**given, "Operations": ["CreateGrant"]}) == "NotImplemented"
    assert refused(create, **{**given, "GranteePrincipal": "jo"}) == "InvalidArnException"
    assert refused(create, **{**given, "DryRun": True}) == "DryRunOperationException"
    gone = {"KeyId": key["KeyId"], "GrantId": "0" * 64}
    assert refused(kms.revoke_grant, **gone) == "NotFoundException"


# --- the root key ---


def start_fails(server: TarnServer, *arguments: str) -> str:
    """What a server that does not start says on standard error."""
    command = [TARN, "up", "--data-dir", server.data_dir, "--port", "0", "--no-sessions"]
    done = subprocess.run(
        [*map(str, command), *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    return done.stderr


def test_keys_outlive_a_restart_under_their_root_key_only(tmp_path):
    server = TarnServer(tmp_path / "own", arguments=("--no-sessions",)).start()
    root_key = server.data_dir.with_name("data.root-key")
    assert stat.S_IMODE(root_key.stat().st_mode) == 0o600
    kms = server.client("kms")
    blob = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"kept")
    server.kill9()
    kept = root_key.rename(tmp_path / "elsewhere")
    assert "is missing" in start_fails(server)
    assert not root_key.exists(), "never silently a new one"
    other = tmp_path / "other"
    other.write_text("tarn-root-key-1:" + "0" * 64 + "\n", encoding="ascii")
    said = start_fails(server, "--root-key-file", str(other))
    assert "is not the root key of this data directory" in said and "--root-key-file" in said
    server.environment = {"TARN_ROOT_KEY_FILE": str(kept)}
    server.start()
    opened = server.client("kms").decrypt(CiphertextBlob=blob["CiphertextBlob"])
    assert opened["Plaintext"] == b"kept"
    server.close()
