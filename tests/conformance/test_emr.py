"""EMR through boto3 and the AWS CLI: what RunJobFlow takes, and a real cluster of Spark with steps, logs and faults.

The tests share one server and mostly one cluster; a cluster that is only described as it was asked for is terminated
while it starts.
"""

from __future__ import annotations

import gzip
import os
import signal
import time
import urllib.request
from collections import Counter

import pytest
from emr_steps import (
    command,
    describe,
    processes_of,
    read_log,
    refused,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)
from tarn_server import TarnServer


@pytest.fixture
def emr(client):
    return client("emr")


@pytest.fixture
def starting(emr):
    """Makes clusters that are only described: they end with the test."""
    made = []

    def make(**more):
        made.append(run_job_flow(emr, **more))
        return made[-1]

    yield make
    for cluster in made:
        emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)
        emr.terminate_job_flows(JobFlowIds=[cluster])
    for cluster in made:
        # With errors, where it had come as far as a bootstrap action that is nowhere.
        wait_for_cluster(emr, cluster, "TERMINATED", "TERMINATED_WITH_ERRORS")


# --- what is described -----------------------------------------------------------------------------


def test_a_cluster_is_described_as_it_was_asked_for(emr, starting):
    spark = {"Classification": "spark-defaults", "Properties": {"spark.x": "y"}}
    cluster = starting(
        LogUri="s3://logs/emr/",
        Tags=[{"Key": "team", "Value": "data"}],
        Configurations=[spark],
        StepConcurrencyLevel=2,
        BootstrapActions=[
            {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://x/y.sh", "Args": ["1"]}}
        ],
    )
    assert cluster.startswith("j-") and len(cluster) == 15
    told = describe(emr, cluster)
    assert told["Status"]["State"] == "STARTING"
    assert (told["ReleaseLabel"], told["AutoTerminate"]) == ("emr-7.0.0", False)
    assert told["LogUri"] == "s3://logs/emr/"
    assert told["Tags"] == [{"Key": "team", "Value": "data"}]
    assert told["Configurations"] == [spark]
    assert told["StepConcurrencyLevel"] == 2
    assert told["InstanceCollectionType"] == "INSTANCE_GROUP"
    assert told["ClusterArn"].endswith(f":cluster/{cluster}")
    (action,) = emr.list_bootstrap_actions(ClusterId=cluster)["BootstrapActions"]
    assert (action["ScriptPath"], action["Args"]) == ("s3://x/y.sh", ["1"])
    listed = emr.list_clusters(ClusterStates=["STARTING"])["Clusters"]
    assert cluster in [each["Id"] for each in listed]
    assert cluster not in [
        c["Id"] for c in emr.list_clusters(ClusterStates=["WAITING"])["Clusters"]
    ]


def test_groups_and_their_instances(emr, emr_cluster):
    cluster = emr_cluster.id
    primary, core = emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    assert (primary["InstanceGroupType"], primary["InstanceType"]) == ("MASTER", "m5.xlarge")
    assert (core["InstanceGroupType"], core["RequestedInstanceCount"]) == ("CORE", 2)
    instances = emr.list_instances(ClusterId=cluster, InstanceGroupTypes=["CORE"])["Instances"]
    assert [each["InstanceType"] for each in instances] == ["m5.2xlarge"] * 2
    assert all(each["Ec2InstanceId"].startswith("i-") for each in instances)
    code, message = refused(emr.list_instance_fleets, ClusterId=cluster)
    assert code == "InvalidRequestException" and "ListInstanceGroups" in message


def test_fleets_and_their_capacity(emr, starting):
    spot = {
        "SpotSpecification": {"TimeoutDurationMinutes": 5, "TimeoutAction": "SWITCH_TO_ON_DEMAND"}
    }
    fleets = [
        {
            "InstanceFleetType": "MASTER",
            "TargetOnDemandCapacity": 1,
            "InstanceTypeConfigs": [{"InstanceType": "m7g.xlarge"}],
        },
        {
            "InstanceFleetType": "CORE",
            "TargetSpotCapacity": 7,
            "InstanceTypeConfigs": [{"InstanceType": "r7g.2xlarge", "WeightedCapacity": 5}],
            "LaunchSpecifications": spot,
        },
    ]
    cluster = starting(
        instances={"InstanceFleets": fleets},
        Applications=[{"Name": name} for name in ("Spark", "Livy", "Hive", "Trino", "Flink")],
    )
    told = describe(emr, cluster)
    assert told["InstanceCollectionType"] == "INSTANCE_FLEET"
    spark, livy, *others = told["Applications"]
    assert spark["Version"] and "8998" in livy["AdditionalInfo"]["tarn"]
    assert all(each["AdditionalInfo"]["tarn"].startswith("not running") for each in others)
    assert "Glue" in others[0]["AdditionalInfo"]["tarn"]
    core = emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"][1]
    assert (core["TargetSpotCapacity"], core["LaunchSpecifications"]) == (7, spot)
    instances = emr.list_instances(ClusterId=cluster, InstanceFleetType="CORE")["Instances"]
    assert [each["Market"] for each in instances] == ["SPOT", "SPOT"]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"ReleaseLabel": "emr-9.9.9"}, "ValidationException", "release label is invalid"),
        ({"Applications": [{"Name": "Excel"}]}, "ValidationException", "Excel"),
        ({"LogUri": "file:///tmp"}, "ValidationException", "s3://"),
        ({"StepConcurrencyLevel": 0}, "ValidationException", "between 1 and 256"),
        ({"StepConcurrencyLevel": 257}, "ValidationException", "between 1 and 256"),
        ({"AutoTerminationPolicy": {"IdleTimeout": 59}}, "ValidationException", "604800"),
        ({"AutoTerminationPolicy": {"IdleTimeout": 604801}}, "ValidationException", "604800"),
        ({"SecurityConfiguration": "x"}, "InvalidRequestException", "does not exist"),
        ({"CustomAmiId": "ami-1"}, "NotImplemented", "CustomAmiId"),
    ],
)
def test_what_cannot_be_is_refused_by_name(emr, more, code, said):
    answer = refused(lambda: run_job_flow(emr, **more))
    assert answer[0] == code and said in answer[1]


