"""The test runner counts what happened: nothing that went wrong may look like a pass."""

import pytest
import run

PASSED = '<testsuite><testcase name="a" classname="x"/></testsuite>'
SKIPPED = '<testsuite><testcase name="b"><skipped message="later"/></testcase></testsuite>'
FAILED = (
    '<testsuite><testcase name="c" status="fail"><failure message="boom"/>'
    "<system-out>what it said</system-out></testcase></testsuite>"
)


@pytest.fixture
def outcome(tmp_path, monkeypatch):
    """Runs a shell script as a suite; $REPORT is where its report belongs."""
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    monkeypatch.setattr(run, "HEARTBEAT_S", 0.1)

    def of(script, limit_s=30, **more):
        script = script.replace("$REPORT", str(tmp_path / "it.xml"))
        suite = run.Suite("it", ("bash", "-c", script), tmp_path, "it.xml", limit_s, **more)
        return run.run_suite(suite, 0.0)

    return of


def test_a_passing_suite_counts_its_tests(outcome):
    done = outcome(f"echo '{PASSED}' > $REPORT")
    assert (done.passed, done.failures) == (1, [])


def test_a_failing_test_is_named_with_what_it_said(outcome):
    done = outcome(f"echo '{FAILED}' > $REPORT; exit 1")
    assert [failure.test for failure in done.failures] == ["it: c"]
    assert done.failures[0].output == "boom\nwhat it said"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (f"echo '{PASSED}' > $REPORT; kill -SEGV $$", "exited with -11"),
        (f"echo '{PASSED}' > $REPORT; exit 3", "exited with 3"),
        ("true", "reported no test"),
        ("echo '<a><testcase' > $REPORT", "it.xml"),
        (f"echo '{SKIPPED}' > $REPORT", "it: b"),
    ],
)
def test_a_crash_a_missing_report_and_a_skipped_test_are_failures(outcome, script, complaint):
    done = outcome(script)
    assert len(done.failures) == 1
    assert complaint in done.failures[0].test


def test_a_suite_that_does_not_end_is_ended_with_all_it_started(outcome, tmp_path):
    done = outcome(f"(sleep 60; touch {tmp_path}/survived) & sleep 60", limit_s=0.5)
    assert "did not end within" in done.failures[0].test
    assert done.seconds < 30


def test_a_program_that_ends_before_it_reports_has_failed(outcome, tmp_path):
    """Whatever the other programs of its suite reported, and whatever it ended with."""
    done = outcome(f"echo '{PASSED}' > $REPORT", expected=("it.xml", "other.xml"))
    assert done.passed == 1
    assert [each.test for each in done.failures] == ["it: other.xml"]


def test_a_report_of_an_earlier_run_does_not_count(outcome, tmp_path):
    (tmp_path / "it.xml").write_text(PASSED)
    assert outcome("true").passed == 0


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(SystemExit, match="suites: quick jobs"):
        run.chosen_suites(["nonsense"])


def test_every_suite_is_run_and_counted(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    suites = [
        run.Suite(name, ("bash", "-c", f"echo '{text}' > {name}.xml"), tmp_path, f"{name}.xml", 30)
        for name, text in (("a", PASSED), ("b", FAILED), ("c", PASSED))
    ]
    monkeypatch.setattr(run, "ROOT", tmp_path)
    assert not run.run_all(suites)
    assert capsys.readouterr().out.endswith("2 passed, 1 failed\n")


def test_every_end_to_end_test_is_in_a_suite():
    named = " ".join(word for suite in run.every_suite().values() for word in suite.command)
    for file in (run.ROOT / "tests/e2e").glob("test_*.py"):
        assert f"tests/e2e/{file.name}" in named
