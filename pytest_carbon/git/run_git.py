"""Runs git and parses its output. Every call has a time limit and asks nothing at a terminal."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_carbon.core.errors import CarbonError

TIMEOUT_S = 120.0
REPOSITORY_VARIABLES = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
    }
)
"""Git sets these for a hook's repository. We leave them out: our repository is found from the folder."""
_SECRETS = (
    (re.compile(r"(?i)\b(https?://)[^/\s]*@"), r"\1***@"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^/\s:@]*):[^/\s]*@"), r"\1:***@"),
    (re.compile(r"(?i)(authorization:)[^\n]*"), r"\1 ***"),
)


class GitError(CarbonError):
    """Git is missing, took too long or failed. ``output`` is what git wrote to standard error."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def run(
    arguments: Sequence[str],
    cwd: Path,
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Run ``git ARGUMENTS`` in a folder and return its standard output. Raises GitError if git fails."""
    variables = environment or {}
    command = mask_secrets(f"git {' '.join(arguments[:3])}", variables)
    inherited = {key: value for key, value in os.environ.items() if key not in REPOSITORY_VARIABLES}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**inherited, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **variables},
        )
    except OSError as error:
        cause = "git is not installed, or not on PATH" if cwd.is_dir() else f"there is no folder {cwd}"
        raise GitError(f"{command} could not be run: {cause}") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(
            f"{command} took longer than {timeout_s:.0f} s and was ended; is the remote reachable?"
        ) from error
    if done.returncode != 0:
        output = mask_secrets(done.stderr.decode("utf-8", "replace").strip(), variables)
        raise GitError(f"{command} failed with {done.returncode}: {output[-600:] or 'no message'}", output)
    return done.stdout


def mask_secrets(output: str, environment: Mapping[str, str]) -> str:
    """Return git's output without passwords of URLs, and without the headers that the environment gives git."""
    for key, name in environment.items():
        if key.startswith("GIT_CONFIG_KEY_") and name.lower().endswith(".extraheader"):
            header = environment[key.replace("_KEY_", "_VALUE_")].partition(":")[2].strip()
            output = output.replace(header, "***") if header else output
    for secret, replacement in _SECRETS:
        output = secret.sub(replacement, output)
    return output


def run_text(arguments: Sequence[str], cwd: Path, timeout_s: float = TIMEOUT_S) -> str:
    """Run git and return its output as stripped text. Raises GitError."""
    return run(arguments, cwd, timeout_s=timeout_s).decode("utf-8", "replace").strip()


def find_commit(name: str, cwd: Path) -> str | None:
    """Return the full hash of the commit that a name or abbreviated hash means; None if there is no such commit."""
    return try_text(["rev-parse", "--verify", "-q", f"{name}^{{commit}}"], cwd)


BATCH_OPTION = "--batch=%(objectname) %(objectsize)"


def parse_listing(stream: bytes, errors: str = "surrogateescape") -> Iterator[tuple[str, str, str]]:
    """Yield mode, object id and path of each line of ``git ls-tree -z``."""
    for line in stream.decode("utf-8", errors).split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        mode, _, oid = facts.split(" ")
        yield mode, oid, path


def parse_objects(stream: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Yield id and content of each object that ``git cat-file`` printed with BATCH_OPTION; None if it is missing."""
    at = 0
    while at < len(stream):
        end = stream.index(b"\n", at)
        oid, size = stream[at:end].decode().split(" ")
        at = end + 1
        if size == "missing":
            yield oid, None
        else:
            yield oid, stream[at : at + int(size)]
            at += int(size) + 1  # the line end after the content


def owner_and_name(url: str) -> str | None:
    """Return ``owner/name`` from a repository's URL or path, without server and user; None if it has no such parts."""
    path = re.sub(r"^[\w+.-]+://[^/]*/|^[^/:]*:", "", url.strip()).removesuffix("/").removesuffix(".git")
    parts = [part for part in path.split("/") if part]
    return "/".join(parts[-2:]) if len(parts) > 1 else None


def host_of(url: str) -> str | None:
    """Return the host from a repository's URL, or from ``git@host:owner/name``; None for an absolute path."""
    match = re.match(r"(?:\w[\w+.-]*://)?(?:[^/@]*@)?([\w.-]+)[:/]", url.strip())
    return match[1].lower() if match else None


def try_text(arguments: Sequence[str], cwd: Path) -> str | None:
    """Run git and return its output as stripped text; None if git fails or prints nothing."""
    try:
        return run_text(arguments, cwd, 10.0) or None
    except GitError:
        return None
