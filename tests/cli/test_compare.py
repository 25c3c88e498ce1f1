"""compare: two reports, two commits of the ledger, and what is neither."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from pytest_carbon.core.compare.self_comparison import compare_with_itself
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.reporters.verdict.comparison import render_selftest


def _states(found: Any) -> dict[str, str]:
    return {part["name"]: part["finding"]["state"] for part in found["parts"]}


def test_two_reports(project: Any) -> None:
    """Every feature and the tests that differ most are told, of each side's own runs; it is no gate."""
    base, head = project.report(1), project.report(2, cost={"checkout": 1.5})
    done = project.carbon("compare", base, head)
    assert (done.code, done.err) == (0, "")
    assert "1 run against 1 run" in done.out
    assert "tests/checkout/test_checkout.py::test_0" in done.out
    assert "+50.0 %" in done.out
    found = project.carbon("compare", base, head, "--json").json
    assert found["schema"] == "pytest-carbon/comparison/1"
    assert (_states(found)["checkout"], _states(found)["search"]) == ("suspicious", "no change")
    assert found["runs"] == [1, 1]


def test_a_report_with_itself(project: Any) -> None:
    """The same run on both sides differs in nothing."""
    report = project.report()
    found = project.carbon("compare", report, report, "--json")
    assert set(_states(found.json).values()) == {"no change"}
    assert {test["change"] for test in found.json["tests"]} == {0.0}
    assert found == project.carbon("compare", report, report, "--json")


def test_new_and_gone_tests_are_told_apart(project: Any, lab: SimpleNamespace) -> None:
    """Tests of one side only are counted beside the change of the same ones."""
    base = lab.report(1)
    head = lab.replace(base, rows=base.rows[5:])
    for one, other, word in ((base, head, "gone"), (head, base, "new")):
        done = project.carbon("compare", project.write(one, "one.json"), project.write(other, "other.json"))
        assert f"\n  {word} " in done.out
        found = project.carbon("compare", "one.json", "other.json", "--json").json
        assert found["parts"][0][f"{word}_tests"] == 5
        assert found["parts"][0]["finding"]["state"] == "no change"


def test_other_machines_are_not_compared(project: Any, lab: SimpleNamespace) -> None:
    """Where the environments differ nothing is said of growth, and the fields are named."""
    report = lab.report(cost={"checkout": 2.0})
    other = lab.replace(report, machine=lab.replace(report.machine, fingerprint={"cpu": "another"}))
    done = project.carbon("compare", project.report(), project.write(other))
    assert done.code == 0
    assert "the environments differ: CPU" in done.out


def test_commits_of_the_ledger(project: Any) -> None:
    """Commits that the default branch's runs were made of are compared by those, however they are named."""
    project.repository()
    first = project.commit_again("first")
    second = project.commit_again("second")
    reports = [project.report(n, branch="main", commit=first, ago=timedelta(days=9 - n)) for n in range(4)]
    reports.append(project.report(9, branch="main", commit=second, cost={"checkout": 2.0}))
    assert project.carbon("ledger", "append", *reports).code == 0
    found = project.carbon("compare", "HEAD~1", "main", "--json").json
    assert (found["base"], found["head"], found["runs"]) == (first[:12], second[:12], [4, 1])
    assert _states(found)["checkout"] == "suspicious"
    mixed = project.carbon("compare", first[:10], project.report(10, cost={"checkout": 2.0}), "--json").json
    assert mixed["runs"] == [4, 1]


def test_a_commit_without_a_run(project: Any) -> None:
    """A commit that nobody measured is told, with the command that measures it."""
    project.repository()
    commit = project.git("rev-parse", "HEAD")
    done = project.carbon("compare", "HEAD", "main")
    assert (done.code, done.out) == (2, "")
    assert f"no run of HEAD ({commit[:12]}) is in the folder" in done.err
    assert "pytest-carbon compare HEAD main --repeat 5 -- pytest" in done.err


def test_a_selftest_as_a_table(lab: SimpleNamespace) -> None:
    """Runs of the same code are compared with themselves: no false alarm, and the limit that it suggests."""
    runs = [measurements_of(lab.report(number)) for number in range(6)]
    text = render_selftest(compare_with_itself(runs, ["checkout", "search"]), len(runs), width=160, colour=False)
    assert "6 runs of the same code, 60 comparisons with itself: 0 false alarms" in text
    assert [line.split("  ")[0] for line in text.splitlines()[3:6]] == ["all tests", "checkout", "search"]
    assert text.count('growth = "') == 3
    assert "a limit on growth may fail a run from now on" in " ".join(text.split())
