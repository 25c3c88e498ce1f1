"""The parsed stream of the sidecar; impossible values are dropped."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.sidecar_stream import SidecarStream, parse_stream
from pytest_carbon.core.model import CodeCarbonInfo, CodeCarbonReading, CpuReading

LAW = settings(max_examples=150, deadline=None)
INFO = {"version": "3.3.2", "hardware": ["CPU", "RAM"], "cpu_counter": True}


def _lines(*values: object) -> list[str]:
    return [json.dumps(value) + "\n" for value in values]


def test_complete_stream_is_parsed() -> None:
    """The result has the readings, CodeCarbon's description and readings, the process id and the end."""
    lines = _lines(
        {"hello": 41},
        {"m": [1.0, 2.0, 0.5, 4.0, 0.25]},
        {"codecarbon": INFO},
        {"cc": [1.5, 10.0, 5.0, 0.0]},
        {"m": [2.0, 3.0, 0.5, 8.0, 0.5, 0.75]},
        {"end": True},
    )
    assert parse_stream(lines) == SidecarStream(
        pid=41,
        readings=(CpuReading(1.0, 2.0, 0.5, 4.0, 0.25, None), CpuReading(2.0, 3.0, 0.5, 8.0, 0.5, 0.75)),
        codecarbon_readings=(CodeCarbonReading(1.5, 10.0, 5.0, 0.0),),
        codecarbon=CodeCarbonInfo("3.3.2", ("CPU", "RAM"), True),
        ended=True,
        gaps=(),
    )


def test_empty_stream_has_no_values() -> None:
    """A sidecar that wrote nothing gives an empty result without gaps."""
    assert parse_stream([]) == SidecarStream(None, (), (), None, False, ())


def test_unfinished_last_line_is_ignored() -> None:
    """A last line without a line end was still being written: it is left out and is no gap."""
    stream = parse_stream([*_lines({"hello": 41}), '{"m": [1.0, 2'])
    assert (stream.pid, stream.readings, stream.gaps) == (41, (), ())


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([2.0, -1.0, 0.0, 4.0, 0.0], id="negative"),
        pytest.param([2.0, float("nan"), 0.0, 4.0, 0.0], id="not a number"),
        pytest.param([2.0, float("inf"), 0.0, 4.0, 0.0], id="infinite"),
        pytest.param([2.0, 10**400, 0.0, 4.0, 0.0], id="too large for a float"),
        pytest.param([2.0, True, 0.0, 4.0, 0.0], id="truth value"),
        pytest.param([2.0, "3", 0.0, 4.0, 0.0], id="text"),
        pytest.param([2.0, None, 0.0, 4.0, 0.0], id="null"),
        pytest.param([2.0, 3.0, 0.0, 4.0], id="too few"),
        pytest.param({"at": 2.0}, id="no list"),
        pytest.param([1.0, 3.0, 0.0, 4.0, 0.0], id="time stands still"),
        pytest.param([0.5, 3.0, 0.0, 4.0, 0.0], id="time goes back"),
        pytest.param([2.0, 0.5, 0.0, 4.0, 0.0], id="busy seconds go back"),
    ],
)
def test_bad_reading_is_dropped_and_counted(values: object) -> None:
    """An impossible reading is left out, and a gap gives the number of dropped readings."""
    stream = parse_stream(_lines({"m": [1.0, 2.0, 0.0, 4.0, 0.0]}, {"m": values}, {"m": [3.0, 4.0, 0.0, 8.0, 0.0]}))
    assert [r.at_s for r in stream.readings] == [1.0, 3.0]
    assert stream.gaps == ("1 CPU samples were left out, because they were not finite, negative or out of order",)


def test_small_step_back_is_accepted() -> None:
    """A reading whose CPU time fell by a tick of 10 ms is kept, because the kernel rounds to ticks."""
    stream = parse_stream(_lines({"m": [1.0, 2.0, 0.0, 4.0, 0.0]}, {"m": [2.0, 1.99, 0.0, 8.0, 0.0]}))
    assert len(stream.readings) == 2


def test_bad_codecarbon_reading_is_dropped_and_counted() -> None:
    """CodeCarbon's readings are checked like CPU readings, and counted separately."""
    stream = parse_stream(_lines({"cc": [1, 5, 5, 5]}, {"cc": [2, 4, 5, 5]}, {"cc": [1, 2, 3]}, {"cc": [3, 6, 5, 5]}))
    assert stream.codecarbon_readings == (CodeCarbonReading(1.0, 5.0, 5.0, 5.0), CodeCarbonReading(3.0, 6.0, 5.0, 5.0))
    assert stream.gaps == (
        "2 CodeCarbon samples were left out, because they were not finite, negative or out of order",
    )


