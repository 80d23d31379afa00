"""IAM's passwords (login profiles, the account's policy) and service-linked roles."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def user(iam, unique):
    name = unique("user")
    iam.create_user(UserName=name)
    return name


def refused(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_a_login_profile_from_making_to_taking_away(iam, user):
    assert refused(iam.get_login_profile, UserName=user) == "NoSuchEntity"
    made = iam.create_login_profile(
        UserName=user, Password="Correct-horse-7", PasswordResetRequired=True
    )["LoginProfile"]
    assert made["UserName"] == user and made["PasswordResetRequired"]
    again = {"UserName": user, "Password": "Correct-horse-8"}
    assert refused(iam.create_login_profile, **again) == "EntityAlreadyExists"
    iam.update_login_profile(UserName=user, PasswordResetRequired=False)
    told = iam.get_login_profile(UserName=user)["LoginProfile"]
    assert not told["PasswordResetRequired"] and told["CreateDate"] == made["CreateDate"]
    assert refused(iam.delete_user, UserName=user) == "DeleteConflict"
    iam.delete_login_profile(UserName=user)
    iam.delete_user(UserName=user)


@pytest.mark.parametrize("weak", ["Short-7", "onlylowercase", "lower7case7only"])
def test_a_weak_password_is_refused(iam, user, weak):
    call = iam.create_login_profile
    assert refused(call, UserName=user, Password=weak) == "PasswordPolicyViolation"


def test_a_user_changes_its_password_by_knowing_the_old_one(iam, user, server):
    allowed = {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = server.client(
        "iam", access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"]
    )
    iam.create_login_profile(UserName=user, Password="Correct-horse-7")
    wrong = {"OldPassword": "Wrong-horse-7", "NewPassword": "Battery-staple-9"}
    assert refused(theirs.change_password, **wrong) == "AccessDenied"
    theirs.change_password(OldPassword="Correct-horse-7", NewPassword="Battery-staple-9")
    old = {"OldPassword": "Correct-horse-7", "NewPassword": "Correct-horse-8"}
    assert refused(theirs.change_password, **old) == "AccessDenied"
    assert refused(iam.change_password, **old) == "InvalidUserType"


def test_the_account_s_policy_for_passwords(iam, user):
    assert refused(iam.get_account_password_policy) == "NoSuchEntity"
    try:
        iam.update_account_password_policy(MinimumPasswordLength=20, RequireNumbers=True)
        told = iam.get_account_password_policy()["PasswordPolicy"]
        assert (told["MinimumPasswordLength"], told["RequireNumbers"]) == (20, True)
        assert not told["RequireSymbols"] and not told["ExpirePasswords"]
        call = iam.create_login_profile
        for password in ("Correct-horse-7", "x" * 20, "1" * 19):
            assert refused(call, UserName=user, Password=password) == "PasswordPolicyViolation"
        call(UserName=user, Password="1" * 20)
        for rule in ({"MaxPasswordAge": 30}, {"PasswordReusePrevention": 3}):
            assert refused(iam.update_account_password_policy, **rule) == "NotImplemented"
    finally:
        iam.delete_account_password_policy()
    assert refused(iam.delete_account_password_policy) == "NoSuchEntity"


def test_a_service_linked_role_is_its_service_s_own(iam):
    make = iam.create_service_linked_role
    role = make(AWSServiceName="elasticmapreduce.amazonaws.com")["Role"]
    name = role["RoleName"]
    assert name == "AWSServiceRoleForEMRCleanup"
    assert role["Path"] == "/aws-service-role/elasticmapreduce.amazonaws.com/"
    assert refused(make, AWSServiceName="elasticmapreduce.amazonaws.com") == "InvalidInput"
    assert refused(make, AWSServiceName="nobody.amazonaws.com") == "InvalidInput"
    assert refused(iam.delete_role, RoleName=name) == "UnmodifiableEntity"
    tag = {"RoleName": name, "Tags": [{"Key": "a", "Value": "b"}]}
    assert refused(iam.tag_role, **tag) == "UnmodifiableEntity"
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert status["Status"] == "SUCCEEDED"
    assert refused(iam.get_role, RoleName=name) == "NoSuchEntity"
