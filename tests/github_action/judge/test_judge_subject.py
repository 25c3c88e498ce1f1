"""The verdict on a subject: by which policy, with which parts, who pays, and what a proposed policy would decide."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from github_action.event.github_context import GitHubContext
from github_action.judge.judge_subject import run_source
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request import PullRequest
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.attack import Attack
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.samples import NOW, POLICY, make_report


@pytest.mark.attack("policy-of-the-change")
def test_policy_comes_from_the_base(strict: FakeProject, attack: Attack) -> None:
    """A pull request cannot raise its own limit; the comment previews the verdict by its policy."""
    loose = strict.policy.replace('per-run = "100 J"', 'per-run = "100 kJ"')
    number = strict.open_pull("feature:checkout", files={"carbon.toml": loose})
    assert strict.judge(number).outputs["verdict"] == "fail"
    comment = strict.comment(number)
    assert "raises" in comment or "may use" in comment
    assert "With the new policy, the verdict would be pass" in comment
    attack.ended(strict.status(strict.head(number))["state"])


def test_proposed_policy_is_previewed_over_its_own_window(project: FakeProject) -> None:
    """A proposed window of 90 days is read in full, although the base has 28 days; the verdict does not change."""
    budget = '[features.checkout.budget]\nlimit = "{} kJ"\nwindow = "{}d"\non-exceeded = "fail"\n'
    project.repo.commit({"carbon.toml": POLICY + budget.format(50, 28)})
    then = datetime.now(UTC) - timedelta(days=70)
    old = make_entry(make_report(7, ago=NOW - then), RunSource("main", shares={"checkout": 1.0}))
    BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None).append([old])
    number = project.open_pull("feature:checkout", files={"carbon.toml": POLICY + budget.format(5, 90)})
    assert project.judge(number, comment="always").outputs["verdict"] == "pass"
    comment = project.comment(number)
    assert "With the new policy, the verdict would be fail" in comment
    assert "has used 8 kJ of 5 kJ in 90 days" in comment


def test_override_counts_in_the_preview_too(strict: FakeProject) -> None:
    """An override of the pull request counts by the policy in force and by the proposed policy."""
    stricter = strict.policy.replace('per-run = "100 J"', 'per-run = "90 J"')
    number = strict.open_pull("feature:checkout", files={"carbon.toml": stricter})
    strict.repo.comment(number, "carbon override: because", by="bob")
    strict.repo.label(number, "carbon/override", by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label="carbon/override", sender="bob")
    strict.add_measured_run(number)
    assert strict.run_step("finish", "pull_request", payload).outputs["verdict"] == "overridden"
    assert "With the new policy, the verdict would be overridden" in strict.comment(number)


def test_proposed_policy_with_an_unknown_zone(project: FakeProject) -> None:
    """The verdict is reached; the comment says why the preview is not."""
    number = project.open_pull("feature:checkout", files={"carbon.toml": POLICY.replace('"DE"', '"DEE"')})
    assert project.judge(number, comment="always").outputs["verdict"] == "pass"
    comment = project.comment(number)
    assert "Could not tell what the verdict with the new policy would be: no grid zone is called" in comment
    assert "grams are counted on the grid of DEE; before: of DE" in comment


def test_proposed_policy_that_cannot_be_read(project: FakeProject) -> None:
    """The base's policy judges, and the comment says that the new policy cannot be read."""
    number = project.open_pull(files={"carbon.toml": "zone = ["})
    assert project.judge(number, comment="always").outputs["verdict"] == "pass"
    assert "the new policy cannot be read" in project.comment(number)


def test_broken_policy_of_the_base_gives_no_verdict(project: FakeProject) -> None:
    """The status is an error that names the file."""
    project.repo.commit({"carbon.toml": "zone = ["})
    number = project.open_pull()
    done = project.judge(number)
    status = project.status(project.head(number))
    assert (status["state"], done.outputs["verdict"]) == ("error", "error")
    assert "carbon.toml" in status["description"]
    project.repo.commit({"more.py": "more = 1\n"}, branch="topic")
    assert project.judge(number, on_error="neutral").code == 0
    assert project.status(project.head(number))["state"] == "success"


