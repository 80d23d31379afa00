"""What a cluster is given: a role's keys, configurations by classification, a security configuration, a place for its
logs. One cluster has all of them."""

from __future__ import annotations

import json
import subprocess

import boto3
import pytest
from emr_steps import (
    command,
    describe,
    read_log,
    refused,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)
from tarn_server import REGION, TARN
from test_emr_hive import FACTORY
from test_iam import EC2_TRUST, allow

BUCKET, OTHER = "emr-settings", "emr-settings-other"
ROLE = "emr-settings-role"
EMR_TRUST = json.loads(json.dumps(EC2_TRUST).replace("ec2.", "elasticmapreduce."))

CONFIGURATIONS = [
    {"Classification": "spark-defaults", "Properties": {"spark.x.y": "from the cluster"}},
    {
        "Classification": "spark-env",
        "Properties": {},
        "Configurations": [{"Classification": "export", "Properties": {"STAGE": "conformance"}}],
    },
    {"Classification": "core-site", "Properties": {"fs.x.y": "of hadoop"}},
    {"Classification": "spark-log4j2", "Properties": {"rootLogger.level": "warn"}},
    {"Classification": "iceberg-defaults", "Properties": {"iceberg.enabled": "true"}},
    {
        "Classification": "spark-hive-site",
        "Properties": {"hive.metastore.client.factory.class": FACTORY},
    },
    {"Classification": "yarn-site", "Properties": {"yarn.x": "y"}},
]

LOOK = """
import os, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext
print(sc.getConf().get("spark.x.y"), sc._jsc.hadoopConfiguration().get("fs.x.y"), sep="|")
inside = sc.parallelize([0], 1).map(lambda _: print("said by an executor") or os.environ["STAGE"]).collect()
print(os.environ["STAGE"], inside)
sc.parallelize(["a"], 1).saveAsTextFile(sys.argv[1])
spark.range(3).write.saveAsTable("given.saved")
"""


def security(mode, **more):
    at_rest = {"S3EncryptionConfiguration": {"EncryptionMode": mode, **more}}
    return json.dumps(
        {
            "EncryptionConfiguration": {
                "EnableInTransitEncryption": False,
                "EnableAtRestEncryption": True,
                "AtRestEncryptionConfiguration": at_rest,
            }
        }
    )


@pytest.fixture(scope="module")
def given(server):
    """A server with the role, the buckets and the security configuration that the cluster names."""
    iam, s3, emr = server.client("iam"), server.client("s3"), server.client("emr")
    region = {"LocationConstraint": "us-west-2"}
    for bucket in (BUCKET, OTHER):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
    s3.put_object(Bucket=BUCKET, Key="look.py", Body=LOOK.encode())
    s3.put_object(Bucket=OTHER, Key="secret", Body=b"of others")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    arns = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="s3", PolicyDocument=allow("s3:*", arns))
    for service in ("kms", "glue"):
        iam.put_role_policy(RoleName=ROLE, PolicyName=service, PolicyDocument=allow(f"{service}:*"))
    iam.create_instance_profile(InstanceProfileName=ROLE)
    iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
    key = server.client("kms").create_key()["KeyMetadata"]["Arn"]
    emr.create_security_configuration(
        Name="at-rest", SecurityConfiguration=security("SSE-KMS", AwsKmsKey=key)
    )
    return server, key


# --- without a cluster -----------------------------------------------------------------------------


def test_security_configurations_are_kept_and_checked(client):
    emr = client("emr")
    made = emr.create_security_configuration(Name="sse", SecurityConfiguration=security("SSE-S3"))
    assert made["Name"] == "sse"
    told = emr.describe_security_configuration(Name="sse")
    assert told["SecurityConfiguration"] == security("SSE-S3")
    names = [each["Name"] for each in emr.list_security_configurations()["SecurityConfigurations"]]
    assert "sse" in names
    again = {"Name": "sse", "SecurityConfiguration": security("SSE-S3")}
    assert "already exists" in refused(emr.create_security_configuration, **again)[1]
    wrong = {"Name": "bad", "SecurityConfiguration": security("ROT13")}
    code, message = refused(emr.create_security_configuration, **wrong)
    assert code == "InvalidRequestException" and "ROT13" in message
    emr.create_security_configuration(Name="cse", SecurityConfiguration=security("CSE-KMS"))
    code, message = refused(lambda: run_job_flow(emr, SecurityConfiguration="cse"))
    assert code == "NotImplemented" and "CSE-KMS" in message
    for name in ("sse", "cse"):
        emr.delete_security_configuration(Name=name)
    assert "does not exist" in refused(emr.describe_security_configuration, Name="sse")[1]
    assert "does not exist" in refused(lambda: run_job_flow(emr, SecurityConfiguration="sse"))[1]


