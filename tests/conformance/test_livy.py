"""Livy's REST API for interactive sessions, as its clients call it: FACTS of sparkmagic 0.23.

One session is shared by the tests that only talk to it, until the last one deletes it; two more are killed in the
end, one of them with a configuration.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
import requests
from livy_session import host_pid
from tarn_server import RUNTIME
from test_emr_hive import FACTORY

START_S = 180
FINAL = ("available", "error", "cancelled")

pytestmark = [pytest.mark.slow]


class Livy:
    """Calls of one server, with its root key; gives (status, JSON)."""

    def __init__(self, server):
        self.url = f"{server.endpoint_url}/_tarn/livy"
        self.auth = (server.access_key_id, server.secret_access_key)

    def call(self, method, path, body=None, auth=None):
        answer = requests.request(
            method, self.url + path, json=body, auth=auth or self.auth, timeout=60
        )
        return answer.status_code, answer.json()

    def create(self, **body):
        status, session = self.call("POST", "/sessions", {"kind": "pyspark", **body})
        assert status == 201, session
        return Handle(self, session["id"])


class Handle:
    """One session."""

    def __init__(self, livy, number):
        self.livy, self.path = livy, f"/sessions/{number}"

    def info(self):
        status, session = self.livy.call("GET", self.path)
        assert status == 200, session
        return session

    def wait_for(self, *states, limit_s=START_S):
        deadline = time.monotonic() + limit_s
        while (session := self.info())["state"] not in states:
            assert session["state"] != "dead", session["log"]
            assert time.monotonic() < deadline, session
            time.sleep(0.1)
        return session

    def submit(self, code, **more):
        status, statement = self.livy.call(
            "POST", f"{self.path}/statements", {"code": code, **more}
        )
        assert status == 201, statement
        return statement["id"]

    def statement(self, number):
        status, statement = self.livy.call("GET", f"{self.path}/statements/{number}")
        assert status == 200, statement
        return statement

    def result(self, number, limit_s=120):
        deadline = time.monotonic() + limit_s
        while (statement := self.statement(number))["state"] not in FINAL:
            assert time.monotonic() < deadline, statement
            time.sleep(0.05)
        return statement

    def run(self, code, **more):
        return self.result(self.submit(code, **more))

    def text(self, code):
        output = self.run(code)["output"]
        assert output["status"] == "ok", output
        return output["data"]["text/plain"]

    def cancel(self, number):
        status, _ = self.livy.call("POST", f"{self.path}/statements/{number}/cancel", {})
        assert status == 200

    def delete(self):
        return self.livy.call("DELETE", self.path)


@pytest.fixture(scope="module")
def livy(server):
    return Livy(server)


@pytest.fixture(scope="module")
def session(livy):
    handle = livy.create()
    handle.wait_for("idle")
    return handle


@pytest.fixture(scope="module")
def other(livy):
    handle = livy.create()
    handle.wait_for("idle")
    return handle


@pytest.fixture(scope="module")
def configured(livy):
    handle = livy.create(
        conf={
            "spark.sql.shuffle.partitions": 7,
            "spark.master": "yarn",
            "spark.x.y": "a b=c",
            "spark.hadoop.hive.metastore.client.factory.class": FACTORY,
        },
        driverMemory="900m",
        executorMemory="2g",
        numExecutors=4,
        name="report",
    )
    handle.wait_for("idle")
    return handle


def processes_of(directory: str) -> list[int]:
    """Ids of the processes that work in a folder (or below)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd").startswith(directory):
                    found.append(int(entry.name))
    return found


def test_a_session_is_described_as_its_clients_read_it(livy, session):
    info = session.info()
    assert info["state"] == "idle"
    assert info["kind"] == "pyspark"
    assert info["appId"].startswith("local-")
    assert info["appInfo"]["sparkUiUrl"].startswith("http://127.0.0.1:")
    assert requests.get(info["appInfo"]["sparkUiUrl"], timeout=30).status_code == 200
    status, driver_log = livy.call("GET", info["appInfo"]["driverLogUrl"].removeprefix(livy.url))
    assert status == 200
    assert info["owner"].startswith("arn:aws:iam::")
    assert isinstance(info["log"], list)
    assert isinstance(driver_log["log"], list)
    status, listed = livy.call("GET", "/sessions")
    assert status == 200
    assert info["id"] in [other["id"] for other in listed["sessions"]]


