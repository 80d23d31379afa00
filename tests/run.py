#!/usr/bin/env python3
"""Runs the test suites and ends with one line, `N passed, N failed`. Called by `./dev test`.

Every suite is a program that leaves JUnit reports; this one starts them, some at a time, shows
that they are alive, reads the reports and adds up. A suite that crashes, runs too long, leaves no
report or skips a test has failed, whatever it printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("TARN_BUILD", ROOT / "build")).resolve()
REPORTS = BUILD / "test"
JOBS = os.environ.get("TARN_JOBS") or str(os.cpu_count() or 1)

HEARTBEAT_S = 20
POLL_S = 0.2
PATIENCE_S = 20  # for a suite's own clean-up, when it took too long
LANES = 6  # suites at a time: much of a suite waits for clients to start, for leases and for disks
SPARK_PATIENCE_S = (
    3  # for Spark's build to find nothing to do, before the lanes take what needs none of it
)
SHOWN_LINES = 60  # of one failing test's output


@dataclass(frozen=True)
class Suite:
    """One program to run. `reports` is a pattern below `folder`, emptied before the run."""

    name: str
    command: tuple[str, ...]
    folder: Path
    reports: str
    limit_s: int
    built_targets: tuple[str, ...] = ("all",)  # of the C++ build; none where it needs none
    needs_spark: bool = False  # what `./dev build spark` makes, which takes as long as many suites
    expected: tuple[str, ...] = ()  # reports that must be among them


@dataclass
class Failure:
    test: str
    output: str


@dataclass
class Outcome:
    suite: Suite
    passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    cpu_s: float = 0.0  # of its processes, without those that were killed or outlived their parents


# --- which suites -------------------------------------------------------------------------------


def pytest_suite(
    name: str, paths: list[str], *options: str, limit_s: int, targets=("all",), spark=False
) -> Suite:
    report = REPORTS / f"{name}.xml"
    command = (sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *options, *paths)
    return Suite(name, command, REPORTS, report.name, limit_s, tuple(targets), spark)


def lint_suite(*options: str) -> Suite:
    report = REPORTS / "lint.xml"
    # clang-tidy is `./dev lint`'s own: the tree is not clean under it yet, and it takes ten minutes cold.
    command = (sys.executable, str(ROOT / "build-aux/lint"), f"--report={report}",
               "--without=clang-tidy", *options)  # fmt: skip
    return Suite("lint", command, REPORTS, report.name, 1500)


def unit_suite(room: str = "") -> Suite:
    name = f"unit-{room}" if room else "unit"
    chosen = ("-R", f"^{room}$") if room else ()
    command = ("ctest", "--test-dir", str(BUILD), "--parallel", JOBS, "--timeout", "600",
               "--no-tests=error", "--output-on-failure", *chosen)  # fmt: skip
    targets = (f"{room}_test",) if room else ("all",)
    # Each room's program reports by itself, or has crashed.
    rooms = [room] if room else rooms_with_unit_tests()
    reports = tuple(f"{each}.xml" for each in rooms)
    return Suite(
        name, command, REPORTS / "unit", f"{room or '*'}.xml", 900, targets, expected=reports
    )


def rooms_with_unit_tests() -> list[str]:
    """As CMake has told ctest; none before the first build."""
    told = BUILD / "src/CTestTestfile.cmake"
    if not told.exists():
        return []
    return re.findall(r"^add_test\((?:\[=*\[)?(\w+)", told.read_text(), re.MULTILINE)


def java_suite() -> Suite:
    # Maven itself runs for seconds, too.
    quick_start = "MAVEN_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    command = ("env", quick_start, "mvn", "-B", "-ntp", "-f", str(ROOT / "spark/pom.xml"), "test")
    # After that build, which works in the same folder.
    return Suite(
        "java", command, ROOT / "spark/target/surefire-reports", "TEST-*.xml", 900, (), True
    )


def e2e_suite(name: str, *subjects: str) -> Suite:
    files = [f"tests/e2e/test_{subject}.py" for subject in subjects]
    return pytest_suite(name, files, "--timeout=1200", limit_s=2400, spark=True)


# Conformance tests that start Spark, or want the jar of its source: of sessions; of clusters of their own; and those that
# share one.
OF_SESSIONS = ("test_livy", "test_sandbox", "test_s3_clients", "test_emr_notebooks")
OF_PLATFORMS = ("test_emr_hosts", "test_emr_settings", "test_emr_st", "test_guidance")
OF_CLUSTERS = ("test_emr",)
# The others: of data, and of all the rest.
OF_DATA = ("test_s3", "test_kinesis", "test_dynamodb", "test_glue", "test_iceberg", "test_ga")


def conformance_files(*, of: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list[str]:
    """Those whose names begin with one of `of` (all where it is empty), and with none of `but`."""
    return sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests/conformance").glob("test_*.py")
        if (not of or path.name.startswith(of)) and not (but and path.name.startswith(but))
    )


def every_suite() -> dict[str, Suite]:
    # The longest first, so that the lanes end at about the same time; what needs no Spark fills the beginning.
    clusters = conformance_files(of=OF_CLUSTERS, but=OF_SESSIONS + OF_PLATFORMS)
    platforms = conformance_files(of=OF_PLATFORMS)
    sessions = conformance_files(of=OF_SESSIONS)
    data = conformance_files(of=OF_DATA, but=OF_SESSIONS)
    others = conformance_files(but=OF_CLUSTERS + OF_PLATFORMS + OF_SESSIONS + OF_DATA)
    suites = [
        e2e_suite("jobs", "main_job", "sparkmagic", "iceberg_engines"),
        pytest_suite("clusters", clusters, limit_s=1800, spark=True),
        e2e_suite("streams", "kcl", "kinesis_crash", "resharding"),
        pytest_suite("sessions", sessions, limit_s=1800, spark=True),
        pytest_suite("conformance", others, limit_s=1800),
        pytest_suite("data", data, limit_s=1800),
        pytest_suite("platforms", platforms, limit_s=1800, spark=True),
        java_suite(),
        unit_suite(),
        lint_suite(),
        pytest_suite("tools", ["tests/tools"], limit_s=120, targets=()),
    ]
    return {suite.name: suite for suite in suites}


def quick_suites() -> list[Suite]:
    return [
        lint_suite("--changed"),
        unit_suite(),
        pytest_suite(
            "conformance", ["tests/conformance"], "-m", "not slow", limit_s=180, spark=True
        ),
    ]


def room_suites(room: str) -> list[Suite]:
    """The tests of one room of src/; none where there is no such room, or none written."""
    folder = next(
        (p for p in (ROOT / "src" / room, ROOT / "src/services" / room) if p.is_dir()), None
    )
    suites = []
    if folder and any(folder.rglob("*_test.cc")):
        suites.append(unit_suite(room))
    files = sorted(
        str(p.relative_to(ROOT)) for p in (ROOT / "tests/conformance").glob(f"test_{room}*.py")
    )
    if files:
        starts_spark = any(
            Path(f).name.startswith(OF_CLUSTERS + OF_PLATFORMS + OF_SESSIONS) for f in files
        )
        suites.append(
            pytest_suite(
                f"conformance-{room}", files, limit_s=900, targets=("tarn",), spark=starts_spark
            )
        )
    return suites


def chosen_suites(words: list[str]) -> list[Suite]:
    """What the words of the command line mean; raises SystemExit with what would be right."""
    known = every_suite()
    if not words:
        return list(known.values())
    if words == ["quick"]:
        return quick_suites()
    suites = []
    for word in words:
        found = [known[word]] if word in known else room_suites(word)
        if not found:
            rooms = sorted({p.parent.name for p in (ROOT / "src").rglob("*_test.cc")})
            raise SystemExit(
                f"test: no suite, and no room with tests, is named {word!r}\n"
                f"      suites: quick {' '.join(known)}\n      rooms: {' '.join(rooms)}"
            )
        suites += found
    return suites


# --- what Spark's tests need ----------------------------------------------------------------------


class SparkBuild:
    """`./dev build spark`, beside the suites that need nothing of it."""

    def __init__(self, wanted: bool, begun: float):
        self.log_path = BUILD / "log" / "spark.log"
        self.begun = begun
        self.process: subprocess.Popen | None = None
        if not wanted:
            return
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [str(ROOT / "dev"), "build", "spark"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        say(begun, "the Spark source and the class-data archive are built beside the first suites")

    def wait(self, timeout_s: float) -> None:
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout_s)

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def failure(self) -> str:
        """Why what needs it cannot run; empty where it can."""
        if self.process is None or self.process.returncode == 0:
            return ""
        return f"./dev build spark exited with {self.process.returncode}\n{tail(self.log_path)}"

    def close(self) -> None:
        if self.process is not None:
            end(self.process)


# --- running one --------------------------------------------------------------------------------


def run_suite(suite: Suite, begun: float) -> Outcome:
    """Runs a suite to its end or its time limit, and reads what it left."""
    for old in suite.folder.glob(suite.reports):
        old.unlink()
    log_path = REPORTS / f"{suite.name}.log"
    started = time.monotonic()
    outcome = Outcome(suite)
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            suite.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status = wait_alive(process, outcome, log_path, begun)
    outcome.seconds = time.monotonic() - started
    read_reports(outcome)
    if status is None:
        crashed = f"did not end within {suite.limit_s} s"
    elif not outcome.passed and not outcome.failures:
        crashed = f"exited with {status} and reported no test"
    elif status != 0 and not outcome.failures:
        crashed = f"exited with {status} although no test of it failed"
    else:
        return outcome
    outcome.failures.append(Failure(f"{suite.name} {crashed}", tail(log_path)))
    return outcome


def wait_alive(process: subprocess.Popen, outcome: Outcome, log_path: Path, begun: float):
    """Waits, saying every while what the suite said last; None where it had to be ended."""
    deadline = time.monotonic() + outcome.suite.limit_s
    heartbeat = time.monotonic() + HEARTBEAT_S
    try:
        while (status := ended(process, outcome)) is None and time.monotonic() < deadline:
            time.sleep(POLL_S)
            if time.monotonic() >= heartbeat:
                heartbeat += HEARTBEAT_S
                lines = tail(log_path, 1).strip()
                say(begun, f"  {outcome.suite.name} … {lines[:100]}")
        return status
    finally:
        end(process)


def ended(process: subprocess.Popen, outcome: Outcome) -> int | None:
    """The exit code, once there is one; with it comes what the suite used of the processors."""
    pid, status, used = os.wait4(process.pid, os.WNOHANG)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    outcome.cpu_s = used.ru_utime + used.ru_stime
    return process.returncode


def end(process: subprocess.Popen) -> None:
    """Ends what the suite left running. One that still runs is asked first: its servers live in
    sessions of their own, and only its own clean-up reaches them."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tail(path: Path, lines: int = SHOWN_LINES) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def read_reports(outcome: Outcome) -> None:
    """Adds up the suite's JUnit reports. One that is missing or cannot be read is a failure too."""
    for name in outcome.suite.expected:
        if not (outcome.suite.folder / name).exists():
            outcome.failures.append(Failure(f"{outcome.suite.name}: {name}", "left no report"))
    for path in sorted(outcome.suite.folder.glob(outcome.suite.reports)):
        try:
            cases = list(ElementTree.parse(path).getroot().iter("testcase"))
        except ElementTree.ParseError as error:
            outcome.failures.append(Failure(path.name, f"the report is cut off: {error}"))
            continue
        for case in cases:
            if output := failure_of(case):
                name = case.get("name", "?")
                place = case.get("classname", "")
                full = name if not place or place == name else f"{place}.{name}"
                outcome.failures.append(Failure(f"{outcome.suite.name}: {full}", output))
            else:
                outcome.passed += 1


