"""What the tests of the Iceberg REST catalog share: clients of it, and names of their own."""

from __future__ import annotations

from pathlib import Path

import duckdb
import duckdb_extension_avro
import duckdb_extension_httpfs
import duckdb_extension_iceberg
import pyarrow as pa
import requests
from pyiceberg.catalog.rest import RestCatalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})


def rest_catalog(server, **properties) -> RestCatalog:
    """PyIceberg with a bearer token for catalog and keys for objects. None leaves a setting out."""
    settings = {
        "uri": f"{server.endpoint_url}/iceberg",
        "credential": f"{server.access_key_id}:{server.secret_access_key}",
        "oauth2-server-uri": f"{server.endpoint_url}/iceberg/v1/oauth/tokens",
        "s3.access-key-id": server.access_key_id,
        "s3.secret-access-key": server.secret_access_key,
        **properties,
    }
    return RestCatalog("tarn", **{k: v for k, v in settings.items() if v is not None})


class Http:
    """The REST API without a client of Iceberg: statuses and errors as they are on the wire."""

    def __init__(self, server):
        self.root = f"{server.endpoint_url}/iceberg/v1/"
        self.session = requests.Session()
        self.session.auth = (server.access_key_id, server.secret_access_key)

    def __call__(self, method, path, body=None, **more):
        return self.session.request(method, self.root + path, json=body, timeout=30, **more)

    def error(self, method, path, body=None, **more):
        """(status, ErrorModel's type); the two codes agree."""
        answer = self(method, path, body, **more)
        model = answer.json()["error"]
        assert model["code"] == answer.status_code
        assert model["message"]
        return answer.status_code, model["type"]


def duckdb_on(server, **attach):
    """DuckDB with the catalog attached as `ice`, signed in by OAuth2. Its keys to objects are those
    that the catalog gives it."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "false"})
    for module in (duckdb_extension_httpfs, duckdb_extension_avro, duckdb_extension_iceberg):
        folder = Path(module.__file__).parent / "extensions" / f"v{duckdb.__version__}"
        [extension] = folder.glob("*.duckdb_extension")
        connection.load_extension(str(extension))
    connection.execute(
        f"""CREATE SECRET catalog (TYPE iceberg, CLIENT_ID '{server.access_key_id}',
            CLIENT_SECRET '{server.secret_access_key}',
            OAUTH2_SERVER_URI '{server.endpoint_url}/iceberg/v1/oauth/tokens')"""
    )
    options = "".join(f", {name} {value}" for name, value in attach.items())
    connection.execute(
        f"""ATTACH '' AS ice (TYPE iceberg, SECRET catalog,
            ENDPOINT '{server.endpoint_url}/iceberg'{options})"""
    )
    return connection


def schema_json(*names):
    return {
        "type": "struct",
        "fields": [
            {"id": number, "name": name, "type": "long", "required": False}
            for number, name in enumerate(names)
        ],
    }
