"""DynamoDB beyond single items: Query, Scan, indexes, batches and transactions."""

from __future__ import annotations

import uuid

import pytest
from botocore.exceptions import ClientError
from test_dynamodb import PAIR, SINGLE, code_and_message, dynamodb, make_table

__all__ = ["dynamodb", "make_table"]


def numbers(items):
    return [int(item["sk"]["N"]) for item in items]


@pytest.fixture
def filled(dynamodb, make_table):
    """A table with three partitions of ten items, keys from -5 to 4."""
    table = make_table(PAIR)
    for partition in "abc":
        requests = [
            {
                "PutRequest": {
                    "Item": {
                        "pk": {"S": partition},
                        "sk": {"N": str(number)},
                        "even": {"BOOL": number % 2 == 0},
                    }
                }
            }
            for number in range(-5, 5)
        ]
        answer = dynamodb.batch_write_item(RequestItems={table: requests})
        assert answer["UnprocessedItems"] == {}
    return table


def query(dynamodb, table, condition, values, **more):
    return dynamodb.query(
        TableName=table,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":p": {"S": "b"}, **values},
        **more,
    )


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("pk = :p", [], list(range(-5, 5))),
        ("pk = :p AND sk = :a", [2], [2]),
        ("pk = :p AND sk < :a", [-3], [-5, -4]),
        ("pk = :p AND sk <= :a", [-3], [-5, -4, -3]),
        ("pk = :p AND sk > :a", [2], [3, 4]),
        ("pk = :p AND sk >= :a", [2], [2, 3, 4]),
        ("pk = :p AND sk BETWEEN :a AND :b", [-1, 1], [-1, 0, 1]),
        ("sk = :a AND pk = :p", [99], []),
    ],
)
def test_sort_keys_choose_the_items(dynamodb, filled, condition, values, expected):
    named = {f":{'ab'[i]}": {"N": str(value)} for i, value in enumerate(values)}
    forward = query(dynamodb, filled, condition, named)
    assert numbers(forward["Items"]) == expected
    assert forward["Count"] == forward["ScannedCount"] == len(expected)
    backward = query(dynamodb, filled, condition, named, ScanIndexForward=False)
    assert numbers(backward["Items"]) == expected[::-1]


def test_pages_go_on_where_they_stopped(dynamodb, filled):
    for forward in (True, False):
        paginator = dynamodb.get_paginator("query")
        pages = list(
            paginator.paginate(
                TableName=filled,
                KeyConditionExpression="pk = :p",
                ExpressionAttributeValues={":p": {"S": "b"}},
                ScanIndexForward=forward,
                PaginationConfig={"PageSize": 3},
            )
        )
        assert [page["Count"] for page in pages] == [3, 3, 3, 1]
        found = [number for page in pages for number in numbers(page["Items"])]
        assert found == sorted(found, reverse=not forward)
        assert len(found) == 10
    last = query(dynamodb, filled, "pk = :p", {}, Limit=10)
    assert last["LastEvaluatedKey"] == {"pk": {"S": "b"}, "sk": {"N": "4"}}


def test_a_page_holds_a_megabyte(dynamodb, make_table):
    table = make_table(PAIR)
    for number in range(12):
        item = {"pk": {"S": "b"}, "sk": {"N": str(number)}, "x": {"S": "x" * 100_000}}
        dynamodb.put_item(TableName=table, Item=item)
    page = query(dynamodb, table, "pk = :p", {}, Select="COUNT")
    assert page["Count"] == 11
    assert page["LastEvaluatedKey"]["sk"] == {"N": "10"}
    assert "Items" not in page


def test_filters_look_after_the_keys_chose(dynamodb, filled):
    page = query(
        dynamodb, filled, "pk = :p", {":t": {"BOOL": True}}, FilterExpression="even = :t", Limit=4
    )
    assert numbers(page["Items"]) == [-4, -2]
    assert (page["Count"], page["ScannedCount"]) == (2, 4)
    with pytest.raises(ClientError) as raised:
        query(dynamodb, filled, "pk = :p", {":n": {"N": "1"}}, FilterExpression="sk = :n")
    assert code_and_message(raised) == (
        "ValidationException",
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
    )


