"""The one rule for every label that excuses something: who added the label, and while which commit was the head.

Only what GitHub itself notes counts: the events of the pull request, its commits, and the pushes to its branch. A
commit status can be written by every workflow with ``statuses: write``, and a commit says of itself whatever its author
likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from github_action.api.client import Client, quote_path_part
from github_action.reports.download_artifacts import repository_path
from github_action.reports.pull_request import PullRequest, is_bot
from github_action.reports.pull_request_events import BASE_CHANGED, read_events
from pytest_carbon.core.budget.overrides import normalise_person
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.policy.label_names import find_label, label_key
from pytest_carbon.core.records.ledger_records import parse_time

MOST_COMMITS = 250
"""GitHub lists no more commits of a pull request."""
MOST_PUSHES = 300
BOTS = ("dependabot[bot]", "renovate[bot]")
"""The bots whose pull requests and pushes a person may approve: nobody else chooses what they write."""
_CO_AUTHOR = re.compile(
    r"^co-authored-by:[^\n]*<(?:[0-9]+\+)?([^@<>+\s]+)@users\.noreply\.", re.IGNORECASE | re.MULTILINE
)
_NOTHING = "0" * 40
_WRITE_PERMISSIONS = ("admin", "write")
_LABELLED = ("labeled", "unlabeled")
_CLOSED = ("closed", "merged")
_OPENED_AGAIN = ("reopened", "head_ref_restored")
_AGAIN = "remove it and add it again"
_OTHER = "somebody else must add it"
_BY_PERSON = "a person must push the commits to a new branch and open a pull request"


@dataclass(frozen=True, slots=True)
class AddedLabel:
    """A label that counts for the head of its pull request: who added it, and when (ISO 8601, UTC)."""

    label: str
    person: str
    added: str


@dataclass(frozen=True, slots=True)
class RefusedLabel:
    """A label that does not count. ``reason`` is a sentence."""

    reason: str


class _Refusal(Exception):
    """Why a label does not count, as the rest of a sentence that begins with the label."""


def check_added_label(
    client: Client, repository: str, pull: PullRequest, label: str
) -> AddedLabel | RefusedLabel | None:
    """Check by the rule whether a label counts for the head of a pull request. None if the pull request lacks it.

    The label counts if the newest event that added it is of a person who may write to the repository now, who is not
    the author of the pull request, who has written or committed none of its commits, and who has not pushed to its
    branch; and if since then neither the head nor the base has changed, and the pull request was not opened again.
    Nobody knows who is behind a bot, so of their pull requests and pushes only those of ``BOTS`` can be approved.

    Raises ApiError if GitHub cannot be asked, or has too many events.
    """
    name = find_label(label, pull.labels)
    if name is None:
        return None
    try:
        events = read_events(client, repository, pull.number)
        person, added = _newest_addition(events, name)
        _refuse_person(client, repository, pull, person)
        closed = _refuse_older_than_events(events, added)
        commits = _refuse_writer_of_a_commit(client, repository, pull, person)
        _refuse_older_than_head(client, pull, person, added, commits, closed)
    except _Refusal as refusal:
        return RefusedLabel(f"the label {name} {refusal}")
    return AddedLabel(name, person, added)


def _newest_addition(events: Iterable[Mapping[str, Any]], name: str) -> tuple[str, str]:
    """Return who added the label last, and when. Refuses an event that is no person's own."""
    of_label = [
        event
        for event in events
        if event.get("event") in _LABELLED
        and label_key(str((event.get("label") or {}).get("name") or "")) == label_key(name)
    ]
    newest = max(of_label, key=lambda event: (_time(event, "created_at"), int(event.get("id") or 0)), default=None)
    if newest is None or newest.get("event") != "labeled":
        raise _Refusal(f"is there, but GitHub does not say who added it; {_AGAIN}")
    actor, app = newest.get("actor") or {}, newest.get("performed_via_github_app")
    if not actor.get("login") or actor.get("type") != "User":
        raise _Refusal("was not added by a person with an account; a person must add it")
    if app:
        raise _Refusal(
            f"was added through the app {app.get('slug') or app.get('name')}; a person must add it on GitHub"
        )
    return str(actor["login"]), str(newest["created_at"])


def _refuse_person(client: Client, repository: str, pull: PullRequest, person: str) -> None:
    """Refuse the author, and whoever may not write to the repository now."""
    if _same_person(person, pull.author):
        raise _Refusal(f"was added by the author; {_OTHER}")
    if pull.by_bot and not _may_be_approved(pull.author):
        raise _Refusal(
            f"does not count: {pull.author} opened the pull request, and nobody knows for whom; {_BY_PERSON}"
        )
    path = f"repos/{repository}/collaborators/{quote_path_part(person)}/permission"
    if client.get(path).get("permission") not in _WRITE_PERMISSIONS:
        raise _Refusal(f"was added by {person}, who may not write to this repository; {_OTHER}")


def _refuse_older_than_events(events: Sequence[Mapping[str, Any]], added: str) -> datetime | None:
    """Refuse a label from before its pull request was opened again or got another base, and from after its end.

    Return when the pull request was closed or merged, None if it is open.
    """
    time, opened_again = _parse(added), _newest_time(events, _OPENED_AGAIN)
    if opened_again and time <= opened_again:
        raise _Refusal(f"was added before the pull request was opened again; {_AGAIN}")
    changed = _newest_time(events, BASE_CHANGED)
    if changed and time <= changed:
        raise _Refusal(f"was added before the base of the pull request was changed; {_AGAIN}")
    closed = _newest_time(events, _CLOSED)
    if closed is None or (opened_again and opened_again >= closed):
        return None
    if time >= closed:
        raise _Refusal("was added after the pull request was closed")
    return closed


