"""A fault in each call of the API and of git in turn: after it the status is final, or the job is red."""

from __future__ import annotations

import pytest

from tests.github_action.project import RIGHTS, FakeProject

CALLS = [
    ("POST", "graphql"),
    ("GET", r"/pulls$"),
    ("GET", r"/pulls/1$"),
    ("GET", "/git/trees/"),
    ("GET", r"/actions/runs$"),
    ("GET", r"/actions/runs/\d+$"),
    ("GET", "/artifacts$"),
    ("GET", "/zip$"),
    ("GET", r"/commits/\w+/statuses"),
    ("GET", "/comments"),
    ("POST", "/comments"),
    ("POST", "/check-runs"),
    ("POST", "/statuses/"),
    ("GET", "info/refs"),
    ("POST", "git-upload-pack"),
]
FIRST_CALLS = ("graphql", r"/actions/runs/\d+$", r"/commits/\w+/statuses", "/statuses/")
"""The calls of the first step."""


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_commit_never_waits_beside_a_green_job(project: FakeProject, call: tuple[str, str]) -> None:
    """Whichever call always fails, nobody waits for a status that never comes, and nothing is told twice."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number, conclusion=None)
    opened = project.repo.event_pull_request(number, "opened")
    project.run_step("begin", "pull_request", opened, run_id=run_id)
    project.repo.runs[run_id] |= {"status": "completed", "conclusion": "success"}
    project.hub.fault(*call, status=502, times=None)
    done = project.run_step("finish", "pull_request", opened, run_id=run_id, comment="always")
    state = project.status(project.head(number))["state"]
    assert state in ("success", "error") or done.code == 1
    assert (state == "success") <= (done.outputs["verdict"] == "pass")
    assert len(project.repo.comments(number)) <= 1


@pytest.mark.parametrize("body", [{}, [], "x", 7, {"login": "required"}], ids=str)
@pytest.mark.parametrize("path", ["/git/trees/", "/git/blobs/", r"/pulls/1$"])
def test_other_json_is_told_as_what_it_is(project: FakeProject, path: str, body: object) -> None:
    """A proxy that wants a login answers 200 with its own JSON: no traceback, and no bug of ours."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number)
    project.hub.fault("GET", path, status=200, body=body, times=None)
    done = project.judge(number, run_id)
    assert done.code == 1 or project.status(project.head(number))["state"] == "error"
    assert "Traceback" not in done.log
    assert "a bug in pytest-carbon" not in done.log
    assert "is a proxy between" in done.log or "pulls" in path


@pytest.mark.parametrize("login", ["github-actions[bot]", "shop-carbon[bot]"])
@pytest.mark.parametrize("call", [call for call in CALLS if call[1] in FIRST_CALLS], ids=" ".join)
@pytest.mark.parametrize("event", ["opened", "requested", "late"])
def test_first_step_leaves_no_commit_waiting(
    project: FakeProject, event: str, call: tuple[str, str], login: str
) -> None:
    """Whichever call fails in the first step, it writes nothing over a verdict, and the commit gets its verdict."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number, conclusion="success" if event == "late" else None)
    requested = project.repo.event_workflow_run(run_id, "requested")
    name, payload = "workflow_run", requested
    if event == "opened":
        name, payload = "pull_request", project.repo.event_pull_request(number, "opened")

    def token() -> str:
        return project.hub.token(RIGHTS, login=login)

    if event == "late":
        project.judge(number, run_id, token=token())
    project.hub.fault(*call, status=502, times=None)
    project.run_step("begin", name, payload, token=token(), run_id=run_id if event == "opened" else 0)
    project.hub.mend()
    if event != "late":
        project.repo.runs[run_id] |= {"status": "completed", "conclusion": "success"}
        ended = payload if event == "opened" else project.repo.event_workflow_run(run_id)
        project.run_step("finish", name, ended, token=token(), run_id=run_id if event == "opened" else 0)
    assert project.status(project.head(number))["state"] == "success"
