"""A finding as lines of text, and the comments that silence a rule."""

from __future__ import annotations

import pytest

from pytest_carbon.core.local_hooks.workflow_finding import (
    WorkflowFinding,
    format_finding,
    is_silenced,
    unsilenced_lines,
    with_other_lines,
)


def test_finding_has_place_saving_and_fix() -> None:
    """The first line can be clicked in an editor; the fix can be copied."""
    finding = WorkflowFinding("ci.yml", 7, "timeout", "no limit", "6 hours", ("timeout-minutes: 20", "# or more"))
    assert format_finding(finding) == [
        "ci.yml:7: no limit [timeout]", "    saves 6 hours", "    | timeout-minutes: 20", "    | # or more",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([3], "waste"),
        ([3, 5], "waste (also in line 5)"),
        ([3, 5, 8], "waste (also in lines 5, 8)"),
        ([1, 2, 3, 4, 5], "waste (also in lines 2, 3, 4, 5)"),
        ([1, 2, 3, 4, 5, 6], "waste (also in lines 2, 3, 4, 5 and more)"),
    ],
)
def test_other_lines_are_named(lines: list[int], text: str) -> None:
    """At most four other lines are named."""
    assert with_other_lines(lines, "waste") == text


@pytest.mark.parametrize(
    ("line", "silenced"),
    [
        ("cron: x  # carbon: ignore[cron]", True),
        ("cron: x  # carbon: ignore[cache, cron]", True),
        ("cron: x  # carbon: ignore[ cron ]", True),
        ("cron: x  # carbon: ignore[cron", True),
        ("cron: x  # carbon: ignore[cache]", False),
        ("cron: x  # carbon: ignore[crons]", False),
        ("cron: x  # carbon: ignore", False),
        ("", False),
    ],
)
def test_comment_silences_the_rules_that_it_names(line: str, silenced: bool) -> None:
    """Other rules are not silenced."""
    assert is_silenced(line, "cron") is silenced


def test_lines_outside_of_the_file_are_not_silenced() -> None:
    """Line numbers begin at 1; a line that does not exist has no comment."""
    file_lines = ["a  # carbon: ignore[cron]", "b"]
    assert unsilenced_lines([0, 1, 2, 3], file_lines, "cron") == [0, 2, 3]
