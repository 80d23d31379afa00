"""What is measured: each work prepares a server once and then gives one figure per run."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from servers import BUILD, FAKER, REGION, ROOT, TICKS, Server, Unavailable, install_node_package

MIB = 1 << 20
# Answers that take seconds from a slow peer would all begin before a warm-up's end and not count.
NO_WARM_UP = ("--warm-up", "0")
TEMPLATE = ROOT / "templates" / "records" / "pixel.json.tmpl"


class Failed(Exception):
    """A run that gave no figure, with the reason."""


@dataclass
class Figure:
    """One run. `rate` is in the unit of its work; cores are CPU seconds a second."""

    rate: float
    p99_ms: float = 0.0
    server_cores: float = 0.0
    load_cores: float = 0.0
    other_cores: float = 0.0  # what else ran on the machine
    p50_ms: float = 0.0


def busy_seconds() -> float:
    """Processor time of the whole machine that was not idle."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def load(server: Server, mode: str, seconds: float, *options: str) -> tuple[dict, Figure]:
    """Runs the load program against `server`; its account, and the processors used meanwhile."""
    command = [
        str(BUILD / "bin" / "tarn_bench_load"),
        mode,
        "--endpoint",
        server.endpoint,
        "--region",
        REGION,
    ]
    command += ["--access-key", server.keys[0], "--secret-key", server.keys[1]]
    command += ["--seconds", str(seconds), *options]
    server_before, busy_before, start = server.cpu_seconds(), busy_seconds(), time.monotonic()
    mine_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    elapsed = time.monotonic() - start
    mine = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not done.stdout.startswith("{"):
        raise Failed(done.stderr.strip()[:200] or f"the load program ended with {done.returncode}")
    account = json.loads(done.stdout)
    if account["errors"] > 0 or account["answers"] == 0:
        # Of a page for people, only the words.
        words = " ".join(re.sub(r"<[^>]*>?", " ", account["first_error"]).split())
        raise Failed(f"{account['errors']} errors, {account['answers']} answers; {words[:120]}")
    used = (mine.ru_utime + mine.ru_stime) - (mine_before.ru_utime + mine_before.ru_stime)
    own = server.cpu_seconds() - server_before
    others = max(0.0, busy_seconds() - busy_before - own - used)
    figure = Figure(0.0, account["p99_ms"], own / elapsed, used / elapsed, others / elapsed)
    figure.p50_ms = account["p50_ms"]
    return account, figure


def create_stream(server: Server, name: str, shards: int) -> None:
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    deadline = time.monotonic() + 30
    while (
        kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"]
        != "ACTIVE"
    ):
        if time.monotonic() > deadline:
            raise Failed(f"stream {name} is not ACTIVE after 30 s")
        time.sleep(0.1)


class Work:
    """A row of the table."""

    title = ""
    unit = ""
    services = ("kinesis",)
    durable = False  # whether each answer waits for the disk

    def prepare(self, server: Server) -> None:
        pass

    def measure(self, server: Server, seconds: float) -> Figure:
        raise NotImplementedError


class PutRecords(Work):
    title = "PutRecords: 100 × 450 B a request, 4 shards, 16 connections"
    unit = "records/s"
    durable = True

    def prepare(self, server: Server) -> None:
        create_stream(server, "bench-put", 4)

    def measure(self, server: Server, seconds: float) -> Figure:
        options = (
            "--stream",
            "bench-put",
            "--connections",
            "16",
            "--records",
            "100",
            "--bytes",
            "450",
        )
        account, figure = load(server, "put-records", seconds, *options)
        figure.rate = account["records_per_s"]
        return figure


