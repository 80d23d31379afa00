"""DynamoDB as programs use it: boto3's resource layer, locks, leases, and what consoles and Terraform ask."""

from __future__ import annotations

import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.session import Session
from botocore.exceptions import ClientError
from tarn_server import REGION

HASH = {"AttributeName": "id", "KeyType": "HASH"}


def attributes(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def index(name, *keys, projection="ALL", more=()):
    schema = [
        {"AttributeName": key, "KeyType": kind}
        for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]
    shown = {"ProjectionType": projection}
    if more:
        shown["NonKeyAttributes"] = list(more)
    return {"IndexName": name, "KeySchema": schema, "Projection": shown}


def code_of(raised):
    return raised.value.response["Error"]["Code"]


@pytest.fixture
def dynamodb(client):
    return client("dynamodb")


@pytest.fixture
def resource(server):
    return Session().resource(
        "dynamodb",
        region_name=REGION,
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )


@pytest.fixture
def make_table(resource, unique):
    made = []

    def make(*keys, **more):
        table = resource.create_table(
            TableName=unique("table"),
            KeySchema=[HASH],
            AttributeDefinitions=attributes("id", *keys),
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        table.wait_until_exists()
        made.append(table)
        return table

    yield make
    for table in made:
        table.delete()


# --- boto3's resource layer -----------------------------------------------------------------------


def test_a_batch_writer_splits_and_drops_what_repeats(make_table):
    table = make_table()
    with table.batch_writer(overwrite_by_pkeys=["id"]) as batch:
        for number in range(60):
            batch.put_item(Item={"id": str(number % 50), "number": number})
        batch.delete_item(Key={"id": "0"})
    items = {item["id"]: int(item["number"]) for item in table.scan()["Items"]}
    assert len(items) == 49
    assert items["9"] == 59


def test_conditions_of_the_resource_layer(make_table):
    table = make_table("owner", GlobalSecondaryIndexes=[index("by-owner", "owner", "id")])
    for number in range(10):
        table.put_item(Item={"id": f"{number}", "owner": "alice", "size": number, "tags": {"a"}})
    found = table.query(
        IndexName="by-owner",
        KeyConditionExpression=Key("owner").eq("alice") & Key("id").between("2", "8"),
        FilterExpression=(Attr("size").gt(3) | Attr("size").eq(2)) & ~Attr("tags").contains("b"),
        ProjectionExpression="id",
    )["Items"]
    assert [item["id"] for item in found] == ["2", "4", "5", "6", "7", "8"]
    table.update_item(
        Key={"id": "1"},
        UpdateExpression="SET #s = #s + :one",
        ConditionExpression=Attr("size").lt(5) & Attr("nothing").not_exists(),
        ExpressionAttributeNames={"#s": "size"},
        ExpressionAttributeValues={":one": 1},
    )
    assert table.get_item(Key={"id": "1"})["Item"]["size"] == 2


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("(#s) = :five", True),
        ("#s = (:five)", True),
        ("(#s) = (:five) AND (id) = :id", True),
        ("((#s) > :four)", True),
        ("(#s) BETWEEN (:four) AND (:five)", True),
        ("(#s) IN ((:four), (:five))", True),
        ("NOT (#s) = :four", True),
        ("(size(id)) = :one", True),
        ("(#s) = :four OR ((#s) = :four)", False),
    ],
)
def test_operands_may_stand_in_parentheses(make_table, condition, held):
    table = make_table()
    table.put_item(Item={"id": "1", "size": 5})
    values = {":five": 5, ":four": 4, ":one": 1, ":id": "1"}
    names = {"#s": "size"} if "#s" in condition else {}
    arguments = {
        "Key": {"id": "1"},
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {k: v for k, v in values.items() if k in condition},
        **({"ExpressionAttributeNames": names} if names else {}),
    }
    if held:
        table.delete_item(**arguments)
        return
    with pytest.raises(ClientError) as raised:
        table.delete_item(**arguments)
    assert code_of(raised) == "ConditionalCheckFailedException"


