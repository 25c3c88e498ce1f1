"""What a verdict is made from: the own entry, all runs once, and the texts on missing parts and labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.judge.verdict_inputs import choose_baseline, with_payers
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import measurements_of

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'


def test_run_in_the_ledger_keeps_its_payers(bench: Any) -> None:
    """A run that the ledger has already is judged with the shares of its entry, and counts once."""
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
    """The text says how many parts are missing, and names the first five."""
    assert bench.inputs(reported_parts=parts, missing_parts=missing).missing_parts_text == text


@pytest.mark.parametrize(
    ("tests", "source", "asked"),
    [
        ({"": 50}, RunSource(pr=7), True),
        ({"": 50}, RunSource(pr=7, labels=("feature:search",)), False),
        ({"": 50}, RunSource(branch="topic"), False),
        ({"": 50, "search": 1}, RunSource(pr=7), False),
    ],
)
def test_label_is_asked_for_if_no_feature_pays(
    bench: Any, tests: dict[str, int], source: RunSource, asked: bool
) -> None:
    """Without a label and without a test of a feature, a pull request asks for the label, in its next steps too."""
    fine, over = (
        bench.judge(f'[budget]\nper-run = "{limit} J"\n', report=bench.report(tests=tests), source=source)
        for limit in (1000, 1)
    )
    why = (
        "no label says which feature this pull request is for (such as feature:checkout), so it counts as unattributed"
    )
    assert fine.sentence.endswith(f". {why.replace('no', 'No', 1)}.") == asked
    assert (f"add the label of its feature: {why}" in [todo.text for todo in over.todo]) == asked


@pytest.mark.parametrize(
    ("labels", "shares", "payers"),
    [
        ((), {}, {}),
        ((), {"search": 1.0}, {"search": 1.0}),
        (("feature:checkout",), {"search": 1.0}, {"checkout": 1.0}),
        (("feature:checkout", "feature:search"), {}, {"checkout": 0.5, "search": 0.5}),
        (("bug",), {"search": 1.0}, {"search": 1.0}),
    ],
)
def test_labels_take_precedence_over_given_shares(
    bench: Any, labels: tuple[str, ...], shares: dict[str, float], payers: dict[str, float]
) -> None:
    """The features that labels name pay in equal shares; without such a label the given shares count."""
    assert with_payers(RunSource(labels=labels, shares=shares), bench.policy()).shares == payers


def test_all_runs_are_sorted_by_their_start(bench: Any) -> None:
    """The ledger's runs and this run come in the order of their start, each once."""
    entries = [bench.entry(1, ago=timedelta(minutes=1)), bench.entry(2, ago=timedelta(days=2))]
    inputs = bench.inputs(entries=entries)
    assert [run.run for run in inputs.all_runs] == ["run-2", "head", "run-1"]


def test_own_entry_of_several_jobs_is_the_first(bench: Any) -> None:
    """Of several entries of this run the one with the first id is its own entry, whatever their order."""
    jobs = [make_entry(bench.report(), RunSource(job=job)) for job in ("b", "a", "c")]
    assert bench.inputs(entries=jobs).own_entry.id == min(entry.id for entry in jobs)


def test_tests_without_a_feature_are_unattributed(bench: Any) -> None:
    """Every feature with tests in the run has its tests; the other tests are under ``unattributed``."""
    inputs = bench.inputs(report=bench.report(tests={"checkout": 2, "": 1}))
    assert inputs.tests_by_feature == {
        "checkout": {"tests/checkout/t.py::test_0", "tests/checkout/t.py::test_1"},
        "unattributed": {"tests//t.py::test_0"},
    }


@pytest.mark.parametrize(("grid", "expected"), [("grid", 400.0), ("world", None)])
def test_assumed_grid_gives_no_intensity(bench: Any, grid: str, expected: float | None) -> None:
    """Work is counted at the intensity of the policy's zone; an assumed grid has none."""
    assert bench.inputs(grid=getattr(bench, grid)).g_per_kwh == expected


def _selected(bench: Any, count: int, selection: tuple[str, ...]) -> list[Any]:
    """Return baseline runs of one selection of tests, each with its own name."""
    return [replace(run, run=f"{selection}-{run.run}", selection=selection) for run in bench.baseline(count)]


@pytest.mark.parametrize(
    ("same_selection", "other_selection", "chosen"), [(5, 3, 5), (4, 3, 7), (0, 6, 6), (6, 0, 6), (0, 0, 0)]
)
def test_same_selection_of_tests_is_preferred(
    bench: Any, same_selection: int, other_selection: int, chosen: int
) -> None:
    """From 5 runs of the same selection on, only those are the baseline; before, all runs in the environment are."""
    head = measurements_of(bench.report())
    runs = _selected(bench, same_selection, head.selection) + _selected(bench, other_selection, ("-k", "fast"))
    assert len(choose_baseline(runs, head)) == chosen


def test_baseline_has_neither_this_run_nor_other_environments(bench: Any) -> None:
    """A run in another environment is not comparable, and a run is never its own baseline."""
    head = measurements_of(bench.report())
    elsewhere = bench.baseline(2, fingerprint={"cpu": "another", "vcpus": "2"})
    own = bench.baseline(3)
    assert choose_baseline([head, *elsewhere, *own], head) == own


def test_baseline_is_sorted_the_newest_first(bench: Any) -> None:
    """The order of the ledger does not matter; runs of the same start are sorted by their name."""
    head = measurements_of(bench.report())
    runs = list(bench.baseline(6))
    twin = replace(runs[2], run="zzz")
    assert choose_baseline([*reversed(runs), twin], head) == (*runs[:2], twin, *runs[2:])
