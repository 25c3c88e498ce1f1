"""Simulated ledgers of three months, each with a planted cause in its third month, or with none."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.advice.add_advice import add_advice
from pytest_carbon.core.records.ledger_records import Entry

START, NOW = datetime(2026, 8, 31, tzinfo=UTC), datetime(2026, 11, 29, 20, tzinfo=UTC)
"""From the first day of a week; the third month is November."""
FEATURES = {"checkout": 34.0, "search": 21.0, "catalogue": 16.0, "payment": 9.0}
"""Reference joules of each feature's tests in a run, besides what no feature claims."""
UNCLAIMED_J = 6.0
PUSHES = (3, 4, 5, 3, 4, 0, 1)
"""Merges by day of the week, of which one more or one less happens by chance."""
RUN_NOISE, FEATURE_NOISE, MACHINE_NOISE, GRID_NOISE = 0.015, 0.02, 0.03, 0.03
G_PER_KWH, PUE = 380.0, 1.3
EMBODIED_G_PER_H = 9.0


@dataclass(frozen=True)
class Plant:
    """What is planted from a day on (counted from START): a pull request's change, the grid, the runners, the runs.

    ``feature`` is the feature whose tests the pull request makes ``more`` (0.1: 10 %) costly. ``grid`` and ``runner``
    multiply grams per joule and joules per reference joule, ``runs`` the number of pull requests.
    """

    seed: int
    day: int = 62
    feature: str = ""
    more: float = 0.0
    grid: float = 1.0
    runner: float = 1.0
    runs: float = 1.0
    by_label: bool = False


def ledger(plant: Plant) -> tuple[list[Entry], int]:
    """Return the runs, oldest first, and the number of the pull request that was planted."""
    draw = random.Random(plant.seed)  # noqa: S311
    entries: list[Entry] = []
    pr, planted = 100, 0
    for day in range((NOW.date() - START.date()).days + 1):
        at = START + timedelta(days=day)
        since = day >= plant.day
        grid = G_PER_KWH * draw.lognormvariate(0.0, GRID_NOISE) * (plant.grid if since else 1.0)
        pushes = max(PUSHES[at.weekday()] + draw.choice((-1, 0, 0, 1)) * (at.weekday() < 5), 0)
        pushes = round(pushes * (plant.runs if since else 1.0))
        entries.append(_run(draw, plant, at + timedelta(hours=3), grid, (f"{pr:040x}", "main", None), planted))
        for push in range(pushes):
            pr += 1
            merged = at + timedelta(hours=8 + 10 * push / max(pushes, 1))
            if since and not planted and plant.feature:
                planted = pr
            for attempt in range(draw.choice((1, 1, 2, 3))):
                before = merged - timedelta(hours=1 + attempt)
                commit = f"{pr * 10 + attempt:040x}"
                entries.append(_run(draw, plant, before, grid, (commit, f"topic-{pr}", pr), planted))
            entries.append(_run(draw, plant, merged, grid, (f"{pr:040x}", "main", pr), planted))
    ordered = sorted((entry for entry in entries if entry.started <= NOW.isoformat()), key=lambda e: (e.started, e.id))
    return ordered, planted


def advised_accounts(plant: Plant) -> tuple[Accounts, int]:
    """Return the accounts with advice of a ledger in which the tests pay, and the planted pull request."""
    features = "".join(f'[features.{name}]\npaths = ["tests/{name}/**"]\n' for name in FEATURES)
    policy = read_policy(TomlTable(tomllib.loads(f'[budget]\nlimit = "9 kg"\n{features}'), "carbon.toml"))
    entries, planted = ledger(plant)
    accounts = make_accounts(policy, entries, (), NOW, G_PER_KWH, "main")
    return add_advice(accounts, policy, entries, NOW, "main"), planted


def _run(
    draw: random.Random, plant: Plant, at: datetime, grid: float, source: tuple[str, str, int | None], planted: int
) -> Entry:
    commit, branch, pr = source
    since = at >= START + timedelta(days=plant.day)
    has_change = bool(planted) and (pr is None or pr >= planted)
    whole = draw.lognormvariate(0.0, RUN_NOISE)
    own = {
        name: joules * whole * draw.lognormvariate(0.0, FEATURE_NOISE)
        * (1 + plant.more if has_change and name == plant.feature else 1.0)
        for name, joules in FEATURES.items()
    }  # fmt: skip
    own["unattributed"] = UNCLAIMED_J * whole * draw.lognormvariate(0.0, FEATURE_NOISE)
    reference_j = sum(own.values())
    runner = plant.runner if since else 1.0
    machine = draw.lognormvariate(0.0, MACHINE_NOISE) * runner
    energy_j = reference_j * 2.0 * machine
    operational_g = energy_j * PUE * grid / 3.6e6 * 1000
    embodied_g = EMBODIED_G_PER_H * reference_j / 3600
    labels: tuple[str, ...] = ()
    shares = {name: joules / reference_j for name, joules in own.items()}
    if plant.by_label and pr is not None:
        payer = list(FEATURES)[pr % len(FEATURES)]
        labels, shares = (f"feature:{payer}",), {payer: 1.0}
    name = f"run-{at:%m%d%H%M%S}-{commit[-6:]}"
    return Entry(
        id=name, run=name, attempt=1, job="tests", started=at.isoformat(), commit=commit, branch=branch, pr=pr,
        labels=labels, method="modelled", machine="runner-1" if runner == 1 else "runner-2",
        fingerprint=("a" if runner == 1 else "b") * 16, grid_zone="DE", grid_g_per_kwh=grid, grid_assumed=False,
        energy_j=energy_j, energy_low_j=energy_j * 0.7, energy_high_j=energy_j * 1.6, reference_j=reference_j,
        operational_g=operational_g, embodied_g=embodied_g, emissions_low_g=operational_g * 0.6,
        emissions_high_g=operational_g * 2, tests=400, shares=shares, wall_s=reference_j, runner="github-hosted",
        conclusion="success",
    )  # fmt: skip


ONE = [
    Plant(seed, day=62 + seed % 7, feature=feature, more=more)
    for seed, (feature, more) in enumerate([
        ("checkout", 0.10), ("search", 0.15), ("catalogue", 0.22), ("payment", 0.30), ("search", 0.40),
        ("checkout", 0.50), ("payment", 0.12), ("catalogue", 0.10),
    ])
]  # fmt: skip
GRID = [Plant(20, grid=1.25), Plant(21, grid=0.75), Plant(22, grid=1.15)]
RUNNERS = [Plant(30, runner=1.5), Plant(31, runner=0.7), Plant(32, runner=1.2)]
FEWER = [Plant(40, runs=0.4), Plant(41, runs=0.6), Plant(42, runs=0.5)]
TWO = [
    Plant(50, feature="search", more=0.5, runs=0.6),
    Plant(51, feature="checkout", more=0.4, grid=1.2),
    Plant(52, runner=1.3, grid=0.85),
]
PLANTED = [*ONE, *GRID, *RUNNERS, *FEWER, *TWO]
UNCHANGED = [Plant(seed) for seed in range(100, 120)]
