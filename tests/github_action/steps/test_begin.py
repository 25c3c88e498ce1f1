"""The step before measuring: a pending status, and problems that fail nothing."""

from __future__ import annotations

import pytest

from tests.github_action.project import RIGHTS, FakeProject


def test_status_is_pending_until_the_verdict(project: FakeProject) -> None:
    """The first step sets the status to pending."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "opened")
    project.run_step("begin", "pull_request", payload, command="pytest")
    assert project.status(project.head(number))["state"] == "pending"


def test_publishing_workflow_sets_the_status_when_measuring_starts(project: FakeProject) -> None:
    """The event of a started run names the commit, so its status becomes pending without a checkout."""
    number = project.open_pull()
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None)
    payload = {**project.repo.event_workflow_run(run_id), "action": "requested"}
    done = project.run_step("begin", "workflow_run", payload)
    assert (done.code, done.log) == (0, "")
    assert project.status(project.head(number))["state"] == "pending"


@pytest.mark.parametrize(
    ("now", "pending"),
    [
        ({"status": "in_progress"}, True),
        ({"status": "queued"}, True),
        ({"status": "completed", "conclusion": "success"}, False),  # its verdict may be there already
        ({"event": "push"}, False),  # nothing judges it
        (None, True),
    ],
)
def test_pending_is_only_what_somebody_will_end(
    project: FakeProject, now: dict[str, str] | None, pending: bool
) -> None:
    """A late step writes no pending status over the verdict; if GitHub cannot tell, the status is pending."""
    number = project.open_pull()
    event = (now or {}).get("event", "pull_request")
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None, event=event)
    payload = project.repo.event_workflow_run(run_id, "requested")
    if now is None:
        project.hub.fault("GET", "/actions/runs/", status=403, times=None)
    else:
        project.repo.runs[run_id] |= now
    assert project.run_step("begin", "workflow_run", payload).code == 0
    assert [status["state"] for status in project.repo.statuses] == ["pending"] * pending


@pytest.mark.parametrize("login", ["github-actions[bot]", "shop-carbon[bot]"])
@pytest.mark.parametrize("again", [False, True])
def test_late_step_that_cannot_ask_for_the_run_leaves_the_verdict(
    project: FakeProject, login: str, again: bool
) -> None:
    """The newest status tells that the run was judged; what was judged before the run began again tells nothing."""
    token = project.hub.token({**RIGHTS, "actions": "none"}, login=login)
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number)
    project.judge(number, run_id, token=project.hub.token(RIGHTS, login=login))
    if again:
        project.repo.run_again(run_id)
    payload = project.repo.event_workflow_run(run_id, "requested")
    assert project.run_step("begin", "workflow_run", payload, token=token).code == 0
    assert project.status(project.head(number))["state"] == ("pending" if again else "success")


def test_step_that_cannot_tell_whether_the_verdict_is_there_is_red(project: FakeProject) -> None:
    """It writes nothing over a verdict, and says so; the end of the run is judged all the same."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number)
    project.judge(number, run_id)
    project.hub.fault("GET", r"/actions/runs/\d+$", status=502, times=None)
    project.hub.fault("GET", "/statuses$", status=502, times=None)
    done = project.run_step("begin", "workflow_run", project.repo.event_workflow_run(run_id, "requested"))
    assert (done.code, project.status(project.head(number))["state"]) == (1, "success")
    assert "GitHub does not tell whether the verdict of" in done.log


def test_status_that_cannot_be_written_is_a_notice(project: FakeProject) -> None:
    """The tests run all the same, and the notice names the missing permission."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("begin", "pull_request", payload, token=project.token(statuses="none"))
    assert (done.code, project.repo.statuses) == (0, [])
    assert done.log.startswith("::notice title=pytest-carbon::the status was not set to pending: ")
    assert "(statuses: write)" in done.log


def test_missing_token_is_a_notice(project: FakeProject) -> None:
    """Without a token every request is refused, which is no reason not to run the tests."""
    number = project.open_pull()
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("begin", "pull_request", payload, token=None)
    assert (done.code, project.repo.statuses) == (0, [])
    assert "::notice title=pytest-carbon::the status was not set to pending: " in done.log


def test_push_has_no_pending_status(project: FakeProject) -> None:
    """A push is measured and recorded; nothing judges it, so no status waits for a verdict."""
    payload = project.repo.event_push(project.repo.commit({"a.py": "a = 1\n"}))
    assert project.run_step("begin", "push", payload, command="pytest").code == 0
    assert project.repo.statuses == []
