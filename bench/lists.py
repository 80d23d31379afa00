"""ListObjectsV2 pages of 1,000 keys in buckets of several sizes."""

from __future__ import annotations

from servers import REGION, Server
from works import Figure, Work, load

CONNECTIONS = 32
OBJECT_BYTES = 16


class ListPages(Work):
    """Pages from random places, one after another, of a bucket of `objects`."""

    services = ("s3",)
    unit = "pages/s"

    def __init__(self, objects: int):
        self.objects = objects
        self.title = f"ListObjectsV2: pages of 1,000 keys, {objects:,} objects, 1 connection"
        self.bucket = f"bench-list-{objects}"
        keys = objects // CONNECTIONS
        self.options = ("--bucket", self.bucket, "--keys", str(keys))

    def prepare(self, server: Server) -> None:
        server.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        fill = ("--connections", str(CONNECTIONS), "--bytes", str(OBJECT_BYTES), "--once")
        load(server, "s3-put", 1, *self.options, *fill, "--warm-up", "0")

    def measure(self, server: Server, seconds: float) -> Figure:
        account, figure = load(server, "s3-list", seconds, *self.options, "--connections", "1")
        figure.rate = account["requests_per_s"]
        figure.p50_ms = account["p50_ms"]
        return figure
