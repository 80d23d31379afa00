"""Glue as Hive's metastore: what SQL of Spark makes is in the Glue Data Catalog, and what is there is SQL's. Of steps here;
test_emr_settings.py has it by the cluster's configuration, test_livy.py in a session without a cluster."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow]

FACTORY = "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"
TEXT = "org.apache.hadoop.mapred.TextInputFormat"
OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

SQL = """
CREATE DATABASE shop LOCATION 's3://emr-shared/shop';
CREATE TABLE shop.orders (id BIGINT, price DOUBLE, day STRING) USING parquet PARTITIONED BY (day);
INSERT INTO shop.orders PARTITION (day = '2026-11-27') VALUES (1, 2.5), (2, 3.5);
INSERT INTO shop.orders VALUES (3, 4.5, '2026-11-28');
CREATE TABLE shop.words (word STRING, n INT) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE;
INSERT INTO shop.words VALUES ('a', 1), ('b', 2);
CREATE TABLE shop.copied USING orc AS SELECT id, price FROM shop.orders;
CREATE VIEW shop.dear AS SELECT id FROM shop.orders WHERE price > 3;
ALTER TABLE shop.orders ADD COLUMNS (note STRING);
ALTER TABLE shop.orders DROP PARTITION (day = '2026-11-27');
CREATE TABLE shop.gone (id INT) USING json;
DROP TABLE shop.gone;
SELECT 'orders', sum(id), sum(price) FROM shop.orders WHERE day > '2026-11-01';
SELECT 'words', sum(n) FROM shop.words;
SELECT 'copied', sum(id) FROM shop.copied;
SELECT 'dear', count(*) FROM shop.dear;
SELECT 'theirs', sum(n) FROM theirs.counts WHERE day = '2026-11-28';
SHOW DATABASES;
SHOW PARTITIONS theirs.counts;
"""


@pytest.fixture(scope="module")
def glue(emr_cluster):
    """Glue with a database and a partitioned table of text that Spark has not made."""
    client = emr_cluster.server.client("glue")
    at = f"s3://{emr_cluster.bucket}/theirs"
    client.create_database(DatabaseInput={"Name": "theirs", "LocationUri": at})
    stored = {
        "Columns": [{"Name": "n", "Type": "int"}, {"Name": "word", "Type": "string"}],
        "Location": at,
        "InputFormat": TEXT,
        "OutputFormat": OUT,
        "SerdeInfo": {"SerializationLibrary": LAZY, "Parameters": {"field.delim": ","}},
    }
    client.create_table(
        DatabaseName="theirs",
        TableInput={
            "Name": "counts",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": stored,
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
        },
    )
    for day, text in (("2026-11-27", "1,a\n"), ("2026-11-28", "2,b\n3,c\n")):
        # Not where Hive would put it.
        place = emr_cluster.put(f"elsewhere/{day}/x.csv", text).rpartition("/")[0]
        client.create_partition(
            DatabaseName="theirs",
            TableName="counts",
            PartitionInput={"Values": [day], "StorageDescriptor": {**stored, "Location": place}},
        )
    return client


def test_what_sql_makes_is_in_glue_and_what_is_there_is_read(emr_cluster, glue):
    factory = f"spark.hadoop.hive.metastore.client.factory.class={FACTORY}"
    arguments = ["spark-sql", "--master", "local[1]", "--conf", factory, "-e", SQL]
    logs, _ = emr_cluster.run(*arguments)
    said = [tuple(line.split("\t")) for line in logs["stdout"].splitlines()]
    for row in (
        ("orders", "3", "4.5"),
        ("words", "3"),
        ("copied", "6"),
        ("dear", "1"),
        ("theirs", "5"),
        ("shop",),
        ("theirs",),
        ("day=2026-11-27",),
    ):
        assert row in said, (row, logs)
    tables = {each["Name"]: each for each in glue.get_tables(DatabaseName="shop")["TableList"]}
    assert sorted(tables) == ["copied", "dear", "orders", "words"]
    orders = tables["orders"]
    assert orders["Parameters"]["spark.sql.sources.provider"] == "parquet"
    assert orders["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    names = [each["Name"] for each in orders["StorageDescriptor"]["Columns"]]
    assert names == ["id", "price", "note"]
    (left,) = glue.get_partitions(DatabaseName="shop", TableName="orders")["Partitions"]
    assert left["Values"] == ["2026-11-28"]
    assert left["StorageDescriptor"]["Location"] == "s3://emr-shared/shop/orders/day=2026-11-28"
    assert tables["words"]["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == LAZY
    assert tables["dear"]["TableType"] == "VIRTUAL_VIEW"