def test_measurements_of_a_fork(strict: FakeProject) -> None:
    """Measurements of a fork are marked as self-reported; with forks = "queue" they decide nothing."""
    fork = strict.hub.repository("eve/shop", fork_of=strict.repo)
    number = strict.open_pull("feature:checkout", fork=fork)
    assert strict.judge(number).outputs["verdict"] == "fail"
    assert "measured by the fork eve/shop; nobody here checked the figures" in strict.comment(number)
    strict.repo.commit({"carbon.toml": strict.policy + '[github]\nforks = "queue"\n'})
    fork.commit({"more.py": "more = 1\n"}, branch="topic")  # a push takes the newer base along
    done = strict.judge(number)
    assert done.outputs["verdict"] == "fail"
    assert strict.status(strict.head(number))["state"] == "success"
    assert "merge queue" in strict.status(strict.head(number))["description"]


def test_pull_requests_of_a_merge_group_pay_equal_parts(project: FakeProject) -> None:
    """The commit of the queue gets the status, and no pull request gets a comment."""
    first, second = project.open_pull("feature:checkout"), 0
    project.repo.commit({"b.py": "b = 1\n"}, branch="other")
    second = project.repo.open_pull(head="other", author="bob", labels=("feature:search",))
    base = project.repo.commit({"c": "c"})
    one = project.repo.commit({"d": "d"}, branch=f"gh-readonly-queue/main/pr-{first}-{base}")
    project.repo.commit({}, branch=f"gh-readonly-queue/main/pr-{second}-{one}")
    head = project.repo.commit({"e": "e"}, branch=f"gh-readonly-queue/main/pr-{second}-{one}")
    payload = project.repo.event_merge_group(head, base, [first, second])
    payload["merge_group"]["head_ref"] = f"refs/heads/gh-readonly-queue/main/pr-{second}-{one}"
    run_id = project.repo.workflow_run(event="merge_group", head_sha=head, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report()))
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert done.outputs["verdict"] == "pass"
    assert project.status(head)["state"] == "success"
    assert {one["name"] for one in json.loads(done.outputs["features"])} == {"checkout", "search"}


def _in_queue(project: FakeProject, *numbers: int) -> tuple[StepResult, str]:
    """Judge a merge group of pull requests, one on top of the other; return the result and the commit."""
    below = base = project.repo.bare.branches()["main"]
    for number in numbers:
        branch = f"gh-readonly-queue/main/pr-{number}-{below}"
        below, on = project.repo.commit({f"{number}.py": "merged"}, branch=branch, pusher="bob"), below
    payload = project.repo.event_merge_group(below, base, numbers)
    payload["merge_group"]["head_ref"] = f"refs/heads/gh-readonly-queue/main/pr-{numbers[-1]}-{on}"
    run_id = project.repo.workflow_run(event="merge_group", head_sha=below, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report(3)))
    return project.run_step("finish", "merge_group", payload, run_id=run_id), below


def test_override_in_the_merge_queue(strict: FakeProject) -> None:
    """What passes by an override is merged by the queue, too, and its status says so."""
    number = strict.open_pull("feature:checkout")
    strict.repo.comment(number, "carbon override: because", by="bob")
    strict.repo.label(number, "carbon/override", by="bob")
    done, head = _in_queue(strict, number)
    assert done.outputs["verdict"] == "overridden"
    assert strict.status(head)["state"] == "success"
    assert "bob has approved it" in done.summary


@pytest.mark.parametrize(
    ("by", "later"), [("ann", False), ("bob", True), (None, False)], ids=["author", "earlier commit", "no label"]
)
@pytest.mark.attack("approvals")
def test_label_that_counts_for_nothing_in_the_merge_queue(
    strict: FakeProject, by: str | None, later: bool, attack: Attack
) -> None:
    """The label is checked against the head of its pull request, as before the queue."""
    number = strict.open_pull("feature:checkout")
    strict.repo.comment(number, "carbon override: because", by=by or "bob")
    if by:
        strict.repo.label(number, "carbon/override", by=by)
    if later:
        strict.repo.commit({"work.py": "work = 2\n"}, branch="topic")
    done, head = _in_queue(strict, number)
    attack.ended(strict.status(head)["state"], done.log, done.summary)


@pytest.mark.attack("approvals")
def test_override_of_one_does_not_count_for_a_larger_group(strict: FakeProject, attack: Attack) -> None:
    """In a group of several pull requests nobody can tell who makes a feature fail; the verdict says what to do."""
    number = strict.open_pull("feature:checkout")
    strict.repo.commit({"other.py": "costly"}, branch="other", author="Bob")
    other = strict.repo.open_pull(head="other", author="bob", labels=["feature:checkout"])
    strict.repo.comment(number, "carbon override: because", by="bob")
    strict.repo.label(number, "carbon/override", by="bob")
    done, head = _in_queue(strict, number, other)
    assert "overrides nothing in a group of 2 pull requests; merge alone what needs an override" in done.summary
    attack.ended(strict.status(head)["state"], done.log, done.summary)


