"""The control channel: JSON lines in on the process's first stdin, out on its first stdout.

Both descriptors are taken over at start, so that neither user code nor a child process can read commands or write
answers: stdin becomes empty, and stdout goes where stderr goes, into the session's log.
"""

import json
import os
import sys
import threading

from .plain import plain


class Channel:
    """Reads commands and writes events. `send` is safe from any thread; `receive` is for one."""

    def __init__(self, command_fd, event_fd):
        self._commands = os.fdopen(command_fd, "r", encoding="utf-8", newline="\n")
        self._events = os.fdopen(event_fd, "w", encoding="utf-8", newline="\n")
        self._lock = threading.Lock()

    @classmethod
    def take_over_standard_streams(cls):
        command_fd, event_fd = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        # Lines of the log appear as they are written, also where stderr is a file.
        sys.stdout = os.fdopen(
            os.dup(1), "w", encoding="utf-8", errors="backslashreplace", buffering=1
        )
        sys.stderr = os.fdopen(
            os.dup(2), "w", encoding="utf-8", errors="backslashreplace", buffering=1
        )
        return cls(command_fd, event_fd)

    def receive(self):
        """The next command, or None when the server has closed its end."""
        while True:
            line = self._commands.readline()
            if not line:
                return None
            if line.strip():
                return json.loads(line)

    def send(self, event):
        # The server passes over a line that it cannot read, and a statement without an answer runs for ever.
        line = json.dumps(plain(event), ensure_ascii=False, allow_nan=False)
        with self._lock:
            try:
                self._events.write(line + "\n")
                self._events.flush()
            except (BrokenPipeError, ValueError):
                # The server is gone; the end of its command pipe stops this session.
                pass