def test_projections_and_older_parameters(dynamodb, filled):
    page = query(dynamodb, filled, "pk = :p", {}, ProjectionExpression="even", Limit=1)
    assert page["Items"] == [{"even": {"BOOL": False}}]
    older = dynamodb.query(
        TableName=filled,
        KeyConditions={
            "pk": {"AttributeValueList": [{"S": "b"}], "ComparisonOperator": "EQ"},
            "sk": {"AttributeValueList": [{"N": "2"}], "ComparisonOperator": "GT"},
        },
        QueryFilter={"even": {"AttributeValueList": [{"BOOL": True}], "ComparisonOperator": "EQ"}},
        AttributesToGet=["sk"],
    )
    assert older["Items"] == [{"sk": {"N": "4"}}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            {"KeyConditionExpression": "sk = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
            "Query condition missed key schema element: pk",
        ),
        (
            {"KeyConditionExpression": "pk > :p", "ExpressionAttributeValues": {":p": {"S": "b"}}},
            "Query key condition not supported",
        ),
        (
            {
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": "b"}},
                "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "1"}},
            },
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            {
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": "b"}},
                "ExclusiveStartKey": {"pk": {"S": "b"}},
            },
            "The provided starting key is invalid",
        ),
        (
            {
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": "b"}},
                "IndexName": "none",
            },
            "The table does not have the specified index: none",
        ),
    ],
)
def test_queries_that_cannot_be_are_refused(dynamodb, filled, arguments, message):
    with pytest.raises(ClientError) as raised:
        dynamodb.query(TableName=filled, **arguments)
    assert code_and_message(raised) == ("ValidationException", message)


def test_scans_see_everything_once_alone_or_in_segments(dynamodb, filled):
    pages = list(dynamodb.get_paginator("scan").paginate(TableName=filled, Limit=7))
    found = [(item["pk"]["S"], item["sk"]["N"]) for page in pages for item in page["Items"]]
    assert len(found) == len(set(found)) == 30
    in_segments = []
    for segment in range(4):
        page = dynamodb.scan(TableName=filled, Segment=segment, TotalSegments=4)
        in_segments += [(item["pk"]["S"], item["sk"]["N"]) for item in page["Items"]]
    assert sorted(in_segments) == sorted(found)
    with pytest.raises(ClientError):
        dynamodb.scan(TableName=filled, Segment=4, TotalSegments=4)
    filtered = dynamodb.scan(
        TableName=filled,
        FilterExpression="sk IN (:a, :b) AND NOT even = :t",
        ExpressionAttributeValues={":a": {"N": "1"}, ":b": {"N": "2"}, ":t": {"BOOL": True}},
    )
    assert numbers(filtered["Items"]) == [1, 1, 1]


# --- indexes --------------------------------------------------------------------------------------

