"""Groups and fleets that change, and Spot instances that are taken: what the API tells, and a job whose worker goes.

The cluster of fleets is the module's own; that of groups is everybody's.
"""

from __future__ import annotations

import time

import pytest
from emr_steps import (
    LIMIT_S,
    command,
    describe,
    read_log,
    refused,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)

PRIMARY = {
    "InstanceFleetType": "MASTER",
    "TargetOnDemandCapacity": 1,
    "InstanceTypeConfigs": [{"InstanceType": "m7g.xlarge"}],
}
CORE = {
    "InstanceFleetType": "CORE",
    "TargetSpotCapacity": 2,
    "InstanceTypeConfigs": [
        {"InstanceType": "m7g.xlarge", "WeightedCapacity": 1},
        {"InstanceType": "r7g.2xlarge", "WeightedCapacity": 2},
    ],
}
CORE_GROUP = {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2}


@pytest.fixture
def emr(client):
    return client("emr")


def instances(emr, cluster, **more):
    return emr.list_instances(ClusterId=cluster, **more)["Instances"]


def wait_for_instances(emr, cluster, accept, what, **more):
    """The instances, once `accept` takes them."""
    deadline = time.monotonic() + LIMIT_S
    while not accept(found := instances(emr, cluster, **more)):
        assert time.monotonic() < deadline, (what, found, describe(emr, cluster)["Status"])
        time.sleep(0.1)
    return found


# --- a job whose worker is taken -------------------------------------------------------------------

# Each partition of the first stage takes a while; the second needs what the first has written.
SUM = """
import time
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("sum").getOrCreate()
context = spark.sparkContext
def slowly(number):
    time.sleep(0.4)
    return (number % 7, number)
def where(rows):
    import os
    yield os.environ["SPARK_LOCAL_IP"]
sums = context.parallelize(range(60), 60).map(slowly).reduceByKey(lambda a, b: a + b, 7)
sums.persist()
print("first", sorted(sums.collect()))
hosts = context.parallelize(range(8), 8).mapPartitions(where).distinct().collect()
print("hosts", sorted(hosts))
print("again", sorted(sums.collect()))
"""


@pytest.fixture(scope="module")
def computing(server):
    """A cluster of Spot instances that is WAITING: (emr, s3, bucket, cluster)."""
    emr, s3 = server.client("emr"), server.client("s3")
    bucket = "emr-resize"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=bucket, Key="sum.py", Body=SUM.encode())
    cluster = run_job_flow(
        emr, LogUri=f"s3://{bucket}/logs", instances={"InstanceFleets": [PRIMARY, CORE]}
    )
    wait_for_cluster(emr, cluster, "WAITING")
    yield emr, s3, bucket, cluster
    emr.terminate_job_flows(JobFlowIds=[cluster])
    wait_for_cluster(emr, cluster, "TERMINATED")


def spot_of(emr, cluster):
    return instances(emr, cluster, InstanceFleetType="CORE", InstanceStates=["RUNNING"])


@pytest.mark.slow
def test_a_job_whose_spot_worker_is_taken_ends_with_the_right_answer(server, computing):
    emr, s3, bucket, cluster = computing
    submit = command("spark-submit", f"s3://{bucket}/sum.py", name="sum")
    (step,) = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[submit])["StepIds"]
    wait_for_step(emr, cluster, step, "RUNNING")
    before = spot_of(emr, cluster)
    assert {each["Market"] for each in before} == {"SPOT"}
    out = server.tarn("emr", "interrupt", cluster, "--notice", "60").stdout
    taken = out.split()[0]
    assert taken in [each["Ec2InstanceId"] for each in before]

    def refilled(found):
        states = {each["Ec2InstanceId"]: each["Status"]["State"] for each in found}
        ended = states.pop(taken) == "TERMINATED"
        return ended and len(states) == len(before) and set(states.values()) == {"RUNNING"}

    wait_for_instances(emr, cluster, refilled, "a full fleet without it", InstanceFleetType="CORE")
    (gone,) = [e for e in instances(emr, cluster) if e["Ec2InstanceId"] == taken]
    assert gone["Status"]["StateChangeReason"] == {
        "Code": "INSTANCE_FAILURE",
        "Message": f"Spot instance {taken} was interrupted by EC2, with 60 s notice.",
    }
    assert gone["Status"]["Timeline"]["EndDateTime"] > gone["Status"]["Timeline"]["ReadyDateTime"]
    status = wait_for_step(emr, cluster, step, "COMPLETED", "FAILED")
    said = read_log(s3, bucket, cluster, step, "stderr")[-3000:]
    assert status["State"] == "COMPLETED", (status, said)
    lines = dict(
        line.split(" ", 1)
        for line in read_log(s3, bucket, cluster, step, "stdout").splitlines()
        if line.startswith(("first", "hosts", "again"))
    )
    sums = sorted((k, sum(n for n in range(60) if n % 7 == k)) for k in range(7))
    assert lines["first"] == lines["again"] == str(sums)
    # All that is computed at the end is computed by the worker that came.
    assert lines["hosts"] != f"['{describe(emr, cluster)['MasterPublicDnsName']}']", lines
    wait_for_cluster(emr, cluster, "WAITING")


@pytest.mark.slow
def test_only_spot_instances_are_taken_and_only_from_clusters(server, computing):
    emr, _, _, cluster = computing
    (primary,) = instances(emr, cluster, InstanceFleetType="MASTER")
    done = server.tarn(
        "emr", "interrupt", cluster, "--instance", primary["Ec2InstanceId"], check=False
    )
    assert done.returncode == 1 and "On-Demand" in done.stderr
    done = server.tarn("emr", "interrupt", "j-NONE", check=False)
    assert done.returncode == 1 and "j-NONE" in done.stderr
    assert "--notice" in server.tarn("emr", "interrupt", "--help", check=False).stdout


