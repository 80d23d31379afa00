"""What a step may see and do: only its own cluster. Through real steps of one cluster; test_sandbox.py shows the same of
sessions, and src/sandbox has the tests of the parts.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from emr_steps import LIMIT_S, processes_of, run_job_flow, wait_for_cluster

pytestmark = [pytest.mark.slow]

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


@pytest.fixture
def other(server):
    """Another cluster, that has just been asked for."""
    emr = server.client("emr")
    made = run_job_flow(emr)
    yield made
    emr.terminate_job_flows(JobFlowIds=[made])
    wait_for_cluster(emr, made, "TERMINATED")
    assert not processes_of(server, made)


def wait_for_processes(server, cluster):
    deadline = time.monotonic() + LIMIT_S
    while not (found := processes_of(server, cluster)):
        assert time.monotonic() < deadline, f"{cluster} has no processes"
        time.sleep(0.05)
    return found


def test_neither_a_driver_nor_an_executor_sees_the_server_or_another_cluster(
    server, emr_cluster, other
):
    data = server.data_dir.resolve()
    theirs = wait_for_processes(server, other)
    assert (data / "emr" / other).is_dir() and Path(f"{data}.root-key").exists()
    about = {
        "paths": [str(path) for path in (f"{data}.root-key", data / "tarn.json", data / "store",
                                         data / "emr" / other, data / "emr" / emr_cluster.id / "log")],
        "processes": [server.pid, *(pid for pid, _ in theirs)],
        "secret": server.secret_access_key,
    }  # fmt: skip
    look = emr_cluster.put("look.py", LOOK)
    said = emr_cluster.run("spark-submit", look, json.dumps(about))[0]["stdout"]
    for who, seen in json.loads(said.splitlines()[-1]).items():
        assert seen == {
            "there": [],
            "uid": 1000,
            "privileges": ["0000000000000000", "1"],
            "reached": [],
            "secrets": False,
            "mine": "mine\n",
        }, who


def test_steps_see_what_a_bootstrap_action_changed_and_the_machine_does_not(server, emr_cluster):
    before = [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")]
    # As the guidance's own step does.
    step = "sudo usermod -a -G hdfsadmingroup livy && sudo groupadd later && id -Gn hadoop; cat /tmp/mark"
    assert emr_cluster.bash(step) == ["hadoop analysts", "of the action"]
    assert emr_cluster.bash("getent group later | cut -d: -f1; id -Gn livy") == [
        "later",
        "livy hdfsadmingroup",
    ]
    assert [Path(f"/etc/{name}").read_bytes() for name in ("passwd", "group")] == before
    assert not Path("/tmp/mark").exists()


def test_a_log_is_what_was_written_and_no_file_of_the_server(server, emr_cluster):
    """Its names in the step's folder are its own to take; the streams can be opened anew."""
    root_key = f"{server.data_dir.resolve()}.root-key"
    step = f"ln -s {root_key} stdout; ln -s {root_key} stderr; echo said >/dev/stdout; pwd"
    said = emr_cluster.bash(step)
    assert said[0] == "said" and Path(said[1]).parent.name == "steps"


def test_a_fork_bomb_is_bounded_and_the_cluster_goes_on(server, emr_cluster):
    bomb = "import subprocess\nborn = []\ntry:\n    while len(born) < 5000:\n"
    bomb += "        born.append(subprocess.Popen(['sleep', '600']))\n"
    bomb += "except OSError as error:\n    print(type(error).__name__, 100 < len(born) < 3072)\n"
    assert emr_cluster.bash(f"python3 - <<'E'\n{bomb}\nE") == ["BlockingIOError True"]
    # What is left of it ends with the step: some thousand processes, on a machine that does much else.
    deadline = time.monotonic() + 120
    while left := emr_cluster.processes("sleep 600"):
        assert time.monotonic() < deadline, len(left)
        time.sleep(0.5)


def bounds_of(cluster):
    """The kernel's bounds of the cluster's memory as a whole, in bytes, as files; none where it knows none."""
    groups = [*Path("/sys/fs/cgroup").rglob(f"emr-{cluster.id}/memory.limit_in_bytes")]
    groups += Path("/sys/fs/cgroup").rglob(f"emr-{cluster.id}/memory.max")
    return [
        name
        for bound in groups
        for name in (bound, bound.with_name("memory.memsw.limit_in_bytes"))
        if name.exists()
    ]


@pytest.fixture
def narrow(emr_cluster):
    """The cluster with half a gibibyte more than it uses, where the kernel bounds it: gibibytes take their time to be
    filled. Gives the bounds."""
    bounds = bounds_of(emr_cluster)
    before = [bound.read_text() for bound in bounds]
    used = 0
    for bound, limit in zip(bounds, before, strict=True):
        assert int(limit) > 1 << 30
        if not used:
            name = "memory.current" if bound.name == "memory.max" else "memory.usage_in_bytes"
            used = int(bound.with_name(name).read_text())
        bound.write_text(str(used + (512 << 20)))
    yield bounds
    # Of memory and swap together first: it may not be less than that of memory.
    for bound, limit in reversed([*zip(bounds, before, strict=True)]):
        bound.write_text(limit)


def test_a_memory_hog_ends_alone_and_its_cluster_goes_on(server, emr_cluster, narrow):
    # Filled where the group bounds, else only asked for.
    piece = "b'x' * (64 << 20)" if narrow else "bytearray(64 << 20)"
    hog = f"hog = []\nwhile True: hog.append({piece})"
    _, status = emr_cluster.run("python3", "-c", hog, state="FAILED")
    why = status["FailureDetails"]
    expected = "of memory that it may have" if narrow else "MemoryError"
    assert expected in why["Reason"] + why.get("Message", ""), why
    assert emr_cluster.bash("echo on") == ["on"]
    wait_for_cluster(server.client("emr"), emr_cluster.id, "WAITING")
    assert os.path.exists(f"/proc/{server.pid}")
