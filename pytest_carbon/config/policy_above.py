"""Finds policies that are not read, since their paths are seen from another folder. They are named, and not taken."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_carbon.config.load import Config
from pytest_carbon.config.policy_files import NO_FILE, find_policy
from pytest_carbon.core.errors import ConfigError

_MOST_FOLDERS = 100
_MOST_NAMED = 5


def ignored_policy(config: Config, called_in: Path | None = None) -> str:
    """Return a sentence that a policy above the project is not read, and what to do; empty if none is ignored.

    Looks upwards from a project without a policy, as far as the top of its repository. What to do is said for the
    folder ``called_in``, which is the working directory if nothing else is said.
    """
    if not config.source.startswith(NO_FILE):
        return ""
    root = config.root.resolve()
    if (root / ".git").exists():
        return ""
    for folder in root.parents:
        name = find_policy(folder)
        if name is not None:
            top = os.path.relpath(folder, called_in.resolve() if called_in else None)
            place = "this folder" if top == "." else top
            return (
                f"there is no policy in {root}, and {os.path.relpath(folder, root)}/{name} is not read, because its "
                f"paths are seen from its own folder: run pytest --carbon --rootdir {top}, and pytest-carbon in "
                f"{place}; if no policy is meant in {root.name}, write an empty [tool.pytest-carbon] into its "
                "pyproject.toml"
            )
        if (folder / ".git").exists():
            return ""
    return ""


def nearer_policy(root: Path, folder: Path, called_in: Path | None = None) -> str:
    """Return a sentence that a policy between ``root`` and a folder in it is not read; empty if there is none.

    pytest may find its root folder above the folder in which it is called, which is ``folder`` if nothing else is said.
    """
    root, folder = root.resolve(), folder.resolve()
    for place in (folder, *folder.parents):
        if not place.is_relative_to(root) or place == root:
            return ""
        name = find_policy(place)
        if name is not None:
            path, option = (
                (place / name).relative_to(root).as_posix(),
                os.path.relpath(place, (called_in or folder).resolve()),
            )
            return (
                f"{path} is not read, and none of its limits is judged, because pytest's root folder is {root}: "
                f"run pytest --carbon --rootdir {option}{'' if option.startswith('.') else f' {option}'}, or give that "
                "folder a pytest.ini and call pytest there"
            )
    return ""


def passed_over_policy(config: Config, folder: Path, files: Iterable[str]) -> str:
    """Return a sentence that a policy of another folder than the project's is not read; empty if there is none.

    It may lie between the project and the ``folder`` in which the run was called, or above the project. In a project
    without a policy it may also lie beside the ``files`` of tests that ran.
    """
    sentence = nearer_policy(config.root, folder) or ignored_policy(config, folder)
    if sentence or config.source != NO_FILE:
        return sentence
    folders = sorted({(config.root / file).parent for file in files})[:_MOST_FOLDERS]
    sentences = dict.fromkeys(filter(None, (nearer_policy(config.root, place, folder) for place in folders)))
    first, *others = sentences or [""]
    likewise = ", ".join(other.partition(" is not read")[0] for other in others[:_MOST_NAMED])
    return f"{first}; likewise for {likewise}" if others else first


def refuse_ignored_policy(config: Config) -> None:
    """Raise ConfigError if a project has no policy and one lies above it: nothing would be judged."""
    sentence = ignored_policy(config)
    if sentence:
        raise ConfigError(sentence)


def refuse_missing_policy(config: Config) -> None:
    """Raise ConfigError if the project's folder has no policy: nothing would be judged, and that is no pass."""
    if config.source == NO_FILE:
        places = (*config.root.glob("[!.]*/"), *config.root.glob("[!.]*/[!.]*/"))
        below = [place.relative_to(config.root).as_posix() for place in places[:_MOST_FOLDERS] if find_policy(place)]
        if below:
            raise ConfigError(
                f"there is no policy in {config.root}, so nothing can be judged; below it there is one in "
                f"{', '.join(sorted(below)[:_MOST_NAMED])}: run the command in that folder, or write one policy here, "
                "with a feature for each folder"
            )
        raise ConfigError(
            f"there is no policy in {config.root}, so nothing can be judged; is this the project's folder? "
            "pytest-carbon init proposes one; if no policy is meant here, write an empty [tool.pytest-carbon] into "
            "pyproject.toml"
        )
