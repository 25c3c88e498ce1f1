"""The rule of all labels that excuse: who added one, while which commit was the head."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.api.client import ApiError, Client
from github_action.judge import label_rule
from github_action.reports.pull_request_events import MOST_EVENTS
from tests.attack import Attack
from tests.github_action.judge.labelled_pull import LABEL, LabelledPull, by, why

BOT = "github-actions[bot]"


def test_no_label_needs_no_api_call(labelled: LabelledPull) -> None:
    """A pull request without the label costs no call of the API."""
    assert labelled.check() is None
    assert labelled.hub.api_calls == 0


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_label_of_another_person_counts(labelled: LabelledPull, person: str) -> None:
    """The label counts in every run of the same commit; four calls of the API tell it, and nothing is written."""
    labelled.label(person)
    for _ in range(3):
        before = labelled.hub.api_calls
        assert by(labelled.check()) == person
        assert labelled.hub.api_calls - before == 4
    assert labelled.repo.statuses == []


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("ann", "added by the author; somebody else must add it"),
        ("eve", "added by eve, who may not write to this repository"),
        ("tim", "added by tim, who may not write to this repository"),
        ("nobody-known", "who may not write to this repository"),
        (None, "was not added by a person with an account"),
        (BOT, "was not added by a person with an account"),
    ],
)
@pytest.mark.attack("approvals")
def test_label_by_somebody_who_may_not_approve(
    labelled: LabelledPull, person: str | None, reason: str, attack: Attack
) -> None:
    """The author, a reader, a deleted account and an app cannot approve."""
    labelled.repo.collaborators[BOT] = "admin"
    labelled.label(person)
    assert reason in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_label_that_an_app_added_for_a_person(labelled: LabelledPull, attack: Attack) -> None:
    """An app that acts for a person is no person, although the event names the person."""
    labelled.label("bob")
    app = {"id": 1, "slug": "labeller", "node_id": "", "name": "Labeller"}
    labelled.hub.fault("GET", "/events", status=200, body=[{**labelled.added(), "performed_via_github_app": app}])
    assert "was added through the app labeller" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize("who", [{"author": "Bob"}, {"author": "Ann", "committer": "Bob"}, {"pusher": "bob"}], ids=str)
@pytest.mark.parametrize("later", [False, True])
@pytest.mark.attack("approvals")
def test_label_by_somebody_who_wrote_or_pushed_a_commit(
    labelled: LabelledPull, who: dict[str, str], later: bool, attack: Attack
) -> None:
    """Whoever wrote, committed or pushed a commit of the pull request cannot approve it, also an earlier commit."""
    labelled.push(**who)
    if later:
        labelled.push()
    labelled.label("bob")
    assert "was added by bob" in why(labelled.check())
    labelled.relabel("carol")
    assert by(labelled.check()) == "carol"
    attack.ended("refused")


@pytest.mark.parametrize("again", [False, True], ids=["opened before", "opened after"])
@pytest.mark.attack("approvals")
def test_label_by_somebody_whose_last_commit_was_dropped(labelled: LabelledPull, again: bool, attack: Attack) -> None:
    """A push brings several commits; if its last one is dropped, the others stay, and so does who pushed them."""
    if again:
        labelled.repo.close_pull(labelled.number)
    work = [labelled.repo.bare.commit({f"{n}.py": n}, "topic", "Work", "Ann", labelled.hub.clock, "") for n in "ab"]
    labelled.hub.tick()
    labelled.repo.note_pushes("bob")
    labelled.repo.point("topic", work[0])
    if again:
        labelled.number = labelled.repo.open_pull(head="topic", author="ann")
    labelled.label("bob")
    assert "was added by bob, who pushed to the branch" in why(labelled.check())
    labelled.relabel("carol")
    assert by(labelled.check()) == "carol"
    attack.ended("refused")


def _flood(labelled: LabelledPull, number: int) -> None:
    """Push other commits to the branch, and at last the head again."""
    head = labelled.pull.head_sha
    for n in range(number):
        after = head if n == number - 1 else f"{n:040x}"
        facts = {"ref": "refs/heads/topic", "before": f"{n - 1:040x}", "after": after, "id": labelled.hub.new_id()}
        about = {"timestamp": labelled.hub.tick(), "actor": labelled.hub.user("ann")}
        labelled.repo.pushes.append({**facts, **about})


@pytest.mark.attack("approvals")
def test_more_pushes_than_are_read(labelled: LabelledPull, attack: Attack) -> None:
    """If the push that brought a commit may be among those that are not read, the label does not count."""
    labelled.push(pusher="bob")
    _flood(labelled, 290)
    labelled.label("bob")
    assert "was added by bob, who pushed to the branch" in why(labelled.check())
    _flood(labelled, 120)
    labelled.relabel("bob")
    assert "topic has more than 300 pushes, so bob may have made one that is not read" in why(labelled.check())
    attack.ended("refused")


def test_old_branch_with_many_pushes(labelled: LabelledPull) -> None:
    """Of a branch that had only commits of the base when the work began, older pushes do not matter."""
    _flood(labelled, 320)
    labelled.repo.close_pull(labelled.number, merged_as=labelled.pull.head_sha)
    labelled.repo.point("main", labelled.pull.head_sha)
    labelled.repo.pushes[-2]["actor"] = labelled.hub.user("bob")
    labelled.push()
    labelled.number = labelled.repo.open_pull(head="topic", author="ann")
    labelled.label("bob")
    assert by(labelled.check()) == "bob"


@pytest.mark.attack("approvals")
def test_push_of_nobody_knows_whom(labelled: LabelledPull, attack: Attack) -> None:
    """A push whose account is not told may be anybody's."""
    labelled.push()
    labelled.repo.pushes[-1]["actor"] = None
    labelled.label("bob")
    assert "GitHub does not say who pushed to topic" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_pull_request_that_a_bot_opened_for_somebody(labelled: LabelledPull, attack: Attack) -> None:
    """Whoever may write can start a workflow that opens a pull request of their work under a bot's name."""
    labelled.repo.commit({"c.py": "c"}, branch="bot")
    labelled.number = labelled.repo.open_pull(head="bot", author=BOT)
    labelled.label("bob")
    assert f"{BOT} opened the pull request, and nobody knows for whom" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize("bot", [BOT, "Copilot"])
