"""Templates through the AWS CLI and boto3: what validate-template and get-template-summary say."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from tarn_server import REGION

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Description: A stream and who may write to it
Metadata: {AWS::CloudFormation::Interface: {ParameterGroups: []}}
Parameters:
  Profile: {Type: String, AllowedValues: [small, large], Default: small, Description: How much}
  Secret: {Type: String, NoEcho: true}
Mappings: {Shards: {small: {count: 1}, large: {count: 8}}}
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties: {ShardCount: !FindInMap [Shards, !Ref Profile, count]}
  Writer:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies: [{PolicyName: write, PolicyDocument: {Resource: !GetAtt Stream.Arn}}]
Outputs:
  StreamName: {Value: !Ref Stream}
"""
SMALL = "Resources: {A: {Type: 'AWS::S3::Bucket'}}\n"


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_the_cli_validates_a_template(aws_cli, tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(TEMPLATE)
    said = aws_cli("cloudformation", "validate-template", "--template-body", f"file://{path}")
    assert said["Description"] == "A stream and who may write to it"
    assert said["Capabilities"] == ["CAPABILITY_IAM"]
    assert "[AWS::IAM::Role]" in said["CapabilitiesReason"]
    assert said["Parameters"] == [
        {
            "ParameterKey": "Profile",
            "DefaultValue": "small",
            "NoEcho": False,
            "Description": "How much",
        },
        {"ParameterKey": "Secret", "NoEcho": True},
    ]


def test_a_summary_tells_types_and_constraints(cloudformation):
    said = cloudformation.get_template_summary(TemplateBody=TEMPLATE)
    assert said["ResourceTypes"] == ["AWS::IAM::Role", "AWS::Kinesis::Stream"]
    assert said["Version"] == "2010-09-09"
    assert json.loads(said["Metadata"]) == {
        "AWS::CloudFormation::Interface": {"ParameterGroups": []}
    }
    profile = said["Parameters"][0]
    assert profile["ParameterType"] == "String"
    assert profile["ParameterConstraints"] == {"AllowedValues": ["small", "large"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("!GetAtt Stream.Arn", "!GetAtt Strem.Arn"), "undefined resource Strem (line 17)"),
        (("!Ref Stream}", "!Ref Absent}"), "Unresolved resource dependencies [Absent]"),
        (("Properties: {ShardCount", "Propertis: {ShardCount"), "[Resources/Stream/Propertis]"),
        (("Type: AWS::IAM::Role", "DependsOn: Writer"), "must contain a Type member"),
        (("!FindInMap", "!FindInMop"), "the tag '!FindInMop' is not supported"),
        (("Parameters:", "Parameters: ["), "YAML not well-formed"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(cloudformation, change, said):
    assert change[0] in TEMPLATE
    code, message = refused(
        cloudformation.validate_template, TemplateBody=TEMPLATE.replace(*change, 1)
    )
    assert code == "ValidationError"
    assert said in message
    assert "line " in message


def test_a_template_in_a_bucket_by_every_form_of_url(cloudformation, client, bucket):
    client("s3").put_object(Bucket=bucket, Key="a/t.yaml", Body=SMALL.encode())
    for url in (
        f"https://s3.{REGION}.amazonaws.com/{bucket}/a/t.yaml",
        f"https://s3.amazonaws.com/{bucket}/a/t.yaml",
        f"https://{bucket}.s3.{REGION}.amazonaws.com/a/t.yaml",
        f"s3://{bucket}/a/t.yaml",
        client("s3").generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": "a/t.yaml"}
        ),
    ):
        summary = cloudformation.get_template_summary(TemplateURL=url)
        assert summary["ResourceTypes"] == ["AWS::S3::Bucket"], url
    for url, said in (
        (f"s3://{bucket}/absent.yaml", f"s3://{bucket}/absent.yaml"),
        ("https://example.com/t.yaml", "TemplateURL must be a supported URL"),
    ):
        code, message = refused(cloudformation.validate_template, TemplateURL=url)
        assert code == "ValidationError"
        assert said in message


def test_a_template_in_a_bucket_is_utf_8_or_refused_with_its_line(cloudformation, client, bucket):
    body = SMALL.encode() + b"\nDescription: caf\xe9\n"
    client("s3").put_object(Bucket=bucket, Key="latin.yaml", Body=body)
    for call in (cloudformation.validate_template, cloudformation.get_template_summary):
        code, message = refused(call, TemplateURL=f"s3://{bucket}/latin.yaml")
        assert code == "ValidationError"
        assert "not in UTF-8" in message and f"line {len(SMALL.splitlines()) + 2}" in message


def test_a_template_in_a_bucket_needs_the_callers_permission(server, client, bucket):
    client("s3").put_object(Bucket=bucket, Key="t.yaml", Body=SMALL.encode())
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}],
    }
    keys = client("sts").get_federation_token(Name="author", Policy=json.dumps(policy))[
        "Credentials"
    ]
    author = boto3.client(
        "cloudformation",
        endpoint_url=server.endpoint_url,
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert author.validate_template(TemplateBody=SMALL)["Parameters"] == []
    code, message = refused(author.validate_template, TemplateURL=f"s3://{bucket}/t.yaml")
    assert code == "AccessDenied"
    assert "s3:GetObject" in message


def test_a_body_of_51200_bytes_and_not_one_more(cloudformation, client, bucket):
    def sized(length):
        return SMALL + "#" * (length - len(SMALL))

    assert cloudformation.validate_template(TemplateBody=sized(51_200))["Parameters"] == []
    code, message = refused(cloudformation.validate_template, TemplateBody=sized(51_201))
    assert (code, "less than or equal to 51200" in message) == ("ValidationError", True)
    for length in (1_000_000, 1_000_001):
        client("s3").put_object(Bucket=bucket, Key=f"{length}", Body=sized(length).encode())
    assert cloudformation.validate_template(TemplateURL=f"s3://{bucket}/1000000")
    code, message = refused(cloudformation.validate_template, TemplateURL=f"s3://{bucket}/1000001")
    assert (code, "at most 1000000" in message) == ("ValidationError", True)


def test_what_is_not_there_says_so(cloudformation):
    assert refused(cloudformation.validate_template) == (
        "ValidationError",
        "Either Template URL or Template Body must be specified.",
    )
    code, message = refused(cloudformation.get_template_summary, StackName="mine")
    assert (code, message) == ("ValidationError", "Stack with id mine does not exist")
    code, _ = refused(cloudformation.list_stack_sets)
    assert code == "NotImplemented"
