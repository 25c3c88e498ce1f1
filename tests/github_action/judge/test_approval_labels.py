"""The override label: who added it, for which commit, and with which reason."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext
from github_action.judge.approval_labels import LabelApproval, RefusedLabel, check_label, make_overrides
from github_action.reports.pull_request import PullRequest, read_pull_request
from pytest_carbon.config.load import load_config
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import from_data, to_data
from pytest_carbon.core.records.run_entry import RunSource
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.project import FAILS, FakeProject
from tests.samples import NOW, POLICY, make_report

LABEL = "carbon/override"
BOT = "github-actions[bot]"
WHY = "carbon override: the provider ends tonight"
RIGHTS = {"issues": "read", "pull-requests": "read", "statuses": "write"}


@dataclass
class LabelledPull:
    """A pull request of ann's, in a repository that bob and carol may write to."""

    hub: FakeGitHub
    repo: Repository = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop")
        self.repo.collaborators.update(ann="write", bob="write", carol="maintain", tim="triage", eve="read")
        self.repo.commit({"a.py": "a = 1\n"})
        self.repo.commit({"b.py": "b = 1\n"}, branch="topic")
        self.number = self.repo.open_pull(head="topic", author="ann")

    def push(self) -> None:
        """Push a commit as ann."""
        self.repo.commit({f"{self.hub.clock:%H%M%S}.py": "c = 1\n"}, branch="topic")

    def label(self, by: str | None, name: str = LABEL) -> None:
        """Add a label."""
        self.repo.label(self.number, name, by=by)

    def relabel(self, by: str) -> None:
        """Remove the override label and add it again."""
        self.repo.unlabel(self.number, LABEL, by=by)
        self.label(by)

    def event(self, sender: str, action: str = "labeled", label: str = LABEL) -> dict[str, Any]:
        """Return the event that GitHub sends for a label."""
        return self.repo.event_pull_request(self.number, action, label, sender)

    def check(self, event: dict[str, Any] | None = None, **rights: str) -> LabelApproval | RefusedLabel | None:
        """Check the label in the run of an event, or in a run that measured."""
        client = Client(self.hub.api_url, self.hub.token({**RIGHTS, **rights}), pause=lambda _: None)
        payload = event or self.event("ann", "synchronize")
        context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", payload=payload)
        return check_label(client, context, self.pull, LABEL, BOT)

    @property
    def pull(self) -> PullRequest:
        """The pull request as it is now."""
        result = read_pull_request(self.repo.pull(self.number))
        assert result is not None
        return result

    def approve(self, by: str) -> LabelApproval | RefusedLabel | None:
        """Add the label and check it in the run of its event."""
        self.label(by)
        return self.check(self.event(by))


@pytest.fixture
def labelled(hub: FakeGitHub) -> LabelledPull:
    """A pull request without labels."""
    return LabelledPull(hub)


def _why(found: LabelApproval | RefusedLabel | None) -> str:
    assert isinstance(found, RefusedLabel), found
    return found.reason


def _by(found: LabelApproval | RefusedLabel | None) -> tuple[str, str]:
    assert isinstance(found, LabelApproval), found
    return found.approver, found.reason


@pytest.mark.parametrize("approver", ["bob", "carol"])
def test_label_with_a_reason_counts(labelled: LabelledPull, approver: str) -> None:
    """The label counts in the run that its event started, and in every later run of the same commit."""
    labelled.repo.comment(labelled.number, WHY, by=approver)
    for result in (labelled.approve(approver), labelled.check(), labelled.check()):
        assert _by(result) == (approver, "the provider ends tonight")
    assert [status["description"] for status in labelled.repo.statuses] == [
        f"label event {labelled.repo.threads[labelled.number].events[-1]['id']}"
    ]


def test_no_label_needs_no_api_call(labelled: LabelledPull) -> None:
    """A pull request without the label costs no call of the API."""
    assert labelled.check() is None
    assert labelled.hub.api_calls == 0


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("ann", "added by the author; somebody else must add it"),
        ("eve", "added by eve, who may not write to this repository"),
        ("tim", "added by tim, who may not write to this repository"),
        ("nobody-known", "who may not write to this repository"),
        (None, "was not added by a person with an account"),
        (BOT, "was not added by a person with an account"),
    ],
)
def test_label_by_somebody_who_may_not_approve(labelled: LabelledPull, by: str | None, why: str) -> None:
    """The author, a reader, a deleted account and an app cannot approve, and no status is written."""
    labelled.repo.collaborators[BOT] = "admin"
    labelled.repo.comment(labelled.number, WHY, by=by)
    labelled.label(by)
    assert why in _why(labelled.check(labelled.event(by or "ghost")))
    assert labelled.repo.statuses == []


