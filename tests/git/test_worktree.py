"""Commits checked out beside the user's tree, which stays as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_carbon.git.worktree import (
    CheckoutError,
    checkout,
    copy_changes,
    copy_generated,
    local_files,
    missing_parts,
    resolve_commit,
)


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def commit(folder: Path, files: dict[str, str]) -> str:
    write(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a commit")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two commits, and work on a third that is half in the index."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {"a.py": "1", "package/b.py": "1", "gone.py": "1", ".gitignore": "*.so\n_version.py\nbuild/\n"})
    commit(folder, {"a.py": "2"})
    return folder


def work_on(repository: Path) -> None:
    """Leave a file half in the index, a new one, a deleted one and ignored ones."""
    write(repository, {"a.py": "3"})
    git(repository, "add", "a.py")
    write(repository, {"a.py": "4", "new/ü.py": "new", "package/_version.py": "5", "package/fast.so": "6"})
    write(repository, {"build/lib/c.py": "7"})
    (repository / "gone.py").unlink()


def state(repository: Path) -> tuple[object, ...]:
    files = {p: p.read_bytes() for p in repository.rglob("*") if p.is_file() and ".git" not in p.parts}
    index = (repository / ".git" / "index").read_bytes()
    listed = git(repository, "worktree", "list", "--porcelain")
    return files, index, (repository / ".git" / "HEAD").read_text(), listed


def test_checkout_has_the_commit_and_is_removed(repository: Path, tmp_path: Path) -> None:
    """The folder has the commit's files; the user's files, index, HEAD and worktrees stay as they were."""
    work_on(repository)
    before = state(repository)
    with checkout(repository, "HEAD~1", tmp_path / "base") as tree:
        assert (tree / "a.py").read_text() == "1"
        assert git(tree, "rev-parse", "HEAD") == git(repository, "rev-parse", "HEAD~1")
        assert state(repository)[:3] == before[:3]
    assert state(repository) == before
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_checkout_is_removed_after_an_error(repository: Path, tmp_path: Path, error: type[BaseException]) -> None:
    """Whatever ends the measurement, nothing is left."""
    before = state(repository)
    with pytest.raises(error), checkout(repository, "HEAD", tmp_path / "head"):
        raise error
    assert state(repository) == before


@pytest.mark.parametrize("damage", ["folder", ".git", "worktree"])
def test_damaged_checkout_is_removed(repository: Path, tmp_path: Path, damage: str) -> None:
    """Tests may remove the folder that they run in, or make a worktree of it."""
    before = state(repository)
    with checkout(repository, "HEAD", tmp_path / "head") as tree:
        if damage == "folder":
            shutil.rmtree(tree)
        elif damage == ".git":
            shutil.rmtree(tree / ".git")
        else:
            git(tree, "worktree", "add", "--quiet", "--detach", str(tmp_path / "more"))
    assert state(repository) == before


def test_other_worktrees_are_left_alone(repository: Path, tmp_path: Path) -> None:
    """A worktree of the user whose disk is not mounted stays registered, and a linked worktree can be measured from."""
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "away"))
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    (tmp_path / "away").rename(tmp_path / "unplugged")
    before = state(repository)
    with checkout(tmp_path / "linked", "main~1", tmp_path / "base") as tree:
        assert (tree / "a.py").read_text() == "1"
    assert state(repository) == before
    assert str(tmp_path / "away") in git(repository, "worktree", "list")


def test_checkout_has_a_repository_of_its_own(repository: Path, tmp_path: Path) -> None:
    """Settings, commits and tags of the checkout are not the user's; the user's tags and settings are there."""
    git(repository, "tag", "v1")
    git(repository, "config", "user.name", "a user")
    settings = (repository / ".git" / "config").read_text()
    with checkout(repository, "HEAD~1", tmp_path / "head") as tree:
        assert git(tree, "describe", "--tags", "--contains", "HEAD") == "v1~1"
        assert git(tree, "status", "--porcelain") == ""
        assert git(tree, "config", "user.name") == "n"
        git(tree, "config", "--local", "user.name", "ci")
        git(tree, "tag", "v2")
        commit(tree, {"a.py": "5"})
    assert git(repository, "tag") == "v1"
    assert (repository / ".git" / "config").read_text() == settings


def test_checkout_of_a_submodule(repository: Path, tmp_path: Path) -> None:
    """The settings of a submodule's repository name its work tree, which the checkout must not touch."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "main")
    git(outer, "submodule", "--quiet", "add", f"file://{repository}", "inner")
    with checkout(outer / "inner", "HEAD~1", tmp_path / "base") as tree:
        assert (tree / "a.py").read_text() == "1"
    assert (outer / "inner" / "a.py").read_text() == "2"


def test_no_hook_runs(repository: Path, tmp_path: Path) -> None:
    """A post-checkout hook of the repository is not run."""
    hook = repository / ".git" / "hooks" / "post-checkout"
    write(hook.parent, {hook.name: f"#!/bin/sh\ntouch {tmp_path}/hooked\n"})
    hook.chmod(0o755)
    git(repository, "checkout", "-q", "HEAD")
    assert (tmp_path / "hooked").exists()
    (tmp_path / "hooked").unlink()
    with checkout(repository, "HEAD", tmp_path / "head"):
        assert not (tmp_path / "hooked").exists()


