"""What a ledger's folder had before, if git keeps the folder: at the checked-out commit, and some commits earlier."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.git import run_git

COMMITS_LOOKED_AT = 30


def removed_files(root: Path) -> set[str]:
    """Return the paths below a folder that the commit has or that the last commits removed; empty if git has none."""
    place = next(folder for folder in (root, *root.parents) if folder.is_dir())
    below = f"{root.relative_to(place).as_posix()}/" if place != root else ""
    if run_git.find_commit("HEAD", place) is None:
        return set()
    found = _names(place, ["ls-tree", "-r", "-z", "--name-only"], ["HEAD"])
    options = ["-z", "--format=", "--relative", "--no-renames", "--diff-filter=D", "--name-only"]
    found |= _names(place, ["log", "-m", f"-{COMMITS_LOOKED_AT}", *options], ["HEAD"])
    return {name.removeprefix(below) for name in found if name.startswith(below)}


def _names(place: Path, arguments: list[str], names: list[str]) -> set[str]:
    try:
        output = run_git.run(arguments, place, names=names, timeout_s=10.0)
    except run_git.GitError:
        return set()
    return {name.strip("\n") for name in output.decode("utf-8", "surrogateescape").split("\0")} - {""}
