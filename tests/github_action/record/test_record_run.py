"""What a run of the default branch leaves in the ledger: entries, who pays, a base for the next, debts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import judge_subject
from github_action.record.record_run import record_run
from github_action.reports.find_pull_request import find_pull_request_to_judge
from github_action.reports.report_parts import read_own_part
from github_action.repository.open_ledger import Secrets
from pytest_carbon.core.errors import LedgerError, ReportError
from pytest_carbon.core.records.ledger_records import Entry, Override
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import Report
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git
from tests.github_action.fake.repository import Repository
from tests.github_action.project import RIGHTS, Project, zip_report
from tests.samples import POLICY, make_report

RECORDING = {**RIGHTS, "contents": "write"}
HALVES = {"checkout": 0.5, "search": 0.5}
LIMIT = '[features.checkout.budget]\nlimit = "{}"\non-exceeded = "fail"\n'


@dataclass
class Main:
    """A project on the fake, whose main branch is measured."""

    hub: FakeGitHub
    folder: Path
    branch: str = "main"
    repo: Repository = field(init=False)
    contexts: int = 0

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop", branch=self.branch)
        self.repo.collaborators.update(ann="write", bob="write")
        self.commit_policy(POLICY)

    def commit_policy(self, text: str) -> None:
        """Commit a policy."""
        self.repo.commit({"carbon.toml": text})

    def merge(self, *labels: str) -> tuple[int, dict[str, Any]]:
        """Merge a pull request of ann's, and return its number and the event of the push."""
        number = self.open_pull(*labels)
        sha = self.repo.commit({f"{number}.py": "x"}, message=f"Work (#{number})")
        self.repo.close_pull(number, merged_as=sha)
        return number, self.repo.event_push(sha, f"refs/heads/{self.branch}")

    def open_pull(self, *labels: str) -> int:
        """Open a pull request of ann's."""
        branch = f"topic-{len(self.repo.threads)}"
        self.repo.commit({f"{branch}.py": "x"}, branch=branch)
        return self.repo.open_pull(head=branch, author="ann", labels=labels)

    def judge_context(
        self, event: str, payload: dict[str, Any], *, run_id: int = 77, attempt: int = 1, **rights: str
    ) -> JudgeContext:
        """Return what a job of an event works with."""
        self.contexts += 1
        place = self.folder / f"desk-{self.contexts}"
        place.mkdir()
        token = self.hub.token({**RECORDING, **rights})
        ref, sha = str(payload.get("ref") or f"refs/heads/{self.branch}"), str(payload.get("after") or self.tip)
        context = GitHubContext(
            event, "octo/shop", sha, ref, run_id, attempt, "test", self.hub.server_url, self.hub.api_url, payload
        )
        client = Client(self.hub.api_url, token, pause=lambda _: None)
        inputs = ActionInputs(shard="test", measure_workflow="carbon.yml", temporary_folder=place)
        return JudgeContext(context, inputs, client, Secrets(token), place, self.hub.clock + timedelta(minutes=1))

    @property
    def tip(self) -> str:
        """The newest commit."""
        return self.repo.bare.branches()[self.branch]

    def record(self, desk: JudgeContext, report: Report | None = None) -> str:
        """Record a report of this job, or those that were uploaded; return what was said."""
        path = None
        if report is not None:
            path = desk.folder / "report.json"
            report_file.write(report, path)
        return "\n".join(record_run(desk, path))

    def uploaded(self, reports: dict[str, Report], **run: Any) -> int:
        """Let a run have uploaded reports, by part, and return its id."""
        run_id = self.repo.workflow_run(**{"head_sha": self.tip, "head_branch": "main", "event": "push", **run})
        for name, report in reports.items():
            self.repo.artifact(run_id, f"carbon-report-{name}", zip_report(report))
        return run_id

    def override(self, number: int, report: Report) -> None:
        """Let a pull request's head be measured, and bob override its verdict."""
        pull = self.repo.pull(number)["head"]
        self.uploaded({"test": report}, head_sha=pull["sha"], head_branch=pull["ref"], event="pull_request")
        self.repo.label(number, "carbon/override", by="bob")
        self.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
        event = self.repo.event_pull_request(number, "labeled", "carbon/override", sender="bob")
        (bound,) = [e["id"] for e in self.repo.threads[number].events if e["label"]["name"] == "carbon/override"]
        body = {"state": "success", "context": "carbon/override", "description": f"label event {bound}"}
        self.judge_context("pull_request", event).client.post(f"repos/octo/shop/statuses/{pull['sha']}", body)

    @property
    def _ledger(self) -> BranchLedger:
        return BranchLedger(self.repo.git, "carbon-ledger", self.hub.clock + timedelta(hours=1), None)

    def entries(self) -> list[Entry]:
        """Return the runs in the ledger."""
        return [one for one in self._records() if isinstance(one, Entry)]

    def overrides(self) -> list[Override]:
        """Return the overrides in the ledger."""
        return [one for one in self._records() if isinstance(one, Override)]

    def _records(self) -> Sequence[object]:
        today = self.hub.clock.date()
        return self._ledger.read(today - timedelta(days=3), today).records

    def baselines(self) -> tuple[RunMeasurements, ...]:
        """Return the runs that a pull request is compared with."""
        return self._ledger.baselines(self.branch)[0]


