"""``carbon-devices``: what a push stops supporting, said before it leaves."""

from __future__ import annotations

from typing import Any

import pytest

PROJECT = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.{}"\n'


def _requires(project: Any, minor: int) -> None:
    (project.root / "pyproject.toml").write_text(PROJECT.format(minor), encoding="utf-8")


def test_what_a_change_drops_is_told(project: Any) -> None:
    """What is dropped and whom that strands comes first, then what would keep it alive; a quiet change says nothing."""
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


def test_a_push_is_held_against_where_it_began(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit tells both commits: what lies in the working tree is not pushed."""
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


def test_nothing_to_compare(project: Any) -> None:
    """Without git, without a commit, and where the policy says off, it is silent."""
    assert project.carbon("hook", "carbon-devices", "--fail").out == ""
    project.git("init", "-q", "-b", "main")
    assert project.carbon("hook", "carbon-devices", "--fail").out == ""
    _requires(project, 8)
    project.repository()
    _requires(project, 13)
    project.policy(whole='devices = "off"')
    done = project.carbon("hook", "carbon-devices", "--fail")
    assert (done.code, done.out, done.err) == (0, "", "")
