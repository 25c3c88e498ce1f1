"""What a ledger's folder had before, if git keeps the folder: at the checked-out commit, and some commits earlier."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.ledgers.lost_files import LOG_OF_REMOVED, listed_names


def removed_files(root: Path) -> set[str]:
    """Return the paths below a folder that the commit has or that the last commits removed; empty if git has none."""
    place = next(folder for folder in (root, *root.parents) if folder.is_dir())
    below = f"{root.relative_to(place).as_posix()}/" if place != root else ""
    if run_git.find_commit("HEAD", place) is None:
        return set()
    found = _names_at_head(place, ["ls-tree", "-r", "-z", "--name-only"])
    found |= _names_at_head(place, [*LOG_OF_REMOVED, "--relative"])
    return {name.removeprefix(below) for name in found if name.startswith(below)}


def _names_at_head(place: Path, arguments: list[str]) -> set[str]:
    try:
        return listed_names(run_git.run(arguments, place, names=["HEAD"], timeout_s=10.0))
    except run_git.GitError:
        return set()
