"""What the tests of budgets and verdicts share: a project whose reports, ledger and policy are made by hand."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import GridFactor, Range, Row
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, Override
from pytest_carbon.core.records.paired_runs import PairedRuns, SideRun
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, Verdict

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
GRID = GridFactor("DE", Range(400.0, 200.0, 600.0), "by hand", 2024, False)
WORLD = GridFactor("world average", Range(475.0, 35.0, 750.0), "by hand", 2019, True)
G_PER_J = 0.01
"""Grams a joule on GRID."""
FEATURES = """
[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout"]
[features.search]
labels = ["feature:search"]
paths = ["tests/search"]
"""


class Bench:
    """Builds reports, ledger entries and verdict inputs.

    A test takes 2 J, 1 J of reference energy and, on GRID, 20 mg.
    """

    now, grid, world = NOW, GRID, WORLD

    def policy(self, text: str = "") -> Policy:
        """Return the policy of a file with two features and the tables of ``text``."""
        return read_policy(TomlTable(tomllib.loads(text + FEATURES), "carbon.toml"))

    def rows(self, tests: Mapping[str, int], costs: Mapping[str, float]) -> list[Row]:
        """Return the rows of so many tests of each feature, ``""`` for none; ``costs`` multiplies a feature's costs."""
        return [
            Row("test", 2.0 * cost, 0.5, 0.5, cost, f"tests/{feature}/t.py::test_{n}", "call", "", feature or None,
                "passed", speed_before=1.0, speed_after=1.0)
            for feature, count in tests.items()
            for cost in (costs.get(feature, 1.0),)
            for n in range(count)
        ]  # fmt: skip

    def report(
        self,
        run: str = "head",
        *,
        tests: Mapping[str, int] | None = None,
        costs: Mapping[str, float] | None = None,
        ago: timedelta = timedelta(hours=1),
        grid: GridFactor = GRID,
        known: bool = True,
        **facts: Any,
    ) -> Report:
        """Return a report of 25 tests of each feature; with ``known`` false its energy is unknown."""
        rows = self.rows({"checkout": 25, "search": 25} if tests is None else tests, costs or {})
        rows = rows if known else [replace(row, energy_j=None) for row in rows]
        energy_j = math.fsum(row.energy_j or 0.0 for row in rows) if known else None
        grams = None if energy_j is None else energy_j * G_PER_J * grid.g_per_kwh.central / GRID.g_per_kwh.central
        commit, branch = facts.pop("commit", "a" * 40), facts.pop("branch", "topic")
        fingerprint = facts.pop("fingerprint", {"cpu": "CPU", "vcpus": "2"})
        return Report(
            tool={"name": "pytest-carbon", "version": "0", "codecarbon": None},
            run=RunInfo(run, (NOW - ago).isoformat(), 60.0, ("pytest",), 0, commit, 1, branch),
            machine=MachineInfo("bench", "CPU", 2, "modelled", "-", "-", fingerprint, 0.0, 0.5, 1.0, 1.0),
            grid=grid,
            totals=Totals(
                energy_j, *self._wide(energy_j), math.fsum(row.reference_j for row in rows), grams,
                None if grams is None else 0.0, grams, *self._wide(grams), None, None, "",
            ),
            rows=tuple(rows),
            features=feature_uses(rows, energy_j, grams or 0.0) if energy_j else {},
            budgets=(),
            probes=(),
            gaps=(),
            **facts,
        )  # fmt: skip

    def beside(self, report: Report, joules: float, cpu_s: float = 10.0) -> Report:
        """Return a report of the same run on a machine whose other processes used so many joules meanwhile."""
        rows, totals = (*report.rows, Row("background", joules, cpu_s, 0.0, 0.0)), report.totals
        energy_j, grams = (totals.energy_j or 0.0) + joules, (totals.operational_g or 0.0) + joules * G_PER_J
        low_high = (*self._wide(energy_j), *self._wide(grams))
        names = ("low_j", "high_j", "emissions_low_g", "emissions_high_g")
        bounds = dict(zip(names, low_high, strict=True))
        more = replace(totals, energy_j=energy_j, operational_g=grams, emissions_g=grams, **bounds)
        return replace(report, rows=rows, totals=more, features=feature_uses(rows, energy_j, grams))

    def _wide(self, central: float | None) -> tuple[float | None, float | None]:
        return (None, None) if central is None else (0.8 * central, 1.5 * central)

    def entry(self, number: int = 1, *, ago: timedelta = timedelta(days=1), **changes: Any) -> Entry:
        """Return the entry of a run: 100 J, 50 J of reference energy and 1 g, paid by checkout."""
        entry = Entry(
            f"run-{number}", f"run-{number}", 1, "", (NOW - ago).isoformat(), "b" * 40, "main", None, (), "modelled",
            "bench", "f" * 16, "DE", 400.0, False, 100.0, 80.0, 150.0, 50.0, 1.0, 0.0, 0.8, 1.5, 50, {"checkout": 1.0},
        )  # fmt: skip
        return replace(entry, **changes)

    def spent(self, grams: float, runs: int = 10) -> tuple[Entry, ...]:
        """Return a ledger in which checkout has used so many grams in the last 10 days, in equal runs of a command."""
        each = grams / runs
        return tuple(
            self.entry(n, ago=timedelta(days=n % 10, hours=2), energy_j=each / G_PER_J, operational_g=each, tests=0)
            for n in range(1, runs + 1)
        )

    def baseline(self, runs: int = 6, **facts: Any) -> tuple[RunMeasurements, ...]:
        """Return the last runs of the default branch, the newest first, with up to 1 % of noise, or ``noise``."""
        out, most = [], facts.pop("noise", 0.01)
        for n in range(runs):
            noise = 1 + most * (n % 3 - 1)
            costs = {name: noise * facts.get("costs", {}).get(name, 1.0) for name in ("", "checkout", "search")}
            own = {**facts, "costs": costs, "ago": timedelta(days=n + 1), "branch": "main"}
            out.append(measurements_of(self.report(f"base-{n}", **own)))
        return tuple(out)

    def pairs(self, count: int, **facts: Any) -> PairedRuns:
        """Return so many pairs of base and head; ``facts`` are those of the head."""
        sides: list[SideRun] = []
        for n in range(count):
            sides.append(SideRun("base", measurements_of(self.report(f"pair-{n}-base"))))
            sides.append(SideRun("head", measurements_of(self.report(f"pair-{n}-head", **facts))))
        return PairedRuns("b" * 40, "a" * 40, tuple(sides), (), "enough pairs", 60.0, ())

    def override(self, **changes: Any) -> Override:
        """Return an override of 10 g for checkout that is in force now."""
        granted, expires = NOW - timedelta(days=1), NOW + timedelta(days=5)
        sound = Override(
            "o-1", "checkout", granted.isoformat(), expires.isoformat(), "it cannot wait", "ann", "bob", 10.0, "mass"
        )
        return replace(sound, **changes)

    def inputs(
        self,
        policy: str | Policy = "",
        report: Report | None = None,
        source: RunSource | None = None,
        entries: Sequence[Entry] = (),
        **parts: Any,
    ) -> VerdictInputs:
        """Return the verdict inputs for a report."""
        grid = parts.pop("grid", GRID)
        own = policy if isinstance(policy, Policy) else self.policy(policy)
        parts = {name: tuple(v) if isinstance(v, list) else v for name, v in parts.items()}
        return VerdictInputs(
            report or self.report(),
            source or RunSource(branch="topic", pr=7),
            own,
            "carbon.toml",
            grid,
            "main",
            NOW,
            entries=tuple(entries),
            **parts,
        )

    def judge(self, policy: str | Policy = "", **parts: Any) -> Verdict:
        """Return the verdict on the inputs."""
        return evaluate(self.inputs(policy, **parts))

    def judged(self, verdict: Verdict, name: str = "checkout") -> HolderVerdict:
        """Return what a verdict says about a holder."""
        return next(holder for holder in verdict.judged if holder.name == name)

    def check(self, verdict: Verdict, rule: str = "budget", name: str = "checkout") -> Check:
        """Return the only check of a holder by this rule."""
        (check,) = (check for check in self.judged(verdict, name).checks if check.rule == rule)
        return check


@pytest.fixture(scope="session")
def bench() -> Bench:
    """Return the builder of reports, ledgers and verdict inputs."""
    return Bench()
