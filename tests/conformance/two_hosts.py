"""A server and two hosts in network namespaces of their own, joined by a bridge; run by test_emr_hosts.py within
`unshare --net`. Prints what it saw as JSON, and everything to stderr where something fails.

    server 10.77.0.1 ── bridge ──┬── 10.77.0.11  tarn agent, one core
                                 └── 10.77.0.12  tarn agent, one core
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from emr_steps import (
    command,
    describe,
    read_log,
    run_job_flow,
    wait_for_cluster,
    wait_for_step,
)
from tarn_server import TARN, TarnServer

LIMIT_S = 240
# An ordinary user has a right to networks here; what it starts needs none.
PLAIN = [] if os.geteuid() == 0 else ["setpriv", "--inh-caps=-all", "--ambient-caps=-all"]
BUCKET = "hosts"
# Each partition says who computed it; the second stage needs what the first has written.
JOB = """
import os, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("hosts").getOrCreate()
context = spark.sparkContext
def slowly(number):
    time.sleep(0.4)
    return (number % 7, (number, os.environ["SPARK_LOCAL_IP"]))
rows = context.parallelize(range(32), 32).map(slowly).groupByKey(4).collect()
print("sums", sorted((key, sum(number for number, _ in group)) for key, group in rows))
print("hosts", sorted({host for _, group in rows for _, host in group}))
print("lines", spark.read.text("s3://hosts/job.py").count())
"""


def run(*words):
    subprocess.run([str(word) for word in words], check=True)


class Host:
    """A network namespace with an agent in it."""

    def __init__(self, number: int, folder: Path):
        self.address = f"10.77.0.1{number}"
        self.link = f"host{number}"
        self.log = folder / f"agent{number}.log"
        self.folder = folder / f"agent{number}"
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.holder.stdout.readline() == "ready\n"
        namespace = f"/proc/{self.holder.pid}/ns/net"
        self.enter = ["nsenter", f"--net={namespace}"]
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns",
            self.holder.pid)  # fmt: skip
        run("ip", "link", "set", self.link, "master", "bridge", "up")
        run(*self.enter, "ip", "link", "set", "lo", "up")
        run(*self.enter, "ip", "addr", "add", f"{self.address}/24", "dev", "eth0")
        run(*self.enter, "ip", "link", "set", "eth0", "up")

    def join(self, server: TarnServer):
        token = server.tarn("agent-token").stdout.strip()
        url = f"http://10.77.0.1:{server.facts['port']}"
        self.agent = subprocess.Popen(
            [*self.enter, *PLAIN, str(TARN), "agent", "--server", url, "--token", token, "--cores", "1",
             "--data-dir", str(self.folder)],
            stdout=self.log.open("wb"), stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def die(self):
        """As a machine that loses its power: nothing of it says good-bye."""
        run("ip", "link", "del", self.link)
        self.agent.kill()
        self.agent.wait()
        self.holder.kill()

    def close(self):
        for process in (getattr(self, "agent", None), self.holder):
            if process is not None:
                process.kill()
                process.wait()


def wait(what, condition, *, told=lambda: None):
    deadline = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline, (what, told())
        time.sleep(0.2)
    return found


def states(emr, cluster):
    return [
        (each["Status"]["State"], each["Status"]["StateChangeReason"].get("Message", ""))
        for each in emr.list_instances(ClusterId=cluster, InstanceGroupTypes=["CORE"])["Instances"]
    ]


def stages(address):
    """How many tasks the application has done, by its page."""
    import urllib.request

    base = f"http://{address}:4040/api/v1/applications"
    try:
        with urllib.request.urlopen(base, timeout=5) as page:
            (application,) = json.load(page)
        with urllib.request.urlopen(f"{base}/{application['id']}/stages", timeout=5) as page:
            return max((each["numCompleteTasks"] for each in json.load(page)), default=0)
    # A page that is not there yet, or says in HTML that it comes.
    except (OSError, ValueError):
        return 0


def pages(*addresses):
    """What Spark's master and worker say of themselves."""
    import urllib.request

    out = {}
    for url in (f"http://{addresses[0]}:8088/json/", f"http://{addresses[1]}:8081/json/"):
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                out[url] = page.read().decode()
        except OSError as error:
            out[url] = str(error)
    return out


