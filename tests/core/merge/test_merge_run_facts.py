"""Run, machine, speed, code and grid of several parts as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.merge.merge_run_facts import (
    LONGEST_TEXT,
    join_texts,
    mean_full_speed,
    scale_slowdown,
    speed_factor,
    sum_or_unknown,
    weighted_mean,
)
from tests.core.merge.parts import FRANCE, make_part


def test_run_of_all_parts(bench: Any) -> None:
    """The run starts with the first part, lasts as long as the longest, and fails if one part fails."""
    early = make_part(bench, "b", ago=timedelta(hours=3), command=("pytest", "tests/b"), exit_status=1)
    early = replace(early, run=replace(early.run, duration_s=90.0))
    late = make_part(bench, "a", command=("pytest", "tests/a"))
    run = merge_reports([("one", late), ("two", early)]).run
    assert (run.started, run.duration_s, run.exit_status, run.workers) == (early.run.started, 90.0, 1, 2)
    assert run.command == ("pytest", "tests/a", "pytest", "tests/b")
    assert (run.commit, run.branch) == ("a" * 40, "topic")
    assert run.id == merge_reports([("other", early), ("names", late)]).run.id
    assert run.id != merge_reports([("one", late), ("two", make_part(bench, "c"))]).run.id


def test_machines_are_joined(bench: Any) -> None:
    """Every field of the fingerprint has all its values; the method is the least certain one."""
    one = make_part(
        bench, "a", fingerprint={"python": "3.11", "os": "linux"}, cpu="B", method="counter", clean_share=1.0
    )
    other = make_part(
        bench, "b", fingerprint={"python": "3.12", "os": "linux"}, cpu="A", clean_share=0.5, probes=12, full_speed=3.0
    )
    machine = merge_reports([("x", one), ("y", other)]).machine
    assert machine.fingerprint == {"python": "3.11, 3.12", "os": "linux", "parts": "2"}
    assert (machine.name, machine.cpu, machine.vcpus, machine.method) == ("bench", "A, B", 4, "modelled")
    assert (machine.clean_share, machine.full_speed, machine.utilisation) == pytest.approx((0.625, 2.0, 0.5))


def test_speeds_are_scaled_to_the_full_speed_of_eachmake_part(bench: Any) -> None:
    """The tests of a slower machine do not look like tests of a slowed machine."""
    slow = make_part(bench, "b", full_speed=1.5)
    slow = replace(slow, rows=tuple(replace(row, speed_before=1.5, speed_after=None) for row in slow.rows))
    whole = merge_reports([("x", make_part(bench, "a")), ("y", slow)])
    assert whole.machine.full_speed == pytest.approx(1.25)
    assert {row.speed_before for row in whole.rows} == {1.25}
    assert {row.speed_after for row in whole.rows} == {1.25, None}


def test_several_grids_become_their_mean_by_energy(bench: Any) -> None:
    """The range is as wide as all grids, and a gap says so; a single grid is unchanged."""
    one, other = (
        make_part(bench, "a", tests={"checkout": 30}),
        make_part(bench, "b", tests={"checkout": 10}, grid=FRANCE),
    )
    whole = merge_reports([("a", one), ("b", other)])
    assert (whole.grid.zone, whole.grid.year, whole.grid.assumed) == ("DE, FR", None, False)
    assert whole.grid.g_per_kwh == pytest.approx((312.5, 20.0, 600.0))
    assert whole.gaps == ("the parts ran on several grids (DE, FR); the grid factor is their mean by energy",)
    unknown = merge_reports([("a", one), ("b", make_part(bench, "b", grid=FRANCE, known=False))])
    assert unknown.grid.g_per_kwh.central == pytest.approx(225.0)
    assert merge_reports([("a", one), ("b", make_part(bench, "b", grid=bench.world))]).grid.assumed
    assert merge_reports([("a", one), ("b", make_part(bench, "b"))]).grid is one.grid


def test_code_of_several_pythons_has_one_digest(bench: Any) -> None:
    """A function with equal digests keeps its digest; different digests become a new one."""
    codes: list[dict[str, str]] = [
        {"t.py::a": "0" * 12, "t.py::b": "1" * 12},
        {"t.py::a": "0" * 12, "t.py::b": "2" * 12},
    ]
    parts = [(str(n), replace(make_part(bench, f"r{n}"), code=code)) for n, code in enumerate(codes)]
    result = merge_reports(parts).code
    assert result["t.py::a"] == "0" * 12
    assert result["t.py::b"] not in ("1" * 12, "2" * 12)
    assert len(result["t.py::b"]) == 12


@pytest.mark.parametrize(
    ("texts", "joined"),
    [((), ""), (("b", "a", "b"), "a, b"), (("", "a"), ", a"), (("x" * 5000,), None)],
)
def test_texts_are_joined_once_each(texts: Sequence[str], joined: str | None) -> None:
    """Different texts stand in alphabetical order; a text that is too long for the schema is shortened."""
    text = join_texts(texts)
    assert len(text) <= LONGEST_TEXT
    assert joined is None or text == joined


@pytest.mark.parametrize(
    ("values", "weights", "total", "mean"),
    [
        ((), (), 0.0, None),
        ((1.0, 3.0), (1.0, 1.0), 4.0, 2.0),
        ((1.0, 3.0), (3.0, 1.0), 4.0, 1.5),
        ((1.0, 3.0), (0.0, 0.0), 4.0, None),
        ((1.0, 3.0), (1.0, None), 4.0, None),
        ((1.0, None), (1.0, 1.0), None, None),
        ((0.0, 0.0), (1.0, 1.0), 0.0, 0.0),
    ],
)
def test_sum_and_mean_need_every_value(
    values: Sequence[float | None], weights: Sequence[float | None], total: float | None, mean: float | None
) -> None:
    """One unknown value makes sum and mean unknown; zero is a known value."""
    assert sum_or_unknown(values) == total
    assert weighted_mean(values, weights) == mean


def test_speeds_without_a_full_speed_are_not_scaled() -> None:
    """The merged full speed is the mean of the known ones; an unknown slowdown stays unknown."""
    assert mean_full_speed([1.0, None, 2.0]) == 1.5
    assert mean_full_speed([None, None]) is None
    assert [speed_factor(*speeds) for speeds in ((2.0, 1.5), (None, 1.5), (2.0, None))] == [0.75, 1.0, 1.0]
    assert [scale_slowdown(slowdown, 0.5) for slowdown in (3.0, None)] == [1.5, None]
