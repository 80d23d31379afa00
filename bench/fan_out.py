"""From PutRecords acknowledged to seen by an enhanced fan-out consumer: two processes, one clock."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from servers import Server
from works import Failed, Figure, Work, create_stream

STREAM = "bench-fan-out"
PACE_S = 0.005  # between requests: what is measured is the way, not a queue


@dataclass
class Place:
    """Where a child process finds the server."""

    endpoint: str
    keys: tuple[str, str]

    def client(self, service: str):
        return Server.client(self, service)


class FanOut(Work):
    title = "SubscribeToShard: from acknowledged to seen, 200 requests of 10 records a second"
    unit = "records/s"

    def prepare(self, server: Server) -> None:
        create_stream(server, STREAM, 1)
        kinesis = server.client("kinesis")
        self.stream = kinesis.describe_stream_summary(StreamName=STREAM)[
            "StreamDescriptionSummary"
        ]["StreamARN"]
        self.consumer = kinesis.register_stream_consumer(
            StreamARN=self.stream, ConsumerName="bench"
        )["Consumer"]["ConsumerARN"]
        deadline = time.monotonic() + 10
        while self.status(kinesis) != "ACTIVE":
            if time.monotonic() > deadline:
                raise Failed("the consumer is not ACTIVE after 10 s")
            time.sleep(0.1)

    def status(self, kinesis) -> str:
        described = kinesis.describe_stream_consumer(ConsumerARN=self.consumer)
        return described["ConsumerDescription"]["ConsumerStatus"]

    def measure(self, server: Server, seconds: float) -> Figure:
        shard = server.client("kinesis").list_shards(StreamName=STREAM)["Shards"][0]["ShardId"]
        time.sleep(5.1)  # a second subscription within five seconds is refused
        events = server.client("kinesis").subscribe_to_shard(
            ConsumerARN=self.consumer,
            ShardId=shard,
            StartingPosition={"Type": "LATEST"},
        )["EventStream"]
        seen: dict[str, float] = {}
        reader = threading.Thread(target=read, args=(events, seen), daemon=True)
        reader.start()
        begun, own, mine = time.monotonic(), server.cpu_seconds(), used_here()
        acknowledged = put(server, seconds)
        elapsed = time.monotonic() - begun
        cores = (server.cpu_seconds() - own) / elapsed, (used_here() - mine) / elapsed
        deadline = time.monotonic() + 10
        while len(seen) < len(acknowledged) and time.monotonic() < deadline:
            time.sleep(0.05)
        events.close()
        if missing := acknowledged.keys() - seen.keys():
            raise Failed(f"{len(missing)} of {len(acknowledged)} records were not seen in 10 s")
        delays = sorted(1000 * max(0.0, seen[name] - at) for name, at in acknowledged.items())
        figure = Figure(len(delays) / seconds, delays[int(0.99 * len(delays))], *cores)
        figure.p50_ms = statistics.median(delays)
        return figure


def used_here() -> float:
    """Processor time of this process and of those it has waited for, in seconds."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def read(events, seen: dict[str, float]) -> None:
    try:
        for event in events:
            now = time.monotonic()
            for record in event["SubscribeToShardEvent"]["Records"]:
                seen.setdefault(record["Data"][:16].decode(), now)
    except Exception:  # noqa: BLE001 - the stream is closed under it at the end
        return


def put(server: Server, seconds: float) -> dict[str, float]:
    """Puts from another process, so that the reader has a processor of its own; when each was acknowledged."""
    facts = {"endpoint": server.endpoint, "keys": server.keys, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), json.dumps(facts)],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    if done.returncode != 0:
        raise Failed(done.stderr.strip().splitlines()[-1][:200])
    return json.loads(done.stdout)


def main() -> None:
    facts = json.loads(sys.argv[1])
    kinesis = Place(facts["endpoint"], tuple(facts["keys"])).client("kinesis")
    acknowledged = {}
    end, turn = time.monotonic() + facts["seconds"], 0
    run = f"{time.monotonic_ns() % 10**8:08}"
    while time.monotonic() < end:
        names = [f"{run}{turn * 10 + i:08}" for i in range(10)]
        records = [{"Data": name.encode() + b"x" * 434, "PartitionKey": name} for name in names]
        kinesis.put_records(StreamName=STREAM, Records=records)
        now = time.monotonic()
        acknowledged.update(dict.fromkeys(names, now))
        turn += 1
        time.sleep(PACE_S)
    print(json.dumps(acknowledged))


if __name__ == "__main__":
    main()
