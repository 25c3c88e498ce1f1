"""The ledger of a large repository, for benchmarks: 13 months, packed but for the last, and ten runs test by test."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pytest_carbon.core.records.ledger_records import Entry, record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.ledgers.file_contents import pack_month
from pytest_carbon.ledgers.file_layout import month_path
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
DAYS, TESTS, BASELINES, TEAMS = 390, 10_000, 10, 20
CHANCE = random.Random(7)


def policy(features: int) -> str:
    """Return a policy with a budget for every feature, team and the repository."""
    each = "".join(
        f'[features.f{n}]\nlabels = ["feature:f{n}"]\npaths = ["tests/f{n}/**"]\n'
        f'[features.f{n}.budget]\nlimit = "{CHANCE.randint(150, 900)} g"\nowners = ["@team-{n % TEAMS}"]\n'
        for n in range(features)
    )
    teams = "".join(
        f'[teams.t{n}]\nfeatures = {[f"f{own}" for own in range(n, features, TEAMS)]}\nbudget = {{ limit = "9 kg" }}\n'
        for n in range(TEAMS)
    )
    return f'zone = "DE"\ndefault-branch = "main"\nwindow = "month"\n[budget]\nlimit = "120 kg"\n{each}{teams}'


def entries(runs: int, features: int) -> Iterator[Entry]:
    """Yield runs of main and of pull requests, each paid by up to three features."""
    for number in range(runs):
        started = NOW - timedelta(days=DAYS) * (1 - number / runs) + timedelta(seconds=CHANCE.randint(0, 60))
        energy_j = CHANCE.uniform(40_000, 90_000)
        pr = None if number % 4 == 0 else number // 8 + 1
        payers = CHANCE.sample(range(features), CHANCE.randint(1, 3))
        yield Entry(
            id=f"run-{number}", run=f"run-{number}", attempt=1, job="tests", started=started.isoformat(),
            commit=f"{number:040x}", branch="main" if pr is None else f"topic-{pr}", pr=pr, labels=(),
            method="modelled", machine="github-ubuntu-4", fingerprint="f" * 16, grid_zone="DE", grid_g_per_kwh=381.0,
            grid_assumed=False, energy_j=energy_j, energy_low_j=energy_j * 0.7, energy_high_j=energy_j * 1.8,
            reference_j=energy_j * 0.45, operational_g=energy_j * 1.06e-4, embodied_g=0.4,
            emissions_low_g=energy_j * 5e-5, emissions_high_g=energy_j * 3e-4, tests=1200,
            shares={f"f{n}": 1 / len(payers) for n in payers}, wall_s=300.0, runner="github-hosted",
            conclusion="success",
        )  # fmt: skip


def fill(folder: Path, runs: Iterable[Entry], features: int) -> None:
    """Write the ledger of these runs."""
    months: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in runs:
        path = record_path(entry)
        months[month_path(path)][path] = to_text(entry)
    for path, files in months.items():
        data = pack_month(files)
        assert data is not None
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    ledger = FolderLedger(folder, NOW, BASELINES)
    names = {f"tests/f{n % features}/test_it.py::test_{n}": f"f{n % features}" for n in range(TESTS)}
    first = RunMeasurements("", None, "main", "", {"cpu": "CPU"}, 1.0, {}, features=names)
    for number in range(BASELINES):
        tests = {name: MeasuredTest(CHANCE.uniform(1, 9), 1.0) for name in names}
        started = (NOW - timedelta(days=BASELINES - number)).isoformat()
        ledger.append([], replace(first, run=f"b{number}", commit=f"{number:040x}", started=started, tests=tests))
