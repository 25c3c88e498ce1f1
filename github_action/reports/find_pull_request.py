"""Decides which commit an event is about, and which pull requests pay: from event and API, never an artifact."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from github_action.api.client import ApiError, Client, quote_path_part
from github_action.event.github_context import GitHubContext, is_sha
from github_action.reports.pull_request import PullRequest, read_pull_request
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.retry import retry

_QUEUE_BRANCH = re.compile(r"refs/heads/(gh-readonly-queue/.+)/pr-(\d+)-([0-9a-f]{40,64})")
_NUMBER_PATTERNS = (re.compile(r"\(#(\d{1,9})\)\s*$"), re.compile(r"^Merge pull request #(\d{1,9}) from "))
_MOST_COMMITS = 20
_WAITS_S = (2.0, 5.0)
"""GitHub needs some seconds after a push to know which pull request a commit came from."""


class NothingToJudge(CarbonError):
    """There is nothing to judge, which is no fault: the pull request is closed, for example, or has a newer commit."""


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


def find_pull_request_to_judge(client: Client, context: GitHubContext) -> Subject:
    """Return the head of the pull request, or the merge group, that an event is about.

    Raises NothingToJudge if the event is about neither, if the pull request is closed, or if it has a newer commit.
    """
    if context.event == "workflow_run":
        return _find_for_workflow_run(client, context)
    if context.event == "merge_group":
        return _find_for_merge_group(client, context)
    event = context.payload.get("pull_request")
    if not event:
        raise NothingToJudge(f"the event {context.event} is not about a pull request or a merge queue")
    pull = _get_pull_request(client, context, int(event["number"]))
    if not pull.is_open:
        raise NothingToJudge(f"pull request #{pull.number} is closed")
    if pull.head_sha != context.head_sha:
        raise NothingToJudge(f"pull request #{pull.number} has a newer commit, which has its own run")
    measured_before = context.event == "pull_request_target" or context.labels_or_base_changed
    return Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None if measured_before else context.run_id)


def _get_pull_request(client: Client, context: GitHubContext, number: int) -> PullRequest:
    pull = read_pull_request(client.get(f"repos/{context.repository}/pulls/{number}"))
    if pull is None:
        raise NothingToJudge(f"pull request #{number} no longer has a head commit or a base; was its fork deleted?")
    return pull


def _find_for_workflow_run(client: Client, context: GitHubContext) -> Subject:
    """Find the one open pull request whose head a run measured. The event does not name the pull request of a fork."""
    run = context.payload.get("workflow_run") or {}
    head, head_repository = run.get("head_sha"), run.get("head_repository") or {}
    if run.get("event") != "pull_request":
        raise NothingToJudge(f"the event of the run is {run.get('event')}; only runs of pull_request are judged here")
    if not is_sha(head) or not head_repository.get("id"):
        raise NothingToJudge("the repository that the run came from was deleted")
    name = str(head_repository.get("full_name"))
    branch = f"{name.partition('/')[0]}:{run.get('head_branch')}"
    pages = client.list_items(f"repos/{context.repository}/pulls", state="open", head=branch)
    listed = [read_pull_request(data) for data in pages]
    measured = (head, head_repository["id"])
    pulls = [pull for pull in listed if pull and (pull.head_sha, pull.head_repository_id) == measured]
    if len(pulls) != 1:
        raise NothingToJudge(
            f"{len(pulls)} open pull requests have the head {str(head)[:12]} of {name}; exactly one is needed"
        )
    (pull,) = pulls
    return Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), int(run["id"]))


def _find_for_merge_group(client: Client, context: GitHubContext) -> Subject:
    """Find all pull requests of a merge group: each has a branch in the queue, which names the commit below it."""
    group = context.payload.get("merge_group") or {}
    match = _QUEUE_BRANCH.fullmatch(str(group.get("head_ref")))
    head, base = group.get("head_sha"), group.get("base_sha")
    if match is None or not (is_sha(head) and is_sha(base)):
        raise NothingToJudge(f"{group.get('head_ref')} is not a branch of a merge queue")
    folder = match[1]
    listed = client.get(f"repos/{context.repository}/git/matching-refs/{quote_path_part(f'heads/{folder}/')}")
    branches = [(ref["object"]["sha"], _QUEUE_BRANCH.fullmatch(ref["ref"])) for ref in listed]
    queue = {sha: name for sha, name in branches if name and name[1] == folder}
    numbers, below = [int(match[2])], match[3]
    while below != base and (before := queue.get(below)) is not None and len(numbers) <= len(queue):
        numbers.append(int(before[2]))
        below = before[3]
    pulls = tuple(_get_pull_request(client, context, number) for number in reversed(numbers))
    branch = str(group.get("base_ref") or "").removeprefix("refs/heads/")
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
    listed = client.get(f"repos/{context.repository}/commits/{sha}/pulls")
    return [pull for data in listed if (pull := _merged_as(data, shas, branch))]


def _merged_as(data: Mapping[str, Any], shas: Sequence[str], branch: str) -> PullRequest | None:
    """Return the pull request if it was merged into the branch as one of these commits; others do not pay."""
    pull = read_pull_request(data)
    merged = data.get("merged_at") and data.get("merge_commit_sha") in shas
    return pull if merged and pull and pull.base_ref == branch else None


def _find_by_merge_message(client: Client, context: GitHubContext, branch: str) -> tuple[PullRequest, ...]:
    """Find the pull request whose number GitHub wrote into the merge message, if it was merged as this commit."""
    subject = str((context.payload.get("head_commit") or {}).get("message") or "").partition("\n")[0]
    for match in filter(None, (pattern.search(subject) for pattern in _NUMBER_PATTERNS)):
        try:
            pull = _merged_as(client.get(f"repos/{context.repository}/pulls/{match[1]}"), [context.sha], branch)
        except ApiError:
            continue
        if pull:
            return (pull,)
    return ()
