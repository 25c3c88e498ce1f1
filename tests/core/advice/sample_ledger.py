"""A ledger of two windows with something to find for most kinds of advice, and its accounts with advice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.advice.add_advice import add_advice
from pytest_carbon.core.records.entry_details.run_details import CostlyFixture, CostlyTest, RunDetails
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from tests.core.accounts.sample_accounts import make, named
from tests.core.advice.sample_runs import HOSTILE, failed, run

DAY_H = 24.0
SHARES = {"checkout": 0.5, "search": 0.3, "unattributed": 0.2}
SLOW = CostlyTest("tests/checkout/test_pay.py::test_every_card", "checkout", 10.0, "c0de0001")
MODULE = CostlyFixture("tests/search::index", "module", 12, 60, 12.0)
DETAILS = RunDetails(
    vcpus=4, workers=1, utilisation=0.26, base_share=0.4, exit_status=0, suite="0123456789ab", collection_j=2.0,
    setup_j=4.0, tests=(SLOW,), fixtures=(MODULE,), docs_only=False,
)  # fmt: skip
POLICY = '[features.checkout.budget]\nlimit = "2 kg"\n[teams.shop]\nfeatures = ["checkout", "search"]\n' + (
    'budget = { limit = "3 kg", window = "month" }\n'
)


def entries(bench: Any) -> list[Entry]:
    """Return the runs of 56 days, a pull request each day, and a night on the default branch.

    A week into the last window, the index got the scope of the session and a machine of two CPUs, which takes longer.
    """
    out: list[Entry] = []
    for day in range(55, 0, -1):
        details, grams = DETAILS, 9.0
        if day <= 21:
            session = MODULE._replace(scope="session", setups=1, reference_j=1.0)
            details, grams = replace(DETAILS, vcpus=2, utilisation=0.45, fixtures=(session,)), 9.5
        own = {"pr": 1000 - day, "shares": SHARES, "details": details, "operational_g": grams}
        at_h = day * DAY_H
        out.append(run(bench, 10 * day, ago_h=at_h, **own))
        out.append(run(bench, 10 * day + 1, ago_h=at_h - 0.05, **own))  # supersedes the run before it
        if day % 9 == 0:
            again = {**own, "commit": f"{10 * day + 1:040x}"}
            flaky = {**own, "details": replace(details, **_outcome("tests/search/test_find.py::test_ranking"))}
            out[-1] = run(bench, 10 * day + 1, ago_h=at_h - 0.05, **flaky)
            out.append(run(bench, 10 * day + 2, ago_h=at_h - 2.0, attempt=2, **again))
        if day % 7 == 0:
            docs = {**own, "details": replace(details, docs_only=True), "pr": 3000 - day}
            out.append(run(bench, 10 * day + 3, ago_h=at_h - 3.0, **docs))
        night = {"job": "nightly", "pr": None, "branch": "main", "commit": f"{day // 3:040x}", "shares": SHARES}
        out.append(run(bench, 10 * day + 4, ago_h=at_h - 8.0, **night))
        if day % 10 == 0:
            out.append(run(bench, 10 * day + 5, ago_h=at_h - 9.0, job=HOSTILE, conclusion="cancelled", shares=SHARES))
    return sorted(out, key=lambda entry: (parse_time(entry.started), entry.id))


def _outcome(nodeid: str) -> dict[str, Any]:
    details = failed(nodeid, feature="search")
    return {"exit_status": details.exit_status, "failed": details.failed}


def advised(bench: Any, runs: list[Entry] | None = None, policy: str = POLICY) -> Accounts:
    """Return the accounts of the ledger, with advice."""
    own = entries(bench) if runs is None else runs
    return add_advice(make(bench, policy, own), bench.policy(policy), own, bench.now, "main")


def advised_repository(bench: Any) -> tuple[Account, Accounts]:
    """Return the repository's account, and all accounts."""
    accounts = advised(bench)
    return named(accounts, "repository"), accounts
