"""python -m tarn_cluster.node master|worker: becomes that JVM of Spark's standalone cluster."""

import os
import sys

from tarn_session import archive, jvm

from . import settings

_HEAP = "384m"


def arguments(role, about):
    address = about["address"]
    if role == "master":
        return [
            "org.apache.spark.deploy.master.Master",
            "--host",
            address,
            "--port",
            str(about["master_port"]),
            "--webui-port",
            str(about["page_port"]),
        ]
    return [
        "org.apache.spark.deploy.worker.Worker",
        "--host",
        address,
        "--cores",
        str(about["cores"]),
        "--memory",
        f"{about['memory_mib']}M",
        "--webui-port",
        "8081",
        "--work-dir",
        os.path.join(about["folder"], "work"),
        settings.master_url(about),
    ]


def properties(role, about):
    # A port that is taken is an error, not a reason to be elsewhere.
    common = ["-Dspark.port.maxRetries=0", "-XX:TieredStopAtLevel=1"]
    if role == "master":
        # A master that is started again takes workers and applications back.
        # https://spark.apache.org/docs/4.0.0/spark-standalone.html#single-node-recovery-with-local-file-system
        return [
            *common,
            "-Dspark.deploy.recoveryMode=FILESYSTEM",
            "-Dspark.deploy.recoveryDirectory=" + os.path.join(about["folder"], "recovery"),
        ]
    return [*common, "-Dspark.worker.cleanup.enabled=true"]


def main():
    role = sys.argv[1]
    about = settings.cluster()
    line = jvm.java_line(
        settings.jvm_settings(about, _HEAP), os.environ, archive.path(about["platform"])
    )
    line += properties(role, about)
    environ = dict(
        os.environ,
        SPARK_HOME=jvm.spark_home(),
        # What load-spark-env.sh sets: a worker builds its executors' command lines by it.
        SPARK_SCALA_VERSION="2.13",
        SPARK_LOCAL_DIRS=os.path.join(about["folder"], "spark"),
    )
    os.execve(line[0], [*line, *arguments(role, about)], environ)


if __name__ == "__main__":
    main()
