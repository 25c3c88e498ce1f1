"""Advice as lines of text; every reporter takes its sentences from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.advice import LEAST_G, LEAST_SHARE, Advice, SettledAdvice
from pytest_carbon.core.accounts.values.wording import holder_in_sentence
from pytest_carbon.core.budget.budget import ROLLING_28_D
from pytest_carbon.core.model import Range
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.quantities import format_mass
from pytest_carbon.core.verdict.wording import amount_with_range, count_text, share_text

BEGIN = "run pytest --carbon and then pytest-carbon ledger append"
OVERLAP = "One run may be in several, so their savings do not add up."


class AdviceLine(NamedTuple):
    """One action with its id and texts; ``code`` are lines to write, which hold no name from outside."""

    id: str
    saves: str
    action: str
    evidence: str
    effort: str
    seen: str
    code: Sequence[str]
    where: str


class SettledLine(NamedTuple):
    """What came of advice that was followed, with its id."""

    id: str
    text: str


def advice_lines(account: Account) -> list[AdviceLine]:
    """Return the advice of a holder, the largest savings first."""
    window = window_words(account)
    return [
        AdviceLine(
            own.id, saves_text(own, window), own.action, own.evidence, own.effort, own.seen, own.lines, own.where
        )
        for own in account.advice
    ]


def saves_text(advice: Advice, window: str) -> str:
    """Return what an action saves, with its range: ``saves 12 g CO2e (8 g … 18 g) in 28 days``."""
    return f"saves {_grams(advice.saves_g)} {window}"


def _grams(grams: Range) -> str:
    return "{} CO2e {}".format(*amount_with_range(grams, "mass"))


def window_words(account: Account) -> str:
    """Return the length of a holder's window as the end of a sentence."""
    return length_words(_window(account))


def _window(account: Account) -> str:
    return account.standing.window if account.standing else ROLLING_28_D.text


def length_words(window: str) -> str:
    """Return the length of a window as the end of a sentence: ``in 28 days``, ``in a month``."""
    return window_text(window).replace("this ", "in a ")


def settled_lines(account: Account) -> list[SettledLine]:
    """Return what came of the advice of a window ago that was followed; losses are told as well."""
    window = window_words(account)
    return [
        SettledLine(own.id, f"{_as_subject(own.action)} promised {_grams(own.promised_g)}; {_saved_text(own, window)}")
        for own in account.settled
    ]


def _saved_text(own: SettledAdvice, window: str) -> str:
    if own.removed:
        return "it was removed or renamed, or the suite changed with it, so nothing is counted as saved"
    if own.saved_g >= 0:
        return f"it saved {format_mass(own.saved_g)} {window}"
    return f"it cost {format_mass(-own.saved_g)} more {window}"


def _as_subject(action: str) -> str:
    return action if action.endswith("?") else f"{action}:"


def advice_headline(account: Account) -> str:
    """Return how many actions a holder has, in one sentence."""
    holder = holder_in_sentence(account.name, account.level)
    if not any(month.runs for month in account.months):
        return f"What to do about {holder}: not known, because the ledger has no run of it; {BEGIN}."
    if not account.advice:
        least = f"{format_mass(LEAST_G)} and {share_text(LEAST_SHARE)} of its grams"
        return f"What to do about {holder}: nothing that is known here would save {least} {window_words(account)}."
    more = f" {OVERLAP}" if len(account.advice) > 1 else ""
    return f"What to do about {holder}: {count_text(len(account.advice), 'action')}.{more}"


def first_action(account: Account) -> str:
    """Return the first action of a holder as one sentence, with what it saves in a window; empty without advice."""
    return top_advice(account.advice, _window(account))


def top_advice(advice: Sequence[Advice], window: str) -> str:
    """Return the first action as one sentence; empty without advice. ``window`` is as in a budget."""
    if not advice:
        return ""
    return f"{_as_subject(advice[0].action)} {saves_text(advice[0], length_words(window))} ({advice[0].effort})"
