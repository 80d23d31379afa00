"""What a step may see and do: only its own cluster. Through real steps of one cluster; test_sandbox.py shows the same of
sessions, and src/sandbox has the tests of the parts.

The last test exhausts the cluster's memory.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from emr_steps import (
    LIMIT_S,
    command,
    processes_of,
    read_log,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)

pytestmark = [pytest.mark.slow]

BUCKET = "emr-isolation"

PREPARE = """
set -e
sudo groupadd analysts
sudo usermod -aG analysts hadoop
echo of the action > /tmp/mark
echo mine > "$HOME/mine"
"""

# Runs in the driver and in an executor: what either can see of the paths and processes it is told of.
LOOK = """
import json, os, signal, sys
from pyspark.sql import SparkSession
about = json.loads(sys.argv[1])

def look(_):
    said = {"there": [path for path in about["paths"] if os.path.exists(path)], "uid": os.getuid()}
    with open("/proc/self/status") as file:
        said["privileges"] = [line.split()[1] for line in file if line.startswith(("CapEff", "NoNewPrivs"))]
    said["reached"] = []
    for process in about["processes"]:
        try:
            os.kill(process, signal.SIGKILL)
            said["reached"].append(process)
        except OSError:
            pass
    environment = ""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            environment += open(f"/proc/{name}/environ").read()
        except OSError:
            pass
    said["secrets"] = about["secret"] in environment
    said["mine"] = open(os.path.expanduser("~/mine")).read()
    return said

spark = SparkSession.builder.getOrCreate()
executor, = spark.sparkContext.parallelize([0], 1).map(look).collect()
print(json.dumps({"driver": look(0), "executor": executor}))
"""


@pytest.fixture(scope="module")
def cluster(server):
    """A cluster that is WAITING, and another that has just been asked for: (its id, the other's id)."""
    emr, s3 = server.client("emr"), server.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=BUCKET, Key="prepare.sh", Body=PREPARE.encode())
    s3.put_object(Bucket=BUCKET, Key="look.py", Body=LOOK.encode())
    action = {"Name": "p", "ScriptBootstrapAction": {"Path": f"s3://{BUCKET}/prepare.sh"}}
    own = run_job_flow(emr, LogUri=f"s3://{BUCKET}/logs", BootstrapActions=[action])
    wait_for_cluster(emr, own, "WAITING")
    other = run_job_flow(emr)
    yield own, other
    emr.terminate_job_flows(JobFlowIds=[own, other])
    for each in (own, other):
        wait_for_cluster(emr, each, "TERMINATED")
    assert not processes_of(server, own) and not processes_of(server, other)
    assert not (server.data_dir / "emr" / own).exists()


def run_step(server, cluster, *arguments, state="COMPLETED"):
    """(what it wrote to stdout, its status)."""
    emr = server.client("emr")
    (step,) = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[command(*arguments)])["StepIds"]
    status = wait_for_step(emr, cluster, step, "COMPLETED", "FAILED")
    logs = {
        name: read_log(server.client("s3"), BUCKET, cluster, step, name)
        for name in ("controller", "stdout", "stderr")
    }
    assert status["State"] == state, (status, logs)
    return logs["stdout"], status


def bash(server, cluster, script):
    return run_step(server, cluster, "bash", "-c", script)[0].split("\n")[:-1]


def wait_for_processes(server, cluster):
    deadline = time.monotonic() + LIMIT_S
    while not (found := processes_of(server, cluster)):
        assert time.monotonic() < deadline, f"{cluster} has no processes"
        time.sleep(0.05)
    return found


