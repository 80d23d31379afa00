"""The AWS CLI without its start: a process that has imported it forks one for every command.

A command of the CLI takes 0.6 s of a processor, most of it for imports, and the tests give some two
hundred. What runs is the installed CLI, with arguments, environment and files of its own, in a
process of its own.

    done = AwsCli.shared().run(["s3", "ls"], environment, stdin="", timeout_s=120)
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

LONGEST_REQUEST = 1 << 20


class AwsCli:
    """The process that has imported the CLI, and the way to it."""

    _shared: AwsCli | None = None
    _starting = threading.Lock()

    @classmethod
    def shared(cls) -> AwsCli:
        """The one of this process, which ends with it."""
        with cls._starting:
            if cls._shared is None:
                cls._shared = cls()
            return cls._shared

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="tarn-aws-cli-")
        self._path = f"{self._folder.name}/socket"
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self._path)
        listening.listen(64)
        # It ends when this process has closed its end of the pipe, however that came.
        watched, self._lifeline = os.pipe()
        subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno()), str(watched)],
            pass_fds=(listening.fileno(), watched),
            stdin=subprocess.DEVNULL,
        )
        listening.close()
        os.close(watched)

    def run(self, arguments, environment, *, stdin: str, timeout_s: float):
        """As subprocess.run of `aws` with captured text. Raises subprocess.TimeoutExpired."""
        with contextlib.ExitStack() as stack:
            files = [
                stack.enter_context(tempfile.TemporaryFile(dir=self._folder.name)) for _ in range(3)
            ]
            files[0].write(stdin.encode())
            files[0].seek(0)
            code = self._ask(arguments, environment, files, timeout_s)
            texts = []
            for file in files[1:]:
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(["aws", *arguments], code, *texts)

    def _ask(self, arguments, environment, files, timeout_s):
        """Has the command run over these files; gives its exit code, -1 where it left none."""
        request = json.dumps(
            {"arguments": arguments, "environment": environment, "in": os.getcwd()}
        ).encode()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(self._path)
            socket.send_fds(
                connection, [f"{len(request):8}".encode()], [file.fileno() for file in files]
            )
            connection.sendall(request)
            try:
                answer = connection.makefile().read()
            except TimeoutError:
                # The child's answer to the closed connection is its end, at the latest.
                raise subprocess.TimeoutExpired(["aws", *arguments], timeout_s) from None
        return int(answer) if answer else -1


# --- in the process that has imported the CLI -----------------------------------------------------


def serve(listening: socket.socket, lifeline: int) -> None:
    """Forks for every connection until the tests have ended."""
    import signal

    import awscli.clidriver

    awscli.clidriver.create_clidriver()  # imports what every command needs
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave nothing to wait for
    while True:
        ready, _, _ = select.select([listening, lifeline], [], [])
        if lifeline in ready:
            return
        connection, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            os.close(lifeline)
            execute(connection)
        connection.close()


def execute(connection: socket.socket) -> None:
    """Runs one command and answers with its exit code; does not return."""
    head, files, _, _ = socket.recv_fds(connection, 8, 3)
    size = int(head)
    request = json.loads(connection.recv(size, socket.MSG_WAITALL))
    for target, file in enumerate(files):
        os.dup2(file, target)
    # Where its own data are, the package has put into the environment when it was imported.
    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
    os.environ.clear()
    os.environ.update(request["environment"] | own)
    os.chdir(request["in"])
    sys.argv = ["aws", *request["arguments"]]
    code = 255
    try:
        from awscli.clidriver import main

        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(str(code or 0).encode())
        os._exit(0)


if __name__ == "__main__":
    # `tests/` would stand before the installed packages.
    sys.path = [each for each in sys.path if Path(each) != Path(__file__).parent]
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
