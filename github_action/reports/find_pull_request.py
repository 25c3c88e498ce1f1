"""Who is judged: the commit, and the pull requests that pay. Told by the event and the API, never by an artifact."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github_action.api.client import ApiError, Client, quote_path_part
from github_action.event.github_context import GitHubContext, is_sha
from github_action.reports.pull_request import PullRequest, read_pull_request
from pytest_carbon.core.errors import CarbonError

_QUEUE_BRANCH = re.compile(r"refs/heads/(gh-readonly-queue/.+)/pr-(\d+)-([0-9a-f]{40,64})")
_NUMBER_PATTERNS = (re.compile(r"\(#(\d{1,9})\)\s*$"), re.compile(r"^Merge pull request #(\d{1,9}) from "))
_MOST_COMMITS = 20
_PAUSES_S = (0.0, 2.0, 5.0)
"""GitHub needs some seconds after a push to know which pull request a commit came from."""


class NothingToJudge(CarbonError):
    """There is nothing to judge, and that is no fault: the pull request has moved on, or is closed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A commit to be judged. ``base_sha`` is where the policy is read; ``run_id`` the run that measured, if known."""

    head_sha: str
    base_sha: str
    branch: str
    pulls: tuple[PullRequest, ...]
    run_id: int | None

    @property
    def pull(self) -> PullRequest | None:
        """The one pull request; None on a branch and in a merge queue."""
        return self.pulls[0] if len(self.pulls) == 1 and self.pulls[0].head_sha == self.head_sha else None


def find_pull_request_to_judge(client: Client, context: GitHubContext) -> Subject:
    """Return what an event of a pull request or a merge queue asks to be judged; Nothing if it has moved on."""
    if context.event == "workflow_run":
        return _find_for_workflow_run(client, context)
    if context.event == "merge_group":
        return _find_for_merge_group(client, context)
    told = context.payload.get("pull_request")
    if not told:
        raise NothingToJudge(f"the event {context.event} is of no pull request and of no merge queue")
    pull = _get_pull_request(client, context, int(told["number"]))
    if not pull.is_open:
        raise NothingToJudge(f"pull request #{pull.number} is closed")
    if pull.head_sha != context.head_sha:
        raise NothingToJudge(f"pull request #{pull.number} has a newer commit, which has a run of its own")
    again = context.event == "pull_request_target" or context.labels_or_base_changed
    return Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None if again else context.run_id)


def _get_pull_request(client: Client, context: GitHubContext, number: int) -> PullRequest:
    pull = read_pull_request(client.get(f"repos/{context.repository}/pulls/{number}"))
    if pull is None:
        raise NothingToJudge(f"pull request #{number} has no head commit or base any more; was its fork deleted?")
    return pull


def _find_for_workflow_run(client: Client, context: GitHubContext) -> Subject:
    """Find the one open pull request with the head that was measured; a fork's event does not name it."""
    run = context.payload.get("workflow_run") or {}
    head, theirs = run.get("head_sha"), run.get("head_repository") or {}
    if run.get("event") != "pull_request":
        raise NothingToJudge(f"the run was made by {run.get('event')}, and only those of pull_request are judged here")
    if not is_sha(head) or not theirs.get("id"):
        raise NothingToJudge("the repository that the run came from is deleted by now")
    name = str(theirs.get("full_name"))
    asked = f"{name.partition('/')[0]}:{run.get('head_branch')}"
    pages = client.list_items(f"repos/{context.repository}/pulls", state="open", head=asked)
    listed = [read_pull_request(data) for data in pages]
    found = [pull for pull in listed if pull and (pull.head_sha, pull.head_repository_id) == (head, theirs["id"])]
    if len(found) != 1:
        raise NothingToJudge(f"{len(found)} open pull requests have the head {str(head)[:12]} of {name}; one is needed")
    return Subject(found[0].head_sha, found[0].base_sha, found[0].head_ref, (found[0],), int(run["id"]))


