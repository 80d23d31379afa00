"""./dev bench: tarn beside its peers, in one run on one machine.

Every figure is the median of the runs; tarn and the peers take turns, so that all see the same machine. A peer that
cannot be installed or fails at a work is named with the reason. A figure that falls short is written as it is.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from clusters import measure_compute
from fan_out import FanOut
from growth import GROWTH
from life import measure_life
from limits import Limits, machine, measure_limits
from lists import ListPages
from servers import BUILD, FAKER, ROOT, Kinesalite, Moto, Server, Tarn, Unavailable
from stacks import measure_stacks
from works import WORKS, Failed, Figure, Work, faker_generator, tarn_generator

# What no peer is asked for: it has no such call, or would take hours to fill.
OWN: list[Work] = [FanOut(), ListPages(10_000), ListPages(1_000_000), *GROWTH]
OFFERS = {"tarn": ("kinesis", "s3"), "kinesalite": ("kinesis",), "moto": ("kinesis", "s3")}
Cells = dict[str, list[Figure] | str]  # by server: its figures, or why there are none


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def build(targets: list[str]) -> None:
    command = [
        "cmake",
        "--build",
        str(BUILD),
        "--parallel",
        os.environ.get("TARN_JOBS", "2"),
        "--target",
        *targets,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: building {', '.join(targets)} failed:\n{done.stdout[-3000:]}")


def start_servers(folder: Path, wanted: list[str]) -> tuple[list[Server], dict[str, str]]:
    running, missing = [], {}
    for kind in (Tarn, Kinesalite, Moto):
        if kind.name not in wanted:
            continue
        server = kind(folder / kind.name)
        say(f"starting {kind.name}")
        try:
            server.start()
            running.append(server)
        except Unavailable as reason:
            missing[kind.name] = str(reason)
            say(f"  {kind.name} is not measured: {reason}")
    return running, missing


def prepare(work: Work, servers: list[Server], cells: Cells) -> list[Server]:
    """The servers that are ready for the work; the others' reason goes into the cells."""
    from botocore.exceptions import BotoCoreError, ClientError

    ready = []
    for server in servers:
        if not set(work.services) <= set(OFFERS[server.name]):
            cells[server.name] = f"has no {work.services[0].capitalize()}"
            continue
        try:
            work.prepare(server)
            ready.append(server)
        except (Failed, BotoCoreError, ClientError) as reason:
            cells[server.name] = str(reason)
            say(f"  {server.name} could not be prepared: {reason}")
    return ready


def measure(work: Work, servers: list[Server], runs: int, seconds: float) -> Cells:
    say(work.title)
    cells: Cells = {}
    ready = prepare(work, servers, cells)
    for turn in range(runs):
        for server in list(ready):
            try:
                figure = work.measure(server, seconds)
            except Failed as reason:
                cells[server.name] = str(reason)
                ready.remove(server)
                say(f"  {server.name}: {reason}")
                continue
            cells.setdefault(server.name, []).append(figure)
            say(
                f"  {turn + 1}/{runs} {server.name}: {figure.rate:,.0f} {work.unit}, p99 {figure.p99_ms:.1f} ms"
            )
    return cells


def median(figures: list[Figure]) -> Figure:
    def of(name: str) -> float:
        return statistics.median(getattr(figure, name) for figure in figures)

    names = ("rate", "p99_ms", "server_cores", "load_cores", "other_cores", "p50_ms")
    return Figure(*map(of, names))


def limit_text(work: Work, figure: Figure, limits: Limits) -> str:
    """What the median is near, judged by the processors used during it."""
    used = figure.server_cores + figure.load_cores
    text = (
        f"server {figure.server_cores:.2f} + load {figure.load_cores:.2f} of {limits.cores} cores"
    )
    # On a machine that does other work, a figure says little about tarn: that must be seen.
    if figure.other_cores >= 0.15 * limits.cores:
        return f"other work on the machine took {figure.other_cores:.2f} cores; {text}"
    if used >= 0.85 * limits.cores:
        return f"processor: {text}"
    if work.durable:
        return f"disk: {limits.sync_per_s:,.0f} syncs of 64 KiB/s, {limits.write_mb_per_s:,.0f} MB/s written; {text}"
    return f"waits, not the processor: {text}"


