"""The tree of a branch's newest commit, and how a commit that changes the tree is made."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.ledgers.branch.remote_cache import LocalBranch
from pytest_carbon.ledgers.file_layout import TreeChange, size_limit, skipped_file, too_large
from pytest_carbon.ledgers.ledger import Skipped

_NOT_FILES = {"120000": "it is a symbolic link", "160000": "it is a submodule"}
"""By the mode that git lists."""


@dataclass(slots=True)
class CommitTree:
    """The tree of a branch's newest commit; empty if there is no such branch. ``oids`` are object ids by path."""

    repository: LocalBranch
    tip: str | None
    oids: dict[str, str] = field(default_factory=dict)
    not_files: list[Skipped] = field(default_factory=list)

    @classmethod
    def of_newest_commit(cls, repository: LocalBranch, depth: int = 1) -> CommitTree:
        """Fetch, where needed, the ``depth`` newest commits, and list the files of the newest."""
        tip = repository.tip(depth)
        listing = repository.git(*LIST_FILES, names=[tip]) if tip else b""
        return cls(repository, tip, *split_listing(listing))

    @property
    def paths(self) -> dict[str, str]:
        """The path of every regular file."""
        return self.oids

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the contents of files by path, fetched where needed, and the files that could not be loaded."""
        if not paths:
            return {}, []
        sizes = self._sizes(paths)
        missing = sorted({self.oids[path] for path in paths if sizes[self.oids[path]] is None})
        if missing:
            self.repository.fetch_blobs(missing)
            sizes = self._sizes(paths)
        small: dict[str, str] = {}
        skipped = []
        for path in paths:
            size = sizes[self.oids[path]]
            if size is None:
                skipped.append(skipped_file(path, "its content is missing in the repository"))
            elif size > size_limit(path):
                skipped.append(too_large(path))
            else:
                small[path] = self.oids[path]
        contents = self._contents(sorted(set(small.values())))
        return {path: contents[oid] for path, oid in small.items()}, skipped

    def _sizes(self, paths: Sequence[str]) -> dict[str, int | None]:
        request = "".join(f"{self.oids[path]}\n" for path in paths).encode()
        lines = self.repository.git("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=request).decode()
        return {oid: None if size == "missing" else int(size) for oid, size in map(str.split, lines.splitlines())}

    def _contents(self, oids: Sequence[str]) -> dict[str, bytes]:
        request = "".join(f"{oid}\n" for oid in oids).encode()
        stream = self.repository.git("cat-file", run_git.BATCH_OPTION, stdin=request)
        return {oid: content for oid, content in run_git.parse_objects(stream) if content is not None}


LIST_FILES = ("ls-tree", "-r", "-z", "--full-tree")


def split_listing(listing: bytes) -> tuple[dict[str, str], list[Skipped]]:
    """Split the output of LIST_FILES into regular files, as object ids by path, and all other entries."""
    oids: dict[str, str] = {}
    not_files = []
    for mode, oid, path in run_git.parse_listing(listing):
        if mode in _NOT_FILES:
            not_files.append(skipped_file(path, _NOT_FILES[mode]))
        else:
            oids[path] = oid
    return oids, not_files


def make_commit(tree: CommitTree, change: TreeChange, message: str) -> str:
    """Make the commit that changes a tree, and return its hash. No old content is needed.

    The commit is made in a temporary index; no branch points to the commit yet.
    """
    repository = tree.repository
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        contents = [scratch / str(number) for number in range(len(change.files))]
        for file, data in zip(contents, change.files.values(), strict=True):
            file.write_bytes(data)
        request = "".join(f"{file}\n" for file in contents).encode()
        oids = repository.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=request).decode().split()
        lines = [f"100644 {oid}\t{path}\0" for path, oid in zip(change.files, oids, strict=True)]
        lines += [f"0 {'0' * len(tree.oids[path])}\t{path}\0" for path in change.removed]
        index = str(scratch / "index")
        if tree.tip:
            repository.git("read-tree", names=[tree.tip], GIT_INDEX_FILE=index)
        repository.git("update-index", "-z", "--index-info", stdin="".join(lines).encode(), GIT_INDEX_FILE=index)
        root = repository.git("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()
    parents = [f"-p{tree.tip}"] if tree.tip else []
    return repository.git("commit-tree", *parents, names=[root], stdin=message.encode()).decode().strip()
