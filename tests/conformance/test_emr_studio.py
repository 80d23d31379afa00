"""EMR Studios and their session mappings through boto3."""

from __future__ import annotations

import pytest
import requests
from emr_steps import refused

POLICY = "arn:aws:iam::111122223333:policy/session"


@pytest.fixture
def emr(client):
    return client("emr")


def request(**more):
    return {
        "Name": "data team",
        "AuthMode": "IAM",
        "VpcId": "vpc-1",
        "SubnetIds": ["subnet-1", "subnet-2"],
        "ServiceRole": "EMRStudio_Service_Role",
        "WorkspaceSecurityGroupId": "sg-1",
        "EngineSecurityGroupId": "sg-2",
        "DefaultS3Location": "s3://studio/work",
        **more,
    }


@pytest.fixture
def studio(emr):
    """Makes Studios that go with the test."""
    made = []

    def make(**more):
        made.append(emr.create_studio(**request(**more))["StudioId"])
        return made[-1]

    yield make
    for each in made:
        emr.delete_studio(StudioId=each)


def test_a_studio_is_described_as_it_was_made(emr, studio):
    made = studio(Description="ours", Tags=[{"Key": "team", "Value": "data"}])
    assert made.startswith("es-")
    told = emr.describe_studio(StudioId=made)["Studio"]
    asked = request(Description="ours", Tags=[{"Key": "team", "Value": "data"}])
    assert {key: told[key] for key in asked} == asked
    assert told["StudioArn"].endswith(f":studio/{made}")
    (listed,) = [s for s in emr.list_studios()["Studios"] if s["StudioId"] == made]
    assert (listed["Name"], listed["Url"]) == ("data team", told["Url"])


def test_a_studio_is_changed_and_keeps_its_subnets(emr, studio):
    made = studio()
    subnets = ["subnet-2", "subnet-1", "subnet-3"]
    emr.update_studio(StudioId=made, Name="all", SubnetIds=subnets, DefaultS3Location="s3://other")
    told = emr.describe_studio(StudioId=made)["Studio"]
    assert (told["Name"], told["SubnetIds"], told["DefaultS3Location"]) == (
        "all",
        subnets,
        "s3://other",
    )
    code, message = refused(emr.update_studio, StudioId=made, SubnetIds=["subnet-1"])
    assert code == "InvalidRequestException" and "subnet-2" in message


def test_a_studio_is_tagged_and_untagged(emr, studio):
    made = studio(Tags=[{"Key": "team", "Value": "data"}])
    cost = {"Key": "cost", "Value": "1"}
    emr.add_tags(ResourceId=made, Tags=[cost])
    emr.remove_tags(ResourceId=made, TagKeys=["team"])
    assert emr.describe_studio(StudioId=made)["Studio"]["Tags"] == [cost]
    code, message = refused(emr.add_tags, ResourceId="es-NOTHING", Tags=[cost])
    assert code == "InvalidRequestException" and "es-NOTHING" in message
    reserved = [{"Key": "aws:x", "Value": "1"}]
    assert refused(emr.add_tags, ResourceId=made, Tags=reserved)[0] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"SubnetIds": [f"subnet-{n}" for n in range(6)]}, "InvalidRequestException", "one to 5"),
        ({"SubnetIds": []}, "InvalidRequestException", "one to 5"),
        ({"SubnetIds": ["here"]}, "InvalidRequestException", "here"),
        ({"VpcId": "x"}, "InvalidRequestException", "vpc-"),
        ({"EngineSecurityGroupId": "x"}, "InvalidRequestException", "EngineSecurityGroupId"),
        ({"DefaultS3Location": "/tmp"}, "InvalidRequestException", "DefaultS3Location"),
        ({"AuthMode": "SSO"}, "InvalidRequestException", "UserRole"),
        ({"UserRole": "r"}, "InvalidRequestException", "UserRole"),
        ({"Name": ""}, "InvalidRequestException", "Name"),
        ({"TrustedIdentityPropagationEnabled": True}, "NotImplemented", "TrustedIdentity"),
    ],
)
def test_what_no_studio_can_be_is_refused(emr, more, code, said):
    answer = refused(emr.create_studio, **request(**more))
    assert answer[0] == code and said in answer[1]


def test_five_subnets_are_taken(studio):
    assert studio(SubnetIds=[f"subnet-{n}" for n in range(5)])


def test_session_mappings(emr, studio):
    made = studio(AuthMode="SSO", UserRole="EMRStudio_User_Role")
    who = {"StudioId": made, "IdentityType": "USER", "IdentityName": "ann"}
    emr.create_studio_session_mapping(**who, SessionPolicyArn=POLICY)
    assert "already" in refused(
        emr.create_studio_session_mapping, **who, SessionPolicyArn=POLICY
    )[1]  # fmt: skip
    emr.create_studio_session_mapping(
        StudioId=made, IdentityType="GROUP", IdentityId="g-1", SessionPolicyArn=POLICY
    )
    emr.update_studio_session_mapping(**who, SessionPolicyArn=POLICY + "-2")
    told = emr.get_studio_session_mapping(**who)["SessionMapping"]
    assert (told["IdentityName"], told["SessionPolicyArn"]) == ("ann", POLICY + "-2")
    assert told["LastModifiedTime"] >= told["CreationTime"]
    users = emr.list_studio_session_mappings(StudioId=made, IdentityType="USER")["SessionMappings"]
    assert [each["IdentityName"] for each in users] == ["ann"]
    assert len(emr.list_studio_session_mappings(StudioId=made)["SessionMappings"]) == 2
    emr.delete_studio_session_mapping(**who)
    assert refused(emr.get_studio_session_mapping, **who)[0] == "InvalidRequestException"


def test_mappings_are_for_studios_with_single_sign_on(emr, studio):
    who = {"StudioId": studio(), "IdentityType": "USER", "IdentityName": "ann"}
    code, message = refused(emr.create_studio_session_mapping, **who, SessionPolicyArn=POLICY)
    assert code == "InvalidRequestException" and "AuthMode IAM" in message


def test_unknown_studios(emr):
    for call in (emr.describe_studio, emr.delete_studio):
        assert refused(call, StudioId="es-NONE") == (
            "InvalidRequestException",
            "Studio id 'es-NONE' is not valid.",
        )


def test_studios_outlive_the_server_and_lead_to_jupyterlab(fresh_server):
    emr = fresh_server.client("emr")
    made = emr.create_studio(**request())
    fresh_server.restart()
    emr = fresh_server.client("emr")
    (listed,) = emr.list_studios()["Studios"]
    assert listed["StudioId"] == made["StudioId"] and listed["Url"] == made["Url"]
    assert requests.get(made["Url"], timeout=30).status_code == 401
    keys = (fresh_server.access_key_id, fresh_server.secret_access_key)
    page = requests.get(made["Url"], auth=keys, timeout=30)
    assert page.status_code == 503 and "tarn notebook" in page.text
    # JupyterLab has the keys of who started it.
    guest = fresh_server.client("sts").get_federation_token(Name="guest")["Credentials"]
    pair = (guest["AccessKeyId"], guest["SecretAccessKey"] + ":" + guest["SessionToken"])
    page = requests.get(made["Url"], auth=pair, timeout=30)
    assert page.status_code == 403 and "CreateStudioPresignedUrl" in page.text
