"""Becomes a JVM of Spark's standalone cluster: `python -m tarn_cluster.node master`,
`worker ADDRESS PAGE_PORT CORES MEMORY_MIB`, or `history EVENT_LOGS PORT`."""

import os
import sys

from tarn_session import archive, jvm

from . import settings

_HEAP = "384m"


def arguments(role, about, share):
    if role == "master":
        address = about["address"]
        return [
            "org.apache.spark.deploy.master.Master",
            "--host",
            address,
            "--port",
            str(about["master_port"]),
            "--webui-port",
            str(about["page_port"]),
        ]
    address, page_port, cores, memory_mib = share
    return [
        "org.apache.spark.deploy.worker.Worker",
        "--host",
        address,
        "--cores",
        cores,
        "--memory",
        f"{memory_mib}M",
        "--webui-port",
        page_port,
        "--work-dir",
        os.path.join(about["folder"], "work"),
        settings.master_url(about),
    ]


def properties(role, about):
    # A port that is taken is an error, not a reason to be elsewhere.
    # Of the master too: without it, it has no page that decommissions (org.apache.spark.deploy.master.ui.MasterWebUI).
    common = ["-Dspark.port.maxRetries=0", "-Dspark.decommission.enabled=true"]
    if about["secret"]:
        common += [f"-D{key}={value}" for key, value in settings.SPREAD.items()]
    if role == "master":
        # A master that is started again takes workers and applications back.
        # https://spark.apache.org/docs/4.0.0/spark-standalone.html#single-node-recovery-with-local-file-system
        return [
            *common,
            "-Dspark.deploy.recoveryMode=FILESYSTEM",
            "-Dspark.deploy.recoveryDirectory=" + os.path.join(about["folder"], "recovery"),
        ]
    # https://spark.apache.org/docs/4.0.0/configuration.html (spark.executor.logs.rolling): the last 64 MiB of each
    # executor's stdout and stderr.
    return [
        *common,
        "-Dspark.worker.cleanup.enabled=true",
        "-Dspark.executor.logs.rolling.strategy=size",
        f"-Dspark.executor.logs.rolling.maxSize={16 << 20}",
        "-Dspark.executor.logs.rolling.maxRetainedFiles=3",
    ]


def history(about, logs, port):
    """The history server over the event logs in `logs`; of a cluster that may have ended, so it has a place of its
    own for what is the cluster's otherwise."""
    about["platform"]["directory"] = os.environ["HOME"]
    line = jvm.java_line(
        settings.jvm_settings(about, "512m"),
        os.environ,
        archive.path(about["platform"]),
        light=True,
    )
    line += [
        "-Dspark.port.maxRetries=0",
        f"-Dspark.history.fs.logDirectory=file:{logs}",
        "-Dspark.history.fs.update.interval=2s",
        f"-Dspark.history.ui.port={port}",
        "org.apache.spark.deploy.history.HistoryServer",
    ]
    os.execve(line[0], line, dict(os.environ, SPARK_HOME=jvm.spark_home()))


def main():
    role, *share = sys.argv[1:]
    about = settings.cluster()
    if role == "history":
        history(about, *share)
    os.makedirs(settings.event_logs(about), exist_ok=True)
    for name in ("recovery", "local", "work"):
        os.makedirs(os.path.join(about["folder"], name), exist_ok=True)
    line = jvm.java_line(
        settings.jvm_settings(about, _HEAP),
        os.environ,
        archive.path(about["platform"]),
        light=True,
    )
    line += properties(role, about)
    environ = dict(
        os.environ,
        SPARK_HOME=jvm.spark_home(),
        # What load-spark-env.sh sets: a worker builds its executors' command lines by it.
        SPARK_SCALA_VERSION="2.13",
        SPARK_LOCAL_DIRS=os.path.join(about["folder"], "local"),
    )
    if about["secret"]:
        # org.apache.spark.SecurityManager reads it there: command lines are for everybody to see.
        environ["_SPARK_AUTH_SECRET"] = about["secret"]
    os.execve(line[0], [*line, *arguments(role, about, share)], environ)


if __name__ == "__main__":
    main()
