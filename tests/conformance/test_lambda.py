"""Lambda: functions that run for real, by boto3 and the AWS CLI."""

import base64
import io
import json
import time
import zipfile

import pytest
from botocore.exceptions import ClientError
from tarn_server import TarnServer

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
DEADLINE_S = 120

ECHO = """
import json, os, sys

def handler(event, context):
    print("seen", json.dumps(event))
    return {
        "event": event,
        "name": context.function_name,
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis() > 0,
        "greeting": os.environ.get("GREETING"),
        "root": os.environ["LAMBDA_TASK_ROOT"],
        "memory": context.memory_limit_in_mb,
    }

def fails(event, context):
    raise KeyError("no such pixel")

def hangs(event, context):
    import time
    print("before", flush=True)
    time.sleep(60)

def leaves(event, context):
    os._exit(7)

def who(event, context):
    import boto3
    return boto3.client("sts").get_caller_identity()["Arn"]

def not_json(event, context):
    return {1, 2}

def sees(event, context):
    return {"data": os.path.exists(event["data"]), "uid": os.getuid(), "pids": len(
        [each for each in os.listdir("/proc") if each.isdigit()])}

def prints_bytes(event, context):
    # Of a line of its own, and in one that becomes several events.
    sys.stdout.buffer.write(b"caf\\xe9\\n" + ("ä" * 200_000).encode() + b"\\n")

counter = 0

def counts(event, context):
    global counter
    counter += 1
    return counter
"""


def zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


@pytest.fixture(scope="module")
def role(server):
    iam = server.client("iam")
    made = iam.create_role(RoleName="function-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made["Role"]["Arn"]


@pytest.fixture
def lambdas(client):
    return client("lambda")


@pytest.fixture
def function(lambdas, role, unique):
    """Makes functions of ECHO: function("handler", Timeout=5) gives the name."""

    def make(handler="handler", **settings):
        name = unique("function")
        lambdas.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler=f"index.{handler}",
            Code={"ZipFile": zipped({"index.py": ECHO})},
            **{"Role": role, **settings},
        )
        return name

    return make


def called(lambdas, name, event=None, **settings):
    answer = lambdas.invoke(FunctionName=name, Payload=json.dumps(event), **settings)
    return answer, json.loads(answer["Payload"].read())


def test_a_function_answers_with_what_its_handler_gives(lambdas, function):
    name = function(Environment={"Variables": {"GREETING": "hello"}}, MemorySize=192)
    answer, said = called(lambdas, name, {"pixel": 1}, LogType="Tail")
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer, said
    assert answer["ExecutedVersion"] == "$LATEST"
    assert said["event"] == {"pixel": 1}
    assert said["name"] == name
    assert said["version"] == "$LATEST"
    assert said["arn"].endswith(f":function:{name}")
    assert said["left"] and said["greeting"] == "hello" and said["root"] == "/var/task"
    assert said["memory"] == "192"
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith("START RequestId: ")
    assert 'seen {"pixel": 1}\n' in log
    assert "\nREPORT RequestId: " in log


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        ("fails", "KeyError", "no such pixel"),
        ("hangs", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        ("leaves", "Runtime.ExitError", "exit status 7"),
        ("not_json", "Runtime.MarshalError", "Unable to marshal response"),
        ("missing", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'index'"),
    ],
)
def test_what_goes_wrong_is_the_functions_answer(lambdas, function, handler, kind, words):
    name = function(handler, Timeout=1 if handler == "hangs" else 30)
    answer, said = called(lambdas, name)
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorType"] == kind
    assert words in said["errorMessage"]
    # And the next call is served as if nothing had been.
    again, _ = called(lambdas, name)
    assert again["FunctionError"] == "Unhandled"


def test_a_module_that_cannot_be_read_says_so(lambdas, role, unique):
    for text, kind in [
        ("import nothing_of_that_name", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
    ]:
        name = unique("broken")
        lambdas.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": zipped({"index.py": text})},
        )
        answer, said = called(lambdas, name)
        assert answer["FunctionError"] == "Unhandled"
        assert said["errorType"] == kind


def test_it_runs_as_its_role_and_apart_from_the_machine(lambdas, function, role, server):
    _, arn = called(lambdas, function("who", Timeout=30))
    assert ":assumed-role/function-role/" in arn
    _, seen = called(lambdas, function("sees"), {"data": str(server.data_dir / "store")})
    assert seen["uid"] != 0
    assert not seen["data"]
    assert seen["pids"] < 10


def test_an_environment_is_used_again_until_the_code_changes(lambdas, function):
    name = function("counts")
    assert [called(lambdas, name)[1] for _ in range(3)] == [1, 2, 3]
    lambdas.update_function_code(
        FunctionName=name, ZipFile=zipped({"index.py": "def counts(e, c): return 'new'"})
    )
    assert called(lambdas, name)[1] == "new"


