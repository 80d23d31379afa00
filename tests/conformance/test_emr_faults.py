"""Killed executors, drivers and masters: a cluster recovers, or tells a true reason, and leaves nothing. test_emr.py kills
a worker, and a server.
"""

from __future__ import annotations

import os
import signal
import time
import zipfile

import pytest
from emr_steps import LIMIT_S, describe, wait_for_cluster, wait_for_step

pytestmark = [pytest.mark.slow]

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


def inside(cluster, name):
    """The path of a file of the cluster's /tmp, on the machine."""
    return cluster.server.data_dir / "emr" / cluster.id / "tmp" / name


def wait_until(holds, what):
    deadline = time.monotonic() + LIMIT_S
    while not (found := holds()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
    return found


def pids(cluster, word):
    return [pid for pid, line in cluster.processes(word) if "bwrap" not in line]


@pytest.fixture
def patient(emr_cluster):
    """A step of Spark that is in its task, and how to let it go on."""
    step = emr_cluster.start("spark-submit", emr_cluster.put("patient.py", PATIENT))
    working = inside(emr_cluster, "working")
    wait_until(working.exists, lambda: describe(emr_cluster.emr, emr_cluster.id)["Status"])
    yield step, inside(emr_cluster, "go")
    for name in ("working", "go"):
        inside(emr_cluster, name).unlink(missing_ok=True)


def test_a_killed_executor_and_a_killed_master_are_replaced_and_the_answer_is_right(
    emr_cluster, patient
):
    step, go = patient
    cluster, emr = emr_cluster, emr_cluster.emr
    (executor, *_) = pids(cluster, "CoarseGrainedExecutorBackend")
    inside(cluster, "working").unlink()
    os.kill(executor, signal.SIGKILL)
    wait_until(lambda: executor not in pids(cluster, "Executor"), lambda: "it lives")
    # Another executor has the task.
    wait_until(inside(cluster, "working").exists, lambda: cluster.processes())
    (master,) = pids(cluster, "master.Master")
    os.kill(master, signal.SIGKILL)
    status = wait_for_cluster(emr, cluster.id, "STARTING")
    assert "master ended (killed by signal 9)" in status["StateChangeReason"]["Message"]
    wait_for_cluster(emr, cluster.id, "RUNNING")
    go.touch()
    wait_for_step(emr, cluster.id, step, "COMPLETED")
    assert "sum 12" in cluster.logs(step)["stdout"]


def test_a_killed_driver_fails_its_step_with_the_reason_and_leaves_nothing(emr_cluster, patient):
    step, _ = patient
    cluster, emr = emr_cluster, emr_cluster.emr
    (driver, *_) = pids(cluster, "deploy.SparkSubmit")
    os.kill(driver, signal.SIGKILL)
    status = wait_for_step(emr, cluster.id, step, "FAILED")
    assert "killed by signal 9" in status["FailureDetails"]["Reason"]
    wait_until(
        lambda: not pids(cluster, "CoarseGrainedExecutorBackend"), lambda: cluster.processes()
    )
    wait_for_cluster(emr, cluster.id, "WAITING")


def test_hadoop_jar_runs_the_main_class_of_a_jar_and_reads_s3(emr_cluster, tmp_path):
    """A jar whose manifest names a program of Hadoop's."""
    jar = tmp_path / "list.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        manifest = "Manifest-Version: 1.0\nMain-Class: org.apache.hadoop.fs.FsShell\n"
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    emr_cluster.s3.upload_file(str(jar), emr_cluster.bucket, "list.jar")
    at = f"s3://{emr_cluster.bucket}/"
    logs, _ = emr_cluster.run("-ls", at, jar=at + "list.jar")
    assert f"{at}list.jar" in logs["stdout"]
