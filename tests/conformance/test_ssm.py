"""The Parameter Store: values, versions, hierarchies, secrets, and stacks that make parameters."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import outputs_of, refused, wait_for_status
from tarn_server import REGION


@pytest.fixture
def ssm(client):
    return client("ssm")


@pytest.fixture
def root(unique):
    """A hierarchy of the test's own."""
    return "/" + unique("tree")


def test_a_value_and_its_versions(ssm, root):
    name = f"{root}/size"
    made = ssm.put_parameter(Name=name, Value="1", Type="String", Description="How large")
    assert (made["Version"], made["Tier"]) == (1, "Standard")
    assert refused(ssm.put_parameter, Name=name, Value="2")[0] == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name=name, Value="2", Overwrite=True)["Version"] == 2
    told = ssm.get_parameter(Name=name)["Parameter"]
    assert (told["Value"], told["Version"], told["Type"]) == ("2", 2, "String")
    assert told["ARN"].endswith(f":parameter{name}")
    assert ssm.get_parameter(Name=told["ARN"])["Parameter"]["Value"] == "2"
    assert ssm.get_parameter(Name=f"{name}:1")["Parameter"]["Value"] == "1"
    ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["good", "9bad"])
    assert ssm.get_parameter(Name=f"{name}:good")["Parameter"]["Value"] == "1"
    ssm.label_parameter_version(Name=name, Labels=["good"])
    assert ssm.get_parameter(Name=f"{name}:good")["Parameter"]["Value"] == "2"
    history = ssm.get_parameter_history(Name=name)["Parameters"]
    assert [(h["Value"], h["Labels"]) for h in history] == [("1", []), ("2", ["good"])]
    removed = ssm.unlabel_parameter_version(Name=name, ParameterVersion=2, Labels=["good", "x"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["good"], ["x"])
    assert refused(ssm.get_parameter, Name=f"{name}:good")[0] == "ParameterVersionNotFound"
    ssm.delete_parameter(Name=name)
    assert refused(ssm.get_parameter, Name=name)[0] == "ParameterNotFound"


def test_hierarchies_and_filters(ssm, root):
    for name, kind in (("a", "String"), ("b", "StringList"), ("deep/c", "String")):
        ssm.put_parameter(Name=f"{root}/{name}", Value="x,y", Type=kind)
    below = ssm.get_parameters_by_path(Path=root)["Parameters"]
    assert [p["Name"] for p in below] == [f"{root}/a", f"{root}/b"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=root, Recursive=True, PaginationConfig={"PageSize": 2}
    )
    names = [p["Name"] for page in pages for p in page["Parameters"]]
    assert names == [f"{root}/a", f"{root}/b", f"{root}/deep/c"]
    path = {"Key": "Path", "Option": "Recursive", "Values": [root]}
    kind = {"Key": "Type", "Values": ["StringList"]}
    found = ssm.describe_parameters(ParameterFilters=[path, kind])["Parameters"]
    assert [p["Name"] for p in found] == [f"{root}/b"]
    some = ssm.get_parameters(Names=[f"{root}/a", f"{root}/none"])
    assert [p["Value"] for p in some["Parameters"]] == ["x,y"]
    assert some["InvalidParameters"] == [f"{root}/none"]
    gone = ssm.delete_parameters(Names=[f"{root}/a", f"{root}/none"])
    assert (gone["DeletedParameters"], gone["InvalidParameters"]) == (
        [f"{root}/a"],
        [f"{root}/none"],
    )


def test_secure_strings(server, ssm, client, root, unique):
    kms, iam = client("kms"), client("iam")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    ssm.put_parameter(Name=f"{root}/plain", Value="open sesame", Type="SecureString")
    ssm.put_parameter(Name=f"{root}/own", Value="hidden", Type="SecureString", KeyId=key)
    shown = ssm.get_parameter(Name=f"{root}/plain")["Parameter"]["Value"]
    assert "sesame" not in shown
    read = ssm.get_parameters(Names=[f"{root}/plain", f"{root}/own"], WithDecryption=True)
    assert [p["Value"] for p in read["Parameters"]] == ["open sesame", "hidden"]
    name = unique("reader")
    iam.create_user(UserName=name)
    allowed = [
        {
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"arn:aws:ssm:*:*:parameter{root}/*",
        }
    ]
    iam.put_user_policy(
        UserName=name,
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    reader = server.client(
        "ssm", access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"]
    )
    opened = reader.get_parameter(Name=f"{root}/plain", WithDecryption=True)
    assert opened["Parameter"]["Value"] == "open sesame"
    code, message = refused(reader.get_parameter, Name=f"{root}/own", WithDecryption=True)
    assert code == "AccessDeniedException" and "kms:Decrypt" in message
    code, message = refused(reader.put_parameter, Name=f"{root}/x", Value="1", Type="String")
    assert code == "AccessDeniedException" and f"parameter{root}/x" in message
    code, _ = refused(
        ssm.put_parameter, Name=f"{root}/no", Value="x", Type="SecureString", KeyId="alias/absent"
    )
    assert code == "InvalidKeyId"


def test_limits_and_bad_input(ssm, root):
    put = ssm.put_parameter
    put(Name=f"{root}/full", Value="x" * 4096, Type="String")
    code, message = refused(put, Name=f"{root}/over", Value="x" * 4097, Type="String")
    assert code == "ValidationException" and "4096" in message
    assert (
        put(Name=f"{root}/more", Value="x" * 4097, Type="String", Tier="Intelligent-Tiering")[
            "Tier"
        ]
        == "Advanced"
    )
    for name in ("a/b", "/a b", "/aws/x", "ssm-x"):
        assert refused(put, Name=name, Value="1", Type="String")[0] == "ValidationException"
    deep = root + "/x" * 14
    put(Name=deep, Value="1", Type="String")
    code, _ = refused(put, Name=deep + "/x", Value="1", Type="String")
    assert code == "HierarchyLevelLimitExceededException"
    pattern = {"Name": f"{root}/digits", "Type": "String", "AllowedPattern": "[0-9]+"}
    assert refused(put, **pattern, Value="x")[0] == "ParameterPatternMismatchException"
    put(**pattern, Value="7")
    code, message = refused(ssm.get_parameter, Name="/aws/service/ami-amazon-linux-latest/x")
    assert code == "ParameterNotFound" and "public" in message


def test_tags(ssm, root):
    name = f"{root}/tagged"
    ssm.put_parameter(Name=name, Value="1", Type="String", Tags=[{"Key": "team", "Value": "red"}])
    of = {"ResourceType": "Parameter", "ResourceId": name}
    ssm.add_tags_to_resource(**of, Tags=[{"Key": "cost", "Value": "1"}])
    ssm.remove_tags_from_resource(**of, TagKeys=["team"])
    assert ssm.list_tags_for_resource(**of)["TagList"] == [{"Key": "cost", "Value": "1"}]
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:cost", "Values": ["1"]}])
    assert name in [p["Name"] for p in found["Parameters"]]


def test_parameters_of_stacks(client, ssm, root, unique):
    cloudformation, name = client("cloudformation"), unique("stack")
    body = f"""
Parameters: {{Value: {{Type: String}}}}
Resources:
  Named: {{Type: AWS::SSM::Parameter, Properties: {{Name: {root}/named, Type: String, Value: !Ref Value, Tags: {{team: red}}}}}}
  Other: {{Type: AWS::SSM::Parameter, Properties: {{Type: StringList, Value: "a,b"}}}}
Outputs: {{Name: {{Value: !Ref Named}}, Value: {{Value: !GetAtt Named.Value}}, Other: {{Value: !Ref Other}}}}
"""

    def operate(call, value):
        given = [{"ParameterKey": "Value", "ParameterValue": value}]
        call(StackName=name, TemplateBody=body, Parameters=given)

    operate(cloudformation.create_stack, "one")
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    outputs = outputs_of(cloudformation, name)
    assert (outputs["Name"], outputs["Value"]) == (f"{root}/named", "one")
    assert ssm.get_parameter(Name=outputs["Other"])["Parameter"]["Type"] == "StringList"
    operate(cloudformation.update_stack, "two")
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    told = ssm.get_parameter(Name=f"{root}/named")["Parameter"]
    assert (told["Value"], told["Version"]) == ("two", 2)
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, stack, "DELETE_COMPLETE")
    assert refused(ssm.get_parameter, Name=f"{root}/named")[0] == "ParameterNotFound"


def test_by_the_aws_cli_and_after_a_restart(fresh_server):
    cli = fresh_server.aws_cli
    cli("ssm", "put-parameter", "--name", "/a/b", "--value", "kept", "--type", "SecureString")
    fresh_server.kill9()
    fresh_server.restart()
    told = cli("ssm", "get-parameter", "--name", "/a/b", "--with-decryption")["Parameter"]
    assert told["Value"] == "kept"
    assert told["ARN"].startswith(f"arn:aws:ssm:{REGION}:")
