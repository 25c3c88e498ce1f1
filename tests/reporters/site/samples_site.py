"""Accounts, runs and tests made by hand, for the tests of the site."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pytest_carbon.core.accounts.findings.test_costs import compute_test_costs
from pytest_carbon.core.accounts.values.account import (
    Account,
    Accounts,
    Day,
    Intensity,
    Month,
    Objective,
    PullCost,
    TopConsumer,
    Wasted,
)
from pytest_carbon.core.accounts.values.advice import Advice, SettledAdvice
from pytest_carbon.core.accounts.values.window_change import ChangeTerm, WindowChange
from pytest_carbon.core.advice.kinds.wasted import superseded_runs
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.ledger_records import Entry, Override
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.reporters.site.pages import Site

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>", "../../etc/passwd", "a b/ü", "CON", "x" * 300, "Checkout", "a b-ü", "\u202eevil\x07",
    "\"onload='x'", "-", "日本語の機能", "checkout-0123456789",
)  # fmt: skip
"""Names of features that could break a page, a path or a file name."""


def standing(used: float = 0.62, **changes: Any) -> BudgetStatus:
    """Return the status of a budget of 2 kg in November with this share used."""
    limit = 2000.0
    state = next(s for share, s in ((1, "exhausted"), (0.9, "critical"), (0.75, "at risk"), (0.5, "watch"), (0, "ok"))
                 if used >= share)  # fmt: skip
    values: dict[str, Any] = {
        "kind": "mass", "window": "month", "limit": limit, "debt": 0.0, "consumed": used * limit,
        "remaining": limit - used * limit, "used": used, "state": state, "runs": 214, "unknown_runs": 0,
        "burn": (BurnRate(604800.0, 86400.0, used * 1.7, 1.0, 2.0, used > 0.7),),
        "exhausted_in_s": None if used < 0.6 else max(0.0, (1 - used) * 20 * 86400), "p10": limit * used * 1.4,
        "p50": limit * used * 1.6, "p90": limit * used * 1.9, "sunk": 0.0, "recurring": None, "cause": "",
    }  # fmt: skip
    return BudgetStatus(**{**values, **changes})


def days(used_g: float) -> tuple[Day, ...]:
    """Return the days of October, and those of November until now, which sum to ``used_g``."""
    weights = [0.3 if (date(2026, 11, n).weekday() > 4) else 1.0 + 0.2 * (n % 3) for n in range(1, 19)]
    whole = sum(weights)
    before = [Day(f"2026-10-{n:02}", used_g / 20, used_g / 20, 11 + n % 4) for n in range(1, 32)]
    return (*before, *(
        Day(f"2026-11-{n:02}", used_g * weight / whole, used_g * weight / whole, round(12 * weight))
        for n, weight in enumerate(weights, 1)
    ))  # fmt: skip


def months(each_g: float) -> tuple[Month, ...]:
    """Return the last 13 months; the first two ran on machines of an unknown owner."""
    out = []
    for n in range(13):
        year, month = divmod(2025 * 12 + 10 + n, 12)
        grams = each_g * (1 + 0.3 * ((n * 7) % 5 - 2) / 2)
        own, hosted = (0.0, 0.0) if n < 2 else (grams * 0.3, grams * 0.7)
        out.append(
            Month(
                f"{year}-{month + 1:02}", n < 12, Range(grams, grams * 0.6, grams * 1.7), None, own or None,
                hosted or None, grams if n < 2 else 0.0, grams * 9000, grams * 0.9, 2000.0,
                None if n in (0, 12) else 0.05 * (n % 5 - 2), 300 + 13 * n, n % 4, 30 + n,
            )
        )  # fmt: skip
    return tuple(out)


CHANGE = WindowChange(
    "2026-11", "2026-10", True, 980.0, 860.0, 260.0, 214.0,
    (
        ChangeTerm("runs", -190.0, 60.0, True),
        ChangeTerm("pull request", 110.0, 9.0, True, 412, "2026-11-04", ("checkout",)),
        ChangeTerm("grid", -30.0, 14.0, False), ChangeTerm("machines", -7.0, 11.0, False),
        ChangeTerm("embodied", -3.0, 2.0, False),
    ),
    "So far in November 120 g less than in the same days of October: 46 fewer runs (-190 g), but each run costs more "
    "since #412 (+110 g).",
)  # fmt: skip
PULLS = (
    PullCost(412, 210.0, 31, 540.0, "sure", "2026-11-04", ("checkout",)),
    PullCost(398, 88.0, 12, 120.0, "not sure", "2026-11-11"),
    PullCost(421, 64.5, 9, None, "unknown", None),
)
SAVED = (PullCost(405, 40.0, 7, -310.0, "sure", "2026-11-09"),)


ADVICE = (
    Advice(
        "superseded-59830ebc",
        "superseded",
        "tests",
        "Cancel the runs of job tests (py3.13, ubuntu) that a newer commit of their pull request supersedes",
        Range(196.0, 151.0, 284.0),
        196.0,
        "27 of 62 runs of pull requests went on for 7.0 min on average after a run of a newer commit had begun",
        "a line",
        superseded_runs.LINES,
        "these runs end as cancelled soon after the newer commit",
    ),
    Advice(
        "test-08f54eab",
        "test",
        HOSTILE[0],
        f"Halve the cost of {HOSTILE[0]}{'x' * 90}",
        Range(64.0, 0.0, 186.0),
        128.0,
        "it takes 10 J of reference energy, 20 % of a run, in each of 62 runs",
        "a file",
        (),
        "the test takes fewer joules",
    ),
)
SETTLED = (
    SettledAdvice(
        "idle-59830ebc", "idle", "tests", "Run job tests on a machine with 2 instead of 4 virtual CPUs",
        Range(122.0, 83.0, 210.0), -23.0, "utilisation about doubles",
    ),
)  # fmt: skip


def account(name: str = "checkout", used: float | None = 0.62, **changes: Any) -> Account:
    """Return the account of a feature with this share of its budget used, or without a budget."""
    grams = 2000 * (0.3 if used is None else used)
    values: dict[str, Any] = {
        "name": name, "level": "feature", "owners": ("@checkout-team",),
        "standing": None if used is None else standing(used),
        "sentence": f"{name} used {grams / 20:.0f} % of its November carbon budget: {grams / 1000:.2f} of 2.00 kg "
                    "CO2e, on track.",
        "exhausted_on": None if used is None or used < 0.6 else "2026-11-24", "months": months(grams * 1.3),
        "intensities": (Intensity("test run", Range(5.8, 3.1, 9.9), 214),
                        Intensity("merged pull request", Range(61.0, 40.0, 99.0), 20)),
        "cost_most": PULLS, "saved_most": SAVED, "wasted": Wasted(12.0, 3, 45.0, 11, 6.5, 4, 1),
        "causes": (TopConsumer("pull request", "#412", 0.24, 480.0, 31),) if used and used > 0.7 else (),
        "overrides": (),
        "days": days(grams), "window_days": ("2026-11-01", "2026-11-30"),
        "change": CHANGE, "features": (name,),
        "coverage": ("82 % of the energy is modelled, the rest is counted.", "Of 3 runs the use is not known."),
    }  # fmt: skip
    return Account(**{**values, **changes})


OVERRIDE = Override("o-1", "search", "2026-11-16T08:00:00Z", "2026-11-20T08:00:00Z", "the provider moves", "ann", "bob",
                    90.0, "mass", pr=412)  # fmt: skip


def accounts(names: tuple[str, ...] = HOSTILE) -> Accounts:
    """Return the accounts of the repository, a team, features in every state, and features with hostile names."""
    sentence = (
        "The repository used 71 % of its November carbon budget: 1.42 of 2 kg CO2e, and will likely be exhausted."
    )
    whole = account("repository", 0.71, level="repository", owners=(), sentence=sentence, features=())
    rolling = account(
        "shop", 0.55, level="team", features=("checkout", "search"), window_days=("2026-10-21", "2026-11-18")
    )
    assert rolling.standing is not None
    rolling = replace(rolling, standing=replace(rolling.standing, window="28d"))
    features = [
        account("search", 1.13, overrides=(OVERRIDE,), exhausted_on="2026-11-16"),
        account("payment", 0.93, advice=ADVICE, settled=SETTLED),
        account("profile", 0.79), account("checkout", 0.62), account("catalogue", 0.18), account("docs", None),
        account("new", None, months=(), days=(), intensities=(), cost_most=(), saved_most=(), coverage=(), change=None,
                wasted=Wasted(0.0, 0, 0.0, 0, 0.0, 0), sentence="Nothing is known of new yet."),
        *(account(name, 0.4, sentence=f"{name} used 40 % of its budget.", owners=(name,)) for name in names),
    ]  # fmt: skip
    halve = Objective(
        "shop", "Halve what a month takes", "g a month", "g", 1000.0, "2026-12-31", 2400.0, 1710.0, 1240.0, "off track"
    )
    stay = Objective(
        "@checkout-team", "Stay below", "budget used", "share", 0.8, "2026-12-31", None, 0.62, None, "not known"
    )
    method, notes = ("Grams are located, by the grid of each run's zone.",), ("skipped in the ledger: x: no JSON",)
    return Accounts("2026-11-18T09:30:00+00:00", (whole, rolling, *features), (halve, stay), method, notes)


def run(number: int, **changes: Any) -> Entry:
    """Return the entry of one run; a higher number is older."""
    started = NOW - timedelta(hours=3 * number)
    values: dict[str, Any] = {
        "id": f"run-{number}", "run": f"7{number:09}", "attempt": 1, "job": "tests (3.12, ubuntu-latest)",
        "started": started.isoformat(), "commit": f"{number:040x}", "branch": "main", "pr": 400 + number % 30 or None,
        "labels": (), "method": "modelled", "machine": "github-ubuntu-4", "fingerprint": "f" * 16, "grid_zone": "DE",
        "grid_g_per_kwh": 381.0, "grid_assumed": number % 9 == 0,
        "energy_j": None if number % 11 == 0 else 52_000.0 + number,
        "energy_low_j": 31_000.0, "energy_high_j": 93_000.0, "reference_j": 21_000.0,
        "operational_g": None if number % 11 == 0 else 5.5, "embodied_g": 0.3, "emissions_low_g": 3.1,
        "emissions_high_g": 9.9, "tests": 1240, "shares": {"checkout": 0.5, "search": 0.25, "docs": 0.125, "x": 0.125},
        "wall_s": 300.0, "runner": "github-hosted", "conclusion": "cancelled" if number % 7 == 0 else "success",
    }  # fmt: skip
    return Entry(**{**values, **changes})


def baseline(number: int, tests: dict[str, float], **changes: Any) -> RunMeasurements:
    """Return the measurements of one run of main; a higher number is older."""
    values: dict[str, Any] = {
        "run": f"base-{number}", "commit": f"{number:040x}", "branch": "main",
        "started": (NOW - timedelta(days=number)).isoformat(), "fingerprint": {"cpu": "CPU"}, "full_speed": 1.0,
        "tests": {nodeid: MeasuredTest(joules, 1.0) for nodeid, joules in tests.items()},
        "features": {nodeid: nodeid.split("/")[1] for nodeid in tests},
    }  # fmt: skip
    return RunMeasurements(**{**values, **changes})


def baselines(count: int = 10) -> list[RunMeasurements]:
    """Return runs of main in which one test in ten became costlier in the newer half."""
    noise = random.Random(5)  # noqa: S311 (the same noise every time)
    names = [
        f"tests/{feature}/test_{feature}.py::test_{n}[<b>-{n}]" for feature in ("checkout", "search") for n in range(30)
    ]
    return [
        baseline(
            number,
            {
                name: (2 + place % 7)
                * (1.2 if place % 10 == 3 and number < count // 2 else 1.0)
                * noise.uniform(0.98, 1.02)
                for place, name in enumerate(names)
            },
        )
        for number in range(count)
    ]


def site(**changes: Any) -> Site:
    """Return a whole site."""
    values: dict[str, Any] = {
        "title": "shop", "branch": "main", "accounts": accounts(), "runs": [run(n) for n in range(60)],
        "tests": compute_test_costs(baselines()), "teams": {"shop": ("checkout", "search")},
    }  # fmt: skip
    return Site(**{**values, **changes})
