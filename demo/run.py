#!/usr/bin/env python3
"""./dev demo: the main job from end to end, without a display.

Starts a server of its own, makes a bucket and a stream with the AWS CLI, sends pixel events at a
rate, runs notebooks/realtime-impression-tracking.ipynb in a real Jupyter kernel meanwhile, and
checks the table it fills with another engine, record by record. Exit code 0 only if all is right.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import table
from machine import BUILD, ROOT, DemoError, Generator, Machine

sys.path.insert(0, str(ROOT / "jupyter"))
from tarn_jupyter.workspace import Server, prepare

NOTEBOOK = ROOT / "notebooks" / "realtime-impression-tracking.ipynb"
TEMPLATE = ROOT / "templates" / "records" / "pixel.json.tmpl"
BUCKET, STREAM = "impression-tracking", "pixel-events"
# The names that the notebook is published with.
PUBLISHED = {"amzn-s3-demo-bucket": BUCKET, "emr-kinesis-stream": STREAM}
CHECKPOINT = "checkpoints/pixel-events/"
CELL_TIMEOUT_S = 600

begun = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - begun:4.0f}s] {text}", flush=True)


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Pixel events → stream → Spark notebook → Iceberg table, checked record by record.",
        epilog="Examples:\n  ./dev demo\n  ./dev demo --duration 30 --rate 200\n  ./dev demo --keep",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rate", type=int, default=1000, help="records a second (1000)")
    parser.add_argument("--duration", type=int, default=120, help="seconds of sending (120)")
    parser.add_argument(
        "--shards", type=int, default=2, help="of the stream (2; each takes 1,000 records a second)"
    )
    parser.add_argument("--port", type=int, default=0, help="of the server (a free one)")
    parser.add_argument(
        "--output", type=Path, default=BUILD / "demo", help="where the executed notebook is left"
    )
    parser.add_argument("--keep", action="store_true", help="leave the server running")
    arguments = parser.parse_args(words)
    if not 1 <= arguments.rate <= 1000 * arguments.shards:
        parser.error(
            f"--rate: {arguments.shards} shards take 1 to {1000 * arguments.shards} records a second"
        )
    if arguments.duration < 20:
        parser.error(
            "--duration: at least 20 seconds, or nothing is left to commit when Spark is ready"
        )
    return arguments


class Demo:
    def __init__(self, arguments: argparse.Namespace, work: Path):
        self.arguments = arguments
        self.work = work
        self.machine = Machine(work / "data", arguments.port)
        self.generator: Generator | None = None
        self.verdict: table.Verdict | None = None
        self.freshness = table.Freshness()
        self.snapshots = 0
        self._watching = threading.Event()
        self._watch_failed: Exception | None = None

    def run(self) -> bool:
        say("starting the server")
        self.machine.start()
        say(f"it answers at {self.machine.endpoint}, account {self.machine.facts['account_id']}")
        self.machine.aws("s3", "mb", f"s3://{BUCKET}")
        shards = str(self.arguments.shards)
        self.machine.aws(
            "kinesis", "create-stream", "--stream-name", STREAM, "--shard-count", shards
        )
        self.machine.aws("kinesis", "wait", "stream-exists", "--stream-name", STREAM)
        say(f"made the bucket {BUCKET} and the stream {STREAM} of {shards} shards with the AWS CLI")
        notebook = self._notebook()
        try:
            self._execute(notebook)
        finally:
            self._watching.set()
            self._leave(notebook)
        return self._report()

    def close(self) -> None:
        if self.generator:
            self.generator.stop()
        self.machine.stop()

    # --- the notebook -----------------------------------------------------------------------------

    def _notebook(self):
        """The notebook as published, with the two names set and the time of the write fitted."""
        import nbformat

        text = NOTEBOOK.read_text(encoding="utf-8")
        for published, own in PUBLISHED.items():
            if published not in text:
                raise DemoError(f"{NOTEBOOK} does not name {published} any more")
            text = text.replace(published, own)
        if self.arguments.duration != 120:
            seconds = max(20, self.arguments.duration * 3 // 4)
            text = text.replace("run_seconds = 90", f"run_seconds = {seconds}")
        return nbformat.reads(text, as_version=4)

    def _execute(self, notebook) -> None:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError

        facts = self.machine.facts
        server = Server(self.machine.endpoint, facts["access_key_id"], facts["secret_access_key"])
        os.environ.update(prepare(server, self.work / "jupyter", unattended=True))
        client = NotebookClient(
            notebook,
            kernel_name="pysparkkernel",
            timeout=CELL_TIMEOUT_S,
            resources={"metadata": {"path": str(self.work)}},
            on_cell_start=self._before_cell,
        )
        say("executing the notebook in a PySpark kernel of Jupyter; Spark starts")
        try:
            client.execute()
        except CellExecutionError as error:
            raise DemoError(f"a cell of the notebook failed:\n{error}") from None

    def _before_cell(self, cell, cell_index) -> None:
        if cell.cell_type != "code":
            return
        first_line = next((line for line in cell.source.splitlines() if line.strip("% ")), "")
        if "pixel_look" in cell.source and self.generator is None:
            self._start_generator()
        if "toTable" in cell.source:
            threading.Thread(target=self._watch, daemon=True).start()
        if "expire_snapshots" in cell.source:
            self._before_expiry()
        if "DROP TABLE" in cell.source:
            self._check_table()
        say(f"cell {cell_index}: {first_line[:70]}")

    def _start_generator(self) -> None:
        a = self.arguments
        say(f"sending {a.rate} records a second for {a.duration} s, of the guidance's template")
        self.generator = Generator(self.machine, STREAM, TEMPLATE, a.rate, a.duration)

    def _leave(self, notebook) -> None:
        import nbformat
        from nbconvert import HTMLExporter

        output = self.arguments.output
        output.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, output / NOTEBOOK.name)
        html, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook)
        (output / NOTEBOOK.name).with_suffix(".html").write_text(html, encoding="utf-8")

    # --- the account ------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Every few seconds: how much was acknowledged, how much is committed."""
        last = -1
        while not self._watching.wait(5):
            try:
                now = table.committed(self.machine)
            except Exception as error:  # noqa: BLE001 - the account goes on; the check decides
                say(f"  (the table could not be read: {error})")
                continue
            if now.rows != last:
                last = now.rows
                say(
                    f"  {self.generator.acknowledged:,} records acknowledged · "
                    f"{now.rows:,} rows committed · {now.snapshots} snapshots"
                )

    def _before_expiry(self) -> None:
        self._watching.set()
        loaded = table.load_table(self.machine)
        self.freshness = table.freshness(loaded)
        self.snapshots = len(loaded.snapshots())

    def _check_table(self) -> None:
        say("reading the table with PyIceberg and the stream with boto3")
        account = self.generator.wait(self.arguments.duration + 60)
        loaded = table.load_table(self.machine)
        rows = loaded.scan(selected_fields=("sequence_number",)).to_arrow()
        window = table.committed_window(self.machine, BUCKET, CHECKPOINT)
        stream = table.read_stream(self.machine, STREAM)
        self.verdict = table.compare(stream, window, rows["sequence_number"].to_pylist())
        if self.verdict.stream_records < account["acknowledged"]:
            raise DemoError(
                f"the stream holds {self.verdict.stream_records} records, fewer than the "
                f"{account['acknowledged']} it acknowledged"
            )

    def _report(self) -> bool:
        verdict, account = self.verdict, self.generator.account if self.generator else None
        if verdict is None or account is None:
            raise DemoError("the notebook ended before its table could be checked")
        say("")
        say(
            f"sent           {account['sent']:,} records at {account['records_per_second']:,.0f} a second"
        )
        say(
            f"acknowledged   {account['acknowledged']:,}, retried {account['retried']:,}, lost {account['lost']:,}"
        )
        say(
            f"in the window  {verdict.expected:,} acknowledged records, from the query's start to its last commit"
        )
        say(
            f"in the table   {verdict.rows:,} rows in {self.snapshots} snapshots, read by PyIceberg"
        )
        say(
            f"               {verdict.lost:,} lost, {verdict.twice:,} twice, {verdict.foreign:,} foreign"
        )
        say(
            f"freshness      a row was visible {self.freshness.newest_s:.1f} to {self.freshness.oldest_s:.1f} s "
            f"after its arrival (median of {self.freshness.commits} commits)"
        )
        say(f"notebook       {self.arguments.output / NOTEBOOK.with_suffix('.html').name}")
        if verdict.expected == 0:
            say(
                f"no record arrived between the query's start and its end: the {self.arguments.duration} s of "
                "--duration were over before Spark was ready. Send for longer."
            )
        right = verdict.right and account["lost"] == 0
        say("all is right" if right else "NOT right: see above")
        return right


def main(words: list[str]) -> int:
    arguments = parse(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("demo: stopped"))
    work = Path(tempfile.mkdtemp(prefix="tarn-demo-"))
    demo = Demo(arguments, work)
    kept = False
    try:
        right = demo.run()
        kept = arguments.keep
        return 0 if right else 1
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        print(f"demo: the server's log ends with:\n{demo.machine.log_tail()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: stopped", file=sys.stderr)
        return 130
    finally:
        if kept:
            say(f"kept: the server at {demo.machine.endpoint}")
            say(f'  eval "$({BUILD}/bin/tarn env --data-dir {demo.machine.data_dir})"')
            say(
                f"  to stop it: {BUILD}/bin/tarn down --data-dir {demo.machine.data_dir}; then rm -r {work}"
            )
        else:
            demo.close()
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