def test_override_given_while_the_tests_run_is_bound_to_its_commit(strict: FakeProject) -> None:
    """The label's run has nothing to judge yet, but binds the label to the commit."""
    number = strict.open_pull("feature:checkout")
    run_id = strict.add_measured_run(number, conclusion=None)
    strict.repo.comment(number, "carbon override: because", by="bob")
    strict.repo.label(number, "carbon/override", by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label="carbon/override", sender="bob")
    assert "is being measured" in strict.run_step("finish", "pull_request", payload).log
    strict.repo.runs[run_id].update(status="completed", conclusion="success")
    assert strict.judge(number, run_id).outputs["verdict"] == "overridden"


@pytest.mark.attack("foreign-report")
def test_commit_in_a_report_is_not_trusted(project: FakeProject, attack: Attack) -> None:
    """The head of the run is judged, whatever commit and branch the report names."""
    number = project.open_pull()
    report = project.report()
    report = replace(report, run=replace(report.run, commit="f" * 40, branch="main"))
    done = project.judge(number, project.add_measured_run(number, report), comment="always")
    assert done.outputs["verdict"] == "pass"
    assert project.head(number)[:12] in project.comment(number)
    assert "ffffffffffff" not in project.comment(number)
    attack.harmless(done.log)


def _subject(*labels: tuple[str, ...]) -> Subject:
    pulls = tuple(
        PullRequest(number, "ann", own, "a" * 40, "topic", "octo/shop", 1, "b" * 40, "main", from_fork=False)
        for number, own in enumerate(labels, 1)
    )
    return Subject("a" * 40, "b" * 40, "main", pulls, None)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], RunSource("main", attempt=3)),
        ([("pay", "bug")], RunSource("main", 1, ("pay", "bug"), 3)),
        ([()], RunSource("main", 1, (), 3)),
        ([("pay",), ("pay", "search")], RunSource("main", attempt=3, shares={"checkout": 0.75, "search": 0.25})),
        ([("pay",), ("bug",)], RunSource("main", attempt=3, shares={"checkout": 0.5, "unattributed": 0.5})),
    ],
    ids=["no pull request", "one", "one without a label", "two", "two, one without a feature"],
)
def test_who_pays(labels: list[tuple[str, ...]], expected: RunSource) -> None:
    """One pull request pays by its labels; several pay equal parts, each by its own labels."""
    policy = Policy({"checkout": Feature("checkout", ("pay",)), "search": Feature("search", ("search",))})
    context = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 3, "test")
    assert run_source(policy, _subject(*labels), context) == expected


@pytest.mark.parametrize("name", ["pyproject.toml", "Carbon.toml"])
def test_policy_added_beside_an_empty_one_is_told(project: FakeProject, name: str) -> None:
    """After the merge neither file would count, so the change is told before it."""
    project.repo.commit({"carbon.toml": ""})
    table = "[tool.pytest-carbon.budget]\nper-run = '1 J'\n"
    number = project.open_pull("feature:checkout", files={name: table})
    project.judge(number, comment="always")
    assert "This change edits the policy, and the new policy cannot be read" in project.comment(number)


def test_comment_has_the_top_of_the_advice(project: FakeProject) -> None:
    """The comment names what would save most in the repository; a young or cheap ledger adds no line."""
    project.repo.commit({"carbon.toml": POLICY + '[features.checkout.budget]\nlimit = "500 kJ"\nwindow = "28d"\n'})
    number = project.open_pull("feature:checkout")
    project.judge(number, comment="always")
    assert "Saves most" not in project.comment(number)
    runs = []
    for n in range(6):
        for attempt in (1, 2):
            then = datetime.now(UTC) - timedelta(hours=20 * n + 5 - attempt)
            report = make_report(100 + 10 * n + attempt, ago=NOW - then, commit=f"{n + 1:040x}", branch="topic")
            entry = make_entry(report, RunSource("topic", pr=99, attempt=attempt, job="tests"))
            grams = {"operational_g": 20.0, "embodied_g": 0.0, "emissions_low_g": None, "emissions_high_g": None}
            runs.append(replace(entry, **grams))
    BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None).append(runs)
    project.judge(number, comment="always")
    (line,) = (line for line in project.comment(number).splitlines() if line.startswith("**Saves most"))
    assert line == (
        "**Saves most in this repository:** Find out why job tests is run again, and keep half of these runs from "
        "failing: saves 60 g CO2e (0 g … 120 g) in 28 days (a decision). `pytest-carbon advise` tells how, and what "
        "else would."
    )