def test_neither_a_driver_nor_an_executor_sees_the_server_or_another_cluster(server, cluster):
    own, other = cluster
    data = server.data_dir.resolve()
    theirs = wait_for_processes(server, other)
    assert (data / "emr" / other).is_dir() and Path(f"{data}.root-key").exists()
    about = {
        "paths": [str(path) for path in (f"{data}.root-key", data / "tarn.json", data / "store",
                                         data / "emr" / other, data / "emr" / own / "log")],
        "processes": [server.pid, *(pid for pid, _ in theirs)],
        "secret": server.secret_access_key,
    }  # fmt: skip
    said, _ = run_step(server, own, "spark-submit", f"s3://{BUCKET}/look.py", json.dumps(about))
    for who, seen in json.loads(said.splitlines()[-1]).items():
        assert seen == {
            "there": [],
            "uid": 1000,
            "privileges": ["0000000000000000", "1"],
            "reached": [],
            "secrets": False,
            "mine": "mine\n",
        }, who


def test_steps_see_what_a_bootstrap_action_changed_and_the_machine_does_not(server, cluster):
    before = [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")]
    # As the guidance's own step does.
    step = "sudo usermod -a -G hdfsadmingroup livy && sudo groupadd later && id -Gn hadoop; cat /tmp/mark"
    assert bash(server, cluster[0], step) == ["hadoop analysts", "of the action"]
    assert bash(server, cluster[0], "getent group later | cut -d: -f1; id -Gn livy") == [
        "later",
        "livy hdfsadmingroup",
    ]
    assert [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")] == before
    assert not Path("/tmp/mark").exists()


def test_a_log_is_what_was_written_and_no_file_of_the_server(server, cluster):
    """Its names in the step's folder are its own to take; the streams can be opened anew."""
    root_key = f"{server.data_dir.resolve()}.root-key"
    step = f"ln -s {root_key} stdout; ln -s {root_key} stderr; echo said >/dev/stdout; pwd"
    said = bash(server, cluster[0], step)
    assert said[0] == "said" and Path(said[1]).parent.name == "steps"


def test_a_fork_bomb_is_bounded_and_the_cluster_goes_on(server, cluster):
    bomb = "import subprocess\nborn = []\ntry:\n    while len(born) < 5000:\n"
    bomb += "        born.append(subprocess.Popen(['sleep', '600']))\n"
    bomb += "except OSError as error:\n    print(type(error).__name__, 100 < len(born) < 3072)\n"
    assert bash(server, cluster[0], f"python3 - <<'E'\n{bomb}\nE") == ["BlockingIOError True"]
    # What is left of it ends with the step: some thousand processes, on a machine that does much else.
    deadline = time.monotonic() + 120
    while left := [line for _, line in processes_of(server, cluster[0]) if "sleep 600" in line]:
        assert time.monotonic() < deadline, len(left)
        time.sleep(0.5)


def test_a_memory_hog_ends_alone_and_its_cluster_goes_on(server, cluster):
    groups = [*Path("/sys/fs/cgroup").rglob(f"emr-{cluster[0]}/memory.limit_in_bytes")]
    groups += Path("/sys/fs/cgroup").rglob(f"emr-{cluster[0]}/memory.max")
    for bound in groups:
        # The kernel bounds the cluster as a whole. What it grants is gibibytes, which take their time to be filled.
        used = (
            bound.parent / bound.name.replace("limit_in", "usage_in").replace("max", "current")
        ).read_text()
        for name in (bound, bound.with_name("memory.memsw.limit_in_bytes")):
            if name.exists():
                assert int(name.read_text()) > 1 << 30
                limit = int(used) + (512 << 20)
                name.write_text(str(limit))
    # Filled where the group bounds, else only asked for.
    piece = "b'x' * (64 << 20)" if groups else "bytearray(64 << 20)"
    hog = f"hog = []\nwhile True: hog.append({piece})"
    _, status = run_step(server, cluster[0], "python3", "-c", hog, state="FAILED")
    why = status["FailureDetails"]
    expected = "of memory that it may have" if groups else "MemoryError"
    assert expected in why["Reason"] + why.get("Message", ""), why
    assert bash(server, cluster[0], "echo on") == ["on"]
    wait_for_cluster(server.client("emr"), cluster[0], "WAITING")
    assert os.path.exists(f"/proc/{server.pid}")
