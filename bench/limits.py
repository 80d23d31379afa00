"""What this machine can do at best, measured in the same run: the limits that figures are near."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Limits:
    cores: int
    sync_per_s: float  # appends of 64 KiB with fdatasync, one after another
    write_mb_per_s: float  # sequential write with one fsync at the end
    sha256_mb_per_s: float  # one core
    copy_mb_per_s: float  # one core


def measure_limits(folder: Path) -> Limits:
    return Limits(
        cores=len(os.sched_getaffinity(0)),
        sync_per_s=sync_rate(folder / "sync"),
        write_mb_per_s=write_rate(folder / "write"),
        sha256_mb_per_s=rate_of(lambda data: hashlib.sha256(data).digest()),
        copy_mb_per_s=rate_of(bytearray),
    )


def sync_rate(path: Path, seconds: float = 1.0) -> float:
    block = os.urandom(64 << 10)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        os.write(descriptor, block)
        os.fdatasync(descriptor)
        count += 1
    rate = count / (time.perf_counter() - start)
    os.close(descriptor)
    path.unlink()
    return rate


def write_rate(path: Path, mebibytes: int = 256) -> float:
    block = os.urandom(1 << 20)
    start = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for _ in range(mebibytes):
            file.write(block)
        os.fsync(file.fileno())
    rate = mebibytes * (1 << 20) / 1e6 / (time.perf_counter() - start)
    path.unlink()
    return rate


def rate_of(work, seconds: float = 0.5) -> float:
    data = os.urandom(32 << 20)
    work(data)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        work(data)
        count += 1
    return count * len(data) / 1e6 / (time.perf_counter() - start)


def machine() -> str:
    """ "AMD EPYC 7763 · 2 cores · 24 GB · Linux 6.1 · Debian GNU/Linux 12"."""
    processor = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    release = {}
    if Path("/etc/os-release").exists():
        release = dict(
            line.split("=", 1)
            for line in Path("/etc/os-release").read_text().splitlines()
            if "=" in line
        )
    system = release.get("PRETTY_NAME", platform.system()).strip('"')
    cores = len(os.sched_getaffinity(0))
    return f"{processor} · {cores} cores · {memory:.0f} GB · Linux {platform.release()} · {system}"
