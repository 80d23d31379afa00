"""The Python side of a Livy session without Spark: configuration, interpreter, magics, output.

What needs a JVM is in test_livy.py.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import subprocess
import sys

import pytest
from tarn_server import ROOT

DRIVER = ROOT / "src/services/livy/driver"
sys.path.insert(0, str(DRIVER))

from tarn_session import archive, jvm, sparkconf
from tarn_session.interpreter import Interpreter
from tarn_session.output import StatementStream

PLATFORM = {
    "directory": "/s",
    "cores": 2,
    "driver_memory": "1g",
    "region": "us-west-2",
    "endpoint": "http://127.0.0.1:4566",
    "proxy_port": 4566,
    "trust_store": "/data dir/trust.p12",
    "trust_store_password": "changeit",
}


class Shell(Interpreter):
    """An interpreter whose streams are the process's while it runs, as `install` has it for good."""

    def execute(self, number, code):
        with contextlib.redirect_stdout(self.stdout), contextlib.redirect_stderr(self.stderr):
            return super().execute(number, code)


@pytest.fixture
def interpreter():
    return Shell(io.StringIO())


def conf(request):
    return sparkconf.spark_conf(request, PLATFORM)


# --- configuration ----------------------------------------------------------------------------


def test_defaults_lead_every_s3_scheme_to_the_server():
    settings, notes = conf({})
    for scheme in ("s3", "s3a", "s3n"):
        assert (
            settings[f"spark.hadoop.fs.{scheme}.impl"] == "org.apache.hadoop.fs.s3a.S3AFileSystem"
        )
    assert settings["spark.hadoop.fs.s3a.endpoint"] == "http://127.0.0.1:4566"
    assert settings["spark.hadoop.fs.s3a.endpoint.region"] == "us-west-2"
    assert settings["spark.sql.ansi.enabled"] == "false"
    assert settings["spark.master"] == "local[2]"
    assert notes == []


def test_what_the_caller_sets_wins():
    settings, _ = conf({"conf": {"spark.sql.ansi.enabled": True, "spark.sql.catalog.c": "x.Y"}})
    assert settings["spark.sql.ansi.enabled"] == "true"
    assert settings["spark.sql.catalog.c"] == "x.Y"


def test_the_operators_java_options_come_before_the_sessions_own():
    platform = {**PLATFORM, "driver_java_options": "-Xss4m -Da=of-all"}
    own = {"conf": {"spark.driver.extraJavaOptions": "-Da=own"}}
    options = sparkconf.spark_conf(own, platform)[0]["spark.driver.extraJavaOptions"]
    assert options.endswith("-Xss4m -Da=of-all -Da=own")


def test_class_path_and_jvm_options_are_joined_not_replaced():
    own = {"spark.driver.extraJavaOptions": "-Da=b", "spark.driver.extraClassPath": "/own.jar"}
    settings, _ = conf({"conf": own})
    options = settings["spark.driver.extraJavaOptions"]
    assert options.endswith(" -Da=b")
    assert "-Dhttps.proxyPort=4566" in options
    assert '-Djavax.net.ssl.trustStore="/data dir/trust.p12"' in options
    assert settings["spark.driver.extraClassPath"].endswith(":/own.jar")


def test_a_rest_catalog_of_aws_is_led_through_the_proxy():
    aws, other = "spark.sql.catalog.a", "spark.sql.catalog.b"
    settings, _ = conf(
        {
            "conf": {
                f"{aws}.uri": "https://glue.us-west-2.amazonaws.com/iceberg",
                f"{other}.uri": "http://127.0.0.1:4566/iceberg",
            }
        }
    )
    assert settings[f"{aws}.rest.client.proxy.hostname"] == "127.0.0.1"
    assert settings[f"{aws}.rest.client.proxy.port"] == "4566"
    assert f"{other}.rest.client.proxy.port" not in settings


