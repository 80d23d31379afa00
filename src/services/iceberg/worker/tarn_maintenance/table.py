"""The table of an order, and what of it is reachable."""

from __future__ import annotations

import os

from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.manifest import ManifestEntryStatus
from pyiceberg.table import Table


def file_settings(order):
    """What PyIceberg needs to reach the objects."""
    return {
        "s3.endpoint": order["endpoint"],
        "s3.region": order["region"],
        "s3.access-key-id": os.environ["AWS_ACCESS_KEY_ID"],
        "s3.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "s3.session-token": os.environ.get("AWS_SESSION_TOKEN", ""),
        "s3.force-virtual-addressing": "false",
    }


def load(order) -> Table:
    """The table as it is now, through the Iceberg REST catalog."""
    catalog = RestCatalog(
        "tarn",
        **{
            "uri": order["endpoint"] + "/iceberg",
            "rest.sigv4-enabled": "true",
            "rest.signing-name": "glue",
            "rest.signing-region": order["region"],
            "client.region": order["region"],
            "client.access-key-id": os.environ["AWS_ACCESS_KEY_ID"],
            "client.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "client.session-token": os.environ.get("AWS_SESSION_TOKEN", ""),
            "header.X-Iceberg-Access-Delegation": "",
            **file_settings(order),
        },
    )
    return catalog.load_table((order["database"], order["table"]))


def manifests_of(snapshots, io):
    """Manifests of the snapshots by their paths."""
    return {each.manifest_path: each for snapshot in snapshots for each in snapshot.manifests(io)}


def files_of(manifests, io, *, live_only):
    """Paths of data and delete files that the manifests name."""
    paths = set()
    for manifest in manifests:
        for entry in manifest.fetch_manifest_entry(io, discard_deleted=live_only):
            if live_only and entry.status == ManifestEntryStatus.DELETED:
                continue
            paths.add(entry.data_file.file_path)
    return paths


def metadata_files_of(table):
    """Files of metadata that the table's document names, itself among them."""
    metadata = table.metadata
    named = {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    named.update(each.statistics_path for each in metadata.statistics)
    named.update(each.statistics_path for each in metadata.partition_statistics)
    return named
