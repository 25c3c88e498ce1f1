"""The settings with which git reaches a remote as the user's repository would, and the meaning of git's refusals."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError

Settings = Sequence[tuple[str, str]]
_Steps = tuple[tuple[str, str], ...]
_NO_SIDE_EFFECTS = (
    ("core.splitIndex", "false"),  # would leave a file next to the user's index
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)
_TRANSPORT_KEYS = re.compile(r"(http|credential|url|ssh|protocol)\.|core\.(sshcommand|gitproxy|askpass)$")
_REMOTE_KEYS = ("url", "pushurl", "proxy", "proxyauthmethod", "uploadpack", "receivepack")
_REFUSED = re.compile(r"declined|GH0\d\d|exists; cannot create|prohibited|[Pp]ermission|denied")
_RACE = re.compile(r"\[rejected\]|\[remote rejected\]|cannot lock ref|Unable to create .*\.lock")
_PASSING = re.compile(r"HTTP (429|5\d\d)|error: (429|5\d\d)|early EOF|[Cc]onnection (was )?reset|Broken pipe")
_NO_CREDENTIALS = (
    r"Authentication failed|could not read (Username|Password)|\b401\b|\(publickey",
    "git has no valid credentials for the remote; log in; in GitHub Actions let actions/checkout keep its credentials, "
    "or look at the input token",
)
_NOT_FOUND = (
    r"[Cc]ould not resolve|does not appear to be|not found|does not exist|refused|unreachable|unable to access",
    "the remote cannot be reached; check its address with git remote -v, and whether this account may read it",
)
_NO_PERMISSION = r"\b403\b|[Pp]ermission|not allowed|denied"
_NAME_IN_USE = (r"exists; cannot create", "another branch has the first part of this name; choose another name")
_STEPS_OF_PUSH: _Steps = (
    (
        r"declined|GH0\d\d|prohibited",
        "the server refuses changes of this branch; exempt it from the rules that protect branches, or choose another",
    ),
    _NO_CREDENTIALS,
    (
        _NO_PERMISSION,
        "this account may not write to the remote; in GitHub Actions give the job `permissions: contents: write`, "
        "which a pull request from a fork cannot have",
    ),
    _NOT_FOUND,
    _NAME_IN_USE,
)
_STEPS_OF_READING: _Steps = (
    _NO_CREDENTIALS,
    (
        _NO_PERMISSION,
        "this account may not read the remote; in GitHub Actions give the job `permissions: contents: read`",
    ),
    _NOT_FOUND,
)


def read_settings(top: Path, remote: str | None, git_dir: Path | None = None) -> list[tuple[str, str]]:
    """Return the configuration with which git in another repository reaches a remote as in the user's repository.

    These are the repository's own settings of credentials, proxies and addresses, included files too (actions/checkout
    keeps its token in one). Git reads the settings of the user and of the machine in any repository.
    """
    if remote is None:
        return list(_NO_SIDE_EFFECTS)
    listing = run_git.run(["config", "--null", "--show-scope", "--list"], top, git_dir=git_dir)
    parts = listing.decode("utf-8", "surrogateescape").split("\0")
    remote_keys = {f"remote.{remote}.{name}" for name in _REMOTE_KEYS}
    settings = []
    for scope, setting in zip(parts[::2], parts[1::2], strict=False):
        key, has_value, value = setting.partition("\n")
        if scope in ("local", "worktree") and (_TRANSPORT_KEYS.match(key) or key in remote_keys):
            settings.append((key, value if has_value else "true"))
    return [*settings, *_NO_SIDE_EFFECTS]


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return environment variables that give git settings, which then stand neither on disk nor in a process list."""
    start = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    environment = {"GIT_CONFIG_COUNT": str(start + len(settings))}
    for number, (key, value) in enumerate(settings, start):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def may_pass(error: GitError) -> bool:
    """Return whether the same push may succeed if made anew: another writer was faster, or the connection failed."""
    output = error.output
    return not _REFUSED.search(output) and bool(_RACE.search(output) or _PASSING.search(output))


def explain_refusal(error: GitError) -> str:
    """Return the meaning of a refusal and the next step, followed by git's own message.

    Only what speaks to a remote is told of it, and only a push of the permission to write.
    """
    steps, otherwise = _STEPS_OF_READING, "the remote cannot be reached"
    if error.command == "push":
        steps = _STEPS_OF_PUSH
    elif error.command not in run_git.NAME_A_REMOTE:
        steps, otherwise = (_NAME_IN_USE,), ""
    step = next((step for pattern, step in steps if re.search(pattern, error.output)), otherwise)
    return f"{step}. {error}" if step else str(error)
