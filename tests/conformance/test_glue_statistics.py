"""Glue beyond tables: column statistics, functions, search, partitions changed in a batch."""

from __future__ import annotations

import datetime

import pytest

ANALYZED = datetime.datetime(2026, 11, 27, 10, tzinfo=datetime.UTC)


@pytest.fixture
def glue(client):
    return client("glue")


@pytest.fixture
def database(glue, unique):
    name = unique("db").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name})
    yield name
    glue.delete_database(Name=name)


@pytest.fixture
def table(glue, database):
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "events",
            "Description": "clicks and views",
            "Parameters": {"team": "data"},
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
            "StorageDescriptor": {
                "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "page", "Type": "string"}]
            },
        },
    )
    return {"DatabaseName": database, "TableName": "events"}


def longs(column, smallest, largest):
    return {
        "ColumnName": column,
        "ColumnType": "bigint",
        "AnalyzedTime": ANALYZED,
        "StatisticsData": {
            "Type": "LONG",
            "LongColumnStatisticsData": {
                "MinimumValue": smallest,
                "MaximumValue": largest,
                "NumberOfNulls": 0,
                "NumberOfDistinctValues": 2,
            },
        },
    }


# --- column statistics ----------------------------------------------------------------------------


def test_statistics_of_a_table_are_kept_changed_and_gone(glue, table):
    put = glue.update_column_statistics_for_table(
        **table, ColumnStatisticsList=[longs("ID", 1, 9), longs("nowhere", 0, 0)]
    )
    [refused] = put["Errors"]
    assert refused["ColumnStatistics"]["ColumnName"] == "nowhere"
    assert refused["Error"]["ErrorCode"] == "EntityNotFoundException"
    got = glue.get_column_statistics_for_table(**table, ColumnNames=["id", "page"])
    [statistics] = got["ColumnStatisticsList"]
    assert statistics == longs("ID", 1, 9)
    assert [error["ColumnName"] for error in got["Errors"]] == ["page"]
    glue.update_column_statistics_for_table(**table, ColumnStatisticsList=[longs("id", 1, 10)])
    [changed] = glue.get_column_statistics_for_table(**table, ColumnNames=["id"])[
        "ColumnStatisticsList"
    ]
    assert changed["StatisticsData"]["LongColumnStatisticsData"]["MaximumValue"] == 10
    glue.delete_column_statistics_for_table(**table, ColumnName="id")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.delete_column_statistics_for_table(**table, ColumnName="id")


def test_data_of_another_type_is_refused(glue, table):
    wrong = longs("id", 1, 2)
    wrong["StatisticsData"]["Type"] = "STRING"
    [error] = glue.update_column_statistics_for_table(**table, ColumnStatisticsList=[wrong])[
        "Errors"
    ]
    assert error["Error"]["ErrorCode"] == "InvalidInputException"


def test_statistics_of_a_partition_go_with_it(glue, table):
    partition = {**table, "PartitionValues": ["mon"]}
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.update_column_statistics_for_partition(
            **partition, ColumnStatisticsList=[longs("id", 1, 2)]
        )
    glue.create_partition(**table, PartitionInput={"Values": ["mon"]})
    glue.update_column_statistics_for_partition(
        **partition, ColumnStatisticsList=[longs("id", 1, 2)]
    )
    got = glue.get_column_statistics_for_partition(**partition, ColumnNames=["id"])
    assert got["ColumnStatisticsList"] == [longs("id", 1, 2)]
    assert glue.get_column_statistics_for_table(**table, ColumnNames=["id"])["Errors"]
    glue.delete_partition(**partition)
    glue.create_partition(**table, PartitionInput={"Values": ["mon"]})
    got = glue.get_column_statistics_for_partition(**partition, ColumnNames=["id"])
    assert got["ColumnStatisticsList"] == []
    glue.update_column_statistics_for_partition(
        **partition, ColumnStatisticsList=[longs("id", 1, 2)]
    )
    glue.delete_column_statistics_for_partition(**partition, ColumnName="id")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.delete_column_statistics_for_partition(**partition, ColumnName="id")


# --- partitions -----------------------------------------------------------------------------------


