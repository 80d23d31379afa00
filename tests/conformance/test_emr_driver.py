"""The cluster's own spark-submit and step runner: which command line they make of a user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import nbformat
import pytest
from tarn_server import ROOT

FOLDERS = [str(ROOT / "src/services" / name) for name in ("livy/driver", "emr/node")]
sys.path[:0] = FOLDERS

from tarn_cluster import notebook, run, session, settings, submit

ABOUT = {
    "address": "127.77.1.1",
    "folder": "/cluster/home/spark",
    "master_port": 7077,
    "application_port": 4040,
    "cores": 2,
    "worker_cores": 2,
    "memory_mib": 4096,
    "secret": "",
    "concurrency": 1,
    "python": sys.executable,
    "platform": {"cores": 2, "jar_directories": []},
    "spark_defaults": {"spark.sql.x": "1", "spark.executor.memory": "18g"},
    "hadoop": {"fs.s3a.connection.maximum": "9"},
    "environment": {"STAGE": "test"},
    "log4j2": "",
    "log_uri": "",
    "kept": [],
}


def test_options_end_where_the_program_begins():
    options, rest = submit.parse(
        ["--name=a", "--conf", "k=v", "--verbose", "s3://b/x.py", "--name", "its own"]
    )
    assert options == [("--name", "a"), ("--conf", "k=v"), ("--verbose", None)]
    assert rest == ["s3://b/x.py", "--name", "its own"]
    with pytest.raises(submit.BadOption, match="--name"):
        submit.parse(["--name"])


def test_yarn_and_cluster_mode_have_no_meaning_and_that_is_said():
    options = [("--master", "yarn"), ("--deploy-mode", "cluster"), ("--py-files", "s3://b/y.zip")]
    conf, kept, notes = submit.resolve(options, ABOUT)
    assert conf["spark.master"] == "spark://127.77.1.1:7077"
    assert "spark.submit.deployMode" not in conf
    assert kept == ["--py-files", "s3://b/y.zip"]
    assert any("yarn" in note for note in notes) and any("cluster" in note for note in notes)


def test_spark_defaults_apply_and_the_command_line_wins():
    conf, _, _ = submit.resolve([("--conf", "spark.sql.x=2")], ABOUT)
    assert conf["spark.sql.x"] == "2"
    conf, _, _ = submit.resolve([], ABOUT)
    assert conf["spark.sql.x"] == "1"


@pytest.mark.parametrize(
    ("asked", "given"),
    [("4096m", "4096m"), ("4097m", "4096m"), ("4g", "4g"), ("900g", "4096m"), ("512M", "512M")],
)
def test_executors_get_no_more_than_the_cluster_was_granted(asked, given):
    about = dict(ABOUT, spark_defaults={})
    conf, _, notes = submit.resolve([("--executor-memory", asked)], about)
    assert conf[settings.EXECUTOR_MEMORY] == given
    assert bool(notes) == (asked != given)


def test_concurrent_steps_share_the_cores():
    conf, _, _ = submit.resolve([], dict(ABOUT, concurrency=2))
    assert conf["spark.cores.max"] == "1"


def test_what_command_runner_does_not_have_is_said(tmp_path):
    order = {"jar": "command-runner.jar", "main_class": "", "args": ["s3-dist-cp"]}
    with pytest.raises(run.Unrunnable, match="s3-dist-cp is not on this cluster"):
        run.command(order, str(tmp_path), ABOUT)
    order["args"] = ["bash", "-c", "true"]
    assert run.command(order, str(tmp_path), ABOUT) == ["bash", "-c", "true"]


def test_a_script_runs_by_its_first_line_or_by_bash(tmp_path):
    plain, program = tmp_path / "plain.sh", tmp_path / "program"
    plain.write_text("echo hi\n")
    program.write_text("#!/bin/sh\necho hi\n")
    program.chmod(0o755)
    assert run.script_command(str(plain), ["1"], str(tmp_path)) == ["bash", str(plain), "1"]
    assert run.script_command(f"file://{program}", [], str(tmp_path)) == [str(program)]


def test_memory_sizes_as_spark_reads_them():
    sizes = [settings.mebibytes(text) for text in ("512m", "2g", "1GB", "1024", "many")]
    assert sizes == [512, 2048, 1024, 1024, None]


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_step_ends_with_the_process_that_started_it(tmp_path):
    """A stand-in for the server starts a step, and is killed."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(FOLDERS), FOLDER=str(tmp_path))
    code = """
import os, subprocess, sys, threading
from tarn_cluster import run
if sys.argv[1:] == ["step"]:
    threading.Thread(target=run.follow_the_server, daemon=True).start()
    subprocess.run(["sh", "-c", "echo $$; exec sleep 1000"])
else:
    step = subprocess.Popen([sys.executable, "-c", os.environ["CODE"], "step"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
    print(step.stdout.readline().decode(), flush=True)
    os.kill(os.getpid(), 9)
"""
    environment["CODE"] = code
    server = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    sleeper = int(server.stdout)
    deadline = time.monotonic() + 30
    while lives(sleeper):
        assert time.monotonic() < deadline, f"{sleeper} outlived its server"
        time.sleep(0.01)


