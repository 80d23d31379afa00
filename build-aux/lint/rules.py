"""The rules of the house that a pattern can check. CONTRIBUTING.md gives the reasons at length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sources import ROOT, Sources

CODE = ("*.cc", "*.h", "*.py", "*.java", "*.ts", "*.tsx", "*.sh", "dev")
CPP = ("*.cc", "*.h")
MAX_LINES = 700
VAGUE_NAME = re.compile(r"(^|_)(util|utils|manager|helper|helpers)($|_)", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """A pattern that no line may match, in files of `names` below `folders` less `except_below`."""

    name: str
    why: str
    pattern: re.Pattern
    names: tuple[str, ...] = CPP
    folders: tuple[str, ...] = ("src",)
    except_below: tuple[str, ...] = ()
    tests_too: bool = True  # whether *_test.cc must keep it as well


RULES = [
    Rule(
        "no-clock-or-chance-outside-platform",
        "time and randomness come from tarn::platform (Clock, Random), so that one seed replays a run",
        re.compile(
            r"(system|steady|high_resolution)_clock::now|random_device|std::rand\b|\brand\(\)"
            r"|\b(std::)?time\(\s*(nullptr|NULL|0)\s*\)|gettimeofday|clock_gettime|sleep_for|sleep_until"
        ),
        except_below=("src/platform/real",),
    ),
    Rule(
        "no-process-or-environment-outside-platform",
        "processes and the environment are reached through tarn::platform (Processes); src/tarn reads the environment",
        re.compile(r"\bfork\(|\bvfork\(|\bexecv|\bexecl|posix_spawn|std::system\(|\bpopen\(|\bgetenv\(|\bsetenv\("),
        except_below=("src/platform/real", "src/tarn"),
    ),
    Rule(
        "no-file-calls-outside-platform",
        "disk is reached through tarn::platform::Files, so that a failing disk can be simulated",
        re.compile(
            r"std::[io]?fstream|\bfopen\(|(?<!\w)::(open|openat|fsync|fdatasync|pread|pwrite)\("
            r"|std::filesystem::(create|remove|rename|copy|resize|exists|directory_iterator)"
        ),
        except_below=("src/platform/real",),
        tests_too=False,
    ),
    Rule(
        "boost-stays-in-its-rooms",
        "Boost takes long to compile and is an inner matter of the network's rooms",
        re.compile(r"#include\s*<boost/"),
        except_below=("src/platform/real", "src/gateway", "src/tarn"),
    ),
    Rule(
        "rocksdb-stays-in-the-store",
        "durable metadata goes through src/store",
        re.compile(r"#include\s*<rocksdb/"),
        except_below=("src/store",),
    ),
    Rule(
        "platform-real-is-named-by-main-only",
        "rooms take the interfaces of src/platform; only src/tarn wires the real ones",
        re.compile(r'#include\s*"platform/real/'),
        # The server's sockets live on the machine's own I/O threads (docs/decisions/2026-11-22-own-task.md).
        except_below=("src/platform/real", "src/tarn", "src/gateway/server.h"),
        tests_too=False,
    ),
    Rule(
        "no-raw-new",
        "ownership is in the type: std::make_unique, a container, a value",
        re.compile(r"(?<![\w.])new\s+[A-Za-z_:][\w:<>, ]*[({;\[]"),
    ),
    Rule(
        "nothing-left-for-later",
        "finish it, or answer NotImplemented by name; open work stands in an issue, not in the code",
        re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|not yet " r"implemented|\bfor " r"now\b"),
        names=CODE,
        folders=("src", "spec", "spark", "build-aux", "dev", "tests", "demo", "bench", "jupyter", "runtime"),
    ),
    Rule(
        "no-test-is-skipped-or-empty",
        "a test runs and asserts, or is not there",
        re.compile(
            r"GTEST_SK" r"IP|\bDISABLED_\w|EXPECT_TRUE\(tr" r"ue\)|assert Tr" r"ue\s*$|assert\(tr" r"ue\)"
            r"|pytest\.mark\.sk" r"ip|pytest\.sk" r"ip|pytest\.importorskip|@Dis" r"abled|\b(test|it)\.sk" r"ip"
        ),
        names=CODE,
        folders=("src", "spec", "spark", "tests", "demo", "bench", "jupyter"),
    ),
    Rule(
        "no-path-of-one-machine",
        "a committed file works on every machine",
        re.compile(r"(?<![\w.])/(root|work|home/\w+)/"),
        names=("*",),
        folders=(".",),
        except_below=("LICENSE",),
    ),
]  # fmt: skip


def check(rule: Rule, sources: Sources) -> list[str]:
    """The lines that break the rule, and why there is one."""
    problems = []
    for path in files_of(rule, sources):
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if rule.pattern.search(line):
                problems.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return [*problems, f"Rule: {rule.why}."] if problems else []


def files_of(rule: Rule, sources: Sources) -> list[Path]:
    mine = set(sources.below(*rule.folders)) & set(sources.named(*rule.names))
    mine -= set(sources.below(*rule.except_below))
    if not rule.tests_too:
        mine = {p for p in mine if not p.name.endswith(("_test.cc", "_fixture.h"))}
    return sorted(mine)


def check_shape(sources: Sources) -> list[str]:
    """Rules about whole files: their length, their name, how a header begins."""
    problems = []
    for path in sources.named("*.cc", "*.h", "*.py", "*.java", "*.ts", "*.tsx", "*.sh"):
        name = path.relative_to(ROOT)
        lines = path.read_text(errors="replace").splitlines()
        if len(lines) > MAX_LINES:
            problems.append(
                f"{name}: {len(lines)} lines; more than {MAX_LINES} is two rooms in one"
            )
        if VAGUE_NAME.search(path.stem):
            problems.append(f"{name}: name the noun that the file is about")
        if path.suffix == ".h" and not (lines and lines[0].startswith("//")):
            problems.append(f"{name}:1: a header opens with its purpose, place and thread rule")
    return problems
