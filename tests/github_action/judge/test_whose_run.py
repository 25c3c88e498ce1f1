"""Whose run counts for a commit: never that of another pull request or base, of a broken attempt, or an older one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.samples import POLICY

LIMIT = POLICY.replace(
    "[features.search]", '[features.checkout.budget]\nper-run = "1.5 kJ"\non-exceeded = "fail"\n[features.search]'
)
CHEAP, DEAR = {"checkout": 0.5, "search": 1.0}, {"checkout": 2.0}
ONE_FILE, TWO_FILES = "pull_request", "pull_request_target"
FILE = {"measure_workflow": "carbon.yml"}


@pytest.fixture
def project(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose limit a cheap run keeps and a dear one does not."""
    return FakeProject(hub, tmp_path, capsys, LIMIT)


def _finish(project: FakeProject, event: str, number: int, action: str, **more: Any) -> StepResult:
    payload = project.repo.event_pull_request(number, action, label="x" if action == "labeled" else None)
    return project.run_step("finish", event, payload, **{**FILE, **more})


def _judge_run(project: FakeProject, event: str, number: int, run_id: int) -> StepResult:
    """Judge a run of a pull request as it ends."""
    if event == ONE_FILE:
        return _finish(project, event, number, "opened", run_id=run_id)
    return project.run_step("finish", "workflow_run", project.repo.event_workflow_run(run_id), **FILE)


def _state(project: FakeProject, number: int) -> str:
    return str(project.status(project.head(number))["state"])


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize("event", [ONE_FILE, TWO_FILES])
@pytest.mark.parametrize("fork", [True, False])
def test_cheap_run_of_another_base_counts_for_nobody_else(
    project: FakeProject, attack: Attack, event: str, fork: bool
) -> None:
    """A second pull request to a base with cheap tests: its run does not replace the first one's, open or closed."""
    repository = project.hub.repository("eve/shop", fork_of=project.repo) if fork else None
    first = project.open_pull("feature:checkout", fork=repository)
    _judge_run(project, event, first, project.add_measured_run(first, project.report(1, cost=DEAR)))
    project.repo.commit({"carbon.toml": None, "conftest.py": "cheap"}, branch="cheap")
    second = project.repo.open_pull(head="topic", base="cheap", author="eve", head_repository=repository)
    _judge_run(project, event, second, project.add_measured_run(second, project.report(2, cost=CHEAP)))
    states = [_state(project, first)]
    done = _finish(project, event, second, "labeled")
    states.append(_state(project, first))
    project.repo.close_pull(second)
    for number, action in ((second, "closed"), (first, "labeled")):
        done = _finish(project, event, number, action)
        states.append(_state(project, first))
    assert set(states) == {"failure"}
    attack.ended(states[-1], done.log)


@pytest.mark.attack("foreign-report")
@pytest.mark.parametrize("event", [ONE_FILE, TWO_FILES])
def test_run_of_an_earlier_base(project: FakeProject, attack: Attack, event: str) -> None:
    """Measured against a cheap base, then moved to main: the old report is none for main, the next run's is."""
    number = project.open_pull("feature:checkout")
    project.repo.commit({"carbon.toml": LIMIT, "conftest.py": "cheap"}, branch="cheap")
    project.repo.change_base(number, "cheap")
    run_id = project.add_measured_run(number, project.report(1, cost=CHEAP))
    before = project.repo.event_pull_request(number, "opened")
    _judge_run(project, event, number, run_id)
    project.repo.change_base(number, "main")
    _finish(project, event, number, "labeled")
    assert _state(project, number) == "error"
    done = project.run_step("finish", "workflow_run", project.repo.event_workflow_run(run_id), **FILE)
    assert "for another base" in done.outputs["sentence"]
    late = project.run_step("finish", "pull_request", before, run_id=run_id, **FILE)
    attack.ended(_state(project, number), done.log, late.log)
    _judge_run(project, event, number, project.add_measured_run(number, project.report(2, cost=CHEAP)))
    assert _state(project, number) == "success"


@pytest.mark.attack("foreign-report")
def test_label_while_a_newer_run_measures(project: FakeProject, attack: Attack) -> None:
    """The older report is not judged for a label while the commit is measured again, which would silence that run."""
    number = project.open_pull("feature:checkout")
    _judge_run(project, ONE_FILE, number, project.add_measured_run(number, project.report(1, cost=CHEAP)))
    going = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None)
    payload = project.repo.event_pull_request(number, "reopened")
    project.run_step("begin", "pull_request", payload, run_id=going, **FILE)
    label = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    _finish(project, ONE_FILE, number, "labeled", run_id=label)
    assert _state(project, number) == "pending"
    project.repo.artifact(going, "carbon-report-test", zip_report(project.report(2, cost=DEAR)))
    done = project.run_step("finish", "pull_request", payload, run_id=going, **FILE)
    attack.ended(_state(project, number), done.log)


