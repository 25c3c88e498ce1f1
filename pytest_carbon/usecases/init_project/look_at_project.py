"""Looks at a project: its files, its repository, its settings, and its last report."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.config.parse_toml import parse_toml
from pytest_carbon.config.pytest_settings import pytest_setting
from pytest_carbon.config.unused_paths import files_in_git
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.proposal.ci.install_words import install_words
from pytest_carbon.core.proposal.ci.workflow_files import FOLDER
from pytest_carbon.core.proposal.measured_run import read_measured_run
from pytest_carbon.core.proposal.project_facts import Forge, MeasuredRun, ProjectFacts
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.branches import checked_out_branch, find_branch
from pytest_carbon.reporters.run import report_file
from pytest_carbon.usecases.open_ledger import remote_of

MOST_FILES = 100_000
_MOST_WORKFLOWS = 100
_WORKFLOW_BYTES = 500_000
_CODE_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


def top_of_repository(root: Path) -> Path:
    """Return the top folder of the repository that a project is in; the project's own folder without git."""
    top = run_git.try_text(["rev-parse", "--show-toplevel"], root)
    real = Path(os.path.realpath(root))
    return Path(top) if top and real.is_relative_to(Path(top)) else real


def look_at_project(config: Config) -> ProjectFacts:
    """Return the facts of a project. Nothing of the project is run, and nothing is written.

    Files are those that git tracks; without any, those on disk. What cannot be read is passed over.
    """
    root, top = Path(os.path.realpath(config.root)), top_of_repository(config.root)
    files = tuple(files_in_git(config.root)) or tuple(islice(_files_on_disk(root), MOST_FILES))
    pyproject = _pyproject(root)
    workflows = _workflows(top)
    measured, unmeasured = _measured(config, files)
    return ProjectFacts(
        name=_name(pyproject, config, root),
        files=files,
        folder="" if root == top else root.relative_to(top).as_posix(),
        test_paths=_setting(root, "testpaths"),
        test_names=_setting(root, "python_files"),
        forge=_forge(remote_of(config) or "", workflows, top),
        default_branch=_default_branch(config),
        code_owners=next((text for place in _CODE_OWNERS if (text := read_text(top / place, top)) is not None), ""),
        install=install_words(pyproject, files),
        measured=measured,
        unmeasured=unmeasured,
        workflows=workflows,
    )


def read_text(path: Path, project: Path, limit: int = POLICY_BYTES) -> str | None:
    """Return the text of a file of a project; None if it is missing or cannot be read."""
    with suppress(OSError, ValueError):
        return read_bytes(path, limit, project).decode("utf-8")
    return None


def _files_on_disk(root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in ("node_modules",))
        folders[:] = [name for name in folders if not Path(place, name, "pyvenv.cfg").exists()]
        below = Path(place).relative_to(root).as_posix()
        yield from (name if below == "." else f"{below}/{name}" for name in sorted(names))


def _pyproject(root: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        return parse_toml(read_bytes(root / "pyproject.toml", POLICY_BYTES, root))
    return {}


def _name(pyproject: Mapping[str, Any], config: Config, root: Path) -> str:
    """Return the name that a project gives itself in pyproject.toml; else that of its remote, or of its folder."""
    with suppress(LookupError, TypeError, AttributeError):
        for table in (pyproject.get("project", {}), pyproject.get("tool", {}).get("poetry", {})):
            if str(table.get("name", "")).strip():
                return str(table["name"])
    remote = run_git.owner_and_name(remote_of(config) or "")
    return (remote or "").rpartition("/")[2] or root.name


def _default_branch(config: Config) -> str:
    """Return the default branch; the one that is checked out where the remote names none and none has a usual name."""
    name, here = default_branch(config), checked_out_branch(config.root)
    is_known = config.policy.default_branch or find_branch(name, config.ledger.remote, config.root)
    return name if is_known or here is None else here


def _setting(root: Path, name: str) -> tuple[str, ...]:
    return tuple(next(pytest_setting(root, name), ()))


def _forge(remote: str, workflows: Mapping[str, str], top: Path) -> Forge:
    """Return where pull requests are made, by the host of the remote; else by the files of CI."""
    host = run_git.host_of(remote) or ""
    if "github" in host or (workflows and "gitlab" not in host):
        return "GitHub"
    return "GitLab" if "gitlab" in host or (top / ".gitlab-ci.yml").is_file() else ""


def _workflows(top: Path) -> dict[str, str]:
    """Return the workflows of GitHub by their path; one that cannot be read has no text."""
    with suppress(OSError):
        names = sorted(path.name for path in (top / FOLDER).iterdir() if path.suffix in (".yml", ".yaml"))
        paths = [f"{FOLDER}/{name}" for name in names[:_MOST_WORKFLOWS]]
        return {path: read_text(top / path, top, _WORKFLOW_BYTES) or "" for path in paths}
    return {}


def _measured(config: Config, files: Collection[str]) -> tuple[MeasuredRun | None, str]:
    """Return the figures of the last run; else why there are none, as the end of a sentence."""
    if not os.path.lexists(config.report):
        return None, "no run was measured here"
    try:
        found = read_measured_run(report_file.read(config.report), config.feature_paths)
    except ReportError as error:
        return None, f"the last report cannot be used ({error})"
    if isinstance(found, str):
        return None, found
    if found.files and set(found.files).isdisjoint(files):
        return None, f"the last report has tests of other files, such as {min(found.files)}"
    return found, ""
