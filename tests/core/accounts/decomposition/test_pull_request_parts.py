"""The parts of merged pull requests in a change of work per run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.decomposition.pull_request_parts import PullStep, borne_out_steps, split_work
from pytest_carbon.core.accounts.decomposition.window_use import GramRule, Group, sum_groups
from pytest_carbon.core.accounts.findings.pull_request_effects import Effect, MergedPull
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature

DAY = timedelta(days=1)
G_PER_J = 2.0


def _parts(
    bench: Any, feature: str | None, own: frozenset[str] | None, labels: Any = (), **effect: Any
) -> list[tuple[int, float, float, tuple[str, ...]]]:
    """Return the parts of #7, merged in the middle of the second of two weeks with a run each day."""
    shares = {"checkout": 0.5, "search": 0.5}
    runs = [bench.entry(n, ago=n * DAY, job="tests", labels=labels, shares=shares) for n in range(14, 0, -1)]
    made: dict[str, Any] = {"features": {"search": 10.0}, "borne_out": True, "noise_j": 1.0, **effect}
    step = PullStep(7, bench.now - 3.5 * DAY, Effect("tests", 10.0, "sure", runs[0], **made))
    all_shares = shares_by_feature(runs)[feature]
    windows = (all_shares[:7], all_shares[7:])

    def by_label(entry: Any) -> bool:
        return bool(entry.labels)

    before, after = (sum_groups(part, 0, GramRule(), by_label, whole=own is None) for part in windows)
    group = Group("tests", bool(labels) and own is not None, True)
    parts = split_work([step], windows, (before, after), {group: G_PER_J}, own, by_label)
    return [(part.pr, part.emissions_g, part.noise_g, part.features) for part in parts]


def test_a_step_counts_for_the_runs_that_have_it(bench: Any) -> None:
    """Three of seven runs of the later window have the step of 10 J, so the mean per run moved by 3/7 of it."""
    moved = pytest.approx(3 / 7 * 10.0 * G_PER_J)
    noise = pytest.approx(3 / 7 * 1.0 * G_PER_J)
    assert _parts(bench, "search", frozenset({"search"})) == [(7, moved, noise, ("search",))]
    assert _parts(bench, None, None) == [(7, moved, noise, ("search",))]


def test_others_have_it_only_by_label(bench: Any) -> None:
    """A feature that pays for its own tests has no part of another's step; one that labels name has its share."""
    assert _parts(bench, "checkout", frozenset({"checkout"})) == []
    (part,) = _parts(bench, "checkout", frozenset({"checkout"}), labels=("x",))
    assert part[1] == pytest.approx(3 / 7 * 10.0 * G_PER_J)
    assert part[3] == ("search",)
    (unknown,) = _parts(bench, "checkout", frozenset({"checkout"}), labels=("x",), features=None)
    assert unknown[3] == ()


def test_only_borne_out_changes_are_steps(bench: Any) -> None:
    """A change that the runs do not bear out, and no change, are left out."""
    sure = Effect("tests", 5.0, "sure", bench.entry(), {"search": 5.0}, True, 0.1)
    unsure, none = Effect("tests", 5.0, "sure", bench.entry()), Effect("tests", None, "sure", bench.entry())
    merged = {n: MergedPull(bench.now, (effect,)) for n, effect in enumerate((sure, unsure, none))}
    assert [step.pr for step in borne_out_steps(merged)] == [0]