def failure_of(case: ElementTree.Element) -> str:
    """What went wrong in a test case, or nothing where it passed."""
    bad = [child for child in case if child.tag in ("failure", "error", "skipped")]
    if not bad and case.get("status") not in ("fail", "notrun", "disabled"):
        return ""
    parts = []
    for child in bad:
        note = "skipped, and no test may be skipped: " if child.tag == "skipped" else ""
        text = (child.text or "").strip()
        message = (child.get("message") or "").strip()
        parts.append(
            note + (message if message not in text else "") + ("\n" + text if text else "")
        )
    for tag in ("system-out", "system-err"):
        if (child := case.find(tag)) is not None and (child.text or "").strip():
            parts.append(child.text.strip())
    lines = "\n".join(part for part in parts if part).strip().splitlines() or ["failed"]
    if len(lines) > SHOWN_LINES:
        half = SHOWN_LINES // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half} lines more …", *lines[-half:]]
    return "\n".join(lines)


# --- the whole ----------------------------------------------------------------------------------


def say(begun: float, text: str) -> None:
    # With its line end in one piece: all lanes speak.
    print(f"[{time.monotonic() - begun:4.0f}s] {text}\n", end="", flush=True)


def run_lane(
    waiting: list[Suite],
    outcomes: list[Outcome],
    lock: threading.Lock,
    spark: SparkBuild,
    begun: float,
):
    """Runs the first suite that is left and can be run, until none is left."""
    while True:
        with lock:
            if not waiting:
                return
            ready = [s for s in waiting if not s.needs_spark or spark.has_ended()]
            suite = ready[0] if ready else None
            if suite:
                waiting.remove(suite)
        if suite is None:
            time.sleep(POLL_S)
            continue
        if suite.needs_spark and (why := spark.failure()):
            outcome = Outcome(suite, failures=[Failure(f"{suite.name} could not begin", why)])
        else:
            say(begun, f"{suite.name} begins")
            outcome = run_suite(suite, begun)
        counts = f"{outcome.passed} passed, {len(outcome.failures)} failed"
        took = f"{outcome.seconds:.1f} s, {outcome.cpu_s:.0f} s of processors"
        say(begun, f"{suite.name}: {counts} in {took}")
        with lock:
            outcomes.append(outcome)


