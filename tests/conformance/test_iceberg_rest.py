"""The Iceberg REST catalog as PyIceberg and plain HTTP use it."""

from __future__ import annotations

import json
import threading

import boto3
import pyarrow as pa
import pytest
import requests
from botocore.exceptions import ClientError
from iceberg_steps import ROWS, Http, rest_catalog, schema_json
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchTableError,
    NoSuchViewError,
    OAuthError,
    TableAlreadyExistsError,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType
from tarn_server import REGION


@pytest.fixture(scope="module")
def bucket(server):
    server.client("s3").create_bucket(
        Bucket="iceberg-rest", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return "iceberg-rest"


@pytest.fixture
def catalog(server):
    return rest_catalog(server)


@pytest.fixture
def http(server):
    return Http(server)


@pytest.fixture
def space(catalog, bucket, unique):
    """A namespace of the test's own, with a place for its tables."""
    name = unique("space").replace("-", "_")
    catalog.create_namespace(name, {"location": f"s3://{bucket}/{name}"})
    return name


def ids(table):
    return sorted(table.scan().to_arrow()["id"].to_pylist())


# --- configuration and sign-in --------------------------------------------------------------------


def test_the_configuration_names_endpoints_and_where_objects_are(http, server):
    config = http("GET", "config").json()
    assert config["defaults"]["s3.endpoint"] == server.endpoint_url
    assert "POST /v1/{prefix}/transactions/commit" in config["endpoints"]
    assert config["overrides"] == {}
    account = server.facts["account_id"]
    assert http("GET", f"config?warehouse={account}").status_code == 200
    assert http.error("GET", "config?warehouse=other") == (404, "NoSuchWarehouseException")


def test_nobody_reads_without_signing_in(server, http):
    anonymous = requests.get(http.root + "namespaces", timeout=30)
    assert anonymous.status_code == 401
    assert anonymous.json()["error"]["type"] == "NotAuthorizedException"
    for header in ("Bearer nonsense", "Bearer tarn.AKIA.99999999999999.00", "Basic eDp5"):
        wrong = requests.get(
            http.root + "namespaces", headers={"Authorization": header}, timeout=30
        )
        assert wrong.status_code == 401, header
    with pytest.raises(OAuthError, match="Unknown access key id or wrong secret"):
        rest_catalog(server, credential="AKIANOBODY:wrong")


def test_a_token_is_exchanged_for_another(server, http):
    keys = {"client_id": server.access_key_id, "client_secret": server.secret_access_key}
    url = http.root + "oauth/tokens"
    first = requests.post(url, data={"grant_type": "client_credentials", **keys}, timeout=30).json()
    assert first["token_type"] == "bearer"
    assert first["expires_in"] == 3600
    second = requests.post(
        url,
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": first["access_token"],
            "subject_token_type": first["issued_token_type"],
        },
        timeout=30,
    ).json()
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert requests.get(http.root + "namespaces", headers=bearer, timeout=30).status_code == 200
    refused = requests.post(url, data={"grant_type": "password"}, timeout=30)
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


def test_sigv4_signs_in_and_s3_keeps_a_bucket_of_the_same_name(server, space, client):
    signed = rest_catalog(
        server,
        **{
            "credential": None,
            "oauth2-server-uri": None,
            "rest.sigv4-enabled": "true",
            "rest.signing-name": "glue",
            "rest.signing-region": REGION,
            "client.access-key-id": server.access_key_id,
            "client.secret-access-key": server.secret_access_key,
        },
    )
    signed.create_table(f"{space}.t", schema=ROWS.schema).append(ROWS)
    assert ids(signed.load_table(f"{space}.t")) == [1, 2, 3]
    s3 = client("s3")
    s3.create_bucket(Bucket="iceberg", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="iceberg", Key="v1/namespaces", Body=b"mine")
    assert s3.get_object(Bucket="iceberg", Key="v1/namespaces")["Body"].read() == b"mine"


# --- vended credentials ---------------------------------------------------------------------------


