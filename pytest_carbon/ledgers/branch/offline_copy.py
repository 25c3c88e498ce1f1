"""Finds and reads the copy of a ledger on this machine. Nothing is fetched, whatever the repository's settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.files.follow_links import follow_links
from pytest_carbon.git import run_git
from pytest_carbon.ledgers.branch.commit_tree import LIST_FILES, split_listing
from pytest_carbon.ledgers.file_layout import LedgerTree, size_limit, skipped_file, too_large
from pytest_carbon.ledgers.folder.folder_tree import FolderTree
from pytest_carbon.ledgers.ledger import Skipped

"""Without these, a partial clone fetches what it lacks on reading. Git before 2.45 knows only the second one."""


@dataclass(slots=True)
class OfflineTree:
    """The files of a commit, as far as they are on this disk. ``oids`` are object ids by path."""

    git_dir: Path
    oids: dict[str, str] = field(default_factory=dict)
    not_files: list[Skipped] = field(default_factory=list)

    @classmethod
    def of_commit(cls, git_dir: Path, commit: str) -> OfflineTree:
        """List the files of a commit."""
        return cls(git_dir, *split_listing(_git(git_dir, *LIST_FILES, names=[commit])))

    @property
    def paths(self) -> dict[str, str]:
        """The path of every regular file."""
        return self.oids

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the contents of files by path, and the files that could not be loaded."""
        if not paths:
            return {}, []
        request = "".join(f"{self.oids[path]}\n" for path in paths).encode()
        stream = _git(self.git_dir, "cat-file", run_git.BATCH_OPTION, stdin=request)
        data: dict[str, bytes] = {}
        skipped = []
        for path, (_, content) in zip(paths, run_git.parse_objects(stream), strict=True):
            if content is None:
                skipped.append(skipped_file(path, "its content is not on this disk"))
            elif len(content) > size_limit(path):
                skipped.append(too_large(path))
            else:
                data[path] = content
        return data, skipped


def find_offline_ledger(config: Config) -> LedgerTree:
    """Return the tree of the configured ledger; if none is configured, a copy of CI's branch, else the default folder.

    Raises LedgerError for a ledger in a database, and for a branch of which no copy is on this disk.
    """
    settings = config.ledger
    if settings.sql is not None:
        raise LedgerError("the ledger is in a database, which hooks do not ask; run pytest-carbon budget instead")
    if not settings.folder_named:
        copy = _newest_copy(config.root, settings.branch or DEFAULT_LEDGER_BRANCH, settings.remote)
        if copy is not None:
            return copy
    if settings.branch is not None:
        raise LedgerError(
            f"no copy of the ledger's branch {settings.branch} is on this disk; if {settings.remote} has it, "
            f"run: git fetch {settings.remote} {settings.branch}"
        )
    try:
        return FolderTree.of_folder(follow_links(config.root / settings.folder, config.root))
    except OSError as error:
        raise LedgerError(
            f"the ledger in {error.filename} cannot be read ({error.strerror}); check what it is, and its permissions"
        ) from error


def _newest_copy(root: Path, branch: str, remote: str) -> LedgerTree | None:
    """Return the newest copy of a branch: the local branch, the fetched one, or our cache; None without any."""
    common = run_git.try_text(["rev-parse", "--path-format=absolute", "--git-common-dir"], root)
    if common is None:
        return None
    refs = [f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}"]
    copies: list[tuple[int, Path, str]] = []
    for git_dir in (Path(common), Path(common) / "pytest-carbon" / "ledger.git"):
        if git_dir.is_dir():
            lines = _git(git_dir, "for-each-ref", "--format=%(committerdate:unix) %(objectname)", names=refs).decode()
            copies += [(int(time), git_dir, commit) for time, commit in map(str.split, lines.splitlines())]
    if not copies:
        return None
    _, git_dir, commit = max(copies, key=lambda copy: copy[0])  # among equals the repository's own, which is complete
    return OfflineTree.of_commit(git_dir, commit)


def _git(git_dir: Path, *arguments: str, names: Sequence[str] = (), stdin: bytes = b"") -> bytes:
    return run_git.run(arguments, git_dir, names=names, git_dir=git_dir, stdin=stdin, timeout_s=10.0)