def test_statements_keep_state_and_show_their_last_expression(session):
    assert session.text("x = 20\nprint('hé €😀')\nx + 1") == "hé €😀\n21"
    assert session.text("x * 2") == "40"
    assert session.text("spark.range(3)") == "DataFrame[id: bigint]"


def test_sql_context_exists_and_ansi_mode_is_off_as_in_spark_3(session):
    assert session.text("sqlContext.sql('SELECT 2 AS n').collect()") == "[Row(n=2)]"
    assert session.text("spark.sql(\"SELECT CAST('x' AS INT) AS n\").collect()") == "[Row(n=None)]"


def test_a_failing_statement_answers_with_name_value_and_traceback(session):
    statement = session.run("def f():\n    return 1 / 0\nf()")
    output = statement["output"]
    assert statement["state"] == "available"
    assert output["status"] == "error"
    assert output["ename"] == "ZeroDivisionError"
    assert output["evalue"] == "division by zero"
    assert output["traceback"][0].startswith("Traceback")
    assert any("return 1 / 0" in line for line in output["traceback"])


def test_a_picture_is_a_png(session):
    session.text("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nNone")
    data = session.run("%matplot plt")["output"]["data"]
    assert data["image/png"].startswith("iVBOR")


def test_a_sql_statement_answers_with_schema_and_rows(session):
    data = session.run("SELECT 1 AS a, 'b' AS b", kind="sql")["output"]["data"]["application/json"]
    assert [field["name"] for field in data["schema"]["fields"]] == ["a", "b"]
    assert data["data"] == [[1, "b"]]


def rows_of(session, query):
    return session.run(query, kind="sql")["output"]["data"]["application/json"]["data"]


def test_values_that_json_lacks_have_names(session):
    """Numbers that are none, and text that no UTF-8 carries, left a statement running for ever."""
    query = "SELECT double('nan'), double('infinity'), -double('infinity'), X'6162', map(struct(1 AS a), 2)"
    assert rows_of(session, query) == [["NaN", "Infinity", "-Infinity", "YWI=", {'{"a": 1}': 2}]]
    assert session.text("print('\\ud800')") == "\\ud800"
    session.text("odd = {'a': [float('nan'), 1.5, {2: None}]}\nNone")
    told = session.run("%json odd")["output"]["data"]["application/json"]
    assert told == {"a": ["NaN", 1.5, {"2": None}]}
    session.text("deep = []\nfor _ in range(2000): deep = [deep]\nNone")
    assert session.run("%json deep")["output"]["ename"] == "TooDeep"


def test_columns_of_one_name_keep_their_values(session):
    assert rows_of(session, "SELECT 1 AS n, 2 AS n") == [[1, 2]]


def test_output_without_end_is_cut_and_says_so(session):
    text = session.text("print('x' * 20_000_000)")
    assert len(text) < 9_000_000
    assert "more characters of output are not shown" in text


def test_statements_run_in_order(session):
    numbers = [
        session.submit(f"import time; time.sleep(0.2); order = {n}; order") for n in range(3)
    ]
    results = [session.result(number) for number in numbers]
    assert [r["output"]["data"]["text/plain"] for r in results] == ["0", "1", "2"]
    assert results[0]["completed"] <= results[1]["started"]


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(600)",
        "while True: pass",
        "spark.sparkContext.parallelize(range(2), 2).map(lambda x: __import__('time').sleep(600)).count()",
        "query = spark.readStream.format('rate').load().writeStream.format('noop').start()\n"
        "query.awaitTermination()",
        "import time\nwhile True:\n    try: time.sleep(1)\n    except: pass",
    ],
    ids=["sleep", "loop", "job", "stream", "stubborn"],
)
def test_a_cell_that_waits_forever_can_be_cancelled_and_the_session_lives_on(session, code):
    number = session.submit(code)
    while session.statement(number)["state"] != "running":
        time.sleep(0.05)
    time.sleep(2)
    session.cancel(number)
    assert session.result(number, limit_s=20)["state"] == "cancelled"
    assert session.text("1 + 1") == "2"
    session.run("[q.stop() for q in spark.streams.active]")


