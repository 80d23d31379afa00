"""One table, three engines: Spark through Glue and through REST, PyIceberg and DuckDB through REST.

One Spark session for all of it, since sessions are slow to start.
"""

from __future__ import annotations

import json
import sys
import time

import pyarrow as pa
import pytest
import requests
from pyiceberg.exceptions import CommitFailedException
from tarn_server import REGION, ROOT, TarnServer

sys.path.insert(0, str(ROOT / "tests/conformance"))
from iceberg_steps import duckdb_on, rest_catalog

CATALOG = "org.apache.iceberg.spark.SparkCatalog"
EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


class Spark:
    def __init__(self, server):
        self.url = f"{server.endpoint_url}/_tarn/livy"
        self.auth = (server.access_key_id, server.secret_access_key)
        catalogs = {
            "glue": {
                "": CATALOG,
                ".catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
                ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
                ".warehouse": "s3://engines/warehouse",
            },
            # As AWS documents it for Glue's own endpoint, which leads here too.
            "rest": {
                "": CATALOG,
                ".type": "rest",
                ".uri": f"https://glue.{REGION}.amazonaws.com/iceberg",
                ".warehouse": server.facts["account_id"],
                ".rest.sigv4-enabled": "true",
                ".rest.signing-name": "glue",
                ".rest.signing-region": REGION,
                ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
            },
        }
        conf = {"spark.sql.extensions": EXTENSIONS}
        for name, settings in catalogs.items():
            for key, value in settings.items():
                conf[f"spark.sql.catalog.{name}{key}"] = value
        made = self._call("POST", "/sessions", {"kind": "pyspark", "conf": conf})
        self.path = f"/sessions/{made['id']}"

    def _call(self, method, path, body=None):
        answer = requests.request(method, self.url + path, json=body, auth=self.auth, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def rows(self, sql, limit_s=240):
        """What a statement of SQL gives: a list of tuples, as text."""
        code = f"print([tuple(row) for row in spark.sql({sql!r}).collect()])"
        statement = self._call("POST", f"{self.path}/statements", {"code": code})
        deadline = time.monotonic() + limit_s
        while statement["state"] in ("waiting", "running"):
            assert time.monotonic() < deadline, statement
            time.sleep(0.1)
            statement = self._call("GET", f"{self.path}/statements/{statement['id']}")
        assert statement["output"]["status"] == "ok", statement["output"]["evalue"]
        return statement["output"]["data"]["text/plain"].strip()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = TarnServer(
        tmp_path_factory.mktemp("engines"), arguments=("--warm-drivers", "0")
    ).start()
    running.client("s3").create_bucket(
        Bucket="engines", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    yield running
    running.close()


@pytest.fixture(scope="module")
def spark(server):
    return Spark(server)


@pytest.mark.timeout(600)
def test_a_table_of_spark_through_glue_is_everyones(server, spark):
    spark.rows("CREATE DATABASE glue.shop")
    spark.rows(
        "CREATE TABLE glue.shop.orders (id BIGINT, at TIMESTAMP, name STRING) USING iceberg "
        "PARTITIONED BY (name)"
    )
    spark.rows("INSERT INTO glue.shop.orders VALUES (1, TIMESTAMP '2026-11-27 10:00:00', 'spark')")
    catalog = rest_catalog(server)
    stale = catalog.load_table("shop.orders")
    with duckdb_on(server) as duck:
        assert duck.sql("SELECT id, name FROM ice.shop.orders").fetchall() == [(1, "spark")]
        duck.execute("INSERT INTO ice.shop.orders VALUES (2, '2026-11-27 11:00:00+00', 'duckdb')")
    rows = pa.table(
        {
            "id": pa.array([3], pa.int64()),
            "at": pa.array([0], pa.timestamp("us", "UTC")),
            "name": pa.array(["pyiceberg"]),
        }
    )
    catalog.load_table("shop.orders").append(rows)
    spark.rows("REFRESH TABLE glue.shop.orders")
    spark.rows("UPDATE glue.shop.orders SET name = 'changed' WHERE id = 1")
    expected = "[(1, 'changed'), (2, 'duckdb'), (3, 'pyiceberg')]"
    for which in ("glue", "rest"):
        assert spark.rows(f"SELECT id, name FROM {which}.shop.orders ORDER BY id") == expected
    # Of two commits from one state Spark's through Glue was first.
    with stale.transaction() as late:
        late.set_properties(**{"commit.retry.num-retries": "0"})
    stale = catalog.load_table("shop.orders")
    spark.rows("INSERT INTO glue.shop.orders VALUES (4, TIMESTAMP '2026-11-28 10:00:00', 'spark')")
    with pytest.raises(CommitFailedException):
        stale.append(rows)
    spark.rows("REFRESH TABLE rest.shop.orders")
    assert spark.rows("SELECT count(*) FROM rest.shop.orders") == "[(4,)]"


@pytest.mark.timeout(600)
def test_a_table_of_spark_through_rest_is_glues_too(server, spark):
    spark.rows("CREATE DATABASE rest.store LOCATION 's3://engines/store'")
    spark.rows(
        "CREATE TABLE rest.store.items USING iceberg AS SELECT id, id * 2 AS twice FROM range(10)"
    )
    spark.rows("ALTER TABLE rest.store.items ADD COLUMN note STRING")
    spark.rows("DELETE FROM rest.store.items WHERE id > 4")
    assert spark.rows("SELECT sum(twice) FROM glue.store.items") == "[(20,)]"
    columns = server.client("glue").get_table(DatabaseName="store", Name="items")["Table"][
        "StorageDescriptor"
    ]["Columns"]
    assert [each["Name"] for each in columns] == ["id", "twice", "note"]
    with duckdb_on(server) as duck:
        assert duck.sql("SELECT sum(twice) FROM ice.store.items").fetchone() == (20,)
    spark.rows("ALTER TABLE rest.store.items RENAME TO store.things")
    assert spark.rows("SHOW TABLES IN glue.store") == "[('store', 'things', False)]"


@pytest.mark.timeout(600)
def test_a_view_is_sparks_through_rest_and_no_stumbling_block_through_glue(server, spark):
    spark.rows("CREATE DATABASE rest.seen LOCATION 's3://engines/seen'")
    spark.rows("CREATE TABLE rest.seen.t USING iceberg AS SELECT id FROM range(3)")
    spark.rows("CREATE VIEW rest.seen.v AS SELECT max(id) AS top FROM rest.seen.t")
    assert spark.rows("SELECT top FROM rest.seen.v") == "[(2,)]"
    spark.rows("CREATE OR REPLACE VIEW rest.seen.v AS SELECT min(id) AS top FROM rest.seen.t")
    assert spark.rows("SELECT top FROM rest.seen.v") == "[(0,)]"
    assert spark.rows("SHOW TABLES IN glue.seen") == "[('seen', 't', False)]"
    assert rest_catalog(server).list_views("seen") == [("seen", "v")]
    spark.rows("DROP VIEW rest.seen.v")
    spark.rows("DROP TABLE rest.seen.t")
    spark.rows("DROP DATABASE rest.seen")


@pytest.mark.timeout(600)
def test_a_table_by_hours_that_spark_fills_is_compacted(server, spark):
    spark.rows("CREATE DATABASE glue.clicks")
    spark.rows(
        "CREATE TABLE glue.clicks.t (id BIGINT, at TIMESTAMP) USING iceberg "
        "PARTITIONED BY (hours(at))"
    )
    for number in range(5):
        spark.rows(
            f"INSERT INTO glue.clicks.t VALUES ({number}, TIMESTAMP '2026-11-27 10:0{number}:00'), "
            f"({number + 10}, TIMESTAMP '2026-11-27 11:0{number}:00')"
        )
    number = json.loads(server.tarn("maintenance", "run", "clicks.t").stdout)["id"]
    deadline = time.monotonic() + 120
    while True:
        runs = json.loads(server.tarn("maintenance", "list", "--json").stdout)["runs"]
        [run] = [each for each in runs if each["id"] == number]
        if run["state"] not in ("queued", "running"):
            break
        assert time.monotonic() < deadline, run
        time.sleep(0.2)
    assert run["state"] == "done", run
    spark.rows("REFRESH TABLE glue.clicks.t")
    assert spark.rows("SELECT count(*), sum(id) FROM glue.clicks.t") == "[(10, 70)]"
    files = "SELECT count(*) FROM glue.clicks.t.files"
    assert spark.rows(files) == "[(2,)]"
    last = "SELECT operation FROM glue.clicks.t.snapshots ORDER BY committed_at DESC LIMIT 1"
    assert spark.rows(last) == "[('replace',)]"
