"""A verdict as Markdown: whole documents, as a reader of the pull request gets them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.verdict import (
    Base,
    ChangeTotals,
    Check,
    CostliestTest,
    Growth,
    HolderVerdict,
    TestChange,
    Todo,
    Verdict,
)
from pytest_carbon.reporters.verdict.markdown import render
from pytest_carbon.reporters.verdict.markdown_style import SYMBOLS

EXPECTED = Path(__file__).parents[2] / "expected"
DAY_S = 86_400.0
STANDING = BudgetStatus(
    kind="mass", window="28d", limit=120.0, debt=0.0, consumed=50.4, remaining=69.6, used=0.42, state="ok", runs=41,
    unknown_runs=0, burn=(), exhausted_in_s=None, p10=None, p50=None, p90=None, sunk=0.0, recurring=None, cause="",
)  # fmt: skip
SAME = Growth(
    state="no change", stage="screen", change=0.018, low=-0.03, high=0.07, smallest=0.09, allowed=0.05, coverage=0.88,
    tests=52, totals=ChangeTotals(1.84, 1.87, 0, 0, 0, 0.0, 0.0, 0.0), per_run_j=None, why="",
)  # fmt: skip
COSTLIER = replace(
    SAME, state="costlier", stage="confirm", change=0.082, low=0.057, high=0.107, smallest=0.05,
    totals=replace(SAME.totals, new_tests=2, new_j=0.12, gone_tests=1, gone_j=0.03),
)  # fmt: skip
CHECKOUT = HolderVerdict(
    name="checkout", level="feature", state="pass", checks=(Check("budget", "pass", "fine"),), tests=52, energy_j=9.0,
    reference_j=5.0, emissions_g=Range(1.23, 0.81, 1.9), standing=STANDING, growth=SAME,
    trend=(1.0, 1.2, 1.1, 1.5, 1.9),
    owners=(),
)  # fmt: skip
BASE = Base("main", "fedcba9876543210", 10, 3 * DAY_S, "its last runs on such a machine")
FINE = Verdict(
    state="pass", sentence="The budget of checkout is kept, and its tests are no costlier than on main.", todo=(),
    judged=(CHECKOUT,), tests=(), run="run-1", commit="0123456789abcdef", base=BASE, energy_j=Range(100.0, 80.0, 150.0),
    emissions_g=Range(11.0, 9.0, 16.0), reference_j=50.0, method="modelled from utilisation",
    machine="GitHub runner (EPYC 7763, 4 CPUs)", clean_share=0.44, grid="DE, 381 g/kWh (Ember, 2024)",
    policy="carbon.toml at main", notes=(), fingerprint={"python": "3.11", "os": "linux"},
)  # fmt: skip
OVER = replace(STANDING, consumed=131.0, remaining=-11.0, used=131 / 120, state="exhausted", exhausted_in_s=0.0)
OVER_TEXT = "feature checkout has used 131 g of 120 g in 28 days"
COSTLIER_TEXT = "feature checkout is 8.2 % costlier than main, over the 5 % that is allowed"


def _one(state: str, sentence: str, **judged: object) -> Verdict:
    """Return a verdict whose only feature has this state and this reason."""
    checks = judged.pop("checks", (Check("budget", state, sentence),))  # type: ignore[arg-type]
    feature = replace(CHECKOUT, state=state, checks=checks, **judged)  # type: ignore[arg-type]
    return replace(FINE, state=state, sentence=f"{sentence}.", judged=(feature,))  # type: ignore[arg-type]


SEARCH = replace(CHECKOUT, name="search_v2", standing=replace(STANDING, used=0.8, state="at risk"), trend=())
REPOSITORY = replace(CHECKOUT, name="all", level="repository", standing=None, growth=None)
PAYMENTS = replace(CHECKOUT, name="payments", level="team", emissions_g=None, growth=None, trend=(1.0, 1.0))
CASES = {
    "warning": replace(
        _one("warn", OVER_TEXT, standing=OVER),
        todo=(Todo("ask for a larger budget"), Todo("run tests/test_pay.py on changes of shop/ only", 12.3)),
    ),
    "tests that differ": replace(
        _one("fail", COSTLIER_TEXT, growth=COSTLIER, checks=(Check("growth", "fail", COSTLIER_TEXT),)),
        todo=(Todo("make tests/test_pay.py::test_cart cheaper: it takes 400 mJ ref more than on main"),),
        tests=(
            TestChange("tests/test_pay.py::test_cart[a|b]", "same", 1.0, 1.4, 0.4, "checkout"),
            TestChange("tests/test_pay.py::test_new", "new", None, 0.12, None, "checkout"),
            TestChange("tests/test_pay.py::test_old", "gone", 0.03, None, None, "checkout"),
            TestChange("tests/t.py::test_b", "renamed", 0.2, 0.2, 0.0, None, "tests/t.py::test_a"),
            TestChange("tests/t.py::test_same", "same", 0.2, 0.2, 0.0, None),
        ),
    ),
    "not measured": replace(
        FINE, state="not-measured", sentence="No report was found, so nothing was judged.", judged=(), base=None,
        energy_j=None, emissions_g=None, reference_j=0.0, todo=(Todo("run pytest --carbon in this job"),),
    ),
    "kinds of holders": replace(
        _one("fail", OVER_TEXT, standing=OVER),
        judged=(
            SEARCH, PAYMENTS,
            replace(CHECKOUT, state="fail", standing=OVER, checks=(Check("budget", "fail", OVER_TEXT),)),
            REPOSITORY,
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_document_of_a_known_verdict(name: str) -> None:
    """The document is equal to the expected file."""
    assert render(CASES[name]) == (EXPECTED / f"{name.replace(' ', '-')}.md").read_text(encoding="utf-8")


def test_every_state_has_its_symbol() -> None:
    """The first line has one symbol for every state, and the state in words."""
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    for state, symbol in SYMBOLS.items():
        assert render(replace(FINE, state=state)).startswith(f"### {symbol} Carbon budget: ")


def test_three_next_steps_are_shown_at_most() -> None:
    """A verdict that passes may have some, too, if growth was not judged."""
    assert "What to do" not in render(FINE)
    for state in ("pass", "warn"):
        text = render(replace(FINE, state=state, todo=tuple(Todo(f"do {number}") for number in range(5))))
        assert "3. do 2" in text
        assert "do 3" not in text


def test_full_document_shows_more() -> None:
    """The full document, for a job's summary, shows 500 features and 100 costliest tests."""
    many = replace(
        FINE,
        judged=tuple(replace(CHECKOUT, name=f"feature{n}") for n in range(600)),
        costliest=tuple(CostliestTest(f"t.py::test_{n}", 1.0, None) for n in range(200)),
    )
    text = render(many, 900_000, full=True)
    assert text.count("| feature") == 500
    assert text.count("| `t.py::test_") == 100
    assert "and 100 more: 100 pass" in text
    assert "Shortened:" not in text
    assert "Shortened:" in render(many, 60_000, full=True)


def test_long_proposal_is_cut() -> None:
    """Of a thousand policy changes ten are shown."""
    text = render(replace(FINE, proposal=tuple(f"change {n}" for n in range(1000))))
    assert "- change 9\n- and 990 more\n" in text
    assert "change 10" not in text


def test_what_would_save_most() -> None:
    """The comment has the top of the repository's advice as one line, escaped; a shortest text has none."""
    advice = "Halve the cost of t.py::test_a[<!-- @org/team `x` -->]: saves 12 g CO2e (8 g … 18 g) in 28 days (a file)"
    text = render(replace(FINE, advice=advice))
    (line,) = (line for line in text.splitlines() if line.startswith("**Saves most in this repository:** "))
    assert "<!--" not in line
    assert "@org" not in line
    assert line.endswith("in 28 days (a file). `pytest-carbon advise` tells how, and what else would.")
    assert "Saves most" not in render(FINE)