def test_a_waiting_statement_is_cancelled_without_running(session):
    first = session.submit("import time; time.sleep(1.5)")
    second = session.submit("never = True")
    session.cancel(second)
    assert session.statement(second)["state"] == "cancelled"
    session.result(first)
    assert session.run("never")["output"]["ename"] == "NameError"


def test_the_log_can_be_read_in_parts(livy, session):
    session.text("import sys\nfor n in range(30): print('line', n, file=sys.__stderr__)")
    status, whole = livy.call("GET", f"{session.path}/log?from=0")
    assert status == 200
    assert whole["total"] == len(whole["log"])
    status, part = livy.call("GET", f"{session.path}/log?from=2&size=3")
    assert part["log"] == whole["log"][2:5]


def test_a_driver_has_session_keys_never_the_root_key(session, server):
    text = session.text(
        "import os\nos.environ['AWS_ACCESS_KEY_ID'], bool(os.environ['AWS_SESSION_TOKEN'])"
    )
    assert server.access_key_id not in text
    assert text.startswith("('ASIA")
    assert session.text("import boto3\nboto3.client('sts').get_caller_identity()['Arn']").endswith(
        ":root'"
    )


def test_configuration_reaches_spark_and_what_has_no_meaning_is_said(livy, configured):
    assert configured.info()["name"] == "report"
    keys = ["spark.sql.shuffle.partitions", "spark.x.y", "spark.driver.memory", "spark.app.name"]
    code = f"[spark.conf.get(k) for k in {keys}]"
    assert configured.text(code) == "['7', 'a b=c', '900m', 'report']"
    _status, log = livy.call("GET", f"{configured.path}/log?from=0")
    said = "\n".join(log["log"])
    assert "spark.master=yarn has no meaning here" in said
    assert "executorMemory=2g has no meaning here" in said


def test_a_jvm_starts_with_the_classes_of_the_archive(configured):
    """Else it starts as well, but takes twice as long."""
    maps = "open(f'/proc/{spark._jvm.java.lang.ProcessHandle.current().pid()}/maps').read()"
    assert "share/archive/spark-" in configured.text(f"print({maps})")


def test_glue_is_the_metastore_of_a_session_that_asks_for_it(server, configured, unique):
    name = unique("lake").replace("-", "_")
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": name, "LocationUri": "file:/tmp/lake"})
    shown = configured.text("[row[0] for row in spark.sql('SHOW DATABASES').collect()]")
    assert repr(name) in shown
    configured.text(f"spark.range(4).write.saveAsTable('{name}.four')\nNone")
    assert configured.text(f"spark.table('{name}.four').count()") == "4"
    assert [each["Name"] for each in glue.get_tables(DatabaseName=name)["TableList"]] == ["four"]
    # As on AWS.
    output = configured.run(f"spark.sql('ALTER TABLE {name}.four RENAME TO {name}.five')")["output"]
    assert "A table of the Glue Data Catalog cannot be renamed" in output["evalue"]


def test_two_sessions_share_the_machine_and_nothing_else(session, other):
    session.text("secret = 1")
    assert other.run("secret")["output"]["ename"] == "NameError"
    numbers = [(s, s.submit("spark.range(1000).count()")) for s in (session, other)]
    for owner, number in numbers:
        assert owner.result(number)["output"]["data"]["text/plain"] == "1000"


def test_python_goes_on_without_spark(configured):
    """A cell that stopped Spark ended the session at the next cell."""
    assert configured.run("spark.stop()")["output"]["status"] == "ok"
    assert configured.text("1 + 1") == "2"
    again = "spark = SparkSession.builder.getOrCreate()\nspark.range(3).count()"
    assert configured.text("from pyspark.sql import SparkSession\n" + again) == "3"
    configured.run("kept = spark\ndel spark")
    assert configured.run("SELECT 1", kind="sql")["output"]["ename"] == "NameError"
    configured.run("spark = kept")


