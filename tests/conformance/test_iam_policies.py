"""The account's own managed policies through boto3: their versions, and what a role gets of them."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import refused

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def allow(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def policy(iam, unique):
    """The ARN of a policy that goes at the end."""
    made = iam.create_policy(
        PolicyName=unique("policy"), Path="/of/tests/", PolicyDocument=allow("s3:GetObject"), Description="of a test",
    )["Policy"]  # fmt: skip
    yield made["Arn"]
    for version in iam.list_policy_versions(PolicyArn=made["Arn"])["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=made["Arn"], VersionId=version["VersionId"])
    for role in iam.list_entities_for_policy(PolicyArn=made["Arn"])["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=made["Arn"])
    iam.delete_policy(PolicyArn=made["Arn"])


def test_a_policy_has_five_versions(iam, policy):
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=allow(f"s3:Get{number}"))
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    code, message = refused(
        iam.create_policy_version, PolicyArn=policy, PolicyDocument=allow("s3:*")
    )
    assert (code, "up to 5 versions" in message) == ("LimitExceeded", True)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v1"
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v4")
    told = iam.get_policy(PolicyArn=policy)["Policy"]
    assert (told["DefaultVersionId"], told["Description"]) == ("v4", "of a test")
    version = iam.get_policy_version(PolicyArn=policy, VersionId="v4")["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == "s3:Get4"
    code, _ = refused(iam.delete_policy_version, PolicyArn=policy, VersionId="v4")
    assert code == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    listed = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert [v["VersionId"] for v in listed] == ["v5", "v4", "v3", "v2"]
    assert refused(iam.get_policy_version, PolicyArn=policy, VersionId="v1")[0] == "NoSuchEntity"
    assert refused(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"


def test_a_policy_has_6144_characters(iam, policy):
    empty = len(allow("").replace(" ", ""))
    fits = allow("s3:" + "x" * (6144 - empty - 3))
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=fits + " " * 20)
    code, _ = refused(
        iam.create_policy_version,
        PolicyArn=policy,
        PolicyDocument=allow("s3:" + "x" * (6145 - empty - 3)),
    )
    assert code == "LimitExceeded"
    bad = json.dumps({"Statement": [{"Effect": "Perhaps"}]})
    code, _ = refused(iam.create_policy_version, PolicyArn=policy, PolicyDocument=bad)
    assert code == "MalformedPolicyDocument"


def test_roles_have_it_and_its_new_version_at_once(iam, policy, unique):
    role = unique("role")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyArn"] == policy
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"
    scoped = iam.list_policies(Scope="Local", PathPrefix="/of/tests/")["Policies"]
    assert policy in [p["Arn"] for p in scoped]
    assert all(":aws:policy/" in p["Arn"] for p in iam.list_policies(Scope="AWS")["Policies"])
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    iam.delete_role(RoleName=role)


def test_a_role_is_changed(iam, unique):
    role = unique("role")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    iam.update_role(RoleName=role, Description="other", MaxSessionDuration=7200)
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName=role, TagKeys=["a"])
    told = iam.get_role(RoleName=role)["Role"]
    assert (told["Description"], told["MaxSessionDuration"]) == ("other", 7200)
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "b", "Value": "2"}]
    fifty = [{"Key": f"k{n}", "Value": "v"} for n in range(49)]
    iam.tag_role(RoleName=role, Tags=fifty)
    code, _ = refused(iam.tag_role, RoleName=role, Tags=[{"Key": "more", "Value": "v"}])
    assert code == "LimitExceeded"
    iam.delete_role(RoleName=role)
