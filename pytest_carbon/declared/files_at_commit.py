"""Reads the files that may declare something through git: of a commit, the working tree and maintained branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pytest_carbon.core.devices.judge_drops import MaintainedBranch
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.declared.read_project import MAX_FILE_BYTES, may_declare, read_declarations
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.branches import checked_out_branch, find_branch

MOST_PATHS, MOST_BYTES = 20_000, 50_000_000
"""The most files that may declare something of a commit, and their bytes in all; a file counts at each of its paths."""
_TOO_LARGE = bytes(MAX_FILE_BYTES + 1)
"""Stands for the content of a file that is too large to read; the readers refuse it by its size."""


def read_files_at(commit: str, top: Path) -> dict[str, bytes]:
    """Return the contents of the files of a commit that may declare something, by their path."""
    return read_blobs(list_blobs(commit, top), top)


def list_blobs(commit: str, top: Path, git_dir: Path | None = None) -> dict[str, str]:
    """Return the blobs of the files of a commit that may declare something, by their path."""
    options = ["ls-tree", "-r", "-z"]
    listing = run_git.run(options, top, names=[commit], git_dir=git_dir, fetch_missing=git_dir is None)
    files = run_git.parse_listing(listing, "replace")
    return {path: blob for mode, blob, path in files if mode.startswith("100") and may_declare(path)}


def read_blobs(blobs: Mapping[str, str], top: Path, git_dir: Path | None = None) -> dict[str, bytes]:
    """Return the contents of blobs by their path; a blob that is too large is replaced by zeros, also too large.

    Two calls of git read all blobs, each once: ``ls-tree --long`` would size every file of the commit. What a partial
    clone of the user lacks is fetched. Raises ConfigError if the repository lacks a blob, and for more paths or bytes
    than are read.
    """
    _refuse_many(len(blobs), 0)
    unique = list(dict.fromkeys(blobs.values()))
    sizes = dict(zip(unique, _cat_file("--batch-check=%(objectsize)", unique, top, git_dir).split(b"\n"), strict=False))
    missing = [path for path, blob in blobs.items() if not sizes[blob].isdigit()]
    if missing:
        raise ConfigError(
            f"{missing[0]} is missing from the objects of this repository; the clone may be incomplete: run git fsck"
        )
    readable = [blob for blob in unique if int(sizes[blob]) <= MAX_FILE_BYTES]
    _refuse_many(len(blobs), sum(size for blob in blobs.values() if (size := int(sizes[blob])) <= MAX_FILE_BYTES))
    answers = zip(readable, run_git.parse_objects(_cat_file(run_git.BATCH_OPTION, readable, top, git_dir)), strict=True)
    contents = {blob: data for blob, (_, data) in answers if data is not None}
    return {path: contents.get(blob, _TOO_LARGE) for path, blob in blobs.items()}


def _refuse_many(paths: int, size: int) -> None:
    """Raise ConfigError for more than anybody writes by hand: one file can be in a commit under millions of paths."""
    if paths > MOST_PATHS or size > MOST_BYTES:
        found = f"{paths:,} files" if paths > MOST_PATHS else f"files of {size / 1e6:,.0f} MB in all"
        raise ConfigError(
            f"{found} may declare what is supported; at most {MOST_PATHS:,} of {MOST_BYTES // 1_000_000} MB in all are "
            "read; are generated or vendored files committed?"
        )


def _cat_file(option: str, blobs: Iterable[str], top: Path, git_dir: Path | None) -> bytes:
    request = "".join(f"{blob}\n" for blob in blobs).encode()
    return run_git.run(["cat-file", option], top, stdin=request, git_dir=git_dir, fetch_missing=git_dir is None)


def read_working_tree(top: Path) -> dict[str, bytes]:
    """Return the contents of the files here that may declare something and that git tracks or does not ignore."""
    listing = run_git.run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], top)
    paths = listing.decode("utf-8", "replace").split("\0")
    contents, size = dict[str, bytes](), 0
    declaring = {path for path in paths if path and may_declare(path)}
    _refuse_many(len(declaring), size)
    for path in declaring:
        file = top / path
        if file.is_file() and not file.is_symlink():
            with suppress(OSError):  # a file that is gone meanwhile, or lies behind a link that leaves the project
                too_large = file.stat().st_size > MAX_FILE_BYTES
                contents[path] = _TOO_LARGE if too_large else read_bytes(file, MAX_FILE_BYTES, top)
                size += 0 if too_large else len(contents[path])
                _refuse_many(len(declaring), size)
    return contents


def read_maintained_branches(names: Iterable[str], top: Path, remote: str) -> list[MaintainedBranch]:
    """Return the named branches that the repository has, of the remote first.

    The branch that is checked out is left out: what it still supports is what the change drops.
    """
    branches = []
    checked_out = checked_out_branch(top)
    for name in names:
        commit = find_branch(name, remote, top)
        if commit and name != checked_out:
            declarations = read_declarations(read_files_at(commit, top))
            branches.append(MaintainedBranch(name, declarations, commit_time(commit, top)))
    return branches


def commit_time(commit: str, top: Path, git_dir: Path | None = None) -> datetime:
    """Return the time at which a commit was committed."""
    return parse_time(run_git.run_text(["show", "-s", "--format=%cI"], top, names=[commit], git_dir=git_dir))