def observe(server: TarnServer, hosts: list[Host], seen: dict):
    emr, s3 = server.client("emr"), server.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=BUCKET, Key="job.py", Body=JOB.encode())
    wrong = subprocess.run(
        [str(TARN), "agent", "--server", f"10.77.0.1:{server.facts['port']}", "--token", "wrong",
         "--data-dir", str(server.folder / "stranger")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    seen["stranger"] = (wrong.returncode, wrong.stderr)
    for host in hosts:
        host.join(server)

    def joined():
        status = server.tarn("status", "--json").stdout
        return {h["address"] for h in json.loads(status)["hosts"] if h["state"] == "joined"}

    wait("two hosts", lambda: len(joined()) == 2, told=lambda: [h.log.read_text() for h in hosts])
    groups = [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
    ]
    cluster = run_job_flow(emr, instances={"InstanceGroups": groups}, LogUri=f"s3://{BUCKET}/logs")
    status = wait_for_cluster(emr, cluster, "WAITING")
    seen["waiting"] = status["StateChangeReason"]["Message"]
    wait("both instances", lambda: [s for s, _ in states(emr, cluster)] == ["RUNNING"] * 2,
         told=lambda: (states(emr, cluster), server.log()[-3000:]))  # fmt: skip
    address = describe(emr, cluster)["MasterPublicDnsName"]
    seen["master"] = address
    submit = command("spark-submit", f"s3://{BUCKET}/job.py")
    (step,) = emr.add_job_flow_steps(JobFlowId=cluster, Steps=[submit])["StepIds"]
    wait_for_step(emr, cluster, step, "RUNNING")

    def step_state():
        return emr.describe_step(ClusterId=cluster, StepId=step)["Step"]["Status"]["State"]

    def words():
        log = server.data_dir / "emr" / cluster / "steps" / step / "stderr"
        return step_state(), stages(address), log.read_text()[-4000:]

    wait("a part of the job", lambda: stages(address) >= 4 or step_state() != "RUNNING", told=words)
    assert step_state() == "RUNNING", words()
    hosts[1].die()
    wait("the job's end", lambda: step_state() != "RUNNING", told=words)
    seen["step"] = step_state()
    seen["stdout"] = read_log(s3, BUCKET, cluster, step, "stdout")
    seen["stderr"] = read_log(s3, BUCKET, cluster, step, "stderr")[-3000:]
    wait("the lost instance replaced",
         lambda: sorted(s for s, _ in states(emr, cluster)) == ["RUNNING", "RUNNING", "TERMINATED"],
         told=lambda: states(emr, cluster))  # fmt: skip
    seen["instances"] = states(emr, cluster)
    wait_for_cluster(emr, cluster, "WAITING")
    # The last host leaves: its worker is drained, and the cluster has none.
    hosts[0].agent.terminate()
    wait("the agent's end", lambda: hosts[0].agent.poll() is not None,
         told=lambda: pages(address, hosts[0].address))  # fmt: skip
    seen["left"] = hosts[0].agent.returncode
    seen["without"] = describe(emr, cluster)["Status"]["State"]
    emr.terminate_job_flows(JobFlowIds=[cluster])
    wait_for_cluster(emr, cluster, "TERMINATED")
    seen["files"] = sorted(path.name for path in (hosts[0].folder / "workers").iterdir())


def main():
    folder = Path(sys.argv[1])
    run("ip", "link", "set", "lo", "up")
    # Of its own: else it takes a new one when a host's end goes, and nobody finds it for half a minute.
    run("ip", "link", "add", "bridge", "address", "02:00:00:00:00:01", "type", "bridge")
    run("ip", "addr", "add", "10.77.0.1/24", "dev", "bridge")
    run("ip", "link", "set", "bridge", "up")
    seen: dict = {}
    with contextlib.ExitStack() as stack:
        server = TarnServer(
            folder / "server",
            arguments=("--host", "0.0.0.0", "--warm-drivers", "0"),
            launcher=tuple(PLAIN),
        ).start()
        stack.callback(server.close)
        hosts = [Host(number, folder) for number in (1, 2)]
        for host in hosts:
            stack.callback(host.close)
        try:
            observe(server, hosts, seen)
        except BaseException:
            print("seen:", seen, file=sys.stderr)
            for host in hosts:
                print(host.log, host.log.read_text()[-3000:], file=sys.stderr)
            print(server.log()[-6000:], file=sys.stderr)
            raise
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
