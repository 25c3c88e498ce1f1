"""The holders of a verdict as lines: order, use, budget and change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict import holder_lines
from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, State
from tests.core.verdict.samples import CHECKOUT, STATUS, VERDICT


def _judged(name: str, state: State, used: float | None = None) -> HolderVerdict:
    standing = None if used is None else replace(STATUS, used=used)
    return replace(CHECKOUT, name=name, state=state, standing=standing)


def test_worst_holders_come_first() -> None:
    """Holders are sorted by state, then by the used share of the budget, then by name."""
    judged = (_judged("a", "pass"), _judged("b", "pass", 0.9), _judged("c", "warn", 0.1), _judged("d", "fail"))
    lines = holder_lines.holder_lines(replace(VERDICT, judged=judged))
    assert [line.label for line in lines] == ["d", "c", "b", "a"]
    assert holder_lines.rest_text(lines[1:]) == "and 3 more: 1 warning, 2 no limit"
    assert holder_lines.rest_text([]) == ""
    assert [line.label for line in holder_lines.budget_lines(judged)] == ["c", "b"]


@pytest.mark.parametrize(
    ("checks", "state", "word"),
    [
        ((), "pass", "no limit"),
        ((Check("growth", "pass", "", not_judged="too small"),), "pass", "not judged"),
        ((Check("growth", "pass", "", not_judged="too small"), Check("per-run", "pass", "")), "pass", "pass"),
        ((Check("growth", "inconclusive", "", not_judged="no test ran"),), "inconclusive", "inconclusive"),
    ],
)
def test_what_has_no_limit_or_no_answer_is_no_pass(checks: tuple[Check, ...], state: State, word: str) -> None:
    """The state in a word says that there is no limit, or that none was judged."""
    judged = replace(CHECKOUT, state=state, checks=checks)
    (line,) = holder_lines.holder_lines(replace(VERDICT, judged=(judged,)))
    assert (line.word, line.state) == (word, state)
    unsure = replace(VERDICT, state=state, judged=(judged,), devices=None)
    assert unsure.judges_nothing == (word in ("no limit", "not judged"))


@pytest.mark.parametrize(
    ("energy_j", "reference_j", "emissions_g", "value"),
    [(9.0, 5.0, Range(1.2345, 0.8, 2.0), "1.23 g"), (9.0, 5.0, None, "9 J"), (None, 5.0, None, "5 J ref"),
     (None, None, None, "unknown")],
)  # fmt: skip
def test_value_is_the_best_known_unit(
    energy_j: float | None, reference_j: float | None, emissions_g: Range | None, value: str
) -> None:
    """Grams if they are known, else joules, else reference joules, else ``unknown``."""
    judged = replace(CHECKOUT, energy_j=energy_j, reference_j=reference_j, emissions_g=emissions_g)
    (line,) = holder_lines.holder_lines(replace(VERDICT, judged=(judged,)))
    assert line.value == value


def test_fuller_of_window_and_limit_per_run_is_shown() -> None:
    """The used share of a limit per run is shown if it exceeds the share of the window, or there is no window."""
    check = Check("per-run", "fail", "over", 1.25, "40 J")
    alone = holder_lines.holder_lines(replace(VERDICT, judged=(replace(CHECKOUT, standing=None, checks=(check,)),)))
    assert (alone[0].used, alone[0].share) == ("125 % of 40 J per run", 1.25)
    for used, told in ((0.9, "90 % of 120 g in 28 days"), (1.5, "150 % of 120 g in 28 days")):
        both = replace(CHECKOUT, standing=replace(STATUS, used=used), checks=(check,))
        line = holder_lines.holder_lines(replace(VERDICT, judged=(both,)))[0]
        assert line.used == (told if used > 1.25 else "125 % of 40 J per run")