@pytest.mark.attack("approvals")
def test_push_of_a_bot_for_somebody(labelled: LabelledPull, bot: str, attack: Attack) -> None:
    """Whoever may write can start a workflow that pushes their work, also an earlier commit, under a bot's name."""
    labelled.push(pusher=bot)
    labelled.repo.pushes[-1]["actor"]["type"] = "Bot"
    labelled.push()
    labelled.label("bob")
    assert f"{bot} pushed to topic, and nobody knows for whom" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize("bot", label_rule.BOTS)
def test_bots_whose_work_a_person_may_approve(labelled: LabelledPull, bot: str) -> None:
    """Nobody of the repository chooses what these bots write."""
    labelled.repo.commit({"c.py": "c"}, branch="bot", author="dependabot", pusher=bot)
    labelled.number = labelled.repo.open_pull(head="bot", author=bot)
    labelled.label("bob")
    assert by(labelled.check()) == "bob"


@pytest.mark.parametrize(
    "address", ["bob@users.noreply.github.com", "12+Bob@users.noreply.github.com", "1+bob@users.noreply.ghe.example"]
)
@pytest.mark.attack("approvals")
def test_label_by_a_co_author(labelled: LabelledPull, address: str, attack: Attack) -> None:
    """A trailer that names the approver's address at GitHub makes them an author, also of an earlier commit."""
    message = f"Work\n\nCo-authored-by: Tool <tool@example.org>\nco-authored-by: Bob <{address}>"
    labelled.repo.commit({"c.py": "c"}, branch="topic", message=message)
    labelled.push()
    labelled.label("bob")
    assert "was added by bob, a co-author of commit" in why(labelled.check())
    labelled.relabel("carol")
    assert by(labelled.check()) == "carol"
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_commit_of_nobody_knows_whom(labelled: LabelledPull, attack: Attack) -> None:
    """Until the address of a commit is linked to an account, its author may be the approver."""
    labelled.hub.unlinked.add("ann@example.org")
    labelled.label("bob")
    assert f"the author of commit {labelled.pull.head_sha[:12]} is not known to GitHub" in why(labelled.check())
    attack.ended("refused")
    labelled.hub.unlinked.clear()
    assert by(labelled.check()) == "bob"


