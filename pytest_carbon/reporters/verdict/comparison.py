"""A comparison, and a self-test, as tables for the terminal; a comparison as JSON, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pytest_carbon.core.compare.growth_rule import GrowthFinding
from pytest_carbon.core.compare.self_comparison import SelfComparison
from pytest_carbon.core.compare.side_by_side import Comparison, GroupComparison
from pytest_carbon.core.escape import visible
from pytest_carbon.core.percentages import percent_text, signed_percent
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.core.verdict.verdict import TestChange
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts

TOP = 10
_SELFTEST_WORDS = (
    ("limit", "the growth that noise alone may show here, and 5 % at least: a lower limit asks for many confirmations"),
    ("visible", "a growth from there on is found 19 times in 20, against a limit of 5 %"),
)
_STYLES = {"costlier": "bold red", "suspicious": "yellow", "cheaper": "green", "no change": "green"}


def to_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    values = {"schema": "pytest-carbon/comparison/1", **to_plain_json(comparison)}
    return {**values, "parts": [_group_json(group) for group in values["parts"]]}


def _group_json(group: dict[str, Any]) -> dict[str, Any]:
    """Put the totals of a group among its own keys, in the order of the JSON format."""
    totals = dict(group["totals"])
    sides = {key: totals.pop(key) for key in ("base_j", "head_j")}
    return {"name": group["name"], "tests": group["tests"], **sides, "finding": group["finding"], **totals}


def render(comparison: Comparison, *, width: int, colour: bool) -> str:
    """Return a comparison as text: all tests and every feature, then the ten tests that differ most."""
    sides = f"{visible(comparison.base)[:60]} -> {visible(comparison.head)[:60]}"
    times = f"{count_text(comparison.runs[0], 'run')} against {count_text(comparison.runs[1], 'run')}"
    parts: list[RenderableType] = [Text(f"{sides}, {times}, in reference energy", style="bold")]
    if comparison.parts:
        parts += ["", _groups_table(comparison.parts)]
        differing = [test for test in comparison.tests if test.kind != "same" or _in_changed_group(test, comparison)][
            :TOP
        ]
        parts += ["", _tests_table(differing)] if differing else []
    parts.append("")
    parts += [labelled_text("why", f"{part.name}: {part.finding.why}") for part in comparison.parts if part.finding.why]
    parts += [labelled_text("note", note, "yellow") for note in comparison.notes if note]
    return render_parts(parts, width=width, colour=colour)


def _in_changed_group(test: TestChange, comparison: Comparison) -> bool:
    """Return whether the test's feature, or the group of all tests, is called costlier, suspicious or cheaper."""
    moved = {part.name for part in comparison.parts if part.finding.state in ("costlier", "suspicious", "cheaper")}
    return test.feature in moved or (test.feature is None and bool(moved)) or comparison.parts[0].name in moved


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for number, name in enumerate(names):
        table.add_column(name, no_wrap=number > 0, overflow="fold", justify="left" if number == 0 else "right")
    return table


def _groups_table(groups: Sequence[GroupComparison]) -> Table:
    table = _table("", "tests", "base", "head", "same tests", "95 % bounds", "answer", "smallest visible")
    for group in groups:
        finding, totals = group.finding, group.totals
        state = Text(finding.state, style=_STYLES.get(finding.state, "yellow"))
        table.add_row(
            Text(visible(group.name)),
            str(group.tests),
            format_energy(totals.base_j),
            format_energy(totals.head_j),
            _percent_or_blank(finding.change),
            _bounds(finding),
            state,
            percent_text(finding.smallest) if finding.smallest is not None else "",
        )
        for kind, number, joules in (
            ("new", totals.new_tests, totals.new_j),
            ("gone", totals.gone_tests, -totals.gone_j),
            ("changed", totals.changed_tests, totals.changed_j),
        ):
            if number:
                table.add_row(Text(f"  {kind}", style="dim"), str(number), "", _signed(joules), "", "", "", "")
    return table


def _percent_or_blank(value: float | None) -> str:
    return "" if value is None else signed_percent(value)


def _bounds(finding: GrowthFinding) -> str:
    if finding.low is None or finding.high is None:
        return ""
    return f"{signed_percent(finding.low)} … {signed_percent(finding.high)}"


def _signed(joules: float) -> str:
    return ("-" if joules < 0 else "+") + format_energy(abs(joules))


def _tests_table(tests: Sequence[TestChange]) -> Table:
    table = _table("tests that differ most", "base", "head", "change", "")
    for test in tests:
        table.add_row(
            Text(visible(test.nodeid)),
            "" if test.base_j is None else format_energy(test.base_j),
            "" if test.head_j is None else format_energy(test.head_j),
            _percent_or_blank(test.change),
            "" if test.kind == "same" else test.kind,
        )
    return table


def render_selftest(units: Sequence[SelfComparison], runs: int, *, width: int, colour: bool) -> str:
    """Return a self-test as text."""
    alarms, compared = sum(unit.false_alarms for unit in units), sum(unit.comparisons for unit in units)
    headline = (
        f"{runs} runs of the same code, {compared} comparisons with itself: {count_text(alarms, 'false alarm')}"
        if compared
        else f"Nothing could be compared: {units[0].why}. {runs} runs of the same code were measured."
    )
    table = _table("", "tests", "comparisons", "false alarms", "spread", "smallest visible", "growth limit")
    for unit in units:
        figures = ("", "could not tell", "")
        if unit.sigma is not None and unit.smallest is not None and unit.suggested is not None:
            limit = f'growth = "{unit.suggested * 100:.0f} %"'
            figures = (percent_text(unit.sigma), percent_text(unit.smallest), limit)
        counts = (str(unit.tests), str(unit.comparisons), str(unit.false_alarms))
        table.add_row(Text(visible(unit.name or "all tests")), *counts, *figures)
    advice = (
        "nothing is recorded; try again with more tests, or while less else runs on this machine"
        if not compared
        else "a limit on growth may fail a run from now on"
        if not alarms
        else "a limit on growth only warns here: the same code was called costlier; raise the limit, or measure on a "
        "calmer machine"
    )
    below = [labelled_text("result", advice)]
    if compared:
        below += [labelled_text(word, text) for word, text in _SELFTEST_WORDS]
    return render_parts([Text(headline, style="bold"), "", table, "", *below], width=width, colour=colour)
