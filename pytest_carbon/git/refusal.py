"""Why git does not read a repository that is there."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.git.run_git import GitError, run


def why_git_refuses(folder: Path) -> str:
    """Return why git does not read the repository that a folder is in, and what to do; empty if it does.

    Empty also outside a repository. In the jobs of containers another user often owns the checkout, and git then reads
    nothing of it.
    """
    try:
        run(["rev-parse", "--git-dir"], folder, timeout_s=10.0)
    except GitError as error:
        top = next((place for place in (folder, *folder.resolve().parents) if (place / ".git").exists()), None)
        if "dubious ownership" in error.output:
            return (
                f"git refuses the repository at {top or folder}, because another user owns it, so it tells neither "
                f"commit nor branch; if you trust it: git config --global --add safe.directory '{top or folder}'"
            )
        if top is not None:
            return f"git cannot read the repository at {top}, so it tells neither commit nor branch: {error}"
    return ""
