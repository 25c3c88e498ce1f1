"""Sees what a side changes outside of its own checkout, or in its own source, while it runs.

Every file is known by its stamp: kind, inode, size, and the times of its last changes, of which ``ctime`` cannot be set
by a program without rights over the clock. Nothing that a side could configure is asked, such as git. A file of a
package whose stamp is new but whose content is not has not changed: installers link to it, and programs set its rights.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import site
import stat
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pytest_carbon.files.read_bounded import LOG_BYTES, open_regular

Stamps = Mapping[str, tuple[int, ...]]
_COMPILED = "__pycache__"
LOADED = (".py", ".pyc", ".pth", ".so", ".pyd", ".dll", ".dylib")
_FOUND = (".zip", ".egg", ".egg-link")
_DESCRIBED = (".dist-info", ".egg-info")
"""Files that Python loads, files by which it finds modules, and folders that tell of packages and plugins."""
_BLOCK_BYTES = 1_000_000
_SETTINGS = (
    "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py",
    "conftest.py",
)  # fmt: skip
"""Pytest looks for these in all folders above the tests."""


@dataclass(frozen=True, slots=True)
class Source:
    """A side's files when its checkout was ready: digests of what was checked out, and stamps of the whole tree."""

    digests: Mapping[str, bytes]
    stamps: Stamps


def source_paths(tree: Path) -> frozenset[str]:
    """Return the files and links of a new checkout, without those of git."""
    git = f"{tree / '.git'}{os.sep}"
    stamps = take_stamps([tree])
    return frozenset(p for p, stamp in stamps.items() if not stat.S_ISDIR(stamp[0]) and not p.startswith(git))


def read_source(tree: Path, paths: Iterable[str]) -> Source:
    """Return the source of a side whose setup has ended. ``paths`` are those of its checkout."""
    return Source({path: _digest(path) for path in paths}, take_stamps([tree]))


def take_stamps(roots: Iterable[Path]) -> dict[str, tuple[int, ...]]:
    """Return the stamp of every file, folder and link below some folders, by path. Links are not followed."""
    found: dict[str, tuple[int, ...]] = {}
    pending = [str(root) for root in roots]
    while pending:
        path = pending.pop()
        with suppress(OSError):  # it is not there
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode):
                found[path] = (status.st_mode, status.st_ino)
                pending += (entry.path for entry in os.scandir(path))
            else:
                found[path] = (
                    status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
                )  # fmt: skip
    return found


def _digest(path: str) -> bytes:
    """Return a digest of a file's content or a link's target; empty if there is none."""
    try:
        if Path(path).is_symlink():
            return hashlib.sha256(os.fsencode(Path(path).readlink())).digest()
        digest = hashlib.sha256()
        with open_regular(Path(path), LOG_BYTES) as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.digest()
    except OSError:
        return b""


@cache
def _digest_at(path: str, stamp: tuple[int, ...]) -> bytes:  # noqa: ARG001
    """Return the digest of a file, read once for each of its stamps."""
    return _digest(path)


def shared_settings() -> list[Path]:
    """Return the files and folders that both sides obey: the settings and programs of a venv."""
    programs = [Path(sys.prefix, "pyvenv.cfg"), Path(sysconfig.get_path("scripts"))]
    return programs if sys.prefix != sys.base_prefix else []


def installed_packages() -> list[Path]:
    """Return the folders of the packages that both sides import."""
    paths = sysconfig.get_paths()
    return sorted({Path(paths["purelib"]), Path(paths["platlib"]), Path(site.getusersitepackages())})


