"""A recorded run of the default branch: entries, who pays, the baseline, and debts of overrides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.judge.judge_subject import judge_subject
from github_action.reports.find_pull_request import find_pull_requests_to_judge
from github_action.reports.report_parts import read_own_part
from pytest_carbon.core.errors import LedgerError, ReportError
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git
from tests.github_action.project import FakeProject, zip_report
from tests.github_action.record.main_branch import HALVES, MainBranch
from tests.samples import POLICY, make_report

LIMIT = '[features.checkout.budget]\nlimit = "{}"\non-exceeded = "fail"\n'


@pytest.fixture
def main(hub: FakeGitHub, tmp_path: Path) -> MainBranch:
    """A project of two features."""
    return MainBranch(hub, tmp_path)


@pytest.mark.parametrize(
    ("labels", "pr", "shares"),
    [
        ([("feature:checkout",)], True, {"checkout": 1.0}),
        ([("feature:checkout", "bug")], True, {"checkout": 1.0}),
        ([()], True, HALVES),
        ([], False, HALVES),
        ([("feature:checkout",), ("feature:search",), ("bug",)], False, {"checkout", "search", "unattributed"}),
    ],
    ids=["one pull request", "other labels", "no label", "direct push", "three at once"],
)
def test_who_pays(main: MainBranch, labels: list[tuple[str, ...]], pr: bool, shares: Any) -> None:
    """The features that the labels name pay, else those of the tests; several pull requests pay equal parts."""
    events = [main.merge(*own)[1] for own in labels] or [main.repo.event_push(main.repo.commit({"x": "x"}))]
    payload = {**events[-1], "commits": [commit for event in events for commit in event["commits"]]}
    log = main.record(main.judge_context("push", payload), make_report())
    (entry,) = main.entries()
    assert (entry.commit, entry.branch, entry.pr) == (main.tip, "main", 1 if pr else None)
    assert entry.labels == (labels[0] if pr else ())
    if isinstance(shares, set):
        assert entry.shares == pytest.approx(dict.fromkeys(shares, 1 / 3))
    else:
        assert entry.shares == pytest.approx(shares)
    assert log.count("paid by pull request #") == len(labels)
    assert f"added to the branch carbon-ledger of origin: {entry.id}" in log


def test_ledger_branch_is_created(main: MainBranch) -> None:
    """The new branch begins with its own commit, and holds no file of the code."""
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report())
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report(2))
    assert main.repo.bare.text("log", "--format=%P", "carbon-ledger").split() == [
        main.repo.bare.commit_of("carbon-ledger~1")
    ]
    files = main.repo.bare.text("ls-tree", "-r", "--name-only", "carbon-ledger").splitlines()
    assert not any("carbon.toml" in name for name in files)
    assert git(main.repo.git, "fsck", "--strict") == b""


def test_checkout_of_the_ledger_branch_is_a_ledger_in_a_folder(main: MainBranch) -> None:
    """The workflow of the site reads the branch as files, without a token: runs and baselines are the same."""
    for number in range(3):
        main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report(number))
    place, today = main.folder / "ledger", main.hub.clock.date()
    git(main.repo.git, "worktree", "add", str(place), "carbon-ledger")
    ledger = FolderLedger(place, main.hub.clock)
    assert list(ledger.read(today - timedelta(days=3), today).records) == main.entries()
    assert ledger.baselines("main")[0] == main.baselines()
    assert len(main.baselines()) == 3


def test_recorded_runs_are_the_base_of_comparisons(main: MainBranch) -> None:
    """The next pull request is compared with the recorded runs."""
    for number in range(5):
        main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report(number))
    main.commit_policy(POLICY + '[budget]\ngrowth = "5 %"\n')
    payload = main.repo.event_pull_request(main.open_pull("feature:checkout"))
    judge = main.judge_context("pull_request", payload, run_id=78)
    report_file.write(make_report(9), judge.folder / "report.json")
    (subject,) = find_pull_requests_to_judge(judge.client, judge.context)
    verdict = judge_subject(judge, subject, read_own_part(judge.inputs, judge.folder / "report.json", subject)).verdict
    assert verdict.base is not None
    assert (verdict.base.branch, verdict.base.runs) == ("main", 5)


def test_recording_a_run_again_adds_nothing(main: MainBranch) -> None:
    """A step that is run again adds nothing."""
    judge = main.judge_context("push", main.repo.event_push(main.tip))
    main.record(judge, make_report())
    tip = main.repo.bare.commit_of("carbon-ledger")
    log = main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report())
    assert "nothing; it has all of it" in log
    assert (len(main.entries()), len(main.baselines())) == (1, 1)
    assert main.repo.bare.commit_of("carbon-ledger") == tip


def test_parts_of_a_matrix(main: MainBranch) -> None:
    """Each part has an entry with its machine and cost, together they are one baseline; a second read adds nothing."""
    parts = {f"py3.{n}": make_report(n, tests={f"part-{n}": ["t::one", f"t::{n}"]}) for n in (11, 12)}
    run_id = main.add_run(parts)
    main.repo.run_again(run_id)
    for attempt in (1, 2):
        main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=run_id, attempt=attempt))
    assert sorted((entry.job, entry.run) for entry in main.entries()) == [("py3.11", "run-11"), ("py3.12", "run-12")]
    (base,) = main.baselines()
    assert set(base.tests) == {"t::one", "t::11", "t::12"}
    assert base.commit == main.tip


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_report_of_another_job_of_the_run(main: MainBranch, event: str) -> None:
    """A job that runs no command records what another job of the same run uploaded, whatever started the run."""
    run_id = main.add_run({"measure": make_report(1)}, event=event)
    main.add_run({"measure": make_report(2)}, event=event)
    payload = main.repo.event_push(main.tip) if event == "push" else {}
    main.record(main.judge_context(event, payload, run_id=run_id))
    assert [(entry.run, entry.job, entry.branch) for entry in main.entries()] == [("run-1", "measure", "main")]
    assert [run.commit for run in main.baselines()] == [main.tip]


def test_attempt_of_a_part_is_that_of_its_upload(main: MainBranch) -> None:
    """A part that was measured again is an attempt of its own; a part of an earlier attempt stays what it was."""
    parts = {f"py3.{n}": make_report(n, tests={f"part-{n}": [f"t::{n}"]}) for n in (11, 12)}
    run_id = main.add_run(parts)
    push = main.repo.event_push(main.tip)
    main.record(main.judge_context("push", push, run_id=run_id))
    main.repo.run_again(run_id)
    main.repo.artifact(
        run_id, "carbon-report-py3.12", zip_report(make_report(13, tests={"part-12": ["t::12"]}), main.hub.clock)
    )
    main.record(main.judge_context("push", push, run_id=run_id, attempt=2))
    main.repo.run_again(run_id)
    main.record(main.judge_context("push", push, run_id=run_id, attempt=3))
    assert sorted((entry.job, entry.run, entry.attempt) for entry in main.entries()) == [
        ("py3.11", "run-11", 1),
        ("py3.12", "run-12", 1),
        ("py3.12", "run-13", 2),
    ]


def test_missing_part(main: MainBranch) -> None:
    """The other parts are recorded; the run is no baseline, because the baseline would lack tests."""
    run_id = main.add_run({"py3.11.of2": make_report()})
    log = main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=run_id))
    assert [entry.job for entry in main.entries()] == ["py3.11"]
    assert main.baselines() == ()
    assert "not used as a baseline, because parts are missing" in log


def test_nothing_to_record(main: MainBranch) -> None:
    """Without a report the ledger does not change, and the error says why."""
    with pytest.raises(ReportError, match=f"no carbon report of {main.tip[:12]}: "):
        main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=main.add_run({})))
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_run_of_another_branch_is_no_baseline(main: MainBranch) -> None:
    """A run of a release branch is recorded, but no pull request is compared with it."""
    sha = main.repo.commit({"r": "r"}, branch="release")
    main.record(main.judge_context("push", main.repo.event_push(sha, "refs/heads/release")), make_report())
    assert [entry.branch for entry in main.entries()] == ["release"]
    assert main.baselines() == ()


def test_nightly_of_a_repository_with_another_default_branch(hub: FakeGitHub, tmp_path: Path) -> None:
    """A schedule runs on the default branch only, although its event does not name that branch."""
    main = MainBranch(hub, tmp_path, "trunk")
    main.commit_policy(POLICY.replace('default-branch = "main"', ""))
    main.record(main.judge_context("schedule", {"schedule": "17 3 * * *"}, **{"pull-requests": "none"}), make_report())
    assert [(entry.branch, entry.pr) for entry in main.entries()] == [("trunk", None)]
    assert [run.commit for run in main.baselines()] == [main.tip]


@pytest.mark.parametrize("limit", ["3 kJ", "50 kJ"], ids=["more than may be borrowed", "within what may be borrowed"])
def test_override_becomes_a_debt_once(main: MainBranch, limit: str) -> None:
    """An accepted override is recorded once and borrows from the next window; a refused one leaves no trace."""
    counts = limit == "50 kJ"
    main.commit_policy(POLICY + LIMIT.format(limit))
    spent = make_report(9, ago=timedelta(days=2), cost={"checkout": 23.0 if counts else 1.0}, branch="main")
    main.record(main.judge_context("push", main.merge("feature:checkout")[1]), spent)
    number = main.open_pull("feature:checkout")
    main.override(number, make_report(2))
    sha = main.repo.commit({"m": "m"}, message=f"Work (#{number})")
    main.repo.close_pull(number, merged_as=sha)
    for report in (make_report(3), make_report(4)):
        main.record(main.judge_context("push", main.repo.event_push(sha)), report)
    result = [
        (override.feature, override.approver, override.author, override.pr, override.reason)
        for override in main.overrides()
    ]
    assert result == ([("checkout", "bob", "ann", number, "the provider ends tonight")] if counts else [])


def test_override_whose_report_is_gone(main: MainBranch) -> None:
    """The run of main is recorded, and a note says that the override is not."""
    number, payload = main.merge("feature:checkout", "carbon/override")
    log = main.record(main.judge_context("push", payload), make_report())
    assert f"the override of pull request #{number} could not be recorded: there is no carbon report" in log
    assert len(main.entries()) == 1


def test_missing_permission_is_an_error(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A token without write permission fails the job; the log names the permission."""
    project = FakeProject(hub, tmp_path, capsys)
    number = project.open_pull("feature:checkout")
    sha = project.repo.commit({"m": "m"})
    project.repo.close_pull(number, merged_as=sha)
    run_id = project.repo.workflow_run(head_sha=sha, head_branch="main", event="push")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report()))
    done = project.run_step(
        "finish", "push", project.repo.event_push(sha), run_id=run_id, token=project.token(contents="read")
    )
    assert done.code == 1
    assert "::error title=pytest-carbon::this run is not in the ledger" in done.log
    assert "contents: write" in done.log
    assert "carbon-ledger" not in project.repo.bare.branches()


def test_permission_to_read_pull_requests(main: MainBranch) -> None:
    """Without the permission it is unknown who pays, and nothing is recorded."""
    _, payload = main.merge("feature:checkout")
    with pytest.raises(Exception, match="pulls was answered with 403"):
        main.record(main.judge_context("push", payload, **{"pull-requests": "none"}), make_report())
    assert main.repo.bare.branches().keys() == {"main", "topic-0"}


def test_server_that_refuses_the_push(main: MainBranch) -> None:
    """The error has the server's answer, and not the token."""
    judge = main.judge_context("push", main.repo.event_push(main.tip))
    main.hub.fault("POST", "git-receive-pack", status=403, times=None)
    with pytest.raises(LedgerError, match="403") as told:
        main.record(judge, make_report())
    assert str(judge.secrets.token) not in str(told.value)


def test_commit_in_a_report_is_not_trusted(main: MainBranch) -> None:
    """Commit and branch are those of the run, whatever the report says."""
    report = make_report()
    report = replace(report, run=replace(report.run, commit="f" * 40, branch="feature"))
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), report)
    assert [(entry.commit, entry.branch) for entry in main.entries()] == [(main.tip, "main")]
