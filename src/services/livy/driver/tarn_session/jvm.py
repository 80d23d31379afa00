"""The JVM of a session: started here, directly, and watched.

`spark-submit` first starts a second JVM only to compute the command line; leaving it out saves its start-up and lets
the class-data archive be named. PySpark then connects to what is running, the way its own launcher offers
(PYSPARK_GATEWAY_PORT and PYSPARK_GATEWAY_SECRET in pyspark/java_gateway.py).
"""

import glob
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import sparkconf

# What Spark 4.0 needs opened on Java 17 (org.apache.spark.launcher.JavaModuleOptions).
_OPENED = (
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)


class JvmFailed(Exception):
    """The JVM ended before Spark could be reached."""


def java_program(environ):
    home = environ.get("JAVA_HOME")
    program = os.path.join(home, "bin", "java") if home else shutil.which("java")
    if not program or not os.access(program, os.X_OK):
        raise JvmFailed(
            "no Java: Spark needs Java 17. Run ./dev setup, or: apt install openjdk-17-jre-headless"
        )
    return program


# One that manages, and computes little: the quick compiler and one thread that collects. It runs Spark's own classes alone,
# which are pinned: those that are not in the archive need not be verified at each start.
_LIGHT = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",
)
# Where a request names one: a JVM with two does not start.
_COLLECTOR = re.compile(r"-XX:\+Use\w+GC\b")


def java_line(settings, environ, archive=None, archive_to_write=None, light=False):
    """The command line of a JVM with Spark's classes, up to its main class; `light`: of one that is no driver."""
    class_path = [*settings[sparkconf.EXTRA_CLASS_PATH].split(":"), *spark_jars()]
    line = [java_program(environ), "-cp", ":".join(path for path in class_path if path)]
    line += [
        "-Xmx" + settings[sparkconf.MEMORY].rstrip("bB"),
        "-Xshare:auto",
        "-XX:+IgnoreUnrecognizedVMOptions",
        # Else Spark's classes outgrow it some times while it starts, each with a collection of everything.
        "-XX:MetaspaceSize=160m",
    ]
    if archive_to_write:
        line.append(f"-XX:ArchiveClassesAtExit={archive_to_write}")
    else:
        line += archive_options(archive)
    if light:
        line += _LIGHT
    elif not _COLLECTOR.search(settings[sparkconf.JAVA_OPTIONS]):
        line.append("-XX:+UseParallelGC")
    line.append("-XX:+ExitOnOutOfMemoryError")
    line += [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED]
    line += [
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
    ]
    line += shlex.split(settings[sparkconf.JAVA_OPTIONS])
    return line


def archive_options(archive):
    """What makes a JVM use the class-data archive, where it is there. At the place it was made for: elsewhere each JVM
    patches all of its pages, which takes a tenth of a second and memory that it would share with the others."""
    if not archive or not os.path.exists(archive):
        return []
    return [
        f"-XX:SharedArchiveFile={archive}",
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:ArchiveRelocationMode=0",
        "-Xlog:cds=off",
    ]


def command(settings, properties_file, environ, archive=None, archive_to_write=None):
    """The command line that spark-submit would end in."""
    line = java_line(settings, environ, archive, archive_to_write)
    line += [
        "org.apache.spark.deploy.SparkSubmit",
        "--properties-file",
        properties_file,
        "pyspark-shell",
    ]
    return line


def spark_jars():
    """Spark's own jars. One name per jar instead of a wildcard, so that the class path (and with it the class-data
    archive) is the same every time; slf4j-api first, as spark-submit has it."""
    folder = os.path.abspath(os.path.join(spark_home(), "jars"))
    first = glob.glob(os.path.join(folder, "slf4j-api-*.jar"))
    return first + [
        jar for jar in sorted(glob.glob(os.path.join(folder, "*.jar"))) if jar not in first
    ]


def spark_home():
    """The folder of the pyspark package, which is found without the second that its import takes."""
    return importlib.util.find_spec("pyspark").submodule_search_locations[0]


def start(settings, directory, archive=None, archive_to_write=None):
    """Starts the JVM and returns its process once PySpark can reach it. Raises JvmFailed."""
    properties_file = os.path.join(directory, "spark-defaults.conf")
    with open(properties_file, "w", encoding="latin-1", opener=_owner_only) as file:
        file.write(sparkconf.properties_text(settings))
    environ = dict(os.environ)
    connection_directory = tempfile.mkdtemp(dir=directory)
    connection_file = os.path.join(connection_directory, "gateway")
    environ.update(
        _PYSPARK_DRIVER_CONN_INFO_PATH=connection_file,
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
        SPARK_HOME=spark_home(),
        SPARK_CONNECT_MODE="0",
    )
    environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    line = command(settings, properties_file, environ, archive, archive_to_write)
    # The JVM ends when the pipe to its stdin closes, that is with this process however that ends.
    process = subprocess.Popen(
        line, stdin=subprocess.PIPE, env=environ, preexec_fn=_ignore_interrupts
    )
    try:
        _wait_for(connection_file, process)
        _offer_to_pyspark(connection_file)
    finally:
        shutil.rmtree(connection_directory, ignore_errors=True)
    return process


def _owner_only(path, flags):
    return os.open(path, flags, 0o600)


def _ignore_interrupts():
    # An interrupt is for the statement; Spark's jobs are cancelled by name, the JVM lives on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _wait_for(connection_file, process):
    while not os.path.exists(connection_file):
        status = process.poll()
        if status is not None:
            raise JvmFailed(
                f"the JVM ended at start with status {status}; its last words are in the session's log"
            )
        time.sleep(0.02)


def _offer_to_pyspark(connection_file):
    from pyspark.serializers import UTF8Deserializer, read_int

    with open(connection_file, "rb") as file:
        port = read_int(file)
        secret = UTF8Deserializer().loads(file)
    os.environ["PYSPARK_GATEWAY_PORT"] = str(port)
    os.environ["PYSPARK_GATEWAY_SECRET"] = secret
