"""A cluster whose workers are on two hosts, each a network namespace with a `tarn agent`: a job runs on both, one of
them dies, and the answer is right. What happens is in two_hosts.py, which runs in namespaces of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("two_hosts.py")
LIMIT_S = 600
# As an ordinary user, one's own user namespace allows networks.
ALLOWED = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    done = subprocess.run(
        ["unshare", *ALLOWED, "--net", "--mount", sys.executable, str(SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-12000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_stranger_is_refused(seen):
    code, said = seen["stranger"]
    assert code == 1 and "tarn agent-token" in said


@pytest.mark.slow
def test_the_cluster_says_what_its_hosts_grant(seen):
    assert "granted 2 vCPU" in seen["waiting"] and "2 hosts" in seen["waiting"]
    assert seen["master"] == "10.77.0.1"


@pytest.mark.slow
def test_a_job_on_two_hosts_outlives_one_of_them(seen):
    assert seen["step"] == "COMPLETED", seen["stderr"]
    lines = dict(line.split(" ", 1) for line in seen["stdout"].splitlines() if " " in line)
    sums = sorted((key, sum(n for n in range(32) if n % 7 == key)) for key in range(7))
    assert lines["sums"] == str(sums)
    assert "10.77.0.11" in lines["hosts"]
    # Executors reach the server's S3 from their host.
    assert int(lines["lines"]) > 10


@pytest.mark.slow
def test_the_dead_hosts_instance_is_replaced_and_says_why(seen):
    ((_, why),) = [each for each in seen["instances"] if each[0] == "TERMINATED"]
    assert why == "Host 10.77.0.12 was lost: its agent did not report for 15 s."


@pytest.mark.slow
def test_an_agent_that_is_asked_to_end_is_drained_first(seen):
    assert seen["left"] == 0
    assert seen["without"] == "STARTING"
    assert seen["files"] == []
