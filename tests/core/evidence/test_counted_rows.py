"""Reference energy by instructions that no CPU can have run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.energy.counted_work.instruction_counts import INSTRUCTIONS_PER_CPU_S
from pytest_carbon.core.evidence.counted_rows import count_contradictions, has_counted_part
from pytest_carbon.core.evidence.report_sums import contradictions
from pytest_carbon.core.evidence.row_speeds import speed_contradictions
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.report import OutsideFigures, Report, from_json, to_json
from tests.samples import make_report

PROBED = make_report()
COUNTED = replace(PROBED, machine=replace(PROBED.machine, fingerprint={"cpu": "CPU", "reference": "instructions"}))


def _times(report: Report, factor: float, rows: int = 1_000) -> Report:
    """Return a report in which some rows have more or less reference energy than by their CPU time."""
    changed = [
        replace(row, reference_j=row.reference_j * (factor if number < rows else 1.0))
        for number, row in enumerate(report.rows)
    ]
    return replace(report, rows=tuple(changed))


@pytest.mark.parametrize("factor", [0.01, 0.5, 0.9, 1.0, 1.3, 5.0])
def test_instructions_per_second_may_be_what_they_like(factor: float) -> None:
    """How many of them a CPU runs in a second depends on the work, also on the kernel's part, which is not counted."""
    report = _times(COUNTED, factor)
    assert [*count_contradictions(report), *speed_contradictions(report)] == []
    assert (list(speed_contradictions(_times(PROBED, factor))) == []) is (factor == 1.0)


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        (_times(COUNTED, 20.0), "are more than any CPU does in 977.995 s of CPU time"),
        (_times(COUNTED, 0.001), "are less than any CPU does in 977.995 s of CPU time"),
        (_times(replace(COUNTED, machine=replace(COUNTED.machine, vcpus=2)), 2.0, rows=1),
         "took 1 s, in which no 2 CPUs do 100 J ref"),
    ],
    ids=["too much", "too little", "too much in a moment"],
)  # fmt: skip
def test_what_no_cpu_can_have_run_is_told(report: Report, complaint: str) -> None:
    """A report comes from a process that ran the tests, so it may say anything."""
    assert any(complaint in sentence for sentence in contradictions(report))


def _outside(rate: float, **changes: Any) -> OutsideFigures:
    """Return what the Action counted: all CPU seconds of the tests and 5 s more, so many instructions in each."""
    cpu_s = sum(row.cpu_s for row in COUNTED.rows) + 5.0
    return OutsideFigures(**{**{
        "exit_code": 0, "wall_s": 70.0, "cpu_s": cpu_s, "detached_cpu_s": 0.0, "only_pytest": True,
        "instructions": rate * INSTRUCTIONS_PER_CPU_S * cpu_s,
    }, **changes})  # fmt: skip


@pytest.mark.parametrize(
    ("outside", "told"),
    [
        (_outside(1.0), False),
        (_outside(1.2), False),
        (_outside(0.5), False),
        (_outside(1.3), True),
        (_outside(1.3, only_pytest=False), False),
        (_outside(1.3, cpu_s=None), False),
    ],
    ids=["equal", "near", "fewer", "more", "more than pytest", "no CPU time"],
)  # fmt: skip
def test_counts_are_held_against_those_from_outside(outside: OutsideFigures, told: bool) -> None:
    """Tests that change what the counter told cannot hide much of their work."""
    found = list(count_contradictions(replace(COUNTED, outside=outside)))
    assert [("are less than was counted from outside" in sentence) for sentence in found] == [True] * told
    assert list(count_contradictions(replace(PROBED, outside=outside))) == []
    kept = from_json(json.loads(json.dumps(to_json(replace(COUNTED, outside=outside))))).outside
    assert kept is not None
    assert kept.instructions == pytest.approx(outside.instructions, rel=1e-6)


def test_instructions_that_nobody_counted_outside_are_not_believed() -> None:
    """One word in a report would otherwise keep its rows from being held against its probes."""
    uncounted = _outside(1.0, instructions=None)
    (sentence,) = count_contradictions(replace(COUNTED, outside=uncounted))
    assert sentence.endswith("this machine counted no instructions from outside")
    assert list(count_contradictions(replace(PROBED, outside=uncounted))) == []


def test_merged_parts_of_both_kinds_are_honest() -> None:
    """Jobs may run on machines with and without a counter. Together they are compared with neither."""
    counted = replace(_times(COUNTED, 0.8), run=replace(COUNTED.run, id="run-2"))
    merged = merge_reports([("a", PROBED), ("b", counted)])
    assert has_counted_part(merged)
    assert not merged.machine.by_instructions
    assert [*count_contradictions(merged), *speed_contradictions(merged)] == []
    both = merge_reports([("a", COUNTED), ("b", counted)])
    assert both.machine.by_instructions
