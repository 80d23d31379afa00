"""Cells as a person runs them: Jupyter's kernel `pysparkkernel` of sparkmagic on a tarn server."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from tarn_server import ROOT, TarnServer

sys.path.insert(0, str(ROOT / "jupyter"))
from tarn_jupyter.workspace import Server, prepare

CELL_S = 300


class Notebook:
    """A kernel, and what its cells show."""

    def __init__(self, server, folder):
        there = Server(server.endpoint_url, server.access_key_id, server.secret_access_key)
        environment = {**os.environ, **prepare(there, folder)}
        self.manager, self.client = start_new_kernel(
            kernel_name="pysparkkernel", env=environment, cwd=str(folder), startup_timeout=120
        )

    def start(self, code):
        return self.client.execute(code)

    def finish(self, request):
        """The messages of a cell, once it has ended."""
        messages, deadline = [], time.monotonic() + CELL_S
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return Shown(messages)
            messages.append(message)
        raise AssertionError(f"the cell did not end within {CELL_S} s: {messages}")

    def run(self, code):
        return self.finish(self.start(code))

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


class Shown:
    """What a cell showed: its text by stream, its displayed data by MIME type."""

    def __init__(self, messages):
        self.streams = {"stdout": "", "stderr": ""}
        self.data: dict[str, list] = {}
        for message in messages:
            content = message["content"]
            if message["msg_type"] == "stream":
                self.streams[content["name"]] += content["text"]
            elif message["msg_type"] in ("display_data", "execute_result"):
                for kind, value in content["data"].items():
                    self.data.setdefault(kind, []).append(value)
            elif message["msg_type"] == "error":
                self.streams["stderr"] += content["ename"] + ": " + content["evalue"]

    @property
    def out(self):
        return self.streams["stdout"]

    @property
    def err(self):
        return self.streams["stderr"]

    @property
    def html(self):
        return "\n".join(self.data.get("text/html", []))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = TarnServer(tmp_path_factory.mktemp("server"), arguments=("--warm-drivers", "0"))
    yield running.start()
    running.close()


@pytest.fixture(scope="module")
def notebook(server, tmp_path_factory):
    opened = Notebook(server, tmp_path_factory.mktemp("jupyter"))
    yield opened
    opened.close()


def test_configure_starts_a_session_with_its_settings(notebook):
    shown = notebook.run('%%configure -f\n{"conf": {"spark.sql.shuffle.partitions": "3"}}')
    assert "spark.sql.shuffle.partitions" in shown.html
    shown = notebook.run("print(spark.conf.get('spark.sql.shuffle.partitions'))")
    assert shown.out.splitlines()[-1] == "3", shown.err
    assert "SparkSession available as 'spark'." in shown.out


def test_a_cell_shows_its_last_expression_and_what_it_printed(notebook):
    shown = notebook.run("print('hé €')\nspark.range(3)")
    assert shown.out.strip() == "hé €\nDataFrame[id: bigint]"


def test_a_failing_cell_shows_its_traceback_and_the_next_one_runs(notebook):
    shown = notebook.run("def f():\n    return 1 / 0\nf()")
    assert "division by zero" in shown.err
    assert "return 1 / 0" in shown.err
    assert notebook.run("1 + 1").out.strip() == "2"


def test_sql_gives_a_data_frame(notebook):
    shown = notebook.run("%%sql\nSELECT id, id * 2 AS twice FROM range(3)")
    assert shown.err == ""
    assert shown.html or shown.data, shown.out


def test_sql_that_is_wrong_says_why(notebook):
    assert "TABLE_OR_VIEW_NOT_FOUND" in notebook.run("%%sql\nSELECT * FROM nowhere").err


def test_sql_output_goes_into_the_local_kernel(notebook):
    notebook.run("%%sql -q -o rows\nSELECT id FROM range(4)")
    assert (
        notebook.run("%%local\nprint(len(rows), list(rows['id']))").out.strip() == "4 [0, 1, 2, 3]"
    )


def test_spark_output_goes_into_the_local_kernel(notebook):
    notebook.run("%%spark -o squares\nsquares = spark.range(5).selectExpr('id * id AS n')")
    assert notebook.run("%%local\nprint(squares['n'].sum())").out.strip() == "30"


def test_a_local_value_is_sent_to_spark(notebook):
    notebook.run(
        "%%local\ngreeting = 'hello \"you\"'\nimport pandas\nframe = pandas.DataFrame({'n': [1, 2]})"
    )
    notebook.run("%%send_to_spark -i greeting -t str -n there")
    assert notebook.run("print(there)").out.strip() == 'hello "you"'
    notebook.run("%%send_to_spark -i frame -t df -n there_frame")
    assert notebook.run("there_frame.count()").out.strip() == "2"


def test_a_picture_is_shown(notebook):
    notebook.run("import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])")
    assert notebook.run("%matplot plt").data["image/png"]


def test_pretty_makes_a_table_of_a_shown_data_frame(notebook):
    shown = notebook.run("%%pretty\nspark.range(2).show()")
    assert "<table" in shown.html, shown.out + shown.err


def test_info_lists_the_session_with_its_links(notebook):
    html = notebook.run("%%info").html
    assert "pyspark" in html
    assert "idle" in html
    assert "http://127.0.0.1:" in html


def test_logs_show_what_the_driver_wrote(notebook):
    notebook.run("import sys\nprint('a word for the log', file=sys.__stderr__)")
    assert "a word for the log" in notebook.run("%%logs").out


def test_interrupting_a_cell_cancels_it_and_the_session_lives_on(notebook):
    request = notebook.start("import time\nkept = 5\ntime.sleep(600)")
    time.sleep(4)
    notebook.manager.interrupt_kernel()
    notebook.finish(request)
    assert notebook.run("print(kept)").out.strip() == "5"


def test_configure_again_replaces_the_session(notebook):
    before = notebook.run("print(sc.applicationId)").out.strip()
    notebook.run('%%configure -f\n{"driverMemory": "1100m"}')
    after = notebook.run("print(sc.applicationId)").out.strip().splitlines()[-1]
    assert after.startswith("local-")
    assert after != before


def test_cleanup_ends_every_session(notebook, server):
    notebook.run("%%cleanup -f")
    drivers = server.data_dir / "livy" / "drivers"
    assert list(drivers.iterdir()) == []


def test_a_first_cell_runs_on_the_warm_driver(tmp_path):
    server = TarnServer(tmp_path / "server").start()
    notebook = Notebook(server, tmp_path / "jupyter")
    try:
        deadline = time.monotonic() + 180
        while not _warm(server):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        warm = _processes_in(server.data_dir / "livy/drivers/driver-0/home")
        begun = time.monotonic()
        shown = notebook.run("spark.range(10).count()")
        print(f"the first cell took {time.monotonic() - begun:.1f} s")
        assert shown.out.splitlines()[-1] == "10", shown.err
        log = (server.data_dir / "log/tarn.log").read_text()
        process = re.search(r"session 0 runs in process (\d+)", log)
        # The server's child is the sandbox; the driver is in it.
        assert process and int(process[1]) in set().union(*map(_ancestors, warm))
    finally:
        notebook.close()
        server.close()


def _processes_in(folder):
    """The processes whose working directory is the folder."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(link) == str(folder.resolve()):
                found.add(int(link.parent.name))
    return found


def _ancestors(process):
    """A process, its parent, and so on."""
    found = set()
    while process > 1:
        found.add(process)
        status = Path(f"/proc/{process}/status").read_text()
        process = int(re.search(r"PPid:\s(\d+)", status)[1])
    return found


def _warm(server):
    """The warm driver says in its log when Spark answers; it has no session yet."""
    logs = (server.data_dir / "livy" / "drivers").glob("*/log")
    return any("tarn: ready" in log.read_text(errors="replace") for log in logs)
