"""Grams per test run and per merged pull request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.carbon_intensity import compute_intensities, intensity_per_test_run
from pytest_carbon.core.accounts.values.account import Intensity
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature
from pytest_carbon.core.model import Range

UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None}


def _shares(runs: Any) -> Any:
    return shares_by_feature(runs)["checkout"]


def test_a_test_run_is_all_its_jobs(bench: Any) -> None:
    """Jobs of one attempt are one test run; a job without tests, and a run of unknown grams, are left out."""
    runs = [
        bench.entry(1, job="linux"),
        bench.entry(2, job="macos", operational_g=3.0, emissions_low_g=2.0, emissions_high_g=6.0),
        bench.entry(3, job="linux", attempt=2, operational_g=2.0),
        bench.entry(4, tests=0, operational_g=90.0),
        bench.entry(5, job="linux"),
        bench.entry(6, job="macos", **UNKNOWN),
    ]
    intensity = intensity_per_test_run(_shares(runs))
    assert intensity == Intensity("test run", Range(3.0, pytest.approx(1.8), pytest.approx(4.5)), 2)
    assert intensity_per_test_run(_shares(runs[4:])) is None


@pytest.mark.parametrize(
    ("runs", "count"),
    [
        ([{"job": "1"}, {"job": "2"}, {"job": "3"}], 1),
        ([{"job": "1"}, {"job": "2"}, {"job": "1"}, {"job": "2"}], 2),
        ([{"job": "1"}, {"job": "1"}, {"job": "2"}, {"job": "2"}], 2),
        ([{"job": "1"}, {"job": "2", "commit": "c" * 40}], 2),
        ([{"job": "1", "pr": 7}, {"job": "2", "pr": 8}], 2),
        ([{"job": "1", "branch": "topic"}, {"job": "2"}], 2),
        ([{"job": "1"}, {"job": "nightly", "ago": timedelta(hours=17)}], 2),
        ([{"job": "1"}, {"job": "late", "ago": timedelta(hours=18)}], 1),
        ([{"job": "1", "commit": None}, {"job": "2", "commit": None}], 2),
    ],
    ids=["shards", "again", "two at once", "commits", "pulls", "branches", "hours later", "queued", "no commit"],
)
def test_which_jobs_are_one_test_run(bench: Any, runs: list[dict[str, Any]], count: int) -> None:
    """Jobs belong together by commit, branch, pull request, attempt and time; reports have no common id."""
    intensity = intensity_per_test_run(_shares([bench.entry(n, **run) for n, run in enumerate(runs)]))
    assert intensity == Intensity("test run", Range(*(bound * len(runs) / count for bound in (1.0, 0.8, 1.5))), count)


def test_a_merged_pull_request_is_all_its_runs(bench: Any) -> None:
    """It has its runs before and after the merge; without runs before it, or with unknown grams, it is left out."""
    runs = [
        bench.entry(1, pr=7, branch="topic"), bench.entry(2, pr=7, branch="topic"), bench.entry(3, pr=7),
        bench.entry(4, pr=8), bench.entry(5, pr=9, branch="topic"),
        bench.entry(6, pr=10, branch="topic"), bench.entry(7, pr=10, **UNKNOWN),
    ]  # fmt: skip
    shares = _shares(runs)
    whole = Intensity("merged pull request", Range(3.0, pytest.approx(2.4), 4.5), 1)
    assert compute_intensities(shares, shares, {7, 8, 10}, "main")[1:] == (whole,)
    assert compute_intensities(shares[2:3], shares, {7}, "main")[1:] == (whole,), (
        "also what it ran before a window began"
    )
