"""Who is in a merge group: each pull request has a branch in the queue, which names the commit below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from github_action.api.client import ApiError, Client, quote_path_part
from github_action.event.github_context import GitHubContext
from github_action.reports.pull_request import PullRequest, get_pull_request, numbers_in_message
from pytest_carbon.core.errors import CarbonError

QUEUE_BRANCH = re.compile(r"refs/heads/(gh-readonly-queue/.+)/pr-(\d+)-([0-9a-f]{40,64})")
"""The folder of the queue, the number of the pull request, and the commit below."""
_MEND_QUEUE = "delete branches below gh-readonly-queue/ that the queue did not make, and queue the pull request again"


def pull_requests_of_group(
    client: Client, context: GitHubContext, top: re.Match[str], head: str, base: str, branch: str
) -> tuple[PullRequest, ...]:
    """Return the pull requests between ``base`` and ``head`` in the queue of a branch, the lowest first.

    ``top`` is the branch of ``head``. Whoever may push can add branches to the queue's, or delete some. So a missing
    branch, two branches of one commit, a circle, a branch whose commit is of another pull request, and a pull request
    to another branch raise CarbonError: they would change who pays.
    """
    queue = _queue_branches(client, context, top[1])
    _refuse_second_branch(queue, head, top[0])
    places, below = [(head, top)], top[3]
    while below != base and below in queue:
        commit, (name, *_) = below, queue[below]
        _refuse_second_branch(queue, commit, name[0])
        places.append((commit, name))
        below = name[3]
        if len(places) > len(queue):
            raise CarbonError(f"the branches of the merge queue below {head[:12]} form a circle; {_MEND_QUEUE}")
    if below != base and not _is_in_branch(client, context, below, branch):
        raise CarbonError(f"the commit {below[:12]} is not in {branch}, and the merge queue has no branch for it, so "
                          f"it is not known which pull requests pay; {_MEND_QUEUE}")  # fmt: skip
    pulls = [_get(client, context, int(name[2]), branch) for _, name in places]
    for (commit, name), pull in list(zip(places, pulls, strict=True))[1:]:  # the event names the first
        _refuse_wrong_number(client, context, commit, pull, name[0])
    return tuple(reversed(pulls))


def _queue_branches(client: Client, context: GitHubContext, folder: str) -> dict[str, list[re.Match[str]]]:
    """Return the branches of one queue by their commit."""
    listed = client.get(f"repos/{context.repository}/git/matching-refs/{quote_path_part(f'heads/{folder}/')}", list)
    queue: dict[str, list[re.Match[str]]] = {}
    for ref in listed:
        match = QUEUE_BRANCH.fullmatch(ref["ref"])
        if match and match[1] == folder:
            queue.setdefault(ref["object"]["sha"], []).append(match)
    return queue


def _refuse_second_branch(queue: Mapping[str, Sequence[re.Match[str]]], commit: str, expected: str) -> None:
    """Raise CarbonError if a commit has another branch of the queue than the expected one."""
    others = [name[0] for name in queue.get(commit, ()) if name[0] != expected]
    if others:
        first, second = map(_shown, (expected, others[0]))
        raise CarbonError(f"the commit {commit[:12]} has two branches of the merge queue, {first} and {second}, so it "
                          f"is not clear which pull request pays; {_MEND_QUEUE}")  # fmt: skip


def _get(client: Client, context: GitHubContext, number: int, branch: str) -> PullRequest:
    pull = get_pull_request(client, context.repository, number)
    if pull is None or pull.base_ref != branch:
        what = f"#{pull.number} is for {pull.base_ref}" if pull else "no longer has a head commit or a base"
        raise CarbonError(f"a pull request of the merge group of {branch} {what}; {_MEND_QUEUE}")
    return pull


def _refuse_wrong_number(client: Client, context: GitHubContext, commit: str, pull: PullRequest, name: str) -> None:
    """Raise CarbonError if a commit of the queue is not of the pull request that its branch names.

    A merge has the pull request's head as its second parent. GitHub writes the number into the message of a squashed
    commit; a number counts only if such a pull request waits for the same branch: a rebased commit may name any.
    """
    found = client.get(f"repos/{context.repository}/commits/{commit}", per_page=1)
    merged = [parent["sha"] for parent in found["parents"]][1:]
    owner = f"the head {merged[0][:12]}" if merged and pull.head_sha not in merged else ""
    numbers = numbers_in_message(found["commit"]["message"])
    if not merged and numbers and pull.number not in numbers:
        owner = _waiting(client, context, numbers[0], pull.base_ref)
    if owner:
        raise CarbonError(
            f"the commit {commit[:12]} of the merge queue is of {owner}, but its branch {_shown(name)} names "
            f"#{pull.number}, so it is not clear which pull request pays; {_MEND_QUEUE}"
        )


def _waiting(client: Client, context: GitHubContext, number: int, branch: str) -> str:
    """Return ``#NUMBER`` if an open pull request to a branch has this number, else an empty text."""
    try:
        pull = get_pull_request(client, context.repository, number)
    except ApiError as error:
        if error.status == 404:
            return ""
        raise
    return f"#{number}" if pull and pull.is_open and pull.base_ref == branch else ""


def _is_in_branch(client: Client, context: GitHubContext, commit: str, branch: str) -> bool:
    """Return whether a branch has a commit: what was below a group may be merged by now, and has no branch then."""
    commits = f"{quote_path_part(branch)}...{commit}"
    return client.get(f"repos/{context.repository}/compare/{commits}", per_page=1)["status"] in ("behind", "identical")


def _shown(name: str) -> str:
    return name.removeprefix("refs/heads/")