def cell_text(work: Work, cell: list[Figure] | str | None) -> str:
    if cell is None:
        return "not measured"
    if isinstance(cell, str):
        return cell
    figure = median(cell)
    rates = [one.rate for one in cell]
    spread = f"{min(rates):,.0f}–{max(rates):,.0f}"
    return f"**{figure.rate:,.0f}** {work.unit} ({spread}), p99 {figure.p99_ms:,.1f} ms"


def times_text(cells: Cells) -> str:
    peers = [
        median(cell).rate
        for name, cell in cells.items()
        if name != "tarn" and isinstance(cell, list)
    ]
    if not peers or not isinstance(cells.get("tarn"), list):
        return "–"
    return f"{median(cells['tarn']).rate / max(peers):.1f} ×"


def generator_row(runs: int, seconds: float) -> list[str]:
    say("Record templates: the guidance's template on one core")
    tarn, faker, reason = [], [], ""
    for _ in range(runs):
        tarn.append(tarn_generator())
        try:
            faker.append(faker_generator(seconds))
        except Unavailable as error:
            reason = str(error)
    say(f"  tarn {statistics.median(tarn):,.0f} records/s")
    peer = f"**{statistics.median(faker):,.0f}** records/s" if faker else f"not measured: {reason}"
    times = f"{statistics.median(tarn) / statistics.median(faker):.0f} ×" if faker else "–"
    own = f"**{statistics.median(tarn):,.0f}** records/s ({min(tarn):,.0f}–{max(tarn):,.0f})"
    return [own, peer, times]