def test_versions_stay_and_aliases_lead_to_them(lambdas, function):
    name = function("counts")
    first = lambdas.publish_version(FunctionName=name)
    assert first["Version"] == "1" and first["FunctionArn"].endswith(f"{name}:1")
    # Nothing has changed: no other version is made.
    assert lambdas.publish_version(FunctionName=name)["Version"] == "1"
    lambdas.update_function_configuration(FunctionName=name, Handler="index.handler")
    second = lambdas.publish_version(FunctionName=name, Description="echo")
    assert second["Version"] == "2"
    alias = lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert called(lambdas, f"{name}:live")[1] == 1
    lambdas.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    answer, said = called(lambdas, alias["AliasArn"], {"a": 1})
    assert said["event"] == {"a": 1} and said["version"] == "2"
    assert answer["ExecutedVersion"] == "2"
    versions = lambdas.list_versions_by_function(FunctionName=name)["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1", "2"]
    with pytest.raises(lambdas.exceptions.ResourceConflictException):
        lambdas.delete_function(FunctionName=name, Qualifier="2")
    lambdas.delete_alias(FunctionName=name, Name="live")
    lambdas.delete_function(FunctionName=name, Qualifier="2")
    with pytest.raises(lambdas.exceptions.ResourceNotFoundException):
        lambdas.get_function(FunctionName=name, Qualifier="2")


def test_code_comes_from_a_bucket(lambdas, role, unique, s3):
    bucket, name = unique("code"), unique("function")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=bucket, Key="f.zip", Body=zipped({"app/main.py": "def h(e, c): return e"}))
    lambdas.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="app/main.h",
        Code={"S3Bucket": bucket, "S3Key": "f.zip"},
    )
    assert called(lambdas, name, [1, 2])[1] == [1, 2]
    with pytest.raises(ClientError, match="GetObject"):
        lambdas.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="nothing.zip")


def test_nodejs_functions_run(lambdas, role, unique):
    name = unique("node")
    text = """
exports.handler = async (event, context) => {
  console.log("seen", event.pixel);
  if (event.pixel === 0) throw new RangeError("no pixel");
  return { twice: 2 * event.pixel, name: context.functionName };
};
exports.back = (event, context, callback) => callback(null, "called back");
"""
    lambdas.create_function(
        FunctionName=name,
        Runtime="nodejs20.x",
        Role=role,
        Handler="index.handler",
        MemorySize=512,
        Timeout=30,
        Code={"ZipFile": zipped({"index.js": text})},
    )
    answer, said = called(lambdas, name, {"pixel": 21}, LogType="Tail")
    assert said == {"twice": 42, "name": name}, said
    assert "seen 21" in base64.b64decode(answer["LogResult"]).decode()
    answer, said = called(lambdas, name, {"pixel": 0})
    assert answer["FunctionError"] == "Unhandled"
    assert (said["errorType"], said["errorMessage"]) == ("RangeError", "no pixel")
    lambdas.update_function_configuration(FunctionName=name, Handler="index.back")
    assert called(lambdas, name, {})[1] == "called back"


def test_bad_requests_say_what_to_change(lambdas, role, unique):
    def make(**changed):
        settings = {
            "FunctionName": unique("bad"),
            "Runtime": "python3.12",
            "Role": role,
            "Handler": "index.handler",
            "Code": {"ZipFile": zipped({"index.py": ECHO})},
        }
        with pytest.raises(ClientError) as error:
            lambdas.create_function(**{**settings, **changed})
        return error.value.response["Error"]

    assert "Could not unzip" in make(Code={"ZipFile": b"no zip"})["Message"]
    assert "Could not unzip" in make(Code={"ZipFile": zipped({"../x.py": ""})})["Message"]
    assert make(Runtime="ruby3.3")["Code"] == "NotImplemented"
    assert "AWS_REGION" in make(Environment={"Variables": {"AWS_REGION": "x"}})["Message"]
    assert make(Timeout=901)["Code"] == "ValidationException"
    missing = make(Role=role.replace("function-role", "no-role"))
    assert missing["Code"] == "InvalidParameterValueException"
    assert "cannot be assumed by Lambda" in missing["Message"]
    with pytest.raises(lambdas.exceptions.ResourceNotFoundException, match="Function not found"):
        lambdas.invoke(FunctionName="nobody")
    with pytest.raises(ClientError, match="CreateEventSourceMapping"):
        lambdas.create_event_source_mapping(
            EventSourceArn="arn:aws:sqs:us-west-2:1:q", FunctionName="x"
        )


def test_policies_decide_who_may_call(lambdas, function, server, client, unique):
    name = function()
    iam = client("iam")
    user = unique("caller")
    arn = iam.create_user(UserName=user)["User"]["Arn"]
    keys = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = server.client(
        "lambda",
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
    )
    with pytest.raises(ClientError, match="not authorized to perform: lambda:InvokeFunction"):
        theirs.invoke(FunctionName=name)
    lambdas.add_permission(
        FunctionName=name, StatementId="one", Action="lambda:InvokeFunction", Principal=arn
    )
    assert theirs.invoke(FunctionName=name)["StatusCode"] == 200
    policy = json.loads(lambdas.get_policy(FunctionName=name)["Policy"])
    assert policy["Statement"][0]["Sid"] == "one"
    lambdas.remove_permission(FunctionName=name, StatementId="one")
    with pytest.raises(ClientError, match="not authorized"):
        theirs.invoke(FunctionName=name)


