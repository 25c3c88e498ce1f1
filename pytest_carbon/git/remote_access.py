"""How git reaches a remote as the user's repository would, and what its refusals mean."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError

Settings = Sequence[tuple[str, str]]
_NO_SIDE_EFFECTS = (
    ("core.hooksPath", os.devnull),  # no hook of the user's runs for our objects
    ("core.fsmonitor", "false"),
    ("core.splitIndex", "false"),  # would leave a file beside the user's index
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)
_TRANSPORT_KEYS = re.compile(r"(http|credential|url|ssh|protocol)\.|core\.(sshcommand|gitproxy|askpass)$")
_REMOTE_KEYS = ("url", "pushurl", "proxy", "proxyauthmethod", "uploadpack", "receivepack", "vcs")
_REFUSED = re.compile(r"declined|GH0\d\d|exists; cannot create|prohibited|[Pp]ermission|denied")
_RACE = re.compile(r"\[rejected\]|\[remote rejected\]|cannot lock ref|Unable to create .*\.lock")
_PASSING = re.compile(r"HTTP (429|5\d\d)|error: (429|5\d\d)|early EOF|[Cc]onnection (was )?reset|Broken pipe")
_NEXT_STEPS = (
    (
        r"declined|GH0\d\d|prohibited",
        "the server refuses changes of this branch; exempt it from the rules that protect branches, or choose another",
    ),
    (
        r"Authentication failed|could not read (Username|Password)|\b401\b|\(publickey",
        "git has no valid credentials for it; log in, or let actions/checkout keep its own",
    ),
    (
        r"\b403\b|[Pp]ermission|not allowed|denied",
        "this account may not write there; in GitHub Actions give the job `permissions: contents: write`, "
        "which a pull request from a fork cannot have",
    ),
    (
        r"[Cc]ould not resolve|does not appear to be|not found|does not exist|refused|unreachable|unable to access",
        "the remote cannot be reached; check its address with git remote -v",
    ),
    (r"exists; cannot create", "another branch has the first part of its name; choose another name"),
)


def read_settings(top: Path, remote: str | None) -> list[tuple[str, str]]:
    """Return the configuration with which a git of another repository reaches a remote as the user's own does.

    That is what the repository's configuration says of credentials, proxies and addresses, its included files too
    (actions/checkout keeps its token in one). The user's and the machine's git reads anyway.
    """
    if remote is None:
        return list(_NO_SIDE_EFFECTS)
    parts = (
        run_git.run(["config", "--null", "--show-scope", "--list"], top).decode("utf-8", "surrogateescape").split("\0")
    )
    own = {f"remote.{remote}.{name}" for name in _REMOTE_KEYS}
    found = []
    for scope, setting in zip(parts[::2], parts[1::2], strict=False):
        key, has_value, value = setting.partition("\n")
        if scope in ("local", "worktree") and (_TRANSPORT_KEYS.match(key) or key in own):
            found.append((key, value if has_value else "true"))
    return [*found, *_NO_SIDE_EFFECTS]


def settings_environment(pairs: Settings) -> dict[str, str]:
    """Return the environment that tells git a configuration: neither on disk nor in a list of processes."""
    start = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    out = {"GIT_CONFIG_COUNT": str(start + len(pairs))}
    for number, (key, value) in enumerate(pairs, start):
        out |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return out


def may_pass(error: GitError) -> bool:
    """Say whether the same change can succeed if it is made anew: another writer was faster, or the line was bad."""
    said = error.output
    return not _REFUSED.search(said) and bool(_RACE.search(said) or _PASSING.search(said))


def explain_refusal(error: GitError) -> str:
    """Return what a user can do about a refusal of git, and what git said."""
    step = next((step for pattern, step in _NEXT_STEPS if re.search(pattern, error.output)), "it cannot be reached")
    return f"{step}. {error}"
