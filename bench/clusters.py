"""How long people wait for Spark: a session, its first answer, a cluster; and the memory that each holds."""

from __future__ import annotations

import json
import os
import statistics
import time
import urllib.request
from pathlib import Path

from servers import Tarn

LIMIT_S = 180
WARM_UP_S = 20  # the next driver warms up behind each session
OWN = "/_tarn/livy"
CLUSTER = {
    "Name": "bench",
    "ReleaseLabel": "emr-7.5.0",
    "Applications": [{"Name": "Spark"}],
    "Instances": {
        "InstanceGroups": [
            {"InstanceRole": "MASTER", "InstanceType": "m7g.xlarge", "InstanceCount": 1},
            {"InstanceRole": "CORE", "InstanceType": "m7g.xlarge", "InstanceCount": 1},
        ],
        "KeepJobFlowAliveWhenNoSteps": True,
    },
}


class ComputeServer(Tarn):
    """Keeps one driver warm, as `tarn up` does by itself."""

    def command(self) -> list[str]:
        return [word for word in super().command() if word != "--no-sessions"]

    def livy(self, method: str, path: str, body: dict | None = None, room: str = OWN) -> dict:
        request = urllib.request.Request(
            f"{self.endpoint}{room}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", "Authorization": self._basic()},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def _basic(self) -> str:
        import base64

        return "Basic " + base64.b64encode(":".join(self.keys).encode()).decode()

    def memory_mb(self) -> float:
        """Of all processes below the server, each page counted once among those that share it."""
        return sum(proportional_mb(pid) for pid in descendants(self.process.pid))


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, ahead = [], list(children.get(root, []))
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        ahead += children.get(pid, [])
    return found


def proportional_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def wait_until(condition, what: str) -> float:
    """The seconds until it held."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > LIMIT_S:
            raise TimeoutError(f"{what} took over {LIMIT_S} s")
        time.sleep(0.02)
    return time.monotonic() - began


def answer(server: ComputeServer, session: int, code: str, room: str = OWN) -> float:
    began = time.monotonic()
    path = f"/sessions/{session}/statements"
    statement = server.livy("POST", path, {"code": code}, room)
    place = f"{path}/{statement['id']}"
    wait_until(lambda: server.livy("GET", place, room=room)["state"] == "available", code)
    return time.monotonic() - began


def open_session(server: ComputeServer, conf: dict, room: str = OWN) -> tuple[int, float]:
    began = time.monotonic()
    session = server.livy("POST", "/sessions", {"kind": "pyspark", "conf": conf}, room)["id"]
    path = f"/sessions/{session}"
    wait_until(lambda: server.livy("GET", path, room=room)["state"] == "idle", "a session")
    return session, time.monotonic() - began


def seconds_text(values: list[float]) -> str:
    return f"**{statistics.median(values):.1f} s** ({min(values):.1f}–{max(values):.1f})"


def memory_text(values: list[float]) -> str:
    return f"**{statistics.median(values):,.0f} MB** ({min(values):,.0f}–{max(values):,.0f})"


def measure_sessions(server: ComputeServer, runs: int, say) -> list[tuple[str, str]]:
    warm, first, memory = [], [], []
    time.sleep(WARM_UP_S)
    before = server.memory_mb()
    for _ in range(runs):
        session, seconds = open_session(server, {})
        warm.append(seconds)
        first.append(seconds + answer(server, session, "spark.range(1000).count()"))
        time.sleep(WARM_UP_S)
        memory.append(server.memory_mb() - before)
        server.livy("DELETE", f"/sessions/{session}")
        say(f"  session after {warm[-1]:.1f} s, first count after {first[-1]:.1f} s")
    return [
        ("a notebook's session from a warm driver", seconds_text(warm)),
        ("… and the first answer of Spark in it, counted from the start", seconds_text(first)),
        ("memory of a driver that waits for a session", f"**{before:,.0f} MB**"),
        ("memory of a session after its first answer", memory_text(memory)),
    ]


def measure_clusters(server: ComputeServer, runs: int, say) -> list[tuple[str, str]]:
    emr = server.client("emr")
    waiting, gone, memory = [], [], []

    def state(cluster: str) -> str:
        return emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]

    for _ in range(runs):
        before = server.memory_mb()
        began = time.monotonic()
        cluster = emr.run_job_flow(**CLUSTER)["JobFlowId"]
        wait_until(lambda: state(cluster) == "WAITING", "a cluster's start")  # noqa: B023
        waiting.append(time.monotonic() - began)
        memory.append(server.memory_mb() - before)
        emr.terminate_job_flows(JobFlowIds=[cluster])
        gone.append(wait_until(lambda: state(cluster) == "TERMINATED", "a cluster's end"))  # noqa: B023
        say(
            f"  cluster WAITING after {waiting[-1]:.1f} s, TERMINATED {gone[-1]:.1f} s after the call"
        )
    return [
        ("a cluster from RunJobFlow to WAITING, its executors to be had", seconds_text(waiting)),
        ("memory that an idle cluster holds (master and worker)", memory_text(memory)),
        ("a cluster from TerminateJobFlows to TERMINATED", seconds_text(gone)),
    ]


def measure_notebooks(server: ComputeServer, runs: int, say) -> list[tuple[str, str]]:
    """A session on a cluster that has Livy, from its warm driver; each executor comes with the first question."""
    emr = server.client("emr")
    applications = [{"Name": "Spark"}, {"Name": "Livy"}]
    cluster = emr.run_job_flow(**{**CLUSTER, "Applications": applications})["JobFlowId"]
    room = f"/_tarn/emr/{cluster}/livy"

    def waits() -> bool:
        told = emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]
        return told == "WAITING"

    wait_until(waits, "a cluster's start")
    time.sleep(1)
    before = server.memory_mb()
    first, spark, memory = [], [], []
    for _ in range(runs):
        time.sleep(2 * WARM_UP_S)
        memory.append(server.memory_mb() - before)
        session, seconds = open_session(server, {}, room)
        first.append(seconds + answer(server, session, "1 + 1", room))
        spark.append(first[-1] + answer(server, session, "spark.range(1000).count()", room))
        server.livy("DELETE", f"/sessions/{session}", room=room)
        say(f"  on a cluster: first answer {first[-1]:.1f} s, first count {spark[-1]:.1f} s")
    emr.terminate_job_flows(JobFlowIds=[cluster])
    return [
        ("a notebook's first answer on a cluster, from its warm driver", seconds_text(first)),
        ("… and the first count of Spark's after it", seconds_text(spark)),
        ("memory that a cluster's warm driver holds", memory_text(memory)),
    ]


def measure_compute(folder: Path, runs: int, say) -> list[tuple[str, str]]:
    """Rows of the table: what, and the figure, or why there is none."""
    from botocore.exceptions import BotoCoreError, ClientError
    from wordcount import measure_wordcount

    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    server = ComputeServer(folder / "compute")
    say("Spark: sessions and clusters")
    server.start()
    rows = []
    try:
        rows += measure_sessions(server, runs, say)
        rows += measure_clusters(server, runs, say)
        rows += measure_notebooks(server, runs, say)
        rows += measure_wordcount(server, say)
    except (AssertionError, OSError, BotoCoreError, ClientError) as reason:
        say(f"  {reason}")
        rows.append(("what comes after these", f"not measured: {reason}"))
    finally:
        server.stop()
    return rows
