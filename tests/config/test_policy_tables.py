"""Features, teams, budgets and rules, read from tables."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.quantities import Quantity

LAW = settings(max_examples=150, deadline=None)
WHOLE = """
window = "month"
timezone = "Europe/Berlin"
default-branch = "trunk"
on-inconclusive = "fail"
security-labels = ["security", "cve"]

[budget]
limit = "1 kg"
growth = "5 %"

[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout/**"]
weight = 2.5
[features.checkout.budget]
limit = "120 g"
window = "28d"
timezone = "UTC"
per-run = "500 J"
growth = "2.5 %"
on-exceeded = "fail"
counts = "located"
g-per-kwh = 380
owners = ["@shop", "ann"]
approvers = ["bob"]
[github]
override-label = "budget:override"
forks = "queue"

[features.search]
[features.pay]
budget = { per-run = "2 J ref" }
[features.default.budget]
limit = "40 kJ ref"
window = "quarter"
[features.unattributed.budget]
limit = "10 g"

[teams.shop]
features = ["checkout", "search"]
budget = { limit = "150 g", window = "4w" }
"""


def _read(text: str) -> Policy:
    table = TomlTable(tomllib.loads(text), "carbon.toml")
    policy = read_policy(table)
    table.refuse_unknown_keys()
    return policy


def test_every_key_is_read() -> None:
    """A budget without a window has the window and the time zone of the file."""
    policy = _read(WHOLE)
    month = BudgetWindow("month", "month", None, "Europe/Berlin")
    quarter = BudgetWindow("quarter", "quarter", None, "Europe/Berlin")
    assert policy.features == {
        "checkout": Feature("checkout", ("feature:checkout",), ("tests/checkout/**",), 2.5),
        "search": Feature("search"),
        "pay": Feature("pay"),
    }
    assert policy.budgets == (
        Budget(None, None, "warn", Quantity(1000.0, "mass", "1 kg"), month, 0.05),
        Budget(
            "checkout", Quantity(500.0, "energy", "500 J"), "fail", Quantity(120.0, "mass", "120 g"),
            BudgetWindow("28d", "rolling", 28), 0.025, "located", 380.0, ("@shop", "ann"), ("bob",),
        ),
        Budget("search", None, "warn", Quantity(40_000.0, "reference", "40 kJ ref"), quarter),
        Budget("pay", Quantity(2.0, "reference", "2 J ref"), "warn", None, month),
        Budget("unattributed", None, "warn", Quantity(10.0, "mass", "10 g"), month),
        Budget(
            None, None, "warn", Quantity(150.0, "mass", "150 g"), BudgetWindow("4w", "rolling", 28, "Europe/Berlin"),
            team="shop", children=("checkout", "search"),
        ),
    )  # fmt: skip
    assert (policy.default_branch, policy.on_inconclusive) == ("trunk", "fail")
    assert policy.security_labels == ("security", "cve")
    assert (policy.override_label, policy.forks) == ("budget:override", "queue")


def test_empty_policy() -> None:
    """An empty policy has no features and no budgets, and an inconclusive check only warns."""
    assert _read("") == Policy()
    assert _read("[features.unattributed]\n[features.default]\n") == Policy()


def test_default_is_for_features_without_a_budget() -> None:
    """The default is no feature, and unattributed runs do not get it."""
    policy = _read('[features.default.budget]\nlimit = "1 g"\n[features.a]\n[features.b]\nbudget = {limit = "2 g"}')
    limits = {budget.feature: budget.limit and budget.limit.text for budget in policy.budgets}
    assert limits == {"a": "1 g", "b": "2 g"}
    assert set(policy.features) == {"a", "b"}
    assert _read('[features.default.budget]\nlimit = "1 g"').budgets == ()


def test_team_has_each_feature_once() -> None:
    """A feature that a team names twice counts once."""
    (team,) = _read('[features.a]\n[teams.t]\nfeatures = ["a", "a"]\nbudget = {limit = "1 g"}').budgets
    assert team.children == ("a",)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize("window", ["1d", "28d", "4w", "366d", "month", "quarter"])
def test_every_window_is_read(window: str, zone: str) -> None:
    """A budget's own window and time zone win over those of the file."""
    (budget,) = _read(f'window = "7d"\n[budget]\nlimit = "1 g"\nwindow = "{window}"\ntimezone = "{zone}"').budgets
    assert (budget.window.text, budget.window.zone) == (window, zone)


TEAM = '[features.a]\n[features.b]\n[teams.t]\nfeatures = ["a"]\nbudget = {limit = "1 g"}\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[budget]\nlimit = '0 g'", "carbon.toml: budget: limit is '0 g'; it must be more than zero"),
        ("[budget]\nlimit = '-1 g'", "budget: limit is '-1 g'; it must be more than zero"),
        ("[budget]\nlimit = 120", "budget: limit is 120, which has no unit"),
        ("[budget]\nlimit = '2 g ref'", "only energy can be reference energy"),
        ("[budget]\ngrowth = '0 %'", "budget: growth is '0 %'; it must be at least 0.1 %"),
        ("[budget]\ngrowth = 0.05", "budget: growth is 0.05; write it as text with a per cent sign"),
        ("[budget]\nwindow = '28d'", "budget has no limit; write"),
        ("[budget]\non-exceeded = 'fail'", "carbon.toml: budget has no limit; write per-run"),
        ("[budget]\ngrowth = '5 %'\nwindow = 'month'", "budget has a window but no limit; write limit ="),
        ("[budget]\ngrowth = '5 %'\ntimezone = 'UTC'", "budget has a window but no limit"),
        ("[budget]\nlimit = '1 g'\nwindow = '0d'", "budget: window is '0d'; it must be at least 1 day"),
        ("[budget]\nlimit = '1 g'\nwindow = '400d'", "budget: window is '400d'; it must be at least 1 day and at most"),
        ("[budget]\nlimit = '1 g'\nwindow = ''", "budget: window is '', which is not a window"),
        ("[budget]\nlimit = '1 g'\nwindow = 0", "budget: window is 0, which is not a string"),
        ("[budget]\nlimit = '1 g'\nwindow = false", "budget: window is False, which is not a string"),
        ("[budget]\nlimit = '1 g'\nwindow = 'fortnight'", "window is 'fortnight', which is not a window"),
        ("[budget]\nlimit = '1 g'\nwindow = 'monht'", "which is not a window; did you mean \"month\"?"),
        ("[budget]\nlimit = '1 g'\ntimezone = ''", "no time zone is called ''"),
        ("[budget]\nlimit = '1 g'\ntimezone = 'Europe/Berln'", 'did you mean "Europe/Berlin"?'),
        ("window = ''", "carbon.toml: window is '', which is not a window"),
        ("window = 28", "carbon.toml: window is 28, which is not a string"),
        ("timezone = 'Mars'", "carbon.toml: window: no time zone is called 'Mars'"),
        ("[budget]\nlimit = '1 g'\ncounts = 'all'", 'counts is \'all\'; it must be "work" or "located"'),
        ("[budget]\nlimit = '1 g'\ng-per-kwh = 0", "g-per-kwh is 0; it must be a number above zero"),
        ("[budget]\nlimit = '1 g'\ng-per-kwh = nan", "g-per-kwh is nan; it must be a number above zero"),
        ("[budget]\nlimit = '1 g'\ng-per-kwh = inf", "g-per-kwh is inf; it must be a number above zero"),
        ("[budget]\nlimit = '1 g'\ng-per-kwh = true", "g-per-kwh is True; it must be a number above zero"),
        ("[budget]\nlimit = '1 g'\nowners = '@ann'", "owners is '@ann'; it must be a list of non-empty strings"),
        ("[budget]\nlimit = '1 g'\napprovers = [1]", "approvers is [1]; it must be a list of non-empty strings"),
        ("[features.a]\nweight = 0", "features.a: weight is 0; it must be a number above zero"),
        ("[features.a]\nweight = -1", "features.a: weight is -1; it must be a number above zero"),
        ("[features.repository]", "features.repository: the name 'repository' is taken; give the feature another"),
        ('[features." "]', "features has a feature without a name"),
        ("[features.unattributed]\nweight = 2", "features.unattributed: unknown key 'weight'"),
        (
            "[features.default]\nlabels = ['a']",
            "unknown key 'labels'; it belongs in a feature, such as [features.checkout] (known: budget)",
        ),
        ("[features.default.budget]", "features.default: budget has no limit"),
        ("[features.a]\nlabels=['x', 'y']\n[features.b]\nlabels=['y']", "both a and b claim the label 'y'; give it"),
        ("[features.a]\nlabels=['Pay']\n[features.b]\nlabels=['pay']", "both a and b claim the label 'pay'; give it"),
        ("[github]\noverride-label = 'Security'", "override-label is 'Security', a security label; give it another"),
        ("[features.a]\npaths=['t/a/']\n[features.b]\npaths=['t/a']", "both a and b claim the path 't/a'; give it"),
        ("on-inconclusive = 'pass'", 'on-inconclusive is \'pass\'; it must be "warn" or "fail"'),
        ("no-measurement = 'docs/**'", "no-measurement is 'docs/**'; it must be a list of non-empty strings"),
        ("no-measurement = ['docs/**', '**/*']", "no-measurement has '**/*', with which no change is measured; name"),
        ("default-branch = ''", "default-branch is ''; it must be a non-empty string"),
        ("security-labels = 'security'", "security-labels is 'security'; it must be a list of non-empty strings"),
        ("teams = ['t']", "carbon.toml: teams is ['t']; write a table for each team, such as [teams.shop]"),
        ("[teams]\nt = 3", "teams.t is 3; it must be a table"),
        ("[teams.t]\nfeatures = ['a']", "teams.t: no feature is called 'a' (there are: none)"),
        ("[features.checkout]\n[teams.t]\nfeatures = ['chekout']", "did you mean \"checkout\"?"),
        ("[features.a]\n[teams.t]\nfeatures = ['a']", 'teams.t needs features = ["..."] and a table [teams.t.budget]'),
        ("[teams.t]\nbudget = {limit = '1 g'}", "teams.t needs features = "),
        ("[features.a]\n[teams.t]\nfeature = ['a']", "teams.t: unknown key 'feature'; did you mean \"features\"?"),
        (TEAM + "[teams.u]\nfeatures = ['a']\nbudget = {limit = '1 g'}", "both t and u have the feature 'a'"),
        (TEAM + "[teams.b]\nfeatures = ['b']\nbudget = {limit = '1 g'}", "teams.b: the name 'b' is taken"),
        (TEAM + "[teams.repository]\nfeatures = ['b']\nbudget = {limit = '1 g'}", "the name 'repository' is taken"),
        ("github = 3", "carbon.toml: github is 3; it must be a table"),
        ("[github]\nforks = 'block'", 'github: forks is \'block\'; it must be "accept" or "queue"'),
        ("[github]\noverride-label = ''", "github: override-label is ''; it must be a non-empty string"),
        ("[github]\noveride-label = 'x'", 'github: unknown key \'overide-label\'; did you mean "override-label"?'),
        ("[github]\noverride-label = 'security'", "override-label is 'security', a security label; give it another"),
        ("[github]\noverride-label = 'x'\n[features.a]\nlabels = ['x']", "override-label is 'x', the label of a; give"),
        ("[features.a]\nlabels = ['carbon/override']", "github: override-label is 'carbon/override', the label of a"),
        (TEAM + "[teams.'']\nfeatures = ['b']\nbudget = {limit = '1 g'}", "teams has a team without a name"),
    ],
    ids=lambda value: repr(value)[1:40],
)  # fmt: skip
def test_wrong_value_is_an_error(text: str, complaint: str) -> None:
    """The error names the key, the wrong value and a right one; no wrong value falls back to a default."""
    with pytest.raises(ConfigError) as caught:
        _read(text)
    assert complaint in str(caught.value)


def test_feature_may_name_a_path_twice() -> None:
    """Only two features with the same path are a conflict."""
    assert _read("[features.a]\npaths = ['t', 't/']\n[features.b]\npaths = ['t2']").features["b"].paths == ("t2",)


WORDS = st.sampled_from(["5 J", "2 g", "3 J ref", "5 %", "0 g", "28d", "month", "", "UTC", "fail", "work", "a", "b"])
VALUES = st.one_of(WORDS, st.booleans(), st.integers(-2, 40), st.lists(WORDS, max_size=2), st.floats())
BUDGETS = st.one_of(
    VALUES,
    st.dictionaries(
        st.sampled_from([
            "limit", "per-run", "growth", "window", "timezone", "counts", "g-per-kwh", "owners", "on-exceeded", "odd",
        ]),
        VALUES, max_size=4,
    ),
)  # fmt: skip
OWN = st.dictionaries(st.sampled_from(["labels", "paths", "weight", "features"]), VALUES, max_size=2)
HOLDERS = st.dictionaries(
    st.sampled_from(["a", "b", "default", "unattributed", "repository", ""]),
    st.one_of(VALUES, st.builds(lambda own, budget: {**own, "budget": budget}, OWN, BUDGETS)),
    max_size=3,
)
GITHUB = st.one_of(VALUES, st.dictionaries(st.sampled_from(["override-label", "forks", "odd"]), VALUES, max_size=2))
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "budget": BUDGETS, "features": HOLDERS, "teams": HOLDERS, "window": VALUES, "timezone": VALUES,
        "github": GITHUB,
    },
)  # fmt: skip


@LAW
@given(TABLES)
def test_any_table_is_a_policy_or_an_error(table: dict[str, Any]) -> None:
    """Any table gives a ConfigError, or a policy with limits above zero and one budget for each holder."""
    try:
        policy = read_policy(TomlTable(table, "carbon.toml"))
    except ConfigError:
        return
    holders = [(budget.team, budget.feature) for budget in policy.budgets]
    assert len(set(holders)) == len(holders)
    for budget in policy.budgets:
        limits = [limit for limit in (budget.limit, budget.per_run) if limit]
        assert limits or budget.growth
        assert all(limit.value > 0 for limit in limits)
        assert budget.window.days is None or budget.window.days >= 1
        assert set(budget.children) <= set(policy.features)