@pytest.mark.attack("approvals")
def test_permission_of_now_counts(labelled: LabelledPull, attack: Attack) -> None:
    """Who may not write any more approves nothing."""
    labelled.label("bob")
    labelled.repo.collaborators["bob"] = "read"
    assert "bob, who may not write" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_label_of_an_earlier_commit(labelled: LabelledPull, attack: Attack) -> None:
    """A push ends an approval until the label is added again; another label does not renew it."""
    labelled.label("bob")
    assert by(labelled.check()) == "bob"
    labelled.push()
    labelled.label("bob", "feature:checkout")
    assert "for an earlier commit; remove it and add it again" in why(labelled.check())
    labelled.relabel("bob")
    assert by(labelled.check()) == "bob"
    labelled.push()
    assert "for an earlier commit" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_forged_status_and_old_runs_bind_nothing(labelled: LabelledPull, attack: Attack) -> None:
    """Neither a status of our own login, nor a commit that has long been on another branch, makes a label count."""
    hidden = labelled.repo.commit({"costly.py": "while True: pass\n"}, branch="hidden")
    labelled.repo.workflow_run(head_sha=hidden, head_branch="hidden")
    labelled.repo.point("topic", labelled.repo.bare.branches()["main"])
    labelled.push()
    labelled.label("bob")
    number = labelled.added()["id"]
    labelled.repo.point("topic", hidden)
    forger = Client(labelled.hub.api_url, labelled.hub.token({"statuses": "write"}))
    body = {"state": "success", "context": "carbon/override", "description": f"label event {number}"}
    forger.post(f"repos/octo/shop/statuses/{hidden}", body)
    assert "for an earlier commit" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_head_that_went_away_and_came_back(labelled: LabelledPull, attack: Attack) -> None:
    """A label that was added while another commit was the head does not count for a commit that comes back."""
    harmless, costly = labelled.pull.head_sha, labelled.push()
    labelled.repo.point("topic", harmless)
    labelled.label("bob")
    assert by(labelled.check()) == "bob"
    labelled.repo.point("topic", costly)
    assert "for an earlier commit" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_pull_request_that_got_another_base_or_was_opened_again(labelled: LabelledPull, attack: Attack) -> None:
    """Another base is another change, and a closed pull request shows an old head: both need a new label."""
    labelled.label("bob")
    labelled.repo.commit({"old.py": ""}, branch="old")
    labelled.repo.change_base(labelled.number, "old")
    assert "before the base of the pull request was changed" in why(labelled.check())
    labelled.relabel("bob")
    assert by(labelled.check()) == "bob"
    labelled.repo.close_pull(labelled.number)
    assert by(labelled.check()) == "bob"
    labelled.repo.open_again(labelled.number)
    assert "before the pull request was opened again" in why(labelled.check())
    labelled.relabel("bob")
    assert by(labelled.check()) == "bob"
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_label_after_the_merge(labelled: LabelledPull, attack: Attack) -> None:
    """A label from before the merge counts when it is recorded, also if the branch moves on; a later one does not."""
    labelled.label("bob")
    labelled.repo.close_pull(labelled.number, merged_as=labelled.repo.commit({"m": ""}))
    labelled.push()
    assert by(labelled.check()) == "bob"
    labelled.relabel("carol")
    assert "after the pull request was closed" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_last_person_to_add_the_label_counts(labelled: LabelledPull, attack: Attack) -> None:
    """Removing and adding the label again makes another approver, in any order of the list of events."""
    labelled.label("bob")
    labelled.relabel("carol")
    assert by(labelled.check()) == "carol"
    events = labelled.repo.threads[labelled.number].events
    labelled.relabel("ann")
    assert "by the author" in why(labelled.check())
    labelled.hub.fault("GET", "/events", status=200, body=events[::-1])
    assert "by the author" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize("removed_before", [False, True])
