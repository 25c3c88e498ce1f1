"""Ledgers and policies that the tests of accounts and of their reporters share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.values.account import Account, Accounts

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

POLICY = (
    'window = "month"\ntimezone = "Europe/Berlin"\n[budget]\nlimit = "100 g"\nwindow = "28d"\n'
    '[features.checkout.budget]\nlimit = "20 g"\nowners = ["@shop"]\n[features.search.budget]\nlimit = "4 kJ"\n'
    '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "60 g", window = "quarter" }\n'
)
"""The repository, a team and two features, each with a budget of another window or unit."""
MONTHLY = (
    'window = "month"\n[features.checkout.budget]\nlimit = "{}"\nowners = ["@shop"]\n'
    '[features.search.budget]\nlimit = "50 g"\n'
)


TEAMS = MONTHLY.format("40 g") + (
    '[budget]\nlimit = "100 g"\n'
    '[teams.shop]\nfeatures = ["checkout"]\nbudget = { limit = "45 g" }\n'
    '[teams.web]\nfeatures = ["search"]\nbudget = { limit = "60 g" }\n'
    '[teams.base]\nfeatures = ["login"]\nbudget = { limit = "10 kJ" }\n[features.login]\n'
    '[[objectives]]\nname = "A third less"\nteam = "shop"\ntarget = "25 g"\nby = "2026-06-30"\n'
    '[[objectives]]\nname = "Light runs | <b>"\nowner = "@shop"\nmeasure = "per test run"\ntarget = "1.2 g"\n'
    'by = "2026-12-31"\n'
    '[[objectives]]\nname = "Room to spare"\nmeasure = "budget used"\ntarget = "80 %"\nby = 2026-04-30\n'
)


HOSTILE = "<!-- c --> | [x](javascript:1) @org/team #1\n\n# `"


def daily_ledger(bench: Any, days: int = 150, grams: float = 1.0) -> list[Any]:
    """Return two runs a day, of a pull request and of its merge; seven days ago runs became 25 % costlier."""
    entries = []
    for ago in range(days, 0, -1):
        more = 1.25 if ago <= 7 else 1.0
        own = {"energy_j": 100.0 * more, "reference_j": 50.0 * more, "operational_g": 0.9 * grams * more,
               "embodied_g": 0.1 * grams, "emissions_low_g": 0.8 * grams * more, "emissions_high_g": 1.5 * grams * more,
               "job": "tests", "runner": "github-hosted", "wall_s": 600.0}  # fmt: skip
        pr, commit = 1000 - ago, f"{ago:040x}"
        entries.append(bench.entry(2 * ago, ago=ago * DAY, pr=pr, branch="topic", commit=f"{ago:039x}f", **own))
        entries.append(bench.entry(2 * ago + 1, ago=ago * DAY - HOUR, pr=pr, commit=commit, **own))
    return entries


def make(bench: Any, policy: str, entries: Any, **options: Any) -> Accounts:
    """Return the accounts of a policy and some runs; options are overrides, g_per_kwh and notes."""
    runs = tuple(sorted(entries, key=lambda entry: (entry.started, entry.id)))
    overrides, g_per_kwh, notes = (
        options.get("overrides", ()),
        options.get("g_per_kwh", 400.0),
        options.get("notes", ()),
    )
    return make_accounts(bench.policy(policy), runs, overrides, bench.now, g_per_kwh, "main", notes)


def named(accounts: Accounts, name: str = "checkout") -> Account:
    """Return the account of a holder."""
    return next(account for account in accounts.accounts if account.name == name)


def first_feature(accounts: Accounts) -> tuple[Account, Accounts]:
    """Return the account of the first feature, and all accounts."""
    return next(account for account in accounts.accounts if account.name != "repository"), accounts


def troubled(bench: Any) -> Any:
    """Return an account with a cancelled, a superseded and a rerun run, and a run of unknown use."""
    entries = daily_ledger(bench)
    entries[-3] = replace(entries[-3], conclusion="cancelled")
    overtaken = replace(entries[-2], id="overtaken", commit="c" * 40, wall_s=9000.0)
    again = replace(entries[-4], id="again", attempt=2, started=entries[-3].started)
    unknown = replace(entries[-6], id="unknown", energy_j=None, operational_g=None, embodied_g=None, runner="")
    assumed = replace(entries[-8], id="assumed", grid_assumed=True, method="counter", runner="self-hosted")
    order = sorted([*entries, overtaken, again, unknown, assumed], key=lambda entry: (entry.started, entry.id))
    override = bench.override(amount=4.0, reason="the release | cannot wait")
    return first_feature(make(bench, MONTHLY.format("45 g"), order, overrides=[override]))


def hostile(bench: Any) -> Any:
    policy = f'window = "quarter"\n[features.{json.dumps(HOSTILE)}.budget]\nlimit = "700 g"\nowners = ["@x|y"]\n'
    entries = [replace(entry, shares={HOSTILE: 1.0}, job="`|<b>", pr=None) for entry in daily_ledger(bench)]
    accounts = make(bench, policy, entries, notes=["skipped: <script> | @everyone"])
    return named(accounts, HOSTILE), accounts


def with_teams(bench: Any) -> Accounts:
    entries = daily_ledger(bench, 150)
    entries = [replace(entry, shares={"checkout": 0.6, "search": 0.3, "gone": 0.1}) for entry in entries]
    return make(bench, TEAMS, entries, notes=["skipped in the ledger: 2026/03/01/x.json: it is not whole JSON"])


CASES: dict[str, Callable[[Any], tuple[Account, Accounts]]] = {
    "healthy": lambda bench: first_feature(make(bench, MONTHLY.format("80 g"), daily_ledger(bench))),
    "at risk": troubled,
    "exhausted": lambda bench: first_feature(make(bench, MONTHLY.format("30 g"), daily_ledger(bench, 40))),
    "no data": lambda bench: first_feature(make(bench, MONTHLY.format("80 g"), ())),
    "no budget": lambda bench: first_feature(make(bench, "", daily_ledger(bench), g_per_kwh=None)),
    "hostile": hostile,
}
