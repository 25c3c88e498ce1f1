"""``carbon-devices``: the support that a push drops."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.attack import Attack

PROJECT = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.{}"\n'


def _requires(project: Any, minor: int) -> None:
    (project.root / "pyproject.toml").write_text(PROJECT.format(minor), encoding="utf-8")


def _engines(project: Any, node: str) -> None:
    (project.root / "package.json").write_text(json.dumps({"engines": {"node": node}}), encoding="utf-8")


def test_dropped_support_is_a_warning(project: Any) -> None:
    """The warning names the drop and the stranded devices, then the remedies; other changes have no warning."""
    _requires(project, 8)
    project.repository()
    project.git("checkout", "-q", "-b", "change")
    assert project.carbon("hook", "carbon-devices", "--fail").out == ""
    _requires(project, 13)
    done = project.carbon("hook", "carbon-devices")
    assert (done.code, done.err) == (0, "")
    first, *keep = done.out.splitlines()
    assert first.startswith("this change drops Python 3.8")
    assert "requires-python of pyproject.toml" in first
    assert all(line.startswith("    ") for line in keep)
    assert keep


def test_a_push_is_compared_with_where_it_began(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit names both commits; the working tree is not pushed."""
    _requires(project, 8)
    project.repository()
    begun = project.git("rev-parse", "HEAD")
    same = project.commit_again("more")
    _requires(project, 13)
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", same)
    assert project.carbon("hook", "carbon-devices").out == ""
    monkeypatch.setenv("PRE_COMMIT_TO_REF", project.commit())
    assert project.carbon("hook", "carbon-devices").out.startswith("this change drops Python 3.8")


def test_drops_of_the_default_branch_are_not_named_again(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push that contains newer commits of main is compared with main, and is warned of its own drops only."""
    _requires(project, 8)
    _engines(project, ">=14")
    project.repository(remote=True)
    project.git("checkout", "-q", "-b", "change")
    begun = project.commit_again("mine")
    project.git("checkout", "-q", "main")
    _requires(project, 13)
    project.commit()
    project.git("push", "-q", "-u", "origin", "main")
    project.git("checkout", "-q", "change")
    project.git("merge", "-q", "main")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", project.git("rev-parse", "HEAD"))
    assert project.carbon("hook", "carbon-devices").out == ""
    _engines(project, ">=18")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", project.commit())
    warned = [line for line in project.carbon("hook", "carbon-devices").out.splitlines() if line.startswith("this")]
    assert [line.partition(" (")[0] for line in warned] == ["this change drops Node.js 14 to 17"]


def test_unknown_drops_are_a_note(project: Any) -> None:
    """A file that declared something and is broken now is named, and fails nothing."""
    _engines(project, ">=14")
    project.repository()
    (project.root / "package.json").write_text("{", encoding="utf-8")
    done = project.carbon("hook", "carbon-devices", "--fail")
    assert done.code == 0
    assert done.out.startswith("Could not tell whether this change drops anything: package.json declares something")


def test_silent_without_a_base(project: Any) -> None:
    """Without git, without a commit, and with ``devices = "off"``, the hook is silent."""
    assert project.carbon("hook", "carbon-devices", "--fail").out == ""
    project.git("init", "-q", "-b", "main")
    assert project.carbon("hook", "carbon-devices", "--fail").out == ""
    _requires(project, 8)
    project.repository()
    _requires(project, 13)
    project.policy(whole='devices = "off"')
    done = project.carbon("hook", "carbon-devices", "--fail")
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize("name", ["--output={outside}", "HEAD\n--output={outside}", "-O{outside}"])
def test_names_of_pushed_commits_are_no_options(
    project: Any, monkeypatch: pytest.MonkeyPatch, attack: Attack, name: str
) -> None:
    """What the environment calls a commit empties no file."""
    _requires(project, 8)
    project.repository()
    _requires(project, 13)
    project.commit()
    for variables in (("PRE_COMMIT_FROM_REF",), ("PRE_COMMIT_TO_REF",), ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")):
        for variable in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
            monkeypatch.setenv(variable, name.format(outside=attack.outside) if variable in variables else "HEAD")
        done = project.carbon("hook", "carbon-devices")
        attack.harmless(done.out, done.err)