def test_an_unknown_instance_type_is_refused_by_name(emr):
    unknown = {"MasterInstanceType": "m9.huge", "InstanceCount": 1}
    code, message = refused(lambda: run_job_flow(emr, instances=unknown))
    assert code == "ValidationException" and "m9.huge" in message


def test_what_is_not_here_answers_by_name(emr):
    assert refused(emr.describe_job_flows)[0] == "NotImplemented"


def test_unknown_clusters_and_steps(emr, emr_cluster):
    assert refused(emr.describe_cluster, ClusterId="j-NONE") == (
        "InvalidRequestException",
        "Cluster id 'j-NONE' is not valid.",
    )
    assert refused(emr.terminate_job_flows, JobFlowIds=["j-NONE"])[0] == "ValidationException"
    assert refused(emr.describe_step, ClusterId=emr_cluster.id, StepId="s-NONE") == (
        "InvalidRequestException",
        "Step id 's-NONE' is not valid.",
    )


def test_release_labels_and_instance_types(emr):
    labels = emr.list_release_labels(Filters={"Prefix": "emr-7"})["ReleaseLabels"]
    assert "emr-7.0.0" in labels and all(label.startswith("emr-7") for label in labels)
    (spark,) = emr.describe_release_label(ReleaseLabel="emr-7.0.0")["Applications"]
    assert spark["Name"] == "Spark" and spark["Version"][0].isdigit()
    types, marker = [], {}
    while True:
        page = emr.list_supported_instance_types(ReleaseLabel="emr-7.0.0", **marker)
        types += page["SupportedInstanceTypes"]
        if "Marker" not in page:
            break
        marker = {"Marker": page["Marker"]}
    (m7g,) = [each for each in types if each["Type"] == "m7g.2xlarge"]
    assert (m7g["VCPU"], m7g["MemoryGB"], m7g["Architecture"]) == (8, 32.0, "ARM64")


# --- what is changed -------------------------------------------------------------------------------


def test_a_protected_cluster_is_not_terminated(emr, emr_cluster):
    cluster = emr_cluster.id
    emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=True)
    assert refused(emr.terminate_job_flows, JobFlowIds=[cluster]) == (
        "ValidationException",
        "Could not shut down one or more job flows since they are termination protected.",
    )
    assert describe(emr, cluster)["TerminationProtected"]
    emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)


def test_tags_settings_and_policy(emr, emr_cluster):
    cluster = emr_cluster.id
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    emr.add_tags(ResourceId=cluster, Tags=tags)
    assert describe(emr, cluster)["Tags"] == tags
    emr.remove_tags(ResourceId=cluster, TagKeys=["a"])
    assert describe(emr, cluster)["Tags"] == [{"Key": "b", "Value": "2"}]
    emr.set_keep_job_flow_alive_when_no_steps(
        JobFlowIds=[cluster], KeepJobFlowAliveWhenNoSteps=True
    )
    emr.set_visible_to_all_users(JobFlowIds=[cluster], VisibleToAllUsers=False)
    modified = emr.modify_cluster(ClusterId=cluster, StepConcurrencyLevel=256)
    assert modified["StepConcurrencyLevel"] == 256
    assert not describe(emr, cluster)["VisibleToAllUsers"]
    for seconds in (60, 604800):
        emr.put_auto_termination_policy(
            ClusterId=cluster, AutoTerminationPolicy={"IdleTimeout": seconds}
        )
        policy = emr.get_auto_termination_policy(ClusterId=cluster)["AutoTerminationPolicy"]
        assert policy == {"IdleTimeout": seconds}
    emr.remove_auto_termination_policy(ClusterId=cluster)
    assert "AutoTerminationPolicy" not in emr.get_auto_termination_policy(ClusterId=cluster)


