"""In which features' tests a job's runs became costlier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pytest_carbon.core.accounts.findings.feature_steps import (
    FeatureRun,
    find_feature_steps,
    paid_by_tests,
    runs_by_feature,
    split_step,
)

DAY = timedelta(days=1)


def _runs(bench: Any, more_from: int = 12, count: int = 20, **changes: Any) -> list[Any]:
    """Return runs with 20 J of checkout and 30 J of search, of which search takes 36 J from one run on."""
    runs = []
    for n in range(count):
        search_j = 36.0 if n >= more_from else 30.0
        shares = {"checkout": 20.0 / (20.0 + search_j), "search": search_j / (20.0 + search_j), "none": 0.0}
        own = {"shares": shares, "reference_j": 20.0 + search_j, "pr": n, "commit": f"{n:040x}"}
        runs.append(bench.entry(n, ago=(count - n) * DAY, **own, **changes))
    return runs


def test_own_joules_do_not_change_with_the_share(bench: Any) -> None:
    """Another feature's growth lowers a feature's share, and leaves its own joules as they are."""
    runs = _runs(bench)
    by_feature = runs_by_feature(runs, range(20), paid_by_tests)
    assert by_feature.keys() == {"checkout", "search"}
    assert {round(run.own_j, 6) for run in by_feature["checkout"]} == {20.0}
    (step,) = find_feature_steps(runs, by_feature, lambda _: ())
    assert (step.feature, step.before.place, step.first.place) == ("search", 11, 12)
    assert runs_by_feature(runs, range(20), lambda _: True) == {}


def test_runs_before_the_merge_have_the_features_own_joules(bench: Any) -> None:
    """They are asked for at the first run of a commit only."""
    runs = _runs(bench)
    asked = []

    def before_merge(run: Any) -> list[Any]:
        asked.append(run.pr)
        return [run]

    assert len(list(find_feature_steps(runs, runs_by_feature(runs, range(20), paid_by_tests), before_merge))) == 1
    assert 12 in asked


def test_a_step_of_whole_runs_is_split_by_what_moved() -> None:
    """Features that moved with it share the step; those that did not, or hardly, have none."""
    by_feature = {
        "search": [FeatureRun(n, 30.0 if n < 5 else 36.0) for n in range(10)],
        "checkout": [FeatureRun(n, 20.0) for n in range(10)],
        "less": [FeatureRun(n, 9.0 if n < 5 else 5.0) for n in range(10)],
        "little": [FeatureRun(n, 5.0 if n < 5 else 5.5) for n in range(10)],
        "new": [FeatureRun(n, 5.0) for n in range(6, 10)],
    }
    assert split_step(6.5, 5, by_feature) == {"search": 6.5}
    assert split_step(6.5, 5, {"checkout": by_feature["checkout"]}) == {}
    assert split_step(6.5, 5, {"new": by_feature["new"]}) is None
