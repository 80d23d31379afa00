"""The rules of the house catch what they are there for, and let pass what they should."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "build-aux/lint"))
os.environ.setdefault("TARN_CACHE", "/nonexistent")

import rules  # the linter is a program of its own, beside this tree

BY_NAME = {rule.name: rule for rule in rules.RULES}


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("no-clock-or-chance-outside-platform", "auto t = std::chrono::system_clock::now();"),
        ("no-clock-or-chance-outside-platform", "std::random_device seed;"),
        ("no-process-or-environment-outside-platform", 'const char* home = std::getenv("HOME");'),
        ("no-file-calls-outside-platform", "int fd = ::open(path, O_RDONLY);"),
        ("no-file-calls-outside-platform", "std::ofstream out(path);"),
        ("boost-stays-in-its-rooms", "#include <boost/asio.hpp>"),
        ("no-raw-new", "auto* session = new Session(name);"),
        ("nothing-left-for-later", "// TO" + "DO: widen"),
        ("no-test-is-skipped-or-empty", "  GTEST_" + "SKIP();"),
        ("no-path-of-one-machine", 'path = "/ro' + 'ot/.cache"'),
    ],
)
def test_a_rule_finds(rule, line):
    assert BY_NAME[rule].pattern.search(line)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("no-clock-or-chance-outside-platform", "const auto now = platform.clock.now();"),
        ("no-file-calls-outside-platform", "auto file = FailingFiles::open(path);"),
        ("no-raw-new", "// a new shard takes over"),
        ("no-raw-new", "auto session = std::make_unique<Session>(name);"),
        ("nothing-left-for-later", "ALTODO, todoist and hackneyed words are no marks"),
        ("no-path-of-one-machine", "GET /bucket/work/file"),
    ],
)
def test_a_rule_lets_pass(rule, line):
    assert not BY_NAME[rule].pattern.search(line)