def test_partitions_change_in_a_batch_and_each_failure_is_told(glue, table):
    for day in ("mon", "tue"):
        glue.create_partition(**table, PartitionInput={"Values": [day]})
    answer = glue.batch_update_partition(
        **table,
        Entries=[
            {
                "PartitionValueList": ["mon"],
                "PartitionInput": {"Values": ["mon"], "Parameters": {"rows": "7"}},
            },
            {"PartitionValueList": ["tue"], "PartitionInput": {"Values": ["wed"]}},
            {"PartitionValueList": ["sun"], "PartitionInput": {"Values": ["sun"]}},
        ],
    )
    [error] = answer["Errors"]
    assert error["PartitionValueList"] == ["sun"]
    assert error["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    listed = glue.get_partitions(**table)["Partitions"]
    assert [each["Values"] for each in listed] == [["mon"], ["wed"]]
    assert listed[0]["Parameters"] == {"rows": "7"}


# --- functions ------------------------------------------------------------------------------------


def test_functions_are_made_listed_changed_and_gone(glue, database):
    function = {"FunctionName": "Mask", "ClassName": "org.example.Mask", "OwnerType": "USER"}
    glue.create_user_defined_function(DatabaseName=database, FunctionInput=function)
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_user_defined_function(DatabaseName=database, FunctionInput=function)
    got = glue.get_user_defined_function(DatabaseName=database, FunctionName="MASK")
    assert got["UserDefinedFunction"]["ClassName"] == "org.example.Mask"
    # What Spark's Hive client asks for when it lists functions.
    listed = glue.get_user_defined_functions(DatabaseName=database, Pattern="*")
    assert [each["FunctionName"] for each in listed["UserDefinedFunctions"]] == ["mask"]
    none = glue.get_user_defined_functions(DatabaseName=database, Pattern="x.*")
    assert none["UserDefinedFunctions"] == []
    glue.update_user_defined_function(
        DatabaseName=database,
        FunctionName="mask",
        FunctionInput={"FunctionName": "mask", "ClassName": "org.example.Mask2"},
    )
    got = glue.get_user_defined_function(DatabaseName=database, FunctionName="mask")
    assert got["UserDefinedFunction"]["ClassName"] == "org.example.Mask2"
    glue.delete_user_defined_function(DatabaseName=database, FunctionName="mask")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_user_defined_function(DatabaseName=database, FunctionName="mask")


# --- search ---------------------------------------------------------------------------------------


def names(answer):
    return [table["Name"] for table in answer["TableList"]]


def test_tables_are_found_by_text_filter_and_time(glue, table, database):
    glue.create_table(DatabaseName=database, TableInput={"Name": "users", "Owner": "ann"})
    here = [{"Key": "DatabaseName", "Value": database}]
    assert names(glue.search_tables(SearchText="CLICKS", Filters=here)) == ["events"]
    assert names(glue.search_tables(SearchText="page", Filters=here)) == ["events"]
    assert names(glue.search_tables(SearchText='"user"', Filters=here)) == []
    assert names(glue.search_tables(Filters=[*here, {"Key": "Owner", "Value": "ann"}])) == ["users"]
    assert names(glue.search_tables(Filters=[*here, {"Key": "team", "Value": "data"}])) == [
        "events"
    ]
    for comparator, found in (("GREATER_THAN", ["events", "users"]), ("LESS_THAN", [])):
        past = {"Key": "UpdateTime", "Value": "2020-01-01T00:00:00Z", "Comparator": comparator}
        assert names(glue.search_tables(Filters=[*here, past])) == found
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.search_tables(Filters=[{"Key": "UpdateTime", "Value": "yesterday"}])


def test_what_is_found_is_sorted_and_paged(glue, database):
    for name in ("b", "c", "a"):
        glue.create_table(DatabaseName=database, TableInput={"Name": name})
    query = {
        "Filters": [{"Key": "DatabaseName", "Value": database}],
        "SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}],
        "MaxResults": 2,
    }
    first = glue.search_tables(**query)
    assert names(first) == ["c", "b"]
    second = glue.search_tables(**query, NextToken=first["NextToken"])
    assert names(second) == ["a"]
    assert "NextToken" not in second