@pytest.mark.parametrize("condition", ["((id)) = :v", "(id = :v) = :v", "(id, id) = :v", "(id"])
def test_what_parentheses_may_not_hold(make_table, condition):
    table = make_table()
    with pytest.raises(ClientError) as raised:
        table.delete_item(
            Key={"id": "1"},
            ConditionExpression=condition,
            ExpressionAttributeValues={":v": "1"},
        )
    assert code_of(raised) == "ValidationException"


# --- capacity -------------------------------------------------------------------------------------


def test_capacity_is_told_of_table_and_indexes(make_table):
    table = make_table(
        "owner", GlobalSecondaryIndexes=[index("by-owner", "owner", projection="KEYS_ONLY")]
    )
    body = "x" * 2500

    def put(**item):
        return table.put_item(Item=item, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]

    consumed = put(id="1", owner="alice", body=body)
    assert consumed["CapacityUnits"] == 4
    assert consumed["Table"] == {"CapacityUnits": 3}
    assert consumed["GlobalSecondaryIndexes"] == {"by-owner": {"CapacityUnits": 1}}
    # The index does not hold what changed; then the entry moves.
    assert "GlobalSecondaryIndexes" not in put(id="1", owner="alice", body="y" * 2500)
    assert put(id="1", owner="bob")["GlobalSecondaryIndexes"]["by-owner"]["CapacityUnits"] == 2
    total = table.put_item(Item={"id": "2", "owner": "bob"}, ReturnConsumedCapacity="TOTAL")
    assert total["ConsumedCapacity"] == {"TableName": table.name, "CapacityUnits": 2}
    read = table.query(
        IndexName="by-owner",
        KeyConditionExpression=Key("owner").eq("bob"),
        ReturnConsumedCapacity="INDEXES",
    )["ConsumedCapacity"]
    assert read["Table"] == {"CapacityUnits": 0}
    assert read["GlobalSecondaryIndexes"] == {"by-owner": {"CapacityUnits": 0.5}}


def test_capacity_of_batches_and_transactions(make_table, dynamodb):
    table = make_table("owner", GlobalSecondaryIndexes=[index("by-owner", "owner")])
    item = {"id": {"S": "1"}, "owner": {"S": "alice"}}
    batch = dynamodb.batch_write_item(
        RequestItems={table.name: [{"PutRequest": {"Item": item}}]},
        ReturnConsumedCapacity="INDEXES",
    )["ConsumedCapacity"]
    assert [part["CapacityUnits"] for part in batch] == [2]
    written = dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": table.name, "Item": item | {"n": {"N": "1"}}}}],
        ReturnConsumedCapacity="INDEXES",
    )["ConsumedCapacity"][0]
    assert written["CapacityUnits"] == written["WriteCapacityUnits"] == 4
    assert written["GlobalSecondaryIndexes"]["by-owner"]["WriteCapacityUnits"] == 2
    read = dynamodb.transact_get_items(
        TransactItems=[{"Get": {"TableName": table.name, "Key": {"id": {"S": "1"}}}}],
        ReturnConsumedCapacity="TOTAL",
    )["ConsumedCapacity"][0]
    assert read["CapacityUnits"] == read["ReadCapacityUnits"] == 2


# --- locks and leases -----------------------------------------------------------------------------


def test_the_calls_of_icebergs_lock_manager(dynamodb, unique):
    """Acquire, heartbeat and release as org.apache.iceberg.aws.dynamodb.DynamoDbLockManager does them."""
    name = unique("locks")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "entityId", "KeyType": "HASH"}],
        AttributeDefinitions=attributes("entityId"),
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})

    def lock(owner, version):
        return {
            "entityId": {"S": "db.table"},
            "ownerId": {"S": owner},
            "version": {"S": version},
            "leaseDurationMs": {"N": "15000"},
        }

    free = "attribute_not_exists(entityId)"
    dynamodb.put_item(TableName=name, Item=lock("a", "1"), ConditionExpression=free)
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=name, Item=lock("b", "2"), ConditionExpression=free)
    assert code_of(raised) == "ConditionalCheckFailedException"
    held = dynamodb.get_item(
        TableName=name, Key={"entityId": {"S": "db.table"}}, ConsistentRead=True
    )["Item"]
    assert held["version"] == {"S": "1"}
    dynamodb.put_item(
        TableName=name,
        Item=lock("a", "3"),
        ConditionExpression="attribute_exists(entityId) AND ownerId = :oid",
        ExpressionAttributeValues={":oid": {"S": "a"}},
    )
    take_over = {
        "ConditionExpression": "attribute_not_exists(entityId) OR "
        "(entityId = :eid AND version = :vid)",
    }

    def values(version):
        return {":eid": {"S": "db.table"}, ":vid": {"S": version}}

    with pytest.raises(ClientError):
        dynamodb.put_item(
            TableName=name,
            Item=lock("b", "4"),
            ExpressionAttributeValues=values("1"),
            **take_over,
        )
    dynamodb.put_item(
        TableName=name, Item=lock("b", "4"), ExpressionAttributeValues=values("3"), **take_over
    )
    dynamodb.delete_item(
        TableName=name,
        Key={"entityId": {"S": "db.table"}},
        ConditionExpression="attribute_exists(entityId) AND ownerId = :oid",
        ExpressionAttributeValues={":oid": {"S": "b"}},
    )
    dynamodb.delete_table(TableName=name)