def test_checkout_inside_a_git_hook_is_refused(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a hook, git would overwrite the user's index."""
    before = state(repository)
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git" / "index"))
    with pytest.raises(CheckoutError, match="GIT_INDEX_FILE is set, as in a git hook"):
        checkout(repository, "HEAD~1", tmp_path / "base").__enter__()
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert state(repository) == before


def test_existing_folder_is_refused(repository: Path, tmp_path: Path) -> None:
    """The error contains git's own message."""
    write(tmp_path, {"taken/file": "mine"})
    with pytest.raises(CheckoutError, match=r"could not be checked out into .*taken.* already exists"):
        checkout(repository, "HEAD", tmp_path / "taken").__enter__()


def test_missing_commit_of_a_shallow_clone_is_explained(repository: Path, tmp_path: Path) -> None:
    """The error names the command that fetches the commit; commits that are there are checked out."""
    missing = git(repository, "rev-parse", "HEAD~1")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    shallow = tmp_path / "shallow"
    with pytest.raises(CheckoutError, match=rf"shallow clone; fetch it with git fetch --depth=1 origin {missing}"):
        resolve_commit(shallow, missing)
    with checkout(shallow, "HEAD", tmp_path / "head") as tree:
        assert (tree / "a.py").read_text() == "2"
    git(shallow, "fetch", "-q", "--depth=1", "origin", missing)
    with checkout(shallow, missing, tmp_path / "base") as tree:
        assert (tree / "a.py").read_text() == "1"


@pytest.mark.parametrize("wrong", ["nonsense", "0" * 40, "--all", "HEAD:a.py", ""])
def test_unknown_commit_is_refused(repository: Path, wrong: str) -> None:
    """The error quotes the name as it was written."""
    with pytest.raises(CheckoutError, match=rf"there is no commit '{wrong}' in this repository"):
        resolve_commit(repository, wrong)


def test_folder_outside_git_is_refused(tmp_path: Path) -> None:
    """Outside a repository there is nothing to compare."""
    with pytest.raises(CheckoutError, match="is not a git repository"):
        resolve_commit(tmp_path, "HEAD")


def test_changes_of_the_working_tree_are_copied(repository: Path, tmp_path: Path) -> None:
    """A checkout of HEAD with the changes equals the user's tree, without files that git ignores."""
    assert local_files(repository).changed == ()
    work_on(repository)
    before = state(repository)
    local = local_files(repository)
    assert sorted(local.changed) == ["a.py", "gone.py", "new/ü.py"]
    assert sorted(local.ignored) == ["package/_version.py", "package/fast.so"]
    with checkout(repository, "HEAD", tmp_path / "head") as tree:
        copy_changes(local.changed, repository, tree)
        files = {str(p.relative_to(tree)): p.read_text() for p in tree.rglob("*.py")}
    assert files == {"a.py": "4", "package/b.py": "1", "new/ü.py": "new"}
    assert state(repository) == before


def test_file_can_become_a_folder_or_a_link(repository: Path, tmp_path: Path) -> None:
    """The checkout has the same kind of entry as the user's tree, whatever was there before."""
    (repository / "a.py").unlink()
    write(repository, {"a.py/inner.py": "5"})
    shutil.rmtree(repository / "package")
    (repository / "package").symlink_to("a.py")
    with checkout(repository, "HEAD", tmp_path / "head") as tree:
        copy_changes(sorted(local_files(repository).changed), repository, tree)
        assert (tree / "a.py" / "inner.py").read_text() == "5"
        assert (tree / "package").is_symlink()
        assert (tree / "package" / "inner.py").read_text() == "5"


def test_generated_modules_are_copied(repository: Path, tmp_path: Path) -> None:
    """A generated module that git ignores is the same on both sides; a compiled one is left out; both are reported."""
    work_on(repository)
    ignored = local_files(repository).ignored
    with checkout(repository, "HEAD~1", tmp_path / "base") as tree:
        gaps = copy_generated(ignored, repository, tree)
        assert (tree / "package" / "_version.py").read_text() == "5"
        assert not (tree / "package" / "fast.so").exists()
    assert gaps == [
        "package/_version.py is not in git: both sides use the file of your checkout",
        "package/fast.so is compiled and not in git: both sides run without this file; set [confirm] setup to build it",
    ]


def test_submodules_and_lfs_files_are_reported_as_missing(repository: Path, tmp_path: Path) -> None:
    """A plain repository has no missing parts."""
    assert missing_parts(repository) == []
    write(repository, {".gitattributes": "*.bin filter=lfs diff=lfs\n", ".gitmodules": ""})
    assert [gap.split(" are ")[0] for gap in missing_parts(repository)] == ["submodules", "files of Git LFS"]
    git(repository, "submodule", "--quiet", "add", f"file://{repository}", "inner")
    commit(repository, {})
    with checkout(repository, "HEAD", tmp_path / "head") as tree:
        assert list((tree / "inner").iterdir()) == []
