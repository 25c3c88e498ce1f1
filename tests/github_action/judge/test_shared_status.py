"""Pull requests of one commit share its status: each is judged alone, and none turns it green for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.reports.find_pull_request import MOST_SHARING
from tests.attack import Attack
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.samples import POLICY

EVENTS = [
    *(("pull_request", action) for action in ("opened", "reopened", "labeled", "unlabeled", "edited")),
    *(("pull_request_target", action) for action in ("labeled", "unlabeled", "edited")),
    ("workflow_run", "completed"),
]
BASE_CHANGED = {"base": {"ref": {"from": "main"}, "sha": {"from": "a" * 40}}}


def _second(project: FakeProject, policy: str | None = None, **pull: Any) -> int:
    """Open a second pull request of the branch topic, to a branch with a policy of its own."""
    project.repo.commit({"carbon.toml": policy}, branch="old")
    return project.repo.open_pull(head="topic", base="old", author="ann", title="Same commit", **pull)


def _finish(
    project: FakeProject, number: int, action: str = "opened", event: str = "pull_request", **more: Any
) -> StepResult:
    """Judge for an event of a pull request; a run that measured belongs to the event, or is the one that ended."""
    measured = action in ("opened", "reopened", "completed") or (event, action) == ("pull_request", "edited")
    run_id = project.add_measured_run(number, project.report(number)) if measured else 0
    if event == "workflow_run":
        return project.run_step("finish", event, project.repo.event_workflow_run(run_id), **more)
    label = "feature:search" if "label" in action else None
    payload = {**project.repo.event_pull_request(number, action, label=label), "changes": BASE_CHANGED}
    return project.run_step("finish", event, payload, run_id=run_id, **more)


def _status(project: FakeProject, number: int) -> Mapping[str, Any]:
    return project.status(project.head(number))


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize(("event", "action"), EVENTS)
@pytest.mark.parametrize("policy", [None, POLICY], ids=["no policy", "a laxer policy"])
def test_second_pull_request_keeps_the_status(
    strict: FakeProject, attack: Attack, event: str, action: str, policy: str | None
) -> None:
    """A second one to a branch without a policy, or with a laxer one, does not hide the first one's failure."""
    first = strict.open_pull("feature:checkout")
    _finish(strict, first)
    second = _second(strict, policy)
    done = _finish(strict, second, action, event)
    status = _status(strict, first)
    assert status["description"].startswith(f"#{first}: ")
    assert "### ❌ Carbon budget: fail" in strict.comment(first)
    assert done.outputs["verdict"] == "fail"
    attack.ended(status["state"], done.log)


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize("same_fork", [True, False])
def test_second_pull_request_of_a_stranger(strict: FakeProject, attack: Attack, same_fork: bool) -> None:
    """A fork's author opens another one, also from another fork, and edits its base, which needs no right."""
    fork = strict.hub.repository("eve/shop", fork_of=strict.repo)
    first = strict.open_pull("feature:checkout", fork=fork)
    strict.judge(first)
    other = fork if same_fork else strict.hub.repository("mallory/shop", fork_of=strict.repo)
    other.bare.point("refs/heads/again", fork.bare.branches()["topic"])
    strict.repo.commit({"carbon.toml": None}, branch="old")
    second = strict.repo.open_pull(head="again", base="old", author="eve", head_repository=other)
    strict.add_measured_run(second, strict.report(2))
    done = _finish(strict, second, "edited", "pull_request_target")
    attack.ended(_status(strict, first)["state"], done.log)


@pytest.mark.attack("shared-commit")
def test_label_of_another_pull_request_excuses_nothing(strict: FakeProject, attack: Attack) -> None:
    """An override is of its own pull request: the other one of the commit fails as before."""
    first = strict.open_pull("feature:checkout")
    second = _second(strict, strict.policy, labels=["feature:checkout"])
    strict.add_measured_run(first)
    strict.repo.comment(second, "carbon override: because", by="bob")
    strict.repo.label(second, "carbon/override", by="bob")
    payload = strict.repo.event_pull_request(second, "labeled", label="carbon/override", sender="bob")
    done = strict.run_step("finish", "pull_request", payload)
    assert "overridden" in strict.comment(second)
    assert "❌" in strict.comment(first)
    assert _status(strict, first)["description"].startswith(f"#{first}: ")
    attack.ended(_status(strict, first)["state"], done.log)


def test_both_pass(project: FakeProject) -> None:
    """If nothing is wrong with any of them, the status is a success, and its text names one."""
    first = project.open_pull("feature:checkout")
    second = _second(project, POLICY)
    project.add_measured_run(first)
    done = _finish(project, second)
    assert (_status(project, first)["state"], done.code) == ("success", 0)
    assert _status(project, first)["description"].startswith("#1: ")
    assert [text in done.summary for text in ("**Pull request 1**", "**Pull request 2**")] == [True, True]


