"""What causes and advice add to the accounts of a large ledger: python benchmarks/accounts.py [RUNS [FEATURES]]

The ledger is that of ``site.py``, and every run also names its costliest tests and fixtures. As the commands do it, the
garbage collector is paused. Causes are made within the accounts: a profile of a second making tells their share.
"""

from __future__ import annotations

import cProfile
import pstats
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from _bench import Table
from site_ledger import NOW, entries, fill, policy

from pytest_carbon.config.load import load_config
from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.advice.add_advice import add_advice
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.entry_details.run_details import CostlyFixture, CostlyTest, RunDetails
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector

OF_CAUSES = ("explain_change", "borne_out_steps")
CHANCE = random.Random(8)


def with_details(entry: Entry, number: int) -> Entry:
    """Return a run with six tests and three fixtures of the first feature that pays; a merge names its pull request."""
    feature = next(iter(entry.shares))
    tests = [
        CostlyTest(f"tests/{feature}/test_it.py::test_{n}", feature, CHANCE.uniform(600, 1500), f"{n:08x}")
        for n in range(6)
    ]
    fixtures = [CostlyFixture(f"fixture_{n}", "session", 1, 9, CHANCE.uniform(600, 900)) for n in range(3)]
    details = RunDetails(
        vcpus=4, workers=2, utilisation=CHANCE.uniform(0.2, 0.9), base_share=0.3, exit_status=0, suite="5e",
        collection_j=CHANCE.uniform(100, 900), setup_j=CHANCE.uniform(100, 900), tests=tuple(tests),
        fixtures=tuple(fixtures), docs_only=number % 20 == 0,
    )  # fmt: skip
    return replace(entry, details=details, pr=number // 8 + 1 if entry.pr is None else entry.pr)


def detailed(runs: int, features: int) -> Iterator[Entry]:
    """Yield the runs of ``site_ledger.py`` with details."""
    return (with_details(entry, number) for number, entry in enumerate(entries(runs, features)))


def seconds(action: Callable[[], object]) -> float:
    """Return the CPU seconds that an action takes."""
    start = time.process_time()
    with paused_garbage_collector():
        action()
    return time.process_time() - start


def share_of_causes(make: Callable[[], object]) -> float:
    """Return which share of making the accounts is for causes."""
    profile = cProfile.Profile()
    with paused_garbage_collector():
        profile.runcall(make)
    took_s = {name: own[3] for (_, _, name), own in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]
    return sum(took_s[name] for name in OF_CAUSES) / took_s["make_accounts"]


def main(runs: int = 100_000, features: int = 500) -> None:
    """Make the ledger, then the accounts with and without causes and advice."""
    table = Table(f"the accounts of {features} features and {runs} runs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "carbon.toml").write_text(policy(features), encoding="utf-8")
        fill(folder / "ledger", detailed(runs, features), features)
        config, found = load_config(folder), []
        ledger = FolderLedger(folder / "ledger", NOW, 10)
        since = (NOW - timedelta(days=434)).date()
        read_s = seconds(lambda: found.append(apply_corrections(ledger.read(since, NOW.date()).records)))
        (own,) = found
        assert len(own) == runs
        made = []

        def make() -> None:
            made.append(make_accounts(config.policy, own, (), NOW, 381.0, "main"))

        make_s = min(seconds(make) for _ in range(3))
        advice_s = min(seconds(lambda: add_advice(made[0], config.policy, own, NOW, "main")) for _ in range(3))
        causes_s = make_s * share_of_causes(make)
    before_s = read_s + make_s - causes_s
    table.say(f"reading {read_s:.1f} s, accounts without causes {make_s - causes_s:.1f} s")
    table.say(f"causes {causes_s:.2f} s, advice {advice_s:.2f} s")
    table.row("time with causes and advice, of that without", (before_s + causes_s + advice_s) / before_s, 1.2, "x")
    table.end()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
