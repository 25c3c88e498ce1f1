"""A verdict as rows of text: words, digits, order and cuts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict import change_lines, evidence_lines, holder_lines, wording
from pytest_carbon.core.verdict.verdict import (
    Base,
    ChangeTotals,
    Check,
    CostliestTest,
    Growth,
    HolderVerdict,
    State,
    TestChange,
    Todo,
    Verdict,
)

LAW = settings(max_examples=200, deadline=None)
DAY_S = 86_400.0
STANDING = BudgetStatus(
    "mass", "28d", 120.0, 0.0, 50.4, 69.6, 0.42, "ok", 41, 0, (), None, None, None, None, 0.0, None, ""
)
GROWTH = Growth(
    "costlier",
    "confirm",
    0.082,
    0.057,
    0.107,
    0.05,
    None,
    0.9,
    52,
    ChangeTotals(1.8, 1.95, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "",
)
CHECKOUT = HolderVerdict("checkout", "feature", "pass", (), 9, None, None, None, None, None, (), ())
VERDICT = Verdict(
    "warn", "A sentence.", (), (CHECKOUT,), (), "run", None, None, None, None, 0.0, "modelled", "bench", None, "DE",
    "carbon.toml", (), {},
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), ""), ((1.0,), ""), ((0.0, 0.0), "▄▄"), ((5.0, 5.0, 5.0), "▄▄▄"), ((100.0, 95.0), "▄▄"),
        ((0.0, 0.5, 1.0), "▁▅█"), ((1.0, 2.0), "▅█"), (tuple(range(20)), "▄▄▅▅▅▆▆▇▇▇██"),
    ],
)  # fmt: skip
def test_sparkline(values: tuple[float, ...], expected: str) -> None:
    """Heights are from zero, noise is flat, and only the latest values are drawn."""
    assert wording.sparkline(values) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "less than 2 minutes"), (119.0, "less than 2 minutes"), (120.0, "2 minutes"), (7199.0, "119 minutes"),
        (7200.0, "2 hours"), (47 * 3600.0, "47 hours"), (2 * DAY_S, "2 days"), (6.99 * DAY_S, "6 days"),
    ],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    """Ages are in the largest unit that has two, and never more than they are."""
    assert wording.duration_text(seconds) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Range(1.234, 0.81, 1.9), ("1.2 g", "(810 mg … 1.9 g)")),
        (Range(1.234, 1.23, 1.24), ("1.23 g", "(1.2 g … 1.2 g)")),
        (Range(100.0, 20.0, 400.0), ("100 g", "(20 g … 400 g)")),
        (Range(1.84, 0.2, 4.0), ("2 g", "(200 mg … 4 g)")),
        (Range(5.0, 5.0, 5.0), ("5 g", "(5 g … 5 g)")),
        (Range(0.0, 0.0, 1.0), ("0 g", "(0 g … 1 g)")),
    ],
)
def test_amount_has_the_digits_of_its_range(amount: Range, expected: tuple[str, str]) -> None:
    """A wide range takes digits from the figure."""
    assert wording.amount_with_range(amount, "mass") == expected


@pytest.mark.parametrize(
    ("change", "low", "high", "allowed", "expected"),
    [
        (0.082, 0.057, 0.107, None, ("+8.2 %", "(+6 … +11)")),
        (0.018, -0.03, 0.07, None, ("+1.8 %", "(-3 … +7)")),
        (0.018, -0.13, 0.17, None, ("+2 %", "(-13 … +17)")),
        (-0.31, -0.35, -0.27, None, ("-31.0 %", "(-35 … -27)")),
        (0.0004, -0.05, 0.05, None, ("0 %", "(-5 … +5)")),
        (0.0004, 0.0001, 0.1, None, ("+0.04 %", "(+0.01 … +10)")),
        (0.0504, 0.0, 0.1, 0.05, ("+5.04 %", "(0 … +10)")),
        (0.05, 0.0, 0.1, 0.05, ("+5.0 %", "(0 … +10)")),
        (0.05, 0.05, 0.05, None, ("+5.0 %", "(+5.0 … +5.0)")),
        (None, None, None, None, ("", "")),
    ],
)
def test_change_has_the_digits_of_its_error(
    change: float | None, low: float | None, high: float | None, allowed: float | None, expected: tuple[str, str]
) -> None:
    """No more digits than the standard error supports, but as many as tell it from nothing and from the limit."""
    assert wording.change_with_bounds(replace(GROWTH, change=change, low=low, high=high, allowed=allowed)) == expected


RATIOS = st.floats(-0.9, 10)


@LAW
@given(RATIOS, RATIOS, RATIOS, st.floats(0.001, 10))
def test_change_never_looks_like_nothing_or_like_its_limit(a: float, b: float, c: float, allowed: float) -> None:
    """A change that is seen has a sign, its bounds are on one side, and the limit is not crossed by rounding."""
    low, change, high = sorted((a, b, c))
    assume(all(value == 0 or abs(value) > 1e-9 for value in (low, change, high)))
    text, bounds = wording.change_with_bounds(replace(GROWTH, change=change, low=low, high=high, allowed=allowed))
    shown = float(text.removesuffix(" %"))
    shown_low, shown_high = (float(part) for part in bounds.strip("()").split(" … "))
    assert math.copysign(1, shown_low) == math.copysign(1, low) or low == 0
    assert (shown_low > 0, shown_high < 0) == (low > 0, high < 0)
    if low > 0 or high < 0:
        assert (shown > 0) == (change > 0)
    assert (change <= allowed) == (shown <= round(allowed * 100, 15)) or change == allowed


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (0.001, "<1 %"), (0.42, "42 %"), (0.9999, ">99 %"), (1.0, "100 %"),
     (1.0001, ">100 %"), (1.09, "109 %")],
)  # fmt: skip
def test_only_all_of_a_budget_is_all_of_it(share: float, expected: str) -> None:
    """Neither just below nor just above the limit reads as the limit."""
    assert wording.share_text(share) == expected
    assert wording.budget_use_text(replace(STANDING, used=share)) == f"{expected} of 120 g in 28d"


def test_words_of_a_standing() -> None:
    """What is left, how long it lasts, how fast it goes and where the window ends."""
    assert (wording.remaining_text(STANDING), wording.exhaustion_text(STANDING), wording.forecast_text(STANDING)) == (
        "70 g",
        "not at this pace",
        "",
    )
    over = replace(STANDING, remaining=-11.0, exhausted_in_s=0.0, p10=100.0, p90=140.0)
    assert (wording.remaining_text(over), wording.exhaustion_text(over), wording.forecast_text(over)) == (
        "11 g over",
        "already",
        "100 g … 140 g",
    )
    assert wording.exhaustion_text(replace(STANDING, exhausted_in_s=6.5 * DAY_S)) == "in 6 days"
    some = replace(STANDING, unknown_runs=2)
    assert (wording.budget_use_text(some), wording.remaining_text(some)) == (
        "at least 42 % of 120 g in 28d",
        "at most 70 g",
    )
    assert wording.remaining_text(replace(over, unknown_runs=2)) == "at least 11 g over"
    none = replace(some, runs=0, used=0.0, state="unknown")
    assert (wording.budget_use_text(none), wording.remaining_text(none), wording.exhaustion_text(none)) == (
        "not known, of 120 g in 28d",
        "not known",
        "not known",
    )
    assert wording.budget_use_text(replace(STANDING, limit=0.0)) == "nothing left in 28d: the whole limit is debt"
    assert wording.budget_use_text(replace(STANDING, kind="reference", limit=1.8)) == "42 % of 1.8 J ref in 28d"


def test_burn_tells_the_fastest_alarm_or_the_longest_window() -> None:
    """An alarm counts more than the calm of a longer window."""
    day, week = BurnRate(DAY_S, 7200.0, 6.2, 7.0, 2.8, False), BurnRate(7 * DAY_S, DAY_S, 0.9, 0.4, 2.0, False)
    assert wording.burn_rate_text(()) == ("", "")
    assert wording.burn_rate_text((day, week)) == ("0.9x", "in 7 days")
    assert wording.burn_rate_text((replace(day, firing=True), week)) == ("6.2x, alarm", "in 24 hours")


@LAW
@given(st.text(max_size=40), st.integers(1, 30))
def test_short_form_keeps_both_ends(text: str, cells: int) -> None:
    """A text that fits is itself; another has exactly the cells it may have."""
    short = wording.shorten(text, cells)
    assert short == text if len(text) <= cells else len(short) == cells
    assert short[-1:] == text[-1:] or cells == 1


def _judged(name: str, state: State, used: float | None = None) -> HolderVerdict:
    standing = None if used is None else replace(STANDING, used=used)
    return replace(CHECKOUT, name=name, state=state, standing=standing)


def test_worst_holders_come_first() -> None:
    """By state, then by the fullest budget, then by name."""
    judged = (_judged("a", "pass"), _judged("b", "pass", 0.9), _judged("c", "warn", 0.1), _judged("d", "fail"))
    lines = holder_lines.holder_lines(replace(VERDICT, judged=judged))
    assert [line.label for line in lines] == ["d", "c", "b", "a"]
    assert holder_lines.rest_text(lines[1:]) == "and 3 more: 1 warning, 2 fine"
    assert holder_lines.rest_text([]) == ""
    assert [line.label for line in holder_lines.budget_lines(judged)] == ["c", "b"]


@pytest.mark.parametrize(
    ("energy_j", "reference_j", "emissions_g", "value"),
    [(9.0, 5.0, Range(1.2, 0.8, 2.0), "1.2 g"), (9.0, 5.0, None, "9 J"), (None, 5.0, None, "5 J ref"),
     (None, None, None, "unknown")],
)  # fmt: skip
def test_value_is_the_most_that_is_known(
    energy_j: float | None, reference_j: float | None, emissions_g: Range | None, value: str
) -> None:
    """Grams where they are known, else joules, else reference joules; what is not known is called so."""
    judged = replace(CHECKOUT, energy_j=energy_j, reference_j=reference_j, emissions_g=emissions_g)
    (line,) = holder_lines.holder_lines(replace(VERDICT, judged=(judged,)))
    assert line.value == value


TESTS = (
    TestChange("a", "same", 1.0, 1.0, 0.0, None),
    TestChange("b", "same", 2.0, 1.5, -0.25, "f"),
    TestChange("c", "new", None, 3.0, None, None),
    TestChange("d", "gone", 0.1, None, None, None),
    TestChange("e", "renamed", 1.0, 1.2, 0.2, None, "was"),
)


def test_tests_that_differ_most_come_first() -> None:
    """Either way, at most so many; a test that is the same is left out."""
    lines = change_lines.test_lines(TESTS, 3)
    assert [(line.nodeid, line.kind, line.change) for line in lines] == [
        ("c", "new", ""), ("b", "cheaper", "-25 %"), ("e", "renamed from was", "+20 %"),
    ]  # fmt: skip
    assert (
        change_lines.tests_title(TESTS, 3)
        == "Tests that differ from the base: 3 of 4, largest difference first (1 renamed, 1 new, 1 gone)"
    )


def test_growth_in_one_line_tells_how_well_it_could_be_seen() -> None:
    """The finding, the smallest change that would be seen, and the tests that came and went."""
    assert change_lines.growth_text(
        replace(GROWTH, totals=replace(GROWTH.totals, new_tests=1, new_j=0.12), why="it stayed")
    ) == (
        "costlier, confirmed, +8.2 % (+6 … +11); changes of 5 % or more are visible; "
        "52 tests compared, 90 % of the cost; 1 new test (120 mJ ref); it stayed"
    )


def test_todo_is_short_and_the_most_saving_first() -> None:
    """Three at most, and none where all is fine."""
    verdict = replace(VERDICT, todo=(Todo("a"), Todo("b", 2.0), Todo("c", 30.0), Todo("d")))
    assert evidence_lines.next_steps(verdict) == ["c (saves about 30 g a window)", "b (saves about 2 g a window)", "a"]
    assert evidence_lines.next_steps(replace(verdict, state="pass")) == []


def test_reasons_are_those_of_what_is_not_fine() -> None:
    """Each with its state, the worst first."""
    checks = (Check("budget", "warn", "near"), Check("growth", "pass", "same"), Check("per-run", "fail", "over"))
    verdict = replace(VERDICT, judged=(replace(CHECKOUT, checks=checks),))
    assert evidence_lines.reasons(verdict) == [("fail", "over"), ("warn", "near")]


def test_facts_leave_out_what_is_not_known() -> None:
    """Without figures, base and probes only the rest is told."""
    assert evidence_lines.evidence(VERDICT) == [
        ("base", "none yet, so nothing was compared"), ("policy", "carbon.toml"), ("machine", "bench"), ("grid", "DE"),
        ("method", "modelled"),
    ]  # fmt: skip
    known = evidence_lines.evidence(replace(VERDICT, no_base="main has no run", provenance="self-reported by a fork"))
    assert (known[0], known[-1]) == (
        ("base", "none, because main has no run"),
        ("provenance", "self-reported by a fork"),
    )


def test_costliest_tests_come_with_their_part_of_the_run() -> None:
    """Without a run to be a part of, only what each took is told."""
    costs = (CostliestTest("t.py::a", 1.5, "pay"), CostliestTest("t.py::b", 0.5, None))
    verdict = replace(VERDICT, costliest=costs, reference_j=2.0)
    assert change_lines.costliest_test_rows(verdict, 5) == [
        ("t.py::a", "1.5 J ref", "75 %", "pay"),
        ("t.py::b", "500 mJ ref", "25 %", ""),
    ]
    assert change_lines.costliest_test_rows(replace(verdict, reference_j=0.0), 1) == [
        ("t.py::a", "1.5 J ref", "", "pay")
    ]


def test_fuller_of_window_and_run_is_told() -> None:
    """The share of a limit per run is told where it is more than that of the window, or there is none."""
    check = Check("per-run", "fail", "over", 1.25, "40 J")
    alone = holder_lines.holder_lines(replace(VERDICT, judged=(replace(CHECKOUT, standing=None, checks=(check,)),)))
    assert (alone[0].used, alone[0].share) == ("125 % of 40 J per run", 1.25)
    for used, told in ((0.9, "90 % of 120 g in 28d"), (1.5, "150 % of 120 g in 28d")):
        both = replace(CHECKOUT, standing=replace(STANDING, used=used), checks=(check,))
        line = holder_lines.holder_lines(replace(VERDICT, judged=(both,)))[0]
        assert line.used == (told if used > 1.25 else "125 % of 40 J per run")


def test_base_says_which_and_how_old() -> None:
    """A base is named with its commit, runs and age, and why it was taken."""
    base = Base("main", "0123456789abcdef", 1, 3 * DAY_S, "nothing newer")
    assert (
        evidence_lines.base_text(replace(VERDICT, base=base)) == "main at 0123456789, 1 run, 3 days old: nothing newer"
    )
    assert (
        evidence_lines.base_text(replace(VERDICT, base=replace(base, commit=None, age_s=None, why=""))) == "main, 1 run"
    )
