"""What a statement prints, captured per statement and bounded.

Between statements (a streaming query's foreachBatch, a background thread) the same streams write to the session's
log, so nothing is lost and nothing turns up in another cell's answer.
"""

import io
import threading

# A cell that prints without end must not fill the driver's, the server's and the browser's memory.
MAX_OUTPUT_CHARACTERS = 8 * 1024 * 1024


class StatementStream(io.TextIOBase):
    """Stands in as sys.stdout or sys.stderr; writes into the running statement's buffer, else into `log`."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, log, limit=MAX_OUTPUT_CHARACTERS):
        super().__init__()
        self._log = log
        self._limit = limit
        self._lock = threading.Lock()
        self._parts = None
        self._length = 0
        self._dropped = 0

    def begin(self):
        with self._lock:
            self._parts, self._length, self._dropped = [], 0, 0

    def end(self):
        """The text written since begin(), with a note where it was cut."""
        with self._lock:
            parts, dropped = self._parts or [], self._dropped
            self._parts = None
        text = "".join(parts)
        if dropped:
            text += f"\n... {dropped} more characters of output are not shown (a statement may print {self._limit})\n"
        return text

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            if self._parts is None:
                self._log.write(text)
                return len(text)
            room = self._limit - self._length
            if room > 0:
                kept = text[:room]
                self._parts.append(kept)
                self._length += len(kept)
            self._dropped += max(0, len(text) - max(room, 0))
        return len(text)

    def writable(self):
        return True

    def isatty(self):
        return False

    def fileno(self):
        return self._log.fileno()

    def flush(self):
        self._log.flush()
