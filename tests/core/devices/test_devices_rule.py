"""The rule on devices: read from a policy, and what a change of the rule newly allows."""

from __future__ import annotations

import tomllib

import pytest

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.devices.devices_rule import DevicesRule, describe_loosening
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.loosened_policy import loosened_rules
from pytest_carbon.core.policy.policy import Policy


def _policy(text: str) -> Policy:
    return read_policy(TomlTable(tomllib.loads(text), "carbon.toml"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", DevicesRule()),
        ('devices = "off"', DevicesRule("off")),
        ('devices = "fail"', DevicesRule("fail")),
        ("[devices]\nlevel = 5", DevicesRule("warn", 5)),
        ('[devices]\nmode = "fail"\nlevel = 4\nmaintained-branches = ["2.x"]', DevicesRule("fail", 4, ("2.x",))),
        (
            '[devices.dependencies]\nnumpy = { "2.1" = ">=3.10" }',
            DevicesRule(dependencies={"numpy": {"2.1": ">=3.10"}}),
        ),
        (
            '[devices]\napproval-label = "old phones"\napprovers = ["bob"]',
            DevicesRule(approval_label="old phones", approvers=("bob",)),
        ),
    ],
)
def test_a_policy_has_a_devices_rule(text: str, rule: DevicesRule) -> None:
    """A mode alone, or a table with more keys."""
    assert _policy(text).devices == rule


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('devices = "loud"', 'carbon.toml: devices is \'loud\'; it must be "off" or "warn" or "fail"'),
        ("devices = 4", "carbon.toml: devices is 4; it must be"),
        ("[devices]\nlevel = 3", "carbon.toml: devices: level is 3; it must be 4 (ten years) or 5 (no working device)"),
        ("[devices]\nlevel = true", "level is True; it must be 4"),
        ("[devices]\nlevels = 4", "unknown key 'levels'; did you mean \"level\"?"),
        (
            '[devices]\nmaintained-branches = "2.x"',
            "maintained-branches is '2.x'; it must be a list of non-empty strings",
        ),
        ('[devices]\napproval-label = "carbon/override"', "'carbon/override', the label of overrides; give it another"),
        (
            '[github]\noverride-label = "carbon/devices-approved"\n[devices]\nlevel = 5',
            "approval-label is 'carbon/devices-approved', the label of overrides; give it another",
        ),
        ('devices = "fail"\n[features.a]\nlabels = ["carbon/devices-approved"]', "the label of a; give it another"),
        ('[devices.dependencies]\nnumpy = ">=2"', 'write for each package: numpy = { "2.1" = ">=3.10" }'),
        ('[devices.dependencies]\nnumpy = { "new" = ">=3.10" }', "numpy: 'new' = '>=3.10' is not understood"),
        ('[devices.dependencies]\nnumpy = { "2.1" = "3" }', "numpy: '2.1' = '3' is not understood"),
    ],
)
def test_a_wrong_rule_is_refused(text: str, error: str) -> None:
    """The error names the key, its value and what to write."""
    with pytest.raises(ConfigError) as caught:
        _policy(text)
    assert error in str(caught.value)


@pytest.mark.parametrize(
    ("new", "clauses"),
    [
        ('devices = "fail"', ["a change may strand devices older than ten years; before: no device"]),
        ('[devices]\nmode = "warn"\nlevel = 5', ["a change that strands devices only warns; before: it failed"]),
        (
            '[devices]\nmode = "off"\nlevel = 5',
            ["a change that strands devices is no longer checked; before: it failed"],
        ),
        (
            '[devices]\nmode = "fail"\nlevel = 5\nmaintained-branches = ["1.x", "2.x"]',
            ["the branch 1.x counts as keeping devices alive", "the branch 2.x counts as keeping devices alive"],
        ),
        (
            '[devices]\nmode = "fail"\nlevel = 5\ndependencies = { a = { "1" = ">=3.9" } }',
            ["the Python versions that dependencies need are declared differently"],
        ),
        ('[devices]\nmode = "fail"\nlevel = 5', []),
        ('[devices]\nmode = "fail"\nlevel = 5\napproval-label = "Carbon/Devices-Approved"', []),
        (
            '[devices]\nmode = "fail"\nlevel = 5\napprovers = ["bob"]\napproval-label = "old"',
            ["the label old approves that devices are dropped; before: carbon/devices-approved"],
        ),
    ],
)
def test_what_a_new_rule_allows_is_named(new: str, clauses: list[str]) -> None:
    """Each key that allows more than before is named, and no other."""
    assert loosened_rules(_policy('[devices]\nmode = "fail"\nlevel = 5'), _policy(new)) == clauses


@pytest.mark.parametrize(
    ("new", "clauses"),
    [
        ([], ["anybody may approve that devices are dropped; before: only bob"]),
        (["bob", "carl"], ["carl may approve that devices are dropped"]),
        (["bob"], []),
    ],
)
def test_new_approvers_are_named(new: list[str], clauses: list[str]) -> None:
    """A rule is looser if more people may approve that devices are dropped."""
    assert (
        loosened_rules(_policy('[devices]\napprovers = ["bob"]'), _policy(f"[devices]\napprovers = {new}")) == clauses
    )


@pytest.mark.parametrize(
    ("old", "new", "clauses"),
    [
        (
            DevicesRule("warn"),
            DevicesRule("off"),
            ["a change that strands devices is no longer checked; before: it warned"],
        ),
        (DevicesRule("off"), DevicesRule("fail", 5), []),
        (
            DevicesRule(approvers=("bob", "ann")),
            DevicesRule(),
            ["anybody may approve that devices are dropped; before: only bob, ann"],
        ),
        (DevicesRule(maintained_branches=("1.x",)), DevicesRule(), []),
    ],
)
def test_only_looser_keys_have_clauses(old: DevicesRule, new: DevicesRule, clauses: list[str]) -> None:
    """A stricter mode, a higher level and fewer maintained branches allow nothing new."""
    assert describe_loosening(old, new) == clauses