INDEXED = {
    "KeySchema": PAIR["KeySchema"],
    "AttributeDefinitions": [
        *PAIR["AttributeDefinitions"],
        {"AttributeName": "owner", "AttributeType": "S"},
        {"AttributeName": "seen", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-owner",
            "KeySchema": [
                {"AttributeName": "owner", "KeyType": "HASH"},
                {"AttributeName": "seen", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-seen",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "seen", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


def put_owned(dynamodb, table, number, owner, seen, **more):
    item = {
        "pk": {"S": "p"},
        "sk": {"N": str(number)},
        "other": {"S": "o"},
        "note": {"S": f"n{number}"},
    }
    if owner is not None:
        item["owner"] = {"S": owner}
    if seen is not None:
        item["seen"] = {"N": str(seen)}
    dynamodb.put_item(TableName=table, Item=item, **more)


def by_owner(dynamodb, table, owner, **more):
    return dynamodb.query(
        TableName=table,
        IndexName="by-owner",
        KeyConditionExpression="#o = :o",
        ExpressionAttributeNames={"#o": "owner"},
        ExpressionAttributeValues={":o": {"S": owner}},
        **more,
    )


def test_indexes_follow_their_items(dynamodb, make_table):
    table = make_table(INDEXED)
    for number, (owner, seen) in enumerate([("x", 3), ("x", 1), ("y", 2), ("x", 1), (None, 9)]):
        put_owned(dynamodb, table, number, owner, seen)
    found = by_owner(dynamodb, table, "x")
    assert numbers(found["Items"]) == [1, 3, 0]
    assert set(found["Items"][0]) == {"pk", "sk", "owner", "seen", "note"}
    pages = list(
        dynamodb.get_paginator("query").paginate(
            TableName=table,
            IndexName="by-owner",
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": "x"}},
            PaginationConfig={"PageSize": 1},
        )
    )
    assert [n for page in pages for n in numbers(page["Items"])] == [1, 3, 0]
    assert set(pages[0]["LastEvaluatedKey"]) == {"pk", "sk", "owner", "seen"}
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "p"}, "sk": {"N": "1"}},
        UpdateExpression="SET #o = :y REMOVE note",
        ExpressionAttributeNames={"#o": "owner"},
        ExpressionAttributeValues={":y": {"S": "y"}},
    )
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "p"}, "sk": {"N": "3"}})
    assert numbers(by_owner(dynamodb, table, "x")["Items"]) == [0]
    assert numbers(by_owner(dynamodb, table, "y")["Items"]) == [1, 2]
    local = dynamodb.query(
        TableName=table,
        IndexName="by-seen",
        ConsistentRead=True,
        KeyConditionExpression="pk = :p AND seen > :one",
        ExpressionAttributeValues={":p": {"S": "p"}, ":one": {"N": "1"}},
    )
    assert numbers(local["Items"]) == [2, 0, 4]
    assert local["Items"][0]["other"] == {"S": "o"}
    assert dynamodb.scan(TableName=table, IndexName="by-owner")["Count"] == 3


def test_what_an_index_cannot_do_is_said(dynamodb, make_table):
    table = make_table(INDEXED)
    with pytest.raises(ClientError) as raised:
        by_owner(dynamodb, table, "x", ConsistentRead=True)
    assert code_and_message(raised) == (
        "ValidationException",
        "Consistent reads are not supported on global secondary indexes",
    )
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(
            TableName=table,
            Item={"pk": {"S": "p"}, "sk": {"N": "1"}, "owner": {"N": "1"}},
        )
    assert code_and_message(raised) == (
        "ValidationException",
        "One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S "
        "Actual: N IndexName: by-owner",
    )


def test_an_index_comes_later_and_goes(dynamodb, make_table):
    """As the Kinesis Client Library 3 adds its index of lease owners."""
    table = make_table(SINGLE)
    for number in range(30):
        item = {"id": {"S": f"i{number}"}, "owner": {"S": "w" if number % 3 else "v"}}
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.update_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-owner",
                    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    index = dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"][0]
    assert index["IndexStatus"] == "ACTIVE"
    assert by_owner(dynamodb, table, "v")["Count"] == 10
    assert set(by_owner(dynamodb, table, "v")["Items"][0]) == {"id", "owner"}
    dynamodb.update_table(
        TableName=table,
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-owner"}}],
    )
    with pytest.raises(ClientError):
        by_owner(dynamodb, table, "v")
    described = dynamodb.describe_table(TableName=table)["Table"]
    assert "GlobalSecondaryIndexes" not in described
    assert len(described["AttributeDefinitions"]) == 1


# --- batches --------------------------------------------------------------------------------------


def test_batches_read_and_write(dynamodb, filled, make_table):
    other = make_table(SINGLE)
    dynamodb.batch_write_item(
        RequestItems={
            other: [{"PutRequest": {"Item": {"id": {"S": "x"}}}}],
            filled: [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "0"}}}}],
        }
    )
    keys = [{"pk": {"S": "a"}, "sk": {"N": str(number)}} for number in range(-2, 2)]
    answer = dynamodb.batch_get_item(
        RequestItems={
            filled: {"Keys": keys, "ProjectionExpression": "sk"},
            other: {"Keys": [{"id": {"S": "x"}}, {"id": {"S": "nix"}}]},
        }
    )
    assert sorted(numbers(answer["Responses"][filled])) == [-2, -1, 1]
    assert answer["Responses"][other] == [{"id": {"S": "x"}}]
    assert answer["UnprocessedKeys"] == {}


