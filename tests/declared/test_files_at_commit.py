"""Files that may declare something, read through git at a commit and in the working tree."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.declared.files_at_commit import (
    MOST_BYTES,
    MOST_PATHS,
    commit_time,
    list_blobs,
    read_blobs,
    read_files_at,
    read_maintained_branches,
    read_working_tree,
)
from pytest_carbon.declared.read_project import MAX_FILE_BYTES
from tests.attack import Attack
from tests.git.small_repository import commit, git, new_repository, write

OLD, NEW = {"setup.py": "setup(python_requires='>=3.8')"}, {"setup.py": "setup(python_requires='>=3.9')"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty repository."""
    return new_repository(tmp_path / "repository")


def test_only_files_that_may_declare_something_are_read(repository: Path) -> None:
    """Sources, vendored files and symbolic links are left out; files of the commit count, not those of the tree."""
    (repository / "Makefile").symlink_to("setup.py")
    first = commit(
        repository,
        {"setup.py": "one", "web/ä/.nvmrc": "18", "src/code.py": "x", "vendor/a/go.mod": "go 1.1", "Cargo.toml": ""},
    )
    commit(repository, {"setup.py": "two"})
    write(repository, {"setup.py": "three"})
    files = {"setup.py": b"one", "web/ä/.nvmrc": b"18", "Cargo.toml": b""}
    assert read_files_at(first, repository) == files
    assert set(list_blobs(first, repository)) == set(files)
    assert read_files_at("HEAD", repository)["setup.py"] == b"two"


def test_the_working_tree_has_what_git_does_not_ignore(repository: Path) -> None:
    """Changed and new files count; ignored and deleted files, links and folders do not."""
    commit(repository, {"setup.py": "one", "setup.cfg": "x", ".gitignore": "ignored/\n"})
    write(repository, {"setup.py": "two", "new/go.mod": "go 1.2", "ignored/go.mod": "go 1.1", "README.md": "x"})
    (repository / "setup.cfg").unlink()
    (repository / "Makefile").symlink_to("/etc/passwd")
    assert read_working_tree(repository) == {"setup.py": b"two", "new/go.mod": b"go 1.2"}


def test_a_file_that_is_too_large_is_not_read(repository: Path) -> None:
    """A file of 2,000,000 bytes is read; a larger one is replaced by something that is too large as well."""
    at, head = MAX_FILE_BYTES, commit(repository, {"setup.py": "x" * MAX_FILE_BYTES, "setup.cfg": "x" * 3_000_000})
    for files in (read_files_at(head, repository), read_working_tree(repository)):
        assert {path: len(content) for path, content in files.items()} == {"setup.py": at, "setup.cfg": at + 1}


def test_a_commit_without_such_files_is_empty(repository: Path) -> None:
    """No file at all is read from a commit that declares nothing."""
    head = commit(repository, {"README.md": "x"})
    assert read_files_at(head, repository) == read_blobs({}, repository) == {}


def test_a_missing_blob_is_an_error_with_the_next_step(repository: Path) -> None:
    """A repository that lacks an object names the file and git fsck."""
    head = commit(repository, {"setup.py": "one"})
    blob = git(repository, "rev-parse", "HEAD:setup.py")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ConfigError, match=r"^setup\.py is missing from the objects .* run git fsck$"):
        read_files_at(head, repository)


def test_maintained_branches(repository: Path) -> None:
    """The branch of the remote comes before the local one; unknown branches and the checked-out one are left out."""
    old = commit(repository, OLD)
    commit(repository, NEW)
    git(repository, "branch", "1.x", old)
    git(repository, "branch", "2.x")
    git(repository, "update-ref", "refs/remotes/origin/2.x", old)
    branches = read_maintained_branches(["1.x", "2.x", "3.x", "main"], repository, "origin")
    assert [branch.name for branch in branches] == ["1.x", "2.x"]
    assert [branch.declarations.statements[0].values for branch in branches] == [(">=3.8",), (">=3.8",)]
    assert {branch.last_commit for branch in branches} == {datetime(2026, 11, 20, 8, tzinfo=UTC)}
    assert read_maintained_branches([], repository, "origin") == []


def test_the_time_of_a_commit(repository: Path) -> None:
    """It is the time at which the commit was committed, not that of its author."""
    assert commit_time(commit(repository, OLD), repository) == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.attack("hostile-files")
def test_one_file_at_many_paths_is_read_once_within_limits(repository: Path, attack: Attack) -> None:
    """A tree names the same blob as often as it likes: its bytes are shared, and count at each path."""
    commit(repository, {"setup.py": "x" * 1_000_000})
    blob = git(repository, "rev-parse", "HEAD:setup.py")
    shared = read_blobs({f"{number}/setup.py": blob for number in range(40)}, repository)
    assert len(shared) == 40
    assert len({id(content) for content in shared.values()}) == 1
    for paths, reason in ((MOST_BYTES // 1_000_000 + 1, "files of 51 MB in all"), (MOST_PATHS + 1, "20,001 files")):
        with pytest.raises(ConfigError, match=rf"^{reason} may declare what is supported; at most 20,000") as caught:
            read_blobs({f"{number}/setup.py": blob for number in range(paths)}, repository)
        attack.ended("inconclusive", str(caught.value))


@pytest.mark.attack("hostile-files")
def test_working_tree_is_read_within_limits(repository: Path, attack: Attack) -> None:
    """Files that are not committed count as well."""
    write(repository, {f"{number}/setup.py": "x" * 2_000_000 for number in range(26)})
    with pytest.raises(ConfigError, match=r"^files of 52 MB in all may declare") as caught:
        read_working_tree(repository)
    attack.ended("inconclusive", str(caught.value))
