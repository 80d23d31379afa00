"""What the slower checks found clean: a file is examined again only when something that its result depends on changed.

One empty file per clean result in $TARN_CACHE/lint, named by a digest over all of that: shared by every checkout of
this user, and forgotten after a month without use. Findings are never remembered.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

CACHE = Path(os.environ["TARN_CACHE"]) / "lint"
KEEP_DAYS = 30


def digest(*parts: bytes | str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        # With its length: where one part ends is part of what is said.
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.hexdigest()


def knows(key: str) -> bool:
    try:
        os.utime(CACHE / key)
    except FileNotFoundError:
        return False
    return True


def keep(keys: Iterable[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    for key in keys:
        (CACHE / key).touch()


def forget_old() -> None:
    oldest = time.time() - KEEP_DAYS * 86400
    for result in CACHE.glob("*"):
        if result.stat().st_mtime < oldest:
            result.unlink(missing_ok=True)
