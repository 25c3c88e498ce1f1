"""Labels that say who pays: they decide that for everybody, but excuse an exhausted budget only by the one rule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.samples import POLICY

SPENT = '[features.checkout.budget]\nlimit = "2 kJ"\non-exceeded = "fail"\n'
SEARCH = '[features.search.budget]\nlimit = "900 kJ"\non-exceeded = "fail"\n'
LABEL = "feature:search"
NOT_JUDGED = "Not judged: the budget of checkout (search pays by a label). "
WHY = "a budget is judged although others pay: the label feature:search was added by the author; somebody else"


@pytest.fixture
def project(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose budget of checkout is used up by the runs of main."""
    made = FakeProject(hub, tmp_path, capsys, POLICY + SPENT + SEARCH)
    _record(made)
    return made


def _record(project: FakeProject) -> None:
    ledger = BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None)
    reports = [project.report(900 + n, branch="main", commit=f"{n:040x}") for n in range(6)]
    ledger.append([make_entry(report, RunSource("main")) for report in reports])


def _label(project: FakeProject, number: int, by: str, name: str = LABEL, action: str = "labeled") -> StepResult:
    """Add or remove a label, and judge again."""
    change = project.repo.label if action == "labeled" else project.repo.unlabel
    change(number, name, by=by)
    payload = project.repo.event_pull_request(number, action, label=name, sender=by)
    return project.run_step("finish", "pull_request", payload, comment="always")


@pytest.mark.attack("approvals")
@pytest.mark.parametrize("by", ["ann", "eve", "bob, then a push", "ann, with a security label"])
def test_a_label_of_the_author_does_not_switch_a_budget_off(project: FakeProject, by: str, attack: Attack) -> None:
    """The other feature pays, and the exhausted budget of the feature whose tests ran is judged as well."""
    number = project.open_pull()
    done = project.judge(number)
    assert project.status(project.head(number))["state"] == "failure", done.log
    if "security" in by:
        project.repo.label(number, "security", by="ann")
    done = _label(project, number, by[:3])
    if "push" in by:
        assert project.status(project.head(number))["state"] == "success"
        project.repo.commit({"more.py": "x = 1\n"}, branch="topic")
        done = project.judge(number)
    assert done.outputs["verdict"] == "fail"
    if by == "ann":
        assert WHY in project.comment(number)
    attack.ended(project.status(project.head(number))["state"], project.comment(number))


def test_a_label_of_somebody_else_excuses_and_says_so(project: FakeProject) -> None:
    """Somebody else says that the change is for another feature: it passes, and what was not judged comes first."""
    number = project.open_pull()
    project.judge(number)
    done = _label(project, number, "bob")
    assert done.outputs["verdict"] == "pass"
    assert done.outputs["sentence"].startswith(NOT_JUDGED)
    assert "The other limit holds." in done.outputs["sentence"]
    assert project.status(project.head(number))["description"].startswith(NOT_JUDGED)


@pytest.mark.attack("approvals")
def test_the_author_does_not_remove_the_label_of_who_pays(project: FakeProject, attack: Attack) -> None:
    """Somebody else said that two features pay; what is left of that after a removal excuses nothing."""
    number = project.open_pull()
    project.judge(number)
    for label in ("feature:checkout", LABEL):
        _label(project, number, "bob", label)
    assert project.status(project.head(number))["state"] == "failure"
    _label(project, number, "ann", "feature:checkout", "unlabeled")
    assert "the label feature:checkout was removed by ann after bob added feature:search" in project.comment(number)
    attack.ended(project.status(project.head(number))["state"])


@pytest.mark.attack("approvals")
def test_a_label_that_was_removed_excuses_nothing(project: FakeProject, attack: Attack) -> None:
    """The ledger has the run with the label that it had; what counts are the labels of now."""
    number = project.open_pull(LABEL)
    report = project.report(1, commit=project.head(number))
    run_id = project.add_measured_run(number, report)
    source = RunSource("topic", number, (LABEL,), shares={"search": 1.0})
    BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None).append([make_entry(report, source)])
    project.judge(number, run_id)
    _label(project, number, "ann", action="unlabeled")
    assert "has no label now that says who pays" in project.comment(number)
    attack.ended(project.status(project.head(number))["state"])


@pytest.mark.parametrize("limit", [SPENT.replace("2 kJ", "2 MJ"), SPENT.replace("fail", "warn")])
def test_a_label_that_excuses_nothing_is_not_checked(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], limit: str
) -> None:
    """Nobody whose budgets are fine, or only warn, waits for more calls of the API; the author's label counts."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + limit + SEARCH)
    _record(project)
    number = project.open_pull(LABEL)
    assert project.judge(number).outputs["verdict"] == "pass"
    assert not hub.asked("GET", "/permission|/activity")


@pytest.mark.parametrize("second", ["labelled", "of a fork that waits", "labelled by the author"])
def test_a_group_of_the_merge_queue(project: FakeProject, second: str) -> None:
    """In a group, a label of each pull request must count; one without a label was judged alone, but not a fork's."""
    if "fork" in second:
        project.repo.commit({"carbon.toml": project.policy + '[github]\nforks = "queue"\n'})
    first = project.open_pull(LABEL)
    fork = project.hub.repository("eve/shop", fork_of=project.repo) if "fork" in second else None
    (fork or project.repo).commit({"other.py": "x"}, branch="other", author="Bob")
    author = "eve" if fork else "bob"
    other = project.repo.open_pull(head="other", author=author, labels=[LABEL], head_repository=fork)
    for number, by in ((first, "bob"), (other, "bob" if "author" in second else "ann")):
        project.repo.unlabel(number, LABEL, by=by)
        project.repo.label(number, LABEL, by=by)
    below = base = project.repo.bare.branches()["main"]
    for number in (first, other):
        branch = f"gh-readonly-queue/main/pr-{number}-{below}"
        below, on = project.repo.commit({f"{number}.py": "merged"}, branch=branch, pusher="bob"), below
    payload = project.repo.event_merge_group(below, base, (first, other))
    payload["merge_group"]["head_ref"] = f"refs/heads/gh-readonly-queue/main/pr-{other}-{on}"
    run_id = project.repo.workflow_run(event="merge_group", head_sha=below, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report(3)))
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert done.outputs["verdict"] == ("pass" if second == "labelled" else "fail")
    if second == "labelled":
        assert done.outputs["sentence"].startswith("Not judged: the budget of checkout (search pays). ")
    if fork:
        assert "of a fork is judged only here; merge it alone" in done.summary
