"""The policy as it stands in a commit, read through the API: nothing is checked out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from github_action.client import Client, quoted
from pytest_carbon.config import Config, load_config
from pytest_carbon.core.errors import ConfigError

FILES = ("carbon.toml", "pyproject.toml")
_MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Files:
    """The file that holds the policy in one commit, with the name of its blob; empty where there is none."""

    commit: str
    blobs: Mapping[str, str]


def files_at(client: Client, repository: str, commit: str, folder: str) -> Files:
    """Return which file holds the policy in a commit's folder: ``carbon.toml``, and only without it the other.

    That nobody has a table in both is seen where the tests run. To read both here would cost a call each time.
    """
    tree = f"{commit}:{folder}" if folder not in ("", ".") else commit
    data = client.get(f"repos/{repository}/git/trees/{quoted(tree)}")
    entries = data.get("tree") or []
    if data.get("truncated"):
        raise ConfigError(f"the folder {folder} of commit {commit[:12]} has too many files for GitHub to list")
    blobs = {e["path"]: e["sha"] for e in entries if e.get("type") == "blob"}
    name = next((name for name in FILES if name in blobs), None)
    return Files(commit, {name: blobs[name]} if name else {})


def read(client: Client, repository: str, files: Files, folder: Path, default_branch: str) -> Config:
    """Load the configuration of a commit into an empty folder; ConfigError for one that cannot be understood."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in files.blobs.items():
        (folder / name).write_bytes(_content(client.get(f"repos/{repository}/git/blobs/{blob}"), name))
    try:
        config = load_config(folder, environment={})
    except ConfigError as error:
        raise ConfigError(f"the policy at {files.commit[:12]}: {error}".replace(f"{folder}/", "")) from error
    source = f"{Path(config.source).name} at {files.commit[:12]}" if files.blobs else "no policy file"
    policy = replace(config.policy, default_branch=config.policy.default_branch or default_branch or None)
    return replace(config, policy=policy, source=source)


def _content(data: Any, name: str) -> bytes:
    if not isinstance(data, dict) or int(data.get("size") or 0) > _MOST_BYTES:
        raise ConfigError(f"{name} is larger than {_MOST_BYTES // 1000} kB; a policy is some lines")
    try:
        return base64.b64decode(str(data.get("content") or ""))
    except binascii.Error as error:
        raise ConfigError(f"GitHub sent {name} as something that is no base64") from error
