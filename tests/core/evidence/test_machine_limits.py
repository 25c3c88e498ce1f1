"""Figures that no machine can have, and probes that contradict the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.evidence.machine_limits import machine_contradictions, probe_contradictions
from pytest_carbon.core.evidence.row_speeds import speed_contradictions
from pytest_carbon.core.model import Probe, Row
from pytest_carbon.core.report import Report
from tests.samples import make_report

REPORT = make_report()


def _change(part: str, **changes: Any) -> Report:
    changed: Report = replace(REPORT, **{part: replace(getattr(REPORT, part), **changes)})
    return changed


OF_A_MACHINE = {
    "watts": (_change("totals", energy_j=1e9), "1e+09 J in 60 s are more than any machine takes"),
    "no energy": (_change("totals", energy_j=0.0018), "0.0018 J for 977.995 s of CPU time are less than any machine"),
    "CPU time": (_change("machine", vcpus=2), "977.995 s of CPU time on 2 CPUs do not fit into a run of 60 s"),
    "short run": (_change("run", duration_s=0.1), "do not fit into a run of 0.1 s"),
    "embodied": (_change("totals", embodied_g=1e6), "1e+06 g of embodied emissions in 60 s are more than any machine"),
    "steal": (_change("machine", steal_ratio=3.0), "steal_ratio is 3, but a share is at most 1"),
    "utilisation": (_change("machine", utilisation=2.0), "utilisation is 2"),
    "clean": (_change("machine", clean_share=1.5), "clean_share is 1.5"),
    "workers": (_change("run", workers=0), "1 workers have rows of tests, but the run had 0"),
}


@pytest.mark.parametrize(("report", "complaint"), OF_A_MACHINE.values(), ids=OF_A_MACHINE)
def test_what_no_machine_can_have_is_told(report: Report, complaint: str) -> None:
    """Power, CPU time and shares have bounds; an honest report lies within them."""
    assert list(machine_contradictions(REPORT)) == []
    assert any(complaint in sentence for sentence in machine_contradictions(report)), list(
        machine_contradictions(report)
    )


SLOW = (Probe(0.5, 1000.0, ""),)
OF_PROBES = {
    "a slow machine that nothing shows": (
        replace(_change("machine", full_speed=1000.0), probes=SLOW),
        "the probes took 1 s of CPU time, but the tool took 0 s",
    ),
    "full speed": (_change("machine", full_speed=9.0), "the full speed is 9, but by the probes it is 1"),
    "no full speed": (_change("machine", full_speed=None), "the full speed is unknown, but by the probes it is 1"),
    "full speed of nothing": (replace(REPORT, probes=()), "the full speed is 1, but by the probes it is unknown"),
    "share at full speed": (
        replace(REPORT, probes=(Probe(0.5, 1.0, ""), Probe(0.6, 1.4, ""))),
        "100% of the probes are said to be at full speed, but 50% are",
    ),
    "after the run": (replace(REPORT, probes=(Probe(500.0, 1.0, ""),)), "a probe ran 500 s after the start of"),
}  # fmt: skip


@pytest.mark.parametrize(("report", "complaint"), OF_PROBES.values(), ids=OF_PROBES)
def test_probes_take_their_time_and_give_the_full_speed(report: Report, complaint: str) -> None:
    """A slowdown lowers reference energy, so the probes that show it must have taken their time."""
    assert list(probe_contradictions(REPORT)) == []
    found = list(probe_contradictions(report))
    assert any(complaint in sentence for sentence in found), found


def test_rows_of_another_machine_are_left_alone() -> None:
    """The probes of another machine are not in the report, and its CPU time is not this machine's."""
    elsewhere = Row("test", None, 1e6, 1.0, 123.0, "t.py::far", "call", "gw9")
    report = replace(REPORT, rows=(*REPORT.rows, elsewhere), run=replace(REPORT.run, workers=2))
    assert [*machine_contradictions(report), *probe_contradictions(report), *speed_contradictions(report)] == []