class GetRecords(Work):
    unit = "MB/s of data"

    def __init__(self, form: str):
        self.form = form
        self.stream = f"bench-get-{form.lower()}"
        self.title = f"GetRecords: answers of 10,000 records of 450 B, {form}, 4 connections"

    def prepare(self, server: Server) -> None:
        create_stream(server, self.stream, 1)
        options = (
            "--stream",
            self.stream,
            "--connections",
            "2",
            "--records",
            "100",
            "--bytes",
            "450",
            "--warm-up",
            "0",
        )
        for _ in range(20):
            load(server, "put-records", 1.0, *options)
            if self.records_there(server) == 10_000:
                return
        raise Failed("10,000 records could not be stored in 20 s")

    def iterator(self, server: Server) -> str:
        kinesis = server.client("kinesis")
        shard = kinesis.list_shards(StreamName=self.stream)["Shards"][0]["ShardId"]
        return kinesis.get_shard_iterator(
            StreamName=self.stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]

    def records_there(self, server: Server) -> int:
        iterator = self.iterator(server)
        return len(
            server.client("kinesis").get_records(ShardIterator=iterator, Limit=10_000)["Records"]
        )

    def measure(self, server: Server, seconds: float) -> Figure:
        # The same iterator may be used again; it lives five minutes.
        options = (
            "--iterator",
            self.iterator(server),
            "--connections",
            "4",
            "--limit",
            "10000",
            *NO_WARM_UP,
            *(("--cbor",) if self.form == "CBOR" else ()),
        )
        account, figure = load(server, "get-records", seconds, *options)
        figure.rate = account["data_mb_per_s"]
        return figure


class Objects(Work):
    """PUT or GET of objects of one size."""

    services = ("s3",)

    def __init__(self, mode: str, size: int, connections: int, keys: int):
        self.mode, self.size, self.connections, self.keys = mode, size, connections, keys
        self.large = size >= MIB
        self.unit = "MB/s" if self.large else "objects/s"
        self.durable = mode == "s3-put"
        text = f"{size // MIB} MiB" if self.large else f"{size // 1024} KiB"
        self.title = f"S3 {mode[3:].upper()} of {text}, {connections} connections"
        self.bucket = f"bench-{size}"

    def options(self) -> tuple[str, ...]:
        sizes = ("--bytes", str(self.size), "--keys", str(self.keys))
        warm_up = NO_WARM_UP if self.large else ()
        return ("--bucket", self.bucket, "--connections", str(self.connections), *sizes, *warm_up)

    def prepare(self, server: Server) -> None:
        buckets = {bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]}
        if self.bucket not in buckets:
            server.client("s3").create_bucket(
                Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        if self.mode == "s3-get":
            body = b"tarn" * (self.size // 4)
            for connection in range(self.connections):
                for key in range(self.keys):
                    server.client("s3").put_object(
                        Bucket=self.bucket, Key=f"bench/{connection}/{key}", Body=body
                    )

    def measure(self, server: Server, seconds: float) -> Figure:
        account, figure = load(server, self.mode, seconds, *self.options())
        figure.rate = account["data_mb_per_s"] if self.large else account["requests_per_s"]
        return figure


WORKS: list[Work] = [
    PutRecords(),
    GetRecords("JSON"),
    GetRecords("CBOR"),
    Objects("s3-put", 64 * MIB, 4, 2),
    Objects("s3-get", 64 * MIB, 2, 2),
    Objects("s3-put", 4096, 32, 64),
    Objects("s3-get", 4096, 32, 64),
]


def tarn_generator() -> float:
    """Records a second of the guidance's template on one core."""
    command = [
        str(BUILD / "bin" / "generator_bench"),
        "--benchmark_filter=^pixel$",
        "--benchmark_format=json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[:200])
    return json.loads(done.stdout)["benchmarks"][0]["items_per_second"]


def faker_generator(seconds: float) -> float:
    folder = install_node_package(FAKER)
    command = [
        "node",
        str(ROOT / "bench" / "peers" / "faker_bench.js"),
        str(TEMPLATE),
        str(seconds),
    ]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "NODE_PATH": str(folder / "node_modules"),
    }
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=300, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "Error" in line]
        raise Unavailable((said or ["node failed"])[0][:200])
    return json.loads(done.stdout)["records_per_s"]
