"""Runs of pull requests in the ledger: recorded once, paid by their labels, and never a baseline."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import ApiError
from github_action.judge.judge_subject import judge_subject
from github_action.record.record_pull_requests import record_pull_requests
from github_action.reports.find_pull_request import find_pull_requests_to_judge
from github_action.reports.report_parts import download_parts
from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.report import Report
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import zip_report, zip_text
from tests.github_action.record.main_branch import HALVES, MainBranch
from tests.samples import NOW, POLICY, make_report

EVERY_NIGHT = {"schedule": "17 3 * * *"}


class MeasuredPulls(MainBranch):
    """A project whose pull requests have runs."""

    def add_measured_run(self, number: int, *reports: Report, names: tuple[str, ...] = ("test",), **run: Any) -> int:
        """Add an ended run of a pull request's head, with a report for each part."""
        head = self.repo.pull(number)["head"]
        run_id = self.repo.workflow_run(**{"head_sha": head["sha"], "head_branch": head["ref"], **run})
        for name, report in zip(names, reports, strict=True):
            self.repo.artifact(run_id, f"carbon-report-{name}", zip_report(report))
        return run_id

    def report(self, number: int, **more: Any) -> Report:
        """Return a report of the time of the fake's clock."""
        return make_report(number, ago=NOW - self.hub.clock, **more)

    def record_pulls(self, clock: Callable[[], float] = lambda: 0.0, **rights: str) -> str:
        """Record the runs in a nightly run; return the notes."""
        return "\n".join(record_pull_requests(self.judge_context("schedule", EVERY_NIGHT, **rights), clock))

    def facts(self) -> list[tuple[Any, ...]]:
        """Return run, pull request, part, attempt, conclusion and shares of each entry."""
        result = [(e.run, e.pr, e.job, e.attempt, e.conclusion, dict(e.shares)) for e in self.entries()]
        return sorted(result, key=str)


@pytest.fixture
def main(hub: FakeGitHub, tmp_path: Path) -> MeasuredPulls:
    """A project of two features."""
    return MeasuredPulls(hub, tmp_path)


@pytest.mark.parametrize("conclusion", ["success", "failure", "cancelled"])
def test_run_of_a_pull_request_is_an_entry(main: MeasuredPulls, conclusion: str) -> None:
    """The entry has the head's commit and branch, the features that the labels name, and the run's conclusion."""
    number = main.open_pull("feature:checkout")
    main.add_measured_run(number, main.report(1), conclusion=conclusion)
    log = main.record_pulls()
    (entry,) = main.entries()
    assert log == f"added to the branch carbon-ledger of origin, measured by pull requests: {entry.id}"
    assert main.facts() == [("run-1", number, "test", 1, conclusion, {"checkout": 1.0})]
    head = main.repo.pull(number)["head"]
    assert (entry.commit, entry.branch, entry.labels) == (head["sha"], head["ref"], ("feature:checkout",))
    assert main.baselines() == ()


def test_recorded_runs_are_neither_downloaded_nor_added(main: MeasuredPulls) -> None:
    """The next nightly run reads the lists, the policy and the ledger, and downloads nothing."""
    for number in range(3):
        main.add_measured_run(
            main.open_pull(), main.report(2 * number), main.report(2 * number + 1), names=("a.of2", "b.of2")
        )
    main.record_pulls()
    entries, asked = main.facts(), len(main.hub.requests)
    assert main.record_pulls() == ""
    assert [r for r in main.hub.requests[asked:] if "zip" in r.path or "_artifacts" in r.path] == []
    assert sum(request.api for request in main.hub.requests[asked:]) == 5
    assert main.facts() == entries
    assert len(entries) == 6


def test_labels_of_now_decide_who_pays(main: MeasuredPulls) -> None:
    """A label that was added after the run counts; without a label the features of the tests pay."""
    one, other = main.open_pull(), main.open_pull()
    for number in (one, other):
        main.add_measured_run(number, main.report(number))
    main.repo.label(one, "feature:search")
    main.record_pulls()
    assert {pr: shares for _, pr, _, _, _, shares in main.facts()} == {one: {"search": 1.0}, other: HALVES}


def test_attempts_are_entries_of_their_own(main: MeasuredPulls) -> None:
    """Each attempt costs again; a part that was not run again is recorded once."""
    number = main.open_pull()
    run_id = main.add_measured_run(number, main.report(1), main.report(2), names=("a", "b"), conclusion="failure")
    main.record_pulls()
    main.repo.run_again(run_id)
    main.repo.artifact(run_id, "carbon-report-a", zip_report(main.report(3)))
    main.record_pulls()
    assert [(run, job, attempt, end) for run, _, job, attempt, end, _ in main.facts()] == [
        ("run-1", "a", 1, "failure"),
        ("run-2", "b", 1, "failure"),
        ("run-3", "a", 2, "success"),
    ]
    assert main.record_pulls() == ""


