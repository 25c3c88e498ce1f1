"""Where runs are copied from: a ledger in a folder, or on the branch of a repository, as it is at one moment."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.git import remote_access, run_git
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers import read_tree
from pytest_carbon.ledgers.branch.commit_tree import CommitTree
from pytest_carbon.ledgers.branch.remote_cache import open_branch
from pytest_carbon.ledgers.file_layout import LedgerTree, is_baseline, is_record
from pytest_carbon.ledgers.folder.folder_tree import FolderTree
from pytest_carbon.ledgers.ledger import ReadResult, Skipped

_NAMED = re.compile(r"([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)=(.+)", re.ASCII)
_ADDRESS = re.compile(r"[\w.-]+://|[\w.-]+@?[\w.-]*:(?!//)")
_TIME_LIMIT_S = 300.0
_REMOTE = "origin"


class SourceError(LedgerError):
    """A ledger to copy from that cannot be read; the others can."""


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """Where a ledger to copy from is, and the name that its runs get in the other; None until it is found out."""

    location: str
    name: str | None = None

    @property
    def masked(self) -> str:
        """What people are told: a URL without its password."""
        return run_git.mask_secrets(self.location, {})


@dataclass(frozen=True, slots=True)
class _TreePart:
    """A part of the files of a tree."""

    tree: LedgerTree
    paths: Collection[str]

    @property
    def not_files(self) -> Sequence[Skipped]:
        return self.tree.not_files

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        return self.tree.load(paths)


class LedgerSource:
    """A ledger as it was when it was opened, whose runs are called ``name`` in another.

    ``ids`` are those that the files of each day are named by. Every method raises SourceError for what cannot be read.
    """

    def __init__(self, name: str, where: str, tree: LedgerTree, now: datetime) -> None:
        self.name, self.where = name, where
        self._tree, self._now = tree, now
        with _explained(where):
            self.ids = read_tree.ids_by_day(tree)
        self.baseline_paths = set(filter(is_baseline, tree.paths))

    def read(self, since: date, until: date, known: Collection[str] = ()) -> ReadResult:
        """Return the records of some days but the known ones, whose files are not read where they are loose."""
        paths = [path for path in self._tree.paths if not (is_record(path) and PurePosixPath(path).stem in known)]
        with _explained(self.where):
            found = read_tree.read(_TreePart(self._tree, paths), since, until, self._now)
        return ReadResult(tuple(record for record in found.records if record.id not in known), found.skipped)

    def baselines(self, paths: Collection[str]) -> tuple[list[RunMeasurements], list[Skipped]]:
        """Return the baselines at some paths, the oldest first, and what could not be read as one."""
        with _explained(self.where):
            found, bad = read_tree.baselines_at(self._tree, sorted(paths), self._now)
        return [run for _, run in reversed(found)], bad


def parse_source(text: str) -> SourceAddress:
    """Read ``PLACE`` or ``org/name=PLACE``; a folder of that whole name is one."""
    named = None if _exists(text) else _NAMED.fullmatch(text)
    return SourceAddress(named[2], named[1]) if named else SourceAddress(text)


def _exists(text: str) -> bool:
    with suppress(OSError):  # it may be too long for a path
        return Path(text).exists()
    return False


@contextmanager
def open_source(address: SourceAddress, branch: str, now: datetime) -> Iterator[LedgerSource]:
    """Open a folder that is a ledger, or the ``branch`` of a repository at a path or a URL.

    Of a repository that has a remote ``origin`` the remote's branch is read, through a repository of ours that is
    thrown away: nothing is written into yours. Raises SourceError where there is no ledger, and where no name is given
    and no remote tells one.
    """
    path = Path(address.location)
    address = bool(_ADDRESS.match(address.location)) and not _exists(address.location)
    if not address and not (_exists(address.location) and path.is_dir()):
        raise SourceError(f"there is no folder {address.masked[:200]}; is it spelt right?")
    remote = address.location if address else run_git.try_text(["remote", "get-url", _REMOTE], path)
    if remote and not _ADDRESS.match(remote):
        remote = str((path / remote).resolve())
    name = address.name or (run_git.owner_and_name(remote) if remote else None)
    if name is None:
        raise SourceError(f"no remote tells what {address.masked} is called; name it: org/name={address.masked}")
    with ExitStack() as stack:
        if address or (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir()):
            where = f"branch {branch} of {address.masked}"
            with _explained(where):
                tree: LedgerTree = _open_branch(stack, None if address else path, remote, branch)
        else:
            where = f"folder {address.location}"
            with _explained(where):
                tree = FolderTree.of_folder(path)
        source = LedgerSource(name, where, tree, now)
        if not source.ids and not source.baseline_paths:
            raise SourceError(f"{where}: there is no ledger, or nothing is in it")
        yield source


def _open_branch(stack: ExitStack, path: Path | None, remote: str | None, branch: str) -> CommitTree:
    if remote is None:
        repository = open_branch(path or Path(), branch, None, _TIME_LIMIT_S)
    else:
        settings = remote_access.read_settings(path, _REMOTE) if path else ()
        ours = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pytest-carbon-")))
        run_git.run(["init", "--quiet", "--bare", "--template=", str(ours)], ours)
        run_git.run(["remote", "add", "--", _REMOTE, remote], ours)
        repository = open_branch(ours, branch, _REMOTE, _TIME_LIMIT_S, settings)
    stack.enter_context(repository.locked())
    return CommitTree.of_newest_commit(repository)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except GitError as error:
        raise SourceError(f"{where}: {remote_access.explain_refusal(error)}") from error
    except FileNotFoundError as error:
        raise SourceError(f"{where}: {error.filename} went while it was read; try again") from error
    except OSError as error:
        raise SourceError(
            f"{where}: {error.filename} cannot be used ({error.strerror}); check its permissions"
        ) from error
    except SourceError:
        raise
    except LedgerError as error:
        raise SourceError(f"{where}: {error}") from error
