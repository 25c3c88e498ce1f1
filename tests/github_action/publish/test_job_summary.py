"""The job's summary: the whole verdict, cut to what GitHub shows."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from github_action.publish import job_summary
from pytest_carbon.core.verdict.verdict import TestChange
from tests.attack import Attack
from tests.github_action.publish.cases import CHECKOUT, FAILED, FINE, HOSTILE, make_publication


def test_summary_holds_the_whole_verdict(tmp_path: Path) -> None:
    """The verdict is appended, with more rows than a comment has, and with the problems of publishing."""
    path = tmp_path / "summary.md"
    path.write_text("before\n", encoding="utf-8")
    tests = tuple(TestChange(f"t.py::test_{n}", "new", None, 1.0 + n, None, None) for n in range(150))
    assert (
        job_summary.append(path, make_publication(replace(FAILED, tests=tests)), ["the status was not set: @bob"]) == ""
    )
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n### ❌ Carbon budget: fail\n")
    assert text.count("| `t.py::test_") == 150
    assert text.endswith("\n**What was not published**\n\n- the status was not set: @&#8203;bob\n\n")


def test_summary_is_never_too_long(tmp_path: Path) -> None:
    """GitHub shows at most one mebibyte of a step."""
    path = tmp_path / "summary.md"
    tests = tuple(TestChange(f"{n}{HOSTILE * 100}", "new", None, 1.0 + n, None, HOSTILE) for n in range(5000))
    judged = tuple(replace(CHECKOUT, name=f"{n}{HOSTILE}") for n in range(1000))
    job_summary.append(path, make_publication(replace(FAILED, tests=tests, judged=judged)), [HOSTILE * 1000] * 5)
    assert path.stat().st_size <= 1 << 20


def test_failed_write_is_returned(tmp_path: Path) -> None:
    """A summary that cannot be written does not fail the step."""
    assert job_summary.append(tmp_path / "no" / "summary.md", make_publication()) == (
        "the job's summary could not be written (No such file or directory)"
    )


def test_summary_without_problems_has_no_list_of_them(tmp_path: Path) -> None:
    """The heading of the problems stands there only above a problem; two verdicts are two documents."""
    path = tmp_path / "summary.md"
    for _ in range(2):
        assert job_summary.append(path, make_publication(FINE)) == ""
    text = path.read_text(encoding="utf-8")
    assert "What was not published" not in text
    assert text.count("### ") == 2


@pytest.mark.attack("files-and-links")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_nothing_waits_for_the_reader_of_a_summary(tmp_path: Path, attack: Attack, kind: str) -> None:
    """A test of the same job may have put a pipe or a link in its place; the step goes on."""
    path = tmp_path / "summary.md"
    os.mkfifo(path) if kind == "pipe" else path.symlink_to(attack.outside)
    problem = job_summary.append(path, make_publication())
    attack.harmless(problem)
    assert problem.startswith("the job's summary could not be written (")
