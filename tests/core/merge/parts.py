"""Reports of parts, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_carbon.core.model import GridFactor, Probe, Range
from pytest_carbon.core.report import Report

FRANCE = GridFactor("FR", Range(50.0, 20.0, 80.0), "by hand", 2023, False)


def make_part(bench: Any, run: str, **facts: Any) -> Report:
    """Return the report of one part; ``facts`` sets fields of its run, machine, probes and gaps."""
    machine = {name: facts.pop(name) for name in ("cpu", "method", "clean_share", "full_speed") if name in facts}
    probes = tuple(Probe(0.1 * n, 1.0, "gw0") for n in range(facts.pop("probes", 4)))
    gaps, exit_status, command = facts.pop("gaps", ()), facts.pop("exit_status", 0), facts.pop("command", ("pytest",))
    report: Report = bench.report(run, **facts)
    own = replace(report.run, exit_status=exit_status, command=command)
    return replace(report, run=own, machine=replace(report.machine, **machine), probes=probes, gaps=gaps)
