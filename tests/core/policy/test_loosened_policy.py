"""What a change of the policy allows that was not allowed before."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import Table
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.policy.loosened_policy import changed, loosened
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.quantities import Quantity

LAW = settings(max_examples=80, deadline=None)
OLD = """
on-inconclusive = "fail"
default-branch = "main"
[budget]
limit = "1 kg"
[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout/**"]
[features.checkout.budget]
limit = "120 g"
per-run = "500 J"
growth = "5 %"
on-exceeded = "fail"
g-per-kwh = 400
approvers = ["@bob", "ann"]
[features.search]
weight = 2
[teams.shop]
features = ["checkout", "search"]
budget = { limit = "150 g" }
[github]
forks = "queue"
"""


def _policy(text: str) -> Policy:
    return read_policy(Table(tomllib.loads(text), "carbon.toml"))


CASES = [
    ('limit = "120 g"', 'limit = "0.15 kg"', ["checkout may use 0.15 kg in 28d, 120 g in 28d before"]),
    ('limit = "120 g"', 'limit = "120 g"\nwindow = "7d"',
     ["checkout may use 120 g in 7d, 120 g in 28d before: 4 times as much a day"]),
    ('limit = "120 g"', 'limit = "120 g"\nwindow = "month"',
     ["checkout may use 120 g this month, 120 g in 28d before"]),
    ('limit = "120 g"', 'limit = "300 g"\nwindow = "90d"', ["checkout may use 300 g in 90d, 120 g in 28d before"]),
    ('limit = "120 g"\n', "", ["checkout may use as much as it likes in 28d, 120 g in 28d before"]),
    ('limit = "120 g"', 'limit = "1 kJ ref"', ["checkout may use 1 kJ ref in 28d, 120 g in 28d before"]),
    ('per-run = "500 J"', 'per-run = "501 J"', ["checkout may use 501 J per run, 500 J before"]),
    ('per-run = "500 J"\n', "", ["checkout may use as much as it likes per run, 500 J before"]),
    ('growth = "5 %"', 'growth = "10 %"', ["checkout may grow by 10 %, by 5 % before"]),
    ('growth = "5 %"\n', "", ["checkout may grow as much as it likes, by 5 % before"]),
    ('on-exceeded = "fail"\n', "", ["checkout only warns when a limit is exceeded, it failed before"]),
    ("g-per-kwh = 400", 'g-per-kwh = 400\ncounts = "located"',
     ["grams of checkout are counted as located, as work before"]),
    ("g-per-kwh = 400", "g-per-kwh = 40", ["grams of checkout are counted at 40 g/kWh, at 400 g/kWh before"]),
    ("g-per-kwh = 400\n", "", ["grams of checkout are counted at what the grid's zone has, at 400 g/kWh before"]),
    ('"@bob", "ann"', '"Bob", "ann", "@eve"', ["@eve may approve an override of checkout"]),
    ('approvers = ["@bob", "ann"]', "", ["anybody may approve an override of checkout, only @bob, ann before"]),
    ('[budget]\nlimit = "1 kg"', "", ["the repository has no budget any more, 1 kg in 28d before"]),
    ('features = ["checkout", "search"]', 'features = ["search"]', ["team shop does not pay for checkout any more"]),
    ('[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "150 g" }\n', "",
     ["team shop has no budget any more, 150 g in 28d before"]),
    ('paths = ["tests/checkout/**"]', "", ["the tests of tests/checkout/** count for no feature, for checkout before"]),
    ("[features.search]", '[features.search]\npaths = ["tests/checkout/new"]',
     ["the tests of tests/checkout/new count for search, for no feature before"]),
    ('labels = ["feature:checkout"]', "",
     ["a pull request with the label feature:checkout is paid by the features of its tests, by checkout before"]),
    ("[features.search]", '[features.search]\nlabels = ["bug"]',
     ["a pull request with the label bug is paid by search, by the features of its tests before"]),
    ("weight = 2", "weight = 9", ["search pays with the weight 9 where several features pay, 2 before"]),
    ('default-branch = "main"', 'default-branch = "dev"', ["runs are compared with those of dev, of main before"]),
    ('default-branch = "main"\n', "",
     ["runs are compared with those of the repository's default branch, of main before"]),
    ('on-inconclusive = "fail"\n', "", ["what cannot be told only warns, it failed before"]),
    ("[budget]", 'security-labels = ["security", "hotfix"]\n[budget]',
     ["the label hotfix lets a change pass an exhausted budget as a security fix"]),
    ('forks = "queue"', "", ["numbers from forks decide, before only those of the merge queue did"]),
    ("[github]", '[github]\noverride-label = "ok"', ["the label ok asks for an override, carbon/override before"]),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "sentences"), CASES)
def test_what_is_looser_is_told(was: str, now: str, sentences: list[str]) -> None:
    """One sentence for each thing, with what it was before."""
    assert was in OLD
    new = _policy(OLD.replace(was, now, 1))
    assert loosened(_policy(OLD), new) == sentences
    assert changed(_policy(OLD), new)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('limit = "120 g"', 'limit = "100 g"'),
        ('limit = "120 g"', 'limit = "120 g"\nwindow = "40d"'),
        ('per-run = "500 J"', 'per-run = "499 J"'),
        ('growth = "5 %"', 'growth = "1 %"'),
        ("g-per-kwh = 400", "g-per-kwh = 500"),
        ('"@bob", "ann"', '"ann"'),
        ('budget = { limit = "150 g" }', 'budget = { limit = "150 g", growth = "5 %", on-exceeded = "fail" }'),
        ("[features.search]", '[features.search]\nbudget = { limit = "1 g" }'),
        ('approvers = ["@bob", "ann"]', 'approvers = ["@bob", "ann"]\nowners = ["@eve"]'),
        ("[budget]", "security-labels = []\n[budget]"),
    ],
)
def test_what_is_stricter_is_only_a_change(was: str, now: str) -> None:
    """Nobody is warned of a policy that allows less."""
    assert was in OLD
    new = _policy(OLD.replace(was, now, 1))
    assert loosened(_policy(OLD), new) == []
    assert changed(_policy(OLD), new)


def test_feature_that_goes_leaves_its_tests_and_labels() -> None:
    """All that was its own is named."""
    new = _policy(OLD.replace('"checkout", ', "").replace("checkout", "cart"))
    assert loosened(_policy(OLD), new) == [
        "checkout has no budget any more, 500 J per run and 120 g in 28d and 5 % of growth before",
        "team shop does not pay for checkout any more",
        "the tests of tests/cart/** count for cart, for no feature before",
        "the tests of tests/checkout/** count for no feature, for checkout before",
        "a pull request with the label feature:cart is paid by cart, by the features of its tests before",
        "a pull request with the label feature:checkout is paid by the features of its tests, by checkout before",
    ]


def test_tests_that_move_are_told_once() -> None:
    """From whom, and to whom."""
    moved = OLD.replace('paths = ["tests/checkout/**"]', "").replace(
        "[features.search]", '[features.search]\npaths = ["tests/checkout/**"]'
    )
    assert loosened(_policy(OLD), _policy(moved)) == [
        "the tests of tests/checkout/** count for search, for checkout before"
    ]


def test_order_is_no_change() -> None:
    """A file that says the same in another order is the same policy."""
    policy = _policy(OLD)
    turned = replace(policy, features=dict(reversed(policy.features.items())), budgets=tuple(reversed(policy.budgets)))
    assert not changed(policy, turned)
    assert loosened(policy, turned) == loosened(policy, policy) == []


@LAW
@given(
    limits=st.tuples(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6)),
    days=st.tuples(st.integers(1, 366), st.integers(1, 366)),
)
def test_of_two_rolling_limits_the_looser_is_told(limits: tuple[float, float], days: tuple[int, int]) -> None:
    """What allows more in its window, or more a day, is told; what allows less of both is not."""
    old, new = (
        Policy(budgets=(Budget("a", None, "fail", Quantity(v, "mass", f"{v} g"), parse_window(f"{d}d")),))
        for v, d in zip(limits, days, strict=True)
    )
    told = bool(loosened(old, new))
    assert told or (limits[1] <= limits[0] and limits[1] / days[1] <= limits[0] / days[0] * (1 + 1e-9))
    assert not told or limits[1] > limits[0] or limits[1] / days[1] > limits[0] / days[0]
