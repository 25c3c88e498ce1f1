"""Reads the policy of a commit through the API, without a checkout."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from github_action.api.client import ApiError, Client
from pytest_carbon.config.load import Config, load_config
from pytest_carbon.config.policy_files import holds_policy, other_case_beside, refuse_other_case
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.policy import POLICY_FILES
from pytest_carbon.files.read_bounded import POLICY_BYTES
from pytest_carbon.files.write_safely import make_folder, write_whole

NO_POLICY = "no policy file"
_LINK_MODE = "120000"


class WrongFolderError(ConfigError):
    """The workflow names another folder than that of the policy: a change of the workflow mends it."""


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """The file that holds the policy in a commit: its name and the hash of its blob. Empty without a policy file.

    ``beside`` is a ``pyproject.toml`` beside ``carbon.toml``, which may hold a policy, too. ``refusal`` says why a file
    beside it cannot be read, though it may hold the policy.
    """

    commit: str
    blobs: Mapping[str, str]
    beside: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


def find_policy_files(client: Client, repository: str, commit: str, folder: str) -> PolicyFiles:
    """Return which file holds the policy in a folder of a commit: ``carbon.toml``, and without it ``pyproject.toml``.

    Raises ConfigError if the file is a symbolic link, too large or a ``CARBON.TOML``, or if the folder cannot be read
    or lies in a link.
    """
    entries = _list_folder(client, repository, commit, folder)
    files = {path: entry for path, entry in entries.items() if entry.get("type") == "blob"}
    refuse_other_case(files.keys(), commit)
    found = [name for name in POLICY_FILES if name in files]
    if not found:
        return PolicyFiles(commit, {})
    blobs = [{name: str(files[name]["sha"])} for name in found]
    why_refused = [_why_refused(name, files[name], commit) for name in found]
    if why_refused[0]:
        raise ConfigError(why_refused[0])
    refusal = other_case_beside(files.keys(), commit) or next(filter(None, why_refused), "")
    return PolicyFiles(commit, blobs[0], {} if refusal else dict(*blobs[1:]), refusal)


def _why_refused(name: str, entry: Mapping[str, Any], commit: str) -> str:
    if entry.get("mode") == _LINK_MODE:
        return f"{name} at {commit[:12]} is a symbolic link, which the gate does not follow; commit a regular file"
    if int(entry.get("size") or 0) > POLICY_BYTES:
        return f"{name} at {commit[:12]} is larger than {POLICY_BYTES // 1000} kB; move the policy into a smaller file"
    return ""


def _list_folder(client: Client, repository: str, commit: str, folder: str) -> Mapping[str, Any]:
    """Return the entries of a folder of a commit, by name; none if the commit does not have the folder."""
    entries = _list_tree(client, repository, commit)
    for name in PurePosixPath(folder).parts:
        if name not in entries:
            _refuse_other_case(name, entries, folder, commit)
            return {}
        if entries[name].get("type") != "tree":
            raise WrongFolderError(
                f"the folder {folder} of commit {commit[:12]} is, or lies in, a link, a file or a submodule; "
                "set working-directory to the folder itself"
            )
        entries = _list_tree(client, repository, entries[name]["sha"])
    return entries


def _refuse_other_case(name: str, entries: Mapping[str, Any], folder: str, commit: str) -> None:
    """Raise ConfigError for a folder that only a disk that ignores case would find."""
    other = next((entry for entry in entries if entry.casefold() == name.casefold()), None)
    if other is not None:
        raise WrongFolderError(
            f"commit {commit[:12]} has no folder {folder}, but {other} in place of {name}; "
            "write working-directory as git spells it"
        )


def _list_tree(client: Client, repository: str, tree: str) -> Mapping[str, Any]:
    data = client.get(f"repos/{repository}/git/trees/{tree}")
    if data.get("truncated"):
        raise ConfigError(
            f"the folder {tree[:12]} has too many files for GitHub to list; move the policy into a smaller folder"
        )
    return {entry["path"]: entry for entry in data["tree"]}


def read_config(client: Client, repository: str, files: PolicyFiles, folder: Path, default_branch: str) -> Config:
    """Load the configuration of a commit, by way of an empty folder. Raises ConfigError if it is not valid.

    A file beside ``carbon.toml`` is read only if that has no budget, which saves a call of the API each time: then the
    policy may be in the other file. The test run reports every policy in two files.
    """
    make_folder(folder, folder)
    config = _load(client, repository, files, files.blobs, folder)
    if files.refusal and not config.budgets:
        raise ConfigError(
            f"{next(iter(files.blobs))} has no budget, and what is beside it is not read: {files.refusal}"
        )
    if files.beside and not config.budgets:
        config = _load(client, repository, files, files.beside, folder)
    source = f"{config.source} at {files.commit[:12]}" if files.blobs else NO_POLICY
    policy = replace(config.policy, default_branch=config.policy.default_branch or default_branch or None)
    return replace(config, policy=policy, source=source)


def _load(client: Client, repository: str, files: PolicyFiles, blobs: Mapping[str, str], folder: Path) -> Config:
    """Write files into the folder and load the configuration of all that is there."""
    for name, blob in blobs.items():
        write_whole(folder / name, _read_blob(client, repository, blob, name), folder)
    try:
        return load_config(folder, environment={})
    except ConfigError as error:
        text = str(error).replace(f"{folder}/", "").replace(f" in {folder}", "")
        raise ConfigError(f"the policy at {files.commit[:12]}: {text}") from error


def refuse_policy_above(client: Client, repository: str, commit: str, folder: str) -> None:
    """Raise ConfigError if a policy lies above a folder that has none: nothing would be judged by it."""
    for above in PurePosixPath(folder).parents:
        for name, blob in find_policy_files(client, repository, commit, str(above)).blobs.items():
            if holds_policy(name, _read_blob(client, repository, blob, name)):
                raise WrongFolderError(
                    f"there is no policy in {folder} at {commit[:12]}, and {(above / name).as_posix()} is not read, "
                    "because its paths are seen from its own folder; set the input working-directory to that folder, "
                    f"or put a policy into {folder}"
                )


def _read_blob(client: Client, repository: str, blob: str, name: str) -> bytes:
    """Return the content of a blob. Raises ApiError if it is not base64."""
    data = client.get(f"repos/{repository}/git/blobs/{blob}")
    try:
        return base64.b64decode(str(data["content"] or ""))
    except binascii.Error as error:
        raise ApiError(f"GitHub sent {name} in a form that is not base64; is a proxy between?") from error