def _refuse_writer_of_a_commit(client: Client, repository: str, pull: PullRequest, person: str) -> list[dict[str, Any]]:
    """Refuse the author, a co-author and the committer of a commit, and a commit of nobody knows whom.

    Return the commits. A co-author is known only by an address that GitHub itself gives to accounts.
    """
    path = f"repos/{repository}/pulls/{pull.number}/commits"
    commits = list(client.list_items(path, max_pages=-(-MOST_COMMITS // 100)))
    if len(commits) >= MOST_COMMITS:
        raise _Refusal(
            f"cannot be checked: GitHub lists only {MOST_COMMITS} commits of a pull request, so {person} may have "
            "written one that is not listed; squash the commits, then add it again"
        )
    for commit in commits:
        sha = str(commit.get("sha"))[:12]
        for role in ("author", "committer"):
            login = str((commit.get(role) or {}).get("login") or "")
            if not login:
                raise _Refusal(
                    f"cannot be checked: the {role} of commit {sha} is not known to GitHub, so it may be {person}; "
                    "whoever wrote the commit links its e-mail address to an account"
                )
            if _same_person(login, person):
                raise _Refusal(f"was added by {person}, the {role} of commit {sha}; {_OTHER}")
        message = str((commit.get("commit") or {}).get("message") or "")
        if any(_same_person(login, person) for login in _CO_AUTHOR.findall(message)):
            raise _Refusal(f"was added by {person}, a co-author of commit {sha}; {_OTHER}")
    return commits


def _refuse_older_than_head(
    client: Client,
    pull: PullRequest,
    person: str,
    added: str,
    commits: Sequence[Mapping[str, Any]],
    closed: datetime | None,
) -> None:
    """Refuse a label from before the push of the head, and of a person who pushed to the branch."""
    if not pull.head_repository:
        raise _Refusal(
            "cannot be checked: the repository of the branch is deleted, and with it when its head came; open another"
        )
    path = f"repos/{repository_path(pull.head_repository)}/activity"
    pages = MOST_PUSHES // 100
    listed = list(client.list_items(path, max_pages=pages + 1, ref=f"refs/heads/{pull.head_ref}"))
    pushes = [push for push in listed if push.get("activity_type") != "branch_deletion"]
    pushes = [push for push in pushes if closed is None or _time(push, "timestamp") < closed]
    pushes.sort(key=lambda push: (_time(push, "timestamp"), int(push.get("id") or 0)), reverse=True)
    newest, shas = (pushes[0] if pushes else {}), {str(commit.get("sha")) for commit in commits}
    if newest.get("after") != pull.head_sha or pull.head_sha not in shas:
        raise _Refusal(
            f"cannot be checked: GitHub does not list the push of commit {pull.head_sha[:12]} to {pull.head_ref} as "
            "the newest; run the job again"
        )
    if _parse(added) <= _time(newest, "timestamp"):
        raise _Refusal(f"was added for an earlier commit; {_AGAIN}")
    own, whole = _pushes_of_pull_request(pushes, commits, _parse(pull.opened))
    if not whole and len(listed) > MOST_PUSHES:
        raise _Refusal(
            f"cannot be checked: {pull.head_ref} has more than {MOST_PUSHES} pushes, so {person} may have made one "
            "that is not read; open another pull request from a new branch"
        )
    for actor in [push.get("actor") or {} for push in own]:
        pusher = str(actor.get("login") or "")
        if not pusher:
            raise _Refusal(f"cannot be checked: GitHub does not say who pushed to {pull.head_ref}; {_BY_PERSON}")
        if _same_person(pusher, person):
            raise _Refusal(f"was added by {person}, who pushed to the branch of this pull request; {_OTHER}")
        if is_bot(actor) and not _may_be_approved(pusher):
            raise _Refusal(
                f"does not count: {pusher} pushed to {pull.head_ref}, and nobody knows for whom; {_BY_PERSON}"
            )


def _pushes_of_pull_request(
    pushes: Sequence[Mapping[str, Any]], commits: Sequence[Mapping[str, Any]], opened: datetime
) -> tuple[list[Mapping[str, Any]], bool]:
    """Return the pushes that may have brought a commit, and whether none of them can be missing.

    A push brings commits that it does not name, and that stay when its last one is dropped. So all pushes count, the
    newest first, back to the first one: from before the pull request was opened, and onto a branch that was new or had
    only commits of the base. Of older pushes those count whose last commit is still there.
    """
    shas = {str(commit.get("sha")) for commit in commits}
    parents = {str(parent.get("sha")) for commit in commits for parent in commit.get("parents") or ()}
    before_work = {_NOTHING, *parents} - shas
    for number, push in enumerate(pushes, 1):
        if push.get("before") in before_work and _time(push, "timestamp") <= opened:
            return [*pushes[:number], *(older for older in pushes[number:] if older.get("after") in shas)], True
    return list(pushes), False


def _may_be_approved(bot: str) -> bool:
    return any(_same_person(bot, known) for known in BOTS)


def _same_person(one: str, other: str) -> bool:
    return bool(one) and normalise_person(one) == normalise_person(other)


def _newest_time(events: Iterable[Mapping[str, Any]], kinds: Sequence[str]) -> datetime | None:
    return max((_time(event, "created_at") for event in events if event.get("event") in kinds), default=None)


def _time(item: Mapping[str, Any], field: str) -> datetime:
    return _parse(str(item.get(field)))


def _parse(text: str) -> datetime:
    try:
        return parse_time(text)
    except LedgerError as error:
        raise _Refusal(f"cannot be checked: GitHub told a time that is none: {error}; run the job again") from None
