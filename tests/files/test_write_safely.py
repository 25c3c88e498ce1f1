"""Tests of writing: whole or not at all, narrow, not through links out of the project, not into .git."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import pytest

from pytest_carbon.files import write_safely
from pytest_carbon.files.follow_links import UnfitFileError
from tests.attack import Attack

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the place of an attack
pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"mine")
    return tmp_path / "project"


@pytest.fixture
def _umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


WRITERS: dict[str, Callable[[Path, Path], object]] = {
    "write": lambda path, project: write_safely.write_whole(path, b"new", project),
    "add": lambda path, project: write_safely.write_new(path, b"new", project, project),
    "folder": lambda path, project: write_safely.make_folder(path / "a" / "b", project),
    "remove": write_safely.remove_file,
}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_changed_behind_a_link_that_leaves_the_project(project: Path, name: str) -> None:
    """A folder of the path is a link, as .carbon may be in a checkout."""
    (project / "link").symlink_to("../outside")
    with pytest.raises(UnfitFileError, match="is a link that leaves the project"):
        WRITERS[name](project / "link" / "file", project)
    assert [(path.name, path.read_bytes()) for path in (project / "../outside").iterdir()] == [("file", b"mine")]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("folder", [".git", "sub/.GIT", "through"])
def test_nothing_is_changed_in_git(project: Path, name: str, folder: str) -> None:
    """Not by its name, not in capital letters, and not through a link."""
    (project / "sub" / ".GIT").mkdir(parents=True)
    (project / "through").symlink_to(".git")
    with pytest.raises(UnfitFileError, match=r"the folder \.git"):
        WRITERS[name](project / folder / "file", project)
    assert list((project / ".git").iterdir()) == []


def test_the_file_itself_may_not_be_a_link_out(project: Path) -> None:
    """The link is neither followed nor replaced; a link inside the project is followed."""
    (project / "report").symlink_to("../outside/file")
    with pytest.raises(UnfitFileError, match="leaves the project"):
        write_safely.write_whole(project / "report", b"new", project)
    assert (project / "report").read_bytes() == b"mine"
    (project / "honest").symlink_to("kept")
    write_safely.write_whole(project / "honest", b"new", project)
    assert (project / "kept").read_bytes() == b"new"
    assert (project / "honest").is_symlink()


def test_of_a_link_only_the_link_is_removed(project: Path) -> None:
    """The file behind it stays."""
    (project / "link").symlink_to("../outside/file")
    write_safely.remove_file(project / "link", project)
    assert not (project / "link").is_symlink()
    assert (project / "../outside/file").read_bytes() == b"mine"


def test_only_a_regular_file_is_removed_as_old(project: Path) -> None:
    """Of a link, the file that it means; a folder, a stream and a missing file stay as they are."""
    (project / "file").write_text("x")
    (project / "link").symlink_to("file")
    (project / "folder").mkdir()
    for path in (project / "link", project / "folder", project / "missing", Path("/dev/stdout")):
        write_safely.remove_old(path, project)
    assert not (project / "file").exists()
    assert (project / "link").is_symlink()
    assert (project / "folder").is_dir()


def test_a_user_names_any_place(project: Path) -> None:
    """A path outside of the project is the user's own wish."""
    write_safely.write_whole(project / "../outside/file", b"new", project)
    assert (project / "../outside/file").read_bytes() == b"new"


