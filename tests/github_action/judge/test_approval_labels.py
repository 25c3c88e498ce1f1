"""The label for an override: who put it there, on which commit, with which reason."""

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
        """Let ann push."""
        self.repo.commit({f"{self.hub.clock:%H%M%S}.py": "c = 1\n"}, branch="topic")

    def label(self, by: str | None, name: str = LABEL) -> None:
        """Put a label on."""
        self.repo.label(self.number, name, by=by)

    def relabel(self, by: str) -> None:
        """Take the label off and put it on."""
        self.repo.unlabel(self.number, LABEL, by=by)
        self.label(by)

    def event(self, sender: str, action: str = "labeled", label: str = LABEL) -> dict[str, Any]:
        """Return the event that GitHub sends for a label."""
        return self.repo.event_pull_request(self.number, action, label, sender)

    def check(self, event: dict[str, Any] | None = None, **rights: str) -> LabelApproval | RefusedLabel | None:
        """Ask what the label is worth, in a run of an event or in one that measured."""
        client = Client(self.hub.api_url, self.hub.token({**RIGHTS, **rights}), pause=lambda _: None)
        payload = event or self.event("ann", "synchronize")
        context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", payload=payload)
        return check_label(client, context, self.pull, LABEL, BOT)

    @property
    def pull(self) -> PullRequest:
        """The pull request as it is now."""
        found = read_pull_request(self.repo.pull(self.number))
        assert found is not None
        return found

    def approve(self, by: str) -> LabelApproval | RefusedLabel | None:
        """Put the label on, and let its event run."""
        self.label(by)
        return self.check(self.event(by))


@pytest.fixture
def labelled(hub: FakeGitHub) -> LabelledPull:
    """A pull request without labels."""
    return LabelledPull(hub)


def _why(found: LabelApproval | RefusedLabel | None) -> str:
    assert isinstance(found, RefusedLabel), found
    return found.why


def _by(found: LabelApproval | RefusedLabel | None) -> tuple[str, str]:
    assert isinstance(found, LabelApproval), found
    return found.approver, found.reason


@pytest.mark.parametrize("approver", ["bob", "carol"])
def test_label_with_a_reason_counts(labelled: LabelledPull, approver: str) -> None:
    """In the run that the label started, and in every later one of the same commit."""
    labelled.repo.comment(labelled.number, WHY, by=approver)
    for found in (labelled.approve(approver), labelled.check(), labelled.check()):
        assert _by(found) == (approver, "the provider ends tonight")
    assert [status["description"] for status in labelled.repo.statuses] == [
        f"label event {labelled.repo.threads[labelled.number].events[-1]['id']}"
    ]


def test_no_label_asks_nothing(labelled: LabelledPull) -> None:
    """A pull request without the label costs no call."""
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
def test_label_by_somebody_who_may_not(labelled: LabelledPull, by: str | None, why: str) -> None:
    """The author, a reader, somebody deleted, a program: none of them approves, and nothing is noted for later."""
    labelled.repo.collaborators[BOT] = "admin"
    labelled.repo.comment(labelled.number, WHY, by=by)
    labelled.label(by)
    assert why in _why(labelled.check(labelled.event(by or "ghost")))
    assert labelled.repo.statuses == []


def test_label_of_an_earlier_commit_does_not_count_until_it_is_put_there_again(labelled: LabelledPull) -> None:
    """A push takes the approval away, also where the event of the label runs late or is run again."""
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


def test_event_of_another_label_binds_nothing(labelled: LabelledPull) -> None:
    """The label was there when the author pushed: his own feature label does not renew it, nor does a made-up event."""
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


def test_newest_of_two_labels_counts(labelled: LabelledPull) -> None:
    """Who put it there last answers for it, with a reason of his own."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))
    labelled.relabel("carol")
    assert "carol must give a reason in a comment" in _why(labelled.check(labelled.event("carol")))
    labelled.repo.comment(labelled.number, "Carbon Override: as bob says", by="carol")
    assert _by(labelled.check()) == ("carol", "as bob says")
    labelled.relabel("ann")
    assert "by the author" in _why(labelled.check())


def test_reason_that_is_edited_or_deleted(labelled: LabelledPull) -> None:
    """What stands in the comments now counts."""
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
    """A line of a comment of the approver's own; one that he quotes or hides is none."""
    labelled.repo.comment(labelled.number, "carbon override: not mine", by="carol")
    labelled.repo.comment(labelled.number, body, by="bob")
    found = labelled.approve("bob")
    assert _by(found) == ("bob", reason) if reason else "has no reason" in _why(found)


def test_comment_of_blank_lines_is_read_at_once(labelled: LabelledPull) -> None:
    """A comment as long as GitHub takes one does not keep the gate busy."""
    labelled.repo.comment(labelled.number, "\n" * 65_000 + "x", by="bob")
    begun_s = time.process_time()
    assert "has no reason" in _why(labelled.approve("bob"))
    assert time.process_time() - begun_s < 1


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("path", ["/permission", "/events", "/comments"])
def test_api_that_cannot_tell(labelled: LabelledPull, path: str, status: int) -> None:
    """Who asks gets an error that he can tell; nothing is approved."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    labelled.label("bob")
    labelled.hub.fault("GET", path, status=status, times=None)
    with pytest.raises(ApiError, match=str(status)):
        labelled.check(labelled.event("bob"))


@pytest.mark.parametrize("path", ["/permission", "/events"])
def test_gate_tells_what_the_api_did_not(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """The verdict stands without the override, and the comment says why that did not count."""
    project = FakeProject(hub, tmp_path, capsys, POLICY + FAILS)
    number = project.open_pull("feature:checkout")
    project.repo.label(number, LABEL, by="bob")
    hub.fault("GET", path, status=403, times=None)
    assert project.judge(number).outputs["verdict"] == "fail"
    assert "could not tell whether the label carbon/override counts" in project.comment(number)


def test_commit_that_cannot_be_bound(labelled: LabelledPull) -> None:
    """Without the permission to write statuses nothing would tell later which commit was meant."""
    labelled.repo.comment(labelled.number, WHY, by="bob")
    labelled.label("bob")
    with pytest.raises(ApiError, match="403"):
        labelled.check(labelled.event("bob"), statuses="read")


def test_long_conversation(labelled: LabelledPull) -> None:
    """Events and comments are read over all their pages."""
    for n in range(130):
        labelled.label("ann", f"label-{n}")
        labelled.repo.comment(labelled.number, f"comment {n}", by="carol")
    labelled.repo.comment(labelled.number, WHY, by="bob")
    assert _by(labelled.approve("bob"))[0] == "bob"
    assert len(labelled.hub.asked("GET", "/events")) == len(labelled.hub.asked("GET", "/comments")) == 2


def test_features_whose_names_look_alike(labelled: LabelledPull, tmp_path: Path) -> None:
    """Each who fails gets an override of his own, whatever the letters of his name."""
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
