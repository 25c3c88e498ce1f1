"""Labels after the reports have expired: the earlier verdict stands, unless an excuse was taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.attack import Attack
from tests.github_action.project import FakeProject, StepResult

LABEL = "carbon/override"


def _expire(project: FakeProject, how: str) -> None:
    """Let all reports expire: GitHub says so, forgets them in time, or somebody has deleted them before."""
    for artifact in project.repo.artifacts:
        artifact["expired"] = True
    if how != "expired":
        project.repo.artifacts.clear()
    if how == "forgotten":
        old = (datetime.now(UTC) - timedelta(days=31)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for item in project.repo.statuses:
            item |= {"created_at": old, "updated_at": old}


def _label(project: FakeProject, number: int, action: str = "labeled", label: str = "stale") -> StepResult:
    by = "bob"
    (project.repo.label if action == "labeled" else project.repo.unlabel)(number, label, by=by)
    payload = project.repo.event_pull_request(number, action, label=label)
    return project.run_step("finish", "pull_request", payload)


@pytest.mark.parametrize("how", ["expired", "forgotten"])
@pytest.mark.parametrize("label", ["stale", "feature:search", LABEL])
def test_label_turns_no_green_into_red(project: FakeProject, how: str, label: str) -> None:
    """The verdict of then stands, and the log says since when, and what to do."""
    number = project.open_pull("feature:checkout")
    project.judge(number)
    before = project.status(project.head(number))
    _expire(project, how)
    done = _label(project, number, label=label)
    assert project.status(project.head(number)) == before
    assert (done.code, before["state"]) == (0, "success")
    assert f"have expired, so the verdict of {before['created_at'][:10]} stands (success); to judge it by" in done.log
    assert "run the measuring workflow again" in done.log


def test_failure_stands_too(strict: FakeProject) -> None:
    """A label turns no red into green either."""
    number = strict.open_pull("feature:checkout")
    strict.judge(number)
    _expire(strict, "expired")
    done = _label(strict, number, label=LABEL)
    assert strict.status(strict.head(number))["state"] == "failure"
    assert "stands (failure)" in done.log


def test_verdict_of_a_shared_commit_stands(project: FakeProject) -> None:
    """The one status of two pull requests stays as it is."""
    number = project.open_pull("feature:checkout")
    project.repo.commit({"r": "r"}, branch="release")
    project.repo.open_pull(head="topic", base="release")
    project.judge(number)
    before: dict[str, Any] = project.status(project.head(number))
    _expire(project, "expired")
    assert _label(project, number).code == 0
    assert project.status(project.head(number)) == before


@pytest.mark.attack("lost-report")
@pytest.mark.parametrize(
    ("how", "again"), [("expired", False), ("forgotten", False), ("deleted", False), ("expired", True)]
)
def test_withdrawn_override_does_not_stay_green(strict: FakeProject, attack: Attack, how: str, again: bool) -> None:
    """Without the report nobody knows what the change costs without the override: it must be measured again."""
    number = strict.open_pull("feature:checkout", LABEL)
    strict.repo.unlabel(number, LABEL, by="bob")
    strict.repo.label(number, LABEL, by="bob")
    strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    assert strict.judge(number).outputs["verdict"] == "overridden"
    _expire(strict, how)
    if again:  # by the author, whose label does not count
        strict.repo.unlabel(number, LABEL, by="bob")
        done = _label(strict, number, "labeled", LABEL)
    else:
        done = _label(strict, number, "unlabeled", LABEL)
    assert done.outputs["sentence"].startswith(
        ("No verdict: there is no carbon report", "No verdict: no carbon report")
    )
    attack.ended(strict.status(strict.head(number))["state"], done.log)


@pytest.mark.attack("lost-report")
@pytest.mark.parametrize("event", ["deleted", "edited", "stale label"])
def test_withdrawn_reason_does_not_stay_green(strict: FakeProject, attack: Attack, event: str) -> None:
    """The reason was all that let the commit pass; it is missed also if another event comes before that of its loss."""
    number = strict.open_pull("feature:checkout")
    strict.repo.label(number, LABEL, by="bob")
    comment = strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    assert strict.judge(number).outputs["verdict"] == "overridden"
    _expire(strict, "expired")
    payload = strict.repo.event_issue_comment(number, event, comment, "carbon override: the provider ends tonight")
    comments = strict.repo.comments(number)
    comments[:] = [one for one in comments if one["id"] != comment]
    if event == "edited":
        strict.repo.comment(number, "it was no good reason", by="bob")
    done = _label(strict, number) if event == "stale label" else strict.run_step("finish", "issue_comment", payload)
    assert "No verdict: " in done.outputs["sentence"]
    attack.ended(strict.status(strict.head(number))["state"], done.log)


@pytest.mark.parametrize("by", ["ann", "bob"])
def test_comment_of_another_takes_no_verdict_away(strict: FakeProject, by: str) -> None:
    """The reason that counted is still there, so the override stands."""
    number = strict.open_pull("feature:checkout")
    strict.repo.label(number, LABEL, by="bob")
    strict.repo.comment(number, "carbon override: the provider ends tonight", by="bob")
    strict.judge(number)
    _expire(strict, "expired")
    comment = strict.repo.comment(number, "carbon override: because", by=by)
    payload = strict.repo.event_issue_comment(number, "deleted", comment)
    comments = strict.repo.comments(number)
    comments[:] = [one for one in comments if one["id"] != comment]
    done = strict.run_step("finish", "issue_comment", payload)
    assert strict.status(strict.head(number))["state"] == "success"
    assert "stands (success)" in done.log


def _skipped(project: FakeProject, number: int) -> StepResult:
    """Let the run end that a new title starts in the workflow that measures: its jobs are skipped."""
    run = project.repo.workflow_run(
        head_sha=project.head(number), head_branch="topic", conclusion="skipped", path=".github/workflows/measure.yml"
    )
    payload = project.repo.event_workflow_run(run)
    return project.run_step("finish", "workflow_run", payload, measure_workflow="measure.yml")


@pytest.mark.parametrize("how", ["expired", "forgotten"])
def test_title_turns_no_green_into_red(project: FakeProject, how: str) -> None:
    """With two files, a new title makes a run that skips its jobs; its end says nothing of the old measurement."""
    number = project.open_pull("feature:checkout")
    project.judge(number, project.add_measured_run(number, path=".github/workflows/measure.yml"))
    before = project.status(project.head(number))
    _expire(project, how)
    done = _skipped(project, number)
    assert project.status(project.head(number)) == before
    assert "stands (success)" in done.log


@pytest.mark.attack("lost-report")
@pytest.mark.parametrize("change", ["another base", "opened again"])
def test_run_that_skips_its_jobs_takes_over_no_verdict(project: FakeProject, attack: Attack, change: str) -> None:
    """A workflow of the change that measures nothing for a stricter base: the verdict of before does not stand."""
    number = project.open_pull("feature:checkout")
    project.judge(number, project.add_measured_run(number, path=".github/workflows/measure.yml"))
    _expire(project, "expired")
    if change == "another base":
        project.repo.commit({"r": "r"}, branch="release")
        project.repo.change_base(number, "release")
    else:
        project.repo.close_pull(number)
        project.repo.open_again(number)
    done = _skipped(project, number)
    attack.ended(project.status(project.head(number))["state"], done.log)


@pytest.mark.attack("lost-report")
def test_report_that_was_deleted_has_not_expired(project: FakeProject, attack: Attack) -> None:
    """Within the time that reports are kept, a missing report is a missing report."""
    number = project.open_pull("feature:checkout")
    project.judge(number)
    _expire(project, "deleted")
    done = _label(project, number)
    attack.ended(project.status(project.head(number))["state"], done.log)
