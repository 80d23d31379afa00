"""EMR clusters for tests: how one is made, waited for, given steps and looked at."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

LIMIT_S = 120
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
        time.sleep(0.1)
    return status


def wait_for_step(emr, cluster, step, *states):
    deadline = time.monotonic() + LIMIT_S
    while True:
        status = emr.describe_step(ClusterId=cluster, StepId=step)["Step"]["Status"]
        if status["State"] in states:
            return status
        assert status["State"] in ("PENDING", "RUNNING", "CANCEL_PENDING"), status
        assert time.monotonic() < deadline, status
        time.sleep(0.1)


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
