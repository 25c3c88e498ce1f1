"""Runs git and parses its output. Only this module starts git.

Every call has a time limit and asks nothing at a terminal. No call takes plain files of a checkout for a repository,
runs a hook, follows a submodule, or takes a name for an option. Only a call that names a remote may reach one.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.hide_secrets import hide_in_address, hide_secrets
from pytest_carbon.git.bare import enclosing_bare
from pytest_carbon.git.check_names import name_problem

TIMEOUT_S, MOST_OUTPUT = 120.0, 8_000
"""The time of a call, and how many characters are kept of what a failed one wrote to standard error."""
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
_KEPT_VARIABLES = re.compile(
    r"GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|(SSL|PROXY|HTTP)_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|(KEY|VALUE)_\d+)"
    r"|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)"
)
"""How a user reaches servers and sets git. No other variable of git gets through: GIT_TRACE writes down tokens."""
_SETTINGS = (
    ("safe.bareRepository", "explicit"),  # a commit can hold a folder that looks like a bare repository
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.warnAmbiguousRefs", "true"),
    ("log.showSignature", "false"),  # would run gpg
    ("submodule.recurse", "false"),
)
_VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # git would ask the remote of any repository for a missing object, with its settings
    "GIT_ALLOW_PROTOCOL": "none",  # which does the same for git before 2.45
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_PROTOCOLS = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}  # as git itself trusts; no ext::, no helper of a package
NAME_A_REMOTE = ("clone", "fetch", "ls-remote", "push")
_PATHS_MAY_FOLLOW = ("diff", "diff-tree", "log", "rev-list", "show")
_AMBIGUOUS = re.compile(rb"^warning: refname '(.*)' is ambiguous", re.MULTILINE)
_NEVER_AMBIGUOUS = re.compile(rb"HEAD|[0-9a-f]{40}|[0-9a-f]{64}")
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitError(CarbonError):
    """Git is missing, took too long or failed. ``output`` is what ``git COMMAND`` wrote to standard error."""

    def __init__(self, message: str, output: str = "", command: str = "") -> None:
        super().__init__(message)
        self.output = output
        self.command = command


class AmbiguousNameError(CarbonError):
    """A name means several things: somebody made a tag with the name of a branch, or the other way round."""


def run(
    arguments: Sequence[str],
    cwd: Path,
    *,
    names: Sequence[str] = (),
    git_dir: Path | None = None,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
    fetch_missing: bool = False,
) -> bytes:
    """Run ``git ARGUMENTS NAMES`` in a folder and return its standard output.

    ``arguments`` are words of ours. Whatever a file, a variable, an API or a person says is one of ``names``, which git
    takes for no option. ``git_dir`` names a bare repository, which git does not find from the folder.
    ``fetch_missing`` lets git fetch what a partial clone lacks, as the clone's settings say: only for the clone that
    the user works in. Raises GitError if git fails, for a name that begins
    with a hyphen or has a control character, and for an ambiguous name.
    """
    variables = environment or {}
    command = _without_secrets(f"git {' '.join([*arguments, *names][:3])}", names, variables)
    plain_files = enclosing_bare(cwd) if git_dir is None and arguments[0] != "init" else None
    if plain_files:
        raise GitError(
            f"{command} is not run in {cwd}: {plain_files} looks like a bare repository, "
            "but a commit may have brought it; run it elsewhere"
        )
    words = ["git", *(word for key, value in _SETTINGS for word in ("-c", f"{key}={value}"))]
    words += [f"--git-dir={git_dir.absolute()}"] if git_dir else []
    words += [*arguments, *_behind_options(arguments, names)]
    inherited = {key: value for key, value in os.environ.items() if _may_be_inherited(key)}
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**inherited, **_VARIABLES, **_reach(arguments[0], fetch_missing), **variables},
        )
    except OSError as error:
        cause = "git is not installed, or not on PATH" if cwd.is_dir() else f"there is no folder {cwd}"
        raise GitError(f"{command} could not be run: {cause}") from error
    except subprocess.TimeoutExpired as error:
        slow = (
            "is the remote reachable" if arguments[0] in NAME_A_REMOTE else "is the disk slow, or the repository large"
        )
        raise GitError(f"{command} took longer than {timeout_s:.0f} s and was ended; {slow}?") from error
    if done.returncode != 0:
        output = _ends(_without_secrets(done.stderr.decode("utf-8", "replace").strip(), names, variables))
        raise GitError(
            f"{command} failed with {done.returncode}: {output[-600:] or 'no message'}", output, arguments[0]
        )
    _refuse_ambiguous(done.stderr)
    return done.stdout


def _reach(command: str, fetch_missing: bool) -> Mapping[str, str]:
    """Return the variables that let a command reach a remote; none for most commands."""
    if fetch_missing:
        return {**_PROTOCOLS, "GIT_NO_LAZY_FETCH": "0"}
    return _PROTOCOLS if command in NAME_A_REMOTE else {}


def _ends(text: str) -> str:
    """Return the first and last lines of an output: a server may send a long one, and the end says why git failed."""
    return text if len(text) <= MOST_OUTPUT else f"{text[: MOST_OUTPUT // 2]}\n…\n{text[-MOST_OUTPUT // 2 :]}"


def _may_be_inherited(variable: str) -> bool:
    """Return whether git gets a variable of our process. The Action's own variables hold its token."""
    return not variable.startswith(("GIT_", "CARBON_")) or _KEPT_VARIABLES.fullmatch(variable) is not None


