"""Which changes need no measurement: those of nothing but paths that the policy lists as ``no-measurement``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pytest_carbon.core.path_globs import path_glob
from pytest_carbon.core.policy.policy import POLICY_FILES
from pytest_carbon.core.verdict.wording import count_text


def nothing_to_measure(paths: Collection[str], patterns: Sequence[str], files: int) -> str:
    """Say that a change of these paths needs no measurement; empty if it needs one, and for a change of no path.

    ``paths`` are relative to the project's folder, with ``/``: old and new names of ``files`` changed files.
    """
    if not paths or not patterns or not all(needs_no_measurement(path, patterns) for path in paths):
        return ""
    changed = "the only changed file is" if files == 1 else f"all {count_text(files, 'changed file')} are"
    return f"{changed} in no-measurement of the policy"


def needs_no_measurement(path: str, patterns: Sequence[str]) -> bool:
    """Return whether one of the globs, as of the features' ``paths``, matches a path that holds no policy."""
    folder, _, name = path.rpartition("/")
    if not name or name in POLICY_FILES or ".." in folder.split("/"):
        return False
    return any(path_glob(glob).matches(path) for glob in patterns)


def excuses_everything(glob: str) -> bool:
    """Return whether a glob has nothing but wildcards, so that no change would need a measurement."""
    return not glob.strip("*?/. ")
