"""The policy as it stands in a commit, read through the API: nothing is checked out."""

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

POLICY_FILES = ("carbon.toml", "pyproject.toml")
_MOST_BYTES = 200_000
_MOST_DOTS = 200
"""In a line; a key of 50,000 parts keeps the parser busy for minutes."""
_LINK_MODE = "120000"


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """The file that holds the policy in one commit, with the name of its blob; empty where there is none."""

    commit: str
    blobs: Mapping[str, str]


def find_policy_files(client: Client, repository: str, commit: str, folder: str) -> PolicyFiles:
    """Return which file holds the policy in a commit's folder: ``carbon.toml``, and only without it the other.

    That nobody has a table in both is seen where the tests run. To read both here would cost a call each time.
    """
    entries = _list_folder(client, repository, commit, folder)
    files = {path: entry for path, entry in entries.items() if entry.get("type") == "blob"}
    name = next((name for name in POLICY_FILES if name in files), None)
    if name is None:
        return PolicyFiles(commit, {})
    if files[name].get("mode") == _LINK_MODE:
        raise ConfigError(f"{name} at {commit[:12]} is a symbolic link, which the gate does not follow; make it a file")
    if int(files[name].get("size") or 0) > _MOST_BYTES:
        raise ConfigError(
            f"{name} at {commit[:12]} is larger than {_MOST_BYTES // 1000} kB; keep the policy in a smaller file"
        )
    return PolicyFiles(commit, {name: files[name]["sha"]})


def _list_folder(client: Client, repository: str, commit: str, folder: str) -> Mapping[str, Any]:
    """Return what is in a folder of a commit; in one that the commit does not have is nothing, as in an empty one."""
    entries = _list_tree(client, repository, commit)
    for name in PurePosixPath(folder).parts:
        if name not in entries:
            return {}
        if entries[name].get("type") != "tree":
            what = "a link, a file or a submodule; name the folder itself"
            raise ConfigError(f"the folder {folder} of commit {commit[:12]} is or lies in {what}")
        entries = _list_tree(client, repository, entries[name]["sha"])
    return entries


def _list_tree(client: Client, repository: str, tree: str) -> Mapping[str, Any]:
    data = client.get(f"repos/{repository}/git/trees/{tree}")
    if data.get("truncated"):
        raise ConfigError(
            f"the folder {tree[:12]} has too many files for GitHub to list; keep the policy in a smaller one"
        )
    return {entry["path"]: entry for entry in data["tree"]}


def read_config(client: Client, repository: str, files: PolicyFiles, folder: Path, default_branch: str) -> Config:
    """Load the configuration of a commit into an empty folder; ConfigError for one that cannot be understood."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in files.blobs.items():
        (folder / name).write_bytes(_decode_blob(client.get(f"repos/{repository}/git/blobs/{blob}"), name))
    try:
        config = load_config(folder, environment={})
    except ConfigError as error:
        raise ConfigError(f"the policy at {files.commit[:12]}: {error}".replace(f"{folder}/", "")) from error
    source = f"{config.source} at {files.commit[:12]}" if files.blobs else "no policy file"
    policy = replace(config.policy, default_branch=config.policy.default_branch or default_branch or None)
    return replace(config, policy=policy, source=source)


def _decode_blob(data: Any, name: str) -> bytes:
    try:
        content = base64.b64decode(str(data.get("content") or ""))
    except binascii.Error as error:
        raise ConfigError(f"GitHub sent {name} as something that is no base64") from error
    if any(line.count(b".") > _MOST_DOTS for line in content.splitlines()):
        raise ConfigError(f"{name} has a line with more than {_MOST_DOTS} dots, which is too much to read")
    return content