@pytest.fixture
def vended(catalog, http, client, space):
    """A table, the keys for its objects, and a client of S3 that has no others."""
    table = catalog.create_table(f"{space}.t", schema=ROWS.schema)
    delegation = {"X-Iceberg-Access-Delegation": "vended-credentials"}
    loaded = http("GET", f"namespaces/{space}/tables/t", headers=delegation).json()
    [credential] = loaded["storage-credentials"]
    assert credential["prefix"] == table.location()
    config = credential["config"]
    assert loaded["config"] == config
    return table, boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=config["s3.endpoint"],
        aws_access_key_id=config["s3.access-key-id"],
        aws_secret_access_key=config["s3.secret-access-key"],
        aws_session_token=config["s3.session-token"],
    )


def test_vended_keys_are_good_for_the_tables_folder_only(vended, bucket, space):
    table, s3 = vended
    folder = table.location().removeprefix(f"s3://{bucket}/")
    s3.put_object(Bucket=bucket, Key=f"{folder}/data/x", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key=f"{folder}/data/x")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"{folder}/data/")["KeyCount"] == 1
    for refused in (
        lambda: s3.put_object(Bucket=bucket, Key=f"{folder}2/data/x", Body=b"x"),
        lambda: s3.get_object(Bucket=bucket, Key=f"{space}/other"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"{space}/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.list_buckets(),
        lambda: s3.create_bucket(
            Bucket="not-mine", CreateBucketConfiguration={"LocationConstraint": REGION}
        ),
    ):
        with pytest.raises(ClientError) as raised:
            refused()
        assert raised.value.response["Error"]["Code"] == "AccessDenied"


def test_pyiceberg_needs_no_keys_of_its_own(server, catalog, http, space):
    keyless = rest_catalog(server, **{"s3.access-key-id": None, "s3.secret-access-key": None})
    keyless.create_table(f"{space}.t", schema=ROWS.schema).append(ROWS)
    assert ids(keyless.load_table(f"{space}.t")) == [1, 2, 3]
    answer = http("GET", f"namespaces/{space}/tables/t/credentials").json()
    assert set(answer["storage-credentials"][0]["config"]) >= {
        "s3.access-key-id",
        "s3.secret-access-key",
        "s3.session-token",
        "s3.session-token-expires-at-ms",
    }


# --- namespaces -----------------------------------------------------------------------------------


def test_a_namespace_is_a_database_of_glue(catalog, client, unique, bucket):
    name = unique("space").replace("-", "_")
    catalog.create_namespace(name, {"location": f"s3://{bucket}/x", "comment": "ours", "k": "v"})
    with pytest.raises(NamespaceAlreadyExistsError):
        catalog.create_namespace(name)
    database = client("glue").get_database(Name=name)["Database"]
    assert database["LocationUri"] == f"s3://{bucket}/x"
    assert database["Description"] == "ours"
    assert database["Parameters"] == {"k": "v"}
    summary = catalog.update_namespace_properties(name, {"missing", "k"}, {"n": "1"})
    assert (summary.updated, summary.removed, summary.missing) == (["n"], ["k"], ["missing"])
    assert catalog.load_namespace_properties(name) == {
        "location": f"s3://{bucket}/x",
        "comment": "ours",
        "n": "1",
    }
    assert catalog.namespace_exists(name)
    assert (name,) in catalog.list_namespaces()
    assert catalog.list_namespaces(name) == []
    catalog.drop_namespace(name)
    assert not catalog.namespace_exists(name)


def test_a_namespace_has_one_level(http, space):
    body = {"namespace": [space, "below"], "properties": {}}
    assert http.error("POST", "namespaces", body) == (400, "BadRequestException")
    assert http.error("GET", f"namespaces/{space}%1Fbelow") == (404, "NoSuchNamespaceException")


def test_what_is_wrong_with_a_namespace_is_said(catalog, http, space):
    both = {"removals": ["a"], "updates": {"a": "1"}}
    path = f"namespaces/{space}/properties"
    assert http.error("POST", path, both) == (422, "UnprocessableEntityException")
    catalog.create_table(f"{space}.t", schema=ROWS.schema)
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace(space)
    with pytest.raises(NoSuchNamespaceError):
        catalog.list_tables("no_such_space")
    assert http.error("DELETE", "namespaces/no_such_space") == (404, "NoSuchNamespaceException")


def test_lists_come_in_pages(catalog, http, space):
    for name in ("a", "b", "c"):
        catalog.create_table(f"{space}.{name}", schema=ROWS.schema)
    path = f"namespaces/{space}/tables"
    first = http("GET", f"{path}?pageToken=&pageSize=2").json()
    assert [each["name"] for each in first["identifiers"]] == ["a", "b"]
    rest = http("GET", path, params={"pageToken": first["next-page-token"]}).json()
    assert [each["name"] for each in rest["identifiers"]] == ["c"]
    assert "next-page-token" not in rest
    assert len(http("GET", path).json()["identifiers"]) == 3
    assert http.error("GET", f"{path}?pageToken=&pageSize=0") == (400, "BadRequestException")


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_made_filled_evolved_and_dropped(catalog, space):
    schema = Schema(
        NestedField(1, "id", LongType(), required=True),
        NestedField(2, "name", StringType()),
        identifier_field_ids=[1],
    )
    table = catalog.create_table(
        f"{space}.events",
        schema=schema,
        partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "name")),
        sort_order=SortOrder(SortField(source_id=2, transform=IdentityTransform())),
        properties={"owner": "me"},
    )
    assert table.sort_order().order_id == 1
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table(f"{space}.events", schema=schema)
    rows = ROWS.cast(pa.schema([pa.field("id", pa.int64(), nullable=False), ("name", pa.string())]))
    table.append(rows)
    with table.update_schema() as change:
        change.add_column("more", StringType())
    with table.update_spec() as change:
        change.remove_field("name")
    with table.transaction() as transaction:
        transaction.set_properties(team="data")
        transaction.remove_properties("owner")
    table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "first").commit()
    table.delete("id = 2")
    again = catalog.load_table(f"{space}.events")
    assert ids(again) == [1, 3]
    assert again.properties["team"] == "data"
    assert "owner" not in again.properties
    assert len(again.specs()) == 2
    assert again.schema().identifier_field_ids == [1]
    tagged = again.scan(snapshot_id=again.snapshot_by_name("first").snapshot_id)
    assert len(tagged.to_arrow()) == 3
    assert len(again.metadata.metadata_log) >= 6
    catalog.drop_table(f"{space}.events")
    assert catalog.list_tables(space) == []
    with pytest.raises(NoSuchTableError):
        catalog.load_table(f"{space}.events")