@pytest.fixture
def cluster_file(tmp_path, monkeypatch):
    about = dict(ABOUT, spark_defaults={"spark.driver.extraJavaOptions": "-Dx=1"})
    (tmp_path / "cluster.json").write_text(json.dumps(about))
    monkeypatch.setenv("TARN_CLUSTER", str(tmp_path / "cluster.json"))


def test_a_session_runs_on_the_cluster_and_shares_it(cluster_file):
    request = {"name": "report", "executorMemory": "900g", "queue": "x", "conf": {"spark.a": "b"}}
    conf, notes = session.spark_conf(request, {"directory": "/driver"})
    assert conf["spark.master"] == "spark://127.77.1.1:7077"
    assert (conf["spark.app.name"], conf["spark.a"]) == ("report", "b")
    assert conf["spark.dynamicAllocation.enabled"] == "true"
    assert conf[settings.EXECUTOR_MEMORY] == "4096m"
    assert conf["spark.local.dir"] == "/driver/spark"
    # Joined once with the cluster's own.
    assert conf["spark.driver.extraJavaOptions"].count("-Dx=1") == 1
    assert any("queue=x" in note for note in notes) and any("900g" in note for note in notes)


def test_a_session_may_not_leave_the_cluster(cluster_file):
    conf, notes = session.spark_conf({"conf": {"spark.master": "local[4]"}}, {"directory": "/d"})
    assert conf["spark.master"] == "spark://127.77.1.1:7077"
    assert any("spark.master" in note for note in notes)


def cells(*sources):
    made = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=made)


def test_parameters_come_after_their_defaults_or_first():
    tagged = cells("import x", "a = 1", "print(a)")
    tagged.cells[1].metadata["tags"] = ["parameters"]
    notebook.inject(tagged, {"a": 2, "b": "c"})
    assert [cell.source for cell in tagged.cells] == [
        "import x",
        "a = 1",
        "# Parameters\na = 2\nb = 'c'",
        "print(a)",
    ]
    plain = cells("%%configure -f\n{}", "print(a)")
    notebook.inject(plain, {"a": None})
    assert plain.cells[1].source == "# Parameters\na = None"
    notebook.inject(plain, {})
    assert len(plain.cells) == 3


def test_a_notebook_of_another_kernel_is_refused():
    other = cells("1")
    other.metadata["kernelspec"] = {"name": "sparkkernel"}
    with pytest.raises(notebook.Unrunnable, match="sparkkernel"):
        notebook.kernel_of(other)
    assert notebook.kernel_of(cells("1")) == "pysparkkernel"
    for text in ("[1]", "{", '{"a-b": 1}'):
        with pytest.raises(notebook.Unrunnable, match="NotebookParams"):
            notebook.parameters_of(text)
