"""clang-tidy with a memory: a file is examined again only when it, what it includes, or a setting changed.

A result depends on the file, the repository's headers that it reaches, .clang-tidy, the compiler's
arguments and the versions of the installed libraries.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import memory
from sources import BUILD, ROOT

TIDY = BUILD / "tidy"
JOBS = int(os.environ.get("TARN_JOBS") or os.cpu_count() or 1)
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
OBJECT = re.compile(r" -o \S+")
INCLUDE_FOLDERS = (ROOT / "src", BUILD / "generated")
SHOWN_LINES = 40


def check(files: list[Path]) -> list[str]:
    """Examines those of the files that the build compiles; gives the findings."""
    commands = compile_commands()
    ours = [file for file in files if file in commands]
    if failure := build_generated_headers():
        return [failure]
    context = Context()
    keys = {file: context.key(file, commands[file]) for file in ours}
    stale = [file for file in ours if not memory.knows(keys[file])]
    done = 0

    def examine(file: Path) -> str:
        nonlocal done
        findings = run_tidy(file)
        if not findings:
            memory.keep([keys[file]])
        done += 1
        print(f"       clang-tidy {done}/{len(stale)} {file.relative_to(ROOT)}", flush=True)
        return findings

    with ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(examine, stale))
    return [findings for findings in results if findings]


def compile_commands() -> dict[Path, str]:
    """The compiler's arguments of each source file, also left in TIDY for clang-tidy.

    The build compiles the sources of a room together (Unity/unity_N_cxx.cxx includes them); they
    are examined one by one, so that each stands on its own includes.
    """
    entries = []
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        for source in sources_of(Path(entry["file"])):
            arguments = entry["command"].rsplit(" -c ", 1)[0]
            entries.append({**entry, "file": str(source), "command": f"{arguments} -c {source}"})
    TIDY.mkdir(parents=True, exist_ok=True)
    (TIDY / "compile_commands.json").write_text(json.dumps(entries))
    return {Path(entry["file"]): entry["command"] for entry in entries}


def sources_of(compiled: Path) -> list[Path]:
    if compiled.parent.name != "Unity":
        return [compiled]
    return [Path(name.decode()) for name in INCLUDE.findall(compiled.read_bytes())]


def build_generated_headers() -> str:
    """Generated headers must be there to be included; gives what went wrong, if anything did."""
    listing = ninja("-t", "targets", "all").stdout
    targets = [line.split(": ")[0] for line in listing.splitlines()]
    headers = [t for t in targets if t.startswith("generated/") and t.endswith(".h")]
    if not headers:
        return ""
    done = ninja(*headers)
    return "" if done.returncode == 0 else f"the generated headers do not build:\n{done.stdout}"


def ninja(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["ninja", "-C", str(BUILD), *arguments], capture_output=True, text=True, check=False
    )


class Context:
    """What all results depend on, and the digests of files already read."""

    def __init__(self):
        self.digests: dict[Path, bytes] = {}
        self.reached: dict[Path, list[Path]] = {}
        everywhere = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
        everywhere.update(installed_versions())
        self.everywhere = everywhere.digest()

    def key(self, file: Path, command: str) -> str:
        digest = hashlib.sha256(self.everywhere)
        # Checkouts and build folders differ in place only, and the object's name tells what is compiled beside it.
        command = OBJECT.sub("", command)
        digest.update(command.replace(str(BUILD), "").replace(str(ROOT), "").encode())
        for reached in self.closure(file):
            digest.update(self.digest(reached))
        return digest.hexdigest()

    def digest(self, file: Path) -> bytes:
        if file not in self.digests:
            self.digests[file] = hashlib.sha256(file.read_bytes()).digest()
        return self.digests[file]

    def closure(self, file: Path) -> list[Path]:
        """The file and every header of the repository or the generator that it reaches, in order."""
        seen: dict[Path, None] = {}
        waiting = [file]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen[current] = None
                waiting += self.includes(current)
        return list(seen)

    def includes(self, file: Path) -> list[Path]:
        if file not in self.reached:
            found = []
            for name in INCLUDE.findall(file.read_bytes()):
                candidates = (folder / name.decode() for folder in (*INCLUDE_FOLDERS, file.parent))
                found += [c for c in candidates if c.is_file()][:1]
            self.reached[file] = found
        return self.reached[file]


def installed_versions() -> bytes:
    """The versions of the compiler, of clang-tidy and of the libraries that the sources include."""
    listed = (ROOT / "runtime/debian-packages.txt").read_text()
    packages = [line.split()[0] for line in listed.splitlines() if line[:1].isalnum()]
    return subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages],
        capture_output=True,
        check=False,
    ).stdout


def run_tidy(file: Path) -> str:
    done = subprocess.run(
        # The build is g++'s; what clang alone warns about, or does not know, is no matter here.
        ["clang-tidy-19", "-p", str(TIDY), "--quiet", "--extra-arg=-Wno-everything", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    lines = (done.stdout.strip() or done.stderr.strip()).replace(f"{ROOT}/", "").splitlines()
    # One broken template can speak for pages; its first lines say what is wrong.
    cut = [f"… {len(lines) - SHOWN_LINES} lines more"] if len(lines) > SHOWN_LINES else []
    return "\n".join([*lines[:SHOWN_LINES], *cut])
