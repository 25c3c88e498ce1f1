"""compare and selftest: two reports, two commits of the ledger, the same code twice."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from pytest_carbon.core.compare.self_comparison import compare_with_itself
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.reporters.verdict.comparison import render_selftest
from tests.samples import TESTS


def _states(comparison: Any) -> dict[str, str]:
    return {part["name"]: part["finding"]["state"] for part in comparison["parts"]}


def test_two_reports_are_compared(project: Any) -> None:
    """Every feature and the tests that changed most are shown; the exit code is 0 whatever is found."""
    base, head = project.report(1), project.report(2, cost={"checkout": 1.5})
    done = project.carbon("compare", base, head)
    assert (done.code, done.err) == (0, "")
    assert "1 run against 1 run" in done.out
    assert "tests/checkout/test_checkout.py::test_0" in done.out
    assert "+50.0 %" in done.out
    comparison = project.carbon("compare", base, head, "--json").json
    assert comparison["schema"] == "pytest-carbon/comparison/1"
    assert (_states(comparison)["checkout"], _states(comparison)["search"]) == ("suspicious", "no change")
    assert comparison["runs"] == [1, 1]


def test_a_report_does_not_differ_from_itself(project: Any) -> None:
    """The same run on both sides changes nothing."""
    report = project.report()
    comparison = project.carbon("compare", report, report, "--json")
    assert set(_states(comparison.json).values()) == {"no change"}
    assert {test["change"] for test in comparison.json["tests"]} == {0.0}
    assert comparison == project.carbon("compare", report, report, "--json")


def test_new_and_removed_tests_are_counted_apart(project: Any, lab: SimpleNamespace) -> None:
    """Tests of one side only are not part of the change of the common tests."""
    base = lab.report(1)
    head = lab.report(1, tests={**TESTS, "checkout": TESTS["checkout"][5:]})
    for before, after, word in ((base, head, "gone"), (head, base, "new")):
        done = project.carbon("compare", project.write(before, "before.json"), project.write(after, "after.json"))
        assert f"\n  {word} " in done.out
        comparison = project.carbon("compare", "before.json", "after.json", "--json").json
        assert comparison["parts"][0][f"{word}_tests"] == 5
        assert comparison["parts"][0]["finding"]["state"] == "no change"


def test_runs_of_different_machines_are_not_compared(project: Any, lab: SimpleNamespace) -> None:
    """If the environments differ, the differing fields are named instead of growth."""
    report = lab.report(cost={"checkout": 2.0})
    other = lab.replace(report, machine=lab.replace(report.machine, fingerprint={"cpu": "another"}))
    done = project.carbon("compare", project.report(), project.write(other))
    assert done.code == 0
    assert "the environments differ: CPU" in done.out


def test_commits_are_compared_by_their_runs_in_the_ledger(project: Any) -> None:
    """A commit may be named by its hash, an abbreviation, a branch or HEAD~1."""
    project.repository()
    first = project.commit_again("first")
    second = project.commit_again("second")
    reports = [project.report(n, branch="main", commit=first, ago=timedelta(days=9 - n)) for n in range(4)]
    reports.append(project.report(9, branch="main", commit=second, cost={"checkout": 2.0}))
    assert project.carbon("ledger", "append", *reports).code == 0
    comparison = project.carbon("compare", "HEAD~1", "main", "--json").json
    assert (comparison["base"], comparison["head"], comparison["runs"]) == (first[:12], second[:12], [4, 1])
    assert _states(comparison)["checkout"] == "suspicious"
    mixed = project.carbon("compare", first[:10], project.report(10, cost={"checkout": 2.0}), "--json").json
    assert mixed["runs"] == [4, 1]


def test_a_commit_without_a_run_is_refused(project: Any) -> None:
    """The message has the command that measures both commits."""
    project.repository()
    commit = project.git("rev-parse", "HEAD")
    done = project.carbon("compare", "HEAD", "main")
    assert (done.code, done.out) == (2, "")
    assert f"no run of HEAD ({commit[:12]}) is in the folder" in done.err
    assert "pytest-carbon compare HEAD main --repeat 5 -- pytest" in done.err


def test_a_selftest_is_shown_as_a_table(lab: SimpleNamespace) -> None:
    """Runs of the same code give no false alarm, and a limit on growth is suggested."""
    runs = [measurements_of(lab.report(number)) for number in range(6)]
    text = render_selftest(compare_with_itself(runs, ["checkout", "search"]), len(runs), width=160, colour=False)
    assert "6 runs of the same code, 60 comparisons with itself: 0 false alarms" in text
    assert [line.split("  ")[0] for line in text.splitlines()[3:6]] == ["all tests", "checkout", "search"]
    assert text.count('growth = "') == 3
    assert "a limit on growth may fail a run from now on" in " ".join(text.split())