def test_256_steps_are_active_and_no_more(emr, starting):
    cluster = starting()
    # The first keeps the others waiting, however soon the cluster is there.
    waiting = [command("true", name=f"step {number}") for number in range(255)]
    steps = [command("sleep", "600"), *waiting]
    ids = emr.add_job_flow_steps(JobFlowId=cluster, Steps=steps)["StepIds"]
    code, message = refused(emr.add_job_flow_steps, JobFlowId=cluster, Steps=[command("true")])
    assert code == "ValidationException" and "256" in message
    listed = [
        s
        for page in emr.get_paginator("list_steps").paginate(ClusterId=cluster)
        for s in page["Steps"]
    ]
    assert [each["Id"] for each in listed] == ids[::-1]
    answer = emr.cancel_steps(ClusterId=cluster, StepIds=ids[1:3])["CancelStepsInfoList"]
    assert [each["Status"] for each in answer] == ["SUBMITTED", "SUBMITTED"]
    cancelled = emr.list_steps(ClusterId=cluster, StepStates=["CANCELLED"])["Steps"]
    assert sorted(each["Id"] for each in cancelled) == sorted(ids[1:3])


def test_concurrent_steps_must_continue_on_failure(emr, emr_cluster):
    cluster = emr_cluster.id
    step = command("true", on_failure="CANCEL_AND_WAIT")
    emr.modify_cluster(ClusterId=cluster, StepConcurrencyLevel=2)
    code, message = refused(emr.add_job_flow_steps, JobFlowId=cluster, Steps=[step])
    emr.modify_cluster(ClusterId=cluster, StepConcurrencyLevel=1)
    assert code == "ValidationException" and "CONTINUE" in message


# --- a cluster that computes -----------------------------------------------------------------------

