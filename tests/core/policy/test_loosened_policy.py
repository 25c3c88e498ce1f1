"""What a changed policy allows that the old policy forbids."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.policy.loosened_policy import loosened_rules, policy_changed
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
    return read_policy(TomlTable(tomllib.loads(text), "carbon.toml"))


CASES = [  # what stands in OLD, what replaces it, the sentences
    ('limit = "120 g"', 'limit = "0.15 kg"', ["feature checkout may use 0.15 kg in 28 days; before: 120 g in 28 days"]),
    ('limit = "120 g"', 'limit = "120 g"\nwindow = "7d"',
     ["feature checkout may use 120 g in 7 days (4 times as much per day); before: 120 g in 28 days"]),
    ('limit = "120 g"', 'limit = "120 g"\nwindow = "month"',
     ["feature checkout may use 120 g this month; before: 120 g in 28 days"]),
    ('limit = "120 g"', 'limit = "300 g"\nwindow = "90d"',
     ["feature checkout may use 300 g in 90 days; before: 120 g in 28 days"]),
    ('limit = "120 g"\n', "", ["feature checkout may use any amount in 28 days; before: 120 g in 28 days"]),
    ('limit = "120 g"', 'limit = "1 kJ ref"',
     ["feature checkout may use 1 kJ ref in 28 days; before: 120 g in 28 days"]),
    ('per-run = "500 J"', 'per-run = "501 J"', ["feature checkout may use 501 J per run; before: 500 J"]),
    ('per-run = "500 J"\n', "", ["feature checkout may use any amount per run; before: 500 J"]),
    ('growth = "5 %"', 'growth = "10 %"', ["feature checkout may grow by 10 %; before: by 5 %"]),
    ('growth = "5 %"\n', "", ["feature checkout may grow without limit; before: by 5 %"]),
    ('on-exceeded = "fail"\n', "", ["feature checkout only warns when it exceeds a limit; before: it failed"]),
    ("g-per-kwh = 400", 'g-per-kwh = 400\ncounts = "located"',
     ["grams of feature checkout are counted as located; before: as work"]),
    ("g-per-kwh = 400", "g-per-kwh = 40", ["grams of feature checkout are counted at 40 g/kWh; before: at 400 g/kWh"]),
    ("g-per-kwh = 400\n", "",
     ["grams of feature checkout are counted at the grid factor of the policy's zone; before: at 400 g/kWh"]),
    ('"@bob", "ann"', '"Bob", "ann", "@eve"', ["@eve may now approve an override of feature checkout"]),
    ('approvers = ["@bob", "ann"]', "",
     ["anybody may approve an override of feature checkout; before: only @bob, ann"]),
    ('[budget]\nlimit = "1 kg"', "", ["the repository no longer has a budget; before: 1 kg in 28 days"]),
    ('features = ["checkout", "search"]', 'features = ["search"]', ["team shop no longer pays for feature checkout"]),
    ('[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "150 g" }\n', "",
     ["team shop no longer has a budget; before: 150 g in 28 days"]),
    ('paths = ["tests/checkout/**"]', "",
     ["the tests of tests/checkout/** count for no feature; before: for feature checkout"]),
    ("[features.search]", '[features.search]\npaths = ["tests/checkout/new"]',
     ["the tests of tests/checkout/new count for feature search; before: for no feature"]),
    ('labels = ["feature:checkout"]', "",
     ["a pull request with the label feature:checkout is paid by the features of its tests; "
      "before: by feature checkout"]),
    ("[features.search]", '[features.search]\nlabels = ["bug"]',
     ["a pull request with the label bug is paid by feature search; before: by the features of its tests"]),
    ("weight = 2", "weight = 9", ["feature search pays with the weight 9 where several features pay; before: 2"]),
    ('default-branch = "main"', 'default-branch = "dev"', ["runs are compared with runs of dev; before: of main"]),
    ('default-branch = "main"\n', "",
     ["runs are compared with runs of the repository's default branch; before: of main"]),
    ('on-inconclusive = "fail"\n', "", ["an inconclusive check only warns; before: it failed"]),
    ("[budget]", 'no-measurement = ["docs/**", "*.md"]\n[budget]',
     ["a change of nothing but *.md needs no measurement", "a change of nothing but docs/** needs no measurement"]),
    ("[budget]", 'security-labels = ["security", "hotfix"]\n[budget]',
     ["the label hotfix lets a change pass an exhausted budget as a security fix"]),
    ('forks = "queue"', "", ["measurements from forks decide; before: only measurements of the merge queue"]),
    ("[github]", '[github]\noverride-label = "ok"', ["the label ok asks for an override; before: carbon/override"]),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "sentences"), CASES)
def test_each_loosened_rule_has_a_sentence(was: str, now: str, sentences: list[str]) -> None:
    """The sentence names the new rule and the old one."""
    assert was in OLD
    new = _policy(OLD.replace(was, now, 1))
    assert loosened_rules(_policy(OLD), new) == sentences
    assert policy_changed(_policy(OLD), new)


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
def test_a_stricter_policy_is_a_change_and_loosens_nothing(was: str, now: str) -> None:
    """Nobody is warned of a policy that allows less."""
    assert was in OLD
    new = _policy(OLD.replace(was, now, 1))
    assert loosened_rules(_policy(OLD), new) == []
    assert policy_changed(_policy(OLD), new)


def test_a_removed_feature_gives_up_its_budget_tests_and_labels() -> None:
    """Each of them has a sentence."""
    new = _policy(OLD.replace('"checkout", ', "").replace("checkout", "cart"))
    assert loosened_rules(_policy(OLD), new) == [
        "feature checkout no longer has a budget; before: 500 J per run, 120 g in 28 days, 5 % growth",
        "team shop no longer pays for feature checkout",
        "the tests of tests/cart/** count for feature cart; before: for no feature",
        "the tests of tests/checkout/** count for no feature; before: for feature checkout",
        "a pull request with the label feature:cart is paid by feature cart; before: by the features of its tests",
        "a pull request with the label feature:checkout is paid by the features of its tests; "
        "before: by feature checkout",
    ]


def test_a_path_that_moves_to_another_feature_has_one_sentence() -> None:
    """The sentence names both features."""
    moved = OLD.replace('paths = ["tests/checkout/**"]', "").replace(
        "[features.search]", '[features.search]\npaths = ["tests/checkout/**"]'
    )
    assert loosened_rules(_policy(OLD), _policy(moved)) == [
        "the tests of tests/checkout/** count for feature search; before: for feature checkout"
    ]


def test_another_order_is_no_change() -> None:
    """Policies that differ only in the order of features and budgets are equal."""
    policy = _policy(OLD)
    turned = replace(policy, features=dict(reversed(policy.features.items())), budgets=tuple(reversed(policy.budgets)))
    assert not policy_changed(policy, turned)
    assert loosened_rules(policy, turned) == loosened_rules(policy, policy) == []


@LAW
@given(
    limits=st.tuples(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6)),
    days=st.tuples(st.integers(1, 366), st.integers(1, 366)),
)
def test_a_rolling_limit_is_looser_per_window_or_per_day(limits: tuple[float, float], days: tuple[int, int]) -> None:
    """A limit that allows more in its window, or more per day, has a sentence; a limit lower in both has none."""
    old, new = (
        Policy(budgets=(Budget("a", None, "fail", Quantity(v, "mass", f"{v} g"), parse_window(f"{d}d")),))
        for v, d in zip(limits, days, strict=True)
    )
    has_sentence = bool(loosened_rules(old, new))
    assert has_sentence or (limits[1] <= limits[0] and limits[1] / days[1] <= limits[0] / days[0] * (1 + 1e-9))
    assert not has_sentence or limits[1] > limits[0] or limits[1] / days[1] > limits[0] / days[0]
