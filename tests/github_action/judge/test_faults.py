"""A fault in each call of the API and of git in turn: after it the status is final, or the job is red."""

from __future__ import annotations

import pytest

from tests.github_action.project import FakeProject

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
