"""Purge: all files of a table that was dropped with purgeRequested."""

from __future__ import annotations

from pyiceberg.table import StaticTable

from tarn_maintenance.expiry import is_false
from tarn_maintenance.table import file_settings, files_of, manifests_of, metadata_files_of


def run(order, store):
    table = StaticTable.from_metadata(order["metadata_location"], file_settings(order))
    snapshots = table.metadata.snapshots
    manifests = manifests_of(snapshots, table.io)
    unwanted = set()
    # Without gc.enabled data may be another table's; the metadata is this one's.
    if not is_false(table, "gc.enabled"):
        unwanted |= files_of(manifests.values(), table.io, live_only=False)
    unwanted.update(manifests)
    unwanted.update(each.manifest_list for each in snapshots)
    removed = store.remove(unwanted)
    # Last, so that a purge that was cut short can be done again.
    documents = metadata_files_of(table) - {table.metadata_location}
    removed += store.remove(documents)
    removed += store.remove([table.metadata_location])
    return {"files": removed}
