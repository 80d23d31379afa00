"""IAM's users, groups and policies of the account's own, and what comes of them in calls, through boto3."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


def allow(actions, resources="*", **more):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal, **more):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def message_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Message"]


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def user(iam, unique):
    return iam.create_user(UserName=unique("user"), Path="/staff/")["User"]


@pytest.fixture
def keys(iam, user):
    made = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
    return {
        "access_key_id": made["AccessKeyId"],
        "secret_access_key": made["SecretAccessKey"],
    }


def test_a_user_is_told_as_it_was_made(iam, client, user, keys):
    name = user["UserName"]
    assert user["Arn"].endswith(f":user/staff/{name}") and user["UserId"].startswith("AIDA")
    assert iam.get_user(UserName=name.upper())["User"]["Arn"] == user["Arn"]
    assert name in [each["UserName"] for each in iam.list_users(PathPrefix="/staff/")["Users"]]
    assert code_of(iam.create_user, UserName=name.upper()) == "EntityAlreadyExists"
    assert iam.get_user()["User"]["Arn"].endswith(":root")
    iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "data"}])
    iam.tag_user(UserName=name, Tags=[{"Key": "Team", "Value": "web"}, {"Key": "x", "Value": ""}])
    iam.untag_user(UserName=name, TagKeys=["X"])
    assert iam.list_user_tags(UserName=name)["Tags"] == [{"Key": "Team", "Value": "web"}]
    identity = client("sts", **keys).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])


def test_a_user_may_what_its_policies_allow(iam, client, user, keys, bucket):
    s3 = client("s3", **keys)
    said = message_of(s3.list_objects_v2, Bucket=bucket)
    assert f"User: {user['Arn']} is not authorized to perform: s3:ListBucket" in said
    assert "no identity-based policy allows" in said
    iam.put_user_policy(
        UserName=user["UserName"],
        PolicyName="read",
        PolicyDocument=allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"),
    )
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x") == "AccessDenied"
    iam.delete_user_policy(UserName=user["UserName"], PolicyName="read")
    assert code_of(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"


def test_who_a_user_is_by_its_own_name(iam, client, user, keys):
    own = "arn:aws:iam::*:user/staff/${aws:username}"
    iam.put_user_policy(
        UserName=user["UserName"], PolicyName="self", PolicyDocument=allow("iam:*", own)
    )
    mine = client("iam", **keys)
    assert mine.get_user()["User"]["UserName"] == user["UserName"]
    assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 1
    assert code_of(mine.get_user, UserName="another") == "AccessDenied"


def test_two_keys_at_most_and_only_active_ones_open(iam, client, user, keys):
    name = user["UserName"]
    iam.create_access_key(UserName=name)
    assert code_of(iam.create_access_key, UserName=name) == "LimitExceeded"
    sts = client("sts", **keys)
    iam.update_access_key(UserName=name, AccessKeyId=keys["access_key_id"], Status="Inactive")
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
    iam.update_access_key(UserName=name, AccessKeyId=keys["access_key_id"], Status="Active")
    assert sts.get_caller_identity()["Arn"] == user["Arn"]
    assert code_of(iam.delete_user, UserName=name) == "DeleteConflict"
    for each in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=each["AccessKeyId"])
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
    iam.delete_user(UserName=name)
    assert code_of(iam.get_user, UserName=name) == "NoSuchEntity"


def test_a_group_gives_to_its_members(iam, client, user, keys, unique, bucket):
    name, group = user["UserName"], unique("group")
    iam.create_group(GroupName=group)
    iam.attach_group_policy(
        GroupName=group, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert [each["UserName"] for each in iam.get_group(GroupName=group)["Users"]] == [name]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName=name)["Groups"]] == [group]
    s3 = client("s3", **keys)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert code_of(iam.delete_group, GroupName=group) == "DeleteConflict"
    iam.remove_user_from_group(GroupName=group, UserName=name)
    assert code_of(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    iam.detach_group_policy(
        GroupName=group, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    iam.delete_group(GroupName=group)


def test_limits_of_groups_and_of_inline_policies(iam, user, unique):
    name = user["UserName"]
    for number in range(11):
        group = iam.create_group(GroupName=unique("of-many"))["Group"]["GroupName"]
        if number < 10:
            iam.add_user_to_group(GroupName=group, UserName=name)
    assert code_of(iam.add_user_to_group, GroupName=group, UserName=name) == "LimitExceeded"
    rest = len(allow("s3:").replace(" ", ""))
    for put, limit, whose in (
        (iam.put_user_policy, 2048, {"UserName": name}),
        (iam.put_group_policy, 5120, {"GroupName": group}),
    ):
        fits = allow("s3:" + "x" * (limit - rest))
        put(**whose, PolicyName="p", PolicyDocument=fits)
        more = allow("s3:" + "x" * (limit + 1 - rest))
        assert code_of(put, **whose, PolicyName="p", PolicyDocument=more) == "LimitExceeded"


def test_a_policy_has_versions_and_the_default_one_counts(iam, client, user, keys, unique, bucket):
    name = unique("policy")
    made = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:ListBucket"))["Policy"]
    arn = made["Arn"]
    assert code_of(iam.create_policy, PolicyName=name, PolicyDocument=allow("s3:*")) == (
        "EntityAlreadyExists"
    )
    iam.attach_user_policy(UserName=user["UserName"], PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == [
        user["UserName"]
    ]
    s3 = client("s3", **keys)
    s3.list_objects_v2(Bucket=bucket)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("s3:PutObject"))
    s3.list_objects_v2(Bucket=bucket)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert code_of(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    told = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert told["Document"]["Statement"][0]["Action"] == "s3:ListBucket"
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("s3:PutObject"))
    assert code_of(
        iam.create_policy_version, PolicyArn=arn, PolicyDocument=allow("s3:PutObject")
    ) == ("LimitExceeded")
    assert code_of(iam.delete_policy_version, PolicyArn=arn, VersionId="v2") == "DeleteConflict"
    assert code_of(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.detach_user_policy(UserName=user["UserName"], PolicyArn=arn)
    assert code_of(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    for each in ("v1", "v3", "v4", "v5"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=each)
    iam.delete_policy(PolicyArn=arn)
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert code_of(iam.delete_policy, PolicyArn=administrator) == "AccessDenied"
    local = iam.list_policies(Scope="Local")["Policies"]
    assert all(each["Arn"] not in (arn, administrator) for each in local)


def test_a_boundary_takes_away(iam, client, user, keys, unique, bucket):
    boundary = iam.create_policy(PolicyName=unique("edge"), PolicyDocument=allow("s3:ListBucket"))
    arn = boundary["Policy"]["Arn"]
    iam.put_user_policy(UserName=user["UserName"], PolicyName="all", PolicyDocument=allow("s3:*"))
    iam.put_user_permissions_boundary(UserName=user["UserName"], PermissionsBoundary=arn)
    told = iam.get_user(UserName=user["UserName"])["User"]["PermissionsBoundary"]
    assert told["PermissionsBoundaryArn"] == arn
    s3 = client("s3", **keys)
    s3.list_objects_v2(Bucket=bucket)
    said = message_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x")
    assert "no permissions boundary allows the s3:PutObject action" in said
    assert code_of(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName=user["UserName"])
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")


@pytest.fixture
def assumed(client):
    """Keys of AssumeRole as a client of another service."""

    def assume(sts, service, **arguments):
        keys = sts.assume_role(RoleSessionName="session", **arguments)["Credentials"]
        return client(
            service,
            access_key_id=keys["AccessKeyId"],
            secret_access_key=keys["SecretAccessKey"],
            session_token=keys["SessionToken"],
        )

    return assume


def test_a_role_is_assumed_by_whom_it_trusts(iam, client, user, keys, unique, assumed, bucket):
    role = unique("role")
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=allow("s3:*"))
    sts = client("sts", **keys)
    s3 = assumed(sts, "s3", RoleArn=made["Arn"])
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    reading = assumed(sts, "s3", RoleArn=made["Arn"], Policy=allow("s3:ListBucket"))
    reading.list_objects_v2(Bucket=bucket)
    assert code_of(reading.put_object, Bucket=bucket, Key="k", Body=b"x") == "AccessDenied"
    who = assumed(sts, "sts", RoleArn=made["Arn"]).get_caller_identity()
    assert who["Arn"].endswith(f":assumed-role/{role}/session")
    # A role that is not there trusts nobody; an hour is the most.
    assert (
        code_of(sts.assume_role, RoleArn=made["Arn"] + "x", RoleSessionName="session")
        == "AccessDenied"
    )
    assert (
        code_of(
            sts.assume_role, RoleArn=made["Arn"], RoleSessionName="session", DurationSeconds=3601
        )
        == "ValidationError"
    )
    iam.update_role(RoleName=role, MaxSessionDuration=7200)
    sts.assume_role(RoleArn=made["Arn"], RoleSessionName="session", DurationSeconds=7200)


def test_trust_in_the_account_leaves_it_to_policies(iam, client, user, keys, unique):
    role = unique("role")
    account = user["Arn"].split(":")[4]
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    made = iam.create_role(
        RoleName=role,
        Path="/jobs/",
        AssumeRolePolicyDocument=trust(f"arn:aws:iam::{account}:root", Condition=condition),
    )["Role"]
    sts = client("sts", **keys)
    call = {"RoleArn": made["Arn"], "RoleSessionName": "session"}
    assert code_of(sts.assume_role, **call, ExternalId="secret") == "AccessDenied"
    iam.put_user_policy(
        UserName=user["UserName"],
        PolicyName="assume",
        PolicyDocument=allow("sts:AssumeRole", made["Arn"]),
    )
    sts.assume_role(**call, ExternalId="secret")
    assert code_of(sts.assume_role, **call, ExternalId="guess") == "AccessDenied"
    said = message_of(client("sts").assume_role, **call, ExternalId="secret")
    assert "may not be assumed by root accounts" in said


def test_what_a_simulation_says_is_what_calls_meet(iam, user, unique):
    name = user["UserName"]
    group = unique("group")
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    iam.put_group_policy(
        GroupName=group, PolicyName="g", PolicyDocument=allow("s3:*", "arn:aws:s3:::open/*")
    )
    denial = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    iam.put_user_policy(
        UserName=name,
        PolicyName="u",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denial]}),
    )
    results = iam.simulate_principal_policy(
        PolicySourceArn=user["Arn"],
        ActionNames=["s3:GetObject", "s3:DeleteObject"],
        ResourceArns=["arn:aws:s3:::open/k", "arn:aws:s3:::closed/k"],
    )["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
        "explicitDeny",
    ]
    assert results[0]["MatchedStatements"] == [{"SourcePolicyId": "g", "SourcePolicyType": "group"}]
    condition = {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}
    custom = {
        "PolicyInputList": [allow("ec2:*", Condition=condition)],
        "ActionNames": ["ec2:RunInstances"],
    }
    (unknown,) = iam.simulate_custom_policy(**custom)["EvaluationResults"]
    assert unknown["EvalDecision"] == "implicitDeny"
    assert unknown["MissingContextValues"] == ["aws:requestedregion"]
    region = {
        "ContextKeyName": "aws:RequestedRegion",
        "ContextKeyValues": ["us-west-2"],
        "ContextKeyType": "string",
    }
    (known,) = iam.simulate_custom_policy(**custom, ContextEntries=[region])["EvaluationResults"]
    assert known["EvalDecision"] == "allowed"


def test_users_keys_and_policies_outlive_the_server(fresh_server):
    iam = fresh_server.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=allow("kinesis:ListStreams"))
    iam.create_group(GroupName="g")
    iam.attach_group_policy(GroupName="g", PolicyArn=policy["Policy"]["Arn"])
    iam.create_user(UserName="u")
    iam.add_user_to_group(GroupName="g", UserName="u")
    made = iam.create_access_key(UserName="u")["AccessKey"]
    fresh_server.kill9()
    fresh_server.restart()
    kinesis = fresh_server.client(
        "kinesis",
        access_key_id=made["AccessKeyId"],
        secret_access_key=made["SecretAccessKey"],
    )
    assert kinesis.list_streams()["StreamNames"] == []
    assert code_of(kinesis.create_stream, StreamName="s", ShardCount=1) == "AccessDeniedException"
