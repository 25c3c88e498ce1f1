"""Which files a change touches: GitHub's own list, whole or not at all."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from github_action.api.whole_list import read_whole_list
from github_action.judge.judge_context import JudgeContext
from github_action.reports.find_pull_request import Subject
from pytest_carbon.core.policy.no_measurement import nothing_to_measure

MOST_FILES, MOST_COMPARED = 3000, 300
"""GitHub lists so many files of a pull request, and of a comparison of two commits. A list of so many may be cut."""


def why_nothing_to_measure(judge: JudgeContext, subject: Subject, patterns: Sequence[str]) -> str:
    """Say that a change touches only paths that need no measurement; empty if that is not sure.

    A merge group counts as one change, with all its pull requests. Raises ApiError if GitHub cannot be asked.
    """
    if not patterns:
        return ""
    files = _files_of_pull_request(judge, subject) if subject.pull else _files_between(judge, subject)
    paths = [_below(judge.inputs.working_directory, path) for path in _paths(files)]
    return nothing_to_measure(paths, patterns, len(files))


def _files_of_pull_request(judge: JudgeContext, subject: Subject) -> Sequence[Mapping[str, Any]]:
    """Return the changed files of a pull request; none if the list is cut, or of another commit than the subject's."""
    assert subject.pull is not None
    path = f"repos/{judge.context.repository}/pulls/{subject.pull.number}"
    listed = read_whole_list(judge.client, f"{path}/files", MOST_FILES)
    now = judge.client.get(path)
    whole = len(listed) < MOST_FILES and now.get("changed_files") == len(listed)
    same = (now.get("head") or {}).get("sha") == subject.head_sha
    return listed if whole and same else []


def _files_between(judge: JudgeContext, subject: Subject) -> Sequence[Mapping[str, Any]]:
    """Return the files that differ between base and head; none if the list may be cut, or head is not above base."""
    path = f"repos/{judge.context.repository}/compare/{subject.base_sha}...{subject.head_sha}"
    compared = judge.client.get(path)
    files = compared.get("files") or []
    above = (compared.get("merge_base_commit") or {}).get("sha") == subject.base_sha
    return files if above and len(files) < MOST_COMPARED else []


def _paths(files: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the new and the old names of files; an empty name for a file without one."""
    return [
        str(file.get(key) or "") for file in files for key in ("filename", "previous_filename")
        if key == "filename" or file.get(key)
    ]  # fmt: skip


def _below(folder: str, path: str) -> str:
    """Return a path relative to the project's folder; empty for a path outside of the folder."""
    inside = posixpath.normpath(folder)
    if inside == ".":
        return path
    return path.removeprefix(f"{inside}/") if path.startswith(f"{inside}/") else ""
