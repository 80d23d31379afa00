"""IAM's roles and instance profiles through boto3 and the AWS CLI, and what a role's session may."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError
from tarn_server import RUNTIME

EC2_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def allow(actions, resources="*"):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def role(iam, unique):
    name = unique("role")
    return iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(EC2_TRUST),
        Description="of a test",
        Tags=[{"Key": "team", "Value": "data"}],
    )["Role"]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_a_role_is_told_as_it_was_made(iam, role):
    name = role["RoleName"]
    assert role["Arn"].endswith(f":role/{name}") and role["RoleId"].startswith("AROA")
    told = iam.get_role(RoleName=name)["Role"]
    assert told["AssumeRolePolicyDocument"] == EC2_TRUST
    assert (told["Description"], told["MaxSessionDuration"]) == ("of a test", 3600)
    assert told["Tags"] == [{"Key": "team", "Value": "data"}]
    assert name in [r["RoleName"] for r in iam.list_roles()["Roles"]]
    trust = EC2_TRUST | {"Version": "2008-10-17"}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == trust


def test_what_there_is_and_what_is_not(iam, role):
    name = role["RoleName"]
    again = {"AssumeRolePolicyDocument": json.dumps(EC2_TRUST)}
    assert code_of(iam.create_role, RoleName=name.upper(), **again) == "EntityAlreadyExists"
    assert code_of(iam.get_role, RoleName="none") == "NoSuchEntity"
    assert code_of(iam.get_instance_profile, InstanceProfileName="none") == "NoSuchEntity"
    assert code_of(iam.get_role_policy, RoleName=name, PolicyName="p") == "NoSuchEntity"
    arn = "arn:aws:iam::aws:policy/Nothing"
    assert code_of(iam.attach_role_policy, RoleName=name, PolicyArn=arn) == "NoSuchEntity"
    bad = json.dumps({"Statement": [{"Effect": "Perhaps"}]})
    assert (
        code_of(iam.put_role_policy, RoleName=name, PolicyName="p", PolicyDocument=bad)
        == "MalformedPolicyDocument"
    )
    assert code_of(iam.list_virtual_mfa_devices) == "NotImplemented"


def test_inline_policies_have_10240_characters_together(iam, role):
    name = role["RoleName"]
    rest = len(allow("s3:").replace(" ", ""))
    fits = allow("s3:" + "x" * (10240 - rest))
    # White space does not count.
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=fits + " " * 50)
    more = allow("s3:" + "x" * (10241 - rest))
    assert (
        code_of(iam.put_role_policy, RoleName=name, PolicyName="p", PolicyDocument=more)
        == "LimitExceeded"
    )
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]


def test_a_role_goes_when_nothing_hangs_on_it(iam, role, unique):
    name, profile = role["RoleName"], unique("profile")
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_role_policy(RoleName=name, PolicyArn=administrator)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allow("s3:*"))
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=name)
    assert (
        code_of(iam.add_role_to_instance_profile, InstanceProfileName=profile, RoleName=name)
        == "LimitExceeded"
    )
    (held,) = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    assert held["RoleName"] == name
    (attached,) = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == {"PolicyName": "AdministratorAccess", "PolicyArn": administrator}
    assert code_of(iam.delete_role, RoleName=name) == "DeleteConflict"
    iam.detach_role_policy(RoleName=name, PolicyArn=administrator)
    assert code_of(iam.delete_role, RoleName=name) == "DeleteConflict"
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    assert code_of(iam.delete_role, RoleName=name) == "DeleteConflict"
    assert code_of(iam.delete_instance_profile, InstanceProfileName=profile) == "DeleteConflict"
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=name)
    iam.delete_role(RoleName=name)
    iam.delete_instance_profile(InstanceProfileName=profile)
    assert code_of(iam.get_role, RoleName=name) == "NoSuchEntity"


def test_lists_come_in_pages(iam, unique):
    names = sorted(unique("paged") for _ in range(3))
    for name in names:
        iam.create_instance_profile(InstanceProfileName=name, Path="/paged/")
    pages = list(
        iam.get_paginator("list_instance_profiles").paginate(
            PathPrefix="/paged/", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["InstanceProfiles"]) for page in pages] == [2, 1]


def test_the_aws_cli_makes_emrs_default_roles(server, tmp_path):
    """By their real names through the proxy: the CLI takes the service principal from the endpoint's name."""
    facts = server.facts
    proxy = f"http://{facts['host']}:{facts['port']}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_DEFAULT_REGION": "us-west-2",
        "HTTPS_PROXY": proxy,
        "AWS_CA_BUNDLE": facts["ca_bundle"],
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [str(RUNTIME / "python/bin/aws"), "emr", "create-default-roles"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    iam = server.client("iam")
    for name, policy in (
        ("EMR_DefaultRole", "AmazonElasticMapReduceRole"),
        ("EMR_EC2_DefaultRole", "AmazonElasticMapReduceforEC2Role"),
    ):
        (attached,) = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert attached["PolicyName"] == policy
    profile = iam.get_instance_profile(InstanceProfileName="EMR_EC2_DefaultRole")
    assert profile["InstanceProfile"]["Roles"][0]["RoleName"] == "EMR_EC2_DefaultRole"
