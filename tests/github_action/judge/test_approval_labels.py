"""Labels that excuse: the reason of an override, overrides for each feature, and security fixes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from github_action.api.client import ApiError
from github_action.judge.approval_labels import LabelApproval, check_label, make_overrides
from github_action.judge.label_rule import RefusedLabel
from pytest_carbon.config.load import load_config
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import from_data, to_data
from pytest_carbon.core.records.run_entry import RunSource
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.judge.labelled_pull import LABEL, LabelledPull, why
from tests.github_action.project import FAILS, FakeProject
from tests.samples import NOW, POLICY, make_report

WHY = "carbon override: the provider ends tonight"


def _checked(labelled: LabelledPull) -> LabelApproval | RefusedLabel | None:
    return check_label(labelled.judge(), labelled.pull, LABEL)


def _reason(found: object) -> tuple[str, str]:
    assert isinstance(found, LabelApproval), found
    return found.approver, found.reason


def test_label_with_a_reason_counts(labelled: LabelledPull) -> None:
    """The reason may be given before or after the label; without the label there is no approval."""
    assert _checked(labelled) is None
    labelled.label("bob")
    assert "bob must give a reason in a comment: carbon override: REASON" in why(_checked(labelled))
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _reason(_checked(labelled)) == ("bob", "the provider ends tonight")
    labelled.relabel("carol")
    assert "carol must give a reason in a comment" in why(_checked(labelled))
    labelled.repo.comment(labelled.number, "Carbon Override: as bob says", by="carol")
    assert _reason(_checked(labelled)) == ("carol", "as bob says")
    labelled.relabel("ann")
    assert "by the author" in why(_checked(labelled))


def test_reason_that_is_edited_or_deleted(labelled: LabelledPull) -> None:
    """The comments as they are now decide."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _reason(_approve(labelled))
    (comment,) = labelled.repo.comments(labelled.number)
    comment["body"] = "carbon override: or rather tomorrow"
    assert _reason(_checked(labelled)) == ("bob", "or rather tomorrow")
    comment["body"] = "~~carbon override: or rather tomorrow~~"
    assert "has no reason" in why(_checked(labelled))
    labelled.repo.comments(labelled.number).clear()
    assert "has no reason" in why(_checked(labelled))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("carbon override: because", "because"),
        ("Hello.\r\n\r\n  Carbon-Override:\tbecause  \r\nBye.", "because"),
        ("carbon override: first\ncarbon override: second", "first"),
        ("carbon override: " + "x" * 1000, "x" * 300),
        ("carbon override: @octocat ](x) <b>", "@octocat ](x) <b>"),
        ("carbon override:", None),
        ("carbon override: \n\nbecause", None),
        ("> carbon override: because", None),
        ("please say carbon override: because", None),
        ("<!-- carbon override: because -->", None),
        ("carbonoverride: because", None),
        ("", None),
    ],
)
def test_reason(labelled: LabelledPull, body: str, reason: str | None) -> None:
    """The reason is a line of the approver's own comment; a quoted or hidden line does not count."""
    labelled.repo.comment(labelled.number, "carbon override: not mine", by="carol")
    labelled.repo.comment(labelled.number, body, by="bob")
    result = _approve(labelled)
    assert _reason(result) == ("bob", reason) if reason else "has no reason" in why(result)


def test_longest_comment_is_searched_quickly(labelled: LabelledPull) -> None:
    """A comment of the greatest length that GitHub takes is searched in less than a second."""
    labelled.repo.comment(labelled.number, "\n" * 65_000 + "x", by="bob")
    begun_s = time.process_time()
    assert "has no reason" in why(_approve(labelled))
    assert time.process_time() - begun_s < 1


def _approve(labelled: LabelledPull) -> LabelApproval | RefusedLabel | None:
    labelled.label("bob")
    return _checked(labelled)