def test_batches_that_cannot_be_are_refused(dynamodb, filled):
    key = {"pk": {"S": "a"}, "sk": {"N": "0"}}
    with pytest.raises(ClientError) as raised:
        dynamodb.batch_get_item(RequestItems={filled: {"Keys": [key, key]}})
    assert code_and_message(raised) == (
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    with pytest.raises(ClientError) as raised:
        dynamodb.batch_write_item(
            RequestItems={filled: [{"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": key}}]}
        )
    assert code_and_message(raised) == (
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    many = [
        {"PutRequest": {"Item": {"pk": {"S": "z"}, "sk": {"N": str(number)}}}}
        for number in range(26)
    ]
    with pytest.raises(ClientError) as raised:
        dynamodb.batch_write_item(RequestItems={filled: many})
    assert raised.value.response["Error"]["Code"] == "ValidationException"


# --- transactions ---------------------------------------------------------------------------------


def transfer(table, amount, **more):
    def change(who, sign):
        return {
            "Update": {
                "TableName": table,
                "Key": {"id": {"S": who}},
                "UpdateExpression": f"SET balance = balance {sign} :n",
                "ConditionExpression": "balance >= :least",
                "ExpressionAttributeValues": {
                    ":n": {"N": str(amount)},
                    ":least": {"N": str(amount if sign == "-" else 0)},
                },
                **more,
            }
        }

    return [change("from", "-"), change("to", "+")]


@pytest.fixture
def accounts(dynamodb, make_table):
    table = make_table(SINGLE)
    for who, balance in (("from", 10), ("to", 0)):
        dynamodb.put_item(TableName=table, Item={"id": {"S": who}, "balance": {"N": str(balance)}})
    return table


def balances(dynamodb, table):
    answer = dynamodb.transact_get_items(
        TransactItems=[
            {"Get": {"TableName": table, "Key": {"id": {"S": who}}}} for who in ("from", "to")
        ]
    )
    return [int(each["Item"]["balance"]["N"]) for each in answer["Responses"]]


def test_a_transaction_happens_whole_or_not_at_all(dynamodb, accounts):
    dynamodb.transact_write_items(TransactItems=transfer(accounts, 7))
    assert balances(dynamodb, accounts) == [3, 7]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as raised:
        dynamodb.transact_write_items(
            TransactItems=transfer(accounts, 7, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        )
    answer = raised.value.response
    assert answer["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ConditionalCheckFailed, None]"
    )
    first, second = answer["CancellationReasons"]
    assert first["Code"] == "ConditionalCheckFailed"
    assert first["Item"]["balance"] == {"N": "3"}
    assert second == {"Code": "None"}
    assert balances(dynamodb, accounts) == [3, 7]


def test_a_repeated_transaction_happens_once(dynamodb, accounts):
    token = str(uuid.uuid4())
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=transfer(accounts, 4), ClientRequestToken=token)
    assert balances(dynamodb, accounts) == [6, 4]
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(TransactItems=transfer(accounts, 1), ClientRequestToken=token)


def test_every_part_of_a_transaction_works(dynamodb, accounts):
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": accounts, "Item": {"id": {"S": "new"}}}},
            {"Delete": {"TableName": accounts, "Key": {"id": {"S": "to"}}}},
            {
                "ConditionCheck": {
                    "TableName": accounts,
                    "Key": {"id": {"S": "from"}},
                    "ConditionExpression": "attribute_exists(balance)",
                }
            },
        ]
    )
    found = {item["id"]["S"] for item in dynamodb.scan(TableName=accounts)["Items"]}
    assert found == {"new", "from"}
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": accounts, "Item": {"id": {"S": "new"}}}},
                {"Delete": {"TableName": accounts, "Key": {"id": {"S": "new"}}}},
            ]
        )
    assert code_and_message(raised) == (
        "ValidationException",
        "Transaction request cannot include multiple operations on one item",
    )