@pytest.fixture
def main(hub: FakeGitHub, tmp_path: Path) -> Main:
    """A project of two features."""
    return Main(hub, tmp_path)


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
def test_who_pays(main: Main, labels: list[tuple[str, ...]], pr: bool, shares: Any) -> None:
    """The features of a pull request's labels, else of the tests; of several pull requests each an equal part."""
    events = [main.merge(*own)[1] for own in labels] or [main.repo.event_push(main.repo.commit({"x": "x"}))]
    payload = {**events[-1], "commits": [commit for event in events for commit in event["commits"]]}
    said = main.record(main.judge_context("push", payload), make_report())
    (entry,) = main.entries()
    assert (entry.commit, entry.branch, entry.pr) == (main.tip, "main", 1 if pr else None)
    assert entry.labels == (labels[0] if pr else ())
    if isinstance(shares, set):
        assert entry.shares == pytest.approx(dict.fromkeys(shares, 1 / 3))
    else:
        assert entry.shares == pytest.approx(shares)
    assert said.count("paid by pull request #") == len(labels)
    assert f"added to the branch carbon-ledger of origin: {entry.id}" in said


def test_ledger_that_is_not_there_yet(main: Main) -> None:
    """The branch begins with a commit of its own, and holds nothing of the code."""
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report())
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report(2))
    assert main.repo.bare.text("log", "--format=%P", "carbon-ledger").split() == [
        main.repo.bare.commit_of("carbon-ledger~1")
    ]
    files = main.repo.bare.text("ls-tree", "-r", "--name-only", "carbon-ledger").splitlines()
    assert not any("carbon.toml" in name for name in files)
    assert git(main.repo.git, "fsck", "--strict") == b""


def test_next_pull_request_is_compared_with_it(main: Main) -> None:
    """What was recorded is the base of the next comparison."""
    for number in range(5):
        main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report(number))
    main.commit_policy(POLICY + '[budget]\ngrowth = "5 %"\n')
    payload = main.repo.event_pull_request(main.open_pull("feature:checkout"))
    desk = main.judge_context("pull_request", payload, run_id=78)
    report_file.write(make_report(9), desk.folder / "report.json")
    subject = find_pull_request_to_judge(desk.client, desk.context)
    verdict = judge_subject(desk, subject, read_own_part(desk.inputs, desk.folder / "report.json", subject)).verdict
    assert verdict.base is not None
    assert (verdict.base.branch, verdict.base.runs) == ("main", 5)


def test_same_run_twice_is_there_once(main: Main) -> None:
    """A step that is run again adds nothing."""
    desk = main.judge_context("push", main.repo.event_push(main.tip))
    main.record(desk, make_report())
    tip = main.repo.bare.commit_of("carbon-ledger")
    said = main.record(main.judge_context("push", main.repo.event_push(main.tip)), make_report())
    assert "nothing that was not there" in said
    assert (len(main.entries()), len(main.baselines())) == (1, 1)
    assert main.repo.bare.commit_of("carbon-ledger") == tip


def test_matrix_is_an_entry_a_part_and_one_base(main: Main) -> None:
    """Each part keeps its own machine and cost; a comparison takes them together. Read again, they are there once."""
    parts = {f"py3.{n}": make_report(n, tests={f"part-{n}": ["t::one", f"t::{n}"]}) for n in (11, 12)}
    run_id = main.uploaded(parts)
    for attempt in (1, 2):
        main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=run_id, attempt=attempt))
    assert sorted((entry.job, entry.run) for entry in main.entries()) == [("py3.11", "run-11"), ("py3.12", "run-12")]
    (base,) = main.baselines()
    assert set(base.tests) == {"t::one", "t::11", "t::12"}
    assert base.commit == main.tip