def test_fields_of_the_request_become_keys():
    settings, notes = conf(
        {
            "driverMemory": "2g",
            "name": "report",
            "jars": ["s3://b/a.jar"],
            "pyFiles": ["s3://b/m.py"],
            "conf": {"spark.jars": "s3://b/c.jar"},
            "numExecutors": 3,
            "ttl": "2h",
        }
    )
    assert settings["spark.driver.memory"] == "2g"
    assert settings["spark.app.name"] == "report"
    assert settings["spark.jars"] == "s3://b/a.jar,s3://b/c.jar"
    assert settings["spark.submit.pyFiles"] == "s3://b/m.py"
    assert notes == [
        "numExecutors=3 has no meaning here: the driver runs its tasks itself",
        "ttl=2h has no meaning here: a session ends with its client",
    ]


def test_a_cluster_named_by_the_notebook_becomes_this_machine_and_is_said():
    settings, notes = conf({"conf": {"spark.master": "yarn", "spark.submit.deployMode": "cluster"}})
    assert settings["spark.master"] == "local[2]"
    assert "spark.submit.deployMode" not in settings
    assert len(notes) == 2


@pytest.mark.parametrize(
    "request_body",
    [
        {"conf": ["a"]},
        {"conf": {"a": {"b": 1}}},
        {"jars": "s3://b/a.jar"},
        {"driverMemory": "much"},
    ],
)
def test_a_request_that_is_no_configuration_is_refused(request_body):
    with pytest.raises(sparkconf.BadConfiguration):
        conf(request_body)


def test_properties_are_read_back_by_java_as_they_were_written(tmp_path):
    settings = {
        "spark.a": "é€😀 = : # \\ x\ny",
        "spark.key with:odd=chars": " leading",
        "spark.e": "",
    }
    (tmp_path / "p").write_text(sparkconf.properties_text(settings), encoding="latin-1")
    (tmp_path / "Show.java").write_text(
        "import java.io.*; import java.util.*; public class Show { public static void main(String[] a)"
        " throws Exception { Properties p = new Properties(); p.load(new FileInputStream(a[0]));"
        ' PrintStream out = new PrintStream(System.out, true, "UTF-8");'
        " for (var k : new TreeSet<>(p.stringPropertyNames()))"
        ' out.print(k + "\\u0000" + p.getProperty(k) + "\\u0000"); } }'
    )
    java = jvm.java_program(os.environ)
    done = subprocess.run(
        [java, str(tmp_path / "Show.java"), str(tmp_path / "p")], capture_output=True, check=True
    )
    parts = done.stdout.decode("utf-8").split("\0")[:-1]
    assert dict(zip(parts[::2], parts[1::2], strict=True)) == settings


def test_a_missing_java_is_named_with_its_fix():
    with pytest.raises(jvm.JvmFailed, match="openjdk-17"):
        jvm.java_program({"JAVA_HOME": "/nonexistent"})


def test_a_collector_that_is_asked_for_is_the_only_one():
    for asked, count in (("", 1), ("-XX:+UseG1GC -Dx=y", 1), ("-XX:+UseNUMA", 2)):
        settings, _ = sparkconf.spark_conf({"conf": {sparkconf.JAVA_OPTIONS: asked}}, {})
        line = jvm.java_line(settings, os.environ)
        assert len([word for word in line if word.startswith("-XX:+Use")]) == count, asked


def test_glue_as_hives_metastore_is_asked_for_by_emrs_name_and_no_other():
    factory = "spark.hadoop.hive.metastore.client.factory.class"
    settings, _ = sparkconf.spark_conf({"conf": {factory: sparkconf.GLUE_FACTORY}}, {})
    assert settings["spark.sql.catalogImplementation"] == "hive"
    assert sparkconf.spark_conf({}, {})[0]["spark.sql.catalogImplementation"] == "in-memory"
    with pytest.raises(sparkconf.BadConfiguration, match="here is com"):
        sparkconf.spark_conf({"conf": {factory: "a.B"}}, {})


