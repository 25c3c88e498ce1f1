"""Why a month took more or less than the month before, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.window_change import ChangeTerm, WindowChange
from pytest_carbon.core.accounts.values.wording import capitalised, month_name
from pytest_carbon.core.quantities import LEAST_MASS_G, format_amount, format_number
from pytest_carbon.core.verdict.wording import NAME_CELLS, UNKNOWN, shorten

MOST_FEATURES = 3
_ALIKE = 0.01
"""Months that differ by a smaller share took about the same."""
_REST = 0.05
"""A smaller share of the mean of both months is no rest worth a word."""


def write_change(change: WindowChange, features: frozenset[str] | None) -> str:
    """Return the change and its named causes, the largest first; ``features`` are the holder's, None for all."""
    if change.before_g == change.after_g == 0:
        when, than = _months(change)
        return f"{when} 0 g, as {than}: nothing that was counted emits anything."
    named = [term for term in change.terms if term.named]
    difference = _difference(change)
    if not named:
        return f"{difference}: no cause stands out from the usual variation."
    first_up = named[0].emissions_g > 0
    sides = [[term for term in named if (term.emissions_g > 0) == up] for up in (first_up, not first_up)]
    texts = [_join([_with_grams(term, change, features) for term in side]) for side in sides if side]
    rest_g = math.fsum(term.emissions_g for term in change.terms if not term.named)
    mean_g = (change.before_g + change.after_g) / 2
    rest = f"; the rest ({signed_grams(rest_g)}) is the usual variation" if abs(rest_g) >= _REST * mean_g else ""
    return f"{difference}: {', but '.join(texts)}{rest}."


def changed_most(accounts: Sequence[Account], most: int) -> list[tuple[Account, str]]:
    """Return the holders whose change has a named cause, the largest cause first, each with its sentence."""
    changes = [(account, account.change) for account in accounts if account.change is not None]
    sizes = [
        (-max((abs(term.emissions_g) for term in change.terms if term.named), default=0.0), account, change.sentence)
        for account, change in changes
    ]
    ranked = sorted((own for own in sizes if own[0]), key=lambda own: (own[0], own[1].name))
    return [(account, sentence) for _, account, sentence in ranked[:most]]


def _difference(change: WindowChange) -> str:
    when, than = _months(change)
    more_g = change.after_g - change.before_g
    if abs(more_g) <= _ALIKE * (change.before_g + change.after_g) / 2:
        return f"{when} about as much as {than}"
    return f"{when} {format_amount(abs(more_g), 'mass', 2)} {'more' if more_g > 0 else 'less'} than {than}"


def _months(change: WindowChange) -> tuple[str, str]:
    """Return the two months as they stand in a sentence, the newer one first."""
    before, month = month_name(change.month_before), month_name(change.month)
    if change.so_far:
        return f"So far in {month}", f"in the same days of {before}"
    return f"In {month}", f"in {before}"


def _join(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _with_grams(term: ChangeTerm, change: WindowChange, features: frozenset[str] | None) -> str:
    grams = signed_grams(term.emissions_g)
    return f"{cause_text(term, change, features)} ({'your share ' if is_of_others(term, features) else ''}{grams})"


def signed_grams(grams: float) -> str:
    """Return grams with their sign: ``+45 g``, ``-85 g``; what is too little to write is ``0 g``."""
    if abs(grams) < LEAST_MASS_G:
        return "0 g"
    return f"{'+' if grams > 0 else ''}{format_amount(grams, 'mass', 2)}"


def is_of_others(term: ChangeTerm, features: frozenset[str] | None) -> bool:
    """Return whether a term was caused in the tests of other features than the holder's; None stands for all."""
    return bool(term.features) and features is not None and not features & set(term.features)


def features_text(names: Sequence[str]) -> str:
    """Return the first few names of features, shortened; "not known" for none."""
    if not names:
        return UNKNOWN
    more = [f"{len(names) - MOST_FEATURES} more"] if len(names) > MOST_FEATURES else []
    return _join([*(shorten(name, NAME_CELLS) for name in names[:MOST_FEATURES]), *more])


def caused_text(features: Sequence[str] | None, *, changed: bool) -> str:
    """Return in which features' tests a pull request changed the runs, whoever pays; empty if it changed none."""
    return features_text(features or ()) if changed or features else ""


def cause_text(term: ChangeTerm, change: WindowChange, features: frozenset[str] | None) -> str:
    """Return a cause in words, without its grams."""
    up = term.emissions_g > 0
    if term.cause == "runs":
        return _runs_text(term, change)
    if term.cause == "pull request":
        costs = f"each run costs {'more' if up else 'less'}"
        if is_of_others(term, features):
            return f"{costs}, caused in {features_text(term.features)} by #{term.pr}"
        where = f" in {features_text(term.features)}" if features is None and term.features else ""
        return f"{costs} since #{term.pr}{where}"
    return _UP[term.cause] if up else _DOWN[term.cause]


def capitalised_cause(term: ChangeTerm, change: WindowChange, features: frozenset[str] | None) -> str:
    """Return a cause in words as a line of its own; one that does not stand out from the noise says so."""
    text = capitalised(cause_text(term, change, features))
    return text if term.named or term.cause == "coverage" else f"{text}, within the usual variation"


def _runs_text(term: ChangeTerm, change: WindowChange) -> str:
    more = change.after_runs - change.before_runs
    if (more > 0) != (term.emissions_g > 0):
        return f"{'more' if term.emissions_g > 0 else 'fewer'} runs of the costlier jobs"
    number = format_number(abs(more), 2) if abs(more) < 1 else str(round(abs(more)))
    return f"{number} {'more' if more > 0 else 'fewer'} {'run' if number == '1' else 'runs'}"


_UP = {
    "coverage": "a kind of runs is new in the ledger",
    "work": "each run does more work",
    "machines": "the machines take more energy for the same work",
    "grid": "the grid was dirtier",
    "embodied": "the same work takes a larger share of the machines' manufacture",
    "undivided": "each run takes more energy, by its work or by its machine, which is not known",
}
_DOWN = {
    "coverage": "a kind of runs is no longer in the ledger",
    "work": "each run does less work",
    "machines": "the machines take less energy for the same work",
    "grid": "the grid was cleaner",
    "embodied": "the same work takes a smaller share of the machines' manufacture",
    "undivided": "each run takes less energy, by its work or by its machine, which is not known",
}