def test_label_of_an_earlier_commit_counts_only_when_added_again(labelled: LabelledPull) -> None:
    """A push ends the approval, even if the run of the label's event is late or is run again."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    early = labelled.event("bob")
    assert _by(labelled.approve("bob"))
    labelled.push()
    assert "for an earlier commit; remove it and add it again" in _why(labelled.check())
    assert "for an earlier commit" in _why(labelled.check(early))
    labelled.relabel("bob")
    assert _by(labelled.check(labelled.event("bob")))[0] == "bob"
    labelled.push()
    assert "for an earlier commit" in _why(labelled.check())


def test_event_of_another_label_does_not_renew_the_approval(labelled: LabelledPull) -> None:
    """After a push, neither the author's feature label nor a made-up event binds the old label to the new head."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))
    labelled.push()
    labelled.label("ann", "feature:checkout")
    for event in (
        labelled.event("ann", label="feature:checkout"),
        labelled.event("bob", label="feature:checkout"),
        labelled.event("ann"),
        labelled.event("bob", "unlabeled"),
        labelled.event("bob", "synchronize"),
    ):
        assert "for an earlier commit" in _why(labelled.check(event))


def test_last_person_to_add_the_label_counts(labelled: LabelledPull) -> None:
    """The person who added the label last is the approver and must give the reason."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))
    labelled.relabel("carol")
    assert "carol must give a reason in a comment" in _why(labelled.check(labelled.event("carol")))
    labelled.repo.comment(labelled.number, "Carbon Override: as bob says", by="carol")
    assert _by(labelled.check()) == ("carol", "as bob says")
    labelled.relabel("ann")
    assert "by the author" in _why(labelled.check())


def test_reason_that_is_edited_or_deleted(labelled: LabelledPull) -> None:
    """The comments as they are now decide."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))
    (comment,) = labelled.repo.comments(labelled.number)
    comment["body"] = "carbon override: or rather tomorrow"
    assert _by(labelled.check()) == ("bob", "or rather tomorrow")
    comment["body"] = "~~carbon override: or rather tomorrow~~"
    assert "has no reason" in _why(labelled.check())
    labelled.repo.comments(labelled.number).clear()
    assert "has no reason" in _why(labelled.check())


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
    result = labelled.approve("bob")
    assert _by(result) == ("bob", reason) if reason else "has no reason" in _why(result)


def test_longest_comment_is_searched_quickly(labelled: LabelledPull) -> None:
    """A comment of the greatest length that GitHub takes is searched in less than a second."""
    labelled.repo.comment(labelled.number, "\n" * 65_000 + "x", by="bob")
    begun_s = time.process_time()
    assert "has no reason" in _why(labelled.approve("bob"))
    assert time.process_time() - begun_s < 1


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("path", ["/permission", "/events", "/comments"])
def test_failed_api_call_raises(labelled: LabelledPull, path: str, status: int) -> None:
    """If the API fails, the caller gets an error with the status, and nothing is approved."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    labelled.label("bob")
    labelled.hub.fault("GET", path, status=status, times=None)
    with pytest.raises(ApiError, match=str(status)):
        labelled.check(labelled.event("bob"))


@pytest.mark.parametrize("path", ["/permission", "/events"])
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


def test_label_without_permission_to_write_statuses(labelled: LabelledPull) -> None:
    """Without the permission to write statuses, no later run could tell which commit the label was for: an error."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    labelled.label("bob")
    with pytest.raises(ApiError, match="403"):
        labelled.check(labelled.event("bob"), statuses="read")


def test_events_and_comments_of_many_pages(labelled: LabelledPull) -> None:
    """Events and comments are read over all their pages."""
    for n in range(130):
        labelled.label("ann", f"label-{n}")
        labelled.repo.comment(labelled.number, f"comment {n}", by="carol")
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))[0] == "bob"
    assert len(labelled.hub.asked("GET", "/events")) == len(labelled.hub.asked("GET", "/comments")) == 2


def test_each_failing_feature_gets_its_own_override(labelled: LabelledPull, tmp_path: Path) -> None:
    """Names in any script, and names that differ in one character only, get overrides of their own."""
    names = ["結帳", "訂單", "a b", "a-b"]
    limits = (f'[features."{name}".budget]\nper-run = "1 J"\non-exceeded = "fail"\n' for name in names)
    (tmp_path / "carbon.toml").write_text("".join(limits), encoding="utf-8")
    report = make_report(tests={name: [f"{name}::test"] for name in names})
    policy = load_config(tmp_path).policy
    verdict = evaluate(VerdictInputs(report, RunSource(), policy, "carbon.toml", report.grid, "main", NOW))
    made = make_overrides(LabelApproval("bob", "2026-06-15T12:00:00Z", "why"), labelled.pull, verdict)
    assert {one.feature for one in made} == set(names)
    assert len({record_path(one) for one in made}) == 4
    assert {one.expires for one in made} == {"2026-06-22T11:59:59Z"}
    assert {(one.author, one.approver, one.commit, one.pr) for one in made} == {
        ("ann", "bob", labelled.pull.head_sha, labelled.number)
    }
    assert {from_data(to_data(one)) for one in made} == set(made)
