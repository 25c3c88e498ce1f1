"""The tree of a branch's newest commit, and the commit that changes it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_carbon.git import run_git
from pytest_carbon.ledgers.branch.remote_cache import LocalBranch
from pytest_carbon.ledgers.file_layout import TreeChange, size_limit, skipped_file, too_large
from pytest_carbon.ledgers.ledger import Skipped

_ODD = {"120000": "it is a symbolic link", "160000": "it is a submodule"}


@dataclass(slots=True)
class BranchTree:
    """The tree of a branch's newest commit; without the branch, an empty one. ``oids`` are objects by path."""

    repository: LocalBranch
    tip: str | None
    oids: dict[str, str] = field(default_factory=dict)
    not_files: list[Skipped] = field(default_factory=list)

    @classmethod
    def of_newest_commit(cls, repository: LocalBranch) -> BranchTree:
        """List the newest commit's files."""
        tree = cls(repository, repository.tip())
        listing = repository.git("ls-tree", "-r", "-z", "--full-tree", tree.tip) if tree.tip else b""
        for mode, oid, path in run_git.parse_listing(listing):
            if mode in _ODD:
                tree.not_files.append(skipped_file(path, _ODD[mode]))
            else:
                tree.oids[path] = oid
        return tree

    @property
    def paths(self) -> dict[str, str]:
        """Every file's path."""
        return self.oids

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the content of files by their path, and what could not be loaded."""
        if not paths:
            return {}, []
        sizes = self._sizes(paths)
        missing = sorted({self.oids[path] for path in paths if sizes[self.oids[path]] is None})
        if missing:
            self.repository.fetch_blobs(missing)
            sizes = self._sizes(paths)
        small: dict[str, str] = {}
        bad = []
        for path in paths:
            size = sizes[self.oids[path]]
            if size is None:
                bad.append(skipped_file(path, "its content is missing in the repository"))
            elif size > size_limit(path):
                bad.append(too_large(path))
            else:
                small[path] = self.oids[path]
        contents = self._contents(sorted(set(small.values())))
        return {path: contents[oid] for path, oid in small.items()}, bad

    def _sizes(self, paths: Sequence[str]) -> dict[str, int | None]:
        asked = "".join(f"{self.oids[path]}\n" for path in paths).encode()
        lines = self.repository.git("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).decode()
        return {oid: None if size == "missing" else int(size) for oid, size in map(str.split, lines.splitlines())}

    def _contents(self, oids: Sequence[str]) -> dict[str, bytes]:
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        stream = self.repository.git("cat-file", run_git.BATCH_OPTION, stdin=asked)
        return {oid: content for oid, content in run_git.parse_objects(stream) if content is not None}


def make_commit(tree: BranchTree, change: TreeChange, message: str) -> str:
    """Make the commit that changes a tree, in an index of its own. No content but that of new files is needed."""
    repository = tree.repository
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        places = [scratch / str(number) for number in range(len(change.files))]
        for place, data in zip(places, change.files.values(), strict=True):
            place.write_bytes(data)
        asked = "".join(f"{place}\n" for place in places).encode()
        oids = repository.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=asked).decode().split()
        lines = [f"100644 {oid}\t{path}\0" for path, oid in zip(change.files, oids, strict=True)]
        lines += [f"0 {'0' * len(tree.oids[path])}\t{path}\0" for path in change.removed]
        index = str(scratch / "index")
        if tree.tip:
            repository.git("read-tree", tree.tip, GIT_INDEX_FILE=index)
        repository.git("update-index", "-z", "--index-info", stdin="".join(lines).encode(), GIT_INDEX_FILE=index)
        root = repository.git("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()
    parents = ["-p", tree.tip] if tree.tip else []
    return repository.git("commit-tree", root, *parents, stdin=message.encode()).decode().strip()
