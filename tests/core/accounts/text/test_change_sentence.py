"""Why a month took more or less, as one sentence: the whole texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.text.change_sentence import (
    capitalised_cause,
    caused_text,
    changed_most,
    features_text,
    write_change,
)
from pytest_carbon.core.accounts.values.window_change import ChangeTerm, WindowChange
from tests.core.accounts.sample_accounts import troubled

OWN = frozenset({"checkout"})


def _term(cause: Any, grams: float, *, named: bool = True, **facts: Any) -> ChangeTerm:
    return ChangeTerm(cause, grams, 1.0, named, **facts)


def _change(*terms: ChangeTerm, so_far: bool = False, before_g: float = 300.0, runs: float = 30.0) -> WindowChange:
    after_g = before_g + sum(term.emissions_g for term in terms)
    return WindowChange("2026-11", "2026-10", so_far, before_g, after_g, 40.0, runs, terms, "")


PULL = _term("pull request", 45.0, pr=445, features=("checkout",))
SEARCH = _term("pull request", 10.0, pr=446, features=("search",))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            _change(_term("runs", -85.0), PULL, _term("grid", 26.0)),
            "In November 14 g less than in October: 10 fewer runs (-85 g), but each run costs more since #445 (+45 g) "
            "and the grid was dirtier (+26 g).",
        ),
        (
            _change(PULL, _term("grid", -26.0, named=False), so_far=True),
            "So far in November 19 g more than in the same days of October: each run costs more since #445 (+45 g); "
            "the rest (-26 g) is the usual variation.",
        ),
        (
            _change(_term("machines", 60.0), SEARCH, _term("embodied", -15.0)),
            "In November 55 g more than in October: the machines take more energy for the same work (+60 g) and each "
            "run costs more, caused in search by #446 (your share +10 g), but the same work takes a smaller share of "
            "the machines' manufacture (-15 g).",
        ),
        (
            _change(_term("grid", -4.0, named=False)),
            "In November 4 g less than in October: no cause stands out from the usual variation.",
        ),
        (
            _change(_term("runs", -60.0), _term("work", 61.0)),
            "In November about as much as in October: 10 fewer runs (-60 g), but each run does more work (+61 g).",
        ),
        (
            _change(_term("coverage", 45.0), _term("undivided", -30.0)),
            "In November 15 g more than in October: a kind of runs is new in the ledger (+45 g), but each run "
            "takes less energy, by its work or by its machine, which is not known (-30 g).",
        ),
        (_change(_term("runs", 36.0), before_g=0.0, runs=41.0),
         "In November 36 g more than in October: 1 more run (+36 g)."),
        (_change(_term("runs", 90.0)),
         "In November 90 g more than in October: more runs of the costlier jobs (+90 g)."),
        (_change(_term("runs", -90.0), runs=39.5), "In November 90 g less than in October: 0.5 fewer runs (-90 g)."),
    ],
    ids=["of three", "so far", "of others", "none", "alike", "not told", "from nothing", "other jobs", "a part of one"],
)  # fmt: skip
def test_sentences(change: WindowChange, expected: str) -> None:
    """The largest cause comes first, then those of its sign, then the others."""
    assert write_change(change, OWN) == expected


def test_the_repository_is_told_the_feature() -> None:
    """All features are the repository's, so it reads in which one a change was caused."""
    assert "each run costs less since #445 in checkout (-45 g)" in write_change(
        _change(replace(PULL, emissions_g=-45.0)), None
    )
    unknown = replace(PULL, features=())
    assert "since #445 (+45 g)" in write_change(_change(unknown), None)
    assert "since #445 (+45 g)" in write_change(_change(unknown), OWN)


@pytest.mark.parametrize("cause", ["coverage", "work", "machines", "grid", "embodied", "undivided"])
def test_every_cause_has_words_for_more_and_for_less(cause: Any) -> None:
    """As lines of their own, they say if they do not stand out."""
    change = _change()
    texts = {capitalised_cause(_term(cause, grams, named=False), change, OWN) for grams in (1.0, -1.0)}
    assert len(texts) == 2
    assert all(text.endswith("within the usual variation") for text in texts) == (cause != "coverage")


def test_names_of_features_are_few_and_short() -> None:
    """Three names, and how many more; no name is "not known", and no change has none."""
    assert features_text(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert len(features_text(["x" * 300])) == 60
    assert [caused_text(None, changed=True), caused_text((), changed=False), caused_text(("a",), changed=False)] == [
        "not known", "", "a",
    ]  # fmt: skip


def test_holders_that_changed_most(bench: Any) -> None:
    """Those with a named cause, the largest first; a holder without one is left out."""
    accounts = troubled(bench)[1].accounts
    named = [own for own in accounts if own.change is not None and any(term.named for term in own.change.terms)]
    assert named
    assert {own.name for own, _ in changed_most(accounts, 50)} == {own.name for own in named}
    (top, sentence), *_ = changed_most(accounts, 1)
    assert top.change is not None
    assert sentence == top.change.sentence
