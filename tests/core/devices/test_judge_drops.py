"""Drops under the two levels, maintained branches, old facts, and files that head has broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import MaintainedBranch
from pytest_carbon.declared.read_project import read_declarations
from tests.core.devices.device_check import NOW, PYPROJECT, DeviceCheck, python_project, wheel_script

PYTHON = (python_project("3.8"), python_project("3.9"))
NOBODY = (python_project("3.9"), python_project("3.11"))
GLIBC = (wheel_script("manylinux2014"), wheel_script("manylinux_2_28"))
BROWSER = ({"package.json": '{"browserslist": "ie 11, chrome 80"}'}, {"package.json": '{"browserslist": "chrome 80"}'})
I686 = ({PYPROJECT: "[tool.cibuildwheel]"}, {PYPROJECT: '[tool.cibuildwheel]\nskip = "*manylinux_i686"'})
ANDROID = ({"app/build.gradle": "minSdk 19"}, {"app/build.gradle": "minSdk 21"})
LEVEL_4 = "The policy ([devices] level = 4) protects devices younger than 10 years"
LEVEL_5 = "The policy ([devices] level = 5) protects every working device that no maintained branch supports"
NOTHING = (python_project("3.9"), python_project("3.8"))


@pytest.mark.parametrize(
    ("change", "rule", "state", "reason"),
    [
        (NOTHING, DevicesRule("fail", 5), "pass", ""),
        (
            PYTHON,
            DevicesRule(),
            "pass",
            "Level 4 of [devices] allows this drop: all stranded devices are older than 10 years.",
        ),
        (
            PYTHON,
            DevicesRule("fail"),
            "pass",
            "Level 4 of [devices] allows this drop: all stranded devices are older than 10 years.",
        ),
        (
            PYTHON,
            DevicesRule("warn", 5),
            "warn",
            f"{LEVEL_5}: Windows 7 PCs (the newest of these devices was sold until 2016-10-31 and is 10 years old).",
        ),
        (
            PYTHON,
            DevicesRule("fail", 5),
            "fail",
            f"{LEVEL_5}: Windows 7 PCs (the newest of these devices was sold until 2016-10-31 and is 10 years old).",
        ),
        (
            GLIBC,
            DevicesRule(),
            "warn",
            f"{LEVEL_4}: Ubuntu 18.04 (the newest of these devices was released on 2018-04-26 and is 8 years old).",
        ),
        (
            GLIBC,
            DevicesRule("fail"),
            "fail",
            f"{LEVEL_4}: Ubuntu 18.04 (the newest of these devices was released on 2018-04-26 and is 8 years old).",
        ),
        (
            ANDROID,
            DevicesRule("fail"),
            "pass",
            "Level 4 of [devices] allows this drop: all stranded devices, as far as is known, are older than 10 years.",
        ),
        (NOBODY, DevicesRule("fail", 5), "pass", "Level 4 and level 5 of [devices] allow this drop."),
        (
            BROWSER,
            DevicesRule("fail"),
            "inconclusive",
            "Could not tell whether level 4 of [devices] allows this drop: "
            "no table lists the devices that need browsers: ie 11.",
        ),
        (
            I686,
            DevicesRule("fail"),
            "inconclusive",
            "Could not tell whether level 4 of [devices] allows this drop: "
            "the age of the newest PCs with 32-bit Linux is unknown.",
        ),
        (
            I686,
            DevicesRule("fail", 5),
            "fail",
            f"{LEVEL_5}: PCs with 32-bit Linux (the age of the newest device is unknown).",
        ),
        (GLIBC, DevicesRule("off", 5), "pass", ""),
    ],
)
def test_what_a_level_allows(
    device_check: DeviceCheck, change: Any, rule: DevicesRule, state: str, reason: str
) -> None:
    """Level 4 is about the age of the newest stranded device, level 5 about any; what is unknown does not pass."""
    verdict = device_check.judge(*change, rule)
    assert (verdict.state, verdict.exit_code) == (state, int(state == "fail"))
    assert [drop.reason for drop in verdict.judged_drops] == ([reason] if reason else [])


def test_ten_years_are_counted_to_the_day(device_check: DeviceCheck) -> None:
    """The last Windows 7 PCs were sold on 31 October 2016: ten years later to the day they may be dropped."""
    states = {day: device_check.on_day(NOW.replace(month=10, day=day)).judge(*PYTHON).state for day in (30, 31)}
    assert states == {30: "warn", 31: "pass"}


def test_the_worst_drop_decides_and_comes_first(device_check: DeviceCheck) -> None:
    """Of several drops the worst gives the verdict its state and is the first in it."""
    base, head = {**PYTHON[0], **GLIBC[0], **BROWSER[0]}, {**PYTHON[1], **GLIBC[1], **BROWSER[1]}
    verdict = device_check.judge(base, head, DevicesRule("fail"))
    assert [drop.state for drop in verdict.judged_drops] == ["fail", "inconclusive", "pass"]
    assert verdict.state == "fail"


@pytest.mark.parametrize(
    ("files", "age_days", "passes"),
    [
        (wheel_script("manylinux2014"), 30, True),
        (wheel_script("manylinux2014"), 365, True),
        (wheel_script("manylinux2014"), 366, False),
        (wheel_script("manylinux2010"), 30, True),
        (wheel_script("manylinux_2_24"), 30, False),
        (python_project("3.8"), 30, False),
        ({}, 30, False),
    ],
)
def test_a_maintained_branch_keeps_alive_what_it_supports(
    device_check: DeviceCheck, files: Any, age_days: int, passes: bool
) -> None:
    """A branch counts if it still supports everything that is dropped and had a commit within a year."""
    branch = MaintainedBranch("1.x", read_declarations(files), NOW - timedelta(days=age_days))
    verdict = device_check.judge(*GLIBC, DevicesRule("fail", 5, ("1.x",)), branch)
    assert verdict.state == ("pass" if passes else "fail")
    reasons = [drop.reason for drop in verdict.judged_drops]
    assert (reasons == ["The branch 1.x is maintained and still supports what is dropped."]) is passes


@pytest.mark.parametrize(("age_days", "state"), [(0, "pass"), (400, "pass"), (401, "inconclusive")])
def test_old_facts_prove_nothing(device_check: DeviceCheck, age_days: int, state: str) -> None:
    """Facts that are too old no longer prove that nothing is stranded; the devices that they do name still count."""
    old = device_check.with_facts_of(NOW.date() - timedelta(days=age_days))
    assert old.judge(*NOBODY, DevicesRule("fail")).state == state
    assert old.judge(*GLIBC, DevicesRule("fail")).state == "fail"
    assert old.judge(*NOTHING, DevicesRule("fail")).state == "pass"


@pytest.mark.parametrize(
    ("content", "state"),
    [("[project", "inconclusive"), ("[project]\nversion = '2'", "pass"), (f"#{'x' * 100_000}", "inconclusive")],
)
def test_a_file_that_head_broke_may_hide_drops(device_check: DeviceCheck, content: str, state: str) -> None:
    """A file that only base can be read in makes the verdict inconclusive; a file that base broke hides nothing."""
    verdict = device_check.judge(python_project("3.8"), {PYPROJECT: content}, DevicesRule("fail"))
    assert (verdict.state, bool(verdict.inconclusive_reason)) == (state, state == "inconclusive")
    assert device_check.judge({PYPROJECT: "[project"}, {PYPROJECT: content}).state == "pass"
