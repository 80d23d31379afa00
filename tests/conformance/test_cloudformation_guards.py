"""What guards stacks: stack policies, a creation's time-out, RetainExceptOnCreate, wait conditions; through boto3 and
the AWS CLI."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest
from cloudformation_steps import outputs_of, refused, resources_of, wait, wait_for_status

TEMPLATE = """
Resources:
  Precious: {Type: AWS::Kinesis::Stream, Properties: {Name: NAME-precious, RetentionPeriodHours: 24}}
  Plain: {Type: AWS::Kinesis::Stream, Properties: {Name: NAME-plain, RetentionPeriodHours: 24}}
"""
ALLOW_ALL = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}


def denied(*actions, resource="LogicalResourceId/Precious", **more):
    deny = {"Effect": "Deny", "Action": list(actions), "Principal": "*", "Resource": resource}
    return json.dumps({"Statement": [ALLOW_ALL, {**deny, **more}]})


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


def made(cloudformation, stack, template=TEMPLATE, **more):
    cloudformation.create_stack(
        StackName=stack, TemplateBody=template.replace("NAME", stack), **more
    )
    wait(cloudformation, "stack_create_complete", stack)


def reasons(cloudformation, stack, status):
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [e.get("ResourceStatusReason") for e in events if e["ResourceStatus"] == status]


@pytest.mark.parametrize(
    "change, action",
    [
        (("NAME-precious, RetentionPeriodHours: 24", "NAME-precious, RetentionPeriodHours: 48"), "Update:Modify"),
        (("NAME-precious", "NAME-other"), "Update:Replace"),
        (("Precious:", "Another:"), "Update:Delete"),
    ],
)  # fmt: skip
def test_a_policy_keeps_a_resource_from_updates(cloudformation, client, unique, change, action):
    stack = unique("guard")
    made(cloudformation, stack, StackPolicyBody=denied(action))
    before = resources_of(cloudformation, stack)
    wanted = TEMPLATE.replace(*change).replace("Another: {Type: AWS::Kinesis::Stream, Properties: {Name: NAME-precious",
                                               "Another: {Type: AWS::Kinesis::Stream, Properties: {Name: NAME-another")  # fmt: skip
    cloudformation.update_stack(StackName=stack, TemplateBody=wanted.replace("NAME", stack))
    wait_for_status(cloudformation, stack, "UPDATE_ROLLBACK_COMPLETE")
    assert reasons(cloudformation, stack, "UPDATE_FAILED") == [
        f"Action denied by stack policy: Statement [#2] does not allow [{action}] for resource "
        "[LogicalResourceId/Precious];"
    ]
    assert resources_of(cloudformation, stack) == before
    client("kinesis").describe_stream_summary(StreamName=f"{stack}-precious")


def test_a_policy_is_set_told_and_passed_over_for_one_update(cloudformation, aws_cli, unique):
    stack = unique("guard")
    made(cloudformation, stack)
    assert "StackPolicyBody" not in cloudformation.get_stack_policy(StackName=stack)
    policy = denied("Update:*")
    aws_cli(
        "cloudformation", "set-stack-policy", "--stack-name", stack, "--stack-policy-body", policy
    )
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == policy

    longer = TEMPLATE.replace("NAME", stack).replace(
        "RetentionPeriodHours: 24", "RetentionPeriodHours: 48"
    )
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=longer,
        StackPolicyDuringUpdateBody=json.dumps({"Statement": [ALLOW_ALL]}),
    )
    wait(cloudformation, "stack_update_complete", stack)
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == policy
    # What nothing allows is not allowed; by type, too.
    only_tables = json.dumps(
        {"Statement": [{**ALLOW_ALL, "Condition": {"StringLike": {"ResourceType": "AWS::Dyn*"}}}]}
    )
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=only_tables)
    cloudformation.update_stack(StackName=stack, TemplateBody=longer.replace("48", "72"))
    wait_for_status(cloudformation, stack, "UPDATE_ROLLBACK_COMPLETE")
    refusals = [r for r in reasons(cloudformation, stack, "UPDATE_FAILED") if "policy" in r]
    assert refusals
    assert all(r.startswith("Action not allowed by stack policy") for r in refusals)


@pytest.mark.parametrize(
    "policy, said",
    [
        ("{", "not a JSON object"),
        ("{}", "Statement is missing"),
        (json.dumps({"Statement": [{**ALLOW_ALL, "Principal": "me"}]}), "Principal must be"),
        (json.dumps({"Statement": [{**ALLOW_ALL, "Action": "Update:All"}]}), "unknown Action Update:All"),
        (json.dumps({"Statement": [{**ALLOW_ALL, "Resource": "Precious"}]}), "must begin with LogicalResourceId/"),
        (json.dumps({"Statement": [{**ALLOW_ALL, "NotResource": "*"}]}), "either Resource or NotResource"),
    ],
)  # fmt: skip
def test_a_malformed_policy_is_refused_by_what_is_wrong(cloudformation, unique, policy, said):
    code, text = refused(
        cloudformation.create_stack, StackName=unique("guard"), TemplateBody=TEMPLATE, StackPolicyBody=policy
    )  # fmt: skip
    assert (code, said in text) == ("ValidationError", True), text


# --- wait conditions --------------------------------------------------------------------------------

WAITING = """
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: TIMEOUT, Count: 2}
Outputs:
  Data: {Value: !GetAtt Wait.Data}
