"""Which files a commit of a clone changes."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.git.branches import find_branch


def changed_paths(commit: str, root: Path, default_branch: str, remote: str) -> list[str]:
    """Return the paths that differ between a commit and where it left the default branch.

    A commit of the default branch is compared with its first parent. The list is empty if the clone has not both
    commits, or if they do not differ.
    """
    head = run_git.find_commit(commit, root)
    default = head and find_branch(default_branch, remote, root)
    if not head or not default:
        return []
    base = run_git.try_text(["merge-base"], root, names=[head, default])
    if base == head:
        base = run_git.find_commit(f"{head}^", root)
    if not base:
        return []
    listed = run_git.try_text(["diff-tree", "-r", "-z", "--name-only", "--no-renames"], root, names=[base, head])
    return [path for path in (listed or "").split("\0") if path]
