"""A finding in a workflow file, and the comments that silence a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LINES_NAMED = 4


@dataclass(frozen=True, slots=True)
class WorkflowFinding:
    """One waste in a workflow file: its first line, the problem, what the fix saves, and the lines of the fix."""

    path: str
    line: int
    rule: str
    problem: str
    saves: str
    fix: tuple[str, ...]


def format_finding(finding: WorkflowFinding) -> list[str]:
    """Return a finding as lines of text: place and problem, what the fix saves, and the fix."""
    first = f"{finding.path}:{finding.line}: {finding.problem} [{finding.rule}]"
    return [first, f"    saves {finding.saves}", *(f"    | {line}" for line in finding.fix)]


def with_other_lines(lines: Sequence[int], problem: str) -> str:
    """Return a problem with the other lines that have it; ``lines[0]`` is the finding's own line."""
    others = ", ".join(str(line) for line in lines[1 : MOST_LINES_NAMED + 1]) + (
        " and more" if len(lines) > MOST_LINES_NAMED + 1 else ""
    )
    return f"{problem} (also in {'line' if len(lines) == 2 else 'lines'} {others})" if others else problem


def is_silenced(line: str, rule: str) -> bool:
    """Return whether a comment in a line silences a rule: ``# carbon: ignore[rule]`` or ``ignore[rule, rule]``."""
    _, mark, rest = line.partition("# carbon: ignore[")
    return bool(mark) and rule in [name.strip() for name in rest.partition("]")[0].split(",")]


def unsilenced_lines(lines: Sequence[int], file_lines: Sequence[str], rule: str) -> list[int]:
    """Return the line numbers at which no comment silences a rule."""
    return [line for line in lines if not (0 < line <= len(file_lines) and is_silenced(file_lines[line - 1], rule))]