@pytest.mark.parametrize(
    "line",
    ["\n", "nonsense\n", "[]\n", "17\n", '"m"\n', "null\n", '{"m"\n', "[" * 100_000 + "\n", "1" * 5000 + "\n"],
    ids=["empty", "words", "list", "number", "text", "null", "cut", "deep", "long"],
)
def test_unreadable_line_is_counted(line: str) -> None:
    """A line that is not a JSON object is left out and counted; the lines around it are parsed."""
    stream = parse_stream([*_lines({"hello": 41}), line, *_lines({"end": 1})])
    assert (stream.pid, stream.ended, len(stream.gaps)) == (41, True, 1)
    assert stream.gaps[0].startswith("1 lines of the sidecar")


@pytest.mark.parametrize("frequency", [-1, "fast", None, float("nan"), True])
def test_bad_frequency_does_not_drop_the_reading(frequency: object) -> None:
    """An impossible clock frequency becomes unknown; the reading stays."""
    (reading,) = parse_stream(_lines({"m": [1.0, 2.0, 0.0, 4.0, 0.0, frequency]})).readings
    assert reading.frequency is None


@pytest.mark.parametrize("pid", [True, -1, 0, 2**31, 1.5, "7", None])
def test_bad_process_id_is_dropped(pid: object) -> None:
    """Only a whole number above 1 that fits a process id is accepted: 0 and -1 would name many processes."""
    assert parse_stream(_lines({"hello": pid})).pid is None


@pytest.mark.parametrize(
    "info",
    [None, [], "3.3", {}, {**INFO, "hardware": 5}],
    ids=["null", "list", "text", "empty", "hardware number"],
)
def test_bad_description_of_codecarbon_is_dropped(info: object) -> None:
    """An incomplete description of CodeCarbon counts as no description."""
    assert parse_stream(_lines({"codecarbon": info})).codecarbon is None


@pytest.mark.parametrize("counter", [1, "yes", None, [1]])
def test_only_true_means_a_hardware_counter(counter: object) -> None:
    """Any other value than ``true`` means that CodeCarbon has no hardware counter."""
    info = parse_stream(_lines({"codecarbon": {**INFO, "cpu_counter": counter}})).codecarbon
    assert info is not None
    assert info.cpu_counter is False


def test_errors_become_gaps_of_limited_length() -> None:
    """An error of the sidecar becomes a gap of at most 500 characters."""
    assert parse_stream(_lines({"error": "no counter"}, {"error": "x" * 9000})).gaps == ("no counter", "x" * 500)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=7), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=10,
)
NUMBERS = st.lists(st.one_of(st.floats(-1, 100), st.integers(-1, 100), JSON), max_size=7)
MESSAGES = st.dictionaries(
    st.sampled_from(["m", "cc", "codecarbon", "error", "hello", "end", "?"]),
    st.one_of(NUMBERS, st.fixed_dictionaries(dict.fromkeys(INFO, JSON)), JSON),
    max_size=2,
)


@LAW
@given(st.lists(st.one_of(MESSAGES.map(lambda m: json.dumps(m) + "\n"), st.text().map(lambda t: t + "\n"), st.text())))
def test_no_line_raises_an_exception(lines: list[str]) -> None:
    """Whatever the lines contain, readings are in order of time and without negative figures."""
    stream = parse_stream(lines)
    both: tuple[tuple[Any, ...], ...] = (stream.readings, stream.codecarbon_readings)
    for series in both:
        assert all(a.at_s < b.at_s for a, b in pairwise(series))
        assert all(v >= 0 for item in series for v in (getattr(item, n) or 0.0 for n in item.__slots__))


def _counts(*joules: float) -> list[str]:
    return _lines(*({"cc": [float(second), each, 0.0, 0.0]} for second, each in enumerate(joules)))


@pytest.mark.parametrize(
    ("joules", "counted", "times"),
    [
        ((0.0, 20.0, 258_000.0, 258_020.0), (0.0, 20.0, 40.0, 60.0), "1 time"),
        ((0.0, 262_000.0, 262_020.0, 524_020.0), (0.0, 20.0, 40.0, 60.0), "2 times"),
        ((0.0, 262_000.0), (0.0, 0.0), "1 time"),
    ],
    ids=["in the middle", "twice", "all there is"],
)
def test_counter_that_was_set_to_zero_counts_no_quarter_of_a_million_joules(
    joules: tuple[float, ...], counted: tuple[float, ...], times: str
) -> None:
    """The step in which it began again has the mean power of the others, and a gap says so."""
    stream = parse_stream(_counts(*joules))
    assert [reading.cpu_j for reading in stream.codecarbon_readings] == pytest.approx(counted)
    assert len(stream.gaps) == 1
    assert f"the energy counter began again at zero ({times})" in stream.gaps[0]


def test_large_machine_is_no_counter_that_was_set_to_zero() -> None:
    """Eight sockets of 500 W are 4 kW."""
    stream = parse_stream(_counts(0.0, 4000.0, 8000.0))
    assert (stream.codecarbon_readings[-1].cpu_j, stream.gaps) == (8000.0, ())