def run_all(suites: list[Suite]) -> bool:
    """Runs the suites, prints each one's count, then the failures, then the closing line."""
    begun = time.monotonic()
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    outcomes: list[Outcome] = []
    waiting, lock = list(suites), threading.Lock()
    spark = SparkBuild(any(suite.needs_spark for suite in suites), begun)
    try:
        spark.wait(SPARK_PATIENCE_S)
        with ThreadPoolExecutor(LANES) as lanes:
            state = (waiting, outcomes, lock, spark, begun)
            for lane in [lanes.submit(run_lane, *state) for _ in range(LANES)]:
                lane.result()
    finally:
        spark.close()
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    for failure in failures:
        print(f"\n--- FAILED {failure.test}\n{failure.output}")
    if failures:
        print(f"\nFailed (logs in {REPORTS}):")
        for failure in failures:
            print(f"  {failure.test}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"\n{passed} passed, {len(failures)} failed", flush=True)
    return not failures and passed > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "what", nargs="*", help="nothing for all, `quick`, suites, or rooms of src/"
    )
    parser.add_argument(
        "--plan", action="store_true", help="only print which C++ targets are needed"
    )
    arguments = parser.parse_args()
    # Started in the background of a shell, it would ignore this signal, and so would the suites.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    suites = chosen_suites(arguments.what)
    if arguments.plan:
        targets = {target for suite in suites for target in suite.built_targets}
        print("all" if "all" in targets else " ".join(sorted(targets)))
        return 0
    return 0 if run_all(suites) else 1


if __name__ == "__main__":
    sys.exit(main())
