#!/usr/bin/env python3
"""Checks the form of the code. Called by `./dev lint`; each check counts as one test.

A check takes the files that are its own and gives the problems it found, each a few lines that name
file and place. What a tool can mend by itself it mends with --fix.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import memory
import rules
import tidy
from sources import BUILD, ROOT, Sources

NOT_FORMATTED = re.compile(r"^(/[^:]+):\d+:\d+: error:", re.MULTILINE)
PYTHON_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable[[Sources, bool], list[str]]  # files, whether to mend → problems


def tool(files: list[Path], command: list[str | Path]) -> list[str]:
    """Runs a tool once over all files; its output is the problem where it does not exit with 0."""
    if not files:
        return []
    done = subprocess.run(
        [*map(str, command), *(str(f) for f in files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    text = "\n".join(part for part in (done.stdout.strip(), done.stderr.strip()) if part)
    return [text or f"{command[0]} exited with {done.returncode}"] if done.returncode != 0 else []


def tool_on_changed(
    files: list[Path], command: list[str | Path], *depends: bytes | str
) -> list[str]:
    """As `tool`, over those of the files that it was not content with before. A result is that of a file alone and of
    what it `depends` on: the tool, its version, its settings."""
    keys = {f: memory.digest(*depends, f.read_bytes()) for f in files}
    stale = [f for f in files if not memory.knows(keys[f])]
    problems = tool(stale, command)
    if not problems:
        memory.keep(keys[f] for f in stale)
    return problems


def version_of(command: str) -> str:
    return subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout


def clang_format(sources: Sources, fix: bool) -> list[str]:
    files = sources.named("*.cc", "*.h")
    if fix:
        return tool(files, ["clang-format-19", "-i"])
    command = ["clang-format-19", "--dry-run", "-Werror"]
    style = (ROOT / ".clang-format").read_bytes()
    problems = tool_on_changed(files, command, version_of(command[0]), style)
    # It has a line for each place; a person needs the files, and --fix mends them.
    files = {
        line.split(":")[0] for text in problems for line in text.splitlines() if "error:" in line
    }
    return [f"{f.replace(f'{ROOT}/', '')}: not formatted" for f in sorted(files)] or problems


def clang_tidy(sources: Sources, _fix: bool) -> list[str]:
    # Tests are left to the compiler's warnings: they are half the code, and slow to parse.
    return tidy.check([f for f in sources.named("*.cc") if not f.name.endswith("_test.cc")])


def ruff_check(sources: Sources, fix: bool) -> list[str]:
    return tool(
        sources.named("*.py"),
        [PYTHON_BIN / "ruff", "check", "--quiet", *(["--fix"] if fix else [])],
    )


def ruff_format(sources: Sources, fix: bool) -> list[str]:
    return tool(
        sources.named("*.py"),
        [PYTHON_BIN / "ruff", "format", "--quiet", *([] if fix else ["--diff"])],
    )


def google_java_format(sources: Sources, fix: bool) -> list[str]:
    jar = next((BUILD / "tools").glob("google-java-format-*.jar"))
    files = sources.named("*.java")
    if fix:
        return tool(files, ["java", "-jar", jar, "--replace"])
    command = ["java", "-jar", jar, "--dry-run", "--set-exit-if-changed"]
    problems = tool_on_changed(files, command, jar.name)
    # Where it says no more than names, they are the files to format.
    lines = [line.replace(f"{ROOT}/", "") for text in problems for line in text.splitlines()]
    only_names = all((ROOT / line).is_file() for line in lines)
    return [f"{line}: not formatted" for line in lines] if only_names else problems


def shellcheck(sources: Sources, _fix: bool) -> list[str]:
    # Sourced parts (build-aux/*.sh) are read through the scripts that source them.
    scripts = [f for f in sources.all if is_shell_script(f)]
    sourced = [f.read_bytes() for f in Sources.of_repository().named("*.sh")]
    command = ["shellcheck", "--external-sources"]
    return tool_on_changed(scripts, command, version_of(command[0]), *sourced)


def compatibility_pages(_sources: Sources, fix: bool) -> list[str]:
    """docs/compatibility/SERVICE.md is what spec/codegen makes of the overlay; --fix writes it."""
    sys.path.insert(0, str(ROOT / "spec" / "codegen"))
    import generate
    import model

    problems = []
    for overlay in sorted((ROOT / "spec" / "overlays").glob("*.json")):
        page = ROOT / "docs" / "compatibility" / f"{overlay.stem}.md"
        text = generate.compatibility_page(model.load_service(overlay))
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        if fix:
            page.write_text(text, encoding="utf-8")
        else:
            problems.append(f"docs/compatibility/{page.name}: not what {overlay.name} says now")
    return problems


def cfn_lint(sources: Sources, _fix: bool) -> list[str]:
    templates = [f for f in sources.named("*.yaml") if f.parent == ROOT / "templates"]
    # The Regions that the guidance names.
    regions = ["--regions", "us-east-1", "us-west-2"]
    command = [PYTHON_BIN / "cfn-lint", *regions, "--template"]
    locked = (ROOT / "runtime/python-dev.txt").read_bytes()
    return tool_on_changed(templates, command, "cfn-lint", *regions, locked)


def is_shell_script(path: Path) -> bool:
    if path.suffix not in ("", ".sh"):
        return False
    with path.open("rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and b"sh" in first


def house_rule(rule: rules.Rule) -> Check:
    return Check(rule.name, lambda sources, _fix: rules.check(rule, sources))


CHECKS = [
    Check("clang-format", clang_format),
    Check("ruff-check", ruff_check),
    Check("ruff-format", ruff_format),
    Check("google-java-format", google_java_format),
    Check("shellcheck", shellcheck),
    Check("compatibility-pages", compatibility_pages),
    Check("cfn-lint", cfn_lint),
    *(house_rule(rule) for rule in rules.RULES),
    Check("shape-of-files", lambda sources, _fix: rules.check_shape(sources)),
    Check("clang-tidy", clang_tidy),
]


def write_report(path: Path, results: list[tuple[str, list[str], float]]) -> None:
    """The results as JUnit XML, one test case a check."""
    suite = ElementTree.Element("testsuite", name="lint")
    for name, problems, seconds in results:
        case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.3f}")
        if problems:
            failure = ElementTree.SubElement(case, "failure", message=f"{len(problems)} problems")
            failure.text = printable("\n".join(problems))
    ElementTree.ElementTree(suite).write(path, encoding="utf-8")


def printable(text: str) -> str:
    """XML has no place for control characters, which tools' output may hold."""
    return "".join(c for c in text if c in "\n\t" or c >= " ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev lint", description=__doc__.splitlines()[0])
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="only these (default: all)")
    parser.add_argument("--fix", action="store_true", help="mend what the tools can mend")
    parser.add_argument("--changed", action="store_true", help="only files not yet committed")
    parser.add_argument("--list", action="store_true", help="name the checks")
    parser.add_argument("--without", metavar="CHECK", help="all but this one")
    parser.add_argument("--report", type=Path, help="write the results as JUnit XML")
    arguments = parser.parse_args()
    names = [check.name for check in CHECKS]
    if arguments.list:
        print("\n".join(names))
        return 0
    if unknown := set(arguments.checks) - set(names):
        parser.error(f"no check is named {' or '.join(sorted(unknown))}; --list names them")

    memory.forget_old()
    sources = Sources.of_repository(changed_only=arguments.changed)
    results = []
    for check in CHECKS:
        if arguments.checks and check.name not in arguments.checks:
            continue
        if check.name == arguments.without:
            continue
        started = time.monotonic()
        problems = check.run(sources, arguments.fix)
        seconds = time.monotonic() - started
        results.append((check.name, problems, seconds))
        print(f"{'FAILED' if problems else 'ok':6} {check.name} ({seconds:.1f} s)", flush=True)
        for problem in problems:
            print(problem)
    if arguments.report:
        write_report(arguments.report, results)
    if any(problems for _, problems, _ in results):
        print("./dev lint --fix mends what the formatters and ruff found.")
    failed = sum(1 for _, problems, _ in results if problems)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