@pytest.mark.attack("shared-commit")
def test_success_of_another_is_not_kept(project: FakeProject, attack: Attack) -> None:
    """Opened to a branch where it needs no measurement, closed, opened to main: pending, until a run measures it."""
    project.repo.commit({"carbon.toml": 'no-measurement = ["docs/**"]\n' + LIMIT})
    project.repo.bare.point("refs/heads/topic", project.repo.commit({"work.py": "costly"}, branch="dev"))
    project.repo.commit({"docs/a.md": "a"}, branch="topic")
    other = project.repo.open_pull(head="topic", base="dev", author="ann")
    _finish(project, TWO_FILES, other, "opened")
    assert _state(project, other) == "success"
    project.repo.close_pull(other)
    _finish(project, TWO_FILES, other, "closed")
    number = project.repo.open_pull(head="topic", base="main", author="ann")
    done = _finish(project, TWO_FILES, number, "opened")
    attack.ended(_state(project, number), done.log)


@pytest.mark.attack("foreign-report")
@pytest.mark.parametrize("event", [ONE_FILE, TWO_FILES])
def test_part_of_a_cancelled_run(project: FakeProject, attack: Attack, event: str) -> None:
    """What a cancelled run has uploaded does not replace the whole report of the run before."""
    number = project.open_pull("feature:checkout")
    _judge_run(project, event, number, project.add_measured_run(number, project.report(1, cost=DEAR)))
    project.add_measured_run(number, project.report(2, cost=CHEAP), names=("a.of2",), conclusion="cancelled")
    done = _finish(project, event, number, "labeled")
    attack.ended(_state(project, number), done.log)


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize("way", ["too many share it", "a fault"])
def test_missing_verdict_hides_no_failure(project: FakeProject, attack: Attack, way: str) -> None:
    """With on-error: neutral, a commit that failed stays failed, and too many pull requests of one never pass."""
    number = project.open_pull("feature:checkout")
    if way == "a fault":
        _judge_run(project, ONE_FILE, number, project.add_measured_run(number, project.report(1, cost=DEAR)))
        project.hub.fault("GET", "/pulls$", times=None, status=503)
    else:
        for name in range(10):
            project.repo.commit({"x": "1"}, branch=f"old-{name}")
            project.repo.open_pull(head="topic", base=f"old-{name}", author="eve")
    done = _finish(project, TWO_FILES, number, "labeled", on_error="neutral")
    attack.ended(_state(project, number), done.log)


def test_title_of_another_is_not_waited_for(project: FakeProject) -> None:
    """A run for a new title never judges: nobody waits for it, also if it is queued."""
    number = project.open_pull("feature:checkout")
    project.repo.commit({"carbon.toml": POLICY}, branch="old")
    project.repo.open_pull(head="topic", base="old", author="ann")
    project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None)
    _judge_run(project, ONE_FILE, number, project.add_measured_run(number, project.report(1, cost=CHEAP)))
    assert _state(project, number) == "success"


def test_skipped_run_is_no_missing_report(project: FakeProject) -> None:
    """With two files, a new title starts a run whose jobs are skipped: the run before it still counts."""
    number = project.open_pull("feature:checkout")
    project.add_measured_run(number, project.report(1, cost=CHEAP))
    _judge_run(project, TWO_FILES, number, project.add_measured_run(number, names=(), conclusion="skipped"))
    assert _state(project, number) == "success"


def test_closing_with_a_fault_writes_nothing(project: FakeProject) -> None:
    """A commit that nobody judges gets no error because GitHub could not list the pull requests."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "closed")
    project.repo.close_pull(number)
    project.hub.fault("GET", "/pulls$", status=502, times=None)
    done = project.run_step("finish", "pull_request", payload, **FILE)
    assert (done.code, project.repo.statuses) == (0, [])


def test_fork_that_waits_for_approval(project: FakeProject) -> None:
    """The error says who can let the run begin."""
    number = project.open_pull(fork=project.hub.repository("eve/shop", fork_of=project.repo))
    run_id = project.add_measured_run(number, names=(), conclusion="action_required")
    done = _judge_run(project, TWO_FILES, number, run_id)
    assert "a maintainer must approve it" in done.outputs["sentence"]
    assert _state(project, number) == "error"
