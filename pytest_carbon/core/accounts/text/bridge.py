"""The bridge from the grams of one month to those of the next: one step for each cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from pytest_carbon.core.accounts.text.change_sentence import capitalised_cause, signed_grams
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.window_change import WindowChange
from pytest_carbon.core.accounts.values.wording import month_name
from pytest_carbon.core.quantities import format_amount

MOST_STEPS = 6
_SMALLEST = 0.01
"""A cause with a smaller share of the mean of both months is added to the others."""


class BridgeStep(NamedTuple):
    """A step: its words, its grams, where it begins, and whether it is one of the two totals."""

    label: str
    emissions_g: float
    start_g: float
    is_total: bool = False


def bridge_steps(account: Account) -> list[BridgeStep]:
    """Return the grams before, the causes, largest first, and the grams after; nothing without a change.

    What is small is one step, so that nothing is left over.
    """
    change = account.change
    if change is None:
        return []
    features = None if account.level == "repository" else frozenset(account.features)
    least_g = _SMALLEST * (change.before_g + change.after_g) / 2
    shown = [term for term in change.terms if term.named or abs(term.emissions_g) >= least_g][:MOST_STEPS]
    rest_g = math.fsum((change.after_g, -change.before_g, *(-term.emissions_g for term in shown)))
    causes = [(capitalised_cause(term, change, features), term.emissions_g) for term in shown]
    if len(shown) < len(change.terms):
        causes.append(("All other causes", rest_g))
    before, after = _month_names(change)
    steps, so_far_g = [BridgeStep(before, change.before_g, 0.0, True)], change.before_g
    for label, grams in causes:
        steps.append(BridgeStep(label, grams, so_far_g))
        so_far_g += grams
    return [*steps, BridgeStep(after, change.after_g, 0.0, True)]


def change_table(account: Account) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return the titles and the rows of the bridge as a table."""
    rows = [
        (step.label, format_amount(step.emissions_g, "mass") if step.is_total else signed_grams(step.emissions_g))
        for step in bridge_steps(account)
    ]
    return ("Why it changed", "CO2e"), rows


def _month_names(change: WindowChange) -> tuple[str, str]:
    before, after = month_name(change.month_before), month_name(change.month)
    return (f"{before}, the same days", f"{after}, so far") if change.so_far else (before, after)