def test_columns_get_ids_of_the_server(http, space, bucket):
    """Spark sends ids from 0; partition fields and sort orders follow the new ones."""
    made = http(
        "POST",
        f"namespaces/{space}/tables",
        {
            "name": "T",
            "schema": schema_json("a", "b"),
            "partition-spec": {
                "spec-id": 7,
                "fields": [{"name": "b", "transform": "identity", "source-id": 1}],
            },
            "properties": {"format-version": "3", "k": "v"},
        },
    ).json()
    metadata = made["metadata"]
    assert [field["id"] for field in metadata["schemas"][0]["fields"]] == [1, 2]
    assert metadata["partition-specs"][0]["fields"][0] == {
        "name": "b",
        "transform": "identity",
        "source-id": 2,
        "field-id": 1000,
    }
    assert metadata["format-version"] == 3
    assert metadata["properties"] == {"k": "v"}
    assert metadata["location"] == f"s3://{bucket}/{space}/t"
    assert made["metadata-location"].startswith(f"s3://{bucket}/{space}/t/metadata/00000-")


def test_where_a_table_goes(server, bucket, unique):
    name = unique("space").replace("-", "_")
    bare = rest_catalog(server)
    bare.create_namespace(name)
    with pytest.raises(Exception, match="It is not said where the data goes"):
        bare.create_table(f"{name}.t", schema=ROWS.schema)
    housed = rest_catalog(server, warehouse=f"s3://{bucket}/house")
    table = housed.create_table(f"{name}.t", schema=ROWS.schema)
    assert table.location() == f"s3://{bucket}/house/{name}.db/t"
    asked = bare.create_table(f"{name}.u", schema=ROWS.schema, location=f"s3://{bucket}/u/")
    assert asked.location() == f"s3://{bucket}/u"


