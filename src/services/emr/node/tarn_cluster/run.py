"""python -m tarn_cluster.run FOLDER: runs the step or bootstrap action of FOLDER/run.json.

Its output goes to FOLDER/stdout and FOLDER/stderr; what this module says goes to the controller log, which is its own
output. All that it starts ends with it: by its end, by SIGTERM, and when the server dies.
"""

import ctypes
import datetime
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

from tarn_session import archive, jvm

from . import settings

_PR_SET_PDEATHSIG = 1
_S3_SCHEMES = ("s3://", "s3a://", "s3n://")
# An exit status as shells give it (POSIX, 2.8.2).
_NOT_FOUND = 127
_SIGNALLED = 128


class Unrunnable(Exception):
    """The order names something that is not there; the message says what."""


def say(text):
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now.isoformat(timespec='milliseconds')} INFO {text}", flush=True)


def follow_the_server():
    """The server's children get SIGKILL when it dies, and theirs nothing: so this one takes SIGTERM, and its group
    along."""
    parent = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: _end(parent))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.killpg(0, signal.SIGKILL)


def _end(parent):
    if os.getppid() != parent:
        os.killpg(0, signal.SIGKILL)
    say("cancelled: its processes are asked to end")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)


def fetch(uri, folder):
    """A file of S3, or of this machine, as a path."""
    if not uri.startswith(_S3_SCHEMES):
        return uri.removeprefix("file://")
    import boto3

    bucket, _, key = uri.split("://", 1)[1].partition("/")
    path = os.path.join(folder, os.path.basename(key) or "script")
    try:
        boto3.client("s3").download_file(bucket, key, path)
    except Exception as error:
        raise Unrunnable(f"{uri} cannot be fetched: {error}") from error
    os.chmod(path, 0o755)
    return path


def script_command(uri, arguments, folder):
    path = fetch(uri, folder)
    if not os.path.exists(path):
        raise Unrunnable(f"{uri}: there is no such file")
    with open(path, "rb") as file:
        has_interpreter = file.read(2) == b"#!"
    start = [path] if has_interpreter and os.access(path, os.X_OK) else ["bash", path]
    return [*start, *arguments]


def command(order, folder, about):
    """The command line that the order stands for."""
    if "script" in order:
        return script_command(order["script"], order["args"], folder)
    name = os.path.basename(order["jar"])
    if name == "command-runner.jar":
        if not order["args"]:
            raise Unrunnable("command-runner.jar needs the command in Args")
        program = order["args"][0]
        if shutil.which(program) is None:
            raise Unrunnable(
                f"{program} is not on this cluster; spark-submit, spark-sql, bash, python3, aws and the system's are"
            )
        return order["args"]
    if name == "script-runner.jar":
        if not order["args"]:
            raise Unrunnable("script-runner.jar needs the script's place in Args")
        return script_command(order["args"][0], order["args"][1:], folder)
    return jar_command(order, folder, about)


def jar_command(order, folder, about):
    """As `hadoop jar` runs it: the main class in one JVM, with Spark's and Hadoop's classes."""
    jar = fetch(order["jar"], folder)
    if not os.path.exists(jar):
        raise Unrunnable(f"{order['jar']}: there is no such file")
    line = jvm.java_line(
        settings.jvm_settings(about, "1g"), os.environ, archive.path(about["platform"])
    )
    main_class = [order["main_class"]] if order["main_class"] else []
    return [*line, "org.apache.hadoop.util.RunJar", jar, *main_class, *order["args"]]


def run(order, folder, about):
    """The exit status of what was ordered."""
    for name in about["kept_classifications"]:
        say(f"configuration {name} is kept and has no meaning here")
    with (
        open(os.path.join(folder, "stdout"), "ab") as stdout,
        open(os.path.join(folder, "stderr"), "ab") as stderr,
    ):
        try:
            line = command(order, folder, about)
        except (Unrunnable, jvm.JvmFailed) as error:
            say(f"not started: {error}")
            stderr.write(f"{error}\n".encode())
            return _NOT_FOUND
        say(f"startExec '{shlex.join(line)[:4096]}'")
        begun = time.monotonic()
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=folder
        )
        status = process.wait()
        say(f"waitProcessCompletion ended with exit code {status}")
        say(f"total process run time: {time.monotonic() - begun:.0f} seconds")
    return status if status >= 0 else _SIGNALLED - status


def main():
    follow_the_server()
    folder = sys.argv[1]
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
        order = json.load(file)
    for name in ("stdout", "stderr"):
        open(os.path.join(folder, name), "ab").close()
    return run(order, folder, settings.cluster())


if __name__ == "__main__":
    sys.exit(main())
