"""Which features pay for a pull request."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.policy.labels_to_payers import payers_of_labels, payers_of_pull_requests, unclaimed_text
from pytest_carbon.core.policy.policy import Feature, Policy

LAW = settings(max_examples=100, deadline=None)
SHOP = Policy({
    "checkout": Feature("checkout", ("feature:checkout", "cart"), (), 3.0),
    "search": Feature("search", ("feature:search",), (), 1.0),
    "free": Feature("free"),
})  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "payers"),
    [
        ((), {}),
        (("bug", "feature:check"), {}),
        (("bug", "Feature:Checkout"), {"checkout": 1.0}),
        (("feature:checkout",), {"checkout": 1.0}),
        (("feature:checkout", "cart", "cart"), {"checkout": 1.0}),
        (("feature:search", "bug", "cart"), {"checkout": 0.75, "search": 0.25}),
    ],
)
def test_labels_name_the_payers(labels: tuple[str, ...], payers: dict[str, float]) -> None:
    """The features that the labels name share by their weight, each once; other labels name no feature."""
    assert payers_of_labels(labels, SHOP) == payers


@LAW
@given(st.lists(st.floats(1e-6, 1e8), min_size=1, max_size=8))
def test_shares_sum_to_one(weights: list[float]) -> None:
    """Shares are above zero and sum to 1, whatever the weights."""
    policy = Policy({str(n): Feature(str(n), ("all",), (), weight) for n, weight in enumerate(weights)})
    shares = payers_of_labels(["all"], policy)
    assert len(shares) == len(weights)
    assert all(share > 0 for share in shares.values())
    assert math.isclose(math.fsum(shares.values()), 1.0)


@pytest.mark.parametrize(
    ("labels", "payers"),
    [
        ([], {}),
        ([()], {"unattributed": 1.0}),
        ([("cart",), ("feature:search",)], {"checkout": 0.5, "search": 0.5}),
        ([("cart",), ("cart",), ("bug",), ()], {"checkout": 0.5, "unattributed": 0.5}),
        ([("cart", "feature:search"), ("feature:search",)], {"checkout": 0.375, "search": 0.625}),
    ],
)
def test_each_pull_request_pays_an_equal_part(labels: Sequence[Sequence[str]], payers: dict[str, float]) -> None:
    """A pull request whose labels name no feature pays its part as unattributed."""
    assert payers_of_pull_requests(labels, SHOP) == pytest.approx(payers)


@pytest.mark.parametrize(
    ("labels", "only_similar", "named"),
    [
        ((), False, None),
        (("feature:serach",), False, 'label feature:serach; did you mean "feature:search"?'),
        (("FEATURE:SERACH", "bug"), False, "labels FEATURE:SERACH, bug"),
        (("nope",), False, "label nope"),
        (("nope", "nope"), False, "label nope"),
        (("Feature:Checkout",), False, None),
        (("Feature:Checkout", "bug"), False, None),
        (("feature:checkout", "feature:serach"), False, 'label feature:serach; did you mean "feature:search"?'),
        (("Security",), False, None),
        (("Carbon/Override", "bug"), False, None),
        (("carbon/devices-approved",), False, None),
        (("bug", "docs"), True, None),
        (("bug", "feature:serach"), True, 'label feature:serach; did you mean "feature:search"?'),
    ],
)
def test_labels_that_no_feature_claims_are_said(labels: tuple[str, ...], only_similar: bool, named: str | None) -> None:
    """A misspelt label is named with those that there are; beside one that counts, a label for other readers is not."""
    text = unclaimed_text(labels, SHOP, "carbon.toml", only_similar=only_similar)
    there = " (its features have these: feature:checkout, cart, feature:search)"
    assert text == ("" if named is None else f"no feature of carbon.toml claims the {named}{there}")


def test_a_policy_without_labels_and_one_with_many() -> None:
    """The next step is to give a feature a label; of many labels twenty are named."""
    assert 'claims the label a; give a feature labels = ["feature' in unclaimed_text(["a"], Policy(), "carbon.toml")
    many = Policy({str(n): Feature(str(n), (f"feature:{n:02}",)) for n in range(30)})
    assert unclaimed_text(["nope"], many, "carbon.toml").endswith("feature:18, feature:19 and 10 more)")
