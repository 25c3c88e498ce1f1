"""What a rule finds in a workflow's file, and the comments that silence a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LINES_NAMED = 4


@dataclass(frozen=True, slots=True)
class WorkflowFinding:
    """One waste: the line that shows it first, what it is, what mending it saves, and the lines that mend it."""

    path: str
    line: int
    rule: str
    problem: str
    saves: str
    fix: tuple[str, ...]


def format_finding(finding: WorkflowFinding) -> list[str]:
    """Write a finding: where and what, what it saves, and how to mend it."""
    first = f"{finding.path}:{finding.line}: {finding.problem} [{finding.rule}]"
    return [first, f"    saves {finding.saves}", *(f"    | {line}" for line in finding.fix)]


def with_other_lines(lines: Sequence[int], problem: str) -> str:
    """Say what there is at the first of some lines, and where else."""
    others = ", ".join(str(line) for line in lines[1 : MOST_LINES_NAMED + 1]) + (
        " and more" if len(lines) > MOST_LINES_NAMED + 1 else ""
    )
    return f"{problem} (also in {'line' if len(lines) == 2 else 'lines'} {others})" if others else problem


def is_silenced(line: str, rule: str) -> bool:
    """Say whether a line's comment silences a rule: ``# carbon: ignore[rule]``, or several with commas between."""
    _, mark, rest = line.partition("# carbon: ignore[")
    return bool(mark) and rule in [name.strip() for name in rest.partition("]")[0].split(",")]


def unsilenced_lines(lines: Sequence[int], file_lines: Sequence[str], rule: str) -> list[int]:
    """Return the lines of a file at which a rule is not silenced."""
    return [place for place in lines if not (0 < place <= len(file_lines) and is_silenced(file_lines[place - 1], rule))]