def test_streams_are_written_to_as_they_are(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """They are the open files of this process, and devices and pipes right below /dev; nothing there is replaced."""
    write_safely.write_whole(Path("/dev/null"), b"new", project)
    write_safely.write_whole(Path("/dev/stdout"), b"one\n", project)
    with write_safely.replace_when_whole(Path("/dev/stderr"), project, durable=True) as file:
        file.write(b"two\n")
    assert capfd.readouterr() == ("one\n", "two\n")
    reader, writer = os.pipe()
    write_safely.write_whole(Path(f"/dev/fd/{writer}"), b"three", project)
    assert os.read(reader, 100) == b"three"
    os.close(reader)
    os.close(writer)


@pytest.mark.attack("files-and-links")
def test_the_folder_of_devices_is_no_way_round(project: Path, attack: Attack) -> None:
    """A path may begin at /dev and lead anywhere, as a link in the shared memory may."""
    (project / ".git" / "config").write_bytes(b"ours")
    (project / "link").symlink_to(attack.outside)
    for place in (project / ".git" / "config", project / "link"):
        with pytest.raises(UnfitFileError) as caught:
            write_safely.write_whole(Path(f"/dev/..{place}"), b"new", project)
        attack.ended("refused", str(caught.value))
    if not SHARED_MEMORY.is_dir():
        return
    with TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        (Path(folder) / "x").symlink_to(project / ".git" / "config")
        with pytest.raises(UnfitFileError) as caught:
            write_safely.write_whole(Path(folder) / "x", b"new", project)
        attack.ended("refused", str(caught.value))
    assert (project / ".git" / "config").read_bytes() == b"ours"


@pytest.mark.usefixtures("_umask")
def test_files_with_figures_are_not_for_everybody(project: Path) -> None:
    """Whatever the umask allows, others get no right; a stricter umask counts."""
    write_safely.write_whole(project / "a", b"", project)
    write_safely.write_new(project / "b", b"", project, project)
    write_safely.write_whole(project / "page", b"", project, write_safely.PUBLIC)
    os.umask(0o077)
    write_safely.write_whole(project / "c", b"", project)
    modes = {path.name: path.stat().st_mode & 0o777 for path in project.iterdir() if path.is_file()}
    assert modes == {"a": 0o640, "b": 0o640, "page": 0o666, "c": 0o600}


def _write_half(file: BinaryIO) -> None:
    file.write(b"half")
    raise RuntimeError


def test_a_file_is_whole_or_as_before(project: Path) -> None:
    """After an error the older file is there, and no temporary file."""
    write_safely.write_whole(project / "file", b"old", project)
    with pytest.raises(RuntimeError), write_safely.replace_when_whole(project / "file", project) as file:
        _write_half(file)
    assert (project / "file").read_bytes() == b"old"
    assert sorted(path.name for path in project.iterdir()) == [".git", "file"]
    assert not write_safely.write_new(project / "file", b"new", project, project)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_a_lock_or_log_is_a_regular_file(project: Path, kind: str) -> None:
    """Nobody waits for the reader of a pipe, and a link makes no file elsewhere."""
    path = project / "lock"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("../outside/new")
    else:
        path.mkdir()
    with pytest.raises(OSError, match=r"."):
        write_safely.append(path, b"text")
    assert not (project / "../outside/new").exists()


def test_texts_are_appended(project: Path) -> None:
    """The file is made if it is missing."""
    write_safely.append(project / "log", b"one ")
    write_safely.append(project / "log", b"two")
    assert (project / "log").read_bytes() == b"one two"


@pytest.mark.parametrize("links", [True, False], ids=["links", "a file system without links"])
def test_a_name_that_another_process_has_taken_is_left_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """It may take the name at any time before the file gets it; nothing else stays."""
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    target = project / "file"
    with pytest.raises(write_safely.NameTakenError):
        _write_second(target, project, b"first")
    assert target.read_bytes() == b"first"
    target.unlink()
    _write_second(target, project)
    assert target.read_bytes() == b"second"
    assert [path.name for path in project.iterdir() if path.is_file()] == ["file"]


def _no_links(*_: object) -> None:
    raise PermissionError


def _write_second(target: Path, project: Path, first: bytes | None = None) -> None:
    with write_safely.replace_when_whole(target, project, replaces=False) as file:
        file.write(b"second")
        if first:
            write_safely.write_whole(target, first, project)