def _find_for_merge_group(client: Client, context: GitHubContext) -> Subject:
    """Find all pull requests of a group: each has a branch in the queue, named by the commit that it stands on."""
    group = context.payload.get("merge_group") or {}
    match = _QUEUE_BRANCH.fullmatch(str(group.get("head_ref")))
    head, base = group.get("head_sha"), group.get("base_sha")
    if match is None or not (is_sha(head) and is_sha(base)):
        raise NothingToJudge(f"{group.get('head_ref')} is no branch of a merge queue")
    folder = match[1]
    listed = client.get(f"repos/{context.repository}/git/matching-refs/{quote_path_part(f'heads/{folder}/')}")
    known = [(ref["object"]["sha"], _QUEUE_BRANCH.fullmatch(ref["ref"])) for ref in listed]
    queue = {sha: found for sha, found in known if found and found[1] == folder}
    numbers, below = [int(match[2])], match[3]
    while below != base and (before := queue.get(below)) is not None and len(numbers) <= len(queue):
        numbers.append(int(before[2]))
        below = before[3]
    pulls = tuple(_get_pull_request(client, context, number) for number in reversed(numbers))
    branch = str(group.get("base_ref") or "").removeprefix("refs/heads/")
    return Subject(str(head), str(base), branch, pulls, context.run_id)


def find_commit_to_record(client: Client, context: GitHubContext) -> Subject:
    """Return a commit of the default branch, with the merged pull requests that brought it and pay for its run."""
    branch = context.ref.removeprefix("refs/heads/")
    pulls = _find_merged(client, context, branch) if context.event == "push" else ()
    return Subject(context.sha, context.sha, branch, pulls, context.run_id)


def _find_merged(client: Client, context: GitHubContext, branch: str) -> tuple[PullRequest, ...]:
    """Ask which pull requests brought the newest commits, and after a pause again for those that none brought."""
    pushed = [c for c in context.payload.get("commits") or () if is_sha(c.get("id"))][::-1]
    shas = list(dict.fromkeys([context.sha, *(str(c["id"]) for c in pushed)]))[:_MOST_COMMITS]
    found: dict[int, PullRequest] = {}
    left: Sequence[str] = shas
    for pause_s in _PAUSES_S:
        client.pause(pause_s)
        brought = {sha: _merged_with_commit(client, context, branch, sha, shas) for sha in left}
        found |= {pull.number: pull for pulls in brought.values() for pull in pulls}
        left = [sha for sha in left if not brought[sha]]
        if not left:
            break
    return tuple(found.values()) or _find_by_merge_message(client, context, branch)


def _merged_with_commit(
    client: Client, context: GitHubContext, branch: str, sha: str, shas: Sequence[str]
) -> list[PullRequest]:
    listed = client.get(f"repos/{context.repository}/commits/{sha}/pulls")
    return [pull for data in listed if (pull := _merged_as(data, shas, branch))]


def _merged_as(data: Mapping[str, Any], shas: Sequence[str], branch: str) -> PullRequest | None:
    """Return a pull request if it was merged into the branch as one of some commits; one that is open pays nothing."""
    pull = read_pull_request(data)
    merged = data.get("merged_at") and data.get("merge_commit_sha") in shas
    return pull if merged and pull and pull.base_ref == branch else None


def _find_by_merge_message(client: Client, context: GitHubContext, branch: str) -> tuple[PullRequest, ...]:
    """Take the number that GitHub writes into the subject of a merge, if that pull request was merged as this."""
    subject = str((context.payload.get("head_commit") or {}).get("message") or "").partition("\n")[0]
    for match in filter(None, (pattern.search(subject) for pattern in _NUMBER_PATTERNS)):
        try:
            pull = _merged_as(client.get(f"repos/{context.repository}/pulls/{match[1]}"), [context.sha], branch)
        except ApiError:
            continue
        if pull:
            return (pull,)
    return ()