class TreeGuard:
    """Guards what a side must leave alone during its turn: everything that is not its own, from the end of a turn on.

    ``folder`` holds the trees and the working folders of both sides; ``own`` are those of each side. In ``packages``,
    only what Python loads or finds modules by counts.
    """

    def __init__(
        self,
        folder: Path,
        own: Mapping[str, Collection[Path]],
        settings: Iterable[Path],
        packages: Iterable[Path] = (),
    ) -> None:
        self._own = own
        above = (place / name for place in folder.parents for name in _SETTINGS)
        self._roots, self._packages = [folder, *settings, *above], list(packages)
        self._stamps = self._take()
        self._digests = self._digests_of(self._packages)

    def add(self, settings: Iterable[Path], packages: Iterable[Path]) -> None:
        """Guard more, from now on, such as what another interpreter loads. Nobody may have run since the last turn."""
        self._roots += [path for path in settings if path not in self._roots]
        added = [path for path in packages if path not in self._packages]
        self._packages += added
        self._stamps = self._take()
        self._digests |= self._digests_of(added)

    def _digests_of(self, packages: Collection[Path]) -> dict[str, bytes]:
        """Return the digests of the files that Python may load from some packages, without compiled modules."""
        inside = _inside(packages)
        return {
            path: _digest_at(path, stamp)
            for path, stamp in self._stamps.items()
            if path.startswith(inside) and not path.endswith(".pyc")
        }

    def _take(self) -> dict[str, tuple[int, ...]]:
        loaded = {path: stamp for path, stamp in take_stamps(self._packages).items() if _is_loaded(path, stamp)}
        return {**loaded, **take_stamps(self._roots)}

    def changes(self, side: str) -> list[str]:
        """Return the paths that are not the side's own and have changed since the last turn, in order.

        New compiled modules of the packages are removed, so that the other side does not load them.
        """
        before, after = self._stamps, self._take()
        for path in after.keys() - before.keys():
            if _is_compiled(path) and path.startswith(_inside(self._packages)):
                with suppress(OSError):
                    Path(path).unlink(missing_ok=True)  # it may be in two of the folders, by a link
                    del after[path]
        self._stamps = after
        found = [path for path in differing(before, after) if not path.startswith(_inside(self._own[side]))]
        return [path for path in found if not self._is_same_package_file(path)]

    def _is_same_package_file(self, path: str) -> bool:
        """Return whether a file of a package, which has a new stamp, holds what it held."""
        return bool(digest := self._digests.get(path)) and digest == _digest(path)


def _inside(folders: Iterable[Path]) -> tuple[str, ...]:
    """Return how the paths of what is in some folders begin."""
    return tuple(f"{folder}{os.sep}" for folder in folders)


def _is_loaded(path: str, stamp: tuple[int, ...]) -> bool:
    """Return whether Python may load a file, or find modules by it. A link may be a package."""
    folder, _, name = path.rpartition(os.sep)
    found = path.endswith((*LOADED, *_FOUND)) or ".so." in name or folder.endswith(_DESCRIBED)
    return found or stat.S_ISLNK(stamp[0])


def _is_compiled(path: str) -> bool:
    return path.endswith(".pyc") and Path(path).parent.name == _COMPILED


def differing(before: Stamps, after: Stamps) -> list[str]:
    """Return the paths that were changed, removed or made, in order."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def changed_source(source: Source) -> list[str]:
    """Return the files of a checkout whose content is not that of the commit any more, in order."""
    now = {path: _stamp(path) for path in source.digests}
    return sorted(
        path
        for path, stamp in now.items()
        if stamp != source.stamps.get(path) and _digest(path) != source.digests[path]
    )


def _stamp(path: str) -> tuple[int, ...] | None:
    return take_stamps([Path(path)]).get(path)


def remove_new(tree: Path, known: Collection[str]) -> None:
    """Remove what a run has left in its own tree, so that the next run finds what this one found.

    Compiled modules stay, because to compile them again would cost the next run.
    """
    for path in map(Path, _new_paths(str(tree), known)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _new_paths(folder: str, known: Collection[str]) -> Iterator[str]:
    """Yield the new files and folders of a tree, the highest of each branch only."""
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.name == _COMPILED:
                continue
            if entry.path not in known:
                yield entry.path
            elif entry.is_dir(follow_symlinks=False):
                yield from _new_paths(entry.path, known)
