"""Writing a site's folder: it replaces an earlier site and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.reporters.site.write_folder import MARKER, SiteError, write_folder

PAGES = [("index.html", "a"), ("features/x.html", "b")]


def _paths(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_site_replaces_its_own_files_only(tmp_path: Path) -> None:
    """A page that the new site lacks is removed; nothing is left beside the folder."""
    out = tmp_path / "some" / "out"
    assert write_folder(PAGES, out) == 2
    assert write_folder(PAGES[:1], out) == 1
    assert _paths(out) == {"index.html", MARKER}
    assert list(out.parent.iterdir()) == [out]
    assert out.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("thesis.odt", "files that no earlier site wrote, such as thesis.odt, and"),
        ("features/.git/config", "such as features/.git/config,"),
    ],
)
def test_foreign_files_are_never_replaced(tmp_path: Path, name: str, message: str) -> None:
    """A folder with a file that no site wrote is refused and unchanged, also if a site is in it."""
    for prepared in (False, True):
        out = tmp_path / str(prepared)
        if prepared:
            write_folder(PAGES, out)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("mine", encoding="ascii")
        before = _paths(out)
        with pytest.raises(SiteError) as caught:
            write_folder(PAGES, out)
        assert message in str(caught.value)
        assert _paths(out) == before


def test_a_file_is_refused(tmp_path: Path) -> None:
    """A file, and a path below a file, are refused with the reason."""
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(SiteError, match="is a file, but the site needs a folder; name a folder"):
        write_folder(PAGES, tmp_path / "file")
    with pytest.raises(SiteError, match="cannot be written"):
        write_folder(PAGES, tmp_path / "file" / "out")


def test_a_site_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """If a page fails half way, the earlier site stays whole and nothing is left beside it."""

    def failing() -> Any:
        yield PAGES[0]
        raise ZeroDivisionError

    write_folder(PAGES, tmp_path / "out")
    with pytest.raises(ZeroDivisionError):
        write_folder(failing(), tmp_path / "out")
    assert _paths(tmp_path / "out") == {"index.html", "features/x.html", MARKER}
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
