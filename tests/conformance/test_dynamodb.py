"""DynamoDB as boto3's client and resource layer and the AWS CLI use it: tables and single items."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr
from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from tarn_server import REGION

PAIR = {
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
SINGLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def dynamodb(client):
    return client("dynamodb")


@pytest.fixture
def make_table(dynamodb, unique):
    """Makes a table of the shape, waits for it, and gives its name."""
    made = []

    def make(shape, **more):
        name = unique("table")
        dynamodb.create_table(TableName=name, **shape, **more)
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        made.append(name)
        return name

    yield make
    for name in made:
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def table(make_table):
    return make_table(SINGLE)


def code_and_message(raised):
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_created_described_listed_and_deleted(dynamodb, unique):
    name = unique("table")
    created = dynamodb.create_table(TableName=name, **PAIR)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["KeySchema"] == PAIR["KeySchema"]
    assert described["AttributeDefinitions"] == PAIR["AttributeDefinitions"]
    assert described["TableArn"].endswith(f":table/{name}")
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ItemCount"] == 0
    assert name in dynamodb.list_tables()["TableNames"]
    assert dynamodb.describe_table(TableName=described["TableArn"])["Table"]["TableName"] == name
    deleted = dynamodb.delete_table(TableName=name)["TableDescription"]
    assert deleted["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    assert name not in dynamodb.list_tables()["TableNames"]


def test_list_tables_pages(dynamodb, make_table):
    names = {make_table(SINGLE) for _ in range(3)}
    paginator = dynamodb.get_paginator("list_tables")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 1}))
    assert all(len(page["TableNames"]) <= 1 for page in pages)
    assert names <= {name for page in pages for name in page["TableNames"]}


def test_what_is_wrong_with_a_table_is_said(dynamodb, table):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(TableName=table, **SINGLE)
    assert code_and_message(raised) == (
        "ResourceInUseException",
        f"Table already exists: {table}",
    )
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_table(TableName="no-such-table")
    assert code_and_message(raised) == (
        "ResourceNotFoundException",
        "Requested resource not found: Table: no-such-table not found",
    )
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException) as raised:
        dynamodb.get_item(TableName="no-such-table", Key={"id": {"S": "a"}})
    assert raised.value.response["Error"]["Message"] == "Requested resource not found"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]},
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            "AttributeDefinitions. Keys: [x], AttributeDefinitions: [id]",
        ),
        (
            {"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            {
                "AttributeDefinitions": [
                    *SINGLE["AttributeDefinitions"],
                    {"AttributeName": "unused", "AttributeType": "S"},
                ]
            },
            "One or more parameter values were invalid: Number of attributes in KeySchema does not "
            "exactly match number of attributes defined in AttributeDefinitions",
        ),
        (
            {"BillingMode": "PROVISIONED"},
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
            "both be specified when BillingMode is PROVISIONED",
        ),
        (
            {"TableName": "a b c"},
            "1 validation error detected: Value 'a b c' at 'tableName' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        (
            {"TableName": "ab"},
            "TableName must be at least 3 characters long and at most 255 characters long",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused(dynamodb, unique, change, message):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(**{"TableName": unique("table"), **SINGLE, **change})
    assert code_and_message(raised) == ("ValidationException", message)


def test_streams_are_refused_by_name(dynamodb, unique):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(
            TableName=unique("table"),
            **SINGLE,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
    code, message = code_and_message(raised)
    assert code == "NotImplemented"
    assert "StreamSpecification" in message


def test_time_to_live_and_tags_are_kept(dynamodb, table):
    spec = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=spec)
    described = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    tags = [{"Key": "team", "Value": "data"}, {"Key": "stage", "Value": "test"}]
    dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["stage"])
    kept = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert kept == [{"Key": "team", "Value": "data"}]


def test_deletion_protection_holds(dynamodb, unique):
    name = unique("table")
    dynamodb.create_table(TableName=name, **SINGLE, DeletionProtectionEnabled=True)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError) as raised:
        dynamodb.delete_table(TableName=name)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)


# --- single items ---------------------------------------------------------------------------------

EVERY_TYPE = {
    "id": {"S": "all"},
    "s": {"S": "tëxt"},
    "n": {"N": "-12.5"},
    "b": {"B": b"\x00\xff"},
    "t": {"BOOL": True},
    "f": {"BOOL": False},
    "null": {"NULL": True},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"x", b"y"]},
    "l": {"L": [{"N": "1"}, {"L": []}, {"S": ""}]},
    "m": {"M": {"k": {"M": {}}, "j": {"NULL": True}}},
}


def sorted_sets(item):
    return {
        name: {kind: sorted(value) if kind in ("SS", "NS", "BS") else value}
        for name, attribute in item.items()
        for kind, value in attribute.items()
    }


def test_every_type_comes_back_as_it_was(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=EVERY_TYPE)
    got = dynamodb.get_item(TableName=table, Key={"id": {"S": "all"}}, ConsistentRead=True)
    assert sorted_sets(got["Item"]) == EVERY_TYPE
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"id": {"S": "none"}})


def test_numbers_are_exact_and_plain(dynamodb, table):
    numbers = {
        "1.50": "1.5",
        "1E+2": "100",
        "-0": "0",
        "0.00000001": "0.00000001",
        "9" * 38: "9" * 38,
    }
    for given, plain in numbers.items():
        dynamodb.put_item(TableName=table, Item={"id": {"S": "n"}, "n": {"N": given}})
        got = dynamodb.get_item(TableName=table, Key={"id": {"S": "n"}})["Item"]
        assert got["n"] == {"N": plain}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"n": {"N": "abc"}}, "The parameter cannot be converted to a numeric value: abc"),
        (
            {"n": {"N": "1" * 39}},
            "Attempting to store more than 38 significant digits in a Number",
        ),
        (
            {"n": {"N": "1e126"}},
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            {"s": {"SS": []}},
            "One or more parameter values were invalid: An string set  may not be empty",
        ),
        (
            {"s": {"SS": ["a", "a"]}},
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
        ),
        ({"big": {"S": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_items_that_cannot_be_are_refused(dynamodb, table, attributes, message):
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item={"id": {"S": "a"}, **attributes})
    assert code_and_message(raised) == ("ValidationException", message)


def test_the_largest_item_is_taken(dynamodb, table):
    content = "x" * (400 * 1024 - len("id") - len("max") - len("content"))
    dynamodb.put_item(TableName=table, Item={"id": {"S": "max"}, "content": {"S": content}})
    got = dynamodb.get_item(TableName=table, Key={"id": {"S": "max"}})["Item"]
    assert got["content"]["S"] == content
    with pytest.raises(ClientError):
        dynamodb.put_item(
            TableName=table, Item={"id": {"S": "max"}, "content": {"S": content + "x"}}
        )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"x": {"S": "a"}},
            "One or more parameter values were invalid: Missing the key id in the item",
        ),
        (
            {"id": {"N": "1"}},
            "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N",
        ),
        (
            {"id": {"S": ""}},
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
            "contain an empty string value. Key: id",
        ),
        (
            {"id": {"S": "k" * 2049}},
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
            "limit of2048 bytes",
        ),
    ],
)
def test_keys_are_checked(dynamodb, table, item, message):
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item=item)
    assert code_and_message(raised) == ("ValidationException", message)


def test_the_key_asked_for_must_be_the_tables(dynamodb, table):
    for key in ({"id": {"N": "1"}}, {"other": {"S": "a"}}, {"id": {"S": "a"}, "x": {"S": "b"}}):
        with pytest.raises(ClientError) as raised:
            dynamodb.get_item(TableName=table, Key=key)
        assert code_and_message(raised) == (
            "ValidationException",
            "The provided key element does not match the schema",
        )


def test_put_if_absent_is_won_by_one(dynamodb, table):
    arguments = {
        "TableName": table,
        "Item": {"id": {"S": "lock"}, "owner": {"S": "first"}},
        "ConditionExpression": "attribute_not_exists(id)",
    }
    dynamodb.put_item(**arguments)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as raised:
        dynamodb.put_item(**arguments, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Error"]["Message"] == "The conditional request failed"
    assert raised.value.response["Item"] == arguments["Item"]
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as raised:
        dynamodb.put_item(**arguments)
    assert "Item" not in raised.value.response


def test_concurrent_increments_lose_nothing(server, table):
    def count():
        own = server.client("dynamodb")
        for _ in range(25):
            own.update_item(
                TableName=table,
                Key={"id": {"S": "counter"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = server.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "counter"}})
    assert got["Item"]["n"] == {"N": "100"}


def test_update_gives_back_what_is_asked_for(dynamodb, table):
    def update(wanted, **more):
        return dynamodb.update_item(
            TableName=table,
            Key={"id": {"S": "u"}},
            UpdateExpression="SET a = if_not_exists(a, :zero) + :one, b = :b REMOVE c",
            ExpressionAttributeValues={
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
                ":b": {"S": "new"},
            },
            ReturnValues=wanted,
            **more,
        ).get("Attributes")

    dynamodb.put_item(
        TableName=table,
        Item={"id": {"S": "u"}, "b": {"S": "old"}, "c": {"S": "gone"}, "d": {"S": "kept"}},
    )
    assert update("UPDATED_OLD") == {"b": {"S": "old"}, "c": {"S": "gone"}}
    assert update("UPDATED_NEW") == {"a": {"N": "2"}, "b": {"S": "new"}}
    assert update("ALL_OLD")["a"] == {"N": "2"}
    assert update("ALL_NEW") == {
        "id": {"S": "u"},
        "a": {"N": "4"},
        "b": {"S": "new"},
        "d": {"S": "kept"},
    }
    assert update("NONE") is None
    capacity = dynamodb.update_item(
        TableName=table, Key={"id": {"S": "u"}}, ReturnConsumedCapacity="TOTAL"
    )["ConsumedCapacity"]
    assert capacity == {"TableName": table, "CapacityUnits": 1.0}


def test_delete_gives_the_item_back(dynamodb, table):
    item = {"id": {"S": "d"}, "n": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item=item)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.delete_item(
            TableName=table,
            Key={"id": {"S": "d"}},
            ConditionExpression="n > :two",
            ExpressionAttributeValues={":two": {"N": "2"}},
        )
    deleted = dynamodb.delete_item(TableName=table, Key={"id": {"S": "d"}}, ReturnValues="ALL_OLD")
    assert deleted["Attributes"] == item
    again = dynamodb.delete_item(TableName=table, Key={"id": {"S": "d"}}, ReturnValues="ALL_OLD")
    assert "Attributes" not in again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"UpdateExpression": "SET id = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
            "One or more parameter values were invalid: Cannot update attribute id. This attribute is "
            "part of the key",
        ),
        (
            {"UpdateExpression": "SET a = :v"},
            "Invalid UpdateExpression: An expression attribute value used in expression is not "
            "defined; attribute value: :v",
        ),
        (
            {"UpdateExpression": "SET name = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
            "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name",
        ),
        (
            {
                "UpdateExpression": "SET a = :v",
                "ExpressionAttributeValues": {":v": {"S": "x"}, ":w": {"S": "y"}},
            },
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
        ),
        (
            {"ExpressionAttributeNames": {"#a": "a"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            {
                "UpdateExpression": "SET a = missing_one + :v",
                "ExpressionAttributeValues": {":v": {"N": "1"}},
            },
            "The provided expression refers to an attribute that does not exist in the item",
        ),
    ],
)
def test_updates_that_cannot_be_are_refused(dynamodb, table, arguments, message):
    with pytest.raises(ClientError) as raised:
        dynamodb.update_item(TableName=table, Key={"id": {"S": "a"}}, **arguments)
    assert code_and_message(raised) == ("ValidationException", message)


def test_the_older_parameters_still_work(dynamodb, table):
    """The Kinesis Client Library keeps its leases with Expected and AttributeUpdates."""
    key = {"id": {"S": "lease"}}
    dynamodb.put_item(
        TableName=table,
        Item={**key, "leaseCounter": {"N": "1"}, "leaseOwner": {"S": "w1"}},
        Expected={"id": {"Exists": False}},
    )
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=table, Item=key, Expected={"id": {"Exists": False}})
    renewed = dynamodb.update_item(
        TableName=table,
        Key=key,
        AttributeUpdates={
            "leaseCounter": {"Value": {"N": "2"}, "Action": "PUT"},
            "checkpoints": {"Value": {"N": "1"}, "Action": "ADD"},
            "leaseOwner": {"Action": "DELETE"},
        },
        Expected={"leaseCounter": {"Value": {"N": "1"}}, "leaseOwner": {"Value": {"S": "w1"}}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    assert renewed == {**key, "leaseCounter": {"N": "2"}, "checkpoints": {"N": "1"}}
    with pytest.raises(ClientError) as raised:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            AttributeUpdates={"a": {"Value": {"N": "1"}}},
            ConditionExpression="attribute_exists(id)",
        )
    assert code_and_message(raised) == (
        "ValidationException",
        "Can not use both expression and non-expression parameters in the same request: Non-expression "
        "parameters: {AttributeUpdates} Expression parameters: {ConditionExpression}",
    )


def test_the_resource_layer_works(server, table):
    session = Session(
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
        region_name=REGION,
    )
    resource = session.resource("dynamodb", endpoint_url=server.endpoint_url).Table(table)
    resource.put_item(
        Item={"id": "r", "price": Decimal("9.99"), "tags": {"a", "b"}, "doc": {"k": [1]}}
    )
    item = resource.get_item(Key={"id": "r"})["Item"]
    assert item == {
        "id": "r",
        "price": Decimal("9.99"),
        "tags": {"a", "b"},
        "doc": {"k": [Decimal(1)]},
    }
    with resource.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"id": f"b{number}", "number": number})
    scanned = resource.scan(FilterExpression=Attr("number").between(10, 19))
    assert scanned["Count"] == 10
    resource.update_item(
        Key={"id": "r"},
        UpdateExpression="SET price = price - :x",
        ExpressionAttributeValues={":x": Decimal("0.99")},
        ConditionExpression=Attr("price").gt(5),
    )
    assert resource.get_item(Key={"id": "r"})["Item"]["price"] == Decimal(9)


def test_the_cli_works(aws_cli, unique):
    name = unique("table")
    aws_cli(
        "dynamodb",
        "create-table",
        "--table-name",
        name,
        "--key-schema",
        "AttributeName=id,KeyType=HASH",
        "--attribute-definitions",
        "AttributeName=id,AttributeType=S",
        "--billing-mode",
        "PAY_PER_REQUEST",
    )
    aws_cli("dynamodb", "wait", "table-exists", "--table-name", name)
    aws_cli(
        "dynamodb",
        "put-item",
        "--table-name",
        name,
        "--item",
        '{"id": {"S": "a"}, "n": {"N": "5"}}',
    )
    got = aws_cli("dynamodb", "get-item", "--table-name", name, "--key", '{"id": {"S": "a"}}')
    assert got["Item"]["n"] == {"N": "5"}
    assert aws_cli("dynamodb", "scan", "--table-name", name)["Count"] == 1
    aws_cli("dynamodb", "delete-table", "--table-name", name)


def test_what_is_not_there_says_its_name(dynamodb):
    with pytest.raises(ClientError) as raised:
        dynamodb.execute_statement(Statement="SELECT * FROM t")
    assert raised.value.response["Error"]["Code"] == "NotImplemented"
    assert "ExecuteStatement" in raised.value.response["Error"]["Message"]


def test_acknowledged_items_survive_a_kill(fresh_server):
    dynamodb = fresh_server.client("dynamodb")
    dynamodb.create_table(TableName="kept", **PAIR)
    dynamodb.get_waiter("table_exists").wait(TableName="kept", WaiterConfig={"Delay": 1})
    acknowledged = []

    def write():
        own = fresh_server.client("dynamodb", connect_timeout=1)
        number = 0
        while True:
            try:
                item = {"pk": {"S": "p"}, "sk": {"N": str(number)}, "n": {"N": str(number)}}
                own.put_item(TableName="kept", Item=item)
            except (BotoCoreError, ClientError):
                return
            acknowledged.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(3)
    fresh_server.kill9()
    writer.join()
    fresh_server.restart()
    dynamodb = fresh_server.client("dynamodb")
    pages = dynamodb.get_paginator("query").paginate(
        TableName="kept",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "p"}},
    )
    found = [int(item["n"]["N"]) for page in pages for item in page["Items"]]
    assert len(acknowledged) > 10
    assert found[: len(acknowledged)] == acknowledged
    described = dynamodb.describe_table(TableName="kept")["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["ItemCount"] == len(found)
