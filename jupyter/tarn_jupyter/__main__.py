"""python -m tarn_jupyter: JupyterLab on a tarn server; what `tarn notebook` runs."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from .workspace import Server, prepare


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


def main(words: list[str]) -> int:
    arguments = parse(words)
    try:
        server = Server.of_environment(os.environ)
    except KeyError as missing:
        sys.exit(
            f'tarn notebook: {missing.args[0]} is not set; use `tarn notebook`, or eval "$(tarn env)" first'
        )
    line, _ = command(arguments)
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="tarn-notebook-", dir=base))
    environment = {**os.environ, **prepare(server, folder)}
    os.execve(line[0], line, environment)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
