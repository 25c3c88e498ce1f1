"""The step after measuring: its exit code, and what the log says if something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack import Attack
from tests.github_action.project import FakeProject


@pytest.mark.parametrize(("fail_job", "code"), [("auto", 0), ("always", 1), ("never", 0)])
def test_job_fails_as_the_input_says(strict: FakeProject, fail_job: str, code: int) -> None:
    """If the status shows the verdict, the job fails only with ``fail-job: always``."""
    assert strict.judge(strict.open_pull("feature:checkout"), fail_job=fail_job).code == code


def test_without_any_permission_the_exit_code_is_the_gate(strict: FakeProject) -> None:
    """If nothing can be written, the summary has the verdict and the missing permissions, and the job fails."""
    number = strict.open_pull("feature:checkout")
    token = strict.token(statuses="none", checks="none", pull_requests="read")
    done = strict.judge(number, token=token)
    assert (done.code, done.outputs["verdict"]) == (1, "fail")
    assert "What was not published" in done.summary
    assert "statuses: write" in done.summary
    assert strict.repo.statuses == strict.repo.check_runs == []


def test_cancelled_run_ends_the_pending_status(project: FakeProject) -> None:
    """A cancelled run leaves no pending status behind."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("finish", "pull_request", payload, command="pytest", job_status="cancelled")
    assert project.status(project.head(number))["state"] == "error"
    assert "cancelled" in project.status(project.head(number))["description"]
    assert done.code == 0


def test_cancelled_workflow_that_measures_is_no_verdict(project: FakeProject) -> None:
    """The publishing workflow sees the end of the measuring run in its event."""
    number = project.open_pull()
    run_id = project.add_measured_run(number, conclusion="cancelled")
    done = project.judge(number, run_id)
    assert done.outputs["verdict"] == "error"
    assert done.outputs["sentence"] == "No verdict: the run was cancelled before it ended; run it again"


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("goes_on", [True, False])
def test_run_that_a_new_base_cancelled_leaves_the_run_that_measures(
    project: FakeProject, goes_on: bool, shared: bool
) -> None:
    """The commit is pending while the other run measures; without one, the cancelled run is no verdict."""
    number = project.open_pull("feature:checkout")
    if shared:
        project.repo.commit({"r": "r"}, branch="release")
        project.repo.open_pull(head="topic", base="release")
    path = ".github/workflows/measure.yml"
    old = project.repo.workflow_run(
        head_sha=project.head(number), head_branch="topic", conclusion="cancelled", path=path
    )
    new = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None, path=path)
    project.run_step("begin", "workflow_run", project.repo.event_workflow_run(new, "requested"))
    if not goes_on:
        project.repo.runs[new] |= {"status": "completed", "conclusion": "cancelled"}
    done = project.run_step(
        "finish", "workflow_run", project.repo.event_workflow_run(old), measure_workflow="measure.yml"
    )
    assert project.status(project.head(number))["state"] == ("pending" if goes_on else "error")
    assert bool(project.repo.comments(number)) != goes_on
    assert done.code == 0


def test_measuring_step_that_was_stopped_is_no_verdict(project: FakeProject) -> None:
    """The measuring step left no result: the status is an error and says so."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("finish", "pull_request", payload, command="pytest")
    assert done.outputs["sentence"] == "No verdict: the measuring step was stopped before it ended; its log says why"
    assert project.status(project.head(number))["state"] == "error"
    assert f"::error title=pytest-carbon::{done.outputs['sentence']}" in done.log


@pytest.mark.parametrize(
    ("on_error", "command", "state"), [("fail", "error", "error"), ("neutral", "warning", "success")]
)
def test_log_and_status_of_a_missing_verdict(project: FakeProject, on_error: str, command: str, state: str) -> None:
    """With ``on-error: neutral`` a missing verdict is a warning and does not block."""
    number = project.open_pull()
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    done = project.judge(number, run_id, on_error=on_error, fail_job="always")
    assert f"::{command} title=pytest-carbon::No verdict" in done.log
    assert project.status(project.head(number))["state"] == state
    assert done.code == (on_error == "fail")


def test_fine_verdict_is_a_notice(project: FakeProject) -> None:
    """The log shows the sentence of the verdict; report and verdict are files for later steps."""
    done = project.judge(project.open_pull("feature:checkout"), fail_job="always")
    assert done.code == 0
    assert f"::notice title=pytest-carbon::{done.outputs['sentence']}" in done.log
    assert Path(done.outputs["report-path"]).is_file()
    assert Path(done.outputs["verdict-path"]).is_file()


@pytest.mark.parametrize(("fail_job", "code"), [("auto", 1), ("always", 1), ("never", 0)])
def test_passing_verdict_that_cannot_be_written_is_a_red_job(project: FakeProject, fail_job: str, code: int) -> None:
    """A required status would wait for ever beside a green job; a minute is given to write it."""
    number = project.open_pull("feature:checkout")
    project.hub.fault("POST", "/statuses/", status=502, times=None)
    done = project.judge(number, fail_job=fail_job)
    assert (done.code, done.outputs["verdict"]) == (code, "pass")
    assert "::warning title=pytest-carbon::the status was not set: " in done.log
    assert sum(project.pauses) > 60


@pytest.mark.parametrize(("began", "code"), [(True, 1), (False, 0)])
def test_status_without_the_right_to_write_is_red_only_if_it_is_pending(
    project: FakeProject, began: bool, code: int
) -> None:
    """A fork's own run has its exit code as the gate; but what was set to pending must end."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number)
    if began:
        project.run_step("begin", "pull_request", project.repo.event_pull_request(number, "opened"), run_id=run_id)
    assert project.judge(number, run_id, token=project.token(statuses="read")).code == code


