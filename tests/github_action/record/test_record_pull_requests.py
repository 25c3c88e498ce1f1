"""What pull requests measured comes into the ledger: once, paid by their labels, and never as a base."""

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
from github_action.reports.find_pull_request import find_pull_request_to_judge
from github_action.reports.report_parts import download_parts
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import Report
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import zip_report, zip_text
from tests.github_action.record.main_branch import HALVES, MainBranch
from tests.samples import NOW, POLICY, make_report

EVERY_NIGHT = {"schedule": "17 3 * * *"}


class MeasuredPulls(MainBranch):
    """A project whose pull requests have runs."""

    def add_measured_run(self, number: int, *reports: Report, names: tuple[str, ...] = ("test",), **run: Any) -> int:
        """Let a run of a pull request's head have ended, with a report of each part."""
        head = self.repo.pull(number)["head"]
        run_id = self.repo.workflow_run(**{"head_sha": head["sha"], "head_branch": head["ref"], **run})
        for name, report in zip(names, reports, strict=True):
            self.repo.artifact(run_id, f"carbon-report-{name}", zip_report(report))
        return run_id

    def report(self, number: int, **more: Any) -> Report:
        """Return a report of the time of the fake's clock."""
        return make_report(number, ago=NOW - self.hub.clock, **more)

    def record_pulls(self, clock: Callable[[], float] = lambda: 0.0, **rights: str) -> str:
        """Gather in a nightly, and return what was said."""
        return "\n".join(record_pull_requests(self.judge_context("schedule", EVERY_NIGHT, **rights), clock))

    def facts(self) -> list[tuple[Any, ...]]:
        """Return what is known of each run in the ledger."""
        found = [(e.run, e.pr, e.job, e.attempt, e.conclusion, dict(e.shares)) for e in self.entries()]
        return sorted(found, key=str)


@pytest.fixture
def main(hub: FakeGitHub, tmp_path: Path) -> MeasuredPulls:
    """A project of two features."""
    return MeasuredPulls(hub, tmp_path)


@pytest.mark.parametrize("conclusion", ["success", "failure", "cancelled"])
def test_run_of_a_pull_request_is_an_entry(main: MeasuredPulls, conclusion: str) -> None:
    """It has the commit and branch of the head, who pays by the labels, and how the run ended; it is no base."""
    number = main.open_pull("feature:checkout")
    main.add_measured_run(number, main.report(1), conclusion=conclusion)
    said = main.record_pulls()
    (entry,) = main.entries()
    assert said == f"added to the branch carbon-ledger of origin, measured by pull requests: {entry.id}"
    assert main.facts() == [("run-1", number, "test", 1, conclusion, {"checkout": 1.0})]
    head = main.repo.pull(number)["head"]
    assert (entry.commit, entry.branch, entry.labels) == (head["sha"], head["ref"], ("feature:checkout",))
    assert main.baselines() == ()


def test_what_is_there_is_neither_fetched_nor_added(main: MeasuredPulls) -> None:
    """The next nightly asks for the lists, the policy and the ledger, and downloads nothing."""
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
    """A label that was put on after the run counts; without one the tests tell."""
    one, other = main.open_pull(), main.open_pull()
    for number in (one, other):
        main.add_measured_run(number, main.report(number))
    main.repo.label(one, "feature:search")
    main.record_pulls()
    assert {pr: shares for _, pr, _, _, _, shares in main.facts()} == {one: {"search": 1.0}, other: HALVES}


def test_attempts_are_entries_of_their_own(main: MeasuredPulls) -> None:
    """What is run again costs again; a part that was not is there once, also where an attempt was taken in before."""
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


def test_first_attempt_that_is_found_late(main: MeasuredPulls) -> None:
    """How an attempt ended that is over is not known, and not made up."""
    run_id = main.add_measured_run(main.open_pull(), main.report(1), conclusion="failure")
    main.repo.run_again(run_id)
    main.repo.artifact(run_id, "carbon-report-test", zip_report(main.report(2)))
    main.record_pulls()
    assert [(run, attempt, end) for run, _, _, attempt, end, _ in main.facts()] == [
        ("run-1", 1, ""),
        ("run-2", 2, "success"),
    ]


