"""Snapshot expiry by the table's own settings, and removal of what only expired snapshots held.

https://iceberg.apache.org/docs/latest/maintenance/#expire-snapshots,
https://iceberg.apache.org/docs/latest/configuration/ (history.expire.*)
"""

from __future__ import annotations

import time

from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
from pyiceberg.table.snapshots import ancestors_of
from pyiceberg.table.update import (
    AssertRefSnapshotId,
    AssertTableUUID,
    RemoveSnapshotRefUpdate,
    RemoveSnapshotsUpdate,
)

from tarn_maintenance.store import Store
from tarn_maintenance.table import files_of, load, manifests_of

MAX_SNAPSHOT_AGE_MS = 5 * 24 * 3600 * 1000
MIN_SNAPSHOTS_TO_KEEP = 1


def setting(table, name, default):
    return int(table.metadata.properties.get(f"history.expire.{name}", default))


def is_false(table, name):
    return table.metadata.properties.get(name, "true").lower() == "false"


def expired_refs(table, now_ms):
    """Branches and tags that are older than they may get. main never is."""
    most = setting(table, "max-ref-age-ms", (1 << 63) - 1)
    for name, ref in table.metadata.refs.items():
        snapshot = table.snapshot_by_id(ref.snapshot_id)
        age = ref.max_ref_age_ms or most
        if name != MAIN_BRANCH and (snapshot is None or now_ms - snapshot.timestamp_ms > age):
            yield name


def kept_snapshots(table, gone_refs, now_ms):
    """Ids of the snapshots that the settings keep."""
    age = setting(table, "max-snapshot-age-ms", MAX_SNAPSHOT_AGE_MS)
    least = setting(table, "min-snapshots-to-keep", MIN_SNAPSHOTS_TO_KEEP)
    kept, referenced = set(), set()
    for name, ref in table.metadata.refs.items():
        if name in gone_refs:
            continue
        head = table.snapshot_by_id(ref.snapshot_id)
        if ref.snapshot_ref_type == SnapshotRefType.TAG:
            kept.add(head.snapshot_id)
            continue
        oldest = now_ms - (ref.max_snapshot_age_ms or age)
        wanted = max(1, ref.min_snapshots_to_keep or least)
        for number, snapshot in enumerate(ancestors_of(head, table.metadata)):
            referenced.add(snapshot.snapshot_id)
            if number < wanted or snapshot.timestamp_ms >= oldest:
                kept.add(snapshot.snapshot_id)
    for snapshot in table.metadata.snapshots:
        # Staged ones, which no branch leads to, are kept for as long as others.
        if snapshot.snapshot_id not in referenced and snapshot.timestamp_ms >= now_ms - age:
            kept.add(snapshot.snapshot_id)
    return kept


def run(table, order):
    if is_false(table, "gc.enabled"):
        return {"left_out": "gc.enabled is false"}
    now_ms = int(time.time() * 1000)
    refs = set(expired_refs(table, now_ms))
    kept = kept_snapshots(table, refs, now_ms)
    gone = [each for each in table.metadata.snapshots if each.snapshot_id not in kept]
    if not gone and not refs:
        return {"snapshots": 0, "files": 0}
    main = table.metadata.refs.get(MAIN_BRANCH)
    updates = [RemoveSnapshotRefUpdate(ref_name=name) for name in sorted(refs)]
    if gone:
        updates.append(RemoveSnapshotsUpdate(snapshot_ids=[each.snapshot_id for each in gone]))
    requirements = [
        AssertTableUUID(uuid=table.metadata.table_uuid),
        AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=main.snapshot_id if main else None),
    ]
    table.catalog.commit_table(table, tuple(requirements), tuple(updates))
    removed = remove_files(table, gone, load(order), Store(order))
    return {"snapshots": len(gone), "refs": len(refs), "files": removed}


def remove_files(before, gone, after, store):
    """Removes what the gone snapshots held and no snapshot of the table as it is now does."""
    io = before.io
    gone_manifests = manifests_of(gone, io)
    kept_manifests = manifests_of(after.metadata.snapshots, io)
    only_gone = [each for path, each in gone_manifests.items() if path not in kept_manifests]
    unwanted = files_of(only_gone, io, live_only=False)
    if unwanted:
        unwanted -= files_of(kept_manifests.values(), io, live_only=True)
    unwanted.update(each.manifest_path for each in only_gone)
    kept_lists = {each.manifest_list for each in after.metadata.snapshots}
    unwanted.update(each.manifest_list for each in gone if each.manifest_list not in kept_lists)
    ids = {each.snapshot_id for each in gone}
    for files in (before.metadata.statistics, before.metadata.partition_statistics):
        unwanted.update(each.statistics_path for each in files if each.snapshot_id in ids)
    return store.remove(unwanted)
