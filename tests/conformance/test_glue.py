"""Glue as boto3, the AWS CLI and PyIceberg's GlueCatalog use it."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from tarn_server import REGION


@pytest.fixture
def glue(client):
    return client("glue")


@pytest.fixture
def database(glue, unique):
    name = unique("db").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name})
    yield name
    glue.delete_database(Name=name)


def code_and_message(raised):
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def table_input(name, **parameters):
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"table_type": "ICEBERG", **parameters},
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "bigint", "Comment": "who"}],
            "Location": f"s3://bucket/{name}",
        },
    }


# --- databases ------------------------------------------------------------------------------------


def test_a_database_is_made_changed_and_gone(glue, unique):
    name = unique("DB").replace("-", "_")
    glue.create_database(
        DatabaseInput={"Name": name, "Description": "one", "Parameters": {"a": "1"}},
        Tags={"team": "data"},
    )
    lower = name.lower()
    got = glue.get_database(Name=name)["Database"]
    assert (got["Name"], got["Description"], got["Parameters"]) == (lower, "one", {"a": "1"})
    assert got["CreateTableDefaultPermissions"][0]["Permissions"] == ["ALL"]
    arn = f"arn:aws:glue:{REGION}:{got['CatalogId']}:database/{lower}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data"}
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"stage": "test"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["team"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"stage": "test"}
    glue.update_database(Name=lower, DatabaseInput={"Name": lower, "LocationUri": "s3://b/x"})
    changed = glue.get_database(Name=lower)["Database"]
    assert changed["LocationUri"] == "s3://b/x"
    assert "Description" not in changed
    assert changed["CreateTime"] == got["CreateTime"]
    assert lower in [each["Name"] for each in glue.get_databases()["DatabaseList"]]
    glue.delete_database(Name=lower)
    with pytest.raises(glue.exceptions.EntityNotFoundException) as raised:
        glue.get_database(Name=lower)
    assert code_and_message(raised) == ("EntityNotFoundException", f"Database {lower} not found.")


def test_what_is_wrong_with_a_database_is_said(glue, database):
    with pytest.raises(glue.exceptions.AlreadyExistsException) as raised:
        glue.create_database(DatabaseInput={"Name": database.upper()})
    assert code_and_message(raised) == ("AlreadyExistsException", "Database already exists.")
    for call in (glue.get_database, glue.delete_database):
        with pytest.raises(glue.exceptions.EntityNotFoundException):
            call(Name="no_such_database")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_database(CatalogId="000000000000", Name=database)


def test_databases_page(glue, database, unique):
    more = [unique("db") for _ in range(3)]
    for name in more:
        glue.create_database(DatabaseInput={"Name": name})
    pages = list(glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["DatabaseList"]) <= 2 for page in pages)
    found = [each["Name"] for page in pages for each in page["DatabaseList"]]
    assert len(found) == len(set(found))
    assert {database, *more} <= set(found)
    for name in more:
        glue.delete_database(Name=name)


def test_a_database_goes_with_what_is_in_it(glue, unique):
    name = unique("db")
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_table(DatabaseName=name, TableInput=table_input("t"))
    glue.update_table(DatabaseName=name, TableInput=table_input("t"))
    glue.delete_database(Name=name)
    glue.create_database(DatabaseInput={"Name": name})
    assert glue.get_tables(DatabaseName=name)["TableList"] == []
    glue.create_table(DatabaseName=name, TableInput=table_input("t"))
    versions = glue.get_table_versions(DatabaseName=name, TableName="t")["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["0"]
    glue.delete_database(Name=name)


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_made_changed_and_gone(glue, database):
    glue.create_table(
        DatabaseName=database, TableInput=table_input("Events", metadata_location="m0")
    )
    got = glue.get_table(DatabaseName=database, Name="EVENTS")["Table"]
    assert got["Name"] == "events"
    assert got["DatabaseName"] == database
    assert got["VersionId"] == "0"
    assert got["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint", "Comment": "who"}
    ]
    assert got["CreatedBy"].endswith(":root")
    glue.update_table(
        DatabaseName=database, TableInput=table_input("events", metadata_location="m1")
    )
    changed = glue.get_table(DatabaseName=database, Name="events")["Table"]
    assert changed["VersionId"] == "1"
    assert changed["Parameters"]["metadata_location"] == "m1"
    assert changed["CreateTime"] == got["CreateTime"]
    glue.delete_table(DatabaseName=database, Name="events")
    with pytest.raises(glue.exceptions.EntityNotFoundException) as raised:
        glue.get_table(DatabaseName=database, Name="events")
    assert code_and_message(raised) == ("EntityNotFoundException", "Entity Not Found")


def test_what_is_wrong_with_a_table_is_said(glue, database):
    glue.create_table(DatabaseName=database, TableInput=table_input("t"))
    with pytest.raises(glue.exceptions.AlreadyExistsException) as raised:
        glue.create_table(DatabaseName=database, TableInput=table_input("T"))
    assert code_and_message(raised) == ("AlreadyExistsException", "Table already exists.")
    with pytest.raises(glue.exceptions.EntityNotFoundException) as raised:
        glue.create_table(DatabaseName="nowhere", TableInput=table_input("t"))
    assert code_and_message(raised) == ("EntityNotFoundException", "Database nowhere not found.")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.update_table(DatabaseName=database, TableInput=table_input("other"))
    with pytest.raises(ClientError) as raised:
        glue.create_table(
            DatabaseName=database,
            TableInput=table_input("p"),
            PartitionIndexes=[{"Keys": ["id"], "IndexName": "i"}],
        )
    code, message = code_and_message(raised)
    assert code == "NotImplemented"
    assert "PartitionIndexes" in message


def test_tables_are_listed_by_expression_and_page(glue, database):
    for name in ("apple", "apricot", "banana", "cherry"):
        glue.create_table(DatabaseName=database, TableInput=table_input(name))

    def names(**arguments):
        return [t["Name"] for t in glue.get_tables(DatabaseName=database, **arguments)["TableList"]]

    assert names() == ["apple", "apricot", "banana", "cherry"]
    assert names(Expression="ap.*") == ["apple", "apricot"]
    assert names(Expression="ap") == []
    assert names(Expression="banana|cherry") == ["banana", "cherry"]
    with pytest.raises(glue.exceptions.InvalidInputException):
        names(Expression="(")
    paginator = glue.get_paginator("get_tables")
    pages = list(paginator.paginate(DatabaseName=database, PaginationConfig={"PageSize": 3}))
    assert [len(page["TableList"]) for page in pages] == [3, 1]
    errors = glue.batch_delete_table(DatabaseName=database, TablesToDelete=["apple", "nix"])[
        "Errors"
    ]
    assert [error["TableName"] for error in errors] == ["nix"]
    assert errors[0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_tables(DatabaseName="nowhere")


def test_versions_are_kept_unless_skipped(glue, database):
    glue.create_table(DatabaseName=database, TableInput=table_input("t", step="0"))
    for step in range(1, 4):
        glue.update_table(
            DatabaseName=database,
            TableInput=table_input("t", step=str(step)),
            SkipArchive=step == 3,
        )
    paginator = glue.get_paginator("get_table_versions")
    for size in (1, 2, 100):
        pages = paginator.paginate(
            DatabaseName=database, TableName="t", PaginationConfig={"PageSize": size}
        )
        found = [v for page in pages for v in page["TableVersions"]]
        assert [v["VersionId"] for v in found] == ["3", "1", "0"]
        assert [v["Table"]["Parameters"]["step"] for v in found] == ["3", "1", "0"]
    one = glue.get_table_version(DatabaseName=database, TableName="t", VersionId="1")[
        "TableVersion"
    ]
    assert one["Table"]["Parameters"]["step"] == "1"
    glue.delete_table_version(DatabaseName=database, TableName="t", VersionId="1")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table_version(DatabaseName=database, TableName="t", VersionId="1")


def test_of_updates_from_one_version_exactly_one_wins(server, glue, database):
    glue.create_table(DatabaseName=database, TableInput=table_input("t", won="nobody"))
    outcomes = []
    rounds = 10
    barrier = threading.Barrier(4)

    def commit(name):
        own = server.client("glue")
        for step in range(rounds):
            barrier.wait()
            try:
                own.update_table(
                    DatabaseName=database,
                    TableInput=table_input("t", won=f"{name}-{step}"),
                    VersionId=str(step),
                    SkipArchive=True,
                )
            except own.exceptions.ConcurrentModificationException:
                continue
            outcomes.append(f"{name}-{step}")

    threads = [threading.Thread(target=commit, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == rounds
    got = glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert got["VersionId"] == str(rounds)
    assert got["Parameters"]["won"] == outcomes[-1]


def test_what_is_acknowledged_survives_a_kill(fresh_server):
    glue = fresh_server.client("glue")
    glue.create_database(DatabaseInput={"Name": "kept"})
    glue.create_table(DatabaseName="kept", TableInput=table_input("t"))
    for _ in range(5):
        glue.update_table(DatabaseName="kept", TableInput=table_input("t"), SkipArchive=True)
    fresh_server.kill9()
    fresh_server.restart()
    glue = fresh_server.client("glue")
    assert glue.get_table(DatabaseName="kept", Name="t")["Table"]["VersionId"] == "5"


# --- partitions -----------------------------------------------------------------------------------


@pytest.fixture
def partitioned(glue, database):
    keys = [{"Name": "year", "Type": "int"}, {"Name": "city", "Type": "string"}]
    glue.create_table(DatabaseName=database, TableInput={**table_input("p"), "PartitionKeys": keys})
    return {"DatabaseName": database, "TableName": "p"}


def test_partitions_are_made_changed_listed_and_gone(glue, partitioned):
    def partition(year, city, **parameters):
        return {
            "Values": [year, city],
            "Parameters": parameters,
            "StorageDescriptor": {"Location": f"s3://b/{year}/{city}", "Columns": []},
        }

    glue.create_partition(**partitioned, PartitionInput=partition("2024", "oslo"))
    errors = glue.batch_create_partition(
        **partitioned,
        PartitionInputList=[
            partition("2024", "oslo"),
            partition("2024", "a/b"),
            partition("2025", "oslo"),
            {"Values": ["2025"]},
        ],
    )["Errors"]
    assert [error["ErrorDetail"]["ErrorCode"] for error in errors] == [
        "AlreadyExistsException",
        "InvalidInputException",
    ]
    glue.update_partition(
        **partitioned,
        PartitionValueList=["2025", "oslo"],
        PartitionInput=partition("2025", "oslo", rows="7"),
    )
    got = glue.get_partition(**partitioned, PartitionValues=["2025", "oslo"])["Partition"]
    assert got["Parameters"] == {"rows": "7"}
    pages = glue.get_paginator("get_partitions").paginate(
        **partitioned, PaginationConfig={"PageSize": 2}
    )
    found = [p["Values"] for page in pages for p in page["Partitions"]]
    assert found == [["2024", "a/b"], ["2024", "oslo"], ["2025", "oslo"]]
    chosen = glue.get_partitions(**partitioned, Expression="year > 999 AND city LIKE 'o%'")
    assert [p["Values"] for p in chosen["Partitions"]] == [["2024", "oslo"], ["2025", "oslo"]]
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_partitions(**partitioned, Expression="nosuch = 1")
    in_segments = [
        p["Values"]
        for number in range(3)
        for p in glue.get_partitions(
            **partitioned, Segment={"SegmentNumber": number, "TotalSegments": 3}
        )["Partitions"]
    ]
    assert sorted(in_segments) == found
    some = glue.batch_get_partition(
        **partitioned,
        PartitionsToGet=[{"Values": ["2024", "a/b"]}, {"Values": ["1999", "nix"]}],
    )["Partitions"]
    assert [p["Values"] for p in some] == [["2024", "a/b"]]
    glue.delete_partition(**partitioned, PartitionValues=["2024", "a/b"])
    errors = glue.batch_delete_partition(
        **partitioned,
        PartitionsToDelete=[{"Values": ["2024", "oslo"]}, {"Values": ["2024", "a/b"]}],
    )["Errors"]
    assert [error["PartitionValues"] for error in errors] == [["2024", "a/b"]]
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_partition(**partitioned, PartitionValues=["2024", "oslo"])


# --- PyIceberg ------------------------------------------------------------------------------------


@pytest.fixture
def catalog(server, tmp_path):
    return GlueCatalog(
        "tarn",
        **{
            "glue.endpoint": server.endpoint_url,
            "glue.region": REGION,
            "glue.access-key-id": server.access_key_id,
            "glue.secret-access-key": server.secret_access_key,
            "warehouse": f"file://{tmp_path}",
        },
    )


ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})


def test_pyiceberg_makes_fills_reads_renames_and_drops(catalog, unique, tmp_path):
    space = unique("space").replace("-", "_")
    catalog.create_namespace(space, {"location": f"file://{tmp_path}/{space}", "owner": "me"})
    with pytest.raises(NamespaceAlreadyExistsError):
        catalog.create_namespace(space)
    assert (space,) in catalog.list_namespaces()
    assert catalog.load_namespace_properties(space)["owner"] == "me"
    table = catalog.create_table(f"{space}.rows", schema=ROWS.schema)
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table(f"{space}.rows", schema=ROWS.schema)
    table.append(ROWS)
    table.append(ROWS)
    read = catalog.load_table(f"{space}.rows").scan().to_arrow()
    assert sorted(read["id"].to_pylist()) == [1, 1, 2, 2, 3, 3]
    with table.update_schema() as change:
        from pyiceberg.types import StringType

        change.add_column("more", StringType())
    assert "more" in catalog.load_table(f"{space}.rows").schema().column_names
    renamed = catalog.rename_table(f"{space}.rows", f"{space}.lines")
    assert len(renamed.scan().to_arrow()) == 6
    assert catalog.list_tables(space) == [(space, "lines")]
    with pytest.raises(NoSuchTableError):
        catalog.load_table(f"{space}.rows")
    catalog.drop_table(f"{space}.lines")
    catalog.drop_namespace(space)
    with pytest.raises(NoSuchNamespaceError):
        catalog.list_tables(space)


def test_two_committers_lose_nothing(catalog, unique, tmp_path):
    """Each tries from a table it has loaded before; the loser of a race loads again and retries."""
    space = unique("space").replace("-", "_")
    catalog.create_namespace(space, {"location": f"file://{tmp_path}/{space}"})
    catalog.create_table(f"{space}.t", schema=ROWS.schema)
    conflicts = []

    def commit(offset):
        for step in range(4):
            rows = pa.table(
                {"id": pa.array([offset + step], pa.int64()), "name": pa.array(["x"], pa.string())}
            )
            while True:
                try:
                    catalog.load_table(f"{space}.t").append(rows)
                    break
                except CommitFailedException:
                    conflicts.append(offset)

    threads = [threading.Thread(target=commit, args=(offset,)) for offset in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = catalog.load_table(f"{space}.t")
    ids = sorted(table.scan().to_arrow()["id"].to_pylist())
    assert ids == [0, 1, 2, 3, 100, 101, 102, 103]
    assert len(table.snapshots()) == 8
    catalog.drop_table(f"{space}.t")
    catalog.drop_namespace(space)


def test_a_stale_commit_is_refused_and_a_retried_one_adds(catalog, unique, tmp_path):
    space = unique("space").replace("-", "_")
    catalog.create_namespace(space, {"location": f"file://{tmp_path}/{space}"})
    for retries, rows in (("0", 3), ("4", 6)):
        name = f"{space}.t{retries}"
        properties = {"commit.retry.num-retries": retries}
        first = catalog.create_table(name, schema=ROWS.schema, properties=properties)
        second = catalog.load_table(name)
        first.append(ROWS)
        if rows == 3:
            with pytest.raises(CommitFailedException):
                second.append(ROWS)
        else:
            second.append(ROWS)
        assert len(catalog.load_table(name).scan().to_arrow()) == rows
        catalog.drop_table(name)
    catalog.drop_namespace(space)


# --- AWS CLI --------------------------------------------------------------------------------------


def test_the_cli_works(aws_cli, unique):
    name = unique("db")
    aws_cli("glue", "create-database", "--database-input", f'{{"Name": "{name}"}}')
    aws_cli("glue", "create-table", "--database-name", name, "--table-input", '{"Name": "t"}')
    assert (
        aws_cli("glue", "get-table", "--database-name", name, "--name", "t")["Table"]["Name"] == "t"
    )
    listed = aws_cli("glue", "get-tables", "--database-name", name)["TableList"]
    assert [table["Name"] for table in listed] == ["t"]
    aws_cli("glue", "delete-table", "--database-name", name, "--name", "t")
    aws_cli("glue", "delete-database", "--name", name)
    failed = aws_cli("glue", "get-database", "--name", name, check=False)
    assert failed.returncode != 0
    assert "EntityNotFoundException" in failed.stderr


def test_what_is_not_there_says_its_name(glue):
    with pytest.raises(ClientError) as raised:
        glue.get_crawlers()
    code, message = code_and_message(raised)
    assert code == "NotImplemented"
    assert "GetCrawlers" in message
