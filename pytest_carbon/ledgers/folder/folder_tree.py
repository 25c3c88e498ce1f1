"""The tree of files in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_carbon.files.follow_links import UnfitFileError
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.ledgers.file_layout import size_limit, skipped_file
from pytest_carbon.ledgers.ledger import Skipped


@dataclass(slots=True)
class FolderTree:
    """The tree of files in a folder. Hidden files are temporary files of ours or foreign, and are ignored."""

    root: Path
    paths: set[str] = field(default_factory=set)
    not_files: list[Skipped] = field(default_factory=list)

    @classmethod
    def of_folder(cls, root: Path) -> FolderTree:
        """List a folder; a missing folder is empty."""
        tree = cls(root)
        waiting = [""] if root.exists() else []
        while waiting:
            waiting += tree._list(waiting.pop())
        return tree

    def _list(self, prefix: str) -> list[str]:
        folders = []
        try:
            entries = list(os.scandir(self.root / prefix))
        except OSError as error:
            if not prefix:
                raise
            self.not_files.append(skipped_file(prefix, f"it cannot be read ({error.strerror})"))
            return []
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                self.not_files.append(skipped_file(path, "it is a symbolic link"))
            elif entry.is_dir():
                folders.append(path + "/")
            elif entry.is_file():
                self.paths.add(path)
            else:
                self.not_files.append(skipped_file(path, "it is not a regular file"))
        return folders

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the contents of files by path, and the files that could not be loaded.

        Raises FileNotFoundError if another process has packed or dropped a file since it was listed.
        """
        data: dict[str, bytes] = {}
        skipped = []
        for path in paths:
            try:
                data[path] = read_bytes(self.root / path, size_limit(path))
            except FileNotFoundError:
                raise
            except UnfitFileError as error:
                skipped.append(skipped_file(path, error.reason))
            except OSError as error:
                skipped.append(skipped_file(path, f"it cannot be read ({error.strerror})"))
        return data, skipped
