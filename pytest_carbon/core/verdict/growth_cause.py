"""Why the same tests cost more than on the base: their code changed, or something below them."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_carbon.core.records.run_measurements import function_of
from pytest_carbon.core.verdict.verdict import TestChange, Verdict
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten

MOST_NAMED = 2


def growth_cause(verdict: Verdict) -> str:
    """Return in one line which test functions made a growth, largest first, and whether their own code changed.

    Empty if no holder is costlier. The digests of both sides tell whether the code is the same; a test without a digest
    counts as the same, as it does for the comparison; so this is said as far as it is known.
    """
    costlier = [holder for holder in verdict.judged if holder.growth and holder.growth.state == "costlier"]
    whole = any(holder.level != "feature" for holder in costlier)
    features = {holder.name for holder in costlier}
    risen = [test for test in verdict.tests if test.difference_j > 0 and (whole or test.feature in features)]
    if not costlier or not risen:
        return ""
    parts = [
        _part([test for test in risen if test.kind == "new"], "is new", "are new"),
        _part([test for test in risen if test.kind == "changed"], "has other code", "have other code"),
        _part(
            [test for test in risen if test.kind in ("same", "renamed")],
            "has the same code as far as is known: something below it moved",
            "have the same code as far as is known: something below them moved",
        ),
    ]
    return f"Why: {'; '.join(part for part in parts if part)}."


def _part(tests: Sequence[TestChange], one: str, several: str) -> str:
    """Return the functions of some tests, those that add most first, with what is true of them."""
    joules: dict[str, float] = {}
    for test in tests:
        name = function_of(test.nodeid)
        joules[name] = joules.get(name, 0.0) + test.difference_j
    names = sorted(joules, key=lambda name: (-joules[name], name))
    if not names:
        return ""
    shown = [shorten(name, NAME_CELLS) for name in names[:MOST_NAMED]]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    *first, last = [*shown, *more]
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"{listed} {one if len(names) == 1 else several}"