COUNT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("count").getOrCreate()
words = spark.read.text(sys.argv[1]).selectExpr("explode(split(value, ' ')) AS word")
words.groupBy("word").count().coalesce(1).write.csv(sys.argv[2])
print("master", spark.sparkContext.master)
"""


@pytest.mark.slow
def test_waiting_means_that_spark_is_there(emr, emr_cluster):
    cluster = emr_cluster.id
    said = emr_cluster.status["StateChangeReason"]["Message"]
    assert "Asked for 16 vCPU and 64 GiB, granted" in said
    address = describe(emr, cluster)["MasterPublicDnsName"]
    assert address.startswith("127.77.")
    with urllib.request.urlopen(f"http://{address}:8088/json/", timeout=10) as page:
        assert b'"ALIVE"' in page.read()
    assert {i["Status"]["State"] for i in emr.list_instances(ClusterId=cluster)["Instances"]} == {
        "RUNNING"
    }


@pytest.mark.slow
def test_words_of_16_mb_are_counted_from_s3_to_s3_and_a_steps_logs_are_there(emr_cluster):
    """The bench counts those of a gigabyte."""
    s3, bucket = emr_cluster.s3, emr_cluster.bucket
    at = f"s3://{bucket}"
    block = "".join(f"word{n % 977} word{n % 13} a\n" for n in range(70_000)).encode()
    times = (16 << 20) // len(block) + 1
    s3.put_object(Bucket=bucket, Key="text/words.txt", Body=block * times)
    count = emr_cluster.put("count.py", COUNT)
    submit = ["spark-submit", "--deploy-mode", "cluster", "--executor-memory", "900g"]
    logs, _ = emr_cluster.run(*submit, count, f"{at}/text/", f"{at}/counted")
    (part,) = s3.list_objects_v2(Bucket=bucket, Prefix="counted/part-")["Contents"]
    rows = s3.get_object(Bucket=bucket, Key=part["Key"])["Body"].read().decode().split()
    expected = {word: n * times for word, n in Counter(block.decode().split()).items()}
    assert {word: int(n) for word, n in (row.split(",") for row in rows)} == expected
    assert "master spark://127.77." in logs["stdout"]
    assert "asked 900g, granted" in logs["stderr"]
    assert "startExec" in logs["controller"]


@pytest.mark.slow
def test_commands_scripts_and_sql_are_steps_and_a_failing_one_says_why(emr, emr_cluster):
    s3, bucket, cluster = emr_cluster.s3, emr_cluster.bucket, emr_cluster.id
    at = f"s3://{bucket}"
    hello = command(
        "bash", "-c", 'test -e "$HOME/mine"; echo out; printf "err caf\\351\\n" >&2; exit 7'
    )
    script = {
        "Name": "hello",
        "HadoopJarStep": {
            "Jar": "script-runner.jar",
            "Args": [emr_cluster.put("hello.sh", "#!/bin/bash\necho hello $1\n"), "you"],
        },
    }
    # Without executors of its own, which take a while to come.
    sql = command("spark-sql", "--master", "local[1]", "-e", "SELECT 40 + 2 AS answer")
    ids = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[hello, script, sql])["StepIds"]
    ends = [wait_for_step(emr, cluster, each, "COMPLETED", "FAILED") for each in ids]
    assert [end["State"] for end in ends] == ["FAILED", "COMPLETED", "COMPLETED"]
    assert read_log(s3, bucket, cluster, ids[0], "stdout") == "out\n"
    failure = ends[0]["FailureDetails"]
    assert (failure["Reason"], failure["Message"]) == (
        "The step ended with exit code 7.",
        "err caf\ufffd",
    )
    assert failure["LogFile"] == f"{at}/logs/{cluster}/steps/{ids[0]}/stderr.gz"
    assert read_log(s3, bucket, cluster, ids[1], "stdout") == "hello you\n"
    assert "42" in read_log(s3, bucket, cluster, ids[2], "stdout")
    prefix = f"logs/{cluster}/node/"
    nodes = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    (key,) = [e["Key"] for e in nodes if e["Key"].endswith("/bootstrap-actions/1/stdout.gz")]
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert gzip.decompress(body) == b"prepared\n"


@pytest.mark.slow
def test_a_running_step_is_cancelled_with_all_that_it_started(emr, emr_cluster):
    cluster = emr_cluster.id
    step_id = emr_cluster.start("bash", "-c", "sleep 4321 & sleep 4321")
    wait_for_step(emr, cluster, step_id, "RUNNING")
    emr.cancel_steps(ClusterId=cluster, StepIds=[step_id])
    assert wait_for_step(emr, cluster, step_id, "CANCELLED")
    assert not emr_cluster.processes("4321")


@pytest.mark.slow
def test_a_killed_worker_is_replaced(emr, emr_cluster):
    cluster = emr_cluster.id
    ((worker, _),) = emr_cluster.processes("worker.Worker")
    os.kill(worker, signal.SIGKILL)
    status = wait_for_cluster(emr, cluster, "STARTING")
    assert "worker ended (killed by signal 9)" in status["StateChangeReason"]["Message"]
    wait_for_cluster(emr, cluster, "WAITING")


@pytest.mark.slow
def test_the_aws_cli_makes_and_ends_a_cluster_and_kill_9_leaves_nothing(tmp_path):
    """Also: a cluster is found again by the next server, which says what died."""
    server = TarnServer(tmp_path / "emr", arguments=("--no-sessions",)).start()
    try:
        cluster = server.aws_cli(
            "emr", "create-cluster", "--name", "cli", "--release-label", "emr-7.0.0",
            "--applications", "Name=Spark", "--instance-type", "m5.xlarge", "--instance-count", "1",
            "--steps", "Type=CUSTOM_JAR,Name=s,ActionOnFailure=CONTINUE,"
            "Jar=command-runner.jar,Args=[bash,-c,sleep 4322]",
        )["ClusterId"]  # fmt: skip
        emr = server.client("emr")
        wait_for_cluster(emr, cluster, "RUNNING")
        assert processes_of(server, cluster)
        os.kill(server.pid, signal.SIGKILL)
        server.process.wait()
        server.process = None
        deadline = time.monotonic() + 30
        while left := processes_of(server, cluster):
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        server.start()
        emr = server.client("emr")
        (step,) = server.aws_cli("emr", "list-steps", "--cluster-id", cluster)["Steps"]
        assert step["Status"]["State"] == "FAILED"
        assert "server stopped" in step["Status"]["FailureDetails"]["Reason"]
        wait_for_cluster(emr, cluster, "WAITING")
        server.aws_cli("emr", "add-steps", "--cluster-id", cluster, "--steps",
                       "Type=CUSTOM_JAR,Jar=command-runner.jar,Args=[true]")  # fmt: skip
        (newest, _) = server.aws_cli("emr", "list-steps", "--cluster-id", cluster)["Steps"]
        wait_for_step(emr, cluster, newest["Id"], "COMPLETED")
        server.aws_cli("emr", "terminate-clusters", "--cluster-ids", cluster)
        status = wait_for_cluster(emr, cluster, "TERMINATED")
        assert status["StateChangeReason"] == {
            "Code": "USER_REQUEST",
            "Message": "Terminated by user request",
        }
        assert not processes_of(server, cluster)
        assert not (server.data_dir / "emr" / cluster).exists()
    finally:
        server.close()
