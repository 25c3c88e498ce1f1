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
    assert "No verdict: there is no carbon report" in done.outputs["sentence"]
    attack.ended(strict.status(strict.head(number))["state"], done.log)


@pytest.mark.attack("lost-report")
def test_report_that_was_deleted_has_not_expired(project: FakeProject, attack: Attack) -> None:
    """Within the time that reports are kept, a missing report is a missing report."""
    number = project.open_pull("feature:checkout")
    project.judge(number)
    _expire(project, "deleted")
    done = _label(project, number)
    attack.ended(project.status(project.head(number))["state"], done.log)