def test_roles_must_be_there_and_trust_who_takes_them(given):
    server, _ = given
    emr, iam = server.client("emr"), server.client("iam")
    code, message = refused(lambda: run_job_flow(emr, JobFlowRole="nobody"))
    assert code == "ValidationException" and "nobody" in message
    code, message = refused(lambda: run_job_flow(emr, ServiceRole="nobody"))
    assert code == "ValidationException" and "create-default-roles" in message
    code, message = refused(lambda: run_job_flow(emr, ServiceRole=ROLE))
    assert code == "ValidationException" and "elasticmapreduce.amazonaws.com" in message
    # PassRole is asked of who is not the root alone.
    keys = server.client("sts").get_federation_token(
        Name="analyst", Policy=allow("elasticmapreduce:*")
    )["Credentials"]
    theirs = boto3.client(
        "emr",
        region_name=REGION,
        endpoint_url=server.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    code, message = refused(lambda: run_job_flow(theirs, JobFlowRole=ROLE))
    assert code == "AccessDeniedException" and "iam:PassRole" in message
    assert iam.get_role(RoleName=ROLE)


def test_a_classification_stands_once_in_a_list(client):
    twice = [{"Classification": "spark", "Properties": {}}] * 2
    code, message = refused(lambda: run_job_flow(client("emr"), Configurations=twice))
    assert code == "ValidationException" and "twice" in message


# --- on a cluster ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster(given):
    server, _ = given
    emr = server.client("emr")
    own = run_job_flow(
        emr,
        JobFlowRole=ROLE,
        Configurations=CONFIGURATIONS,
        SecurityConfiguration="at-rest",
        LogUri=f"s3://{BUCKET}/logs",
    )
    wait_for_cluster(emr, own, "WAITING")
    yield own
    if not describe(emr, own)["Status"]["State"].startswith("TERMINATED"):
        emr.terminate_job_flows(JobFlowIds=[own])
        wait_for_cluster(emr, own, "TERMINATED")


def run_step(server, cluster, *arguments):
    """(its id, its logs by name)."""
    emr = server.client("emr")
    (step,) = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[command(*arguments)])["StepIds"]
    status = wait_for_step(emr, cluster, step, "COMPLETED", "FAILED")
    s3 = server.client("s3")
    logs = {n: read_log(s3, BUCKET, cluster, step, n) for n in ("controller", "stdout", "stderr")}
    assert status["State"] == "COMPLETED", (status, logs)
    return step, logs


@pytest.mark.slow
def test_a_step_has_the_roles_keys_and_no_others(given, cluster):
    server, _ = given
    script = f"""
aws sts get-caller-identity --query Arn --output text
aws s3 cp s3://{BUCKET}/look.py - | head -c 1 >/dev/null && echo own
aws s3 cp s3://{OTHER}/secret - 2>&1 | grep -o 'AccessDenied\\|Forbidden\\|of others' | head -1
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
aws sts get-caller-identity --query Arn --output text
unset AWS_CONTAINER_CREDENTIALS_FULL_URI
aws sts get-caller-identity --query Arn --output text
aws s3 cp s3://{OTHER}/secret - 2>&1 | grep -o 'of others' || echo not theirs
"""
    _, logs = run_step(server, cluster, "bash", "-c", script)
    session = f":assumed-role/{ROLE}/i-"
    said = logs["stdout"].splitlines()
    assert [line for line in said if session in line] == [said[0]] * 3
    assert said[1] == "own" and said[2] in ("AccessDenied", "Forbidden")
    assert said[-1] == "not theirs"


@pytest.mark.slow
def test_configurations_are_applied_or_told_and_what_is_written_is_encrypted(given, cluster):
    server, key = given
    s3 = server.client("s3")
    out = f"s3://{BUCKET}/out"
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": "given", "LocationUri": f"s3://{BUCKET}/given"})
    step, logs = run_step(server, cluster, "spark-submit", f"s3://{BUCKET}/look.py", out)
    assert logs["stdout"].splitlines() == [
        "from the cluster|of hadoop",
        "conformance ['conformance']",
    ]
    assert " INFO " not in logs["stderr"]
    assert "yarn-site: there is no YARN here" in logs["controller"]
    saved = glue.get_table(DatabaseName="given", Name="saved")["Table"]
    assert saved["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "bigint"}]
    # Its files, its steps' logs and its executors' logs.
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="out/part-")["Contents"]
    for name in (listed[0]["Key"], f"logs/{cluster}/steps/{step}/stdout.gz"):
        told = s3.head_object(Bucket=BUCKET, Key=name)
        assert (told["ServerSideEncryption"], told["SSEKMSKeyId"]) == ("aws:kms", key), name
    containers = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"logs/{cluster}/containers/")
    names = [each["Key"] for each in containers["Contents"]]
    assert any(name.endswith("/0/stdout.gz") for name in names), names


@pytest.mark.slow
def test_logs_are_shown_while_a_step_runs_and_after_the_cluster(given, cluster):
    server, _ = given
    emr = server.client("emr")
    script = "echo first; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo last"
    (step,) = emr.add_job_flow_steps(
        JobFlowId=cluster, Steps=[command("bash", "-c", script, name="slow")]
    )["StepIds"]
    wait_for_step(emr, cluster, step, "RUNNING")
    arguments = ["--data-dir", str(server.data_dir), "logs", cluster, step, "--log", "stdout"]
    following = subprocess.Popen(
        [str(TARN), "emr", *arguments, "--follow"],
        stdout=subprocess.PIPE,
        text=True,
        env=server.client_environment(),
    )
    assert following.stdout.readline() == "first\n"
    shown = server.tarn("emr", "logs", cluster, step, "--log", "controller").stdout
    assert "startExec 'bash -c" in shown
    assert "slow" in server.tarn("emr", "logs", cluster).stdout
    emr.modify_cluster(ClusterId=cluster, StepConcurrencyLevel=2)
    run_step(server, cluster, "touch", "/tmp/go")
    assert following.communicate(timeout=120)[0] == "last\n"
    emr.terminate_job_flows(JobFlowIds=[cluster])
    wait_for_cluster(emr, cluster, "TERMINATED")
    after = server.tarn("emr", "logs", cluster, step, "--log", "stdout")
    assert after.stdout == "first\nlast\n", after.stderr
    costs = json.loads(server.tarn("cost", "actual", cluster, "--json").stdout)
    assert {each["service"] for each in costs["items"]} >= {"EC2", "EMR"} or costs["not_counted"]
