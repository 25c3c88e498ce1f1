"""A repository that lacks objects has them fetched only where the user works, and for no other command."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_carbon.declared.files_at_commit import read_files_at
from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError
from pytest_carbon.git.worktree import checkout
from tests.attack import Attack
from tests.git.small_repository import commit, git, new_repository


def lose_an_object(folder: Path, name: str, settings: dict[str, str]) -> None:
    """Remove an object, and name a remote that git would ask for it."""
    lost = git(folder, "rev-parse", name)
    (folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    own = {"extensions.partialClone": "p", "core.repositoryFormatVersion": "1", "remote.p.promisor": "true"}
    for key, value in {**own, **settings}.items():
        git(folder, "config", key, value)


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("way", ["uploadpack", "ssh", "ext"])
@pytest.mark.parametrize(
    ("lost", "arguments", "names"),
    [
        ("HEAD:a", ["cat-file", "blob"], ["HEAD:a"]),
        ("HEAD:a", ["cat-file", "-t"], ["HEAD:a"]),
        ("HEAD:a", ["show"], ["HEAD:a"]),
        ("HEAD:a", ["grep", "x", "HEAD"], []),
        ("HEAD:a", ["diff"], ["HEAD"]),
        ("HEAD^{tree}", ["ls-tree", "-r"], ["HEAD"]),
        ("HEAD^{tree}", ["log", "--name-only"], ["HEAD"]),
        ("HEAD^{tree}", ["diff-tree", "-r"], ["HEAD~1", "HEAD"]),
        ("HEAD^{tree}", ["read-tree"], ["HEAD"]),
        ("HEAD^{tree}", ["checkout", "HEAD~1"], []),
        ("HEAD~1", ["merge-base"], ["HEAD", "HEAD~1"]),
        ("HEAD~1", ["rev-list"], ["HEAD"]),
        ("HEAD~1", ["rev-parse", "--verify"], ["HEAD~1^{commit}"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_missing_object_makes_no_command_run(
    tmp_path: Path, attack: Attack, way: str, lost: str, arguments: list[str], names: list[str]
) -> None:
    """Git would ask a remote that the repository's own settings name, by a command that they name."""
    repository = new_repository(tmp_path / "repository")
    commit(repository, {"a": "one"})
    commit(repository, {"a": "two"})
    settings = {
        "uploadpack": {"remote.p.url": str(repository), "remote.p.uploadpack": str(attack.command)},
        "ssh": {"remote.p.url": "ssh://git.example.org/x", "core.sshCommand": str(attack.command)},
        "ext": {"remote.p.url": f"ext::{attack.command}", "protocol.allow": "always"},
    }
    lose_an_object(repository, lost, settings[way])
    try:
        shown = run_git.run(arguments, repository, names=names).decode()
    except GitError as error:
        shown = str(error)
    attack.harmless(shown)


def test_partial_clone_of_the_user_is_completed(tmp_path: Path) -> None:
    """A base is checked out, and its declarations are read, although the clone has no files of it yet."""
    origin = new_repository(tmp_path / "origin")
    base = commit(origin, {"setup.py": "one"})
    commit(origin, {"setup.py": "two"})
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    for name in ("first", "second"):
        git(tmp_path, "clone", "-q", "--filter=blob:none", origin.as_uri(), name)
    with checkout(tmp_path / "first", base, tmp_path / "tree") as tree:
        assert (tree / "setup.py").read_text(encoding="utf-8") == "one"
    with pytest.raises(GitError):
        run_git.run(["cat-file", "blob"], tmp_path / "second", names=[f"{base}:setup.py"])
    assert read_files_at(base, tmp_path / "second") == {"setup.py": b"one"}


@pytest.mark.attack("bombs")
@pytest.mark.parametrize("word", ["a.", "https://", "https://a:", "//:@", "authorization:"])
def test_long_answer_of_a_server_is_cut(tmp_path: Path, attack: Attack, word: str) -> None:
    """A server may send megabytes of an error; the beginning and the end of it are kept, soon and without secrets."""
    repository = new_repository(tmp_path / "repository")
    program = tmp_path / "upload-pack"
    flood = f"yes '{word}' | tr -d '\\n' | head -c 3000000"
    program.write_text(f"#!/bin/sh\n{flood} >&2\necho https://u:{attack.secret}@h >&2\n", encoding="utf-8")
    program.chmod(0o755)
    start_s = time.process_time()
    with pytest.raises(GitError) as caught:
        run_git.run(["ls-remote", f"--upload-pack={program}"], repository, names=[str(repository)])
    assert time.process_time() - start_s < 20  # backtracking would take minutes
    assert len(caught.value.output) < run_git.MOST_OUTPUT + 100
    attack.ended("refused", caught.value.output, str(caught.value))
