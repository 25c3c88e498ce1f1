"""The stage summary as a job runs it: from policy and ledger to issues, without ever failing the job."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import RIGHTS, FakeProject, StepResult, zip_report
from tests.samples import POLICY

NIGHT = {"schedule": "17 3 * * *"}
BUDGETS = (
    POLICY
    + '[features.checkout.budget]\nlimit = "50 kJ"\nwindow = "28d"\nowners = ["@octo/checkout"]\n'
    + '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "1 MJ" }\n'
)
TITLES = ["Carbon report: team shop", "Carbon report: checkout", "Carbon report: search", "Carbon budgets"]


class Nightly(FakeProject):
    """A project with a ledger and a nightly job."""

    def remember(self, *numbers: int) -> None:
        """Put runs of main into the ledger."""
        ledger = BranchLedger(self.repo.git, "carbon-ledger", datetime.now(UTC), None)
        paid = RunSource("main", shares={"checkout": 1.0})
        ledger.append([make_entry(self.report(number), paid) for number in numbers])

    def summary(self, event: str = "schedule", ref: str = "refs/heads/main", **more: Any) -> StepResult:
        """Run the stage for an event."""
        common = {} if event == "schedule" else {"repository": {"default_branch": "main"}}
        inputs = {"stage": "summary", "token": self.token(issues="write"), **more}
        return self.run_step("finish", event, {**NIGHT, **common, "ref": ref}, **inputs)

    def titles(self) -> list[str]:
        """Return the titles of the open issues in their order."""
        return [thread.title for thread in self.repo.threads.values() if thread.state == "open"]


@pytest.fixture
def nightly(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Nightly:
    """A project of two features and a team, with two runs of main."""
    project = Nightly(hub, tmp_path, capsys, BUDGETS)
    project.remember(1, 2)
    return project


@pytest.mark.parametrize("event", ["schedule", "push", "workflow_dispatch"])
def test_issues_of_a_project(nightly: Nightly, event: str) -> None:
    """Each issue says how much of the budget is used; the second run of a day writes nothing."""
    done = nightly.summary(event)
    assert (done.code, done.log) == (0, "")
    assert sorted(nightly.titles()) == sorted(TITLES)
    body = next(str(t.body) for t in nightly.repo.threads.values() if t.title == "Carbon report: checkout")
    assert "Checkout used 16 % of its 28-day carbon budget: 8 of 50 kJ" in body
    before = len(nightly.hub.requests)
    assert nightly.summary(event).log == ""
    written = [r.path for r in nightly.hub.requests[before:] if r.api and r.method != "GET"]
    assert written == ["/api/graphql"]  # whose token this is


def test_threshold_is_reported_to_the_owners(nightly: Nightly) -> None:
    """A comment on the feature's issue reports the threshold and mentions the owners of the policy."""
    nightly.summary()
    nightly.remember(*range(3, 10))
    nightly.summary()
    comments = {t.title: [c["body"] for c in t.comments] for t in nightly.repo.threads.values()}
    (said,) = comments.pop("Carbon report: checkout")
    assert said.startswith(
        "<!-- pytest-carbon:told 28d:90 -->\n**The budget is critical: at the present pace, it is exhausted soon.** "
        "Checkout used 72 %"
    )
    assert said.endswith("\n\n@octo/checkout")
    assert not any(comments.values())


def test_nightly_job_records_before_it_updates(nightly: Nightly) -> None:
    """A scheduled job records its run first, so the issues include it."""
    sha = nightly.repo.bare.branches()["main"]
    run_id = nightly.repo.workflow_run(head_sha=sha, head_branch="main", event="schedule")
    nightly.repo.artifact(run_id, "carbon-report-test", zip_report(nightly.report(3)))
    rights = nightly.token(issues="write", contents="write")
    done = nightly.run_step("finish", "schedule", {**NIGHT, "after": sha}, run_id=run_id, token=rights)
    assert done.code == 0
    assert "added to the branch carbon-ledger" in done.log
    body = next(str(t.body) for t in nightly.repo.threads.values() if t.title == "Carbon report: checkout")
    assert "Checkout used 20 % of its" in body


def test_newest_policy_counts(nightly: Nightly) -> None:
    """A run of an older commit does not bring back features that the policy has removed."""
    old = nightly.repo.bare.branches()["main"]
    nightly.repo.commit({"carbon.toml": 'default-branch = "main"\n[features.search]\nlabels = ["feature:search"]\n'})
    token = nightly.token(issues="write")
    nightly.run_step("finish", "push", nightly.repo.event_push(old), token=token, stage="summary")
    assert nightly.titles() == ["Carbon report: search", "Carbon budgets"]


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ({"issues": "read"}, "(issues: write)"),
        ({"issues": "none", "pull-requests": "none"}, "(issues: read)"),
        ({"issues": "write", "contents": "none"}, "(contents: read)"),
    ],
)
def test_missing_permission_is_a_warning(nightly: Nightly, rights: dict[str, str], said: str) -> None:
    """The job passes, and one line of its log names the missing permission."""
    token = nightly.token(**{name.replace("-", "_"): level for name, level in rights.items()})
    done = nightly.summary(token=token)
    assert done.code == 0
    assert done.log.startswith("::warning title=pytest-carbon::the issues are not up to date: ")
    assert said in done.log
    assert done.log.count("::") == 2
    assert nightly.titles() == []


def test_missing_permission_where_nobody_asked(nightly: Nightly) -> None:
    """A job that did not ask for issues, and may not write them, gets a notice only."""
    done = nightly.summary(stage="auto", token=nightly.token(contents="write"), fail_job="never")
    assert done.code == 0  # although there is no run to record
    assert "::notice title=pytest-carbon::the issues are not up to date: " in done.log
    assert "::warning title=pytest-carbon::the issues" not in done.log


@pytest.mark.parametrize(("login", "user"), [("carbon-app[bot]", False), ("robin", True)])
def test_token_of_an_app_or_a_person(nightly: Nightly, login: str, user: bool) -> None:
    """Nobody names the account: GitHub is asked whose token it is, and no issue is made twice."""
    for _ in range(2):
        done = nightly.summary(token=nightly.hub.token({**RIGHTS, "issues": "write"}, login=login, user=user))
        assert (done.code, done.log) == (0, "")
    assert sorted(nightly.titles()) == sorted(TITLES)
    assert {thread.author for thread in nightly.repo.threads.values()} == {login}


@pytest.mark.parametrize(("event", "ref"), [("push", "refs/heads/topic"), ("pull_request", "refs/pull/1/merge")])
def test_default_branch_only(nightly: Nightly, event: str, ref: str) -> None:
    """The policy and the owners of another branch reach nobody."""
    done = nightly.summary(event, ref)
    assert done.code == 0
    assert f"issues are written for the default branch only, but this run is of {ref}" in done.log
    assert nightly.titles() == []


def test_missing_policy_closes_nothing(nightly: Nightly) -> None:
    """Without a readable policy all issues stay as they are, and the log says why."""
    nightly.summary()
    nightly.repo.commit({"carbon.toml": None})
    assert "the branch main has no policy with a feature or a budget" in nightly.summary().log
    nightly.repo.commit({"carbon.toml": "features = 1"})
    assert "the issues are not up to date: the policy at" in nightly.summary().log
    assert len(nightly.titles()) == 4


def test_ledger_that_does_not_exist_yet(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The issues are created without any data."""
    project = Nightly(hub, tmp_path, capsys, BUDGETS)
    assert project.summary().log == ""
    assert sorted(project.titles()) == sorted(TITLES)