@pytest.mark.attack("approvals")
def test_label_that_was_renamed_into_one_that_excuses(
    labelled: LabelledPull, removed_before: bool, attack: Attack
) -> None:
    """GitHub keeps a label whose name is changed, and no event says that anybody added the new name since."""
    if removed_before:
        labelled.label("bob")
        labelled.repo.unlabel(labelled.number, LABEL, by="bob")
    labelled.label("bob", "bug")
    labelled.repo.define_label(LABEL)
    labelled.repo.threads[labelled.number].labels = [LABEL]
    assert "GitHub does not say who added it" in why(labelled.check())
    attack.ended("refused")


def test_label_in_another_case(labelled: LabelledPull) -> None:
    """GitHub takes two spellings as one label, and so does the rule, also in the events."""
    labelled.label("bob", "Carbon/Override")
    assert by(labelled.check()) == by(labelled.check("CARBON/override")) == "bob"


@pytest.mark.attack("approvals")
def test_lists_are_read_to_their_end_or_the_label_does_not_count(labelled: LabelledPull, attack: Attack) -> None:
    """An event on the last page decides; beyond the stated limit nothing counts, and the error names the limit."""
    labelled.label("bob")
    events = labelled.repo.threads[labelled.number].events
    events += [{**events[0], "id": 10_000 + n, "label": {"name": f"l{n}", "color": ""}} for n in range(150)]
    assert by(labelled.check()) == "bob"
    labelled.relabel("ann")
    assert "by the author" in why(labelled.check())
    events += [{**events[1], "id": 20_000 + n} for n in range(MOST_EVENTS)]
    with pytest.raises(ApiError, match=r"/events: the list has more than 3000 entries, and none of them is used"):
        labelled.check()
    attack.ended("refused")


@pytest.mark.attack("approvals")
def test_more_commits_than_github_lists(labelled: LabelledPull, attack: Attack) -> None:
    """If a commit may be missing in the list, the approver may have written it."""
    commit: dict[str, Any] = {"sha": labelled.pull.head_sha, "author": {"login": "ann"}, "committer": {"login": "ann"}}
    labelled.label("bob")
    for first in ([commit] * 100, [commit] * 100, [commit] * 50):
        labelled.hub.fault("GET", "/commits", status=200, body=first, headers={"link": '<x?page=2>; rel="next"'})
    assert "GitHub lists only 250 commits of a pull request, so bob may have written one" in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/activity", [], "does not list the push of commit"),
        ("/pulls/1/commits", [], "does not list the push of commit"),
        ("/events", [], "GitHub does not say who added it"),
        ("/activity", [{"after": "HEAD", "timestamp": "yesterday", "id": 1}], "'yesterday' is not a time"),
    ],
)
@pytest.mark.attack("approvals")
def test_what_github_does_not_tell_is_not_fine(
    labelled: LabelledPull, path: str, body: list[dict[str, Any]], reason: str, attack: Attack
) -> None:
    """A list that lacks what must be there, and a time that is none: the label does not count."""
    labelled.label("bob")
    labelled.hub.fault("GET", path, status=200, body=body)
    assert reason in why(labelled.check())
    attack.ended("refused")


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("path", ["/permission", "/events", "/pulls/1/commits", "/activity"])
def test_failed_api_call_raises(labelled: LabelledPull, path: str, status: int) -> None:
    """If the API fails, the caller gets an error with the status, and nothing is approved."""
    labelled.label("bob")
    labelled.hub.fault("GET", path, status=status, times=None)
    with pytest.raises(ApiError, match=str(status)):
        labelled.check()


def test_pull_request_of_a_fork(labelled: LabelledPull) -> None:
    """The pushes are those of the fork; without the fork nobody can tell when its head came."""
    fork = labelled.hub.repository("eve/shop", fork_of=labelled.repo)
    fork.commit({"b.py": "b = 2\n"}, branch="topic", author="Eve")
    labelled.number = labelled.repo.open_pull(head="topic", author="eve", head_repository=fork)
    labelled.label("bob")
    assert by(labelled.check()) == "bob"
    fork.commit({"b.py": "b = 3\n"}, branch="topic", author="Eve")
    assert "for an earlier commit" in why(labelled.check())
    labelled.relabel("bob")
    labelled.hub.delete(fork)
    assert "the repository of the branch is deleted" in why(labelled.check())
