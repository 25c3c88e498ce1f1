"""Grams of a test run and of a merged pull request, and single causes of a large part of a budget."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.accounts.account import Cause, Intensity
from pytest_carbon.core.accounts.causes import causes_of
from pytest_carbon.core.accounts.holders import parts_by_feature
from pytest_carbon.core.accounts.intensities import intensities_of
from pytest_carbon.core.model import Range

UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None}


def _parts(runs: Any) -> Any:
    return parts_by_feature(runs)["checkout"]


def test_a_test_run_is_all_its_jobs(bench: Any) -> None:
    """Two jobs of one attempt are one run, another attempt is another; what ran no tests or is not known is none."""
    runs = [
        bench.entry(1, run="ci", job="linux"),
        bench.entry(2, run="ci", job="macos", operational_g=3.0, emissions_low_g=2.0, emissions_high_g=6.0),
        bench.entry(3, run="ci", job="linux", attempt=2, operational_g=2.0),
        bench.entry(4, tests=0, operational_g=90.0),
        bench.entry(5, run="half", job="linux"),
        bench.entry(6, run="half", job="macos", **UNKNOWN),
    ]
    (found,) = intensities_of(_parts(runs), set(), "main")
    assert found == Intensity("test run", Range(3.0, pytest.approx(1.8), pytest.approx(4.5)), 2)
    assert intensities_of(_parts(runs[4:]), set(), "main") == ()


def test_a_merged_pull_request_is_all_its_runs(bench: Any) -> None:
    """Its runs before and after the merge; one that only ran after it, or of which a run is not known, is left out."""
    runs = [
        bench.entry(1, pr=7, branch="topic"), bench.entry(2, pr=7, branch="topic"), bench.entry(3, pr=7),
        bench.entry(4, pr=8), bench.entry(5, pr=9, branch="topic"),
        bench.entry(6, pr=10, branch="topic"), bench.entry(7, pr=10, **UNKNOWN),
    ]  # fmt: skip
    found = intensities_of(_parts(runs), {7, 8, 10}, "main")
    assert found[1:] == (Intensity("merged pull request", Range(3.0, pytest.approx(2.4), 4.5), 1),)


def test_what_takes_a_fifth_is_a_cause(bench: Any) -> None:
    """A pull request by all its runs, a job by those outside of any; a fifth is none, and unknown use neither."""
    runs = [
        *(bench.entry(n, pr=7, branch="topic") for n in range(3)), bench.entry(3, pr=7),
        *(bench.entry(n, job="nightly") for n in range(10, 15)),
        *(bench.entry(n, pr=8) for n in range(20, 22)),
        *(bench.entry(n) for n in range(30, 33)),
        bench.entry(40, job="other", **UNKNOWN),
    ]  # fmt: skip
    parts = _parts(runs)
    found = causes_of(parts, [part.entry.emissions_g for part in parts], 10.0)
    assert found == (
        Cause("job", "nightly", 0.5, 5.0, 5),
        Cause("pull request", "#7", 0.4, 4.0, 4),
        Cause("job", "without a name", 0.3, 3.0, 3),
    )
