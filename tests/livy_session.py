"""A Livy session of a test: runs statements as a notebook does, and can be killed as a machine fails."""

from __future__ import annotations

import os
import time

import requests


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


class LivySession:
    def __init__(self, server, conf=None):
        self.url = f"{server.endpoint_url}/_tarn/livy"
        self.auth = (server.access_key_id, server.secret_access_key)
        made = self._call("POST", "/sessions", {"kind": "pyspark", "conf": conf or {}})
        self.path = f"/sessions/{made['id']}"

    def _call(self, method, path, body=None):
        answer = requests.request(method, self.url + path, json=body, auth=self.auth, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def run(self, code, limit_s=240):
        """The text a statement shows; one that fails fails the test."""
        statement = self._call("POST", f"{self.path}/statements", {"code": code})
        deadline = time.monotonic() + limit_s
        while statement["state"] in ("waiting", "running"):
            assert time.monotonic() < deadline, statement
            time.sleep(0.1)
            statement = self._call("GET", f"{self.path}/statements/{statement['id']}")
        assert statement["output"]["status"] == "ok", statement["output"]
        return statement["output"]["data"].get("text/plain", "")

    def kill(self):
        """As a machine that fails: the JVM, in the middle of whatever it does."""
        pid = int(self.run("spark._jvm.java.lang.ProcessHandle.current().pid()"))
        os.kill(pid, 9)

    def delete(self):
        self._call("DELETE", self.path)
