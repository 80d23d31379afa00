"""How cost grows: shards of a stream, size of a record."""

from __future__ import annotations

from servers import Server
from works import Figure, Work, create_stream, load


class PutRecordsGrowth(Work):
    """PutRecords on a stream of `shards`, `records` of `size` bytes a request."""

    unit = "MB/s of data"
    durable = True

    def __init__(self, shards: int, size: int, records: int):
        self.stream = f"bench-{shards}-{size}"
        self.shards = shards
        text = f"{size >> 20} MiB" if size >= 1 << 20 else f"{size:,} B"
        self.title = f"PutRecords: {records} × {text} a request, {shards} shards, 16 connections"
        self.options = ("--connections", "16", "--records", str(records), "--bytes", str(size))

    def prepare(self, server: Server) -> None:
        create_stream(server, self.stream, self.shards)

    def measure(self, server: Server, seconds: float) -> Figure:
        account, figure = load(
            server, "put-records", seconds, "--stream", self.stream, *self.options
        )
        figure.rate = account["data_mb_per_s"]
        return figure


GROWTH = [
    PutRecordsGrowth(1, 1000, 100),
    PutRecordsGrowth(10, 1000, 100),
    PutRecordsGrowth(100, 1000, 100),
    PutRecordsGrowth(4, 32_000, 30),
    PutRecordsGrowth(4, 1 << 20, 4),
]
