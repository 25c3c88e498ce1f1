"""Reports and paired runs made by hand, for tests of what reads and judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S
from pytest_carbon.core.model import FeatureUse, GridFactor, Probe, Range, Row
from pytest_carbon.core.records import paired_runs
from pytest_carbon.core.records.paired_runs import PairedRuns, SideRun
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TESTS = {name: [f"tests/{name}/test_{name}.py::test_{n}" for n in range(20)] for name in ("checkout", "search")}
"""Two features, each large enough to be judged alone. A test costs 100 J, and 50 J of reference energy."""
TEST_J, TEST_REFERENCE_J = 100.0, 50.0
G_PER_J = 381 / 3_600_000
POLICY = """
zone = "DE"
default-branch = "main"

[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout/**"]
[features.search]
labels = ["feature:search"]
paths = ["tests/search/**"]
"""


def make_report(
    number: int = 1,
    *,
    cost: Mapping[str, float] | None = None,
    ago: timedelta = timedelta(hours=1),
    tests: Mapping[str, Sequence[str]] = TESTS,
    **run: Any,
) -> Report:
    """Return the report of one run; ``cost`` multiplies the cost of each feature's tests."""
    costs = {**dict.fromkeys(tests, 1.0), **(cost or {})}
    rows = [_row(nodeid, name, costs[name]) for name, nodeids in tests.items() for nodeid in nodeids]
    joules = {name: sum(row.energy_j or 0.0 for row in rows if row.feature == name) for name in tests}
    energy_j = sum(row.energy_j or 0.0 for row in rows)
    reference_j = sum(row.reference_j for row in rows)
    grams = energy_j * G_PER_J
    facts: dict[str, Any] = {
        "id": f"run-{number}", "started": (NOW - ago).isoformat(timespec="seconds"), "duration_s": 60.0,
        "command": ("pytest", "--carbon"), "exit_status": 0, "commit": "a" * 40, "workers": 1, "branch": "feature",
    }  # fmt: skip
    return Report(
        tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": None},
        run=RunInfo(**{**facts, **run}),
        machine=MachineInfo("bench", "CPU", 256, "modelled", "by hand", "fits", {"cpu": "CPU"}, 0.0, 0.5, 1.0, 1.0),
        grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
        totals=Totals(energy_j, 0.8 * energy_j, 1.3 * energy_j, reference_j, grams, 0.1, grams + 0.1, 0.8 * grams,
                      1.3 * grams + 0.2, None, None, ""),
        rows=tuple(rows),
        features={
            name: FeatureUse(len(tests[name]), own_j / energy_j, own_j, own_j * TEST_REFERENCE_J / TEST_J,
                             (grams + 0.1) * own_j / energy_j)
            for name, own_j in joules.items()
        },
        budgets=(),
        probes=(Probe(0.5, 1.0, ""),),
        gaps=(),
    )  # fmt: skip


def _row(nodeid: str, feature: str, cost: float) -> Row:
    reference_j = TEST_REFERENCE_J * cost
    return Row(
        "test", TEST_J * cost, reference_j / REFERENCE_J_PER_CPU_S, 1.0, reference_j, nodeid, "call", "", feature,
        "passed", speed_before=1.0, speed_after=1.0,
    )  # fmt: skip


def _side(side: Literal["base", "head"], report: Report, number: int) -> SideRun:
    commit = report.run.commit if side == "base" else None  # the head is the working tree
    return SideRun(side, replace(measurements_of(report), run=f"{report.run.id}-{side}-{number}", commit=commit))


def make_pairs(base: Report, head: Report, count: int = 5, **changes: Any) -> dict[str, Any]:
    """Return the JSON of ``count`` pairs of base and head, measured in turns."""
    sides = [(_side("base", base, n), _side("head", head, n))[:: 1 if n % 2 else -1] for n in range(1, count + 1)]
    runs = tuple(side for pair in sides for side in pair)
    pairs = PairedRuns(str(base.run.commit), "working tree", runs, (), "the answer is plain", 60.0, ())
    return {**paired_runs.to_json(pairs), **changes}
