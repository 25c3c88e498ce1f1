"""The operations on pull requests: get, list, find by a commit, list files."""

from __future__ import annotations

from typing import Any

from tests.github_action.fake import shapes
from tests.github_action.fake.rest import Answer, Call, route, told
from tests.github_action.fake.rest_git import changed_files, commit_or_refusal
from tests.github_action.fake.threads import Thread


def _number(call: Call) -> int:
    pulls = {number: number for number, thread in call.repo.threads.items() if thread.branches}
    result: int = call.known(call.number("pull_number"), pulls)
    return result


@route("pulls/get", "read", "pull-requests")
def _get(call: Call) -> Answer:
    return told(shapes.pull(call.repo, _number(call)))


@route("pulls/list", "read", "pull-requests")
def _list(call: Call) -> Answer:
    state, base, head = call.take("state", "open"), call.take("base"), call.take("head")
    newest_first = call.take("direction", "desc" if call.take("sort", "created") == "created" else "asc") == "desc"
    matching = []
    for thread in call.repo.threads.values():
        pull = thread.branches
        if pull is None or (state not in {"all", thread.state}) or (base and base != pull.base):
            continue
        owner = pull.repository.name.partition("/")[0]
        if not head or head == f"{owner}:{pull.head}":
            matching.append(thread)
    return _page(call, matching[::-1] if newest_first else matching)


@route("pulls/list-files", "read", "pull-requests")
def _files(call: Call) -> Answer:
    pull = call.repo.branches(_number(call))
    return call.page(changed_files(call.repo, pull.base_sha, pull.head_sha)[:3000])


@route("pulls/list-commits", "read", "pull-requests")
def _commits(call: Call) -> Answer:
    """List the commits of a pull request, the oldest first; GitHub lists 250 at most."""
    repo, pull = call.repo, call.repo.branches(_number(call))
    oldest_first = repo.bare.commits(f"{pull.base_sha}..{pull.head_sha}")[::-1]
    return call.page([shapes.commit(repo, shown) for shown in oldest_first[:250]])


@route("repos/list-pull-requests-associated-with-commit", "read", "pull-requests")
def _of_commit(call: Call) -> Answer:
    """List the pull requests of a commit: merged ones; for a commit off the default branch, open ones as well."""
    repo, sha = call.repo, commit_or_refusal(call.repo, call.parts["commit_sha"])
    default = repo.bare.text("rev-list", repo.bare.branch).split()
    result = [thread for thread in repo.threads.values() if _holds(call.repo, thread, sha, landed=sha in default)]
    return _page(call, result)


def _holds(repo: Any, thread: Thread, sha: str, *, landed: bool) -> bool:
    pull = thread.branches
    if pull is None or (pull.merged_as is None and (landed or thread.state == "closed")):
        return False
    if sha in {pull.merged_as, pull.head_sha, *pull.introduced}:
        return True
    return sha in repo.bare.text("rev-list", f"{pull.base_sha}..{pull.head_sha}").split()


def _page(call: Call, threads: list[Thread]) -> Answer:
    """Describe only the pull requests of the requested page."""
    size = min(int(call.query.get("per_page", "30")), 100)
    first = (int(call.query.get("page", "1")) - 1) * size
    shown: list[Any] = [t.number for t in threads]
    shown[first : first + size] = [shapes.pull(call.repo, t.number, whole=False) for t in threads[first : first + size]]
    return call.page(shown)