def _behind_options(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return names as words that git takes for no option, and for no path if the command also takes paths."""
    for name in names:
        problem = name_problem(name)
        if problem:
            raise GitError(f"git is not asked for the name {name[:200]!r}, because it {problem}; is it spelt right?")
    ends = ["--"] if names and arguments[0] in _PATHS_MAY_FOLLOW else []
    return ["--end-of-options", *names, *ends] if names else []


def _refuse_ambiguous(stderr: bytes) -> None:
    """Raise AmbiguousNameError if git had to choose what a name means; it chooses a tag before a branch."""
    for match in _AMBIGUOUS.finditer(stderr):
        if not _NEVER_AMBIGUOUS.fullmatch(match[1]):
            name = match[1].decode("utf-8", "replace")
            raise AmbiguousNameError(
                f"the name {name!r} means more than one thing here, such as a branch and a tag; write it in full: "
                f"refs/heads/{name}, refs/remotes/{name} or refs/tags/{name}"
            )


def _without_secrets(text: str, names: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return git's output without the headers that the environment gives git, and without secrets of addresses."""
    for name in names:
        text = text.replace(name, hide_in_address(name)) if name else text
    for key, name in environment.items():
        if key.startswith("GIT_CONFIG_KEY_") and name.lower().endswith(".extraheader"):
            header = environment[key.replace("_KEY_", "_VALUE_")].partition(":")[2].strip()
            text = text.replace(header, "***") if header else text
    return hide_secrets("\n".join(map(_without_user, text.split("\n"))))


def _without_user(line: str) -> str:
    """Return a line without user, password and query of its URL, which may have any characters."""
    before, begin, address = line.partition("://")
    address, mark, query = address.partition("?")
    _, end, rest = query.partition("': ")
    user, at, place = address.rpartition("@")
    return (
        f"{before}{begin}{'***' if user else ''}{at}{place}{mark}{'***' if mark else ''}{end}{rest}" if begin else line
    )


def run_text(
    arguments: Sequence[str],
    cwd: Path,
    *,
    names: Sequence[str] = (),
    git_dir: Path | None = None,
    timeout_s: float = TIMEOUT_S,
    fetch_missing: bool = False,
) -> str:
    """Run git and return its output as stripped text. Raises GitError."""
    output = run(arguments, cwd, names=names, git_dir=git_dir, timeout_s=timeout_s, fetch_missing=fetch_missing)
    return output.decode("utf-8", "replace").strip()


def try_text(
    arguments: Sequence[str],
    cwd: Path,
    *,
    names: Sequence[str] = (),
    git_dir: Path | None = None,
    fetch_missing: bool = False,
) -> str | None:
    """Run git and return its output as stripped text; None if git fails or prints nothing.

    Raises AmbiguousNameError.
    """
    try:
        text = run_text(arguments, cwd, names=names, git_dir=git_dir, timeout_s=10.0, fetch_missing=fetch_missing)
    except GitError:
        return None
    return text or None


def find_commit(name: str, cwd: Path) -> str | None:
    """Return the full hash of the commit that a name or abbreviated hash means; None if there is no such commit.

    Raises AmbiguousNameError if the name means several things.
    """
    commit = try_text(["rev-parse", "--verify"], cwd, names=[f"{name}^{{commit}}"])
    return commit if commit and _HASH.fullmatch(commit) else None


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
    name = "/".join(parts[-2:])
    return name if len(parts) > 1 and "@" not in name else None  # what is before an @ may be a password


def host_of(url: str) -> str | None:
    """Return the host from a repository's URL, or from ``git@host:owner/name``; None for an absolute path."""
    match = re.match(r"(?:\w[\w+.-]*://)?(?:[^/@]*@)?([\w.-]+)[:/]", url.strip())
    return match[1].lower() if match else None
