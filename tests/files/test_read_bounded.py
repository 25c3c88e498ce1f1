"""Tests of bounded reading: regular files up to a size, and everything else ends at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pytest_carbon.files.follow_links import UnfitFileError
from pytest_carbon.files.read_bounded import open_regular, read_bytes

pytestmark = pytest.mark.timeout(20)


def _make(kind: str, path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(5_000_000_000)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("pipe", "it is a pipe, not a regular file; write its content to a file first"),
        ("folder", "it is a folder, not a regular file"),
        ("socket", "it is a socket, not a regular file"),
        ("device", "it is a device, not a regular file"),
        ("5 GB", "it is larger than 1 kB"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_no_small_regular_file_is_refused_at_once(
    tmp_path: Path, kind: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits for the other end of a pipe, and nothing reads a device."""
    monkeypatch.chdir(tmp_path)
    _make(kind, Path("file"))
    with pytest.raises(UnfitFileError) as caught:
        read_bytes(Path("file"), 1000)
    assert (caught.value.filename, caught.value.strerror) == ("file", reason)


def test_standard_input_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual name of standard input says what to do, unless a file has it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnfitFileError, match="standard input is not read; write its content to a file first"):
        read_bytes(Path("-"), 1000)
    Path("-").write_bytes(b"x")
    assert read_bytes(Path("-"), 1000) == b"x"


def test_the_limit_is_exact(tmp_path: Path) -> None:
    """A file of just the limit is read."""
    (tmp_path / "file").write_bytes(b"x" * 1001)
    assert len(read_bytes(tmp_path / "file", 1001)) == 1001
    with pytest.raises(UnfitFileError, match="larger than 1 kB"):
        read_bytes(tmp_path / "file", 1000)


def test_a_file_that_grows_while_it_is_read_is_refused() -> None:
    """The size that a file states is not trusted; files of /proc state none."""
    assert Path("/proc/cpuinfo").stat().st_size == 0
    with pytest.raises(UnfitFileError, match="larger than"):
        read_bytes(Path("/proc/cpuinfo"), 1)


def test_a_missing_file_stays_a_missing_file(tmp_path: Path) -> None:
    """Callers tell a missing file from one that is unfit."""
    with pytest.raises(FileNotFoundError):
        read_bytes(tmp_path / "missing", 1)


def test_a_link_of_the_project_is_read_in_the_project_only(tmp_path: Path) -> None:
    """With a project, a link that leaves it is refused; without one, the user named the path."""
    (tmp_path / "project").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    link = tmp_path / "project" / "link"
    link.symlink_to("../secret")
    assert read_bytes(link, 100) == b"secret"
    with pytest.raises(UnfitFileError, match="leaves the project"), open_regular(link, 100, tmp_path / "project"):
        pass