def test_commit_that_two_runs_measured(main: MeasuredPulls) -> None:
    """A pull request that is closed and opened again is measured again; both count."""
    number = main.open_pull()
    main.add_measured_run(number, main.report(1))
    main.record_pulls()
    main.add_measured_run(number, main.report(2))
    main.record_pulls()
    assert [fact[0] for fact in main.facts()] == ["run-1", "run-2"]
    assert main.record_pulls() == ""


def test_run_that_goes_on_waits(main: MeasuredPulls) -> None:
    """It is taken in when it has ended."""
    main.add_measured_run(main.open_pull(), main.report(1), conclusion=None)
    assert main.record_pulls() == ""
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_fork_is_not_believed(main: MeasuredPulls) -> None:
    """Its numbers are its own word: they are not in the ledger, and how many is said."""
    fork = main.hub.repository("eve/shop", fork_of=main.repo)
    sha = fork.commit({"f.py": "f"}, branch="topic")
    number = main.repo.open_pull(head="topic", author="eve", head_repository=fork)
    main.add_measured_run(number, main.report(1), head_sha=sha, head_repository=fork)
    assert main.record_pulls() == (
        "not recorded: 1 run of pull requests, from forks, because nobody in this repository measured them"
    )
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_branch_that_was_used_twice(main: MeasuredPulls) -> None:
    """Of two pull requests of one branch each pays its own runs, by when it was open."""
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
    """Who pays is not guessed: the run is not in the ledger, and that is said."""
    main.repo.commit({"r": "r"}, branch="release")
    main.repo.commit({"x": "1"}, branch="develop")
    first = main.repo.open_pull(head="develop")
    main.repo.open_pull(head="develop", base="release")
    main.add_measured_run(first, main.report(1))
    assert "not recorded: 1 run of pull requests, because it is not clear which pull request ran" in main.record_pulls()


def test_default_branch_merged_elsewhere(main: MeasuredPulls) -> None:
    """A pull request from main into a release is no run of main: it would be taken for one to compare with."""
    main.repo.commit({"r": "r"}, branch="release")
    number = main.repo.open_pull(head="main", base="release")
    main.add_measured_run(number, main.report(1))
    main.record_pulls()
    assert [entry.branch for entry in main.entries()] == [f"pull/{number}"]


def test_newest_merged_come_first_and_the_rest_waits(main: MeasuredPulls) -> None:
    """Time is bounded; what waits is said, and comes the next time."""
    open_, old, new = (main.open_pull() for _ in range(3))
    for number in (open_, old, new):
        main.add_measured_run(number, main.report(number))
    for number in (old, new):
        main.repo.close_pull(number, merged_as=main.repo.commit({str(number): "x"}))
    seconds: Iterator[int] = itertools.count(0, 25)
    said = main.record_pulls(lambda: float(next(seconds)))
    assert [fact[1] for fact in main.facts()] == [old, new]
    assert "not recorded: 1 run of pull requests, left for the next time" in said
    main.record_pulls()
    assert [fact[1] for fact in main.facts()] == [open_, old, new]


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("{}", "holds report.json, which"),
        (timedelta(days=40), "but the run at"),
        (timedelta(days=-3), "but the run at"),
    ],
    ids=["no report", "long ago", "in the future"],
)
def test_report_that_is_not_sound(main: MeasuredPulls, report: str | timedelta, why: str) -> None:
    """What somebody uploaded that cannot be, is told, and the others are taken in all the same."""
    bad, good = main.open_pull(), main.open_pull()
    main.add_measured_run(good, main.report(1))
    run_id = main.add_measured_run(bad, names=())
    data = (
        zip_text(report) if isinstance(report, str) else zip_report(make_report(2, ago=NOW - main.hub.clock + report))
    )
    main.repo.artifact(run_id, "carbon-report-test", data)
    said = main.record_pulls()
    assert why in said
    assert f"run {run_id} of pull request #{bad}" in said
    assert [fact[:2] for fact in main.facts()] == [("run-1", good)]