"""


def handle_of(cloudformation, stack):
    cloudformation.get_waiter("stack_exists").wait(StackName=stack)
    while not (url := resources_of(cloudformation, stack).get("Handle")):
        pass
    return url


def signal(url, **said):
    """The HTTP status of a PUT, as curl in a bootstrap script would do it."""
    request = urllib.request.Request(url, json.dumps(said).encode(), method="PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_condition_waits_for_its_signals_and_tells_their_data(cloudformation, unique):
    stack = unique("wait")
    cloudformation.create_stack(StackName=stack, TemplateBody=WAITING.replace("TIMEOUT", "60"))
    url = handle_of(cloudformation, stack)
    assert signal(url, Status="SUCCESS", UniqueId="a", Data="one", Reason="ready") == 200
    assert signal(url, Status="SUCCESS", UniqueId="a", Data="again", Reason="ready") == 200
    assert signal(url, Status="WHAT", UniqueId="b") == 400
    assert signal(url + "x", Status="SUCCESS", UniqueId="b") == 404
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert found["StackStatus"] == "CREATE_IN_PROGRESS"
    assert signal(url, Status="SUCCESS", UniqueId="b", Data="two", Reason="ready") == 200
    wait(cloudformation, "stack_create_complete", stack)
    assert json.loads(outputs_of(cloudformation, stack)["Data"]) == {"a": "one", "b": "two"}


def test_a_failure_and_silence_fail_the_stack_by_their_words(cloudformation, unique):
    failing, silent = unique("wait"), unique("wait")
    cloudformation.create_stack(StackName=failing, TemplateBody=WAITING.replace("TIMEOUT", "60"))
    cloudformation.create_stack(StackName=silent, TemplateBody=WAITING.replace("TIMEOUT", "1"))
    url = handle_of(cloudformation, failing)
    signal(url, Status="FAILURE", UniqueId="a", Reason="no disk", Data="")
    wait_for_status(cloudformation, failing, "ROLLBACK_COMPLETE")
    assert reasons(cloudformation, failing, "CREATE_FAILED") == [
        "WaitCondition received failed message: 'no disk' for uniqueId: a"
    ]
    wait_for_status(cloudformation, silent, "ROLLBACK_COMPLETE")
    assert reasons(cloudformation, silent, "CREATE_FAILED") == [
        "WaitCondition timed out. Received 0 conditions when expecting 2"
    ]


def test_a_creation_policy_waits_for_signal_resource(cloudformation, aws_cli, unique):
    stack = unique("wait")
    template = """
Resources:
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT1M}}
"""
    cloudformation.create_stack(StackName=stack, TemplateBody=template)
    while not resources_of(cloudformation, stack).get("Wait"):
        pass
    signalled = ("signal-resource", "--stack-name", stack, "--logical-resource-id", "Wait")
    aws_cli("cloudformation", *signalled, "--unique-id", "i-1", "--status", "SUCCESS")
    wait(cloudformation, "stack_create_complete", stack)
    late = aws_cli(
        "cloudformation", *signalled, "--unique-id", "i-1", "--status", "SUCCESS", check=False
    )
    assert "Signal not accepted" in late.stderr


def test_a_signal_that_came_is_kept_over_the_servers_death(fresh_server):
    cloudformation = fresh_server.client("cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=WAITING.replace("TIMEOUT", "60"))
    url = handle_of(cloudformation, "s")
    assert signal(url, Status="SUCCESS", UniqueId="a", Data="one") == 200
    fresh_server.kill9()
    fresh_server.restart()
    cloudformation = fresh_server.client("cloudformation")
    assert signal(url, Status="SUCCESS", UniqueId="b", Data="two") == 200
    wait(cloudformation, "stack_create_complete", "s")


# --- time-outs and what stays -----------------------------------------------------------------------


def test_a_creation_that_takes_too_long_is_rolled_back(cloudformation, unique):
    stack = unique("late")
    template = WAITING.replace("TIMEOUT", "600") + "  Late: {Value: x}\n"
    kept = """
  Kept: {Type: AWS::Kinesis::Stream, DeletionPolicy: Retain, Properties: {Name: NAME-kept}}
"""
    template = template.replace("Resources:\n", f"Resources:{kept}").replace("NAME", stack)
    cloudformation.create_stack(
        StackName=stack, TemplateBody=template, TimeoutInMinutes=1, RetainExceptOnCreate=True
    )
    threading.Event().wait(1)
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert (found["StackStatus"], found["TimeoutInMinutes"]) == ("CREATE_IN_PROGRESS", 1)
    url = handle_of(cloudformation, stack)
    signal(url, Status="FAILURE", UniqueId="a", Reason="enough")
    wait_for_status(cloudformation, stack, "ROLLBACK_COMPLETE")
    deleted = [
        e["LogicalResourceId"]
        for e in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        if e["ResourceStatus"] == "DELETE_COMPLETE"
    ]
    assert "Kept" in deleted
