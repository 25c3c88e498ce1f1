"""Pull requests, issues, runs and commits in GitHub's form. The description adds the fields that are missing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github_action.fake.openapi import github

if TYPE_CHECKING:
    from tests.github_action.fake.git import Commit
    from tests.github_action.fake.repository import Repository
    from tests.github_action.fake.threads import Thread


def pull(repo: Repository, number: int, *, whole: bool = True) -> dict[str, Any]:
    """Return a pull request, ``whole`` as a single response, else as in a list."""
    thread, branches, world = repo.threads[number], repo.branches(number), repo.world
    alive = branches.repository.name in world.repositories
    head_owner, base_owner = branches.repository.name.partition("/")[0], repo.name.partition("/")[0]
    facts: dict[str, Any] = {
        **_thread(repo, thread),
        "url": f"{repo.url}/pulls/{number}",
        "html_url": f"{repo.page}/pull/{number}",
        "issue_url": f"{repo.url}/issues/{number}",
        "comments_url": f"{repo.url}/issues/{number}/comments",
        "statuses_url": f"{repo.url}/statuses/{branches.head_sha}",
        "draft": thread.draft,
        "merge_commit_sha": branches.merged_as or branches.trial,
        "merged_at": thread.closed if branches.merged_as else None,
        "head": {
            "label": f"{head_owner}:{branches.head}",
            "ref": branches.head,
            "sha": branches.head_sha,
            "user": world.user(head_owner),
            "repo": branches.repository.facts() if alive else None,
        },
        "base": {
            "label": f"{base_owner}:{branches.base}",
            "ref": branches.base,
            "sha": branches.base_sha,
            "user": world.user(base_owner),
            "repo": repo.facts(),
        },
    }
    if whole:
        facts |= {
            "changed_files": repo.bare.changed_count(branches.base_sha, branches.head_sha),
            "merged": branches.merged_as is not None,
            "mergeable": branches.trial is not None,
            "comments": len(thread.comments),
        }
    return github().filled("pull-request" if whole else "pull-request-simple", facts)


def issue(repo: Repository, number: int) -> dict[str, Any]:
    """Return an issue, or a pull request as an issue."""
    thread = repo.threads[number]
    of = "pull" if thread.branches else "issues"
    facts = {
        **_thread(repo, thread),
        "url": f"{repo.url}/issues/{number}",
        "html_url": f"{repo.page}/{of}/{number}",
        "repository_url": repo.url,
        "state_reason": thread.reason,
        "comments": len(thread.comments),
        "closed_by": repo.world.user(thread.closed_by),
    }
    if thread.branches:
        facts["pull_request"] = {"url": f"{repo.url}/pulls/{number}", "html_url": facts["html_url"]}
    return github().filled("issue", facts)


def _thread(repo: Repository, thread: Thread) -> dict[str, Any]:
    known = repo.collaborators.get(thread.author or "", "read") != "read"
    return {
        "id": thread.id,
        "number": thread.number,
        "title": thread.title,
        "body": thread.body,
        "user": repo.world.user(thread.author),
        "author_association": "COLLABORATOR" if known else "NONE",
        "state": thread.state,
        "locked": thread.number in repo.locked,
        "labels": [repo.labels[name] for name in thread.labels],
        "created_at": thread.made,
        "updated_at": thread.closed or thread.made,
        "closed_at": thread.closed,
    }


def run(repo: Repository, key: int) -> dict[str, Any]:
    """Return a workflow run. GitHub does not name the pull requests of a fork's run."""
    stored = repo.runs[key]
    of_fork = stored["head_repository"] is not repo
    made, user = stored["created_at"], repo.world.user(stored["actor"])
    return github().filled("workflow-run", {
        **stored,
        "url": f"{repo.url}/actions/runs/{key}",
        "html_url": f"{repo.page}/actions/runs/{key}",
        "artifacts_url": f"{repo.url}/actions/runs/{key}/artifacts",
        "display_title": stored["name"],
        "repository": repo.facts(),
        "head_repository": stored["head_repository"].facts(),
        "actor": user,
        "triggering_actor": user,
        "updated_at": made,
        "pull_requests": [] if of_fork else [_minimal(repo, t) for t in repo.threads.values() if _is_of(t, stored)],
    })  # fmt: skip


def _is_of(thread: Thread, kept: dict[str, Any]) -> bool:
    pull = thread.branches
    return pull is not None and thread.state == "open" and pull.head_sha == kept["head_sha"]


def _minimal(repo: Repository, thread: Thread) -> dict[str, Any]:
    branches = repo.branches(thread.number)
    name = {"id": repo.id, "url": repo.url, "name": repo.name.partition("/")[2]}
    return {
        "id": thread.id,
        "number": thread.number,
        "url": f"{repo.url}/pulls/{thread.number}",
        "head": {"ref": branches.head, "sha": branches.head_sha, "repo": name},
        "base": {"ref": branches.base, "sha": branches.base_sha, "repo": name},
    }


def commit(repo: Repository, shown: Commit) -> dict[str, Any]:
    """Return a commit without its files. Whose e-mail address no account has linked is only a name."""
    author = {"name": shown.author, "email": shown.email, "date": shown.date}
    committer = {"name": shown.committer, "email": shown.committer_email, "date": shown.date}
    return github().filled("commit", {
        "sha": shown.sha,
        "url": f"{repo.url}/commits/{shown.sha}",
        "html_url": f"{repo.page}/commit/{shown.sha}",
        "commit": {"author": author, "committer": committer, "message": shown.message, "tree": {"sha": shown.tree}},
        "author": repo.world.account_of(shown.email),
        "committer": repo.world.account_of(shown.committer_email),
        "parents": [{"sha": sha, "url": f"{repo.url}/commits/{sha}"} for sha in shown.parents],
    })  # fmt: skip