READ_ONLY = {"statuses": "read", "checks": "none", "pull_requests": "read"}
"""The token of a fork's run, and of one of Dependabot whose workflow asks for nothing."""


@pytest.mark.parametrize(
    ("protected", "ruled", "fault", "code"),
    [
        ([], [], "", 0),
        (["carbon/budget"], [], "", 1),
        ([], ["tests", "Carbon/Budget"], "", 1),
        (["tests"], ["tests"], "", 0),
        ([], [], "/rules/branches/", 1),
        ([], [], "/branches/main$", 1),
    ],
)
@pytest.mark.parametrize("fail_job", ["auto", "never"])
def test_read_only_token_ends_with_a_red_job_if_somebody_waits_for_the_status(
    project: FakeProject, protected: list[str], ruled: list[str], fault: str, code: int, fail_job: str
) -> None:
    """A pass that a rule of the branch waits for is no green job; the log and the summary say what to do."""
    number = project.open_pull("feature:checkout")
    project.repo.protected["main"], project.repo.ruled["main"] = protected, ruled
    if fault:
        project.hub.fault("GET", fault, status=403, times=None)
    done = project.judge(number, token=project.token(**READ_ONLY), fail_job=fail_job)
    assert (done.outputs["verdict"], project.repo.statuses) == ("pass", [])
    assert done.code == (code if fail_job == "auto" else 0)
    for told in (done.log, done.summary):
        assert ("a rule of main requires the status carbon/budget" in told) == bool(code)


@pytest.mark.parametrize("token", [None, "ghs_expired"])
def test_job_without_a_token_or_with_a_wrong_one_is_red(project: FakeProject, token: str | None) -> None:
    """Nothing can be written, and mostly nothing be read: no green job."""
    number = project.open_pull("feature:checkout")
    assert project.judge(number, token=token).code == 1
    assert project.repo.statuses == []


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize("fail_job", ["auto", "always"])
def test_superseded_failure_is_no_green_job(strict: FakeProject, attack: Attack, fail_job: str) -> None:
    """A later run shows its verdict; a job whose own verdict fails is red all the same."""
    number = strict.open_pull("feature:checkout")
    run_id = strict.add_measured_run(number)
    later = strict.add_measured_run(number, strict.report(2), conclusion=None)
    strict.run_step("begin", "pull_request", strict.repo.event_pull_request(number, "opened"), run_id=run_id)
    strict.run_step("begin", "pull_request", strict.repo.event_pull_request(number, "opened"), run_id=later)
    payload = strict.repo.event_pull_request(number, "opened")
    done = strict.run_step("finish", "pull_request", payload, run_id=run_id, fail_job=fail_job)
    assert done.outputs["verdict"] == "fail"
    assert f"nothing was published, because run {later}.1 began to judge this commit later" in done.log
    attack.ended(done.code, done.log)


def test_superseded_pass_is_a_green_job(project: FakeProject) -> None:
    """A later run shows its verdict, and this one has nothing against the commit."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number)
    later = project.add_measured_run(number, project.report(2), conclusion=None)
    project.run_step("begin", "pull_request", project.repo.event_pull_request(number, "opened"), run_id=later)
    done = project.run_step("finish", "pull_request", project.repo.event_pull_request(number), run_id=run_id)
    assert (done.code, project.status(project.head(number))["state"]) == (0, "pending")


@pytest.mark.parametrize(("fail_job", "code"), [("auto", 1), ("never", 0)])
def test_run_that_is_not_in_the_ledger_is_no_green_job(project: FakeProject, fail_job: str, code: int) -> None:
    """Somebody must see that main was not recorded: the log says why, and the job is red."""
    payload = project.repo.event_push(project.repo.commit({"a.py": "a = 1\n"}))
    token = project.token(contents="write")
    done = project.run_step("finish", "push", payload, command="pytest", token=token, fail_job=fail_job)
    assert done.code == code
    assert "::error title=pytest-carbon::this run is not in the ledger: " in done.log


def test_pull_requests_that_cannot_be_read_are_a_notice(project: FakeProject) -> None:
    """A token without ``actions: read`` records main all the same; the notice names the permissions."""
    payload = project.repo.event_push(project.repo.commit({"a.py": "a = 1\n"}))
    token = project.token(contents="write", actions="none")
    done = project.run_step("finish", "push", payload, command="pytest", token=token)
    assert "::notice title=pytest-carbon::runs of pull requests are not in the ledger: " in done.log
    assert "; in all, this needs actions: read and pull-requests: read" in done.log
