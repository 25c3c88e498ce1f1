"""Puts a site in its place whole: made in a folder beside, then exchanged for the one that stood there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_carbon.core.errors import CarbonError

MARKER = ".pytest-carbon-site"
_HEAD = "# Files of a site that pytest-carbon site made. It replaces them, and nothing else.\n"


class SiteError(CarbonError):
    """A folder that no site can be written to."""


def write_folder(files: Iterable[tuple[str, str]], out: Path) -> int:
    """Write files (path and text) as the whole content of ``out``, and return how many they are.

    Raises SiteError where ``out`` holds anything that is not of an earlier site, or cannot be written; it is then
    as it was.
    """
    refuse_foreign_files(out)
    out = out.resolve()
    with _as_site_error(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as place:
            new = Path(place, "new")
            paths = [_write_file(new, path, text) for path, text in files]
            _write_file(new, MARKER, _HEAD + "".join(f"{path}\n" for path in sorted(paths)))
            refuse_foreign_files(out)
            _replace_folder(new, out, Path(place, "old"))
    return len(paths)


def refuse_foreign_files(out: Path) -> None:
    """Raise SiteError for a folder with anything else in it than an earlier site of ours."""
    with _as_site_error(out):
        if not out.exists():
            return
        if not out.is_dir():
            raise SiteError(f"{out} is a file; name a folder for the site, which need not exist yet")
        marker = out / MARKER
        known = {MARKER, *_listed_files(marker)} if marker.is_file() else set()
        found = (path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
        foreign = next((path for path in found if path not in known), None)
    if foreign is not None:
        raise SiteError(
            f"{out} holds files that are not of an earlier site, such as {foreign}, and the site replaces the whole "
            "folder; name another one, or move them away"
        )


@contextmanager
def _as_site_error(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SiteError(
            f"the site cannot be written to {out} ({error.strerror}: {error.filename}); check its permissions and space"
        ) from error


def _listed_files(marker: Path) -> list[str]:
    return [line for line in marker.read_text(encoding="utf-8", errors="replace").splitlines() if line[:1] != "#"]


def _write_file(folder: Path, path: str, text: str) -> str:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return path


def _replace_folder(new: Path, out: Path, old: Path) -> None:
    """Put the new folder where the old one is; the old one goes back if that fails."""
    stood = out.exists()
    if stood:
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if stood:
            old.rename(out)
        raise
    if stood:
        shutil.rmtree(old)
