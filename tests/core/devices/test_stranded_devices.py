"""The devices that a drop strands, by the shipped facts and by small ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from packaging.version import Version

from pytest_carbon.core.devices.stranded_devices import find_stranded
from pytest_carbon.core.devices.support_values import DeviceFacts, DeviceGroup, Release, newest_first
from tests.core.devices.device_check import DeviceCheck, podfile, python_project, wheel_script

STRANDED = [
    (
        python_project("3.8"),
        python_project("3.9"),
        {"Windows Vista PCs", "Windows 7 PCs", "Windows 8 PCs"},
        "2016-10-31",
    ),
    (python_project("3.12"), python_project("3.13"), {"Windows 8.1 PCs", "Macs of 2007 to mid 2009"}, "2016-10-31"),
    (python_project("3.9"), python_project("3.12"), set(), None),
    (podfile("15.0"), podfile("15.6"), set(), None),
    (podfile("14.0"), podfile("15.0"), set(), None),
    (
        wheel_script("manylinux2014"),
        wheel_script("manylinux_2_28"),
        {
            "RHEL 7",
            "Debian 8",
            "Ubuntu 14.04",
            "Ubuntu 16.04",
            "Debian 9",
            "Ubuntu 18.04",
        },
        "2018-04-26",
    ),
    (
        {"Dockerfile": "FROM ubi8"},
        {"Dockerfile": "FROM ubi9"},
        {"PCs with Intel before Nehalem, Atom before Silvermont, AMD before Bulldozer and Jaguar"},
        "2013-05-23",
    ),
    (
        {"Dockerfile": "FROM amazonlinux:2"},
        {"Dockerfile": "FROM amazonlinux:2023.5"},
        {"PCs with Intel before Nehalem, Atom before Silvermont, AMD before Bulldozer and Jaguar"},
        "2013-05-23",
    ),
    (
        {"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 26"},
        {"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 27"},
        {"the last Intel Macs: MacBook Pro of 2019 and 2020, iMac of 2020, Mac Pro of 2019"},
        "2023-06-05",
    ),
    ({"Dockerfile": "FROM python:3.8-slim-buster"}, {"Dockerfile": "FROM python:3.13-slim-trixie"}, set(), None),
    (
        {"a.gradle": "minSdk 21"},
        {"a.gradle": "minSdk 23"},
        {
            "phones and tablets that stay at Android API 21",
            "phones and tablets that stay at Android API 22",
        },
        "2015-10-05",
    ),
]


@pytest.mark.parametrize(("base", "head", "names", "newest"), STRANDED)
def test_devices_between_the_two_minima_are_stranded(
    device_check: DeviceCheck, base: Any, head: Any, names: set[str], newest: str | None
) -> None:
    """The stranded devices, and the day on which the newest of them was sold, introduced or released."""
    drops = device_check.drops(base, head)
    assert {group.name for drop in drops for group in drop.stranded} == names
    days = [group.newest for drop in drops for group in newest_first(drop.stranded)[:1] if group.newest]
    assert max(days, default=None) == (date.fromisoformat(newest) if newest else None)
    assert [drop.unknown for drop in drops if drop.unknown] == []


def test_ios_16_strands_five_iphones(device_check: DeviceCheck) -> None:
    """The iPhones that end at iOS 15, by name; the newest of them was sold until 2019."""
    (drop,) = device_check.drops(podfile("15.0"), podfile("16.0"))
    phones = {group.name for group in drop.stranded if group.name.startswith("iPhone")}
    assert phones == {"iPhone 6S", "iPhone 6S Plus", "iPhone SE (1)", "iPhone 7", "iPhone 7 Plus"}
    assert {group.name for group in drop.stranded} - phones == {"iPad Mini 4", "iPad Air 2"}
    newest = newest_first(drop.stranded)[0]
    assert (str(newest.newest), newest.how) == ("2019-09-10", "sold until")


def test_a_future_system_strands_no_device_on_the_newest_one(device_check: DeviceCheck) -> None:
    """Devices that run the newest known iOS may get the next one; the others cannot."""
    (drop,) = device_check.drops(podfile("18.0"), podfile("27.0"))
    assert {group.last for group in drop.stranded} == {"18"}
    assert drop.unknown == ("no table says yet which of the newest devices cannot run iOS 27",)


@pytest.mark.parametrize(
    ("base", "head", "unknown"),
    [
        (
            {"package.json": '{"browserslist": "ie 11, chrome 80"}'},
            {"package.json": '{"browserslist": "chrome 80"}'},
            "no table lists the devices that need browsers: ie 11",
        ),
        (
            {"Package.swift": ".tvOS(.v13)"},
            {"Package.swift": ".tvOS(.v15)"},
            "no table lists the devices that cannot run tvOS 15",
        ),
        (python_project("3.14"), python_project("3.99"), "no table says yet what Python 3.99 needs"),
        ({"go.mod": "go 1.26"}, {"go.mod": "go 1.27"}, "no table says yet what Go 1.27 needs"),
        (podfile("26.0"), podfile("27.0"), "no table says yet which of the newest devices cannot run iOS 27"),
    ],
)
def test_gaps_in_the_tables_are_named(device_check: DeviceCheck, base: Any, head: Any, unknown: str) -> None:
    """That the stranded devices are unknown never means that there are none."""
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
        ("1.0", "1.5", [], 0),
        ("1.0", "2.0", ["old"], 0),
        ("1.9", "3.0", ["old", "new"], 1),
        ("2.0", "3.0", ["new"], 1),
        (None, "2.0", ["old"], 0),
        ("1.0", None, [], 0),
        ("1.0", "4.0", [], 1),
    ],
)
def test_a_need_strands_the_devices_that_cannot_meet_it(
    before: str | None, after: str | None, names: list[str], unknown: int
) -> None:
    """A need holds until the next step; a need without a table, and a release beyond the tables, are unknown."""
    versions = [Version(text) if text else None for text in (before, after)]
    groups, gaps = find_stranded("run", versions[0], versions[1], FACTS)
    assert ([group.name for group in groups], len(gaps)) == (names, unknown)


def test_a_new_minimum_of_musl_is_named_as_what_devices_must_run(device_check: DeviceCheck) -> None:
    """The gap names musl 1.2, not the releases before it that are dropped."""
    (drop,) = device_check.drops(wheel_script("musllinux_1_1"), wheel_script("musllinux_1_2"))
    assert (drop.names, drop.unknown) == (("musl < 1.2",), ("no table lists the devices that cannot run musl 1.2",))
