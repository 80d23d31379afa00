"""Killed executors, drivers and masters: a cluster recovers, or tells a true reason, and leaves nothing; and larger work: a
word count, a jar, three clusters at once. Mostly on one cluster; test_emr.py kills a worker, and a server.
"""

from __future__ import annotations

import os
import signal
import time
import zipfile
from collections import Counter

import pytest
from emr_steps import (
    command,
    describe,
    processes_of,
    read_log,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)

pytestmark = [pytest.mark.slow]

BUCKET = "emr-faults"
LIMIT_S = 120

# Waits in its only task until it is told to go on, in whichever executor that is by then.
PATIENT = """
import os, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()

def work(number):
    open("/tmp/working", "w").close()
    while not os.path.exists("/tmp/go"):
        time.sleep(0.05)
    return number * 2

print("sum", spark.sparkContext.parallelize([1, 2, 3], 1).map(work).sum())
"""


@pytest.fixture(scope="module")
def cluster(server):
    emr, s3 = server.client("emr"), server.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=BUCKET, Key="patient.py", Body=PATIENT.encode())
    own = run_job_flow(emr, LogUri=f"s3://{BUCKET}/logs")
    wait_for_cluster(emr, own, "WAITING")
    yield own
    emr.terminate_job_flows(JobFlowIds=[own])
    wait_for_cluster(emr, own, "TERMINATED")
    assert not processes_of(server, own)


def start_step(server, cluster, *arguments, jar=None):
    step = command(*arguments)
    if jar:
        step["HadoopJarStep"]["Jar"] = jar
    (step_id,) = server.client("emr").add_job_flow_steps(JobFlowId=cluster, Steps=[step])["StepIds"]
    return step_id


def logs_of(server, cluster, step):
    s3 = server.client("s3")
    return {n: read_log(s3, BUCKET, cluster, step, n) for n in ("controller", "stdout", "stderr")}


def run_step(server, cluster, *arguments, jar=None):
    step = start_step(server, cluster, *arguments, jar=jar)
    status = wait_for_step(server.client("emr"), cluster, step, "COMPLETED", "FAILED")
    logs = logs_of(server, cluster, step)
    assert status["State"] == "COMPLETED", (status, logs)
    return logs


def inside(server, cluster, name):
    """The path of a file of the cluster's /tmp, on the machine."""
    return server.data_dir / "emr" / cluster / "tmp" / name


def wait_until(holds, what):
    deadline = time.monotonic() + LIMIT_S
    while not (found := holds()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
    return found


def pids(server, cluster, word):
    return [
        pid for pid, line in processes_of(server, cluster) if word in line and "bwrap" not in line
    ]


@pytest.fixture
def patient(server, cluster):
    """A step of Spark that is in its task, and how to let it go on."""
    step = start_step(server, cluster, "spark-submit", f"s3://{BUCKET}/patient.py")
    working = inside(server, cluster, "working")
    wait_until(working.exists, lambda: describe(server.client("emr"), cluster)["Status"])
    yield step, inside(server, cluster, "go")
    for name in ("working", "go"):
        inside(server, cluster, name).unlink(missing_ok=True)


def test_a_killed_executor_is_replaced_and_the_answer_is_right(server, cluster, patient):
    step, go = patient
    (executor, *_) = pids(server, cluster, "CoarseGrainedExecutorBackend")
    os.kill(executor, signal.SIGKILL)
    wait_until(lambda: executor not in pids(server, cluster, "Executor"), lambda: "it lives")
    go.touch()
    wait_for_step(server.client("emr"), cluster, step, "COMPLETED")
    assert "sum 12" in logs_of(server, cluster, step)["stdout"]


def test_a_killed_master_is_replaced_and_a_running_step_goes_on(server, cluster, patient):
    step, go = patient
    emr = server.client("emr")
    (master,) = pids(server, cluster, "master.Master")
    os.kill(master, signal.SIGKILL)
    status = wait_for_cluster(emr, cluster, "STARTING")
    assert "master ended (killed by signal 9)" in status["StateChangeReason"]["Message"]
    wait_for_cluster(emr, cluster, "RUNNING")
    go.touch()
    wait_for_step(emr, cluster, step, "COMPLETED")
    assert "sum 12" in logs_of(server, cluster, step)["stdout"]


def test_a_killed_driver_fails_its_step_with_the_reason_and_leaves_nothing(
    server, cluster, patient
):
    step, _ = patient
    emr = server.client("emr")
    (driver, *_) = pids(server, cluster, "deploy.SparkSubmit")
    os.kill(driver, signal.SIGKILL)
    status = wait_for_step(emr, cluster, step, "FAILED")
    assert "killed by signal 9" in status["FailureDetails"]["Reason"]
    wait_until(
        lambda: not pids(server, cluster, "CoarseGrainedExecutorBackend"),
        lambda: processes_of(server, cluster),
    )
    wait_for_cluster(emr, cluster, "WAITING")


COUNT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
words = spark.read.text(sys.argv[1]).selectExpr("explode(split(value, ' ')) AS word")
words.groupBy("word").count().coalesce(1).write.csv(sys.argv[2])
"""


def test_words_of_64_mb_are_counted_from_s3_to_s3(server, cluster):
    """The bench counts those of a gigabyte."""
    s3 = server.client("s3")
    block = "".join(f"word{n % 977} word{n % 13} a\n" for n in range(70_000)).encode()
    times = (64 << 20) // len(block) + 1
    s3.put_object(Bucket=BUCKET, Key="text/words.txt", Body=block * times)
    s3.put_object(Bucket=BUCKET, Key="count.py", Body=COUNT.encode())
    at = f"s3://{BUCKET}"
    run_step(server, cluster, "spark-submit", f"{at}/count.py", f"{at}/text/", f"{at}/counted")
    (part,) = s3.list_objects_v2(Bucket=BUCKET, Prefix="counted/part-")["Contents"]
    rows = s3.get_object(Bucket=BUCKET, Key=part["Key"])["Body"].read().decode().split()
    expected = {word: n * times for word, n in Counter(block.decode().split()).items()}
    assert {word: int(n) for word, n in (row.split(",") for row in rows)} == expected


def test_hadoop_jar_runs_the_main_class_of_a_jar_and_reads_s3(server, cluster, tmp_path):
    """A jar whose manifest names a program of Hadoop's."""
    jar = tmp_path / "list.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        manifest = "Manifest-Version: 1.0\nMain-Class: org.apache.hadoop.fs.FsShell\n"
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    server.client("s3").upload_file(str(jar), BUCKET, "list.jar")
    at = f"s3://{BUCKET}/"
    logs = run_step(server, cluster, "-ls", at, jar=at + "list.jar")
    assert f"{at}patient.py" in logs["stdout"]


def test_three_clusters_at_once(server, cluster):
    emr = server.client("emr")
    others = [run_job_flow(emr) for _ in range(2)]
    for other in others:
        wait_for_cluster(emr, other, "WAITING")
    everybody = [cluster, *others]
    addresses = {describe(emr, each)["MasterPublicDnsName"] for each in everybody}
    assert len(addresses) == 3
    steps = [start_step(server, each, "bash", "-c", "echo $SPARK_LOCAL_IP") for each in everybody]
    for each, step in zip(everybody, steps, strict=True):
        wait_for_step(emr, each, step, "COMPLETED")
    emr.terminate_job_flows(JobFlowIds=others)
    for other in others:
        wait_for_cluster(emr, other, "TERMINATED")
        assert not processes_of(server, other)
    # It went on by itself.
    wait_for_cluster(emr, cluster, "WAITING")
