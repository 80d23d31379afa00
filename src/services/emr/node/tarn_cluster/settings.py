"""What a cluster is, and the Spark configuration that follows: the same ways to the data as a Livy session has."""

import json
import os

from tarn_session import archive, jvm, sparkconf

EXECUTOR_MEMORY = "spark.executor.memory"
EXECUTOR_CORES = "spark.executor.cores"
# Beside an executor's heap (spark.executor.memoryOverhead has no meaning on a standalone worker).
_USUAL_EXECUTOR_MIB = 1024
# Where the cluster is, and how a driver runs on it, is not for a request to say.
_OWN_KEYS = ("spark.master", "spark.submit.deployMode")


# A worker that goes lets its executors end their tasks and hand on what they hold.
# https://spark.apache.org/docs/4.0.0/configuration.html (spark.decommission, spark.storage.decommission)
_DECOMMISSION = {
    "spark.decommission.enabled": "true",
    "spark.storage.decommission.enabled": "true",
    "spark.storage.decommission.shuffleBlocks.enabled": "true",
    "spark.storage.decommission.rddBlocks.enabled": "true",
    "spark.storage.decommission.replicationReattemptInterval": "5s",
}


# A cluster whose workers are on other hosts is reached over a network: who registers or submits must know its secret.
# A host that falls silent is given up after half a minute, not two.
# https://spark.apache.org/docs/4.0.0/security.html
SPREAD = {
    "spark.authenticate": "true",
    "spark.network.timeout": "30s",
    "spark.network.timeoutInterval": "10s",
    "spark.executor.heartbeatInterval": "5s",
    "spark.worker.timeout": "30",
}


def cluster():
    """The cluster of this process."""
    with open(os.environ["TARN_CLUSTER"], encoding="utf-8") as file:
        return json.load(file)


def event_logs(about):
    """Where applications tell what they do, for the history server (src/services/emr/launch.cc names it too)."""
    return os.path.join(os.path.dirname(about["folder"]), "eventlog")


def master_url(about):
    return f"spark://{about['address']}:{about['master_port']}"


def jvm_settings(about, memory):
    """What tarn_session.jvm needs to start a JVM of Spark that is no driver."""
    settings = sparkconf.defaults(about["platform"])
    return {
        sparkconf.EXTRA_CLASS_PATH: settings[sparkconf.EXTRA_CLASS_PATH],
        sparkconf.JAVA_OPTIONS: settings[sparkconf.JAVA_OPTIONS],
        sparkconf.MEMORY: memory,
    }


def driver_settings(about):
    """(settings, notes) of a driver on the cluster, and what its user should know of them."""
    settings = sparkconf.defaults(about["platform"])
    address = about["address"]
    settings.update(
        {
            "spark.master": master_url(about),
            "spark.app.name": "step",
            "spark.driver.host": address,
            "spark.driver.bindAddress": address,
            "spark.ui.port": str(about["application_port"]),
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": "file:" + event_logs(about),
            "spark.pyspark.python": about["python"],
            EXECUTOR_MEMORY: f"{min(_USUAL_EXECUTOR_MIB, about['memory_mib'])}m",
            **_executor_start(settings, about["platform"]),
            **_DECOMMISSION,
        }
    )
    if about["secret"]:
        settings.update(SPREAD)
        settings["spark.authenticate.secret"] = about["secret"]
        # Its page is seen on the network. The master's must be able to: it decommissions workers so.
        settings["spark.ui.killEnabled"] = "false"
        # The driver's folder is not where its executors are.
        settings["spark.executor.extraJavaOptions"] += " -Djava.io.tmpdir=/tmp"
    if about["concurrency"] > 1:
        settings["spark.cores.max"] = str(max(1, about["cores"] // about["concurrency"]))
    for key, value in about["hadoop"].items():
        settings["spark.hadoop." + key] = value
    for name, value in about["environment"].items():
        settings["spark.executorEnv." + name] = value
    notes = []
    if about["log4j2"]:
        _use_log4j2(settings, about, notes)
    for key, value in about["spark_defaults"].items():
        apply(settings, key, value, about, notes)
    return settings, notes


def _use_log4j2(settings, about, notes):
    places = [sparkconf.JAVA_OPTIONS, "spark.executor.extraJavaOptions"]
    if about["secret"]:
        # The file is not where its executors are.
        places.pop()
        notes.append("spark-log4j2 is the driver's alone: executors run on hosts that have joined")
    for key in places:
        settings[key] += f" -Dlog4j2.configurationFile=file:{about['log4j2']}"


def _executor_start(settings, platform):
    """An executor's JVM starts with the class-data archive of the drivers, whose class path its own begins with: the
    worker puts spark.executor.extraClassPath first (org.apache.spark.launcher.AbstractCommandBuilder)."""
    options = settings[sparkconf.JAVA_OPTIONS]
    options = " ".join([options, *jvm.archive_options(archive.path(platform))])
    jars = [*filter(None, settings[sparkconf.EXTRA_CLASS_PATH].split(":")), *jvm.spark_jars()]
    return {
        "spark.executor.extraClassPath": ":".join(jars),
        "spark.executor.extraJavaOptions": options.strip(),
    }


def hadoop_settings(about):
    """What Hadoop's own programs read from core-site.xml: the ways to the data, and the cluster's configurations."""
    prefix = "spark.hadoop."
    settings = sparkconf.defaults(about["platform"])
    own = {k.removeprefix(prefix): v for k, v in settings.items() if k.startswith(prefix)}
    return own | about["hadoop"]


def apply(settings, key, value, about, notes):
    """Sets `key` as a request asks for it: joined with the cluster's own where a step without that could not reach
    its data, and no more than the cluster was granted."""
    if key in _OWN_KEYS:
        notes.append(f"{key}={value} has no meaning here: the driver runs on the primary node")
    elif key in (sparkconf.EXTRA_CLASS_PATH, "spark.executor.extraClassPath"):
        settings[key] = f"{settings[key]}:{value}"
    elif key in (sparkconf.JAVA_OPTIONS, "spark.executor.extraJavaOptions"):
        settings[key] = f"{settings[key]} {value}".strip()
    else:
        settings[key] = _granted(key, value, about, notes)


def _granted(key, value, about, notes):
    if key == EXECUTOR_MEMORY and (mebibytes(value) or 0) > about["memory_mib"]:
        notes.append(f"{key}: asked {value}, granted {about['memory_mib']}m of this machine")
        return f"{about['memory_mib']}m"
    if key == EXECUTOR_CORES and value.isdecimal() and int(value) > about["worker_cores"]:
        notes.append(f"{key}: asked {value}, granted {about['worker_cores']} of a machine")
        return str(about["worker_cores"])
    return value


def mebibytes(text):
    """A JVM memory size such as 512m, in MiB; None for what is none. Spark reads a number alone as MiB."""
    units = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}
    text = text.strip().lower().removesuffix("b")
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "m")
    return float(number) * units[unit] if number.isdecimal() else None
