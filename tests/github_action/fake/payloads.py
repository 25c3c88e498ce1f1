"""The events that GitHub sends, as a job finds them in ``GITHUB_EVENT_PATH``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.github_action.fake import shapes
from tests.github_action.fake.openapi import github

ZERO = "0" * 40


class Payloads:
    """The events of a repository."""

    def _event_of(self, sender: str) -> dict[str, Any]:
        repo: Any = self
        repo.refresh()
        user = github().filled("simple-user", repo.world.user(sender))
        return {"repository": github().filled("full-repository", repo.facts()), "sender": user}

    def event_pull_request(
        self, number: int, action: str = "synchronize", label: str | None = None, sender: str = "ann"
    ) -> dict[str, Any]:
        """Return the event of a pull request; ``label`` is the label that was added or removed."""
        repo: Any = self
        common = self._event_of(sender)
        more = {"label": repo.define_label(label)} if label else {}
        return {"action": action, "number": number, "pull_request": shapes.pull(repo, number), **more, **common}

    def event_issue_comment(
        self, number: int, action: str = "created", comment: int | None = None, before: str | None = None
    ) -> dict[str, Any]:
        """Return the event of a comment, the newest if none is named; ``before`` is its text before it was edited.

        It tells of a pull request only that the issue is one: neither head nor base.
        """
        repo: Any = self
        written = next(one for one in reversed(repo.comments(number)) if comment in (None, one["id"]))
        changes = {} if before is None else {"changes": {"body": {"from": before}}}
        sender = written["user"]["login"]
        return {"action": action, "issue": shapes.issue(repo, number), "comment": written, **changes,
                **self._event_of(sender)}  # fmt: skip

    def event_workflow_run(self, run_id: int, action: str = "completed", sender: str = "ann") -> dict[str, Any]:
        """Return the event of a run that began or ended."""
        repo: Any = self
        common, run = self._event_of(sender), shapes.run(repo, run_id)
        workflow = {"id": run["workflow_id"], "name": run["name"], "path": run["path"], "state": "active"}
        return {"action": action, "workflow_run": run, "workflow": workflow, **common}

    def event_push(self, sha: str, ref: str = "refs/heads/main", sender: str = "ann") -> dict[str, Any]:
        """Return the event of a push that moved a ref to a commit from the commit's first parent."""
        repo: Any = self
        (shown,) = repo.bare.commits("-1", sha)
        who = {"name": shown.author, "email": shown.email}
        payload = {"id": sha, "tree_id": shown.tree, "distinct": True, "message": shown.message,
                   "timestamp": shown.date, "url": f"{repo.page}/commit/{sha}", "author": who, "committer": who,
                   "added": [], "removed": [], "modified": []}  # fmt: skip
        return {
            "ref": ref,
            "before": shown.parents[0] if shown.parents else ZERO,
            "after": sha,
            "created": not shown.parents,
            "deleted": False,
            "forced": False,
            "base_ref": None,
            "compare": f"{repo.page}/compare",
            "commits": [payload],
            "head_commit": payload,
            "pusher": {"name": sender, "email": f"{sender}@example.org"},
            **self._event_of(sender),
        }

    def event_merge_group(self, head_sha: str, base_sha: str, pulls: Sequence[int]) -> dict[str, Any]:
        """Return the event of a merge group; the branch is named after the last pull request of the group."""
        repo: Any = self
        (shown,) = repo.bare.commits("-1", head_sha)
        branch = repo.bare.branch
        who = {"name": shown.author, "email": shown.email}
        group = {
            "head_sha": head_sha,
            "head_ref": f"refs/heads/gh-readonly-queue/{branch}/pr-{pulls[-1]}-{base_sha}",
            "base_sha": base_sha,
            "base_ref": f"refs/heads/{branch}",
            "head_commit": {"id": head_sha, "tree_id": shown.tree, "message": shown.message, "timestamp": shown.date,
                            "author": who, "committer": who},
        }  # fmt: skip
        return {"action": "checks_requested", "merge_group": group, **self._event_of("github-merge-queue[bot]")}