def test_part_that_is_missing(main: Main) -> None:
    """What there is was used and counts; it is no base, which would lack tests."""
    run_id = main.uploaded({"py3.11.of2": make_report()})
    said = main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=run_id))
    assert [entry.job for entry in main.entries()] == ["py3.11"]
    assert main.baselines() == ()
    assert "not taken as a base for comparisons, for parts are missing" in said


def test_nothing_to_record(main: Main) -> None:
    """Without a report the ledger stays as it is, and the reason is told."""
    with pytest.raises(ReportError, match=f"no carbon report of {main.tip[:12]} to record"):
        main.record(main.judge_context("push", main.repo.event_push(main.tip), run_id=main.uploaded({})))
    assert "carbon-ledger" not in main.repo.bare.branches()


def test_another_branch_is_no_base(main: Main) -> None:
    """A run of a release branch, where somebody asks for that, is an entry, but no pull request is compared with it."""
    sha = main.repo.commit({"r": "r"}, branch="release")
    main.record(main.judge_context("push", main.repo.event_push(sha, "refs/heads/release")), make_report())
    assert [entry.branch for entry in main.entries()] == ["release"]
    assert main.baselines() == ()


def test_nightly_of_a_repository_with_another_default_branch(hub: FakeGitHub, tmp_path: Path) -> None:
    """The event of a schedule does not tell the default branch: it runs on nothing else."""
    main = Main(hub, tmp_path, "trunk")
    main.commit_policy(POLICY.replace('default-branch = "main"', ""))
    main.record(main.judge_context("schedule", {"schedule": "17 3 * * *"}, **{"pull-requests": "none"}), make_report())
    assert [(entry.branch, entry.pr) for entry in main.entries()] == [("trunk", None)]
    assert [run.commit for run in main.baselines()] == [main.tip]


@pytest.mark.parametrize("limit", ["3 kJ", "50 kJ"], ids=["more than may be borrowed", "within what may be borrowed"])
def test_override_becomes_a_debt_once(main: Main, limit: str) -> None:
    """What an override let pass is borrowed from the next window; one that did not count leaves no trace."""
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
    found = [(one.feature, one.approver, one.author, one.pr, one.reason) for one in main.overrides()]
    assert found == ([("checkout", "bob", "ann", number, "the provider ends tonight")] if counts else [])


def test_override_whose_report_is_gone(main: Main) -> None:
    """The run of main is recorded all the same, and that the debt is not is said."""
    number, payload = main.merge("feature:checkout", "carbon/override")
    said = main.record(main.judge_context("push", payload), make_report())
    assert f"the override of pull request #{number} could not be recorded: there is no carbon report" in said
    assert len(main.entries()) == 1


def test_missing_permission_is_a_warning(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A token that may not write does not fail the job: the log says which permission the ledger needs."""
    scene = Project(hub, tmp_path, capsys)
    number = scene.open_pull("feature:checkout")
    sha = scene.repo.commit({"m": "m"})
    scene.repo.close_pull(number, merged_as=sha)
    run_id = scene.repo.workflow_run(head_sha=sha, head_branch="main", event="push")
    scene.repo.artifact(run_id, "carbon-report-test", zip_report(scene.report()))
    done = scene.run_step("finish", "push", scene.repo.event_push(sha), run_id=run_id, token=scene.token(contents="read"))
    assert done.code == 0
    assert "::warning title=pytest-carbon::this run is not in the ledger" in done.log
    assert "contents: write" in done.log
    assert "carbon-ledger" not in scene.repo.bare.branches()


def test_permission_to_read_pull_requests(main: Main) -> None:
    """Who pays must not be guessed: without the permission nothing is recorded."""
    _, payload = main.merge("feature:checkout")
    with pytest.raises(Exception, match="pulls was answered with 403"):
        main.record(main.judge_context("push", payload, **{"pull-requests": "none"}), make_report())
    assert main.repo.bare.branches().keys() == {"main", "topic-0"}


def test_server_that_refuses_the_branch(main: Main) -> None:
    """What the server says is told, without the token."""
    desk = main.judge_context("push", main.repo.event_push(main.tip))
    main.hub.fault("POST", "git-receive-pack", status=403, times=None)
    with pytest.raises(LedgerError, match="403") as told:
        main.record(desk, make_report())
    assert str(desk.secrets.token) not in str(told.value)


def test_report_of_another_commit_is_not_believed(main: Main) -> None:
    """What a report says of its commit and branch is that of the job that recorded it."""
    report = make_report()
    report = replace(report, run=replace(report.run, commit="f" * 40, branch="feature"))
    main.record(main.judge_context("push", main.repo.event_push(main.tip)), report)
    assert [(entry.commit, entry.branch) for entry in main.entries()] == [(main.tip, "main")]
