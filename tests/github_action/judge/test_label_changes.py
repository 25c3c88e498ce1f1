"""Labels that change while a verdict is made: none is lost, and the last status is by the labels of now."""

from __future__ import annotations

import pytest

from github_action.judge.label_changes import labels_changed
from github_action.reports.find_pull_request import Subject
from tests.github_action.judge.labelled_pull import LabelledPull
from tests.github_action.project import FakeProject

LABEL = "carbon/override"
MOMENTS = {
    "while judging": ("GET", "/artifacts/"),
    "just before writing": ("GET", "/pulls/1$"),
    "with the comment": ("POST", "/comments$"),
    "with the check run": ("POST", "/check-runs$"),
    "with the status": ("POST", "/statuses/"),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("added", [True, False])
def test_no_label_is_lost_while_a_verdict_is_written(strict: FakeProject, moment: str, added: bool) -> None:
    """An override that was added counts, and one that was withdrawn does not, although no other run judges by it."""
    number = strict.open_pull("feature:checkout")
    strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    if not added:
        strict.repo.label(number, LABEL, by="bob")
    change = strict.repo.label if added else strict.repo.unlabel
    strict.hub.meanwhile(*MOMENTS[moment], lambda: change(number, LABEL, by="bob"))
    done = strict.judge(number)
    assert strict.status(strict.head(number))["state"] == ("success" if added else "failure")
    assert (done.code, done.outputs["verdict"]) == (0, "overridden" if added else "fail")
    assert f"Carbon budget: {done.outputs['verdict']}" in strict.comment(number)


def test_labels_that_change_all_the_time_make_the_job_red(strict: FakeProject) -> None:
    """What is judged last may be old then: the status is written, and somebody is asked to run the job again."""
    number = strict.open_pull("feature:checkout")
    for n in range(5):
        strict.hub.meanwhile("POST", "/check-runs$", lambda n=n: strict.repo.label(number, f"l{n}", by="bob"))
    done = strict.judge(number)
    assert (done.code, strict.status(strict.head(number))["state"]) == (1, "failure")
    assert "labels were changed while the verdict was written; run this job again" in done.log


def test_labels_that_cannot_be_read_again_make_the_job_red(project: FakeProject) -> None:
    """A label may have been lost: the job says so."""
    number = project.open_pull("feature:checkout")
    project.hub.fault("GET", f"/pulls/{number}$", status=500, times=None)
    done = project.judge(number)
    assert (done.code, project.status(project.head(number))["state"]) == (1, "success")
    assert "could not read again what the verdict depends on" in done.log


def test_run_that_was_overtaken_judges_again(strict: FakeProject) -> None:
    """Of two label events at once, the first writes over the second's status: then it judges by the labels of now.

    The label was removed and added again by another person, so the names of the labels are the same.
    """
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number)
    facts = {"head_sha": strict.head(number), "head_branch": "topic", "conclusion": None}
    first, second = strict.repo.workflow_run(**facts), strict.repo.workflow_run(**facts)
    strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    strict.repo.label(number, LABEL, by="ann")
    payload = strict.repo.event_pull_request(number, "labeled", label=LABEL)

    def second_event() -> None:
        strict.repo.unlabel(number, LABEL, by="bob")
        strict.repo.label(number, LABEL, by="bob")
        strict.run_step("finish", "pull_request", payload, run_id=second)

    strict.hub.meanwhile("POST", "/check-runs$", second_event)
    done = strict.run_step("finish", "pull_request", payload, run_id=first)
    states = [(status["state"], status["target_url"].split("/")[-3]) for status in strict.repo.statuses]
    assert states == [("success", str(second)), ("failure", str(first)), ("success", str(first))]
    assert (done.code, done.outputs["verdict"]) == (0, "overridden")
    assert "Carbon budget: overridden" in strict.comment(number)


def test_status_over_that_of_a_run_that_begins_waits_for_it(project: FakeProject) -> None:
    """A run that measures set the status to pending: a success of before must not stand until it ends."""
    number = project.open_pull("feature:checkout")
    project.add_measured_run(number)
    facts = {"head_sha": project.head(number), "head_branch": "topic", "conclusion": None}
    first, second = project.repo.workflow_run(**facts), project.repo.workflow_run(**facts)
    opened = project.repo.event_pull_request(number, "reopened")
    begin = lambda: project.run_step("begin", "pull_request", opened, run_id=second)  # noqa: E731
    project.hub.meanwhile("POST", "/check-runs$", begin)
    payload = project.repo.event_pull_request(number, "labeled", label="feature:checkout")
    done = project.run_step("finish", "pull_request", payload, run_id=first)
    status = project.status(project.head(number))
    assert (done.code, status["state"]) == (0, "pending")
    assert status["description"] == f"Waits for another run: run {second}.1 began to judge this commit."
    project.repo.runs[second] |= {"status": "completed", "conclusion": "success"}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ([], [], False),
        (["a"], ["a"], False),
        (["a", "b"], ["b", "A"], False),
        ([], ["a"], True),
        (["a"], [], True),
        (["a"], ["b"], True),
    ],
)
def test_which_labels_are_other_labels(
    labelled: LabelledPull, before: list[str], now: list[str], changed: bool
) -> None:
    """Neither the order nor the case of the letters matters."""
    for name in before:
        labelled.label("bob", name)
    pull = labelled.pull
    subject = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None)
    for name in before:
        labelled.repo.unlabel(labelled.number, name)
    for name in now:
        labelled.label("bob", name)
    assert labels_changed(labelled.client(), "octo/shop", [subject]) == changed
