"""The reason of a label may come after the label: a comment on the pull request makes the verdict again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.judge.test_dropped_devices import DROPS, OLD, STRICT
from tests.github_action.judge.test_label_changes import MOMENTS
from tests.github_action.project import FakeProject, StepResult
from tests.samples import POLICY

LABEL = "carbon/override"
REASON = "carbon override: the provider ends tonight"
SET_UPS = {"one file": ("pull_request", "carbon.yml"), "two files": ("pull_request_target", "carbon-measure.yml")}


def _comment(project: FakeProject, number: int, text: str = REASON, by: str = "bob") -> int:
    return project.repo.comment(number, text, by=by)


def _hear(
    project: FakeProject, number: int, action: str = "created", before: str | None = None, **more: str
) -> StepResult:
    """Run the step for the newest comment of a person."""
    people = [c["id"] for c in project.repo.comments(number) if c["user"]["type"] == "User"]
    payload = project.repo.event_issue_comment(number, action, people[-1], before)
    return project.run_step("finish", "issue_comment", payload, **more)


def _labelled(project: FakeProject, by: str = "bob", event: str = "pull_request", file: str = "carbon.yml") -> int:
    """Open a pull request that is over its limit, and add the label, which has no reason yet."""
    number = project.open_pull("feature:checkout")
    project.add_measured_run(number, path=f".github/workflows/{file}")
    project.repo.label(number, LABEL, by=by)
    payload = project.repo.event_pull_request(number, "labeled", label=LABEL, sender=by)
    project.run_step("finish", event, payload, measure_workflow=file)
    assert _state(project, number) == "failure"
    return number


def _state(project: FakeProject, number: int) -> str:
    return str(project.status(project.head(number))["state"])


@pytest.mark.parametrize("set_up", SET_UPS)
def test_reason_after_the_label_counts(strict: FakeProject, set_up: str) -> None:
    """With one file and with two, the comment alone is enough; nothing is measured again."""
    event, file = SET_UPS[set_up]
    number = _labelled(strict, "bob", event, file)
    status, comment = strict.status(strict.head(number)), strict.comment(number)
    assert status["description"].endswith("… A label does not count: see what to do.")
    told = "the label carbon/override has no reason; bob must give a reason in a comment: carbon override: REASON"
    assert f"2. for an override of checkout: {told}" in comment
    _comment(strict, number)
    done = _hear(strict, number, measure_workflow=file)
    assert (done.code, done.outputs["verdict"], _state(strict, number)) == (0, "overridden", "success")
    assert "does not count" not in strict.status(strict.head(number))["description"]
    assert "the provider ends tonight" in strict.comment(number)


def test_reason_of_an_approved_drop_after_its_label(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The label that approves dropped devices needs a reason as well, which is heard in the same way."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + STRICT)
    project.repo.commit({"pyproject.toml": OLD})
    number = project.open_pull("feature:checkout", files=DROPS)
    project.repo.label(number, "carbon/devices-approved", by="bob")
    project.judge(number)
    assert project.status(project.head(number))["description"].endswith("A label does not count: see what to do.")
    told = "or have the drop approved: the label carbon/devices-approved has no reason; bob must give a reason"
    assert told in project.comment(number)
    _comment(project, number, "carbon devices: nobody has them now")
    assert (_hear(project, number).code, _state(project, number)) == (0, "success")


def test_reason_that_is_edited_into_a_comment_and_deleted(strict: FakeProject) -> None:
    """The comments as they are now decide, whatever happened to them."""
    number = _labelled(strict)
    written = _comment(strict, number, "carbon overide: the provider ends tonight")
    _hear(strict, number)
    assert _state(strict, number) == "failure"
    (comment,) = [c for c in strict.repo.comments(number) if c["id"] == written]
    comment["body"] = REASON
    _hear(strict, number, "edited", before="carbon overide: the provider ends tonight")
    assert _state(strict, number) == "success"
    payload = strict.repo.event_issue_comment(number, "deleted", written)
    strict.repo.comments(number).remove(comment)
    done = strict.run_step("finish", "issue_comment", payload)
    assert (done.outputs["verdict"], _state(strict, number)) == ("fail", "failure")


@pytest.mark.attack("approvals")
@pytest.mark.parametrize(
    ("labels", "writes"),
    [("bob", "ann"), ("bob", "eve"), ("bob", "github-actions[bot]"), ("eve", "eve"), ("ann", "ann")],
)
def test_reason_counts_only_from_who_added_the_label_and_may(
    strict: FakeProject, attack: Attack, labels: str, writes: str
) -> None:
    """GitHub tells who added the label and who may write; what a comment says of itself does not count."""
    number = _labelled(strict, labels)
    comment = _comment(strict, number, f"I am bob, OWNER.\n{REASON}", by=writes)
    strict.repo.comments(number)[-1]["author_association"] = "OWNER"
    payload = strict.repo.event_issue_comment(number, comment=comment)
    done = strict.run_step("finish", "issue_comment", payload)
    attack.ended(_state(strict, number), done.log, strict.comment(number))


@pytest.mark.attack("used-up-statuses")
def test_comment_that_changes_nothing_writes_no_status(strict: FakeProject, attack: Attack) -> None:
    """GitHub takes 1,000 statuses of a commit: no stranger uses them up by editing a comment."""
    number = _labelled(strict)
    _comment(strict, number, "my carbon footprint", by="eve")
    before = list(strict.repo.statuses)
    for _ in range(3):
        done = _hear(strict, number, "edited", before="my carbon")
        attack.ended(_state(strict, number), done.log, strict.comment(number))
        assert (done.code, strict.repo.statuses) == (0, before)


@pytest.mark.parametrize("other", [
    {"creator": "eve"}, {"state": "success"}, {"description": "Fine."}, {"context": "Carbon/Budget"},
    {"target_url": "https://evil.example/actions/runs/1/attempts/1"}, {"target_url": None},
], ids=str)  # fmt: skip
def test_comment_writes_over_a_status_that_is_not_the_same(strict: FakeProject, other: dict[str, Any]) -> None:
    """Only the newest status of the context counts, whoever wrote it: what differs in anything is replaced."""
    number = _labelled(strict)
    _comment(strict, number, "my carbon footprint", by="eve")
    right = strict.status(strict.head(number))
    if "creator" in other:
        other = {"creator": {**right["creator"], "login": other["creator"]}}
    strict.repo.statuses.append({**right, **other})
    _hear(strict, number)
    newest = strict.repo.statuses[-1]
    assert len(strict.repo.statuses) == 3
    assert [newest[key] for key in ("context", "state", "description")] == [
        right[key] for key in ("context", "state", "description")
    ]


@pytest.mark.attack("used-up-statuses")
def test_commit_that_takes_no_more_statuses(strict: FakeProject, attack: Attack) -> None:
    """The old status stays, and cannot be replaced: the job is red and names the way out."""
    number = _labelled(strict)
    message = "This SHA and context has reached the maximum number of statuses."
    body = {"message": "Validation Failed", "errors": [{"resource": "Status", "code": "custom", "message": message}]}
    strict.hub.fault("POST", "/statuses/", status=422, body=body, times=None)
    _comment(strict, number)
    done = _hear(strict, number)
    attack.ended(done.code, done.log)
    assert "push another commit" in done.log
    assert "a bug in" not in done.log


@pytest.mark.attack("approvals")
def test_reason_after_a_label_for_an_earlier_commit(strict: FakeProject, attack: Attack) -> None:
    """A reason does not renew the label: the comment says to give the label anew, and then the reason counts."""
    number = _labelled(strict)
    strict.repo.commit({"work.py": "work = 2\n"}, branch="topic")
    strict.judge(number)
    _comment(strict, number)
    done = _hear(strict, number)
    told = "the label carbon/override was added for an earlier commit; remove it and add it again"
    assert told in strict.comment(number)
    attack.ended(_state(strict, number), done.log)
    strict.repo.unlabel(number, LABEL, by="bob")
    strict.repo.label(number, LABEL, by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label=LABEL, sender="bob")
    strict.run_step("finish", "pull_request", payload)
    assert _state(strict, number) == "success"


@pytest.mark.attack("approvals")
def test_comment_that_is_older_than_a_push(strict: FakeProject, attack: Attack) -> None:
    """The event names no commit. So the commit of now is judged, for which the label was not given."""
    number = _labelled(strict)
    _comment(strict, number)
    payload = strict.repo.event_issue_comment(number)
    strict.repo.commit({"work.py": "work = 3\n"}, branch="topic")
    strict.add_measured_run(number)
    strict.run_step("finish", "issue_comment", payload)
    attack.ended(_state(strict, number), strict.comment(number))


def test_our_own_comment_starts_nothing(strict: FakeProject) -> None:
    """A person's or an app's token starts a run for each comment that we write: it must not write the next one."""
    number = _labelled(strict)
    ours = strict.repo.comments(number)[0]
    for login, kind in (("github-actions[bot]", "Bot"), ("bob", "User")):
        ours["user"] |= {"login": login, "type": kind}
        calls = strict.hub.api_calls
        done = strict.run_step("finish", "issue_comment", strict.repo.event_issue_comment(number, "edited", ours["id"]))
        assert (done.code, done.outputs, strict.hub.api_calls) == (0, {}, calls)


def test_comment_on_an_issue_starts_nothing(strict: FakeProject) -> None:
    """An issue has no commit."""
    number = strict.repo.open_issue("Slow")
    strict.repo.comment(number, REASON, by="bob")
    calls = strict.hub.api_calls
    done = strict.run_step("finish", "issue_comment", strict.repo.event_issue_comment(number))
    assert (done.code, done.outputs, strict.hub.api_calls) == (0, {}, calls)


@pytest.mark.parametrize("measuring", [True, False])
def test_nothing_is_judged_while_a_run_measures_or_when_it_is_closed(strict: FakeProject, measuring: bool) -> None:
    """The run that measures reads the comments when it ends; a closed pull request needs no verdict."""
    number = _labelled(strict)
    run_id = strict.add_measured_run(number, strict.report(2), conclusion=None)
    strict.run_step("begin", "pull_request", strict.repo.event_pull_request(number, "reopened"), run_id=run_id)
    if not measuring:
        strict.repo.close_pull(number)
    _comment(strict, number)
    done = _hear(strict, number)
    assert (done.code, _state(strict, number)) == (0, "pending")
    assert f"nothing to judge: {'' if measuring else f'pull request #{number} is closed'}" in done.log
    strict.repo.runs[run_id] |= {"status": "completed", "conclusion": "success"}


def test_pull_request_that_cannot_be_asked_for_is_a_red_job(strict: FakeProject) -> None:
    """Without it not even the commit is known: the status stays, and the log says why."""
    number = _labelled(strict)
    _comment(strict, number)
    strict.hub.fault("GET", f"/pulls/{number}$", status=502, times=None)
    done = _hear(strict, number)
    assert (done.code, _state(strict, number)) == (1, "failure")
    assert f"::error title=pytest-carbon::GET repos/octo/shop/pulls/{number} was answered with 502" in done.log


def test_token_that_only_reads_is_a_red_job(strict: FakeProject) -> None:
    """The old status stays green after its reason is gone; beside it the job must not be green."""
    number = _labelled(strict)
    written = _comment(strict, number)
    _hear(strict, number)
    assert _state(strict, number) == "success"
    payload = strict.repo.event_issue_comment(number, "deleted", written)
    strict.repo.comments(number)[:] = [c for c in strict.repo.comments(number) if c["id"] != written]
    token = strict.token(statuses="read", checks="none", pull_requests="read")
    assert strict.run_step("finish", "issue_comment", payload, token=token).code == 1


def test_token_that_only_reads_where_the_status_is_right(strict: FakeProject) -> None:
    """The status shows this verdict already, so the job has nothing to tell."""
    number = _labelled(strict)
    _comment(strict, number, "carbon override")
    token = strict.token(statuses="read", checks="none", pull_requests="read")
    assert (_hear(strict, number, token=token).code, _state(strict, number)) == (0, "failure")


@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != "while judging"])
@pytest.mark.parametrize("given", [True, False])
def test_no_reason_is_lost_while_a_verdict_is_written(strict: FakeProject, moment: str, given: bool) -> None:
    """A reason that comes, or is deleted, while another run writes its verdict counts, although no other run judges."""
    number = strict.open_pull("feature:checkout")
    strict.repo.label(number, LABEL, by="bob")
    if not given:
        _comment(strict, number)
    change = (lambda: _comment(strict, number)) if given else strict.repo.comments(number).clear
    strict.hub.meanwhile(*MOMENTS[moment], change)
    done = strict.judge(number)
    assert _state(strict, number) == ("success" if given else "failure")
    assert (done.code, done.outputs["verdict"]) == (0, "overridden" if given else "fail")


def test_reason_overtakes_the_run_of_its_label(strict: FakeProject) -> None:
    """The run for the label writes over the status of the later run for the comment: then it judges again."""
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number)
    facts = {"head_sha": strict.head(number), "head_branch": "topic", "conclusion": None}
    label = strict.repo.workflow_run(**facts)
    comment = strict.repo.workflow_run(**facts | {"head_sha": strict.repo.pull(number)["base"]["sha"],
                                                  "head_branch": "main", "event": "issue_comment"})  # fmt: skip
    strict.repo.label(number, LABEL, by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label=LABEL)

    def hear() -> None:
        _comment(strict, number)
        heard = strict.repo.event_issue_comment(number)
        strict.run_step("finish", "issue_comment", heard, run_id=comment)

    strict.hub.meanwhile("POST", "/check-runs$", hear)
    done = strict.run_step("finish", "pull_request", payload, run_id=label)
    states = [(status["state"], status["target_url"].split("/")[-3]) for status in strict.repo.statuses]
    assert states == [("success", str(comment)), ("failure", str(label)), ("success", str(label))]
    assert (done.code, done.outputs["verdict"]) == (0, "overridden")


def test_clock_of_the_runner_is_behind(strict: FakeProject) -> None:
    """A label that GitHub's clock calls newer than this machine's clock is now counts all the same."""
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number, path=".github/workflows/carbon.yml")
    strict.repo.world.clock = datetime.now(UTC) + timedelta(minutes=2)
    strict.repo.label(number, LABEL, by="bob")
    _comment(strict, number)
    _hear(strict, number)
    assert _state(strict, number) == "success"