@pytest.mark.parametrize("end", ["closed", "merged", "moved on", "another base"])
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_the_other_is_right_when_one_goes(strict: FakeProject, event: str, end: str) -> None:
    """When the failing one is closed, or gets another base, the status is that of those which are still there."""
    first = strict.open_pull("feature:checkout")
    second = _second(strict, POLICY)
    strict.add_measured_run(first)
    _finish(strict, second)
    assert _status(strict, second)["state"] == "failure"
    if end == "another base":
        strict.repo.branches(first).base = "old"
    elif end == "moved on":
        strict.repo.threads[first].state = "closed"  # its branch moved on, so that this commit is no longer its head
    else:
        strict.repo.close_pull(first, merged_as=strict.head(first) if end == "merged" else None)
    done = _finish(strict, first, "edited" if end == "another base" else "closed", event)
    assert _status(strict, second)["state"] == ("failure" if end == "another base" else "success"), done.log


def test_closing_the_only_one_writes_nothing(project: FakeProject) -> None:
    """A closed pull request that shares its commit with nobody is no work."""
    number = project.open_pull()
    project.repo.close_pull(number)
    done = _finish(project, number, "closed")
    assert (done.code, project.repo.statuses, project.hub.api_calls) == (0, [], 2)  # whose token, and which are open
    assert "nothing to judge: pull request #1 is closed" in done.log


# -- pending, and how it ends ------------------------------------------------------------------------------


def test_two_files_end_the_pending_status(strict: FakeProject) -> None:
    """Both are judged when the run of their commit ends; the status never stays pending."""
    first = strict.open_pull("feature:checkout")
    second = _second(strict)
    run_id = strict.add_measured_run(first, conclusion=None)
    strict.run_step("begin", "workflow_run", strict.repo.event_workflow_run(run_id, "requested"))
    assert _status(strict, first)["state"] == "pending"
    strict.repo.runs[run_id] |= {"status": "completed", "conclusion": "success"}
    strict.run_step("finish", "workflow_run", strict.repo.event_workflow_run(run_id), comment="always")
    assert _status(strict, first)["state"] == "failure"
    assert [bool(strict.comment(number)) for number in (first, second)] == [True, True]


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize("event", ["pull_request", "workflow_run"])
def test_run_of_the_other_goes_on(project: FakeProject, attack: Attack, event: str) -> None:
    """One has passed, the other is still being measured: no success before its run has ended."""
    first = project.open_pull("feature:checkout")
    _second(project, POLICY)
    going = project.repo.workflow_run(head_sha=project.head(first), head_branch="topic", conclusion=None)
    if event == "pull_request":
        project.run_step("begin", event, project.repo.event_pull_request(first, "opened"), run_id=going)
    done = _finish(
        project, first, "completed" if event == "workflow_run" else "opened", event, measure_workflow="carbon.yml"
    )
    status = _status(project, first)
    assert status["description"].startswith("Waits for another run: ")
    assert str(going) in status["description"]
    assert (done.code, project.repo.check_runs) == (0, [])
    attack.ended(status["state"], done.log)


def test_failure_does_not_wait(strict: FakeProject) -> None:
    """A result that is worse than pending is shown at once."""
    first = strict.open_pull("feature:checkout")
    _second(strict, POLICY)
    strict.repo.workflow_run(head_sha=strict.head(first), head_branch="topic", conclusion=None)
    _finish(strict, first)
    assert _status(strict, first)["state"] == "failure"


@pytest.mark.parametrize("two_files", [True, False])
@pytest.mark.parametrize("first_ends", [0, 1])
def test_the_last_of_two_runs_decides(project: FakeProject, two_files: bool, first_ends: int) -> None:
    """Whichever run ends first waits for the other, which judges both: pending is always ended."""
    numbers = [project.open_pull("feature:checkout"), _second(project, POLICY)]
    runs = [project.add_measured_run(number, project.report(number), conclusion=None) for number in numbers]
    for number, run_id in zip(numbers, runs, strict=True):
        if two_files:
            project.run_step("begin", "workflow_run", project.repo.event_workflow_run(run_id, "requested"))
        else:
            project.run_step("begin", "pull_request", project.repo.event_pull_request(number, "opened"), run_id=run_id)
    states = []
    for index in (first_ends, 1 - first_ends):
        if two_files:
            project.repo.runs[runs[index]] |= {"status": "completed", "conclusion": "success"}
            payload = project.repo.event_workflow_run(runs[index])
            project.run_step("finish", "workflow_run", payload, measure_workflow="carbon.yml")
        else:
            payload = project.repo.event_pull_request(numbers[index], "opened")
            project.run_step("finish", "pull_request", payload, run_id=runs[index], measure_workflow="carbon.yml")
            project.repo.runs[runs[index]] |= {"status": "completed", "conclusion": "success"}
        states.append(_status(project, numbers[0])["state"])
    assert states == ["pending", "success"]