def test_a_staged_table_is_there_when_it_is_committed(catalog, space):
    transaction = catalog.create_table_transaction(f"{space}.t", schema=ROWS.schema)
    assert not catalog.table_exists(f"{space}.t")
    transaction.append(ROWS)
    transaction.commit_transaction()
    assert ids(catalog.load_table(f"{space}.t")) == [1, 2, 3]
    late = {
        "requirements": [{"type": "assert-create"}],
        "updates": [],
    }
    http_error = Http.error(catalog_http(catalog), "POST", f"namespaces/{space}/tables/t", late)
    assert http_error == (409, "CommitFailedException")


def catalog_http(catalog):
    """The HTTP of a catalog's own session, with its token."""
    http = Http.__new__(Http)
    http.root = catalog.uri + "/v1/"
    http.session = catalog._session
    return http


def test_a_table_is_renamed_with_its_glue_entry(catalog, client, space):
    catalog.create_table(f"{space}.a", schema=ROWS.schema).append(ROWS)
    catalog.create_table(f"{space}.b", schema=ROWS.schema)
    with pytest.raises(TableAlreadyExistsError):
        catalog.rename_table(f"{space}.a", f"{space}.b")
    catalog.rename_table(f"{space}.a", f"{space}.c")
    assert ids(catalog.load_table(f"{space}.c")) == [1, 2, 3]
    names = [each["Name"] for each in client("glue").get_tables(DatabaseName=space)["TableList"]]
    assert names == ["b", "c"]
    with pytest.raises(NoSuchTableError):
        catalog.rename_table(f"{space}.a", f"{space}.d")


def test_a_table_is_registered_and_replaced(catalog, space):
    first = catalog.create_table(f"{space}.a", schema=ROWS.schema)
    empty = first.metadata_location
    first.append(ROWS)
    registered = catalog.register_table(f"{space}.b", first.metadata_location)
    assert ids(registered) == [1, 2, 3]
    with pytest.raises(TableAlreadyExistsError):
        catalog.register_table(f"{space}.b", empty)
    assert ids(catalog.register_table(f"{space}.b", empty, overwrite=True)) == []


def test_unknown_members_of_metadata_are_kept(catalog, http, client, space, bucket):
    table = catalog.create_table(f"{space}.t", schema=ROWS.schema)
    s3 = client("s3")
    key = table.metadata_location.removeprefix(f"s3://{bucket}/")
    document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    document["from-the-future"] = {"a": [1]}
    s3.put_object(Bucket=bucket, Key=f"{space}/odd.metadata.json", Body=json.dumps(document))
    catalog.register_table(f"{space}.odd", f"s3://{bucket}/{space}/odd.metadata.json")
    path = f"namespaces/{space}/tables/odd"
    change = {"updates": [{"action": "set-properties", "updates": {"a": "b"}}], "requirements": []}
    assert http("POST", path, change).json()["metadata"]["from-the-future"] == {"a": [1]}
    assert http("GET", path).json()["metadata"]["from-the-future"] == {"a": [1]}


