"""Writing what was proposed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.proposal.propose_files import ProposedFile
from pytest_carbon.usecases.init_project.write_file import write_file


def test_a_new_file_and_its_folders_are_made(tmp_path: Path) -> None:
    """Everybody may read it, as any file of the project."""
    write_file(ProposedFile(".github/workflows/carbon.yml", None, "name: carbon\n"), tmp_path)
    made = tmp_path / ".github/workflows/carbon.yml"
    assert made.read_bytes() == b"name: carbon\n"
    assert stat.S_IMODE(made.stat().st_mode) & 0o444 == 0o444 & ~_umask(tmp_path)


def _umask(folder: Path) -> int:
    (folder / "probe").touch()
    return 0o666 & ~stat.S_IMODE((folder / "probe").stat().st_mode)


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling link"])
def test_nothing_is_overwritten(tmp_path: Path, kind: str) -> None:
    """Whatever has the name keeps it."""
    path, other = tmp_path / "carbon.toml", tmp_path / "other"
    other.write_text("mine", encoding="utf-8")
    if kind == "file":
        path.write_text("mine", encoding="utf-8")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(other if kind == "link" else tmp_path / "gone")
    with pytest.raises(ConfigError, match="is there already, and is not overwritten"):
        write_file(ProposedFile("carbon.toml", None, "ours"), tmp_path)
    assert other.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "gone").exists()


def test_an_addition_replaces_only_what_it_was_made_for(tmp_path: Path) -> None:
    """A file that was changed meanwhile is left alone; permissions stay."""
    path = tmp_path / "carbon.toml"
    path.write_bytes(b"a\r\n")
    path.chmod(0o600)
    write_file(ProposedFile("carbon.toml", "a\r\n", "a\r\nb\r\n"), tmp_path)
    assert path.read_bytes() == b"a\r\nb\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="has changed meanwhile"):
        write_file(ProposedFile("carbon.toml", "a\r\n", "x"), tmp_path)
    assert path.read_bytes() == b"a\r\nb\r\n"


def test_nothing_is_written_behind_a_link_that_leaves_the_project(tmp_path: Path) -> None:
    """A folder .github may be a link."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (project / ".github").symlink_to(outside)
    with pytest.raises(ConfigError, match="could not be written"):
        write_file(ProposedFile(".github/workflows/carbon.yml", None, "x"), project)
    assert list(outside.iterdir()) == []
