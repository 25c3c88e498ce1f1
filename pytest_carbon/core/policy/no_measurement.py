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
    """Return whether one of the globs matches a path that holds no policy.

    The globs are those of the features' ``paths``, with one difference: ``*.md`` matches files, and not what lies in a
    folder called ``x.md``, because anything could lie there.
    """
    folder, _, name = path.rpartition("/")
    if not name or name in POLICY_FILES or ".." in folder.split("/"):
        return False
    return any(path_glob(glob).matches(path) and _fits_name(glob, name) for glob in patterns)


def _fits_name(glob: str, name: str) -> bool:
    last = glob.rstrip("/").rpartition("/")[2]
    wild = "*" in last or "?" in last
    return last.endswith("**") or not wild or path_glob(last).matches(name)


def excuses_everything(glob: str) -> bool:
    """Return whether a glob has nothing but wildcards, so that no change would need a measurement."""
    return not glob.strip("*?/. ")