def test_comments_are_read_to_their_end_or_the_label_does_not_count(labelled: LabelledPull) -> None:
    """A reason on a later page counts; beyond the stated limit nothing counts."""
    for n in range(130):
        labelled.repo.comment(labelled.number, f"comment {n}", by="carol")
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _reason(_approve(labelled))[0] == "bob"
    comments = labelled.repo.comments(labelled.number)
    comments += [comments[0]] * 3_000
    with pytest.raises(ApiError, match="/comments: the list has more than 3000 entries"):
        _checked(labelled)


@pytest.mark.parametrize("path", ["/permission", "/commits"])
def test_gate_reports_a_failed_label_check(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """The verdict is reached without the override, and the comment says why the label did not count."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + FAILS)
    number = project.open_pull("feature:checkout")
    project.repo.label(number, LABEL, by="bob")
    hub.fault("GET", path, status=403, times=None)
    assert project.judge(number).outputs["verdict"] == "fail"
    assert "could not tell whether the label carbon/override counts" in project.comment(number)


SPENT = '[features.checkout.budget]\nlimit = "3 kJ"\non-exceeded = "fail"\n'
"""A budget that a single run of the samples exhausts."""


@pytest.mark.parametrize(
    ("by", "state", "said"),
    [
        ("bob", "success", "it is a security fix, so it may pass"),
        ("ann", "failure", "the label Security was added by the author; somebody else must add it"),
        ("eve", "failure", "the label Security was added by eve, who may not write to this repository"),
    ],
)
@pytest.mark.attack("approvals")
def test_security_label_follows_the_rule(
    hub: FakeGitHub,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    by: str,
    state: str,
    said: str,
    attack: Attack,
) -> None:
    """An exhausted budget lets a security fix pass, if another person with write access called it one."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + SPENT)
    number = project.open_pull("feature:checkout")
    project.add_measured_run(number)
    project.repo.label(number, "Security", by=by)
    payload = project.repo.event_pull_request(number, "labeled", label="Security", sender=by)
    project.run_step("finish", "pull_request", payload, comment="always")
    assert project.status(project.head(number))["state"] == state
    assert said in project.comment(number)
    project.repo.commit({"sneaky.py": "x = 1\n"}, branch="topic")
    project.judge(number)
    attack.ended(project.status(project.head(number))["state"], project.comment(number))


def test_security_label_that_excuses_nothing_is_not_checked(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody whose budget is fine waits for more calls of the API, or reads of the label."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + SPENT.replace("3 kJ", "3 MJ"))
    number = project.open_pull("feature:checkout", "security")
    project.judge(number, comment="always")
    assert not hub.asked("GET", "/permission|/activity")
    assert "security" not in project.comment(number)


def test_each_failing_feature_gets_its_own_override(labelled: LabelledPull, tmp_path: Path) -> None:
    """Names in any script, and names that differ in one character only, get overrides of their own."""
    names = ["結帳", "訂單", "a b", "a-b"]
    limits = (f'[features."{name}".budget]\nper-run = "1 J"\non-exceeded = "fail"\n' for name in names)
    (tmp_path / "carbon.toml").write_text("".join(limits), encoding="utf-8")
    report = make_report(tests={name: [f"{name}::test"] for name in names})
    policy = load_config(tmp_path).policy
    verdict = evaluate(VerdictInputs(report, RunSource(), policy, "carbon.toml", report.grid, "main", NOW))
    pull = labelled.pull
    made = make_overrides(LabelApproval("bob", "2026-06-15T12:00:00Z", "why"), pull, verdict, pull.head_sha)
    assert {one.feature for one in made} == set(names)
    assert len({record_path(one) for one in made}) == 4
    assert {one.expires for one in made} == {"2026-06-22T11:59:59Z"}
    assert {(one.author, one.approver, one.commit, one.pr) for one in made} == {
        ("ann", "bob", labelled.pull.head_sha, labelled.number)
    }
    assert {from_data(to_data(one)) for one in made} == set(made)