def test_two_runs_that_wait_for_each_other(project: FakeProject) -> None:
    """Both said at the same moment that they wait: the one that looks again finds that nobody comes, and decides."""
    numbers = [project.open_pull("feature:checkout"), _second(project, POLICY)]
    runs = [project.add_measured_run(number, project.report(number), conclusion=None) for number in numbers]
    body = {
        "state": "pending",
        "context": "carbon/budget",
        "target_url": f"{project.repo.page}/actions/runs/{runs[1]}/attempts/1",
        "description": "Waits for another run: x",
    }
    sha = project.head(numbers[0])
    Client(project.hub.api_url, project.hub.token({"statuses": "write"})).post(f"repos/octo/shop/statuses/{sha}", body)
    before = {**body, "description": "x", "creator": {"login": "github-actions[bot]"}}
    project.hub.fault("GET", "/statuses", status=200, body=[before], times=1)  # what the first look saw
    payload = project.repo.event_pull_request(numbers[0], "opened")
    project.run_step("finish", "pull_request", payload, run_id=runs[0], measure_workflow="carbon.yml")
    own = [status["state"] for status in project.repo.statuses if f"/{runs[0]}/" in status["target_url"]]
    assert own == ["pending", "success"]


def test_no_report_for_one_of_them(project: FakeProject) -> None:
    """A fork's pull request of the same commit without any run is an error that says what to do, not pending."""
    first = project.open_pull("feature:checkout")
    fork = project.hub.repository("eve/shop", fork_of=project.repo)
    fork.bare.point("refs/heads/mine", project.repo.bare.branches()["topic"])
    second = project.repo.open_pull(head="mine", author="eve", head_repository=fork)
    project.judge(first)
    assert _status(project, first)["state"] == "error"
    assert _status(project, first)["description"].startswith(f"#{second}: No verdict: there is no carbon report of")
    assert "run the measuring workflow for it, or close it" in project.comment(second)


def test_cancelled_run_is_no_report_of_the_other(project: FakeProject) -> None:
    """What a cancelled run left counts for nobody; the other one's own run does."""
    first = project.open_pull("feature:checkout")
    second = _second(project, POLICY)
    measured = project.add_measured_run(first)
    cancelled = project.add_measured_run(second, project.report(2), conclusion="cancelled")
    project.repo.runs[cancelled]["path"] = project.repo.runs[measured]["path"]
    _finish(project, first, "labeled")
    assert _status(project, first)["state"] == "success"
    assert not project.hub.asked("GET", f"runs/{cancelled}/artifacts")


@pytest.mark.attack("shared-commit")
@pytest.mark.parametrize("fault", [403, 503])
def test_runs_that_cannot_be_listed(project: FakeProject, attack: Attack, fault: int) -> None:
    """Without the list of runs nobody knows what is still to come: no success."""
    first = project.open_pull("feature:checkout")
    _second(project)
    project.hub.fault("GET", "/actions/runs$", status=fault, times=None)
    done = _finish(project, first)
    attack.ended(_status(project, first)["state"], done.log)


def test_report_that_the_ledger_has_from_the_other(project: FakeProject) -> None:
    """A run that was recorded for one pull request of the commit may be judged for the other."""
    first = project.open_pull("feature:checkout")
    report = project.report()
    run_id = project.add_measured_run(first, report)
    payload = project.repo.event_push(project.repo.commit({"main.py": "x"}))
    main_run = project.repo.workflow_run(head_sha=payload["after"], head_branch="main", event="push")
    project.repo.artifact(main_run, "carbon-report-test", zip_report(project.report(9)))
    token = project.token(contents="write")
    done = project.run_step("finish", "push", payload, run_id=main_run, token=token)
    assert "measured by pull requests" in done.log
    _second(project, POLICY)
    project.judge(first, run_id)
    assert _status(project, first)["state"] == "success"


@pytest.mark.attack("planted-runs")
def test_planted_branch_of_the_merge_queue(project: FakeProject, attack: Attack) -> None:
    """Two branches of the queue at one commit leave it open who pays: the status of the group is an error."""
    base = project.repo.bare.branches()["main"]
    number = project.open_pull("feature:checkout")
    head = project.repo.commit({"merged": "x"}, branch=f"gh-readonly-queue/main/pr-{number}-{base}")
    project.repo.bare.point(f"refs/heads/gh-readonly-queue/main/pr-99-{base}", head)
    run_id = project.repo.workflow_run(event="merge_group", head_sha=head, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report()))
    payload = project.repo.event_merge_group(head, base, [number])
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert "has two branches of the merge queue" in done.outputs["sentence"]
    attack.ended(project.status(head)["state"], done.log)


def test_an_event_costs_a_stated_number_of_api_calls(project: FakeProject) -> None:
    """Ten pull requests of one commit, measured by one run, take what the page on the Action says."""
    for number in range(MOST_SHARING):
        project.repo.commit({f"{number}.py": ""}, branch=f"base-{number}")
    first = project.open_pull("feature:checkout")
    others = [project.repo.open_pull(head="topic", base=f"base-{n}", author="ann") for n in range(1, MOST_SHARING)]
    _finish(project, first)
    before = project.hub.api_calls
    _finish(project, others[0], "edited", "pull_request_target")
    assert project.hub.api_calls - before <= 90
