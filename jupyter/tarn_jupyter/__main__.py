"""python -m tarn_jupyter: JupyterLab on a tarn server; what `tarn notebook` runs."""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import secrets
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

from .workspace import Server, prepare

# Past any proxy of the shell.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tarn notebook",
        description="Start JupyterLab with Spark notebooks that run on the tarn server.",
        epilog="Examples:\n  tarn notebook\n  tarn notebook --no-browser --port 8899 report.ipynb",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a notebook, or a folder; here by default"
    )
    parser.add_argument(
        "--port", type=int, default=8888, help="port of JupyterLab (8888; the next free one)"
    )
    parser.add_argument("--ip", default="127.0.0.1", help="address it listens on (127.0.0.1)")
    parser.add_argument(
        "--cluster", metavar="ID", help="an EMR cluster with Livy, on which notebooks run"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    return parser.parse_args(words)


def command(arguments: argparse.Namespace) -> tuple[list[str], Path]:
    """JupyterLab's command line, and the folder it serves. Raises SystemExit for a file that is not there."""
    path = Path(arguments.file or ".").resolve()
    if not path.exists():
        raise SystemExit(f"tarn notebook: {path} does not exist")
    root = path if path.is_dir() else path.parent
    line = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    line += [f"--ServerApp.ip={arguments.ip}", f"--ServerApp.port={arguments.port}"]
    # Its own news and build checks ask hosts on the internet.
    line += [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    line += ["--MultiKernelManager.default_kernel_name=pysparkkernel"]
    # Sessions speak Python and SQL: sparkmagic's kernels for Scala and R would only fail.
    line += ["--KernelSpecManager.allowed_kernelspecs=pysparkkernel"]
    line += ["--KernelSpecManager.allowed_kernelspecs=python3"]
    if os.geteuid() == 0:
        line.append("--allow-root")
    if arguments.no_browser:
        line.append("--no-browser")
    if not path.is_dir():
        line.append(f"--LabApp.default_url=/lab/tree/{path.name}")
    return line, root


def free_port(address: str, wanted: int) -> int:
    """`wanted`, or the next that is free."""
    for port in range(wanted, min(wanted + 50, 65536)):
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            return port
    raise SystemExit(f"tarn notebook: no port from {wanted} on is free on {address}")


def tell_where(path: str, address: str, port: int, token: str) -> str:
    """The URL of JupyterLab, also written to `path` for the server, which leads a Studio's URL here. It holds a token:
    only its owner may read the file."""
    reached = "127.0.0.1" if address in ("0.0.0.0", "localhost", "") else address
    told = {"address": reached, "port": port, "url": f"http://{reached}:{port}/lab?token={token}"}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(told, file)
    return told["url"]


def check_attachable(server: Server) -> None:
    """Raises SystemExit with what the cluster lacks."""
    pair = f"{server.access_key_id}:{server.secret_access_key}".encode()
    signed = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    try:
        with direct.open(urllib.request.Request(server.livy_url + "/sessions", headers=signed)):
            return
    except urllib.error.HTTPError as error:
        reason = json.loads(error.read() or b"{}").get("msg", str(error))
    except OSError as error:
        reason = str(error)
    raise SystemExit(f"tarn notebook: {reason}")


def main(words: list[str]) -> int:
    arguments = parse(words)
    try:
        server = replace(Server.of_environment(os.environ), cluster=arguments.cluster)
    except KeyError as missing:
        sys.exit(
            f'tarn notebook: {missing.args[0]} is not set; use `tarn notebook`, or eval "$(tarn env)" first'
        )
    if server.cluster:
        check_attachable(server)
    arguments.port = free_port(arguments.ip, arguments.port)
    line, _ = command(arguments)
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="tarn-notebook-", dir=base))
    environment = {**os.environ, **prepare(server, folder)}
    if told_in := environment.pop("TARN_NOTEBOOK_FILE", ""):
        environment["JUPYTER_TOKEN"] = secrets.token_hex(24)
        # Jupyter itself shows no token that it was given.
        url = tell_where(told_in, arguments.ip, arguments.port, environment["JUPYTER_TOKEN"])
        print(f"tarn notebook: {url}", flush=True)
    os.execve(line[0], line, environment)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
