"""What a run writes to its own files is put back, whatever it has put in their place, and nothing beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_carbon.paired_runs.kept_files import keep_files, put_back
from pytest_carbon.paired_runs.tree_guard import source_paths
from tests.attack import Attack


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a checkout with data, a module, a link and a repository, of which copies are kept."""
    tree = tmp_path / "tree"
    (tree / "data").mkdir(parents=True)
    (tree / ".git").mkdir()
    for name in ("data/a.txt", "module.py", ".git/config"):
        (tree / name).write_text("x", encoding="utf-8")
    (tree / "link").symlink_to("data")
    keep_files(tree, source_paths(tree), tmp_path / "kept")
    return tree


@pytest.mark.parametrize("change", ["changed", "removed", "folder removed", "folder instead", "link instead"])
def test_changed_files_are_put_back(tree: Path, tmp_path: Path, change: str) -> None:
    """The content is as before; the repository is put back without being named."""
    file = tree / "data" / "a.txt"
    if change == "changed":
        file.write_text("y", encoding="utf-8")
    elif change == "folder removed":
        shutil.rmtree(file.parent)
    else:
        file.unlink()
    if change == "folder instead":
        (file / "inner").mkdir(parents=True)
    elif change == "link instead":
        file.symlink_to(tree / "module.py")
    (tree / ".git" / "hooks").mkdir()
    assert put_back(tree, tmp_path / "kept", [str(file)]) == ([str(file)], [])
    assert (file.read_text(), file.is_symlink()) == ("x", False)
    assert (tree / "module.py").read_text() == "x"
    assert [path.name for path in (tree / ".git").iterdir()] == ["config"]


def test_links_are_put_back_as_links(tree: Path, tmp_path: Path) -> None:
    """A link is not a copy of what it means."""
    (tree / "link").unlink()
    assert put_back(tree, tmp_path / "kept", [str(tree / "link")]) == ([str(tree / "link")], [])
    assert (tree / "link").readlink() == Path("data")


@pytest.mark.attack("head-touches-base")
def test_nothing_is_put_back_behind_a_link(tree: Path, tmp_path: Path, attack: Attack) -> None:
    """A run puts a link in the place of a folder: nothing is written there, and the file is lost."""
    victim = attack.folder / "a.txt"
    victim.symlink_to(attack.outside)
    shutil.rmtree(tree / "data")
    (tree / "data").symlink_to(attack.folder)
    back, lost = put_back(tree, tmp_path / "kept", [str(tree / "data" / "a.txt")])
    assert (back, lost) == ([], [str(tree / "data" / "a.txt")])
    assert victim.is_symlink()
    attack.ended("inconclusive" if lost else "success")


@pytest.mark.attack("head-touches-base")
def test_what_python_loads_is_not_put_back(tree: Path, tmp_path: Path, attack: Attack) -> None:
    """A run that changes its own modules has measured other code than that of the commit."""
    _, lost = put_back(tree, tmp_path / "kept", [str(tree / "module.py")])
    assert lost == [str(tree / "module.py")]
    attack.ended("inconclusive" if lost else "success")
