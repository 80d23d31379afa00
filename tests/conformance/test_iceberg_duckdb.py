"""The Iceberg REST catalog as DuckDB uses it, and tables that PyIceberg made."""

from __future__ import annotations

import pytest
from iceberg_steps import ROWS, duckdb_on, rest_catalog
from tarn_server import REGION


@pytest.fixture
def space(server, client, unique):
    """A namespace and a bucket of the test's own."""
    bucket = unique("duck")
    client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    name = unique("space").replace("-", "_")
    rest_catalog(server).create_namespace(name, {"location": f"s3://{bucket}/{name}"})
    return name


def test_duckdb_and_pyiceberg_write_one_table(server, space):
    catalog = rest_catalog(server)
    catalog.create_table(f"{space}.t", schema=ROWS.schema).append(ROWS)
    with duckdb_on(server) as duck:
        table = f"ice.{space}.t"
        assert duck.sql(f"SELECT sum(id), max(name) FROM {table}").fetchall() == [(6, "c")]
        duck.execute(f"INSERT INTO {table} VALUES (4, 'd'), (5, 'e')")
        assert duck.sql(f"SELECT count(*) FROM {table}").fetchone() == (5,)
    read = catalog.load_table(f"{space}.t")
    assert sorted(read.scan().to_arrow()["id"].to_pylist()) == [1, 2, 3, 4, 5]
    read.append(ROWS)
    with duckdb_on(server) as duck:
        assert duck.sql(f"SELECT count(*) FROM ice.{space}.t").fetchone() == (8,)


def test_a_table_that_duckdb_made_is_read_by_pyiceberg_and_glue(server, client, space):
    with duckdb_on(server) as duck:
        duck.execute(f"CREATE TABLE ice.{space}.made (id BIGINT, seen TIMESTAMP, name VARCHAR)")
        duck.execute(
            f"INSERT INTO ice.{space}.made VALUES (1, '2026-11-27 10:00:00', 'a'), (2, NULL, 'b')"
        )
        assert (space, "made") in duck.sql(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'ice'"
        ).fetchall()
    table = rest_catalog(server).load_table(f"{space}.made")
    assert table.scan().to_arrow()["name"].to_pylist() == ["a", "b"]
    columns = client("glue").get_table(DatabaseName=space, Name="made")["Table"][
        "StorageDescriptor"
    ]["Columns"]
    assert [(each["Name"], each["Type"]) for each in columns] == [
        ("id", "bigint"),
        ("seen", "timestamp"),
        ("name", "string"),
    ]


def test_duckdb_changes_two_tables_in_one_transaction(server, space):
    with duckdb_on(server) as duck:
        for name in ("a", "b"):
            duck.execute(f"CREATE TABLE ice.{space}.{name} (id BIGINT)")
        duck.execute("BEGIN")
        duck.execute(f"INSERT INTO ice.{space}.a VALUES (1)")
        duck.execute(f"INSERT INTO ice.{space}.b VALUES (2)")
        duck.execute("COMMIT")
    catalog = rest_catalog(server)
    read = [catalog.load_table(f"{space}.{n}").scan().to_arrow()["id"].to_pylist() for n in "ab"]
    assert read == [[1], [2]]