def test_conclusion_of_an_older_attempt_is_unknown(main: MeasuredPulls) -> None:
    """The conclusion of an attempt before the newest is not known, and stays empty."""
    run_id = main.add_measured_run(main.open_pull(), main.report(1), conclusion="failure")
    main.repo.run_again(run_id)
    main.repo.artifact(run_id, "carbon-report-test", zip_report(main.report(2)))
    main.record_pulls()
    assert [(run, attempt, end) for run, _, _, attempt, end, _ in main.facts()] == [
        ("run-1", 1, ""),
        ("run-2", 2, "success"),
    ]


def test_two_runs_of_one_commit(main: MeasuredPulls) -> None:
    """A pull request that was closed and opened again is measured again; both runs count."""
    number = main.open_pull()
    main.add_measured_run(number, main.report(1))
    main.record_pulls()
    main.add_measured_run(number, main.report(2))
    main.record_pulls()
    assert [fact[0] for fact in main.facts()] == ["run-1", "run-2"]
    assert main.record_pulls() == ""


def test_run_that_has_not_ended(main: MeasuredPulls) -> None:
    """A run is recorded only after it has ended."""
    main.add_measured_run(main.open_pull(), main.report(1), conclusion=None)
    assert main.record_pulls() == ""
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_runs_of_forks_are_only_counted(main: MeasuredPulls) -> None:
    """The measurements of a fork are self-reported: they are not recorded, and a note counts the runs."""
    fork = main.hub.repository("eve/shop", fork_of=main.repo)
    sha = fork.commit({"f.py": "f"}, branch="topic")
    number = main.repo.open_pull(head="topic", author="eve", head_repository=fork)
    main.add_measured_run(number, main.report(1), head_sha=sha, head_repository=fork)
    assert main.record_pulls() == (
        "not recorded: 1 run of pull requests, from forks, because nobody in this repository measured them"
    )
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_branch_of_two_successive_pull_requests(main: MeasuredPulls) -> None:
    """Each of two pull requests of one branch pays for the runs from when it was open."""
    main.repo.commit({"x": "1"}, branch="develop")
    first = main.repo.open_pull(head="develop")
    main.add_measured_run(first, main.report(1))
    main.repo.close_pull(first, merged_as=main.repo.commit({"x": "1"}))
    main.repo.commit({"x": "2"}, branch="develop")
    second = main.repo.open_pull(head="develop")
    main.add_measured_run(second, main.report(2))
    main.record_pulls()
    assert [fact[:2] for fact in main.facts()] == [("run-1", first), ("run-2", second)]


def test_branch_of_two_open_pull_requests(main: MeasuredPulls) -> None:
    """If two pull requests of one head are open, the run is not recorded, and a note says so."""
    main.repo.commit({"r": "r"}, branch="release")
    main.repo.commit({"x": "1"}, branch="develop")
    first = main.repo.open_pull(head="develop")
    main.repo.open_pull(head="develop", base="release")
    main.add_measured_run(first, main.report(1))
    assert "not recorded: 1 run of pull requests, because it is not clear which pull request ran" in main.record_pulls()


def test_pull_request_from_the_default_branch(main: MeasuredPulls) -> None:
    """A pull request from main into a release is not recorded as a run of main, which would be a baseline."""
    main.repo.commit({"r": "r"}, branch="release")
    number = main.repo.open_pull(head="main", base="release")
    main.add_measured_run(number, main.report(1))
    main.record_pulls()
    assert [entry.branch for entry in main.entries()] == [f"pull/{number}"]


def test_latest_merged_come_first_and_the_rest_waits(main: MeasuredPulls) -> None:
    """The time is limited; a note counts the runs that are left for the next time."""
    open_, old, new = (main.open_pull() for _ in range(3))
    for number in (open_, old, new):
        main.add_measured_run(number, main.report(number))
    for number in (old, new):
        main.repo.close_pull(number, merged_as=main.repo.commit({str(number): "x"}))
    seconds: Iterator[int] = itertools.count(0, 25)
    log = main.record_pulls(lambda: float(next(seconds)))
    assert [fact[1] for fact in main.facts()] == [old, new]
    assert "not recorded: 1 run of pull requests, left for the next time" in log
    main.record_pulls()
    assert [fact[1] for fact in main.facts()] == [open_, old, new]


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("{}", "holds report.json, which"),
        (timedelta(hours=2), "but its CI run began at"),
        (timedelta(minutes=-12), "and the report was uploaded at"),
    ],
    ids=["no report", "long ago", "in the future"],
)
def test_report_that_is_not_valid(main: MeasuredPulls, report: str | timedelta, why: str) -> None:
    """A note names an invalid report and a report of another time; the other runs are recorded."""
    bad, good = main.open_pull(), main.open_pull()
    main.add_measured_run(good, main.report(1))
    run_id = main.add_measured_run(bad, names=())
    data = (
        zip_text(report) if isinstance(report, str) else zip_report(make_report(2, ago=NOW - main.hub.clock + report))
    )
    main.repo.artifact(run_id, "carbon-report-test", data)
    log = main.record_pulls()
    assert why in log
    assert f"run {run_id} of pull request #{bad}" in log
    assert [fact[:2] for fact in main.facts()] == [("run-1", good)]