def test_the_calls_of_a_lease_table(dynamodb, unique):
    """Leases as the Kinesis Client Library keeps them: the older parameters, and an index by owner."""
    name = unique("leases")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "leaseKey", "KeyType": "HASH"}],
        AttributeDefinitions=attributes("leaseKey", "leaseOwner"),
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            index("LeaseOwnerToLeaseKeyIndex", "leaseOwner", "leaseKey", projection="KEYS_ONLY")
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    lease = {"leaseKey": {"S": "shardId-0"}, "leaseCounter": {"N": "0"}}
    absent = {"leaseKey": {"Exists": False}}
    dynamodb.put_item(TableName=name, Item=lease, Expected=absent)
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=name, Item=lease, Expected=absent)
    assert code_of(raised) == "ConditionalCheckFailedException"

    def take(counter, owner):
        dynamodb.update_item(
            TableName=name,
            Key={"leaseKey": {"S": "shardId-0"}},
            Expected={"leaseCounter": {"Value": {"N": str(counter)}}},
            AttributeUpdates={
                "leaseCounter": {"Value": {"N": str(counter + 1)}, "Action": "PUT"},
                "leaseOwner": {"Value": {"S": owner}, "Action": "PUT"},
                "ownerSwitchesSinceCheckpoint": {"Value": {"N": "1"}, "Action": "ADD"},
            },
        )

    take(0, "worker-1")
    with pytest.raises(ClientError):
        take(0, "worker-2")
    take(1, "worker-2")
    owned = dynamodb.query(
        TableName=name,
        IndexName="LeaseOwnerToLeaseKeyIndex",
        KeyConditionExpression="leaseOwner = :o",
        ExpressionAttributeValues={":o": {"S": "worker-2"}},
    )["Items"]
    assert owned == [{"leaseKey": {"S": "shardId-0"}, "leaseOwner": {"S": "worker-2"}}]
    dynamodb.delete_table(TableName=name)


# --- what consoles, Terraform and SDKs ask ---------------------------------------------------------


def test_the_endpoint_is_where_the_caller_is(dynamodb, server):
    (endpoint,) = dynamodb.describe_endpoints()["Endpoints"]
    assert endpoint["Address"] == server.endpoint_url.removeprefix("http://")
    assert endpoint["CachePeriodInMinutes"] == 1440


def test_there_are_no_continuous_backups(make_table, dynamodb):
    table = make_table()
    told = dynamodb.describe_continuous_backups(TableName=table.name)
    assert told["ContinuousBackupsDescription"] == {
        "ContinuousBackupsStatus": "DISABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_continuous_backups(TableName="no-such-table")
    assert code_of(raised) == "TableNotFoundException"


def test_streams_are_refused_by_name(dynamodb, client, unique):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(
            TableName=unique("table"),
            KeySchema=[HASH],
            AttributeDefinitions=attributes("id"),
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
    assert code_of(raised) == "NotImplemented"
    with pytest.raises(ClientError) as raised:
        client("dynamodbstreams").list_streams()
    assert code_of(raised) == "NotImplemented"
    with pytest.raises(ClientError) as raised:
        dynamodb.update_continuous_backups(
            TableName="t", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    assert code_of(raised) == "NotImplemented"