def test_an_unchanged_table_is_not_sent_again(http, catalog, space):
    table = catalog.create_table(f"{space}.t", schema=ROWS.schema)
    path = f"namespaces/{space}/tables/t"
    etag = http("GET", path).headers["ETag"]
    same = http("GET", path, headers={"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    table.append(ROWS)
    assert http("GET", path, headers={"If-None-Match": etag}).status_code == 200
    table.append(ROWS)
    assert len(http("GET", path).json()["metadata"]["snapshots"]) == 2
    only = http("GET", path + "?snapshots=refs").json()["metadata"]["snapshots"]
    assert [each["snapshot-id"] for each in only] == [
        catalog.load_table(f"{space}.t").current_snapshot().snapshot_id
    ]


def test_heads_and_reports_have_no_body(http, catalog, space):
    catalog.create_table(f"{space}.t", schema=ROWS.schema)
    path = f"namespaces/{space}/tables/t"
    for answer in (http("HEAD", path), http("HEAD", f"namespaces/{space}")):
        assert (answer.status_code, answer.content) == (204, b"")
    assert http("HEAD", f"namespaces/{space}/tables/u").status_code == 404
    report = {
        "report-type": "commit-report",
        "table-name": "t",
        "snapshot-id": 1,
        "sequence-number": 1,
        "operation": "append",
        "metrics": {},
    }
    assert http("POST", path + "/metrics", report).status_code == 204
    assert http.error("POST", path + "/plan", {}) == (501, "NotImplemented")
    assert http.error("PUT", path) == (405, "MethodNotAllowedException")
    assert http.error("GET", "nothing") == (404, "NoSuchEndpointException")


# --- commits --------------------------------------------------------------------------------------

WRONG_REQUIREMENTS = [
    {"type": "assert-create"},
    {"type": "assert-table-uuid", "uuid": "00000000-0000-0000-0000-000000000000"},
    {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 7},
    {"type": "assert-last-assigned-field-id", "last-assigned-field-id": 9},
    {"type": "assert-current-schema-id", "current-schema-id": 9},
    {"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 9},
    {"type": "assert-default-spec-id", "default-spec-id": 9},
    {"type": "assert-default-sort-order-id", "default-sort-order-id": 9},
]


def test_each_requirement_is_held_against_the_table(http, catalog, space):
    catalog.create_table(f"{space}.t", schema=ROWS.schema)
    path = f"namespaces/{space}/tables/t"
    for requirement in WRONG_REQUIREMENTS:
        body = {"requirements": [requirement], "updates": []}
        assert http.error("POST", path, body) == (409, "CommitFailedException"), requirement
    for body in (
        {"requirements": [{"type": "assert-nothing"}], "updates": []},
        {"requirements": [], "updates": [{"action": "make-coffee"}]},
        {"requirements": [], "updates": [{"action": "set-current-schema", "schema-id": 5}]},
        {"requirements": []},
    ):
        assert http.error("POST", path, body) == (400, "BadRequestException"), body
    assert http.error(
        "POST", f"namespaces/{space}/tables/u", {"requirements": [], "updates": []}
    ) == (404, "NoSuchTableException")


def test_a_transaction_changes_all_tables_or_none(http, catalog, space):
    for name in ("a", "b"):
        catalog.create_table(f"{space}.{name}", schema=ROWS.schema)

    def change(name, value, *requirements):
        return {
            "identifier": {"namespace": [space], "name": name},
            "requirements": list(requirements),
            "updates": [{"action": "set-properties", "updates": {"v": value}}],
        }

    def values():
        return [catalog.load_table(f"{space}.{name}").properties.get("v") for name in "ab"]

    both = {"table-changes": [change("a", "1"), change("b", "1")]}
    assert http("POST", "transactions/commit", both).status_code == 204
    assert values() == ["1", "1"]
    stale = {"table-changes": [change("a", "2"), change("b", "2", WRONG_REQUIREMENTS[2])]}
    assert http.error("POST", "transactions/commit", stale) == (409, "CommitFailedException")
    missing = {"table-changes": [change("a", "2"), change("c", "2")]}
    assert http.error("POST", "transactions/commit", missing) == (404, "NoSuchTableException")
    twice = {"table-changes": [change("a", "2"), change("a", "3")]}
    assert http.error("POST", "transactions/commit", twice) == (400, "BadRequestException")
    assert values() == ["1", "1"]


def test_commits_through_glue_and_rest_lose_nothing(server, catalog, bucket, space):
    """Both race for one table, each from what it has loaded; the loser loads again."""
    glue = GlueCatalog(
        "glue",
        **{
            "client.access-key-id": server.access_key_id,
            "client.secret-access-key": server.secret_access_key,
            "client.region": REGION,
            "glue.endpoint": server.endpoint_url,
            "s3.endpoint": server.endpoint_url,
            "warehouse": f"s3://{bucket}/wh",
        },
    )
    catalog.create_table(
        f"{space}.t", schema=ROWS.schema, properties={"commit.retry.num-retries": "0"}
    )

    def commit(which, offset):
        for step in range(4):
            rows = pa.table({"id": pa.array([offset + step], pa.int64()), "name": ["x"]})
            while True:
                try:
                    which.load_table(f"{space}.t").append(rows)
                    break
                except CommitFailedException:
                    pass

    threads = [
        threading.Thread(target=commit, args=(each, offset))
        for each, offset in ((glue, 0), (catalog, 100))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = glue.load_table(f"{space}.t")
    assert ids(table) == [0, 1, 2, 3, 100, 101, 102, 103]
    assert len(table.snapshots()) == 8
    assert ids(catalog.load_table(f"{space}.t")) == ids(table)


# --- views ----------------------------------------------------------------------------------------


def view(name, sql, **more):
    return {
        "name": name,
        "schema": schema_json("id"),
        "view-version": {
            "version-id": 1,
            "timestamp-ms": 1,
            "schema-id": 0,
            "summary": {},
            "default-namespace": ["x"],
            "representations": [{"type": "sql", "sql": sql, "dialect": "spark"}],
        },
        "properties": {"p": "1"},
        **more,
    }


def test_a_view_is_made_replaced_renamed_and_dropped(http, catalog, client, space):
    made = http("POST", f"namespaces/{space}/views", view("V", "SELECT 1 AS id")).json()
    assert made["metadata"]["current-version-id"] == 1
    taken = view("v", "SELECT 2 AS id")
    assert http.error("POST", f"namespaces/{space}/views", taken) == (409, "AlreadyExistsException")
    path = f"namespaces/{space}/views/v"
    uuid = made["metadata"]["view-uuid"]
    replaced = http(
        "POST",
        path,
        {
            "requirements": [{"type": "assert-view-uuid", "uuid": uuid}],
            "updates": [
                {
                    "action": "add-view-version",
                    "view-version": view("v", "SELECT 2 AS id")["view-version"],
                },
                {"action": "set-current-view-version", "view-version-id": -1},
            ],
        },
    ).json()["metadata"]
    assert replaced["current-version-id"] == 2
    assert [entry["version-id"] for entry in replaced["version-log"]] == [1, 2]
    assert catalog.list_views(space) == [(space, "v")]
    assert catalog.list_tables(space) == []
    assert catalog.load_view(f"{space}.v").metadata.current_version_id == 2
    entry = client("glue").get_table(DatabaseName=space, Name="v")["Table"]
    assert (entry["TableType"], entry["ViewOriginalText"]) == ("VIRTUAL_VIEW", "SELECT 2 AS id")
    moved = {
        "source": {"namespace": [space], "name": "v"},
        "destination": {"namespace": [space], "name": "w"},
    }
    assert http("POST", "views/rename", moved).status_code == 204
    location = http("GET", f"namespaces/{space}/views/w").json()["metadata-location"]
    catalog.register_view(f"{space}.copy", location)
    assert catalog.view_exists(f"{space}.copy")
    catalog.drop_view(f"{space}.w")
    with pytest.raises(NoSuchViewError):
        catalog.load_view(f"{space}.w")
    with pytest.raises(NoSuchTableError):
        catalog.load_table(f"{space}.copy")
    stale = {"requirements": [{"type": "assert-view-uuid", "uuid": "x"}], "updates": []}
    path = f"namespaces/{space}/views/copy"
    assert http.error("POST", path, stale) == (409, "CommitFailedException")
