"""EMR clusters for tests: how one is made, waited for, given steps and looked at."""

from __future__ import annotations

import contextlib
import gzip
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

LIMIT_S = 300  # of a wait, on a machine that does much else
LOOK_S = 0.25  # between two questions: a look costs the test and the server some milliseconds each
GROUPS = {"MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.2xlarge", "InstanceCount": 3}


def run_job_flow(emr, *, instances=None, alive=True, **more):
    """The id of a new cluster."""
    request = {
        "Name": "conformance",
        "ReleaseLabel": "emr-7.0.0",
        "Applications": [{"Name": "Spark"}],
        "Instances": {**(instances or GROUPS), "KeepJobFlowAliveWhenNoSteps": alive},
        **more,
    }
    return emr.run_job_flow(**request)["JobFlowId"]


def describe(emr, cluster):
    return emr.describe_cluster(ClusterId=cluster)["Cluster"]


def wait_for_cluster(emr, cluster, *states):
    deadline = time.monotonic() + LIMIT_S
    while (status := describe(emr, cluster)["Status"])["State"] not in states:
        assert not status["State"].startswith("TERMINATED"), status
        assert time.monotonic() < deadline, status
        time.sleep(LOOK_S)
    return status


def wait_for_step(emr, cluster, step, *states):
    deadline = time.monotonic() + LIMIT_S
    while True:
        status = emr.describe_step(ClusterId=cluster, StepId=step)["Step"]["Status"]
        if status["State"] in states:
            return status
        assert status["State"] in ("PENDING", "RUNNING", "CANCEL_PENDING"), status
        assert time.monotonic() < deadline, status
        time.sleep(LOOK_S)


def refused(call, **arguments):
    """(code, message) of the error that `call` must raise."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def command(*args, name="step", on_failure="CONTINUE"):
    return {
        "Name": name,
        "ActionOnFailure": on_failure,
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(args)},
    }


def read_log(s3, bucket, cluster, step, name):
    key = f"logs/{cluster}/steps/{step}/{name}.gz"
    return gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode()


def processes_of(server, cluster):
    """(pid, command line) of every process of the machine that is the cluster's."""
    folder = str(server.data_dir / "emr" / cluster)
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            surroundings = (entry / "environ").read_bytes().decode(errors="replace")
        except (OSError, ValueError):
            continue
        if folder in surroundings:
            found.append((int(entry.name), words.replace("\0", " ")))
    return found


# --- one cluster for several modules ---------------------------------------------------------------

SHARED_BUCKET = "emr-shared"
PREPARE = """
set -e
sudo groupadd analysts
sudo usermod -aG analysts hadoop
echo of the action > /tmp/mark
echo mine > "$HOME/mine"
echo prepared
"""


@dataclass
class Cluster:
    """A cluster that has become WAITING, with a bucket for its programs and its logs."""

    server: object
    id: str
    bucket: str
    status: dict  # when it became so

    @property
    def emr(self):
        return self.server.client("emr")

    @property
    def s3(self):
        return self.server.client("s3")

    def put(self, key, text):
        """The place in S3 of a new file."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"s3://{self.bucket}/{key}"

    def start(self, *arguments, jar=None):
        """The id of a step that has been asked for."""
        step = command(*arguments)
        if jar:
            step["HadoopJarStep"]["Jar"] = jar
        (step_id,) = self.emr.add_job_flow_steps(JobFlowId=self.id, Steps=[step])["StepIds"]
        return step_id

    def logs(self, step):
        names = ("controller", "stdout", "stderr")
        return {name: read_log(self.s3, self.bucket, self.id, step, name) for name in names}

    def run(self, *arguments, jar=None, state="COMPLETED"):
        """(the logs of a step that has come to `state`, its status)."""
        step = self.start(*arguments, jar=jar)
        status = wait_for_step(self.emr, self.id, step, "COMPLETED", "FAILED")
        logs = self.logs(step)
        assert status["State"] == state, (status, logs)
        return logs, status

    def bash(self, script):
        """The lines that a step of bash writes."""
        return self.run("bash", "-c", script)[0]["stdout"].split("\n")[:-1]

    def processes(self, word=""):
        """Of its processes, those with `word` in their command line: (pid, command line)."""
        return [each for each in processes_of(self.server, self.id) if word in each[1]]


@contextlib.contextmanager
def shared_cluster(server):
    """Runs a cluster; nothing of it is left afterwards."""
    emr, s3 = server.client("emr"), server.client("s3")
    place = {"LocationConstraint": "us-west-2"}
    s3.create_bucket(Bucket=SHARED_BUCKET, CreateBucketConfiguration=place)
    s3.put_object(Bucket=SHARED_BUCKET, Key="prepare.sh", Body=PREPARE.encode())
    action = {"Name": "p", "ScriptBootstrapAction": {"Path": f"s3://{SHARED_BUCKET}/prepare.sh"}}
    made = run_job_flow(emr, LogUri=f"s3://{SHARED_BUCKET}/logs", BootstrapActions=[action])
    cluster = Cluster(server, made, SHARED_BUCKET, wait_for_cluster(emr, made, "WAITING"))
    yield cluster
    emr.terminate_job_flows(JobFlowIds=[made])
    wait_for_cluster(emr, made, "TERMINATED")
    assert not cluster.processes()
    assert not (server.data_dir / "emr" / made).exists()
