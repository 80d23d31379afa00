"""A Livy session of a test: runs statements as a notebook does, and can be killed as a machine fails."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import requests

LONGEST_PAUSE_S = 0.5  # between two looks at a statement


def iceberg_conf(warehouse: str) -> dict[str, str]:
    """The `%%configure` of a notebook that writes Iceberg tables through Glue."""
    catalog = "spark.sql.catalog.glue_catalog"
    return {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
        f"{catalog}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        f"{catalog}.warehouse": warehouse,
    }


def host_pid(inner: int, folder: str) -> int:
    """The machine's number of a session's process. A session counts its processes in a namespace of its own; the kernel
    tells both numbers (NSpid of proc(5)), and the session's folder, where they work, tells it from other sessions."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            numbers = [
                line.split()[1:] for line in status.read_text().splitlines() if "NSpid:" in line
            ]
            works_in = os.readlink(status.parent / "cwd")
            if numbers and int(numbers[0][-1]) == inner and works_in.startswith(folder):
                return int(status.parent.name)
    raise AssertionError(f"no process of the machine is {inner} of {folder}")


class LivySession:
    def __init__(self, server, conf=None, url=None, **more):
        """`url`: of a Livy server other than tarn's own."""
        self.url = url or f"{server.endpoint_url}/_tarn/livy"
        self.auth = (server.access_key_id, server.secret_access_key)
        made = self._call("POST", "/sessions", {"kind": "pyspark", "conf": conf or {}, **more})
        self.path = f"/sessions/{made['id']}"

    def describe(self):
        return self._call("GET", self.path)

    def log(self):
        return "\n".join(self._call("GET", f"{self.path}/log")["log"])

    def _call(self, method, path, body=None):
        answer = requests.request(method, self.url + path, json=body, auth=self.auth, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def run(self, code, limit_s=240):
        """The text a statement shows; one that fails fails the test."""
        output = self.outcome(code, limit_s)
        assert output["status"] == "ok", output
        return output["data"].get("text/plain", "")

    def outcome(self, code, limit_s=240):
        """What became of a statement: Livy's `output`."""
        statement = self._call("POST", f"{self.path}/statements", {"code": code})
        deadline, pause = time.monotonic() + limit_s, 0.05
        while statement["state"] in ("waiting", "running"):
            assert time.monotonic() < deadline, (statement, self.log())
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            statement = self._call("GET", f"{self.path}/statements/{statement['id']}")
        return statement["output"]

    def kill(self):
        """As a machine that fails: the JVM, in the middle of whatever it does."""
        pid = int(self.run("spark._jvm.java.lang.ProcessHandle.current().pid()"))
        folder = self.run("import os\nprint(os.getcwd())")
        os.kill(host_pid(pid, folder), 9)

    def delete(self):
        self._call("DELETE", self.path)
