"""Bare repositories, and plain files that only look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.git.bare import enclosing_bare, find_bare, is_bare_shaped
from tests.git.small_repository import git, new_repository


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a repository with a work tree."""
    return new_repository(tmp_path / "checkout")


def _bare(folder: Path) -> Path:
    git(folder.parent, "init", "-q", "--bare", str(folder))
    return folder


def test_a_bare_repository_lies_in_no_work_tree(checkout: Path, tmp_path: Path) -> None:
    """Not at any depth of one, and not by a link; a server's repository and git's own folders are true ones."""
    (checkout / "a").mkdir()
    inside, server = _bare(checkout / "a" / "b"), _bare(tmp_path / "server.git")
    (tmp_path / "link").symlink_to(inside)
    assert all(map(is_bare_shaped, (inside, server, tmp_path / "link", checkout / ".git")))
    assert [find_bare(place) for place in (inside, tmp_path / "link", checkout, tmp_path, tmp_path / "gone")] == [
        None
    ] * 5
    assert [find_bare(place) for place in (server, checkout / ".git")] == [server, checkout / ".git"]


def test_a_folder_with_its_own_repository_is_not_bare(checkout: Path) -> None:
    """Files of a bare repository at the top of a work tree are of the commit."""
    git(checkout, "init", "-q", "--bare", ".")
    assert is_bare_shaped(checkout)
    assert find_bare(checkout) is None


def test_git_would_find_a_bare_repository_above(checkout: Path, tmp_path: Path) -> None:
    """The nearest of both decides: a work tree, or files in the shape of a bare repository."""
    inside = _bare(checkout / "evil")
    below = inside / "refs" / "heads"
    assert [enclosing_bare(place) for place in (inside, below)] == [inside.resolve()] * 2
    assert [enclosing_bare(place) for place in (checkout, tmp_path, tmp_path / "gone")] == [None] * 3
    new_repository(below / "shop")
    assert enclosing_bare(below / "shop") is None


@pytest.mark.parametrize("shape", ["a link as HEAD", "its objects elsewhere"])
def test_unusual_shapes_are_known(tmp_path: Path, shape: str) -> None:
    """Git takes these for bare repositories, too."""
    folder = _bare(tmp_path / "odd")
    if shape == "a link as HEAD":
        (folder / "HEAD").unlink()
        (folder / "HEAD").symlink_to("refs/heads/none")
    else:
        _bare(tmp_path / "other")
        for name in ("objects", "refs"):
            (folder / name).rename(tmp_path / name)
        (folder / "commondir").write_text(str(tmp_path / "other"), encoding="utf-8")
    assert git(folder, "rev-parse", "--is-bare-repository") == "true"
    assert is_bare_shaped(folder)
