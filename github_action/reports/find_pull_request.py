"""Decides which commit an event is about, and which pull requests pay: from event and API, never an artifact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext, is_sha
from github_action.reports.merge_group import QUEUE_BRANCH, pull_requests_of_group
from github_action.reports.pull_request import PullRequest, get_pull_request, numbers_in_message, read_pull_request
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.retry import retry

_MOST_COMMITS = 20
_WAITS_S = (2.0, 5.0)
"""GitHub needs some seconds after a push to know which pull request a commit came from."""
_MOST_PAGES = 10
"""The list of open pull requests is read as far as 1,000: the newest, and those in which something happened last."""
_PAGE = 100
MOST_SHARING = 10
"""A commit with more open pull requests is not judged: each costs calls of the API, and anybody can open one."""


class NothingToJudge(CarbonError):
    """There is nothing to judge, which is no fault: the pull request is closed, for example, or has a newer commit."""


class NotMeasuredYet(NothingToJudge):
    """The event only says that a commit is there; the run that measures it is judged later."""


class TooManySharing(CarbonError):
    """More open pull requests have the commit than are judged, which never passes."""


class _NotKnownYet(Exception):
    """GitHub does not name a merged pull request for every pushed commit."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A commit to judge or to record, with the pull requests that pay for its run.

    The policy is read at ``base_sha``. ``run_id`` is the workflow run that measured the commit, None if unknown.
    """

    head_sha: str
    base_sha: str
    branch: str
    pulls: tuple[PullRequest, ...]
    run_id: int | None

    @property
    def pull(self) -> PullRequest | None:
        """The pull request whose head this commit is; None for a branch and for a merge group."""
        return self.pulls[0] if len(self.pulls) == 1 and self.pulls[0].head_sha == self.head_sha else None


def find_pull_requests_to_judge(client: Client, context: GitHubContext) -> tuple[Subject, ...]:
    """Return a subject for each open pull request whose head is the event's commit; for a queue the one merge group.

    A commit has one status, which all these pull requests share, whatever their base and the repository of their head.

    Raises NothingToJudge if there is none, and CarbonError if it is not clear who is in the merge group.
    """
    if context.event == "merge_group":
        return (_find_for_merge_group(client, context),)
    if context.event == "workflow_run":
        return _find_for_workflow_run(client, context)
    event = context.payload.get("pull_request")
    if not event:
        raise NothingToJudge(f"the event {context.event} is not about a pull request or a merge queue")
    number, why = int(event["number"]), ""
    try:
        pulls = _open_pull_requests(client, context, event.get("head") or {})
    except ApiError as error:
        if context.action != "closed":
            raise
        text = f"#{number} is closed, and whether another one has its commit is not known: {error}"
        raise NothingToJudge(text) from error
    if number not in pulls:
        own, why = _own_pull_request(client, context, number)
        pulls = {number: own, **pulls} if own else pulls
    if not pulls:
        raise NothingToJudge(why)
    measured_before = context.event == "pull_request_target" or not context.commits_changed
    measured = None if measured_before else (number, (event.get("base") or {}).get("ref"))  # for this base, no other
    return tuple(
        _subject(pull, context.run_id if (pull.number, pull.base_ref) == measured else None) for pull in pulls.values()
    )


def _subject(pull: PullRequest, run_id: int | None) -> Subject:
    return Subject(pull.head_sha, pull.base_sha, pull.branch, (pull,), run_id)


def _open_pull_requests(client: Client, context: GitHubContext, head: Mapping[str, Any]) -> dict[int, PullRequest]:
    """Return the open pull requests whose head is the event's commit, by number.

    GitHub finds no pull request of a fork by its commit. So the list of all open ones is read. While several pages are
    read, entries may move from one to another: so the list is then read again in another order, and also the lists of
    the commit and of the branch are. Raises TooManySharing if they are too many.
    """
    path = f"repos/{context.repository}"
    order = {"state": "open", "direction": "desc"}
    listed = list(client.list_items(f"{path}/pulls", max_pages=_MOST_PAGES, sort="created", **order))
    if len(listed) >= _PAGE:
        listed += client.list_items(f"{path}/pulls", max_pages=_MOST_PAGES, sort="updated", **order)
        owner = str((head.get("repo") or {}).get("full_name")).partition("/")[0]
        listed += client.list_items(f"{path}/commits/{context.head_sha}/pulls")
        listed += client.list_items(f"{path}/pulls", state="open", head=f"{owner}:{head.get('ref')}")
    pulls = [pull for data in listed if (pull := read_pull_request(data)) and pull.is_open]
    found = {pull.number: pull for pull in sorted(pulls, key=_number) if pull.head_sha == context.head_sha}
    if len(found) > MOST_SHARING:
        raise TooManySharing(
            f"{len(found)} open pull requests have the commit {str(context.head_sha)[:12]}, and at most {MOST_SHARING} "
            f"are judged; close some: {', '.join(f'#{number}' for number in found)}"
        )
    return found


def _number(pull: PullRequest) -> int:
    return pull.number


def _own_pull_request(client: Client, context: GitHubContext, number: int) -> tuple[PullRequest | None, str]:
    """Return the pull request of the event, or None with the reason why it is not judged."""
    if context.action == "closed":
        return None, f"pull request #{number} is closed, and no other one has its commit"
    pull = get_pull_request(client, context.repository, number)
    if pull is None:
        return None, f"pull request #{number} no longer has a head commit or a base; was its fork deleted?"
    if not pull.is_open:
        return None, f"pull request #{number} is closed"
    if pull.head_sha != context.head_sha:
        return None, f"pull request #{number} has a newer commit, which has its own run"
    return pull, ""


def _find_for_workflow_run(client: Client, context: GitHubContext) -> tuple[Subject, ...]:
    """Find the pull requests of a run's head. The event names none of a fork, and may name several of one branch.

    The run is that of a pull request only if no other one can be meant.
    """
    run = context.payload.get("workflow_run") or {}
    if run.get("event") != "pull_request":
        raise NothingToJudge(f"the event of the run is {run.get('event')}; only runs of pull_request are judged here")
    repository = run.get("head_repository") or {}
    pulls = _open_pull_requests(client, context, {"ref": run.get("head_branch"), "repo": repository})
    if not pulls:
        raise NothingToJudge(f"0 open pull requests have the head {str(context.head_sha)[:12]}")
    same_repository = [n for n, pull in pulls.items() if pull.head_repository_id == (repository.get("id") or 0)]
    named = [n for n in same_repository if n in numbers_of_run(run)]
    (measured,) = next((found for found in (same_repository, named) if len(found) == 1), (None,))
    if run.get("conclusion") == "skipped":  # a new title, for example, which measures nothing
        measured = None
    return tuple(_subject(pull, int(run["id"]) if n == measured else None) for n, pull in pulls.items())


def numbers_of_run(run: Mapping[str, Any]) -> frozenset[int]:
    """Return which pull requests GitHub names for a run: those of the run's branch, none of a fork."""
    return frozenset(int(pull["number"]) for pull in run.get("pull_requests") or () if pull.get("number"))


