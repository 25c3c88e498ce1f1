"""devices: a change of what the project runs on, in a real repository."""

from __future__ import annotations

import subprocess
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
    """A project whose working tree raises the glibc that its last commit asks for."""
    _build(project, OLD)
    project.repository()
    _build(project, NEW)
    return project


def _names(done: Any) -> list[str]:
    return [name for drop in done.json["drops"] for name in drop["names"]]


def test_the_files_here_are_compared_with_the_last_commit(raised: Any) -> None:
    """Without options, on the default branch, what is not yet committed is the change; committed, it is the commit."""
    first = raised.carbon("devices")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Devices: warning. This change drops glibc before 2.28: it strands Ubuntu 18.04,")
    raised.commit()
    assert raised.carbon("devices").out == first.out
    raised.commit_again("more")
    assert raised.carbon("devices").out.startswith("Devices: pass. This change drops nothing")


def test_a_branch_is_compared_with_where_it_began(project: Any) -> None:
    """What the default branch does meanwhile is not this branch's doing; files not added yet count."""
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
    """Base and head may be any commits, and what lies in the working tree is then no part of it."""
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
def test_the_policy_decides(raised: Any, policy: str, code: int, state: str) -> None:
    """A drop that breaks the level warns, fails or is not looked at; it fails by exit code 1."""
    raised.policy(whole=policy)
    done = raised.carbon("devices", "--json")
    assert (done.code, done.json["state"]) == (code, state)


def test_the_policy_of_the_base_counts_if_it_is_asked_for(raised: Any) -> None:
    """A gate reads the policy where the change cannot edit it."""
    raised.policy(whole='devices = "fail"\n')
    raised.git("add", "carbon.toml")
    raised.git("commit", "-q", "-m", "policy")
    raised.policy(whole='devices = "off"\n')
    assert raised.carbon("devices").code == 0
    assert raised.carbon("devices", "--policy-from", "HEAD").code == 1


def test_a_maintained_branch_keeps_alive(raised: Any) -> None:
    """A branch of the policy that still builds for the old systems lets the change pass, if it is here."""
    policy = '[devices]\nmode = "fail"\nmaintained-branches = ["1.x"]\n'
    raised.policy(whole=policy)
    assert raised.carbon("devices").code == 1
    raised.git("branch", "1.x", "HEAD")
    done = raised.carbon("devices", "--json", now=None)
    assert (done.code, done.json["drops"][0]["why"]) == (0, "The branch 1.x still supports it and is maintained.")


def test_a_branch_does_not_keep_alive_what_is_dropped_from_it(raised: Any) -> None:
    """A maintained branch that is checked out still has what the change takes away: that keeps nobody alive."""
    raised.policy(whole='[devices]\nmode = "fail"\nmaintained-branches = ["1.x"]\n')
    raised.git("checkout", "-q", "-b", "1.x")
    done = raised.carbon("devices", "--base", "HEAD", now=None)
    assert done.code == 1


def test_a_clone_that_is_not_whole_is_told(raised: Any) -> None:
    """An object that git names and does not have is a mistake with a next step, and no crash."""
    blob = raised.git("rev-parse", "HEAD:ci/wheels.sh")
    (raised.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = raised.carbon("devices", "--base", "HEAD")
    assert done.code == 2
    assert "ci/wheels.sh is missing from the objects of this repository" in done.err


def test_markdown_and_json_say_the_same(raised: Any) -> None:
    """Every form has the same first sentence."""
    sentence = raised.carbon("devices", "--format", "json").json["sentence"]
    assert sentence == raised.carbon("devices", "--json").json["sentence"]
    assert sentence in raised.carbon("devices", "--format", "markdown").out


def test_a_dependency_that_is_installed_is_asked(project: Any) -> None:
    """What pytest itself needs is known here: to ask for this version drops the Pythons it refuses."""
    asks = "[project]\nrequires-python = '>=3.6'\ndependencies = ['pytest>={}']\n"
    (project.root / "pyproject.toml").write_text(asks.format("3"), encoding="utf-8")
    project.repository()
    (project.root / "pyproject.toml").write_text(asks.format(pytest.__version__), encoding="utf-8")
    done = project.carbon("devices", "--json")
    assert {"python 3.6", "python 3.7"} <= set(_names(done))
    assert done.json["drops"][0]["where"][0]["setting"] == f"pytest>={pytest.__version__}"


def test_odd_files_of_a_repository(project: Any) -> None:
    """Links, submodules, odd names, empty and large files are no trouble, in the tree as in a commit."""
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
def test_mistakes_end_with_two(raised: Any, arguments: tuple[str, ...], error: str) -> None:
    """What was asked and cannot be is told in one line."""
    done = raised.carbon("devices", *arguments, now=None)
    assert (done.code, done.out) == (2, "")
    assert error in done.err
    assert done.err.count("\n") == 1


def test_without_git_or_a_commit(project: Any) -> None:
    """Outside of a repository, and before the first commit, there is nothing to compare with."""
    assert "is in no git repository" in project.carbon("devices").err
    project.git("init", "-q")
    done = project.carbon("devices")
    assert (done.code, done.err) == (2, "pytest-carbon: no base: this repository has no commit yet\n")


def test_a_broken_table_is_told(raised: Any) -> None:
    """A refreshed table that cannot be read is named with what to do."""
    path = raised.root / ".carbon" / "lifecycles.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{", encoding="ascii")
    done = raised.carbon("devices")
    assert done.code == 2
    assert "write it anew: pytest-carbon devices --refresh" in done.err


def test_a_shallow_clone_is_compared(raised: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one commit only, the files here are compared with it."""
    clone = tmp_path / "clone"
    raised.git("clone", "-q", "--depth=1", raised.root.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    assert raised.carbon("devices").out.startswith("Devices: pass.")
    (clone / "ci" / "wheels.sh").write_text(f"--plat {NEW}", encoding="utf-8")
    assert raised.carbon("devices").out.startswith("Devices: warning.")
