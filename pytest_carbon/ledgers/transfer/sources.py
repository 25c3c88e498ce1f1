"""The ledger to copy from: in a folder, or on a branch of a repository, as it is when it is opened."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.hide_secrets import hide_in_address
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.files.follow_links import follow_links
from pytest_carbon.git import run_git
from pytest_carbon.git.bare import find_bare, is_bare_shaped
from pytest_carbon.git.check_names import address_problem
from pytest_carbon.ledgers import read_tree
from pytest_carbon.ledgers.branch.commit_tree import CommitTree
from pytest_carbon.ledgers.branch.remote_cache import open_branch
from pytest_carbon.ledgers.explain_errors import explain_errors
from pytest_carbon.ledgers.file_layout import LedgerTree, is_baseline, is_record
from pytest_carbon.ledgers.folder.folder_tree import FolderTree
from pytest_carbon.ledgers.ledger import ReadResult, Skipped

_NAMED = re.compile(r"([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)=(.+)", re.ASCII)
_URL = re.compile(r"[\w.-]+://|[\w.-]+@?[\w.-]*:(?!//)")
_TIME_LIMIT_S = 300.0
_REMOTE = "origin"


class SourceError(LedgerError):
    """One ledger to copy from cannot be read; the other ones can."""


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """Where a ledger to copy from is, and the repository name that its runs get in the target.

    A ``name`` of None is taken from the remote when the source is opened.
    """

    location: str
    name: str | None = None

    @property
    def masked(self) -> str:
        """The location as messages show it: a URL without its user, password and query."""
        return hide_in_address(self.location)


@dataclass(frozen=True, slots=True)
class _TreePart:
    """Some of the files of a tree."""

    tree: LedgerTree
    paths: Collection[str]

    @property
    def not_files(self) -> Sequence[Skipped]:
        return self.tree.not_files

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        return self.tree.load(paths)


class LedgerSource:
    """A ledger as it was when it was opened. ``name`` is the repository name that its runs get in the target.

    ``ids`` are the ids in the file names of each day. Every method raises SourceError if the ledger cannot be read.
    """

    def __init__(self, name: str, where: str, tree: LedgerTree, now: datetime) -> None:
        self.name, self.where = name, where
        self._tree, self._now = tree, now
        with _explain_source_errors(where):
            self.ids = read_tree.ids_by_day(tree)
        self.baseline_paths = set(filter(is_baseline, tree.paths))

    def read(self, since: date, until: date, known: Collection[str] = ()) -> ReadResult:
        """Return the records from ``since`` to ``until`` whose ids are not ``known``.

        Loose files of known ids are not read.
        """
        paths = [path for path in self._tree.paths if not (is_record(path) and PurePosixPath(path).stem in known)]
        with _explain_source_errors(self.where):
            result = read_tree.read(_TreePart(self._tree, paths), since, until, self._now)
        return ReadResult(tuple(record for record in result.records if record.id not in known), result.skipped)

    def baselines(self, paths: Collection[str]) -> tuple[list[RunMeasurements], list[Skipped]]:
        """Return the baselines at ``paths``, oldest first, and the files that were skipped."""
        with _explain_source_errors(self.where):
            baselines, skipped = read_tree.baselines_at(self._tree, sorted(paths), self._now)
        return [run for _, run in reversed(baselines)], skipped


def parse_source(text: str) -> SourceAddress:
    """Parse ``PLACE`` or ``org/name=PLACE``. A text that is the path of an existing folder is a PLACE."""
    named = None if _exists(text) else _NAMED.fullmatch(text)
    return SourceAddress(named[2], named[1]) if named else SourceAddress(text)


def _exists(text: str) -> bool:
    with suppress(OSError):  # the text may be too long for a path
        return Path(text).exists()
    return False


@contextmanager
def open_source(address: SourceAddress, branch: str, now: datetime) -> Iterator[LedgerSource]:
    """Open the ledger in a folder, or on ``branch`` of a repository at a path or a URL.

    If the repository has a remote ``origin``, the remote's branch is read through a temporary repository of ours:
    nothing is written into the user's repository, and of its configuration only the remote's address is read. Raises
    SourceError if there is no ledger, if no name is given and no remote has one, and for what lies in a work tree and
    only looks like a bare repository: a commit brought it.
    """
    path = Path(address.location)
    is_url = bool(_URL.match(address.location)) and not _exists(address.location)
    if not is_url and not (_exists(address.location) and path.is_dir()):
        raise SourceError(f"there is no folder {address.masked[:200]}; is it spelt right?")
    git_dir = None if is_url else _find_git_dir(path)
    remote = address.location if is_url else _address_of_remote(path, git_dir)
    if remote and (problem := address_problem(remote)):
        shown = hide_in_address(remote)[:200]
        raise SourceError(
            f"{address.masked}: nothing is fetched from {shown!r}, because it {problem}; give its plain address"
        )
    name = address.name or (run_git.owner_and_name(remote) if remote else None)
    if name is None:
        raise SourceError(
            f"{address.masked} has no remote that names the repository; name it: org/name={address.masked}"
        )
    with ExitStack() as stack:
        if is_url or git_dir or (path / ".git").exists():
            where = f"branch {branch} of {address.masked}"
            with _explain_source_errors(where):
                tree: LedgerTree = _open_branch(stack, path, git_dir, remote, branch)
        else:
            where = f"folder {address.masked}"
            with _explain_source_errors(where):
                tree = FolderTree.of_folder(follow_links(path, Path.cwd()))
        source = LedgerSource(name, where, tree, now)
        if not source.ids and not source.baseline_paths:
            raise SourceError(f"{where}: there is no ledger, or it is empty; is the place right, and --from-branch?")
        yield source


def _find_git_dir(path: Path) -> Path | None:
    """Return a folder that is a bare repository; None for a work tree, in which git finds its folder, and for others.

    Raises SourceError for a folder in a work tree that only looks like a bare repository.
    """
    if (path / ".git").exists() or not is_bare_shaped(path):
        return None
    if find_bare(path) is None:
        raise SourceError(
            f"{path} has the files of a bare repository, but lies in a work tree, so that a commit may have brought "
            f"them; if it is yours, move it out of the work tree, or name it by its URL: {path.resolve().as_uri()}"
        )
    return path


def _address_of_remote(path: Path, git_dir: Path | None) -> str | None:
    """Return the address of the repository's remote as it is written; None without a remote. A path is made whole."""
    key = f"remote.{_REMOTE}.url"
    addresses = run_git.try_text(["config", "--null", "--get-all"], path, names=[key], git_dir=git_dir)
    address = (addresses or "").split("\0")[0]
    return str((path / address).resolve()) if address and not _URL.match(address) else address or None


def _open_branch(stack: ExitStack, path: Path, git_dir: Path | None, remote: str | None, branch: str) -> CommitTree:
    if remote is None:
        repository = open_branch(path, branch, None, _TIME_LIMIT_S, git_dir=git_dir)
    else:
        ours = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pytest-carbon-")))
        run_git.run(["init", "--quiet", "--bare", "--template="], ours, names=[str(ours)])
        run_git.run(["remote", "add"], ours, names=[_REMOTE, remote], git_dir=ours)
        repository = open_branch(ours, branch, _REMOTE, _TIME_LIMIT_S, git_dir=ours)
    stack.enter_context(repository.locked())
    return CommitTree.of_newest_commit(repository)


@contextmanager
def _explain_source_errors(where: str) -> Iterator[None]:
    with explain_errors(where, SourceError):
        try:
            yield
        except FileNotFoundError as error:
            raise LedgerError(f"{error.filename} disappeared while it was being read; try again") from error
