"""Stacks of IAM's types: made, changed and gone, and the capabilities that they need."""

from __future__ import annotations

import pytest
from cloudformation_steps import outputs_of, own_tags, refused, resources_of, wait_for_status
from tarn_server import REGION

BODY = """
Parameters: {Action: {Type: String, Default: "kinesis:*"}, Seconds: {Type: Number, Default: 3600}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Path: /tests/
      MaxSessionDuration: !Ref Seconds
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: "sts:AssumeRole"}]
      ManagedPolicyArns: [!Ref Shared, "arn:aws:iam::aws:policy/AdministratorAccess"]
      Policies: [{PolicyName: own, PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}}]
      Tags: [{Key: team, Value: red}]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}}
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: beside
      Roles: [!Ref Role]
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
Outputs:
  Arn: {Value: !GetAtt Role.Arn}
  ProfileArn: {Value: !GetAtt Profile.Arn}
"""


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


@pytest.fixture
def name(cloudformation, unique):
    """Of a stack that goes at the end."""
    chosen = unique("permissions-of-a-long-name")
    yield chosen
    cloudformation.delete_stack(StackName=chosen)


def action_of(document):
    return document["Statement"][0]["Action"]


def test_roles_policies_and_profiles(client, cloudformation, name):
    iam = client("iam")
    stack = cloudformation.create_stack(
        StackName=name, TemplateBody=BODY, Capabilities=["CAPABILITY_IAM"]
    )["StackId"]
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    ids = resources_of(cloudformation, name)
    role, policy = ids["Role"], ids["Shared"]
    assert len(role) <= 64
    assert outputs_of(cloudformation, name)["Arn"].endswith(f":role/tests/{role}")
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert {a["PolicyArn"] for a in attached} == {
        policy,
        "arn:aws:iam::aws:policy/AdministratorAccess",
    }
    assert sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]) == ["beside", "own"]
    profile = iam.get_instance_profile(InstanceProfileName=ids["Profile"])["InstanceProfile"]
    assert [r["RoleName"] for r in profile["Roles"]] == [role]

    # One parameter changes what all three policies say; the role is the same.
    changed = BODY.replace(', "arn:aws:iam::aws:policy/AdministratorAccess"', "").replace(
        "Value: red", "Value: blue"
    )
    cloudformation.update_stack(
        StackName=name,
        TemplateBody=changed,
        Parameters=[
            {"ParameterKey": "Action", "ParameterValue": "s3:*"},
            {"ParameterKey": "Seconds", "ParameterValue": "7200"},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert resources_of(cloudformation, name) == ids
    told = iam.get_role(RoleName=role)["Role"]
    assert (told["MaxSessionDuration"], own_tags(told["Tags"])) == (7200, {"team": "blue"})
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyArn"] == policy
    for inline in ("own", "beside"):
        found = iam.get_role_policy(RoleName=role, PolicyName=inline)
        assert action_of(found["PolicyDocument"]) == "s3:*"
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]
    assert (version, action_of(document["Document"])) == ("v2", "s3:*")

    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, stack, "DELETE_COMPLETE")
    assert refused(iam.get_role, RoleName=role)[0] == "NoSuchEntity"
    assert refused(iam.get_policy, PolicyArn=policy)[0] == "NoSuchEntity"
    assert (
        refused(iam.get_instance_profile, InstanceProfileName=ids["Profile"])[0] == "NoSuchEntity"
    )


def test_capabilities_are_asked_for(cloudformation, client, name, bucket):
    code, message = refused(cloudformation.create_stack, StackName=name, TemplateBody=BODY)
    assert (code, message) == (
        "InsufficientCapabilitiesException",
        "Requires capabilities : [CAPABILITY_IAM]",
    )
    named = BODY.replace("Path: /tests/", "RoleName: mine")
    code, message = refused(
        cloudformation.create_stack,
        StackName=name,
        TemplateBody=named,
        Capabilities=["CAPABILITY_IAM"],
    )
    assert "[CAPABILITY_NAMED_IAM]" in message

    # A nested stack has those of its parent.
    client("s3").put_object(Bucket=bucket, Key="roles.yaml", Body=BODY.encode())
    url = f"https://{bucket}.s3.{REGION}.amazonaws.com/roles.yaml"
    outer = f"Resources: {{C: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}}}"
    cloudformation.create_stack(StackName=name, TemplateBody=outer)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "Requires capabilities : [CAPABILITY_IAM]" in failed["ResourceStatusReason"]
    cloudformation.delete_stack(StackName=name)


def test_what_fails_half_made_is_gone(client, cloudformation, name):
    """A role whose policy cannot be attached was made already: it goes with the rollback."""
    body = BODY.replace("policy/AdministratorAccess", "policy/NoSuchPolicy")
    cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "NoSuchPolicy does not exist" in failed["ResourceStatusReason"]
    role = failed["PhysicalResourceId"]
    assert refused(client("iam").get_role, RoleName=role)[0] == "NoSuchEntity"
    states = [e["ResourceStatus"] for e in events if e["LogicalResourceId"] == "Role"]
    assert states == ["DELETE_COMPLETE", "DELETE_IN_PROGRESS", "CREATE_FAILED", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS"]  # fmt: skip
