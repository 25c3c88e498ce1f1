"""Pull requests and jobs that use a large share of a budget alone."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.top_consumers import find_top_consumers
from pytest_carbon.core.accounts.values.account import TopConsumer
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature
from tests.core.accounts.sample_accounts import DAY, POLICY, make, named

UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None}


def test_more_than_a_fifth_is_a_top_consumer(bench: Any) -> None:
    """A pull request has all its runs, a job the runs outside pull requests; exactly a fifth is too little."""
    runs = [
        *(bench.entry(n, pr=7, branch="topic") for n in range(3)), bench.entry(3, pr=7),
        *(bench.entry(n, job="nightly") for n in range(10, 15)),
        *(bench.entry(n, pr=8) for n in range(20, 22)),
        *(bench.entry(n) for n in range(30, 33)),
        bench.entry(40, job="other", **UNKNOWN),
    ]  # fmt: skip
    shares = shares_by_feature(runs)["checkout"]
    consumers = find_top_consumers(shares, [share.entry.emissions_g for share in shares], 10.0)
    assert consumers == (
        TopConsumer("job", "nightly", 0.5, 5.0, 5),
        TopConsumer("pull request", "#7", 0.4, 4.0, 4),
        TopConsumer("job", "without a name", 0.3, 3.0, 3),
    )


def test_a_nightly_job_that_uses_a_third(bench: Any) -> None:
    """The feature's share of the job counts, in the unit of the feature's budget; the repository has more room."""
    runs = [bench.entry(n, ago=n * DAY, job="nightly", shares={"checkout": 0.5, "search": 0.5}) for n in range(1, 15)]
    accounts = make(bench, POLICY, runs)
    assert named(accounts).causes == (TopConsumer("job", "nightly", pytest.approx(7 / 20), 7.0, 14),)
    assert named(accounts, "repository").causes == ()


def test_runs_of_other_repositories_are_no_top_consumer(bench: Any) -> None:
    """Their pull requests and jobs are not known here, however much they use."""
    shares = shares_by_feature([bench.entry(n, pr=7, elsewhere=1) for n in range(5)])["checkout"]
    assert find_top_consumers(shares, [1.0] * 5, 5.0) == ()
    assert find_top_consumers([], [], 5.0) == ()


def test_the_largest_five_are_named(bench: Any) -> None:
    """A budget that is used many times over has dozens of pull requests with a large share each."""
    shares = shares_by_feature([bench.entry(n, pr=n + 1, branch=f"topic-{n}") for n in range(30)])["checkout"]
    consumers = find_top_consumers(shares, [1.0 + share.entry.pr for share in shares], 1.0)
    assert [consumer.name for consumer in consumers] == ["#30", "#29", "#28", "#27", "#26"]
