"""devices: a change of what the project supports, in a real repository."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OLD, NEW = "manylinux2014", "manylinux_2_28"


def _build(project: Any, tag: str) -> None:
    folder = project.root / "ci"
    folder.mkdir(exist_ok=True)
    (folder / "wheels.sh").write_text(f"auditwheel repair --plat {tag}_x86_64\n", encoding="utf-8")


@pytest.fixture
def raised(project: Any) -> Any:
    """A project whose working tree needs a newer glibc than its last commit."""
    _build(project, OLD)
    project.repository()
    _build(project, NEW)
    return project


def _names(done: Any) -> list[str]:
    return [name for drop in done.json["drops"] for name in drop["names"]]


def test_on_the_default_branch_the_newest_change_is_judged(raised: Any) -> None:
    """Uncommitted files are compared with HEAD; without such files, HEAD is compared with the commit before."""
    first = raised.carbon("devices")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Devices: warning. This change drops glibc before 2.28 and strands Ubuntu 18.04,")
    raised.commit()
    assert raised.carbon("devices").out == first.out
    raised.commit_again("more")
    assert raised.carbon("devices").out.startswith("Devices: pass. This change drops nothing")


def test_a_branch_is_compared_with_where_it_began(project: Any) -> None:
    """Later commits of the default branch do not count; files that are not added to git do."""
    _build(project, OLD)
    project.repository(remote=True)
    project.git("push", "-q", "origin", "main")
    project.git("checkout", "-q", "-b", "work")
    project.commit_again("one")
    (project.root / "Dockerfile").write_text("FROM debian:12\n", encoding="utf-8")
    assert _names(project.carbon("devices", "--json")) == []
    _build(project, NEW)
    assert _names(project.carbon("devices", "--json")) == ["glibc < 2.28"]
    project.git("stash", "-q")
    project.git("checkout", "-q", "main")
    _build(project, NEW)
    project.commit()
    project.git("checkout", "-q", "work")
    assert _names(project.carbon("devices", "--json")) == []


def test_two_commits_are_compared(raised: Any) -> None:
    """Base and head may be any commits; the working tree is then ignored."""
    old, new = raised.git("rev-parse", "HEAD"), raised.commit()
    _build(raised, "manylinux_2_34")
    done = raised.carbon("devices", "--base", old, "--head", new, "--json")
    assert _names(done) == ["glibc < 2.28"]
    assert _names(raised.carbon("devices", "--base", new, "--head", old, "--json")) == []
    assert _names(raised.carbon("devices", "--base", old, "--json")) == ["glibc < 2.34"]


@pytest.mark.parametrize(
    ("policy", "code", "state"),
    [
        ("", 0, "warn"),
        ('devices = "warn"\n', 0, "warn"),
        ('devices = "fail"\n', 1, "fail"),
        ('devices = "off"\n', 0, "pass"),
        ("devices = { level = 5 }\n", 0, "warn"),
    ],
)
def test_the_policy_decides_between_warning_and_failure(raised: Any, policy: str, code: int, state: str) -> None:
    """A drop beyond the level warns, fails with exit code 1, or is not judged."""
    raised.policy(whole=policy)
    done = raised.carbon("devices", "--json")
    assert (done.code, done.json["state"]) == (code, state)


def test_the_policy_of_the_base_counts_with_policy_from(raised: Any) -> None:
    """A gate reads the policy from a commit that the change cannot edit."""
    raised.policy(whole='devices = "fail"\n')
    raised.git("add", "carbon.toml")
    raised.git("commit", "-q", "-m", "policy")
    raised.policy(whole='devices = "off"\n')
    assert raised.carbon("devices").code == 0
    assert raised.carbon("devices", "--policy-from", "HEAD").code == 1


def test_a_maintained_branch_keeps_devices_supported(raised: Any) -> None:
    """A branch of the policy that still supports the old systems lets the change pass."""
    policy = '[devices]\nmode = "fail"\nmaintained-branches = ["1.x"]\n'
    raised.policy(whole=policy)
    assert raised.carbon("devices").code == 1
    raised.git("branch", "1.x", "HEAD")
    done = raised.carbon("devices", "--json", now=None)
    assert (done.code, done.json["drops"][0]["why"]) == (
        0,
        "The branch 1.x is maintained and still supports what is dropped.",
    )


def test_a_maintained_branch_does_not_excuse_its_own_drop(raised: Any) -> None:
    """The branch that is checked out loses the support by this very change."""
    raised.policy(whole='[devices]\nmode = "fail"\nmaintained-branches = ["1.x"]\n')
    raised.git("checkout", "-q", "-b", "1.x")
    done = raised.carbon("devices", "--base", "HEAD", now=None)
    assert done.code == 1


def test_a_missing_object_is_an_error_with_a_next_step(raised: Any) -> None:
    """A clone that lacks an object of git is a mistake, not a crash."""
    blob = raised.git("rev-parse", "HEAD:ci/wheels.sh")
    (raised.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = raised.carbon("devices", "--base", "HEAD")
    assert done.code == 2
    assert "ci/wheels.sh is missing from the objects of this repository" in done.err


def test_every_format_has_the_same_sentence(raised: Any) -> None:
    """The first sentence is the same in JSON and in Markdown."""
    sentence = raised.carbon("devices", "--format", "json").json["sentence"]
    assert sentence == raised.carbon("devices", "--json").json["sentence"]
    assert sentence in raised.carbon("devices", "--format", "markdown").out


def test_an_installed_dependency_says_which_pythons_it_needs(project: Any) -> None:
    """To require this version of pytest drops the Pythons that it refuses."""
    asks = "[project]\nrequires-python = '>=3.6'\ndependencies = ['pytest>={}']\n"
    (project.root / "pyproject.toml").write_text(asks.format("3"), encoding="utf-8")
    project.repository()
    (project.root / "pyproject.toml").write_text(asks.format(pytest.__version__), encoding="utf-8")
    done = project.carbon("devices", "--json")
    assert {"python 3.6", "python 3.7"} <= set(_names(done))
    assert done.json["drops"][0]["where"][0]["setting"] == f"pytest>={pytest.__version__}"


def test_odd_files_of_a_repository_are_read(project: Any) -> None:
    """Links, submodules, odd names, empty and large files make no trouble, in the tree as in a commit."""
    (project.root / "ä b\n").mkdir()
    (project.root / "ä b\n" / "package.json").write_text('{"engines": {"node": ">=16"}}', encoding="utf-8")
    (project.root / "setup.py").symlink_to("/etc/passwd")
    (project.root / ".nvmrc").write_bytes(b"")
    (project.root / "Makefile").write_bytes(b"#" * 2_000_001)
    project.repository()
    other = project.root / "package.json"
    project.git("init", "-q", str(other))
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=other, check=True)
    project.git("-c", "advice.addEmbeddedRepo=false", "add", "package.json")
    project.git("commit", "-q", "-m", "a submodule")
    (project.root / "ä b\n" / "package.json").write_text('{"engines": {"node": ">=18"}}', encoding="utf-8")
    done = project.carbon("devices", "--json")
    assert (done.code, _names(done)) == (0, ["node 16", "node 17"])
    assert "\n" not in done.json["drops"][0]["where"][0]["setting"]
    assert "ä b\\n/package.json" in project.carbon("devices").out.replace("\n               ", "")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--base", "nowhere"), "there is no commit 'nowhere' in this repository"),
        (("--head", "nowhere"), "there is no commit 'nowhere' in this repository"),
        (("--policy-from", "nowhere"), "the policy cannot be read at nowhere"),
        (("--now", "soon"), "soon"),
    ],
)
def test_mistakes_end_with_exit_code_2(raised: Any, arguments: tuple[str, ...], error: str) -> None:
    """The message is one line."""
    done = raised.carbon("devices", *arguments, now=None)
    assert (done.code, done.out) == (2, "")
    assert error in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("devices",),
        ("selftest", "--", "pytest"),
        ("compare", "HEAD", "HEAD"),
        ("check", "--policy-from", "HEAD"),
        ("ledger", "list", "--branch", "carbon-ledger"),
    ],
)
def test_kind_14_a_repository_of_another_user_names_the_next_step(
    project: Any, words: tuple[str, ...], dubious_git: Callable[[], None]
) -> None:
    """The cause is not that there is no repository."""
    project.git("init", "-q")
    dubious_git()
    done = project.carbon(*words)
    assert done.code == 2
    assert "git refuses the repository at" in done.err
    assert f"git config --global --add safe.directory '{project.root}'" in done.err


def test_without_a_repository_or_a_commit_nothing_is_compared(project: Any) -> None:
    """Outside of a repository, and before the first commit, there is no base."""
    assert "is in no git repository" in project.carbon("devices").err
    project.git("init", "-q")
    done = project.carbon("devices")
    assert (done.code, done.err) == (
        2,
        "pytest-carbon: no base: this repository has no commit yet; make a commit first\n",
    )


def test_a_broken_table_is_named(raised: Any) -> None:
    """The message of a refreshed table that cannot be read has the command that writes it anew."""
    path = raised.root / ".carbon" / "lifecycles.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{", encoding="ascii")
    done = raised.carbon("devices")
    assert done.code == 2
    assert "write it anew: pytest-carbon devices --refresh" in done.err


def test_a_shallow_clone_is_compared(raised: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one commit only, the working tree is compared with it."""
    clone = tmp_path / "clone"
    raised.git("clone", "-q", "--depth=1", raised.root.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    assert raised.carbon("devices").out.startswith("Devices: pass.")
    (clone / "ci" / "wheels.sh").write_text(f"--plat {NEW}", encoding="utf-8")
    assert raised.carbon("devices").out.startswith("Devices: warning.")