def test_report_that_makes_no_record_keeps_no_other_out(main: MeasuredPulls) -> None:
    """One entry that the ledger would refuse is named; that of another pull request is added."""
    good, bad = main.open_pull(), main.open_pull()
    main.add_measured_run(good, main.report(1))
    many = {f"feature-{n}-" + "x" * 4000: 1.0 for n in range(300)}
    wide = main.report(2)
    rows = tuple(replace(wide.rows[0], feature=name, nodeid=f"t.py::{n}", energy_j=wide.rows[0].energy_j / 300,
                         reference_j=wide.rows[0].reference_j / 300, cpu_s=wide.rows[0].cpu_s / 300)
                 for n, name in enumerate(many))  # fmt: skip
    rows = (*rows, *wide.rows[1:])
    features = feature_uses(rows, wide.totals.energy_j, wide.totals.emissions_g)
    main.add_measured_run(bad, replace(wide, rows=rows, features=features))
    notes = main.record_pulls()
    assert [entry.pr for entry in main.entries()] == [good]
    assert f"of pull request #{bad} is not recorded: " in notes


def test_other_artifacts_and_events_do_not_count(main: MeasuredPulls) -> None:
    """An artifact of another name, an expired artifact and a run of main are not recorded."""
    run_id = main.add_measured_run(main.open_pull(), names=())
    main.repo.artifact(run_id, "coverage", b"")
    main.repo.artifact(run_id, "carbon-report-test", zip_report(main.report(1)), expired=True)
    main.add_run({"test": main.report(2)})
    assert main.record_pulls() == ""


def test_two_jobs_at_the_same_time(main: MeasuredPulls) -> None:
    """Two jobs that find the same runs add each run once."""
    for number in range(3):
        main.add_measured_run(main.open_pull(), main.report(number))
    judges = [main.judge_context("schedule", EVERY_NIGHT) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(record_pull_requests, judges))
    assert [fact[0] for fact in main.facts()] == ["run-0", "run-1", "run-2"]


@pytest.mark.parametrize("right", ["actions", "pull-requests"])
def test_missing_permission(main: MeasuredPulls, right: str) -> None:
    """Nothing is added, and the error names the refused call."""
    main.add_measured_run(main.open_pull(), main.report(1))
    with pytest.raises(ApiError, match="403"):
        main.record_pulls(**{right: "none"})
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_same_report_under_two_names(main: MeasuredPulls) -> None:
    """One run of the tests, uploaded twice, costs once."""
    report = main.report(1)
    main.add_measured_run(main.open_pull(), report, report, names=("a", "b"))
    assert "part b is the same run as part a; the run counts once" in main.record_pulls()
    assert [fact[:3] for fact in main.facts()] == [("run-1", 1, "a")]


@pytest.mark.parametrize("ids", [["run-1"], ["run-1", "run-2", "mine"]], ids=len)
def test_report_with_the_id_of_another_run(main: MeasuredPulls, ids: list[str]) -> None:
    """It would take the cost of the other run out of the budget: there is no verdict."""
    main.commit_policy(POLICY + '[budget]\nlimit = "90 kJ"\n')
    for number in (1, 2):
        main.add_measured_run(main.open_pull(), main.report(number))
    main.record_pulls()
    number = main.open_pull()
    reports = [main.report(10 + n) for n in range(len(ids))]
    named = [replace(report, run=replace(report.run, id=name)) for report, name in zip(reports, ids, strict=True)]
    main.add_measured_run(number, *named, names=tuple("abc"[: len(ids)]))
    of_others = "part a says that it is run run-1, which the ledger has from another pull request or branch"
    with pytest.raises(CarbonError, match=f"run run-1 is in the ledger with commit|{of_others}"):
        _sunk(main, number)


def test_judging_again_counts_a_matrix_once(main: MeasuredPulls) -> None:
    """Parts that were recorded by a nightly run do not count twice when a label is judged again."""
    main.commit_policy(POLICY + '[budget]\nlimit = "90 kJ"\n')
    number = main.open_pull()
    main.add_measured_run(number, main.report(1), main.report(2), names=("a", "b"))
    before = _sunk(main, number)
    main.record_pulls()
    assert len(main.entries()) == 2
    assert _sunk(main, number) == pytest.approx(before)


def _sunk(main: MeasuredPulls, number: int) -> float:
    """Judge a pull request for a label; return the sunk cost in the repository's budget."""
    judge = main.judge_context("pull_request", main.repo.event_pull_request(number, "labeled", "bug"))
    (subject,) = find_pull_requests_to_judge(judge.client, judge.context)
    (parts,) = download_parts(judge.client, judge.context, judge.inputs, subject)
    result = judge_subject(judge, subject, parts).verdict
    (standing,) = [one.standing for one in result.judged if one.standing]
    return standing.sunk
