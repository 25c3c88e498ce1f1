"""Reads the policy of a commit through the API, without a checkout."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from github_action.api.client import Client
from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.policy import POLICY_FILES
from pytest_carbon.files.read_bounded import POLICY_BYTES
from pytest_carbon.files.write_safely import make_folder, write_whole

NO_POLICY = "no policy file"
_LINK_MODE = "120000"


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """The file that holds the policy in a commit: its name and the hash of its blob. Empty without a policy file."""

    commit: str
    blobs: Mapping[str, str]


def find_policy_files(client: Client, repository: str, commit: str, folder: str) -> PolicyFiles:
    """Return which file holds the policy in a folder of a commit: ``carbon.toml``, and without it ``pyproject.toml``.

    The test run reports a table in both files; reading both here would cost one more call of the API each time.
    Raises ConfigError if the file is a symbolic link or too large, or if the folder cannot be read or lies in a link.
    """
    entries = _list_folder(client, repository, commit, folder)
    files = {path: entry for path, entry in entries.items() if entry.get("type") == "blob"}
    name = next((name for name in POLICY_FILES if name in files), None)
    if name is None:
        return PolicyFiles(commit, {})
    if files[name].get("mode") == _LINK_MODE:
        raise ConfigError(
            f"{name} at {commit[:12]} is a symbolic link, which the gate does not follow; commit a regular file"
        )
    if int(files[name].get("size") or 0) > POLICY_BYTES:
        raise ConfigError(
            f"{name} at {commit[:12]} is larger than {POLICY_BYTES // 1000} kB; move the policy into a smaller file"
        )
    return PolicyFiles(commit, {name: files[name]["sha"]})


def _list_folder(client: Client, repository: str, commit: str, folder: str) -> Mapping[str, Any]:
    """Return the entries of a folder of a commit, by name; none if the commit does not have the folder."""
    entries = _list_tree(client, repository, commit)
    for name in PurePosixPath(folder).parts:
        if name not in entries:
            return {}
        if entries[name].get("type") != "tree":
            raise ConfigError(
                f"the folder {folder} of commit {commit[:12]} is, or lies in, a link, a file or a submodule; "
                "set working-directory to the folder itself"
            )
        entries = _list_tree(client, repository, entries[name]["sha"])
    return entries


def _list_tree(client: Client, repository: str, tree: str) -> Mapping[str, Any]:
    data = client.get(f"repos/{repository}/git/trees/{tree}")
    if data.get("truncated"):
        raise ConfigError(
            f"the folder {tree[:12]} has too many files for GitHub to list; move the policy into a smaller folder"
        )
    return {entry["path"]: entry for entry in data["tree"]}


def read_config(client: Client, repository: str, files: PolicyFiles, folder: Path, default_branch: str) -> Config:
    """Load the configuration of a commit, by way of an empty folder. Raises ConfigError if it is not valid."""
    make_folder(folder, folder)
    for name, blob in files.blobs.items():
        content = _decode_blob(client.get(f"repos/{repository}/git/blobs/{blob}"), name)
        write_whole(folder / name, content, folder)
    try:
        config = load_config(folder, environment={})
    except ConfigError as error:
        raise ConfigError(f"the policy at {files.commit[:12]}: {error}".replace(f"{folder}/", "")) from error
    source = f"{config.source} at {files.commit[:12]}" if files.blobs else NO_POLICY
    policy = replace(config.policy, default_branch=config.policy.default_branch or default_branch or None)
    return replace(config, policy=policy, source=source)


def refuse_policy_above(client: Client, repository: str, commit: str, folder: str) -> None:
    """Raise ConfigError if a policy lies above a folder that has none: nothing would be judged by it."""
    for above in PurePosixPath(folder).parents:
        for name, blob in find_policy_files(client, repository, commit, str(above)).blobs.items():
            content = _decode_blob(client.get(f"repos/{repository}/git/blobs/{blob}"), name)
            if name == POLICY_FILES[0] or b"[tool.pytest-carbon" in content:
                raise ConfigError(
                    f"there is no policy in {folder} at {commit[:12]}, and {(above / name).as_posix()} is not read, "
                    "because its paths are seen from its own folder; set the input working-directory to that folder, "
                    f"or put a policy into {folder}"
                )


def _decode_blob(data: Any, name: str) -> bytes:
    """Return the content of a blob. Raises ConfigError if it is not base64."""
    try:
        return base64.b64decode(str(data.get("content") or ""))
    except binascii.Error as error:
        raise ConfigError(f"GitHub sent {name} in a form that is not base64; is a proxy between?") from error