def test_an_archive_is_named_after_its_class_path(tmp_path):
    jar = tmp_path / "a.jar"
    jar.write_bytes(b"1")
    platform = {"archive_directory": "/a", "jar_directories": [str(tmp_path)]}
    first = archive.path(platform)
    jar.write_bytes(b"22")
    assert archive.path(platform) != first
    assert archive.path({}) is None


# --- interpreter ------------------------------------------------------------------------------


def text(interpreter, code, number=0):
    answer = interpreter.execute(number, code)
    assert answer["status"] == "ok", answer
    return answer["data"]["text/plain"]


def test_prints_come_before_the_last_expression(interpreter):
    assert text(interpreter, "print('a')\n'b'") == "a\n'b'"
    assert text(interpreter, "x = 1") == ""
    assert text(interpreter, "# only a remark") == ""


def test_state_and_future_imports_stay(interpreter):
    text(interpreter, "from __future__ import annotations\nx = 3")
    assert text(interpreter, "def f(a: Undefined): pass\nx") == "3"


def test_what_went_to_stderr_follows(interpreter):
    assert text(interpreter, "import sys\nprint('e', file=sys.stderr)\nprint('o')") == "o\n\ne"


def test_an_error_shows_the_lines_of_cells_only(interpreter):
    text(interpreter, "def f():\n    raise ValueError('é')", number=1)
    answer = interpreter.execute(2, "f()")
    assert (answer["status"], answer["ename"], answer["evalue"]) == ("error", "ValueError", "é")
    trace = "".join(answer["traceback"])
    assert '<cell 2>", line 1' in trace
    assert "raise ValueError('é')" in trace
    assert "interpreter.py" not in trace


def test_a_syntax_error_points_at_its_place(interpreter):
    answer = interpreter.execute(0, "a = = 1")
    assert answer["ename"] == "SyntaxError"
    assert "<cell 0>" in "".join(answer["traceback"])


def test_a_cell_cannot_end_the_session(interpreter):
    assert interpreter.execute(0, "import sys; sys.exit(3)")["ename"] == "SystemExit"


def test_an_unprintable_error_is_still_an_answer(interpreter):
    code = "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E"
    assert interpreter.execute(0, code)["evalue"] == "<unprintable E>"


def test_classes_of_cells_belong_to_main(interpreter):
    assert text(interpreter, "class A: pass\nA.__module__") == "'__main__'"


def test_json_and_table_magics(interpreter):
    text(interpreter, "x = [{'a': 1, 'b': 'x'}, {'a': 2, 'b': None}]")
    assert interpreter.execute(1, "%json x")["data"]["application/json"][1] == {"a": 2, "b": None}
    table = interpreter.execute(2, "%table x")["data"]["application/vnd.livy.table.v1+json"]
    assert table["headers"] == [
        {"name": "a", "type": "BIGINT_TYPE"},
        {"name": "b", "type": "STRING_TYPE"},
    ]
    assert table["data"] == [[1, "x"], [2, None]]


def test_matplot_gives_a_png(interpreter, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text(interpreter, "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt")
    data = interpreter.execute(1, "plt.plot([1, 2])\n%matplot plt")["data"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_an_unknown_magic_is_named(interpreter):
    answer = interpreter.execute(0, "%nope x")
    assert answer["ename"] == "UnknownMagic"
    assert "%matplot" in answer["evalue"]


def test_a_percent_sign_at_the_start_of_a_python_line_is_python(interpreter):
    assert text(interpreter, "x = 7 \\\n% 4\nx") == "3"


def test_output_is_bounded_and_says_what_is_missing():
    stream = StatementStream(io.StringIO(), limit=10)
    stream.begin()
    stream.write("12345678")
    stream.write("abcdef")
    kept = stream.end()
    assert kept.startswith("12345678ab\n")
    assert "4 more characters" in kept


def test_what_is_printed_between_statements_goes_to_the_log():
    log = io.StringIO()
    stream = StatementStream(log)
    stream.write("late")
    stream.begin()
    stream.write("mine")
    assert stream.end() == "mine"
    assert log.getvalue() == "late"