def test_a_dead_driver_leaves_a_dead_session_with_its_log(livy, other):
    other.text("import sys\nprint('last words', file=sys.__stderr__)")
    number = other.submit("import os, time\nos.kill(os.getpid(), 9)\ntime.sleep(60)")
    statement = other.result(number, limit_s=20)
    assert statement["state"] == "error"
    assert statement["output"]["ename"] == "SessionDead"
    info = other.info()
    assert info["state"] == "dead"
    assert any("last words" in line for line in info["log"])
    assert "signal 9" in info["log"][-1]
    status, answer = livy.call("POST", f"{other.path}/statements", {"code": "1"})
    assert status == 400
    assert "dead" in answer["msg"]
    assert other.delete()[0] == 200


def test_a_jvm_that_dies_ends_the_session(configured):
    pid = configured.text("spark._jvm.java.lang.ProcessHandle.current().pid()")
    folder = configured.text("import os; print(os.getcwd())")
    os.kill(host_pid(int(pid), folder), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (info := configured.info())["state"] != "dead":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "JVM" in info["log"][-1]
    configured.delete()


def test_a_session_whose_client_went_away_is_ended(livy):
    session = livy.create(heartbeatTimeoutInSecond=10)
    session.wait_for("idle")
    # To list sessions is no sign of life of one of them.
    deadline = time.monotonic() + 120
    while session.path.endswith(
        tuple(f"/{s['id']}" for s in livy.call("GET", "/sessions")[1]["sessions"])
    ):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    status, answer = livy.call("GET", session.path)
    assert status == 404
    assert "heartbeatTimeoutInSecond" in answer["msg"]


@pytest.mark.parametrize("kind", ["spark", "sparkr"])
def test_kinds_that_are_not_there_are_refused_by_name(livy, kind):
    status, answer = livy.call("POST", "/sessions", {"kind": kind})
    assert status == 400
    assert kind in answer["msg"]
    assert "not implemented" in answer["msg"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"conf": ["x"]}, "conf"),
        ({"kind": "basic"}, "basic"),
        ({"heartbeatTimeoutInSecond": -1}, "heartbeatTimeoutInSecond"),
        ({"driverMemroy": "2g"}, "Unknown field 'driverMemroy'"),
        ({"spark.jars": "x.jar"}, '{"conf": {"spark.jars": '),
        ([], "object"),
    ],
)
def test_a_malformed_session_request_says_what_to_change(livy, body, said):
    status, answer = livy.call("POST", "/sessions", body)
    assert status == 400
    assert said in answer["msg"]


def test_a_configuration_that_spark_refuses_ends_with_its_reason(livy):
    session = livy.create(driverMemory="plenty")
    deadline = time.monotonic() + 60
    while (info := session.info())["state"] != "dead":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "driverMemory is 'plenty'" in info["log"][-1]
    session.delete()


@pytest.mark.parametrize(
    "path", ["/sessions/999", "/sessions/999/statements", "/sessions/999/log", "/nothing"]
)
def test_what_is_not_there_is_404(livy, path):
    assert livy.call("GET", path)[0] == 404


def test_batches_answer_by_name(livy):
    status, answer = livy.call("GET", "/batches")
    assert status == 501
    assert "/batches" in answer["msg"]


@pytest.mark.parametrize("auth", [("AKIAIOSFODNN7EXAMPLE", "wrong"), None])
def test_nobody_gets_in_without_keys(server, auth):
    answer = requests.get(f"{server.endpoint_url}/_tarn/livy/sessions", auth=auth, timeout=30)
    assert answer.status_code == 401
    assert answer.json()["msg"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_runtime_that_sessions_use_is_the_pinned_one(session):
    prefix = session.text("import sys; print(sys.prefix)")
    assert Path(prefix).resolve() == (RUNTIME / "python").resolve()


def test_a_deleted_session_leaves_no_process_and_no_file(livy, session):
    folder = session.text("import os; print(os.getcwd())")
    assert processes_of(folder)
    assert session.delete() == (200, {"msg": "deleted"})
    assert processes_of(folder) == []
    assert not Path(folder).exists()
    status, answer = livy.call("GET", session.path)
    assert status == 404
    assert "It ended: it was deleted" in answer["msg"]
    assert session.delete()[0] == 404
