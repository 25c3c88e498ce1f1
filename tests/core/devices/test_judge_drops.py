"""The two levels, maintained branches, old facts, and what a change of the policy allows."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.devices.dependency_drops import PythonNeed, find_dependency_drops
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import MaintainedBranch
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.loosened_policy import loosened_rules
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.declared import read_project
from tests.core.devices.device_check import NOW, DeviceCheck, shipped

P = "pyproject.toml"


def _python(least: str) -> dict[str, str]:
    return {P: f'[project]\nrequires-python = ">={least}"'}


def _tag(tag: str) -> dict[str, str]:
    return {"ci/x.sh": f"--plat {tag}"}


PYTHON = (_python("3.8"), _python("3.9"))
NOBODY = (_python("3.9"), _python("3.11"))
GLIBC = (_tag("manylinux2014"), _tag("manylinux_2_28"))
BROWSER = ({"package.json": '{"browserslist": "ie 11, chrome 80"}'}, {"package.json": '{"browserslist": "chrome 80"}'})
I686 = ({P: "[tool.cibuildwheel]"}, {P: '[tool.cibuildwheel]\nskip = "*manylinux_i686"'})
ANDROID = ({"app/build.gradle": "minSdk 19"}, {"app/build.gradle": "minSdk 21"})
NOTHING = (_python("3.9"), _python("3.8"))


@pytest.mark.parametrize(
    ("change", "rule", "state", "why"),
    [
        (NOTHING, DevicesRule("fail", 5), "pass", ""),
        (PYTHON, DevicesRule(), "pass", "All it strands is older than 10 years, which level 4 allows."),
        (PYTHON, DevicesRule("fail"), "pass", "All it strands is older than 10 years, which level 4 allows."),
        (PYTHON, DevicesRule("warn", 5), "warn", "Level 5 strands no working device without a maintained branch: "
         "Windows 7 PCs (the newest sold until 2016-10-31, 10 years old)."),
        (PYTHON, DevicesRule("fail", 5), "fail", "Level 5 strands no working device without a maintained branch: "
         "Windows 7 PCs (the newest sold until 2016-10-31, 10 years old)."),
        (GLIBC, DevicesRule(), "warn",
         "Level 4 strands nothing younger than ten years: Ubuntu 18.04 (the newest released 2018-04-26, 8 years old)."),
        (GLIBC, DevicesRule("fail"), "fail",
         "Level 4 strands nothing younger than ten years: Ubuntu 18.04 (the newest released 2018-04-26, 8 years old)."),
        (ANDROID, DevicesRule("fail"), "pass",
         "All it strands, as far as is known, is older than 10 years, which level 4 allows."),
        (NOBODY, DevicesRule("fail", 5), "pass", "Every level allows that."),
        (BROWSER, DevicesRule("fail"), "inconclusive",
         "Whether that is allowed could not be told: no table says which devices need browsers: ie 11."),
        (I686, DevicesRule("fail"), "inconclusive", "Whether that is allowed could not be told: "
         "how old the newest of PCs with 32-bit Linux is, is not known."),
        (I686, DevicesRule("fail", 5), "fail", "Level 5 strands no working device without a maintained branch: "
         "PCs with 32-bit Linux (how old the newest is could not be told)."),
        (GLIBC, DevicesRule("off", 5), "pass", ""),
    ],
)  # fmt: skip
def test_what_a_level_allows(device_check: DeviceCheck, change: Any, rule: DevicesRule, state: str, why: str) -> None:
    """Level 4 looks at the age of the newest that is stranded, level 5 at whether anybody is; unknown is no pass."""
    verdict = device_check.judge(*change, rule)
    assert (verdict.state, verdict.exit_code) == (state, int(state == "fail"))
    assert [one.why for one in verdict.judged_drops] == ([why] if why else [])


def test_ten_years_are_counted_to_the_day(device_check: DeviceCheck) -> None:
    """The last Windows 7 PCs were sold on 31 October 2016: dropped on the day ten years after, they are old enough."""
    states = {day: device_check.on_day(NOW.replace(month=10, day=day)).judge(*PYTHON).state for day in (30, 31)}
    assert states == {30: "warn", 31: "pass"}


def test_the_worst_drop_decides_and_comes_first(device_check: DeviceCheck) -> None:
    """Of several drops the verdict is that of the worst."""
    base, head = {**PYTHON[0], **GLIBC[0], **BROWSER[0]}, {**PYTHON[1], **GLIBC[1], **BROWSER[1]}
    verdict = device_check.judge(base, head, DevicesRule("fail"))
    assert [one.state for one in verdict.judged_drops] == ["fail", "inconclusive", "pass"]
    assert verdict.state == "fail"


@pytest.mark.parametrize(
    ("files", "age_days", "kept"),
    [
        (_tag("manylinux2014"), 30, True),
        (_tag("manylinux2014"), 365, True),
        (_tag("manylinux2014"), 366, False),
        (_tag("manylinux2010"), 30, True),
        (_tag("manylinux_2_24"), 30, False),
        (_python("3.8"), 30, False),
        ({}, 30, False),
    ],
)
def test_a_maintained_branch_keeps_alive_what_it_supports(
    device_check: DeviceCheck, files: Any, age_days: int, kept: bool
) -> None:
    """A branch counts if it still supports all that is dropped and had a commit within a year."""
    branch = MaintainedBranch("1.x", read_project.read_declarations(files), NOW - timedelta(days=age_days))
    verdict = device_check.judge(*GLIBC, DevicesRule("fail", 5, ("1.x",)), branch)
    assert verdict.state == ("pass" if kept else "fail")
    told = [one.why for one in verdict.judged_drops]
    assert (told == ["The branch 1.x still supports it and is maintained."]) is kept


@pytest.mark.parametrize(("age_days", "state"), [(0, "pass"), (400, "pass"), (401, "inconclusive")])
def test_old_facts_are_not_relied_upon(device_check: DeviceCheck, age_days: int, state: str) -> None:
    """That old facts know of nobody who is stranded is no proof; what they do know stays true."""
    old = device_check.with_facts_of(NOW.date() - timedelta(days=age_days))
    assert old.judge(*NOBODY, DevicesRule("fail")).state == state
    assert old.judge(*GLIBC, DevicesRule("fail")).state == "fail"
    assert old.judge(*NOTHING, DevicesRule("fail")).state == "pass"


# -- dependencies ------------------------------------------------------------------------------------------

KNOWN = {"numpy": (PythonNeed("2.1", ">=3.10", "numpy 2.1"),)}


def _asks(least: str, *asked: str) -> dict[str, str]:
    return {P: f'[project]\nrequires-python = ">={least}"\ndependencies = {list(asked)!r}'}


@pytest.mark.parametrize(
    ("base", "head", "names", "note"),
    [
        (_asks("3.8", "numpy>=1.20"), _asks("3.8", "NumPy>=2.1"), ["python 3.8", "python 3.9"], ""),
        (_asks("3.8", "numpy>=1.20"), _asks("3.8", "numpy>=2.2"), ["python 3.8", "python 3.9"], ""),
        (_asks("3.8"), _asks("3.9", "numpy>=2.1"), ["python 3.9"], ""),
        (_asks("3.8", "numpy>=1.20"), _asks("3.10", "numpy>=2.1"), [], ""),
        (_asks("3.8", "numpy>=2.1"), _asks("3.8", "numpy>=2.1,<3"), [], ""),
        (_asks("3.8", "numpy>=1.20"), _asks("3.8", "numpy>=2.1; python_version>='3.10'", "numpy<2"), [], ""),
        (_asks("3.8", "numpy>=1.20"), _asks("3.8", "numpy>=2.0"), [],
         "numpy>=2.0 may drop Python 3.8 and 3.9: numpy 2.1 needs >=3.10"),
        (_asks("3.8"), {P: _asks("3.8")[P] + "\noptional-dependencies = {docs = ['numpy>=2.1']}"}, [],
         "numpy>=2.1 may drop Python 3.8 and 3.9: numpy 2.1 needs >=3.10"),
        (_asks("3.8", "numpy>=1.20"), _asks("3.8", "numpy>=2.1; platform_python_implementation=='CPython'"),
         ["python 3.8", "python 3.9"], ""),
        (_asks("3.8", "scipy>=1"), _asks("3.8", "scipy>=2"), [],
         "which Python the newly asked versions need is not known of scipy: not installed here"),
        ({P: "[project]\ndependencies = ['numpy>=1']"}, {P: "[project]\ndependencies = ['numpy>=2.1']"}, [], ""),
    ],
)  # fmt: skip
def test_a_dependency_may_drop_what_the_project_declares(base: Any, head: Any, names: list[str], note: str) -> None:
    """A raised lower bound drops the Pythons that its version refuses; below the known version it only may."""
    drops, notes = find_dependency_drops(
        read_project.read_declarations(base), read_project.read_declarations(head), KNOWN, shipped()
    )
    assert [name for drop in drops for name in drop.names] == names
    assert notes == ((note,) if note else ())
    assert all(drop.where[0].setting.lower().startswith("numpy") for drop in drops)


# -- policy ------------------------------------------------------------------------------------------------


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
        ('[devices.dependencies]\nnumpy = { "2.1" = ">=3.10" }',
         DevicesRule(dependencies={"numpy": {"2.1": ">=3.10"}})),
        ('[devices]\napproval-label = "old phones"\napprovers = ["bob"]',
         DevicesRule(approval_label="old phones", approvers=("bob",))),
    ],
)  # fmt: skip
def test_the_policy_of_devices(text: str, rule: DevicesRule) -> None:
    """One word, or a table with more."""
    assert _policy(text).devices == rule


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('devices = "loud"', "carbon.toml: devices is 'loud'; it must be \"off\" or \"warn\" or \"fail\""),
        ("devices = 4", "carbon.toml: devices is 4; it must be"),
        ("[devices]\nlevel = 3", "carbon.toml: devices: level is 3; it must be 4 (ten years) or 5 (no working device)"),
        ("[devices]\nlevel = true", "level is True; it must be 4"),
        ("[devices]\nlevels = 4", "unknown key 'levels'; did you mean \"level\"?"),
        ('[devices]\nmaintained-branches = "2.x"', "maintained-branches is '2.x'; it must be a list of non-empty strings"),
        ('[devices]\napproval-label = "carbon/override"', "'carbon/override', the label of overrides; give it another"),
        ('[github]\noverride-label = "carbon/devices-approved"\n[devices]\nlevel = 5',
         "approval-label is 'carbon/devices-approved', the label of overrides; give it another"),
        ('devices = "fail"\n[features.a]\nlabels = ["carbon/devices-approved"]', "the label of a; give it another"),
        ('[devices.dependencies]\nnumpy = ">=2"', "write for each package: numpy = { \"2.1\" = \">=3.10\" }"),
        ('[devices.dependencies]\nnumpy = { "new" = ">=3.10" }', "numpy: 'new' = '>=3.10' is not understood"),
        ('[devices.dependencies]\nnumpy = { "2.1" = "3" }', "numpy: '2.1' = '3' is not understood"),
    ],
)  # fmt: skip
def test_a_policy_that_is_not_understood(text: str, error: str) -> None:
    """The key and what to write are named."""
    with pytest.raises(ConfigError) as caught:
        _policy(text)
    assert error in str(caught.value)


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ('devices = "fail"', ["a change may strand devices older than ten years, none before"]),
        ('[devices]\nmode = "warn"\nlevel = 5', ["a change that strands devices only warns, it failed before"]),
        ('[devices]\nmode = "off"\nlevel = 5',
         ["a change that strands devices is not looked at any more, it failed before"]),
        ('[devices]\nmode = "fail"\nlevel = 5\nmaintained-branches = ["1.x", "2.x"]',
         ["the branch 1.x counts as keeping devices alive", "the branch 2.x counts as keeping devices alive"]),
        ('[devices]\nmode = "fail"\nlevel = 5\ndependencies = { a = { "1" = ">=3.9" } }',
         ["what dependencies are said to need is changed"]),
        ('[devices]\nmode = "fail"\nlevel = 5', []),
        ('[devices]\nmode = "fail"\nlevel = 5\napprovers = ["bob"]\napproval-label = "old"',
         ["the label old approves that devices are dropped, carbon/devices-approved before"]),
    ],
)  # fmt: skip
def test_what_a_new_policy_allows_is_told(new: str, told: list[str]) -> None:
    """A looser rule of devices is named like any other."""
    assert loosened_rules(_policy('[devices]\nmode = "fail"\nlevel = 5'), _policy(new)) == told


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ([], ["anybody may approve that devices are dropped, only bob before"]),
        (["bob", "carl"], ["carl may approve that devices are dropped"]),
        (["bob"], []),
    ],
)
def test_who_may_approve_is_told(new: list[str], told: list[str]) -> None:
    """More people who may let devices be dropped are a looser rule."""
    assert loosened_rules(_policy('[devices]\napprovers = ["bob"]'), _policy(f"[devices]\napprovers = {new}")) == told


@pytest.mark.parametrize(
    ("content", "state"),
    [("[project", "inconclusive"), ("[project]\nversion = '2'", "pass"), (f"#{'x' * 100_000}", "inconclusive")],
)
def test_a_file_that_cannot_be_read_any_more_hides_what_it_drops(
    device_check: DeviceCheck, content: str, state: str
) -> None:
    """What base declared in a file that head has broken could not be told; one that was broken before hides nothing."""
    verdict = device_check.judge(_python("3.8"), {P: content}, DevicesRule("fail"))
    assert (verdict.state, bool(verdict.inconclusive_reason)) == (state, state == "inconclusive")
    assert device_check.judge({P: "[project"}, {P: content}).state == "pass"


def test_facts_are_of_their_day() -> None:
    """The shipped facts know when they are from, all families, and what every runtime needs."""
    known = shipped()
    assert date(2026, 1, 1) < known.as_of < NOW.date()
    assert {"python", "node", "debian", "ubuntu", "alpine", "rhel", "ios", "macos", "android"} <= set(known.releases)
    assert {"ios", "android", "windows", "glibc", "macos", "x86-64", "wheels"} == set(known.groups)
    assert {other for steps in known.needs.values() for step in steps.values() for other in step} <= set(known.groups)
