"""A verdict, and the status of all budgets, in the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.verdict import Base, ChangeTotals, Check, Growth, HolderVerdict, Todo, Verdict
from pytest_carbon.reporters.verdict.terminal import render, render_budgets

LAW = settings(max_examples=60, deadline=None)
DAY_S = 86_400.0
STANDING = BudgetStatus(
    "mass", "28d", 120.0, 0.0, 74.4, 45.6, 0.62, "watch", 41, 0, (BurnRate(7 * DAY_S, DAY_S, 0.9, 0.4, 2.0, False),),
    6 * DAY_S, 100.0, 118.0, 140.0, 0.0, None, "its tests do more work",
)  # fmt: skip
OVER = replace(
    STANDING, remaining=-11.0, used=131 / 120, state="exhausted", exhausted_in_s=0.0, cause="",
    burn=(BurnRate(DAY_S, 7200.0, 6.2, 7.0, 2.8, True),),
)  # fmt: skip
SAME = Growth(
    "no change",
    "screen",
    0.018,
    -0.03,
    0.07,
    0.09,
    0.05,
    0.88,
    52,
    ChangeTotals(1.84, 1.87, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "",
)
SEARCH = HolderVerdict(
    "search", "feature", "pass", (Check("budget", "pass", "fine"),), 12, 9.0, 5.0, Range(1.23, 0.81, 1.9), STANDING,
    SAME, (1.0, 1.2, 1.1, 1.5, 1.9), (),
)  # fmt: skip
REASON = "feature checkout has used 131 g of 120 g in 28 days."
CHECKOUT = replace(
    SEARCH, name="checkout", state="fail", standing=OVER, checks=(Check("budget", "fail", REASON),),
    growth=replace(SAME, change=0.082, low=0.057, high=0.107),
)  # fmt: skip
EXPORT = replace(SEARCH, name="export", state="inconclusive", emissions_g=None, standing=None, growth=None, trend=())
VERDICT = Verdict(
    state="fail", sentence=REASON, todo=(Todo("make test_cart cheaper", 12.0), Todo("ask for an override")),
    judged=(SEARCH, CHECKOUT, EXPORT), tests=(), run="run-1", commit=None,
    base=Base("main", None, 10, 3 * DAY_S, ""), energy_j=None, emissions_g=None, reference_j=0.0, method="modelled",
    machine="bench", clean_share=None, grid="DE", policy="carbon.toml", notes=("3 runs could not be read.",),
    fingerprint={},
)  # fmt: skip
BELOW = """
what to do   1. make test_cart cheaper (costs about 12 g of CO2e in a window)
             2. ask for an override

fail         feature checkout has used 131 g of 120 g in 28 days.
base         main, 10 runs, 3 days old
policy       carbon.toml
machine      bench
grid         DE
method       modelled
note         3 runs could not be read.
"""
LEGEND = "trend        reference energy "
TABLES = {
    80: """\
holder   state        this run budget used                         change
checkout fail           1.23 g 109 % of 120 g in 28 days exhausted +8.2 %
export   inconclusive      9 J
search   pass           1.23 g 62 % of 120 g in 28 days  watch     +1.8 %
""",
    100: """\
holder   state        this run          budget used                         change            trend
checkout fail           1.23 g ████████ 109 % of 120 g in 28 days exhausted +8.2 % (+6 … +11) ▅▅▅▇█
export   inconclusive      9 J
search   pass           1.23 g █████    62 % of 120 g in 28 days  watch     +1.8 % (-3 … +7)  ▅▅▅▇█
""",
    140: """\
holder   state        this run                           budget used                         change            trend
checkout fail           1.23 g (810 mg … 1.9 g) ████████ 109 % of 120 g in 28 days exhausted +8.2 % (+6 … +11) ▅▅▅▇█
export   inconclusive      9 J
search   pass           1.23 g (810 mg … 1.9 g) █████    62 % of 120 g in 28 days  watch     +1.8 % (-3 … +7)  ▅▅▅▇█
""",
}
BUDGETS = {
    80: """\
holder   budget used                    left state     exhausted burn rate
checkout 109 % of 120 g in 28 days 11 g over exhausted already   6.2x, alarm
search   62 % of 120 g in 28 days       46 g watch     in 6 days 0.9x

