"""Change sets through boto3, and what `aws cloudformation deploy` and `package` make of them."""

from __future__ import annotations

import json
import time

import pytest
from cloudformation_steps import events_of, outputs_of, refused, resources_of, wait_for_status

BODY = """
Parameters: {Shards: {Type: Number, Default: 1}, Name: {Type: String, Default: one}}
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !Ref Shards, Name: !Sub "${AWS::StackName}-${Name}"}}
  Consumer: {Type: AWS::Kinesis::StreamConsumer, Properties: {ConsumerName: c, StreamARN: !GetAtt Stream.Arn}}
Outputs: {Name: {Value: !Ref Stream}}
"""
BUCKET = "  Bucket: {Type: AWS::S3::Bucket}\nOutputs:"


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


@pytest.fixture
def name(cloudformation, unique):
    """Of a stack that goes at the end."""
    chosen = unique("sets")
    yield chosen
    cloudformation.delete_stack(StackName=chosen)


def changes_of(cloudformation, **which):
    told = cloudformation.describe_change_set(**which)
    return told, {
        c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in told["Changes"]
    }


def test_a_stack_is_made_and_changed_by_change_sets(cloudformation, name):
    made = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=BODY,
        Description="to begin with",
        Tags=[{"Key": "team", "Value": "red"}],
    )
    assert ":changeSet/first/" in made["Id"]
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"])
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    told, changes = changes_of(cloudformation, ChangeSetName="first", StackName=name)
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert (told["Description"], told["Tags"]) == (
        "to begin with",
        [{"Key": "team", "Value": "red"}],
    )
    assert {c["Action"] for c in changes.values()} == {"Add"}
    assert cloudformation.get_template(ChangeSetName=made["Id"])["TemplateBody"] == BODY
    code, _ = refused(
        cloudformation.create_change_set,
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=BODY,
    )  # fmt: skip
    assert code == "AlreadyExistsException"
    cloudformation.create_change_set(
        StackName=name, ChangeSetName="other", ChangeSetType="CREATE", TemplateBody=BODY
    )
    cloudformation.execute_change_set(ChangeSetName="first", StackName=name)
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    events = events_of(cloudformation, name)
    assert events[0] == (name, "REVIEW_IN_PROGRESS")
    assert events[1] == (name, "CREATE_IN_PROGRESS")
    # The others are gone; this one has been executed.
    (left,) = cloudformation.list_change_sets(StackName=name)["Summaries"]
    assert (left["ChangeSetName"], left["ExecutionStatus"]) == ("first", "EXECUTE_COMPLETE")
    code, message = refused(
        cloudformation.execute_change_set, ChangeSetName="first", StackName=name
    )
    assert (code, "[EXECUTE_COMPLETE]" in message) == ("InvalidChangeSetStatus", True)

    before = resources_of(cloudformation, name)
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="second",
        TemplateBody=BODY.replace("Outputs:", BUCKET),
        Parameters=[
            {"ParameterKey": "Shards", "ParameterValue": "2"},
            {"ParameterKey": "Name", "UsePreviousValue": True},
        ],
    )
    told, changes = changes_of(
        cloudformation, ChangeSetName="second", StackName=name, IncludePropertyValues=True
    )
    stream = changes["Stream"]
    assert (stream["Action"], stream["Replacement"]) == ("Modify", "False")
    assert stream["PhysicalResourceId"] == before["Stream"]
    assert stream["Scope"] == ["Properties"]
    (detail,) = stream["Details"]
    target = detail["Target"]
    assert (target["Name"], target["RequiresRecreation"]) == ("ShardCount", "Never")
    assert (target["BeforeValue"], target["AfterValue"]) == ("1", "2")
    assert (detail["ChangeSource"], detail["CausingEntity"]) == ("ParameterReference", "Shards")
    assert json.loads(stream["BeforeContext"])["Properties"]["ShardCount"] == "1"
    assert json.loads(stream["AfterContext"])["Properties"]["ShardCount"] == "2"
    assert changes["Bucket"]["Action"] == "Add"
    assert set(changes) == {"Stream", "Bucket"}
    # Nothing has been done yet.
    assert resources_of(cloudformation, name) == before
    cloudformation.execute_change_set(ChangeSetName="second", StackName=name)
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert "Bucket" in resources_of(cloudformation, name)


