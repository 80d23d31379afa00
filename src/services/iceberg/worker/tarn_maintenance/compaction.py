"""Compaction: small data files of a partition become few larger ones.

The commit replaces exactly the files that were read. Appends that came meanwhile stay beside it;
where a file that was read is gone or got deletes, the commit is given up.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass

from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan, pyarrow_to_schema, write_file
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import WriteTask
from pyiceberg.table.snapshots import Operation, Summary
from pyiceberg.table.update.snapshot import _OverwriteFiles
from pyiceberg.table.update.validate import (
    _validate_data_files_exist,
    _validate_no_new_deletes_for_data_files,
)
from pyiceberg.typedef import EMPTY_DICT, Record

# A file of three quarters of the target is large enough, as it is for Spark's rewrite_data_files
# (https://iceberg.apache.org/docs/latest/spark-procedures/#rewrite_data_files).
SMALL = 0.75
# Files of one commit; what is left is for the next run.
MOST_BYTES = 4 << 30


class Rewrite(_OverwriteFiles):
    """Replaces data files by others of the same rows: a `replace`, which readers of changes skip.

    PyIceberg counts what an overwrite changes, and not what a replace does: the numbers are the same.
    """

    def _summary(self, snapshot_properties=EMPTY_DICT):
        counted = super()._summary(snapshot_properties)
        return Summary(operation=Operation.REPLACE, **counted.additional_properties)

    def _validate_concurrency(self):
        window = self._commit_window
        if window is None or window.is_empty() or window.head is None:
            return
        table = self._transaction._table
        files = self._deleted_data_files
        _validate_data_files_exist(table, window.head, files, window.base)
        _validate_no_new_deletes_for_data_files(table, window.head, None, files, window.base)


def left_out(table):
    """Why the table is not compacted; None where it is."""
    if table.metadata.format_version >= 3:
        return "format version 3 keeps row ids, which a rewrite would lose"
    if table.current_snapshot() is None:
        return "the table has no data"
    return None


def bins_of(tasks, target, least):
    """Lists of tasks that are to become one file each."""
    groups = defaultdict(list)
    for task in tasks:
        groups[task.file.partition].append(task)
    for group in groups.values():
        group.sort(key=lambda task: task.file.file_size_in_bytes)
        current, size = [], 0
        for task in group:
            if current and size + task.file.file_size_in_bytes > target:
                if len(current) >= least:
                    yield current
                current, size = [], 0
            current.append(task)
            size += task.file.file_size_in_bytes
        if len(current) >= least:
            yield current


@dataclass(frozen=True)
class Partition:
    """The partition of the files that are read is that of the file that is written: no transform
    has to be computed."""

    spec: PartitionSpec
    schema: Schema
    partition: Record

    def to_path(self):
        return self.spec.partition_to_path(self.partition, self.schema)


def rewrite(table, scan, tasks):
    """The rows of the tasks, which are of one partition, in one new file."""
    rows = scan.to_table(tasks)
    metadata, spec = table.metadata, table.spec()
    partition = None
    if not spec.is_unpartitioned():
        partition = Partition(spec, table.schema(), tasks[0].file.partition)
    file_schema = pyarrow_to_schema(
        rows.schema,
        name_mapping=table.schema().name_mapping,
        format_version=metadata.format_version,
    )
    task = WriteTask(
        write_uuid=uuid.uuid4(),
        task_id=0,
        record_batches=rows.to_batches(),
        partition_key=partition,
        schema=file_schema,
    )
    return list(write_file(io=table.io, table_metadata=metadata, tasks=iter([task])))


def run(table, order):
    reason = left_out(table)
    if reason:
        return {"left_out": reason}
    target = order["target_file_size_bytes"]
    spec = table.metadata.default_spec_id
    tasks = list(table.scan().plan_files())
    if any(
        deletes.content == DataFileContent.EQUALITY_DELETES
        for task in tasks
        for deletes in task.delete_files
    ):
        return {"left_out": "equality deletes, which this worker does not read"}
    small = [
        task
        for task in tasks
        if task.file.spec_id == spec
        and task.file.file_format == FileFormat.PARQUET
        and task.file.file_size_in_bytes < SMALL * target
    ]
    scan = ArrowScan(table.metadata, table.io, table.schema(), AlwaysTrue())
    old, new, size = [], [], 0
    for tasks_of_bin in bins_of(small, target, order["min_input_files"]):
        if size > MOST_BYTES:
            break
        size += sum(task.file.file_size_in_bytes for task in tasks_of_bin)
        new.extend(rewrite(table, scan, tasks_of_bin))
        old.extend(task.file for task in tasks_of_bin)
    if not old:
        return {"files_before": 0, "files_after": 0}
    commit(table, old, new)
    return {"files_before": len(old), "files_after": len(new), "bytes": size}


def commit(table, old, new):
    try:
        with table.transaction() as transaction:
            change = Rewrite(operation=Operation.OVERWRITE, transaction=transaction, io=table.io)
            for file in new:
                change.append_data_file(file)
            for file in old:
                change.delete_data_file(file)
            change.commit()
    except (CommitFailedException, ValidationException):
        # Refused for certain, so nobody refers to the new files. After any other failure the commit
        # may have been made; what is left over then is for the orphan removal.
        for file in new:
            table.io.delete(file.file_path)
        raise
