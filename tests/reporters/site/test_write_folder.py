"""Writing a site's folder: it replaces an earlier site and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.reporters.site.write_folder import MARKER, SiteError, write_folder

PAGES = [("index.html", "a"), ("features/x.html", "b")]


def _found(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_site_replaces_its_own_files_only(tmp_path: Path) -> None:
    """A page that is gone from the new site is gone from the folder; nothing is left beside it."""
    out = tmp_path / "some" / "out"
    assert write_folder(PAGES, out) == 2
    assert write_folder(PAGES[:1], out) == 1
    assert _found(out) == {"index.html", MARKER}
    assert list(out.parent.iterdir()) == [out]
    assert out.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("thesis.odt", "files that are not of an earlier site, such as thesis.odt, and"),
        ("features/.git/config", "such as features/.git/config,"),
    ],
)
def test_files_of_others_are_never_replaced(tmp_path: Path, name: str, told: str) -> None:
    """A folder with a file that no site made is refused, also where a site is in it, and stays as it is."""
    for prepared in (False, True):
        out = tmp_path / str(prepared)
        if prepared:
            write_folder(PAGES, out)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("mine", encoding="ascii")
        before = _found(out)
        with pytest.raises(SiteError) as caught:
            write_folder(PAGES, out)
        assert told in str(caught.value)
        assert _found(out) == before


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A file, and a place below one, are told in words."""
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(SiteError, match="is a file; name a folder"):
        write_folder(PAGES, tmp_path / "file")
    with pytest.raises(SiteError, match="cannot be written"):
        write_folder(PAGES, tmp_path / "file" / "out")


def test_a_site_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """When a page cannot be made half way, the earlier site stands whole and nothing is left beside it."""

    def failing() -> Any:
        yield PAGES[0]
        raise ZeroDivisionError

    write_folder(PAGES, tmp_path / "out")
    with pytest.raises(ZeroDivisionError):
        write_folder(failing(), tmp_path / "out")
    assert _found(tmp_path / "out") == {"index.html", "features/x.html", MARKER}
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