def _find_for_merge_group(client: Client, context: GitHubContext) -> Subject:
    group = context.payload.get("merge_group") or {}
    match = QUEUE_BRANCH.fullmatch(str(group.get("head_ref")))
    head, base = group.get("head_sha"), group.get("base_sha")
    if match is None or not (is_sha(head) and is_sha(base)):
        raise NothingToJudge(f"{group.get('head_ref')} is not a branch of a merge queue")
    branch = str(group.get("base_ref") or "").removeprefix("refs/heads/")
    pulls = pull_requests_of_group(client, context, match, str(head), str(base), branch)
    return Subject(str(head), str(base), branch, pulls, context.run_id)


def find_commit_to_record(client: Client, context: GitHubContext) -> Subject:
    """Return the commit of a run of a branch, with the merged pull requests that brought it and pay for its run."""
    branch = context.ref.removeprefix("refs/heads/")
    pulls = _find_merged(client, context, branch) if context.event == "push" else ()
    return Subject(context.sha, context.sha, branch, pulls, context.run_id)


def _find_merged(client: Client, context: GitHubContext, branch: str) -> tuple[PullRequest, ...]:
    """Ask which pull requests brought the newest pushed commits; after a wait ask again for commits without any."""
    pushed = [c for c in context.payload.get("commits") or () if is_sha(c.get("id"))][::-1]
    shas = list(dict.fromkeys([context.sha, *(str(c["id"]) for c in pushed)]))[:_MOST_COMMITS]
    merged: dict[int, PullRequest] = {}
    unknown = shas

    def ask() -> None:
        nonlocal unknown
        pulls_by_commit = {sha: _merged_with_commit(client, context, branch, sha, shas) for sha in unknown}
        merged.update((pull.number, pull) for pulls in pulls_by_commit.values() for pull in pulls)
        unknown = [sha for sha in unknown if not pulls_by_commit[sha]]
        if unknown:
            raise _NotKnownYet

    with suppress(_NotKnownYet):
        retry(ask, _WAITS_S, errors=_NotKnownYet, pause=client.pause)
    return tuple(merged.values()) or _find_by_merge_message(client, context, branch)


def _merged_with_commit(
    client: Client, context: GitHubContext, branch: str, sha: str, shas: Sequence[str]
) -> list[PullRequest]:
    listed = client.get(f"repos/{context.repository}/commits/{sha}/pulls", list)
    return [pull for data in listed if (pull := _merged_as(data, shas, branch))]


def _merged_as(data: Mapping[str, Any], shas: Sequence[str], branch: str) -> PullRequest | None:
    """Return the pull request if it was merged into the branch as one of these commits; others do not pay."""
    pull = read_pull_request(data)
    merged = data.get("merged_at") and data.get("merge_commit_sha") in shas
    return pull if merged and pull and pull.base_ref == branch else None


def _find_by_merge_message(client: Client, context: GitHubContext, branch: str) -> tuple[PullRequest, ...]:
    """Find the pull request whose number GitHub wrote into the merge message, if it was merged as this commit."""
    for number in numbers_in_message(str((context.payload.get("head_commit") or {}).get("message") or "")):
        try:
            pull = _merged_as(client.get(f"repos/{context.repository}/pulls/{number}"), [context.sha], branch)
        except ApiError:
            continue
        if pull:
            return (pull,)
    return ()
