"""The tree of a ledger as this machine has it: nothing is fetched, whatever the repository's settings are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git import run_git
from pytest_carbon.ledgers.file_layout import LedgerTree, size_limit, skipped_file, too_large
from pytest_carbon.ledgers.folder.folder_tree import FolderTree
from pytest_carbon.ledgers.ledger import Skipped

_NO_NETWORK = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
"""A partial clone would fetch what it lacks as it is read; git before 2.45 knows only the second."""


@dataclass(slots=True)
class OfflineTree:
    """The tree of files of a commit; ``oids`` are objects by path."""

    git_dir: Path
    commit: str
    oids: dict[str, str] = field(default_factory=dict)
    not_files: list[Skipped] = field(default_factory=list)

    @classmethod
    def of_commit(cls, git_dir: Path, commit: str) -> OfflineTree:
        """List a commit's files."""
        tree = cls(git_dir, commit)
        for mode, oid, path in run_git.parse_listing(_git(git_dir, "ls-tree", "-r", "-z", "--full-tree", commit)):
            if mode.startswith("100"):
                tree.oids[path] = oid
            else:
                tree.not_files.append(skipped_file(path, "it is no file"))
        return tree

    @property
    def paths(self) -> dict[str, str]:
        """Every file's path."""
        return self.oids

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the content of files by their path, and what could not be loaded."""
        if not paths:
            return {}, []
        asked = "".join(f"{self.oids[path]}\n" for path in paths).encode()
        stream = _git(self.git_dir, "cat-file", run_git.BATCH_OPTION, stdin=asked)
        data: dict[str, bytes] = {}
        bad = []
        for path, (_, content) in zip(paths, run_git.parse_objects(stream), strict=True):
            if content is None:
                bad.append(skipped_file(path, "its content is not on this disk"))
            elif len(content) > size_limit(path):
                bad.append(too_large(path))
            else:
                data[path] = content
        return data, bad


def find_offline_ledger(config: Config) -> LedgerTree:
    """Return the ledger that can be read here: the configured one or, if none is, a copy of CI's before the folder.

    Raises LedgerError where it is in a database, or in a branch of which nothing is here.
    """
    settings = config.ledger
    if settings.sql is not None:
        raise LedgerError("the ledger is in a database, which no hook asks; pytest-carbon budget does")
    if not settings.folder_named:
        found = _newest_copy(config.root, settings.branch or DEFAULT_LEDGER_BRANCH, settings.remote)
        if found is not None:
            return found
    if settings.branch is not None:
        raise LedgerError(
            f"no copy of the ledger's branch {settings.branch} is on this disk; if {settings.remote} has one, "
            f"git fetch {settings.remote} {settings.branch} gets it"
        )
    try:
        return FolderTree.of_folder(config.root / settings.folder)
    except OSError as error:
        raise LedgerError(f"the ledger in {error.filename} cannot be read ({error.strerror})") from error


def _newest_copy(root: Path, branch: str, remote: str) -> LedgerTree | None:
    """Return the newest of what is here of a branch: our own, what was fetched, or our cache of the remote's."""
    common = run_git.try_text(["rev-parse", "--path-format=absolute", "--git-common-dir"], root)
    if common is None:
        return None
    refs = [f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}"]
    found = []
    for place in (Path(common), Path(common) / "pytest-carbon" / "ledger.git"):
        if place.is_dir():
            lines = _git(place, "for-each-ref", "--format=%(committerdate:unix) %(objectname)", *refs).decode()
            found += [(int(date), place, oid) for date, oid in map(str.split, lines.splitlines())]
    if not found:
        return None
    _, place, oid = max(found, key=lambda one: one[0])  # of equally new ones the repository's own, which is whole
    return OfflineTree.of_commit(place, oid)


def _git(git_dir: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    return run_git.run(
        ["--git-dir", str(git_dir), *arguments], git_dir, stdin=stdin, environment=_NO_NETWORK, timeout_s=10.0
    )