def test_the_aws_cli_makes_calls_and_deletes(aws_cli, role, tmp_path, unique):
    name = unique("cli")
    (tmp_path / "f.zip").write_bytes(zipped({"index.py": ECHO}))
    made = aws_cli(
        *("lambda", "create-function", "--function-name", name, "--runtime", "python3.12"),
        *("--role", role, "--handler", "index.handler", "--zip-file", f"fileb://{tmp_path}/f.zip"),
        *("--tags", "team=ads"),
    )
    assert made["State"] == "Active" and made["Runtime"] == "python3.12"
    out = tmp_path / "out.json"
    answer = aws_cli(
        *("lambda", "invoke", "--function-name", name, "--payload", '{"a": 1}'),
        str(out),
    )
    assert answer["StatusCode"] == 200
    assert json.loads(out.read_text())["event"] == {"a": 1}
    assert aws_cli("lambda", "list-tags", "--resource", made["FunctionArn"])["Tags"] == {
        "team": "ads"
    }
    names = [each["FunctionName"] for each in aws_cli("lambda", "list-functions")["Functions"]]
    assert name in names
    aws_cli("lambda", "delete-function", "--function-name", name)
    names = [each["FunctionName"] for each in aws_cli("lambda", "list-functions")["Functions"]]
    assert name not in names


NOTES = """
import os, time

def handler(event, context):
    import boto3
    boto3.client("s3").put_object(Bucket=event["bucket"], Key=context.aws_request_id, Body=b"x")
    time.sleep(event.get("sleep", 0))
"""


def test_an_acknowledged_event_survives_kill_9(fresh_server: TarnServer):
    iam, s3, lambdas = (fresh_server.client(each) for each in ("iam", "s3", "lambda"))
    role = iam.create_role(RoleName="notes", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(
        RoleName="notes",
        PolicyName="write",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}],
            }
        ),
    )
    s3.create_bucket(Bucket="notes", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    lambdas.create_function(
        FunctionName="notes",
        Runtime="python3.12",
        Role=role["Arn"],
        Handler="index.handler",
        Timeout=60,
        Code={"ZipFile": zipped({"index.py": NOTES})},
    )
    ids = set()
    for _ in range(3):
        answer = lambdas.invoke(
            FunctionName="notes",
            InvocationType="Event",
            Payload=json.dumps({"bucket": "notes", "sleep": 0.2}),
        )
        assert answer["StatusCode"] == 202
        ids.add(answer["ResponseMetadata"]["RequestId"])
    fresh_server.kill9()
    fresh_server.start()
    s3 = fresh_server.client("s3")
    deadline = time.monotonic() + DEADLINE_S
    keys = set()
    while keys != ids and time.monotonic() < deadline:
        time.sleep(0.2)
        keys = {each["Key"] for each in s3.list_objects_v2(Bucket="notes").get("Contents", [])}
    assert keys == ids


@pytest.fixture
def writes_logs(client, unique):
    """A role whose functions may write their logs."""
    iam, role = client("iam"), unique("writes-logs")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName=role,
        PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    return arn


def logged(lambdas, logs, name, event):
    """(the id of a call of a new function of `event`, the messages that it left in its log)"""
    answer, _ = called(lambdas, name, event)
    group = f"/aws/lambda/{name}"
    messages = []
    deadline = time.monotonic() + DEADLINE_S
    while not any("REPORT" in each for each in messages) and time.monotonic() < deadline:
        time.sleep(0.1)
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            messages = [each["message"].strip() for page in pages for each in page["events"]]
    return answer["ResponseMetadata"]["RequestId"], messages


def test_what_a_function_prints_is_in_its_log(lambdas, client, function, writes_logs):
    name = function("handler", Role=writes_logs)
    request, messages = logged(lambdas, client("logs"), name, {"pixel": 7})
    assert messages[0] == f"START RequestId: {request} Version: $LATEST"
    assert messages[1] == 'seen {"pixel": 7}'
    assert messages[2] == f"END RequestId: {request}"
    assert messages[3].startswith(f"REPORT RequestId: {request}\tDuration: ")


def test_what_a_function_prints_may_be_no_text(lambdas, client, function, writes_logs):
    name = function("prints_bytes", Role=writes_logs)
    _, messages = logged(lambdas, client("logs"), name, {})
    assert messages[1] == "caf\ufffd"
    assert len(messages) == 6 and messages[2] + messages[3] == "ä" * 200_000
    assert lambdas.get_function(FunctionName=name)
