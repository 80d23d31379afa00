"""The programs of the demo: the server, the AWS CLI and the generator, each started and ended here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("TARN_BUILD", ROOT / "build")).resolve()
TARN = BUILD / "bin" / "tarn"
REGION = "us-west-2"


class DemoError(Exception):
    """What went wrong and what to do about it, for a person."""


class Machine:
    """A running server of the demo's own."""

    def __init__(self, data_dir: Path, port: int):
        self.data_dir = data_dir
        self.port = port
        self.log_path = data_dir / "demo-server.log"
        self._process: subprocess.Popen | None = None
        self.facts: dict = {}

    def start(self) -> None:
        if not TARN.exists():
            raise DemoError(f"{TARN} is not built: ./dev build")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = [str(TARN), "up", "--data-dir", str(self.data_dir), "--port", str(self.port)]
        # The notebook configures its session, so that no warm driver fits; and that session lives for two minutes.
        command += ["--warm-drivers", "0", "--driver-java-options=-XX:TieredStopAtLevel=1"]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=clean_environment(),
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        facts = self.data_dir / "tarn.json"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise DemoError(f"the server ended at start:\n{self.log_tail()}")
            try:
                self.facts = json.loads(facts.read_text())
                if self.facts.get("pid") == self._process.pid:
                    return
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            time.sleep(0.05)
        raise DemoError(f"the server did not answer within 60 s:\n{self.log_tail()}")

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(45)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def log_tail(self) -> str:
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-20:])
        except OSError:
            return ""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.facts['port']}"

    def keys(self) -> dict[str, str]:
        return {
            "aws_access_key_id": self.facts["access_key_id"],
            "aws_secret_access_key": self.facts["secret_access_key"],
            "region_name": REGION,
        }

    def aws(self, *words: str) -> str:
        """The real AWS CLI, through `tarn aws`."""
        done = subprocess.run(
            [str(TARN), "aws", "--data-dir", str(self.data_dir), *words],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**clean_environment(), "AWS_PAGER": ""},
            timeout=180,
            check=False,
        )
        if done.returncode != 0:
            raise DemoError(f"aws {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout


class Generator:
    """`tarn generate` in the background; `acknowledged` follows its progress."""

    _PROGRESS = re.compile(r"acknowledged (\d+)")

    def __init__(self, machine: Machine, stream: str, template: Path, rate: int, duration_s: int):
        self.acknowledged = 0
        self.account: dict | None = None
        self._said: list[str] = []
        self._out = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by wait
        command = [str(TARN), "generate", "--data-dir", str(machine.data_dir), "--json"]
        command += ["--stream", stream, "--template", str(template)]
        command += ["--rate", str(rate), "--duration", f"{duration_s}s"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def _follow(self) -> None:
        for line in self._process.stderr:
            self._said.append(line.rstrip())
            if found := self._PROGRESS.search(line):
                self.acknowledged = int(found.group(1))

    def wait(self, limit_s: float) -> dict:
        """The generator's final account."""
        try:
            status = self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.stop()
            raise DemoError("the generator did not end in time") from None
        self._reader.join(5)
        self._out.seek(0)
        text = self._out.read()
        if status != 0 or not text.strip():
            raise DemoError(f"the generator ended with {status}: " + "\n".join(self._said[-5:]))
        self.account = json.loads(text)
        self.acknowledged = self.account["acknowledged"]
        return self.account

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def clean_environment() -> dict[str, str]:
    """The shell's environment without another account's or server's settings."""
    kept = ("TARN_RUNTIME_DIR", "TARN_JAVA_HOME", "TARN_CONNECTOR_DIR", "TARN_SHARE_DIR")
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith(("AWS_", "TARN_"))
    }
