"""What the issues cost in calls: python benchmarks/issues.py

A hundred features and ten teams with accounts made by hand, against a GitHub on this machine that counts the calls. The
client's own pauses between writes are left out of the times, and printed beside them: GitHub asks for a second each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from _bench import Table, Yardstick, median_s, python

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for the tests' GitHub

from github_action.api.client import Client  # noqa: E402
from github_action.issues.issue_board import IssueBoard  # noqa: E402
from github_action.issues.issue_tracker import IssueTracker  # noqa: E402
from pytest_carbon.core.accounts.values.account import Account, Accounts  # noqa: E402
from tests.github_action.fake import FakeGitHub  # noqa: E402
from tests.github_action.issues.samples import account, accounts  # noqa: E402
from tests.github_action.issues.shop import OUR_LOGIN, RIGHTS, WRITES  # noqa: E402

FEATURES, TEAMS, DAY = 100, 10, "2026-06-15"


class Cost(NamedTuple):
    """What a run took: calls that read and that write, seconds of its own, and those that it paused."""

    reads: int
    writes: int
    own_s: float
    paused_s: float


def all_accounts(used: float) -> Accounts:
    """Return the accounts of all, the first of them with a part of its budget used."""
    teams: Sequence[Account] = [account(f"team-{n}", level="team", used=0.4) for n in range(TEAMS)]
    features = [account(f"feature-{n}", used=used if n == 0 else 0.4) for n in range(FEATURES)]
    return accounts(*teams, *features)


def update_issues(hub: FakeGitHub, current: Accounts, day: str = DAY) -> Cost:
    """Bring all issues up to date once."""
    pauses: list[float] = []
    client = Client(hub.api_url, hub.token(RIGHTS, login=OUR_LOGIN), log=lambda _: None, pause=pauses.append)
    before, start = len(hub.requests), time.perf_counter()
    features = frozenset(f"feature-{n}" for n in range(FEATURES))
    board = IssueBoard(IssueTracker(client, "octo/shop", OUR_LOGIN), current, features, day)
    board.update()
    own_s = time.perf_counter() - start
    assert board.problems == [], board.problems
    writes = sum(request.method in WRITES for request in hub.requests[before:])
    return Cost(len(hub.requests) - before - writes, writes, own_s, sum(pauses))


def main() -> None:
    """Write all issues, again with nothing changed, one that has changed, and all on another day."""
    table = Table(f"issues of {FEATURES} features and {TEAMS} teams")
    with tempfile.TemporaryDirectory() as name, FakeGitHub(Path(name)) as hub:
        hub.repository("octo/shop")
        first = update_issues(hub, all_accounts(0.4))
        table.say(f"first run: {first.writes} writes, {first.own_s:.2f} s and {first.paused_s:.0f} s of pauses")
        again = update_issues(hub, all_accounts(0.4))
        table.row("nothing changed: writes", again.writes, 0)
        table.row("nothing changed: reads", again.reads, 3)
        (start_s,) = median_s(python("import requests, jinja2, yaml"))
        table.time("nothing changed", again.own_s, Yardstick("starting Python with its libraries", start_s), 14)
        after_crossing = update_issues(hub, all_accounts(0.76))
        table.row(
            "one feature crossed 75 %: writes", after_crossing.writes, 3, note="its comment, its text and the index"
        )
        table.row("one feature crossed 75 %: reads", after_crossing.reads, 4)
        later = update_issues(hub, replace(all_accounts(0.76), made="2026-06-16T03:00:00Z"), "2026-06-16")
        table.say(f"the next day, without a run: {later.writes} writes, {later.own_s:.2f} s")
    table.end()


if __name__ == "__main__":
    main()
