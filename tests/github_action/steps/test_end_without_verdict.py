"""The last step stops before the gate: the status is an error, and nobody waits for it."""

from __future__ import annotations

import pytest

from tests.attack import Attack
from tests.github_action.project import FakeProject

MEASURE = ".github/workflows/measure.yml"


def _begin(project: FakeProject, number: int) -> int:
    """Let a run begin to measure, and the status be pending; return the run, which has ended since."""
    run_id = project.add_measured_run(number, path=MEASURE, conclusion=None)
    project.run_step("begin", "workflow_run", project.repo.event_workflow_run(run_id, "requested"))
    project.repo.runs[run_id] |= {"status": "completed", "conclusion": "success"}
    assert project.status(project.head(number))["state"] == "pending"
    return run_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"comment": "sometimes"},
        {"on_error": "none"},
        {"fail_job": "true"},
        {"working_directory": "/root"},
        {"stage": "gait"},
    ],
    ids=str,
)
def test_wrong_input_ends_the_pending_status(project: FakeProject, wrong: dict[str, str]) -> None:
    """The status says which input it is; with two files, the red job is not on the pull request."""
    number = project.open_pull("feature:checkout")
    run_id = _begin(project, number)
    done = project.run_step("finish", "workflow_run", project.repo.event_workflow_run(run_id), **wrong)
    status = project.status(project.head(number))
    name = next(iter(wrong)).replace("_", "-")
    assert (done.code, status["state"]) == (1, "error")
    assert status["description"].startswith(f"No verdict: the input {name} is ")
    assert project.repo.comments(number) == []


@pytest.mark.parametrize("wrong", [{"comment": "sometimes"}, {"on_error": "none"}, {"fail_job": "true"}], ids=str)
def test_wrong_input_is_refused_before_anything_is_pending(project: FakeProject, wrong: dict[str, str]) -> None:
    """The first step knows these inputs, too."""
    number = project.open_pull("feature:checkout")
    done = project.run_step("begin", "pull_request", project.repo.event_pull_request(number, "opened"), **wrong)
    assert (done.code, project.repo.statuses) == (1, [])


def test_unforeseen_error_before_the_gate_ends_the_pending_status(project: FakeProject) -> None:
    """The disk is full, or the folder of the job is gone."""
    number = project.open_pull("feature:checkout")
    run_id = _begin(project, number)
    payload = project.repo.event_workflow_run(run_id)
    done = project.run_step("finish", "workflow_run", payload, temporary_folder=str(project.folder / "gone"))
    assert (done.code, project.status(project.head(number))["state"]) == (1, "error")
    assert "this is a bug in pytest-carbon" in project.status(project.head(number))["description"]


def test_verdict_that_is_written_is_left(project: FakeProject) -> None:
    """What fails after the verdict, such as writing the job's summary, does not take it away."""
    number = project.open_pull("feature:checkout")
    run_id = _begin(project, number)
    folder = project.folder / f"job-{project.runs + 1}" / "pytest-carbon" / "job-test"
    folder.mkdir(parents=True)
    (folder / "verdict").touch()  # no folder, so the files of the verdict cannot be written
    done = project.run_step("finish", "workflow_run", project.repo.event_workflow_run(run_id))
    assert (done.code, project.status(project.head(number))["state"]) == (1, "success")
    assert "FileExistsError" in done.log


@pytest.mark.attack("approvals")
def test_withdrawn_override_is_not_green_for_a_wrong_input(strict: FakeProject, attack: Attack) -> None:
    """Nothing is judged, so the earlier success is taken away."""
    number = strict.open_pull("feature:checkout")
    strict.repo.label(number, "carbon/override", by="bob")
    strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    assert strict.judge(number).outputs["verdict"] == "overridden"
    strict.repo.unlabel(number, "carbon/override", by="bob")
    payload = strict.repo.event_pull_request(number, "unlabeled", label="carbon/override")
    done = strict.run_step("finish", "pull_request_target", payload, comment="sometimes")
    attack.ended(strict.status(strict.head(number))["state"], done.log)


@pytest.mark.parametrize(
    ("event", "action", "inputs"),
    [
        ("pull_request", "edited", {}),  # a new title
        ("pull_request", "closed", {}),
        ("pull_request", "opened", {"stage": "begin"}),
        ("pull_request", "opened", {"status_context": "x" * 300}),
        ("push", "", {}),
    ],
)
def test_what_this_step_would_not_judge_has_no_status(
    project: FakeProject, event: str, action: str, inputs: dict[str, str]
) -> None:
    """The log alone names the input, and no status is written where none was to come."""
    number = project.open_pull("feature:checkout")
    sha = project.head(number)
    payload = project.repo.event_pull_request(number, action) if action else project.repo.event_push(sha)
    done = project.run_step("finish", event, payload, **{"comment": "sometimes", **inputs})
    assert (done.code, project.repo.statuses) == (1, [])
    assert "Traceback" not in done.log


def test_token_that_only_reads_is_a_red_job(project: FakeProject) -> None:
    """The log says that the status could not be set."""
    number = project.open_pull("feature:checkout")
    token = project.token(statuses="read", checks="none")
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("finish", "pull_request", payload, comment="sometimes", token=token)
    assert (done.code, project.repo.statuses) == (1, [])
    assert "the status was not set: " in done.log
