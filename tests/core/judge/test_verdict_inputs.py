"""What a verdict is made from: the own entry, all runs once, and the texts on missing parts and labels."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.report.run_entry import RunSource, make_entry

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'


def test_run_in_the_ledger_keeps_who_paid(bench: Any) -> None:
    """A run that is there already is judged with the shares that it has there, also after a correction."""
    known = make_entry(bench.report(), RunSource(shares={"search": 1.0}, attempt=2, job="unit"))
    inputs = bench.inputs(LIMIT, entries=[known])
    assert inputs.own_entry == known
    assert inputs.all_runs == (known,)


@pytest.mark.parametrize(
    ("parts", "missing", "text"),
    [
        (3, (), ""),
        (1, ("b",), "1 of 2 parts is missing: b"),
        (0, ("a", "b"), "2 of 2 parts are missing: a, b"),
        (4, tuple("abcdefg"), "7 of 11 parts are missing: a, b, c, d, e and 2 more"),
        (1, ("x" * 999,), f"1 of 2 parts is missing: {'x' * 19}…{'x' * 40}"),
    ],
)
def test_missing_parts_are_named(bench: Any, parts: int, missing: tuple[str, ...], text: str) -> None:
    """How many of how many, and the first five by name."""
    assert bench.inputs(reported_parts=parts, missing_parts=missing).missing_parts_text == text


@pytest.mark.parametrize(
    ("tests", "source", "told"),
    [
        ({"": 50}, RunSource(pr=7), True),
        ({"": 50}, RunSource(pr=7, labels=("feature:search",)), False),
        ({"": 50}, RunSource(branch="topic"), False),
        ({"": 50, "search": 1}, RunSource(pr=7), False),
    ],
)
def test_label_is_asked_for_where_nobody_pays(bench: Any, tests: dict[str, int], source: RunSource, told: bool) -> None:
    """A pull request that neither a label nor a test gives to a feature says so, and what to do where it matters."""
    fine, over = (
        bench.judge(f'[budget]\nper-run = "{limit} J"\n', report=bench.report(tests=tests), source=source)
        for limit in (1000, 1)
    )
    why = (
        "no label says which feature this pull request is for (such as feature:checkout), so it counts as unattributed"
    )
    assert fine.sentence.endswith(f"; {why}.") == told
    assert (f"add the label of its feature: {why}" in [todo.text for todo in over.todo]) == told
