"""Paired runs as JSON and back, and which values are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.records.paired_runs import PairedRuns, SideRun, fingerprint_differences, from_json, to_json
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements


def _side(side: Literal["base", "head"], fingerprint: dict[str, str] | None = None) -> SideRun:
    tests = {"t.py::a[ü]": MeasuredTest(1.25, 1.5), "t.py::b": MeasuredTest(0.5, None, "failed")}
    measurements = RunMeasurements("run-1", None, None, "2026-01-01T00:00:00Z", fingerprint or {"cpu": "X"}, 1.5, tests)
    return SideRun(side, measurements)


PAIRS = PairedRuns(
    base="a" * 40,
    head="working tree",
    runs=(_side("base"), _side("head"), _side("head"), _side("base")),
    selected_tests=("t.py::a[ü]",),
    stop_reason="the maximum of 2 pairs was measured",
    took_s=12.5,
    gaps=("something is missing",),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([("base", "head"), ("head", "base")]), max_size=4),
    st.lists(st.text(), max_size=3),
    st.integers(0, 10**6),
)
def test_pairs_survive_json(order: list[tuple[Any, Any]], texts: list[str], took_ms: int) -> None:
    """Pairs that went through JSON text are equal and in the same order."""
    runs = tuple(_side(side) for pair in order for side in pair)
    pairs = replace(PAIRS, runs=runs, selected_tests=tuple(texts), gaps=tuple(texts), took_s=took_ms / 1000)
    assert from_json(json.loads(json.dumps(to_json(pairs), allow_nan=False))) == pairs


def test_measurements_of_a_side_are_in_the_order_of_the_pairs() -> None:
    """The first measurements of a side belong to the first pair, whichever side ran first."""
    runs = tuple(SideRun(run.side, replace(run.measurements, run=str(n))) for n, run in enumerate(PAIRS.runs))
    pairs = replace(PAIRS, runs=runs)
    assert [run.run for run in pairs.measurements_of("base")] == ["0", "3"]
    assert [run.run for run in pairs.measurements_of("head")] == ["1", "2"]


@pytest.mark.parametrize(
    ("fingerprints", "fields"),
    [
        pytest.param([{"cpu": "X"}, {"cpu": "X"}], [], id="alike"),
        pytest.param([{"cpu": "X", "python": "3"}, {"cpu": "Y", "python": "4"}], ["cpu", "python"], id="two fields"),
        pytest.param([{"cpu": "X"}, {"cpu": "X", "new": "1"}], ["new"], id="a field of one side only"),
        pytest.param([{"seed": "1"}, {"seed": "1"}, {"seed": "2"}, {"seed": "2"}], [], id="alike inside each pair"),
        pytest.param([{"seed": "1"}, {"seed": "1"}, {"seed": "2"}, {"seed": "1"}], ["seed"], id="the second pair"),
        pytest.param([], [], id="no pair"),
    ],
)
def test_fingerprint_differences_within_pairs(fingerprints: list[dict[str, str]], fields: list[str]) -> None:
    """Base and head of one pair are compared; two pairs are not."""
    runs = [_side("base" if n % 2 == 0 else "head", fingerprint) for n, fingerprint in enumerate(fingerprints)]
    assert fingerprint_differences(replace(PAIRS, runs=tuple(runs))) == fields


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda data: {name: value for name, value in data.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(lambda _: [], "their schema is None, not 'pytest-carbon/pairs/1'", id="a list"),
        pytest.param(lambda d: {**d, "schema": "pytest-carbon/pairs/2"}, "pairs/2', not", id="version 2"),
        pytest.param(_without("runs"), "incomplete", id="no runs"),
        pytest.param(_without("stopped"), "incomplete", id="no reason"),
        pytest.param(lambda d: {**d, "runs": 3}, "incomplete", id="runs no list"),
        pytest.param(lambda d: {**d, "runs": [{"side": "base"}]}, "incomplete", id="a run without figures"),
        pytest.param(lambda d: {**d, "runs": d["runs"][:3]}, "incomplete", id="half a pair"),
        pytest.param(lambda d: {**d, "runs": d["runs"][:1] * 2}, "one run of base and one of head", id="base twice"),
        pytest.param(lambda d: {**d, "took_s": "long"}, "incomplete", id="took_s is a text"),
    ],
)
def test_bad_pairs_are_refused(spoil: Callable[[dict[str, Any]], object], complaint: str) -> None:
    """The error says what is wrong and how to measure again."""
    with pytest.raises(ReportError) as caught:
        from_json(spoil(to_json(PAIRS)))
    assert complaint in str(caught.value)
    assert str(caught.value).endswith("measure again with pytest-carbon confirm")
