"""The git repository through which a ledger's branch is used: the user's own, or our cache of a remote's branch.

Neither touches the user's work tree, index, HEAD or configuration.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git import remote_access, run_git
from pytest_carbon.git.bare import find_bare
from pytest_carbon.git.check_names import branch_problem
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers.process_lock import locked

_MANY_PACKS, _MANY_LOOSE_OBJECTS = 100, 40
_AUTHOR = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "pytest-carbon"), ("EMAIL", "pytest-carbon@localhost"))
}


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """A commit at which a ledger's branch was seen, the repository that has it, and how to restore or to forget it."""

    commit: str
    git_dir: Path
    how_to_restore: str
    how_to_forget: str

    def git(self, *arguments: str, names: Sequence[str] = ()) -> bytes:
        """Run git on the repository that has the commit, and return its output. Raises GitError."""
        return run_git.run(arguments, self.git_dir, names=names, git_dir=self.git_dir)


class LocalBranch:
    """A branch of the user's own repository."""

    def __init__(
        self,
        folder: Path,
        branch: str,
        limit_s: float,
        remote: str | None = None,
        settings: remote_access.Settings = (),
        git_dir: Path | None = None,
    ) -> None:
        self.where = f"branch {branch}"
        self.ref = f"refs/heads/{branch}"
        self._seen = f"refs/pytest-carbon/{branch}"
        self._limit_s = limit_s
        problem = branch_problem(branch)
        if problem:
            raise LedgerError(f"the ledger's branch is {branch[:200]!r}, which {problem}; choose another name")
        self.common_dir, self.object_format, self.top = _locate(folder, git_dir)
        self.git_dir = self.common_dir
        self._settings = [*remote_access.read_settings(self.top, remote, git_dir), *settings]

    def git(self, *arguments: str, names: Sequence[str] = (), stdin: bytes = b"", **environment: str) -> bytes:
        """Run git on this repository, and return its output. Raises GitError."""
        own = {**remote_access.settings_environment(self._settings), **_AUTHOR, **environment}
        return run_git.run(
            arguments,
            self.top,
            names=names,
            git_dir=self.git_dir,
            stdin=stdin,
            environment=own,
            timeout_s=self._limit_s,
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the repository against other processes of this machine, where that is needed."""
        yield

    def tip(self, depth: int = 1) -> str | None:  # noqa: ARG002 - a repository without a remote has every commit
        """Return the newest commit of the branch; None if there is no such branch."""
        return self._commit_of(self.ref)

    def _commit_of(self, ref: str) -> str | None:
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", names=[ref]).decode().splitlines()
        return next((oid for name, oid in map(str.split, lines) if name == ref), None)

    def last_seen(self) -> EarlierCopy | None:
        """Return the commit at which the branch was last seen whole; None if this clone does not know one."""
        commit = self._commit_of(self._seen)
        if commit is None:
            return None
        restore = f"git update-ref {self.ref} {commit}"
        return EarlierCopy(commit, self.git_dir, restore, f"git update-ref -d {self._seen}")

    def remember(self, commit: str) -> None:
        """Remember that the branch was whole at a commit, which git then keeps. A repository may be read-only."""
        with suppress(GitError):
            self.git("update-ref", names=[self._seen, commit])

    def _note_published(self, commit: str, tip: str | None) -> None:
        """Remember a commit that was added on top of the one that was last seen, or on top of nothing."""
        seen = self.last_seen()
        if (seen.commit if seen else None) == tip:
            self.remember(commit)

    def fetch_blobs(self, oids: Sequence[str]) -> None:
        """Fetch objects that are not here. A repository without a remote fetches nothing."""

    def publish(self, commit: str, tip: str | None) -> None:
        """Move the branch from ``tip`` to a commit. Raises GitError if the branch no longer points to ``tip``."""
        checked_out = self.git("worktree", "list", "--porcelain").decode("utf-8", "replace").splitlines()
        if f"branch {self.ref}" in checked_out:
            raise LedgerError(f"{self.where} is checked out; choose a branch for the ledger alone")
        self.git("update-ref", "-m", "pytest-carbon ledger", names=[self.ref, commit, tip or "0" * len(commit)])
        self._note_published(commit, tip)

    def renew(self) -> bool:
        """Discard what can be fetched again; return whether anything was discarded."""
        return False


class RemoteCache(LocalBranch):
    """A branch of a remote, in a bare repository of ours inside the user's git folder.

    The cache holds the newest commit and its trees; files are fetched when they are read. One process at a time uses
    the cache. It is discarded when it is broken or has grown.
    """

    def __init__(
        self,
        folder: Path,
        branch: str,
        limit_s: float,
        remote: str,
        settings: remote_access.Settings = (),
        git_dir: Path | None = None,
    ) -> None:
        super().__init__(folder, branch, limit_s, remote, settings, git_dir)
        self.where = f"branch {branch} of {remote}"
        self._remote, self._renewed = remote, False
        self._tracking = f"refs/remotes/{remote}/{branch}"
        self.git_dir = self.common_dir / "pytest-carbon" / "ledger.git"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the cache against other processes of this machine, and make the cache if it is missing."""
        self.git_dir.parent.mkdir(mode=0o750, exist_ok=True)
        with locked(self.git_dir.with_name("lock"), self._limit_s):
            if self._has_grown():
                self._discard()
            if not self.git_dir.exists():
                self._make()
            yield

    def _has_grown(self) -> bool:
        objects = self.git_dir / "objects"
        packs, loose = len(list(objects.glob("pack/*.pack"))), len(list(objects.glob("17/*")))  # as git gc counts
        return packs > _MANY_PACKS or loose > _MANY_LOOSE_OBJECTS

    def _make(self) -> None:
        new = self.git_dir.with_name(f"new-{os.urandom(16).hex()}.git")
        options = ["--quiet", "--bare", "--template=", "--shared=0640", f"--object-format={self.object_format}"]
        run_git.run(["init", *options], self.top, names=[str(new)])
        new.rename(self.git_dir)

    def _discard(self) -> None:
        old = self.git_dir.with_name(f"old-{os.urandom(16).hex()}.git")
        with suppress(FileNotFoundError):
            self.git_dir.rename(old)
        for leftover in self.git_dir.parent.glob("*-*.git"):  # also those of processes that were killed
            shutil.rmtree(leftover, ignore_errors=True)

    def renew(self) -> bool:
        """Replace the cache, at most once: a command that failed with the old cache may succeed with a new cache."""
        if self._renewed:
            return False
        self._renewed = True
        self._discard()
        self._make()
        return True

    def tip(self, depth: int = 1) -> str | None:
        """Fetch the branch's newest commits with their trees, and return the newest; None without such a branch."""
        try:
            self._fetch(f"+{self.ref}:{self._tracking}", depth=depth)
        except GitError as error:
            if "couldn't find remote ref" not in error.output:
                raise
            return None
        return self._commit_of(self._tracking)

    def last_seen(self) -> EarlierCopy | None:
        """Return the commit at which the branch was last seen whole: by our cache, or else by the user's fetches."""
        restore, forget = "push commit {} to it from a clone that has all of it", f"rm -r '{self.git_dir}'"
        for ref in (self._seen, self._tracking):
            commit = self._commit_of(ref)
            if commit:
                return EarlierCopy(commit, self.git_dir, restore.format(commit), forget)
        for ref in (self._tracking, self.ref):
            commit = run_git.try_text(["rev-parse", "--verify", "-q"], self.top, names=[ref], git_dir=self.common_dir)
            if commit:
                push = f"git push {self._remote} {commit}:{self.ref}"
                return EarlierCopy(commit, self.common_dir, push, f"git update-ref -d {ref}")
        return None

    def _fetch(self, *refspecs: str, stdin: bytes = b"", partial: bool = True, depth: int = 1) -> None:
        """Fetch as a partial clone does, but set so for this command only: no other command then fetches by itself."""
        remote = f"remote.{self._remote}"
        more = [(f"{remote}.promisor", "true"), (f"{remote}.partialclonefilter", "blob:none")] if partial else []
        if stdin:
            more.append(("fetch.negotiationAlgorithm", "noop"))  # a commit may be here without its files
        own = remote_access.settings_environment([*self._settings, *more])
        options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"]
        history = ["--stdin"] if stdin else [f"--depth={depth}"]
        self.git("fetch", *options, *history, names=[self._remote, *refspecs], stdin=stdin, **own)

    def fetch_blobs(self, oids: Sequence[str]) -> None:
        """Fetch objects that are not here, in one request. From a server that refuses single objects, fetch all."""
        try:
            self._fetch(stdin="\n".join(oids).encode())
        except GitError as error:
            if "not our ref" not in error.output and "unadvertised object" not in error.output:
                raise
            self._discard()
            self._make()
            self._fetch(f"+{self.ref}:{self._tracking}", partial=False)

    def publish(self, commit: str, tip: str | None) -> None:
        """Push a commit. Raises GitError if the remote's branch no longer points to ``tip``."""
        lease = f"--force-with-lease={self.ref}:{tip or ''}"
        options = ["--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", lease]
        self.git("push", *options, names=[self._remote, f"{commit}:{self.ref}"])
        self._note_published(commit, tip)


def _locate(folder: Path, git_dir: Path | None) -> tuple[Path, str, Path]:
    """Return the common git folder, the object format, and the top of the work tree (the git folder without one)."""
    try:
        question = ["rev-parse", "--path-format=absolute", "--show-object-format", "--git-common-dir"]
        answer = run_git.run(question, folder, git_dir=git_dir).decode("utf-8", "surrogateescape")
        object_format, common = answer.removesuffix("\n").split("\n", 1)
    except GitError as error:
        if git_dir is None and (refused := why_git_refuses(folder)):
            raise LedgerError(f"the ledger's branch cannot be reached: {refused}") from error
        raise LedgerError(
            f"there is no git repository at {folder} for the ledger's branch; name another ledger, such as --folder "
            f".carbon/ledger ({error})"
        ) from error
    top = None if git_dir else run_git.try_text(["rev-parse", "--show-toplevel"], folder)
    return Path(common), object_format, Path(top or common)


def open_branch(
    folder: Path,
    branch: str,
    remote: str | None,
    limit_s: float,
    settings: remote_access.Settings = (),
    git_dir: Path | None = None,
) -> LocalBranch:
    """Return the branch of ``remote``; the repository's own branch if ``remote`` is None or there are no remotes.

    ``settings`` are given to git beside the repository's configuration, and are never written to disk. ``git_dir`` is
    a bare repository of ours; without it, ``folder`` may be one that lies in no work tree. Raises LedgerError outside a
    repository, and if there are remotes but none has that name.
    """
    git_dir = git_dir or find_bare(folder)
    remotes = (run_git.try_text(["remote"], folder, git_dir=git_dir) or "").split()
    if remote is None or not remotes:
        return LocalBranch(folder, branch, limit_s, settings=settings, git_dir=git_dir)
    if remote not in remotes:
        raise LedgerError(f"there is no remote {remote!r}; this repository has {', '.join(remotes)}; name one of them")
    return RemoteCache(folder, branch, limit_s, remote, settings, git_dir)