search       its tests do more work
note         3 runs could not be read.
""",
    140: """\
holder            budget used                    left state     exhausted burn rate               window's end  trend
checkout ████████ 109 % of 120 g in 28 days 11 g over exhausted already   6.2x, alarm in 24 hours 100 g … 140 g ▅▅▅▇█
search   █████    62 % of 120 g in 28 days       46 g watch     in 6 days 0.9x        in 7 days   100 g … 140 g ▅▅▅▇█

search       its tests do more work
note         3 runs could not be read.
""",
}


@pytest.mark.parametrize("width", TABLES)
def test_verdict_at_usual_widths(width: int) -> None:
    """The whole text: the answer, the table with as many columns as fit, the next steps and the evidence."""
    head = f"Carbon budget: fail. {REASON}\n\n"
    legend = f"{LEGEND}of its tests in the last runs, this one last; each row has its scale\n"
    below = BELOW if width < 100 else BELOW.replace("note   ", f"{legend}note   ")
    assert render(VERDICT, width=width, colour=False) == head + TABLES[width] + below


@pytest.mark.parametrize("width", BUDGETS)
def test_budgets_at_usual_widths(width: int) -> None:
    """Every budget has a line; below are the causes of changes and the notes. A holder without a budget has no line."""
    legend = f"{LEGEND}that it paid for in the last runs; each row has its scale\n"
    expected = BUDGETS[width] if width < 100 else BUDGETS[width].replace("note   ", f"{legend}note   ")
    assert render_budgets(VERDICT.judged, VERDICT.notes, width=width, colour=False) == expected


def test_no_budget_is_reported() -> None:
    """Without a budget there is a sentence instead of an empty table."""
    assert (
        render_budgets((EXPORT,), (), width=80, colour=False)
        == 'No budget over a window is set: add limit = "120 g" to a budget of the policy.\n'
    )


def test_colour_only_where_it_is_asked_for() -> None:
    """With colour the text is the same, and the state is red."""
    plain, coloured = (render(VERDICT, width=100, colour=colour) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1;31mCarbon budget: fail" in coloured
    assert "\x1b" not in render_budgets(VERDICT.judged, (), width=100, colour=False)


def test_worst_of_many_holders_are_shown() -> None:
    """Twenty holders are shown, and a line counts the others by state."""
    many = tuple(replace(SEARCH, name=f"f{number:03}") for number in range(499))
    text = render(replace(VERDICT, judged=(*many, CHECKOUT)), width=100, colour=False)
    assert "\ncheckout fail " in text
    assert "\nand 480 more: 480 pass\n" in text
    assert text.count("62 %") == 19


NAMES = st.text(max_size=200) | st.sampled_from(["\x1b[31mred", "a\nb", "[bold]x[/bold]", "\u202eabc", "日本語" * 40])


@LAW
@given(NAMES, st.integers(20, 200), st.booleans())
def test_no_name_breaks_a_line(name: str, width: int, colour: bool) -> None:
    """Whatever a name holds, no line is too long, and no control character comes through."""
    judged = (replace(CHECKOUT, name=name, checks=(Check("budget", "fail", name),)), EXPORT)
    verdict = replace(VERDICT, sentence=name, judged=judged, notes=(name,), todo=(Todo(name),))
    for text in (
        render(verdict, width=width, colour=False),
        render_budgets(judged, (name,), width=width, colour=False),
    ):
        assert all(cell_len(line) <= max(width, 60) for line in text.splitlines())
        assert text.replace("\n", "").isprintable()
    assert "[bold]" not in name or "[bold]" in render(verdict, width=width, colour=colour)


def test_advisory_and_policy_changes_are_shown() -> None:
    """The advisory follows the sentence; policy changes and the provenance stand with the evidence."""
    verdict = replace(VERDICT, advisory="It decides nothing.", proposal=("checkout may use more",), provenance="a fork")
    text = render(verdict, width=200, colour=False)
    assert text.startswith(f"Carbon budget: fail. {REASON} It decides nothing.\n")
    assert "new policy   checkout may use more\nbase " in text
    assert "figures      a fork\n" in text
