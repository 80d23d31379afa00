"""The class-data archive of the sessions' JVM: `python -m tarn_session.archive` makes it.

Spark loads some twenty thousand classes before the first answer. A dynamic archive of JDK 17 (JEP 350) holds them
parsed and verified, which takes a third to half off a session's start; those of a cluster's master, worker and
executors too. It fits one class path of one Java exactly, so
its name is made of both; a session without a fitting one starts as ever, only slower.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from . import jvm, sparkconf, training


def path(platform):
    """Where the archive of this class path and this Java is, or would be; None where none is kept."""
    folder = platform.get("archive_directory")
    if not folder:
        return None
    with open(training.__file__, "rb") as lessons:
        mark = hashlib.sha256(lessons.read())
    java = os.path.realpath(jvm.java_program(os.environ))
    for jar in [java, *jvm.spark_jars(), *sparkconf.class_path(platform)]:
        state = os.stat(jar)
        # As the JVM checks them: path, size and time of change.
        mark.update(f"{jar}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return os.path.join(folder, f"spark-{mark.hexdigest()[:16]}.jsa")


def make(platform):
    """Makes the archive if there is none and returns its path. Raises jvm.JvmFailed."""
    target = path(platform)
    if os.path.exists(target):
        return target
    folder = platform["archive_directory"]
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        part = os.path.join(work, "new.jsa")
        log = os.path.join(work, "log")
        _train(dict(platform, directory=work, archive_to_write=part), work, log)
        if not os.path.exists(part):
            with open(log, encoding="utf-8", errors="replace") as file:
                raise jvm.JvmFailed("the JVM wrote no archive:\n" + file.read()[-2000:])
        _remove_older(folder)
        os.replace(part, target)
    return target


def _train(platform, work, log):
    code = f"from tarn_session import training\ntraining.run(spark, {work!r})"
    commands = [
        {"op": "start", "request": {"conf": training.conf(work)}, "platform": platform},
        {"op": "execute", "id": 0, "code": code},
        {"op": "stop"},
    ]
    environ = dict(os.environ, **training.ENVIRONMENT)
    environ["PYTHONPATH"] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environ["HOME"] = work
    with open(log, "wb") as stderr:
        session = subprocess.Popen(
            [sys.executable, "-m", "tarn_session"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environ,
            cwd=work,
            text=True,
        )
        output = None
        for command in commands:
            if command["op"] == "stop":
                output = _wait_for_result(session)
            session.stdin.write(json.dumps(command) + "\n")
            session.stdin.flush()
        session.wait()
    if output and output["status"] != "ok":
        raise jvm.JvmFailed(f"the training failed: {output['ename']}: {output['evalue']}")


def _wait_for_result(session):
    for line in session.stdout:
        event = json.loads(line)
        if event["event"] in ("result", "failed", "dead"):
            return event.get("output")
    return None


def _remove_older(folder):
    for name in os.listdir(folder):
        if name.startswith("spark-") and name.endswith(".jsa"):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def main():
    parser = argparse.ArgumentParser(
        prog="tarn_session.archive", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "--jars", action="append", required=True, help="a folder of jars, in class path order"
    )
    parser.add_argument("--directory", required=True, help="where archives are kept")
    arguments = parser.parse_args()
    platform = {
        "jar_directories": [os.path.abspath(folder) for folder in arguments.jars],
        "archive_directory": os.path.abspath(arguments.directory),
    }
    try:
        print(make(platform))
    except (jvm.JvmFailed, OSError) as error:
        sys.exit(f"tarn_session.archive: {error}")


if __name__ == "__main__":
    main()