# --- what is asked for -----------------------------------------------------------------------------


def test_a_task_fleet_is_added_and_targets_follow_requests(computing, server):
    emr, _, _, cluster = computing
    added = server.aws_cli(
        "emr", "add-instance-fleet", "--cluster-id", cluster, "--instance-fleet",
        "InstanceFleetType=TASK,TargetSpotCapacity=3,InstanceTypeConfigs=[{InstanceType=m7g.xlarge}]",
    )  # fmt: skip
    assert added["InstanceFleetId"].startswith("if-") and added["ClusterId"] == cluster
    task = {"InstanceFleetId": added["InstanceFleetId"]}
    wait_for_instances(emr, cluster, lambda i: len(i) == 3, "three of the task fleet", **task)
    server.aws_cli(
        "emr", "modify-instance-fleet", "--cluster-id", cluster, "--instance-fleet",
        f"InstanceFleetId={added['InstanceFleetId']},TargetOnDemandCapacity=1,TargetSpotCapacity=0",
    )  # fmt: skip
    wait_for_instances(
        emr, cluster, lambda i: "ON_DEMAND" in [e["Market"] for e in i], "an On-Demand one", **task
    )
    (fleet,) = [
        f for f in emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
        if f["Id"] == added["InstanceFleetId"]
    ]  # fmt: skip
    assert (fleet["TargetOnDemandCapacity"], fleet["TargetSpotCapacity"]) == (1, 0)
    again = {"ClusterId": cluster, "InstanceFleet": {**CORE, "InstanceFleetType": "TASK"}}
    assert refused(emr.add_instance_fleet, **again)[0] == "InvalidRequestException"


def test_fleets_that_cannot_be_modified_so_are_refused(computing):
    emr, _, _, cluster = computing
    primary, core, *_ = emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]

    def modify(fleet, **change):
        change = {"InstanceFleetId": fleet, **change}
        return refused(emr.modify_instance_fleet, ClusterId=cluster, InstanceFleet=change)

    assert "MASTER" in modify(primary["Id"], TargetOnDemandCapacity=1)[1]
    assert "no target capacity" in modify(core["Id"], TargetSpotCapacity=0)[1]
    assert "if-NONE" in modify("if-NONE", TargetSpotCapacity=1)[1]
    assert "1000 instances" in modify(core["Id"], TargetSpotCapacity=2000)[1]
    assert refused(emr.add_instance_groups, JobFlowId=cluster, InstanceGroups=[CORE_GROUP])[0] == (
        "InvalidRequestException"
    )


def test_groups_are_added_resized_and_lose_named_instances(emr, emr_cluster):
    cluster = emr_cluster.id
    task = {"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 2}
    (group,) = emr.add_instance_groups(JobFlowId=cluster, InstanceGroups=[task])["InstanceGroupIds"]
    found = wait_for_instances(
        emr, cluster, lambda i: len(i) == 2, "two of the task group", InstanceGroupId=group
    )
    gone = found[0]["Ec2InstanceId"]
    change = {"InstanceGroupId": group, "EC2InstanceIdsToTerminate": [gone]}
    emr.modify_instance_groups(ClusterId=cluster, InstanceGroups=[change])
    emr.modify_instance_groups(InstanceGroups=[{"InstanceGroupId": group, "InstanceCount": 3}])
    found = wait_for_instances(
        emr, cluster, lambda i: len(i) >= 4, "two more of the group", InstanceGroupId=group
    )
    (told,) = [
        each
        for each in emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
        if each["Id"] == group
    ]
    assert told["RequestedInstanceCount"] == 3
    core = emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"][1]["Id"]
    for change in (
        {"InstanceGroupId": core, "InstanceCount": 0},
        {"InstanceGroupId": group, "InstanceCount": 1001},
        {"InstanceGroupId": group, "EC2InstanceIdsToTerminate": ["i-0"]},
    ):
        code, _ = refused(emr.modify_instance_groups, ClusterId=cluster, InstanceGroups=[change])
        assert code == "InvalidRequestException"
    change = {"InstanceGroupId": group, "ShrinkPolicy": {"DecommissionTimeout": 5}}
    assert refused(emr.modify_instance_groups, ClusterId=cluster, InstanceGroups=[change])[0] == (
        "NotImplemented"
    )


def test_a_managed_scaling_policy_is_kept_checked_and_removed(emr, emr_cluster):
    cluster = emr_cluster.id
    limits = {"UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 10}
    policy = {"ComputeLimits": limits}
    emr.put_managed_scaling_policy(ClusterId=cluster, ManagedScalingPolicy=policy)
    assert emr.get_managed_scaling_policy(ClusterId=cluster)["ManagedScalingPolicy"] == policy
    emr.remove_managed_scaling_policy(ClusterId=cluster)
    assert "ManagedScalingPolicy" not in emr.get_managed_scaling_policy(ClusterId=cluster)
    for bad in ({"MinimumCapacityUnits": 11}, {"UnitType": "InstanceFleetUnits"}):
        changed = {"ComputeLimits": {**limits, **bad}}
        code, _ = refused(
            emr.put_managed_scaling_policy, ClusterId=cluster, ManagedScalingPolicy=changed
        )
        assert code == "ValidationException"
