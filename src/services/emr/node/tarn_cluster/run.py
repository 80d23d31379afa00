"""python -m tarn_cluster.run ORDER FOLDER: runs the step or bootstrap action that the file ORDER tells, in FOLDER.

Its output goes to descriptors 3 and 4, which the server has opened; what this module says goes to the controller log,
its own stderr. Its stdin is the server's: a line there asks it to end, and its end is the server's. All that it starts
ends with it.
"""

import datetime
import glob
import gzip
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from xml.sax.saxutils import escape

from tarn_session import archive, jvm

from . import settings

_STDOUT, _STDERR = 3, 4
_S3_SCHEMES = ("s3://", "s3a://", "s3n://")
# An exit status as shells give it (POSIX, 2.8.2).
_NOT_FOUND = 127
_SIGNALLED = 128


class Unrunnable(Exception):
    """The order names something that is not there; the message says what."""


def say(text):
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now.isoformat(timespec='milliseconds')} INFO {text}", file=sys.stderr, flush=True)


_ending = threading.Event()


def follow_the_server():
    """Ends the group at the server's word, or with it. In a thread: the main one waits for the process."""
    for line in sys.stdin:
        if line.strip() == "end":
            say("cancelled: its processes are asked to end")
            _ending.set()
            os.killpg(0, signal.SIGTERM)
    os.killpg(0, signal.SIGKILL)


def _s3():
    # Not boto3: its resources and transfers take twice as long to import, and every step would wait for them.
    import botocore.session

    return botocore.session.get_session().create_client("s3")


def fetch(uri, folder):
    """A file of S3, or of this machine, as a path."""
    if not uri.startswith(_S3_SCHEMES):
        return uri.removeprefix("file://")
    bucket, _, key = uri.split("://", 1)[1].partition("/")
    path = os.path.join(folder, os.path.basename(key) or "script")
    try:
        body = _s3().get_object(Bucket=bucket, Key=key)["Body"]
        with open(path, "wb") as file:
            shutil.copyfileobj(body, file)
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
    if "notebook" in order:
        return [sys.executable, "-m", "tarn_cluster.notebook", json.dumps(order["notebook"])]
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
    line[line.index("-cp") + 1] += ":" + write_core_site(about, folder)
    main_class = [order["main_class"]] if order["main_class"] else []
    return [*line, "org.apache.hadoop.util.RunJar", jar, *main_class, *order["args"]]


def write_core_site(about, folder):
    """The folder of a core-site.xml, for the end of a class path: before it stands what the class-data archive knows."""
    conf = os.path.join(folder, "conf")
    os.makedirs(conf, exist_ok=True)
    with open(os.path.join(conf, "core-site.xml"), "w", encoding="utf-8") as file:
        file.write("<configuration>\n")
        for name, value in settings.hadoop_settings(about).items():
            file.write(
                f"<property><name>{escape(name)}</name><value>{escape(str(value))}</value></property>\n"
            )
        file.write("</configuration>\n")
    return conf


def push_container_logs(about):
    """Executors' logs to LogUri/containers/APPLICATION/EXECUTOR/, where they are new since the last time."""
    work = os.path.join(about["folder"], "work")
    if not about["log_uri"] or not os.path.isdir(work):
        return
    for application in sorted(os.listdir(work)):
        folder = os.path.join(work, application)
        logs = glob.glob(os.path.join(folder, "*", "std*"))
        mark = os.path.join(folder, "sent")
        newest = max((os.stat(log).st_mtime for log in logs), default=0)
        if os.path.exists(mark) and os.stat(mark).st_mtime >= newest:
            continue
        if error := _push(logs, work, about["log_uri"] + "containers/"):
            say(f"executors' logs were not sent: {error}")
            return
        with open(mark, "w"):
            os.utime(mark, (newest, newest))


def _push(logs, work, uri):
    """Why they could not be sent; None where they were."""
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = uri.split("://", 1)[1].partition("/")
    s3 = _s3()
    try:
        for log in logs:
            with open(log, "rb") as file:
                body = gzip.compress(file.read())
            key = f"{prefix}{os.path.relpath(log, work)}.gz"
            s3.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType="text/plain", ContentEncoding="gzip"
            )
    except (BotoCoreError, ClientError, OSError) as error:
        return error
    return None


def run(order, folder, about):
    """The exit status of what was ordered."""
    for each in about["kept"]:
        say(f"configuration kept, without effect: {each}")
    try:
        line = command(order, folder, about)
    except (Unrunnable, jvm.JvmFailed) as error:
        say(f"not started: {error}")
        os.write(_STDERR, f"{error}\n".encode())
        return _NOT_FOUND
    say(f"startExec '{shlex.join(line)[:4096]}'")
    begun = time.monotonic()
    process = subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=_STDOUT,
        stderr=_STDERR,
        cwd=folder,
        env=os.environ | about["environment"],
    )
    if _ending.is_set():
        # The word came before there was a process to hear it.
        os.killpg(0, signal.SIGTERM)
    status = process.wait()
    say(f"waitProcessCompletion ended with exit code {status}")
    say(f"total process run time: {time.monotonic() - begun:.0f} seconds")
    push_container_logs(about)
    return status if status >= 0 else _SIGNALLED - status


def main():
    # Its group gets the signal, and it is of it; what it starts has the usual handling.
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=follow_the_server, daemon=True).start()
    order_path, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    with open(order_path, encoding="utf-8") as file:
        order = json.load(file)
    status = run(order, folder, settings.cluster())
    # Without waiting for the thread that reads.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