def test_other_artifacts_and_events_do_not_count(main: MeasuredPulls) -> None:
    """An artifact of another name, one that has expired, and a run of main are not asked for."""
    run_id = main.add_measured_run(main.open_pull(), names=())
    main.repo.artifact(run_id, "coverage", b"")
    main.repo.artifact(run_id, "carbon-report-test", zip_report(main.report(1)), expired=True)
    main.add_run({"test": main.report(2)})
    assert main.record_pulls() == ""


def test_two_at_once(main: MeasuredPulls) -> None:
    """Two jobs that find the same run add it once: its entry is called the same, whoever adds it."""
    for number in range(3):
        main.add_measured_run(main.open_pull(), main.report(number))
    judges = [main.judge_context("schedule", EVERY_NIGHT) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(record_pull_requests, judges))
    assert [fact[0] for fact in main.facts()] == ["run-0", "run-1", "run-2"]


@pytest.mark.parametrize("right", ["actions", "pull-requests"])
def test_missing_permission(main: MeasuredPulls, right: str) -> None:
    """Nothing is added, and which call was refused is told."""
    main.add_measured_run(main.open_pull(), main.report(1))
    with pytest.raises(ApiError, match="403"):
        main.record_pulls(**{right: "none"})
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_same_report_under_two_names(main: MeasuredPulls) -> None:
    """It is one run of the tests, and costs what one costs."""
    report = main.report(1)
    main.add_measured_run(main.open_pull(), report, report, names=("a", "b"))
    assert "part b is the same run as part a; the run counts once" in main.record_pulls()
    assert [fact[:3] for fact in main.facts()] == [("run-1", 1, "a")]


@pytest.mark.parametrize("ids", [["run-1"], ["run-1", "run-2", "mine"]], ids=len)
def test_report_that_says_it_is_another_run(main: MeasuredPulls, ids: list[str]) -> None:
    """Whoever takes the name of a run that has used the budget would take it out of what is used: no verdict."""
    main.commit_policy(POLICY + '[budget]\nlimit = "90 kJ"\n')
    for number in (1, 2):
        main.add_measured_run(main.open_pull(), main.report(number))
    main.record_pulls()
    number = main.open_pull()
    reports = [main.report(10 + n) for n in range(len(ids))]
    named = [replace(report, run=replace(report.run, id=name)) for report, name in zip(reports, ids, strict=True)]
    main.add_measured_run(number, *named, names=tuple("abc"[: len(ids)]))
    with pytest.raises(
        ReportError, match="part a says that it is run run-1, which the ledger has from another pull request or branch"
    ):
        _sunk(main, number)


def test_judging_again_counts_a_matrix_once(main: MeasuredPulls) -> None:
    """A pull request whose parts were gathered, and is judged again for a label, has cost what it has cost."""
    main.commit_policy(POLICY + '[budget]\nlimit = "90 kJ"\n')
    number = main.open_pull()
    main.add_measured_run(number, main.report(1), main.report(2), names=("a", "b"))
    before = _sunk(main, number)
    main.record_pulls()
    assert len(main.entries()) == 2
    assert _sunk(main, number) == pytest.approx(before)


def _sunk(main: MeasuredPulls, number: int) -> float:
    """Judge a pull request for a label, and return what it has used of the repository's budget."""
    judge = main.judge_context("pull_request", main.repo.event_pull_request(number, "labeled", "bug"))
    subject = find_pull_request_to_judge(judge.client, judge.context)
    found = judge_subject(judge, subject, download_parts(judge.client, judge.context, judge.inputs, subject)).verdict
    (standing,) = [one.standing for one in found.judged if one.standing]
    return standing.sunk
