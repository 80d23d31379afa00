"""A real `tarn` server for tests: starts it, gives clients of it, stops or kills it.

The server is the built program, run on a free port of 127.0.0.1 with its own data directory; it
writes its port and keys to `tarn.json` there once it answers.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import boto3
from aws_cli import AwsCli
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("TARN_BUILD", ROOT / "build")).resolve()
TARN = BUILD / "bin" / "tarn"
RUNTIME = BUILD / "runtime"
REGION = "us-west-2"

SHORT_LIVED = (
    "-XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30

# A session reads each service's model once, for a tenth of a second of a processor; it makes one
# client at a time.
_session = boto3.session.Session()
_making_clients = threading.Lock()


# Below what Linux gives to connections (net.ipv4.ip_local_port_range begins at 32768), and above services' own.
OWN_PORTS = range(20000, 32000)
PORT_LOCKS = Path(tempfile.gettempdir()) / "tarn-test-ports"


def _lock_port():
    """The locked file of a port that no other server of a test has, in any process of this machine."""
    PORT_LOCKS.mkdir(exist_ok=True)
    for port in random.sample(OWN_PORTS, len(OWN_PORTS)):
        lock = (PORT_LOCKS / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            return lock
        except OSError:
            lock.close()
    raise ServerError(f"no port of {OWN_PORTS} is free")


class ServerError(Exception):
    """The server did not do what every test relies on; says what, with the end of its log."""


class TarnServer:
    """One server process at a time over one data directory, which outlives `restart` and `kill9`."""

    def __init__(
        self,
        folder: Path,
        *,
        arguments: tuple[str, ...] = (),
        environment=None,
        launcher: tuple[str, ...] = (),
    ):
        self.folder = folder
        self.data_dir = folder / "data"
        self.log_path = folder / "server.log"
        self.arguments = arguments
        self.environment = environment or {}
        self.launcher = launcher  # a program that becomes the server, such as unshare
        self.process: subprocess.Popen | None = None
        self.facts: dict = {}
        self._port_lock = None
        self._clients: dict = {}  # of the server that runs: to make one takes longer than most calls

    # --- life ---------------------------------------------------------------------------------

    def start(self, *, port: int = 0) -> TarnServer:
        """Starts the server and waits until it answers; `port` 0 takes one of its own."""
        if self.process is not None:
            raise ServerError("the server runs already")
        # Their connections were to the one before.
        self._clients.clear()
        if not TARN.exists():
            raise ServerError(f"{TARN} is not built: ./dev build")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        facts_path = self.data_dir / "tarn.json"
        facts_path.unlink(missing_ok=True)
        command = [*self.launcher, str(TARN), "up"]
        command += ["--data-dir", str(self.data_dir), "--port", str(port or self._own_port())]
        # A test's session lives for seconds: what C2 would compile better does not run often enough to pay for it, and
        # what a compiler has just written needs no second look.
        command += [f"--driver-java-options={SHORT_LIVED}"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._server_environment(),
                start_new_session=True,
            )
        # As the server sees it: it may have a file system of its own there.
        seen = Path(f"/proc/{self.process.pid}/root{facts_path.resolve()}")
        self.facts = self._wait_for_facts(seen)
        return self

    def _own_port(self) -> int:
        """A port that is this server's until this object goes, also while it is stopped. Not one that the system
        gives out by itself: between a stop and a restart, some client's connection would have it."""
        if self._port_lock is None:
            self._port_lock = _lock_port()
        return int(Path(self._port_lock.name).name)

    def stop(self) -> None:
        """Asks the server to stop (SIGTERM); anything but a clean exit is an error."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._kill_group()
            raise ServerError(
                self._with_log(f"did not stop within {STOP_TIMEOUT_S} s of SIGTERM")
            ) from None
        finally:
            self.process = None
        if status != 0:
            raise ServerError(self._with_log(f"exited with {status} after SIGTERM"))

    def kill9(self) -> None:
        """Ends the server's process group at once, as a power cut would."""
        self._running()
        self._kill_group()
        self.process = None

    def restart(self) -> TarnServer:
        """Starts again on the same port and data; stops first where it still runs."""
        port = self.port
        if self.process is not None:
            self.stop()
        return self.start(port=port)

    def close(self) -> None:
        """For the end of a test: a clean stop where it runs; where it died, an error."""
        if self.process is not None:
            if (status := self.process.poll()) is not None:
                self.process = None
                raise ServerError(self._with_log(f"died with {status} during the tests"))
            self.stop()

    # --- what it says about itself --------------------------------------------------------------

    @property
    def port(self) -> int:
        return int(self.facts["port"])

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_key_id(self) -> str:
        return self.facts["access_key_id"]

    @property
    def secret_access_key(self) -> str:
        return self.facts["secret_access_key"]

    # --- clients --------------------------------------------------------------------------------

    def client(
        self,
        service: str,
        *,
        access_key_id=None,
        secret_access_key=None,
        session_token=None,
        **config,
    ):
        """A boto3 client, the same one for the same arguments; further ones go to botocore's Config. Does not retry by
        itself."""
        settings = {
            "retries": {"total_max_attempts": 1},
            "connect_timeout": 5,
            "read_timeout": 60,
            **config,
        }
        if service == "s3":
            settings.setdefault("s3", {"addressing_style": "path"})
        keys = {
            "aws_access_key_id": access_key_id or self.access_key_id,
            "aws_secret_access_key": secret_access_key or self.secret_access_key,
            "aws_session_token": session_token,
        }
        asked = repr((service, keys, sorted(settings.items())))
        with _making_clients:
            if asked not in self._clients:
                self._clients[asked] = _session.client(
                    service,
                    region_name=REGION,
                    endpoint_url=self.endpoint_url,
                    config=Config(**settings),
                    **keys,
                )
            return self._clients[asked]

    def client_environment(self) -> dict[str, str]:
        """The environment of a client program: this server's keys and none of the machine's own."""
        own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TARN_"))}
        return {
            **own,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def aws_cli(self, *arguments, check: bool = True, stdin: str | None = None):
        """Runs the real AWS CLI. Gives its JSON (or None where it prints nothing); with `check`
        False, the finished process, whatever it answered."""
        done = AwsCli.shared().run(
            ["--endpoint-url", self.endpoint_url, "--output", "json", *map(str, arguments)],
            self.client_environment(),
            stdin=stdin if stdin is not None else "",
            timeout_s=120,
        )
        if not check:
            return done
        if done.returncode != 0:
            raise ServerError(f"aws {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        try:
            return json.loads(done.stdout) if done.stdout.strip() else None
        except json.JSONDecodeError:
            return done.stdout

    def tarn(self, command: str, *arguments, check: bool = True, timeout_s: float = 120):
        """Runs a client command of `tarn` itself (status, env, generate, …) against this server."""
        return subprocess.run(
            [str(TARN), command, "--data-dir", str(self.data_dir), *map(str, arguments)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=self.client_environment(),
            timeout=timeout_s,
            check=check,
        )

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # --- inside ---------------------------------------------------------------------------------

    def _server_environment(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TARN_"))}
        return {**own, **self.environment}

    def _wait_for_facts(self, path: Path) -> dict:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if (status := self.process.poll()) is not None:
                self.process = None
                raise ServerError(self._with_log(f"exited with {status} while starting"))
            try:
                facts = json.loads(path.read_text())
                if facts.get("pid") == self.process.pid:
                    return facts
            except (FileNotFoundError, PermissionError, json.JSONDecodeError):
                pass
            time.sleep(0.02)
        self._kill_group()
        self.process = None
        raise ServerError(self._with_log(f"did not write {path} within {START_TIMEOUT_S} s"))

    def _running(self) -> subprocess.Popen:
        if self.process is None:
            raise ServerError("the server does not run")
        return self.process

    def _kill_group(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _with_log(self, what: str) -> str:
        tail = "\n".join(self.log().splitlines()[-30:])
        return f"tarn {what}; the end of {self.log_path}:\n{tail}"
