"""Whom a drop strands, by the shipped facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from packaging.version import Version

from pytest_carbon.core.devices.stranded_devices import find_stranded
from pytest_carbon.core.devices.values import DeviceFacts, DeviceGroup, Release
from tests.core.devices.device_check import DeviceCheck

P = "pyproject.toml"


def _python(least: str) -> dict[str, str]:
    return {P: f'[project]\nrequires-python = ">={least}"'}


def _pod(least: str) -> dict[str, str]:
    return {"Podfile": f"platform :ios, '{least}'"}


def _wheel(tag: str) -> dict[str, str]:
    return {"ci/x.sh": tag}


STRANDED = [
    (_python("3.8"), _python("3.9"), {"Windows Vista PCs", "Windows 7 PCs", "Windows 8 PCs"}, "2016-10-31"),
    (_python("3.12"), _python("3.13"), {"Windows 8.1 PCs", "Macs of 2007 to mid 2009"}, "2016-10-31"),
    (_python("3.9"), _python("3.12"), set(), None),
    (_pod("15.0"), _pod("15.6"), set(), None),
    (_pod("14.0"), _pod("15.0"), set(), None),
    (_wheel("--plat manylinux2014"), _wheel("--plat manylinux_2_28"), {
        "RHEL 7", "Debian 8", "Ubuntu 14.04", "Ubuntu 16.04", "Debian 9", "Ubuntu 18.04",
    }, "2018-04-26"),
    ({"Dockerfile": "FROM ubi8"}, {"Dockerfile": "FROM ubi9"},
     {"PCs with Intel before Nehalem, Atom before Silvermont, AMD before Bulldozer and Jaguar"}, "2013-05-23"),
    ({"Dockerfile": "FROM amazonlinux:2"}, {"Dockerfile": "FROM amazonlinux:2023.5"},
     {"PCs with Intel before Nehalem, Atom before Silvermont, AMD before Bulldozer and Jaguar"}, "2013-05-23"),
    ({"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 26"}, {"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 27"},
     {"the last Intel Macs: MacBook Pro of 2019 and 2020, iMac of 2020, Mac Pro of 2019"}, "2023-06-05"),
    ({"Dockerfile": "FROM python:3.8-slim-buster"}, {"Dockerfile": "FROM python:3.13-slim-trixie"}, set(), None),
    ({"a.gradle": "minSdk 21"}, {"a.gradle": "minSdk 23"}, {
        "phones and tablets that stay at Android API 21", "phones and tablets that stay at Android API 22",
    }, "2015-10-05"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "head", "names", "newest"), STRANDED)
def test_who_is_stranded(device_check: DeviceCheck, base: Any, head: Any, names: set[str], newest: str | None) -> None:
    """The devices between the old and the new minimum, and the day the newest of them was sold, made or released."""
    drops = device_check.drops(base, head)
    assert {one.name for drop in drops for one in drop.stranded} == names
    days = [drop.newest.newest for drop in drops if drop.newest and drop.newest.newest]
    assert max(days, default=None) == (date.fromisoformat(newest) if newest else None)
    assert [drop.unknown for drop in drops if drop.unknown] == []


def test_ios_16_leaves_five_iphones_behind(device_check: DeviceCheck) -> None:
    """The iPhones that end at iOS 15, by name; the newest of them was sold until 2019."""
    (drop,) = device_check.drops(_pod("15.0"), _pod("16.0"))
    phones = {one.name for one in drop.stranded if one.name.startswith("iPhone")}
    assert phones == {"iPhone 6S", "iPhone 6S Plus", "iPhone SE (1)", "iPhone 7", "iPhone 7 Plus"}
    assert {one.name for one in drop.stranded} - phones == {"iPad Mini 4", "iPad Air 2"}
    assert drop.newest is not None
    assert (str(drop.newest.newest), drop.newest.how) == ("2019-09-10", "sold until")


def test_a_system_to_come_strands_no_device_that_has_the_newest(device_check: DeviceCheck) -> None:
    """Devices with the newest iOS that is known may follow the next one; those that ended before cannot."""
    (drop,) = device_check.drops(_pod("18.0"), _pod("27.0"))
    assert {one.last for one in drop.stranded} == {"18"}
    assert drop.unknown == ("which of the newest devices cannot follow iOS 27 is not in the tables yet",)


@pytest.mark.parametrize(
    ("base", "head", "unknown"),
    [
        ({"package.json": '{"browserslist": "ie 11, chrome 80"}'}, {"package.json": '{"browserslist": "chrome 80"}'},
         "no table says which devices need browsers: ie 11"),
        ({"Package.swift": ".tvOS(.v13)"}, {"Package.swift": ".tvOS(.v15)"},
         "no table says which devices cannot follow tvOS 15"),
        (_python("3.14"), _python("3.99"), "what Python 3.99 needs is not in the tables yet"),
        ({"go.mod": "go 1.26"}, {"go.mod": "go 1.27"}, "what Go 1.27 needs is not in the tables yet"),
        (_pod("26.0"), _pod("27.0"), "which of the newest devices cannot follow iOS 27 is not in the tables yet"),
    ],
)  # fmt: skip
def test_what_no_table_knows_is_said(device_check: DeviceCheck, base: Any, head: Any, unknown: str) -> None:
    """Unknown is unknown, never nobody."""
    (drop,) = device_check.drops(base, head)
    assert (drop.stranded, drop.unknown) == ((), (unknown,))


FACTS = DeviceFacts(
    as_of=date(2026, 1, 1),
    releases={"run": (Release("1.0"), Release("2.0"), Release("3.0"))},
    groups={"sys": (DeviceGroup("old", "4"), DeviceGroup("new", "6"))},
    needs={"run": {"1.0": {"sys": "3"}, "2.0": {"sys": "5"}, "3.0": {"sys": "7", "odd": "1"}}},
)


@pytest.mark.parametrize(
    ("before", "after", "names", "unknown"),
    [
        ("1.0", "1.5", [], 0), ("1.0", "2.0", ["old"], 0), ("1.9", "3.0", ["old", "new"], 1),
        ("2.0", "3.0", ["new"], 1), (None, "2.0", ["old"], 0), ("1.0", None, [], 0), ("1.0", "4.0", [], 1),
    ],
)  # fmt: skip
def test_a_need_strands_those_who_cannot_meet_it(
    before: str | None, after: str | None, names: list[str], unknown: int
) -> None:
    """What a release needs holds until the next step; a need without a table, or a release beyond it, is unknown."""
    versions = [Version(one) if one else None for one in (before, after)]
    holders, open_ = find_stranded("run", versions[0], versions[1], FACTS)
    assert ([one.name for one in holders], len(open_)) == (names, unknown)
