"""Write a site's folder as a whole: into a new folder beside the old one, which it then replaces."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.files.write_safely import make_folder, real_target

MARKER = ".pytest-carbon-site"
_MARKER_BYTES = 10_000_000
_HEAD = "# Files of a site that pytest-carbon site made. It replaces them, and nothing else.\n"


class SiteError(CarbonError):
    """The site cannot be written to the folder."""


def write_folder(files: Iterable[tuple[str, str]], out: Path) -> int:
    """Write files (path and text) as the whole content of ``out``, and return their number.

    Raises SiteError if ``out`` holds anything but an earlier site, or if it cannot be written; ``out`` is then
    unchanged.
    """
    refuse_foreign_files(out)
    with _as_site_error(out):
        out = real_target(out, Path.cwd())
        make_folder(out.parent, out.parent)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as temporary:
            new = Path(temporary, "new")
            paths = [_write_file(new, path, text) for path, text in files]
            _write_file(new, MARKER, _HEAD + "".join(f"{path}\n" for path in sorted(paths)))
            refuse_foreign_files(out)
            _replace_folder(new, out, Path(temporary, "old"))
    return len(paths)


def refuse_foreign_files(out: Path) -> None:
    """Raise SiteError if a folder holds anything but an earlier site of ours."""
    with _as_site_error(out):
        real_target(out, Path.cwd())
        if not out.exists():
            return
        if not out.is_dir():
            raise SiteError(f"{out} is a file, but the site needs a folder; name a folder, which need not exist yet")
        marker = out / MARKER
        known = {MARKER, *_listed_files(marker)} if marker.is_file() else set()
        paths = (path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
        foreign = next((path for path in paths if path not in known), None)
    if foreign is not None:
        raise SiteError(
            f"{out} holds files that no earlier site wrote, such as {foreign}, and the site would replace the whole "
            "folder; name another folder, or move these files away"
        )


@contextmanager
def _as_site_error(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SiteError(
            f"the site cannot be written to {out} ({error.strerror}: {error.filename}); check the folder's permissions "
            "and the disk space"
        ) from error


def _listed_files(marker: Path) -> list[str]:
    text = read_bytes(marker, _MARKER_BYTES).decode("utf-8", "replace")
    return [line for line in text.splitlines() if line[:1] != "#"]


def _write_file(folder: Path, path: str, text: str) -> str:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return path


def _replace_folder(new: Path, out: Path, old: Path) -> None:
    """Replace ``out`` by ``new``; put ``out`` back if that fails."""
    existed = out.exists()
    if existed:
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if existed:
            old.rename(out)
        raise
    if existed:
        shutil.rmtree(old)