def report(
    args: argparse.Namespace,
    rows: list[tuple[Work, Cells]],
    own_rows: list[tuple[Work, Cells]],
    life: list[tuple[str, str]],
    compute: list[tuple[str, str]],
    stacks: list[tuple[str, str]],
    generator: list[str],
    limits: Limits,
    versions: dict[str, str],
    missing: dict[str, str],
) -> str:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    load_1, _, _ = os.getloadavg()
    lines = [
        "# Performance",
        "",
        "Written by `./dev bench --write`; do not edit. Servers and load share one machine.",
        "",
        f"- Machine: {machine()}",
        f"- Date: {now}; load average {args.load_at_start:.1f} at the start, {load_1:.1f} at the end",
        f"- Medians of {args.runs} runs of {args.seconds:g} s each, in turns (least–most in brackets); p99 is of whole requests",
        "- Versions: "
        + ", ".join(f"{name} {version}" for name, version in sorted(versions.items())),
        f"- Limits of the machine in this run: {limits.sync_per_s:,.0f} appends of 64 KiB with fdatasync a second, "
        f"{limits.write_mb_per_s:,.0f} MB/s written and synced, SHA-256 {limits.sha256_mb_per_s:,.0f} MB/s and copy "
        f"{limits.copy_mb_per_s:,.0f} MB/s on one core",
    ]
    lines += [f"- {name} is not measured: {reason}" for name, reason in missing.items()]
    lines += [
        "",
        "Only tarn writes to disk before it answers; kinesalite and moto keep everything in memory.",
        "",
    ]
    lines += [
        "| work | tarn | kinesalite | moto | tarn : best peer | limit that tarn's figure is near |",
        "|---|---|---|---|---|---|",
    ]
    for work, cells in rows:
        own = cells.get("tarn")
        near = limit_text(work, median(own), limits) if isinstance(own, list) else "–"
        texts = [cell_text(work, cells.get(name)) for name in ("tarn", "kinesalite", "moto")]
        lines.append(f"| {work.title} | {' | '.join(texts)} | {times_text(cells)} | {near} |")
    if own_rows:
        lines += ["", "Of tarn alone:", "", "| work | tarn | p50 | limit that it is near |"]
        lines.append("|---|---|---|---|")
        for work, cells in own_rows:
            own = cells.get("tarn")
            if isinstance(own, list):
                figure = median(own)
                texts = [f"{figure.p50_ms:,.1f} ms", limit_text(work, figure, limits)]
            else:
                texts = ["–", "–"]
            lines.append(f"| {work.title} | {cell_text(work, own)} | {' | '.join(texts)} |")
    if life:
        lines += ["", "| a server | figure |", "|---|---|"]
        lines += [f"| {what} | {figure} |" for what, figure in life]
    if compute:
        lines += ["", "| Spark | figure |", "|---|---|"]
        lines += [f"| {what} | {figure} |" for what, figure in compute]
    if stacks:
        lines += ["", "| stacks | figure |", "|---|---|"]
        lines += [f"| {what} | {figure} |" for what, figure in stacks]
    if generator:
        lines += ["", f"| work | tarn | {FAKER} | tarn : peer | limit |", "|---|---|---|---|---|"]
        lines.append(
            f"| the guidance's record template, one core | {' | '.join(generator)} | copying the literals into the buffer |"
        )
    return "\n".join(lines) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each figure (default 5)")
    parser.add_argument("--seconds", type=float, default=4, help="length of a run (default 4)")
    parser.add_argument(
        "--only",
        default="",
        help="works whose title holds this text; 'generator' for the templates alone, 'life' for memory and start, 'compute' for sessions and clusters, 'stacks' for templates",
    )
    parser.add_argument(
        "--peers",
        default="kinesalite,moto",
        help="which peers, by commas (default kinesalite,moto)",
    )
    parser.add_argument(
        "--gigabytes",
        type=float,
        default=10,
        help="that go through the server of 'life' (default 10)",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table to docs/performance.md"
    )
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    works = [work for work in WORKS if args.only.lower() in work.title.lower()]
    own_works = [work for work in OWN if args.only.lower() in work.title.lower()]
    with_generator = args.only in ("", "generator")
    with_life = args.only in ("", "life")
    with_compute = args.only in ("", "compute")
    with_stacks = args.only in ("", "stacks")
    if not any((works, own_works, with_generator, with_life, with_compute, with_stacks)):
        sys.exit(
            f'bench: no work has "{args.only}" in its title; there are:\n  generator\n  life\n  compute\n  stacks\n  '
            + "\n  ".join(work.title for work in (*WORKS, *OWN))
        )
    say("building the load and the benchmarks")
    build(["tarn_bench_load", "generator_bench"])
    # Ended from outside, the servers end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended by a signal"))
    args.load_at_start = os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp(prefix="tarn-bench-"))
    servers: list[Server] = []
    try:
        limits = measure_limits(folder)
        missing: dict[str, str] = {}
        if works or own_works:
            servers, missing = start_servers(folder, ["tarn", *args.peers.split(",")])
        rows = [(work, measure(work, servers, args.runs, args.seconds)) for work in works]
        # The peers' turns are over; what they still hold or do would only be in the way.
        for server in servers:
            if server.name != "tarn":
                server.stop()
        tarn = [server for server in servers if server.name == "tarn"]
        own_rows = [(work, measure(work, tarn, args.runs, args.seconds)) for work in own_works]
        for server in tarn:
            server.stop()
        life = measure_life(folder, args.gigabytes, say) if with_life else []
        compute = measure_compute(folder, min(args.runs, 3), say) if with_compute else []
        stacks = measure_stacks(folder, say) if with_stacks else []
        generator = generator_row(args.runs, args.seconds) if with_generator else []
        versions = {server.name: server.version for server in servers}
        text = report(
            args, rows, own_rows, life, compute, stacks, generator, limits, versions, missing
        )
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if args.write:
        (ROOT / "docs" / "performance.md").write_text(text)
        say("written to docs/performance.md")
    measured = all(isinstance(cells.get("tarn"), list) for _, cells in (*rows, *own_rows))
    return 0 if measured else 1


if __name__ == "__main__":
    sys.exit(main())