def test_what_is_replaced_and_what_depends_on_it_is_told(cloudformation, name):
    cloudformation.create_stack(StackName=name, TemplateBody=BODY)
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="replaces",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "two"}],
    )
    _, changes = changes_of(
        cloudformation, ChangeSetName="replaces", StackName=name, IncludePropertyValues=True
    )
    assert changes["Stream"]["Replacement"] == "True"
    consumer = changes["Consumer"]
    assert consumer["Replacement"] == "Conditional"
    (detail,) = consumer["Details"]
    assert (detail["Evaluation"], detail["ChangeSource"]) == ("Dynamic", "ResourceAttribute")
    assert detail["Target"]["AfterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"

    # The stack moves on: what was planned does not hold any more.
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Shards", "ParameterValue": "2"}],
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    told = cloudformation.describe_change_set(ChangeSetName="replaces", StackName=name)
    assert told["ExecutionStatus"] == "OBSOLETE"
    code, _ = refused(cloudformation.execute_change_set, ChangeSetName="replaces", StackName=name)
    assert code == "InvalidChangeSetStatus"

    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="removes",
        TemplateBody="Resources: {Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 2, Name: !Sub '${AWS::StackName}-one'}}}",
    )
    _, changes = changes_of(cloudformation, ChangeSetName="removes", StackName=name)
    assert {n: c["Action"] for n, c in changes.items()} == {"Consumer": "Remove"}
    cloudformation.delete_change_set(ChangeSetName="removes", StackName=name)
    code, message = refused(
        cloudformation.describe_change_set, ChangeSetName="removes", StackName=name
    )
    assert (code, message) == ("ChangeSetNotFound", "ChangeSet [removes] does not exist")


def test_what_a_change_set_cannot_be(cloudformation, name, unique):
    cloudformation.create_stack(StackName=name, TemplateBody=BODY)
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    create = cloudformation.create_change_set
    base = {"StackName": name, "ChangeSetName": "c", "TemplateBody": BODY}
    assert "already exists" in refused(create, **base, ChangeSetType="CREATE")[1]
    assert "does not exist" in refused(create, **{**base, "StackName": unique("absent")})[1]
    assert refused(create, **base, IncludeNestedStacks=True)[0] == "NotImplemented"
    assert "ResourcesToImport" in refused(create, **base, ChangeSetType="IMPORT")[1]
    message = refused(create, **{**base, "TemplateBody": "Resources: {A: {Type: 'AWS::No::No'}}"})[
        1
    ]
    assert "Unrecognized resource types" in message
    message = refused(cloudformation.describe_change_set, ChangeSetName="c")[1]
    assert "StackName must be specified" in message
    # Of a stack that is not there nothing stays behind.
    absent = unique("absent")
    refused(
        create, StackName=absent, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody="A: b"
    )
    assert refused(cloudformation.describe_stacks, StackName=absent)[0] == "ValidationError"


def test_the_cli_deploys(aws_cli, cloudformation, name, tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(BODY)

    def deploy(*more):
        time.sleep(1.1)  # the CLI names its change sets by the second
        # Tags that are not given again are taken away, as on AWS.
        return aws_cli(
            "cloudformation", "deploy", "--stack-name", name, "--template-file", path,
            "--tags", "team=red", *more, check=False,
        )  # fmt: skip

    done = deploy()
    assert (done.returncode, "Successfully created/updated stack" in done.stdout) == (0, True), done
    assert outputs_of(cloudformation, name)["Name"] == f"{name}-one"
    done = deploy("--no-fail-on-empty-changeset")
    assert (done.returncode, "No changes to deploy" in done.stdout) == (0, True), done
    done = deploy("--fail-on-empty-changeset")
    assert done.returncode == 255, done
    path.write_text(BODY.replace("Outputs:", BUCKET))
    done = deploy("--parameter-overrides", "Shards=2")
    assert done.returncode == 0, done
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stack["Tags"] == [{"Key": "team", "Value": "red"}]
    assert {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]} == {
        "Shards": "2",
        "Name": "one",
    }
    path.write_text(BODY.replace("ShardCount", "ShardCont"))
    done = deploy()
    assert (done.returncode, "extraneous key [ShardCont]" in done.stderr) == (255, True), done


def test_the_cli_packages_and_deploys_nested_stacks(
    server, client, cloudformation, bucket, name, tmp_path
):
    """By `tarn aws`: package asks S3 where the environment says, whatever --endpoint-url is."""
    (tmp_path / "child.yaml").write_text(
        "Resources: {Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}}\n"
        "Outputs: {Name: {Value: !Ref Stream}}\n"
    )
    parent, packaged = tmp_path / "parent.yaml", tmp_path / "packaged.yaml"
    parent.write_text(
        "Resources: {Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}}\n"
        "Outputs: {Name: {Value: !GetAtt Child.Outputs.Name}}\n"
    )
    done = server.tarn(
        "aws", "cloudformation", "package", "--template-file", parent, "--s3-bucket", bucket,
        "--output-template-file", packaged, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert "child.yaml" not in packaged.read_text()
    done = server.tarn(
        "aws", "cloudformation", "deploy", "--stack-name", name, "--template-file", packaged, check=False
    )  # fmt: skip
    assert done.returncode == 0, done
    stream = outputs_of(cloudformation, name)["Name"]
    assert stream.startswith(f"{name}-Child-")
    assert client("kinesis").describe_stream_summary(StreamName=stream)
