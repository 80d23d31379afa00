"""Secrets Manager: values, versions and stages, deletion, passwords, and stacks that make secrets."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import outputs_of, refused, wait_for_status


@pytest.fixture
def secrets(client):
    return client("secretsmanager")


def test_a_secret_and_its_versions(secrets, unique):
    name = unique("db/password")
    made = secrets.create_secret(
        Name=name, SecretString="one", Tags=[{"Key": "team", "Value": "red"}]
    )
    arn, first = made["ARN"], made["VersionId"]
    assert f":secret:{name}-" in arn
    assert (
        refused(secrets.create_secret, Name=name, SecretString="x")[0] == "ResourceExistsException"
    )
    for named in (name, arn, arn[:-7]):
        assert secrets.get_secret_value(SecretId=named)["SecretString"] == "one"
    second = secrets.put_secret_value(SecretId=name, SecretBinary=b"\x00two")["VersionId"]
    told = secrets.get_secret_value(SecretId=name)
    assert (told["SecretBinary"], told["VersionId"]) == (b"\x00two", second)
    assert "SecretString" not in told
    before = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert (before["VersionId"], before["SecretString"]) == (first, "one")
    token = "a" * 32
    for _ in range(2):
        put = secrets.put_secret_value(
            SecretId=name, ClientRequestToken=token, SecretString="3", VersionStages=["AWSPENDING"]
        )
        assert put["VersionStages"] == ["AWSPENDING"]
    code, _ = refused(
        secrets.put_secret_value, SecretId=name, ClientRequestToken=token, SecretString="4"
    )
    assert code == "ResourceExistsException"
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=second, MoveToVersionId=token
    )
    stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert sorted(stages[token]) == ["AWSCURRENT", "AWSPENDING"]
    assert stages[second] == ["AWSPREVIOUS"]
    listed = secrets.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
    assert {v["VersionId"] for v in listed} == {first, second, token}
    secrets.update_secret(SecretId=name, Description="of the database", SecretString="5")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "5"
    secrets.tag_resource(SecretId=name, Tags=[{"Key": "cost", "Value": "1"}])
    secrets.untag_resource(SecretId=name, TagKeys=["team"])
    found = secrets.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"]
    assert [(s["ARN"], s["Tags"]) for s in found] == [(arn, [{"Key": "cost", "Value": "1"}])]


def test_a_deleted_secret_can_be_had_back(secrets, unique):
    name = unique("secret")
    secrets.create_secret(Name=name, SecretString="kept")
    code, _ = refused(secrets.delete_secret, SecretId=name, RecoveryWindowInDays=6)
    assert code == "InvalidParameterException"
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    code, message = refused(secrets.get_secret_value, SecretId=name)
    assert code == "InvalidRequestException" and "marked for deletion" in message
    assert "DeletedDate" in secrets.describe_secret(SecretId=name)
    assert (
        refused(secrets.create_secret, Name=name, SecretString="x")[0] == "InvalidRequestException"
    )
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "kept"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert refused(secrets.describe_secret, SecretId=name)[0] == "ResourceNotFoundException"
    secrets.create_secret(Name=name)
    assert refused(secrets.get_secret_value, SecretId=name)[0] == "ResourceNotFoundException"


def test_who_may_read(server, secrets, client, unique):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    mine = secrets.create_secret(Name=unique("mine"), SecretString="1")
    kept = secrets.create_secret(Name=unique("kept"), SecretString="2", KmsKeyId=key)
    other = secrets.create_secret(Name=unique("other"), SecretString="3")
    iam, name = client("iam"), unique("reader")
    iam.create_user(UserName=name)
    allowed = [
        {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [mine["ARN"], kept["ARN"][:-6] + "??????"],
        }
    ]
    iam.put_user_policy(
        UserName=name,
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    reader = server.client(
        "secretsmanager",
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
    )
    assert reader.get_secret_value(SecretId=mine["Name"])["SecretString"] == "1"
    code, message = refused(reader.get_secret_value, SecretId=kept["Name"])
    assert code == "AccessDeniedException" and "kms:Decrypt" in message
    code, message = refused(reader.get_secret_value, SecretId=other["Name"])
    assert code == "AccessDeniedException" and other["ARN"] in message


def test_passwords(secrets):
    made = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True)["RandomPassword"]
    assert len(made) == 20 and made.isalnum()
    code, _ = refused(secrets.get_random_password, PasswordLength=2)
    assert code == "InvalidParameterException"


def test_secrets_of_stacks(client, secrets, unique):
    cloudformation, name = client("cloudformation"), unique("stack")
    body = """
Parameters: {Value: {Type: String, NoEcho: true}}
Resources:
  Given: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Ref Value, Tags: [{Key: team, Value: red}]}}
  Made:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {SecretStringTemplate: '{"username": "admin"}', GenerateStringKey: password, PasswordLength: 12, ExcludeCharacters: '"@/'}}
Outputs: {Given: {Value: !Ref Given}, Made: {Value: !GetAtt Made.Id}}
"""

    def operate(call, value):
        given = [{"ParameterKey": "Value", "ParameterValue": value}]
        call(StackName=name, TemplateBody=body, Parameters=given)

    operate(cloudformation.create_stack, "one")
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    outputs = outputs_of(cloudformation, name)
    assert secrets.get_secret_value(SecretId=outputs["Given"])["SecretString"] == "one"
    made = json.loads(secrets.get_secret_value(SecretId=outputs["Made"])["SecretString"])
    assert made["username"] == "admin" and len(made["password"]) == 12
    operate(cloudformation.update_stack, "two")
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert secrets.get_secret_value(SecretId=outputs["Given"])["SecretString"] == "two"
    again = json.loads(secrets.get_secret_value(SecretId=outputs["Made"])["SecretString"])
    assert again == made
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, stack, "DELETE_COMPLETE")
    assert (
        refused(secrets.describe_secret, SecretId=outputs["Given"])[0]
        == "ResourceNotFoundException"
    )


def test_by_the_aws_cli_and_after_a_restart(fresh_server):
    cli = fresh_server.aws_cli
    cli("secretsmanager", "create-secret", "--name", "kept", "--secret-string", "value")
    fresh_server.kill9()
    fresh_server.restart()
    told = cli("secretsmanager", "get-secret-value", "--secret-id", "kept")
    assert told["SecretString"] == "value"
