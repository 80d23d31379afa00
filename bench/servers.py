"""The servers that are measured: tarn, and its peers from their registries. Each is started and ended here."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("TARN_BUILD", ROOT / "build")).resolve()
REGION = "us-west-2"
KINESALITE = "kinesalite@3.3.3"
FAKER = "faker@4.1.0"
TICKS = os.sysconf("SC_CLK_TCK")


class Unavailable(Exception):
    """Why a peer cannot be measured on this machine."""


def cache_dir() -> Path:
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tarn"
    return Path(os.environ.get("TARN_CACHE", default)) / "bench-peers"


def clean_environment() -> dict[str, str]:
    """Without what would lead a client elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install_node_package(package: str) -> Path:
    """The folder whose node_modules holds `package`; fetched once."""
    folder = cache_dir() / package.replace("@", "-")
    done = folder / ".installed"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--prefix",
        str(folder),
        package,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except FileNotFoundError as error:
        raise Unavailable("npm is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"npm install {package} took over 300 s") from error
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"npm install {package} failed: {' '.join(last)}")
    done.touch()
    return folder


class Server:
    """A server process on a port of its own."""

    name = "server"
    keys = ("bench", "benchbenchbench")

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.version = ""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self, poll_s: float = 0.1) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self.command()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean_environment(),
                start_new_session=True,
            )
        deadline = time.monotonic() + 120
        while not self.ready():
            if self.process.poll() is not None:
                raise Unavailable(f"{self.name} ended at start: {self.log_end()}")
            if time.monotonic() > deadline:
                raise Unavailable(f"{self.name} did not answer within 120 s")
            time.sleep(poll_s)

    def ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log_end(self) -> str:
        lines = (self.folder / "server.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def client(self, service: str):
        import boto3
        from botocore.config import Config

        config = Config(
            retries={"max_attempts": 1}, read_timeout=120, s3={"addressing_style": "path"}
        )
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.keys[0],
            aws_secret_access_key=self.keys[1],
            config=config,
        )


class Tarn(Server):
    name = "tarn"

    def command(self) -> list[str]:
        program = BUILD / "bin" / "tarn"
        if not program.exists():
            raise Unavailable(f"{program} is not built")
        said = subprocess.run(
            [str(program), "version"], capture_output=True, text=True, check=False
        )
        self.version = (said.stdout.split() or [""])[-1]
        return [
            str(program),
            "up",
            "--data-dir",
            str(self.folder / "data"),
            "--port",
            str(self.port),
            # The driver that is kept warm for sessions would start beside the first figures.
            "--no-sessions",
        ]

    def ready(self) -> bool:
        try:
            facts = json.loads((self.folder / "data" / "tarn.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        self.keys = (facts["access_key_id"], facts["secret_access_key"])
        return facts["pid"] == self.process.pid


class Kinesalite(Server):
    name = "kinesalite"

    def command(self) -> list[str]:
        self.version = KINESALITE.partition("@")[2]
        folder = install_node_package(KINESALITE)
        program = folder / "node_modules" / "kinesalite" / "cli.js"
        return [
            "node",
            str(program),
            "--port",
            str(self.port),
            "--createStreamMs",
            "50",
            "--shardLimit",
            "100",
        ]


class Moto(Server):
    name = "moto"

    def command(self) -> list[str]:
        try:
            from importlib.metadata import version

            self.version = version("moto")
        except ImportError as error:
            raise Unavailable(
                "moto is not in this Python environment (./dev setup installs it)"
            ) from error
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
