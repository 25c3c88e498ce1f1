"""A verdict explained in paragraphs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.verdict.explain import explain
from pytest_carbon.core.verdict.verdict import (
    Base,
    ChangeTotals,
    Check,
    Growth,
    HolderVerdict,
    RuleName,
    State,
    Todo,
    Verdict,
)

STATUS = BudgetStatus(
    "mass", "28d", 120.0, 0.0, 131.0, -11.0, 131 / 120, "exhausted", 41, 0, (), 0.0, None, None, None, 0.0, None, ""
)
GROWTH = Growth(
    "costlier",
    "confirm",
    0.08,
    0.06,
    0.1,
    0.05,
    0.05,
    0.9,
    52,
    ChangeTotals(1.8, 1.95, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "",
)
HELD = Check("growth", "pass", "fine")
CHECKOUT = HolderVerdict("checkout", "feature", "pass", (HELD,), 9, None, None, None, STATUS, GROWTH, (), ())
BASE = Base("main", "0123456789abcdef", 10, 3 * 86_400.0, "its last runs on such a machine")
FINE = Verdict(
    "pass", "All is fine.", (), (CHECKOUT,), (), "run", None, BASE, None, None, 0.0, "modelled",
    "bench", None, "DE", "carbon.toml", (), {},
)  # fmt: skip
COMPARED = (
    "This run was compared with main at 0123456789, 10 runs, 3 days old: its last runs on such a machine. "
    "The machine: bench."
)


def _failed(rule: RuleName, reason: str, state: State = "fail", **parts: object) -> Verdict:
    judged = replace(CHECKOUT, state=state, checks=(Check(rule, state, reason),), **parts)  # type: ignore[arg-type]
    return replace(FINE, state=state, sentence="It failed.", todo=(), judged=(judged,))


def test_passing_verdict_has_two_paragraphs() -> None:
    """A verdict that passes has the answer and the comparison, and no next steps."""
    assert explain(FINE) == ["Verdict: pass. All is fine.", COMPARED]


def test_missing_base_and_slow_machine_are_explained() -> None:
    """Without a base growth cannot be told, and a slow machine hides small changes."""
    assert explain(replace(FINE, base=None, clean_share=0.44))[1] == (
        "There is no base to compare with, so growth is not known yet. "
        "The machine: bench. This run's machine was at full speed in 44 % of its probes; what ran while other work "
        "slowed it tells no small change."
    )
    why = explain(replace(FINE, base=None, no_base="no run of main is in the ledger yet"))[1]
    assert why.startswith("There is no base to compare with (no run of main is in the ledger yet), so growth")


def test_advisory_follows_the_answer() -> None:
    """An advisory verdict says right after the answer that it decides nothing."""
    assert explain(replace(FINE, advisory="It decides nothing."))[0] == (
        "Verdict: pass. All is fine. It decides nothing."
    )


BUDGET = "A budget counts all runs of its window, 41 so far: 109 % of 120 g in 28 days."
GROWN = "Growth compares only the tests that both sides have; new tests count towards the budget, not here."


@pytest.mark.parametrize(
    ("rule", "parts", "why"),
    [
        ("per-run", {}, "A limit per run counts this run alone."),
        ("budget", {}, BUDGET),
        (
            "budget",
            {"standing": replace(STATUS, sunk=2.0, recurring=3.0, unknown_runs=2)},
            f"{BUDGET.replace('109', 'at least 109')} This pull request's own runs used 2 g of that. Once merged, the "
            "change is likely to add about 3 g to every window. The use of 2 more runs is unknown.",
        ),
        (
            "growth",
            {},
            f"{GROWN} Up to 5 % is allowed. A first run looked costlier, so base and head were measured in turns on "
            "one machine. Here, a change of 5 % or more would have been noticed.",
        ),
        (
            "growth",
            {"growth": replace(GROWTH, stage="screen", allowed=None, smallest=None)},
            f"{GROWN} This is the answer of one run; it was not confirmed by measuring base and head in turns.",
        ),
    ],
)
def test_why_it_counts(rule: RuleName, parts: dict[str, object], why: str) -> None:
    """A holder's paragraph has the reason, then what its rule counts, and nothing about rules that passed."""
    assert explain(_failed(rule, "too much", **parts))[2:] == [f"checkout: too much. {why}"]


def test_next_steps_are_three_and_the_most_saving_first() -> None:
    """The next steps are numbered and come last."""
    todo = (Todo("ask"), Todo("split", 2.0), Todo("shrink", 30.0), Todo("wait"))
    assert explain(replace(_failed("per-run", "too much."), todo=todo))[3:] == [
        "What to do next:",
        "1. shrink (costs about 30 g of CO2e in a window)",
        "2. split (costs about 2 g of CO2e in a window)",
        "3. ask",
    ]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (None, ""),
        (1.0, " This run's machine was at full speed in 100 % of its probes."),
        (0.43, " This run's machine was at full speed in 43 % of its probes; what ran while other work slowed it tells "
         "no small change. How much these tests slow with the machine is not known from these runs; the usual is "
         "assumed."),
    ],
)  # fmt: skip
def test_speed_does_not_contradict_itself(share: float | None, words: str) -> None:
    """Where nothing slowed the machine, nothing is said of what slows it."""
    assert explain(replace(FINE, clean_share=share))[1] == COMPARED + words
