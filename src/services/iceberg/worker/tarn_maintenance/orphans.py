"""Orphan removal: old objects in the table's data and metadata folders that nothing refers to.

https://iceberg.apache.org/docs/latest/maintenance/#delete-orphan-files
"""

from __future__ import annotations

import time

from tarn_maintenance.expiry import is_false
from tarn_maintenance.store import Store, split
from tarn_maintenance.table import files_of, manifests_of, metadata_files_of


def wanted_objects(table):
    """(bucket, key) of everything that the table refers to."""
    snapshots = table.metadata.snapshots
    manifests = manifests_of(snapshots, table.io)
    named = metadata_files_of(table)
    named.update(each.manifest_list for each in snapshots)
    named.update(manifests)
    named.update(files_of(manifests.values(), table.io, live_only=True))
    return {split(location) for location in named}


def folders_of(table):
    properties = table.metadata.properties
    location = table.metadata.location.rstrip("/")
    return (
        properties.get("write.data.path", f"{location}/data"),
        properties.get("write.metadata.path", f"{location}/metadata"),
    )


def run(table, order):
    if is_false(table, "gc.enabled"):
        return {"left_out": "gc.enabled is false"}
    if order.get("shares_location_with"):
        return {"left_out": f"its folder is also {order['shares_location_with']}'s"}
    store = Store(order)
    # Listed before the table is read: what is made meanwhile is not in the list.
    oldest = time.time() - order["older_than_ms"] / 1000
    old = [
        location
        for folder in folders_of(table)
        for location, _, modified in store.list(folder)
        if modified.timestamp() < oldest
    ]
    table.refresh()
    wanted = wanted_objects(table)
    return {"files": store.remove([each for each in old if split(each) not in wanted])}
