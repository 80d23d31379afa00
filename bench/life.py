"""A server's memory and its start: idle, after ten gigabytes went through it, and with them retained."""

from __future__ import annotations

import time
from pathlib import Path

from servers import Tarn
from works import create_stream, load

RECORD_BYTES = 10_000
ROUND_S = 5.0


def measure_life(folder: Path, gigabytes: float, say) -> list[tuple[str, str]]:
    """Rows of the table: what, and the figure."""
    server = Tarn(folder / "life")
    server.start()
    try:
        time.sleep(2)
        rows = [("memory (RSS) of an idle server", f"**{server.rss_mb():.0f} MB**")]
        say(f"  idle {rows[0][1]}")
        through = fill(server, gigabytes, say)
        rows.append(
            (
                f"memory after {through:.1f} GB of records went through it",
                f"**{server.rss_mb():.0f} MB**",
            )
        )
        say(f"  after {through:.1f} GB {rows[-1][1]}")
        server.stop()
        starts = []
        for _ in range(5):
            began = time.monotonic()
            server.start(poll_s=0.002)
            starts.append(1000 * (time.monotonic() - began))
            server.stop()
        starts.sort()
        rows.append(
            (
                f"from its start to its first answer, {through:.1f} GB retained",
                f"**{starts[2]:.0f} ms** ({starts[0]:.0f}–{starts[-1]:.0f})",
            )
        )
        say(f"  start {rows[-1][1]}")
    finally:
        server.stop()
    return rows


def fill(server: Tarn, gigabytes: float, say) -> float:
    create_stream(server, "bench-life", 4)
    options = ("--stream", "bench-life", "--connections", "8", "--records", "100")
    through = 0.0
    while through < gigabytes:
        account, _ = load(
            server, "put-records", ROUND_S, *options, "--bytes", str(RECORD_BYTES), "--warm-up", "0"
        )
        through += account["data_mb_per_s"] * ROUND_S / 1000
        say(f"  {through:.1f} GB of {gigabytes:.0f}")
    return through
