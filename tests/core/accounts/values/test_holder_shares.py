"""The holders that have an account, and each holder's share of every run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.values.holder_shares import (
    holder_level,
    list_holders,
    shares_by_feature,
    shares_of,
    total_emissions,
)
from pytest_carbon.core.budget.budget import REPOSITORY, holder_name
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.model import Range

TEAM = '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "150 g" }\n'
SHARES = st.dictionaries(st.sampled_from(["checkout", "search", "unattributed"]), st.floats(0.01, 1.0), min_size=1)


def test_every_holder_has_an_account(bench: Any) -> None:
    """Holders are the repository, teams, features with and without a budget, and unattributed work."""
    policy = bench.policy('[features.checkout.budget]\nlimit = "1 g"\n' + TEAM)
    holders = list_holders(policy)
    assert [(holder_level(holder), holder_name(holder), holder.limit is not None) for holder in holders] == [
        ("repository", REPOSITORY, False),
        ("team", "shop", True),
        ("feature", "checkout", True),
        ("feature", "search", False),
        ("feature", "unattributed", False),
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(SHARES, max_size=12))
def test_shares_add_up(bench: Any, shares: list[dict[str, float]]) -> None:
    """The features' grams sum to the repository's, and a team's share of a run is the share that its budget pays."""
    runs = [
        bench.entry(n, shares={name: share / sum(own.values()) for name, share in own.items()})
        for n, own in enumerate(shares)
    ]
    by_feature = shares_by_feature(runs)
    features = [part.central_g for name, parts in by_feature.items() if name is not None for part in parts]
    assert sum(features) == pytest.approx(len(runs))
    team = next(holder for holder in list_holders(bench.policy(TEAM)) if holder.team)
    parts = shares_of(team, by_feature)
    paid = [run for run in runs if share_of(team, run) > 0]
    assert [part.entry for part in parts] == sorted(paid, key=lambda run: (run.started, run.id))
    assert [part.share for part in parts] == pytest.approx([share_of(team, part.entry) for part in parts])
    assert [part.central_g for part in parts] == pytest.approx([share_of(team, part.entry) for part in parts])


def test_a_feature_called_repository_is_not_the_repository(bench: Any) -> None:
    """A feature of that name adds no second share of the run to the repository."""
    by_feature = shares_by_feature([bench.entry(1, shares={REPOSITORY: 0.5, "checkout": 0.5})])
    repository = list_holders(bench.policy())[0]
    assert [part.share for part in shares_of(repository, by_feature)] == [1.0]


def test_a_sum_adds_the_bounds(bench: Any) -> None:
    """Bounds add up, unknown grams are left out, and a sum of only unknown grams is None."""
    unknown = bench.entry(2, energy_j=None, operational_g=None)
    parts = shares_by_feature([bench.entry(1), unknown])["checkout"]
    assert total_emissions(parts) == Range(1.0, 0.8, 1.5)
    assert total_emissions(parts[1:]) is None
    assert (parts[1].emissions_g, parts[1].central_g) == (None, 0.0)
