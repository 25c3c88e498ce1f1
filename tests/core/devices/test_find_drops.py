"""Drops between base and head, notes on lesser changes, and releases that the maker no longer patches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.devices.find_drops import find_notes, find_stale_releases, find_support_changes
from pytest_carbon.declared.read_project import read_declarations
from tests.core.devices.device_check import NOW, DeviceCheck, shipped

LAW = settings(max_examples=60, deadline=None)
P, PKG, CI = "pyproject.toml", "package.json", ".github/workflows/ci.yml"


def project(requires: str = "", *classified: str) -> str:
    lines = "".join(f'"Programming Language :: Python :: {version}",' for version in classified)
    return f"[project]\n{f'requires-python = {requires!r}' if requires else ''}\nclassifiers = [{lines}]\n"


def matrix(*pythons: str, system: str = "ubuntu-latest") -> str:
    listed = ", ".join(f'"{version}"' for version in pythons)
    return f"jobs: {{t: {{strategy: {{matrix: {{python-version: [{listed}], os: [{system}]}}}}}}}}\n"


def engines(node: str) -> str:
    return json.dumps({"engines": {"node": node}})


def mac_wheels(*archs: str) -> dict[str, str]:
    return {P: f"[tool.cibuildwheel.macos]\narchs = {list(archs)}"}


DROPS = [
    ({P: "[tool.maturin]\ncompatibility='manylinux2014'"},
     {P: "[tool.maturin]\ncompatibility='manylinux_2_28'", CI: "jobs: {t: {container: manylinux_2_34_x86_64}}"},
     ["glibc < 2.34"]),
    (mac_wheels("universal2"), mac_wheels("arm64"), ["macos-x86_64"]),
    ({P: project(">=3.8")}, {P: project(">=3.10")}, ["python 3.8", "python 3.9"]),
    ({P: project(">=3.8")}, {P: project(">=3.8,!=3.9.*")}, ["python 3.9"]),
    ({P: project(">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*")}, {P: project(">=3.6")},
     ["python 2.7", "python 3.5"]),
    ({P: project("", "3.7", "3.8")}, {P: project("", "3.8", "3.9")}, ["python 3.7"]),
    ({P: project("", "3.7", "3.8")}, {P: project(">=3.8", "3.8", "3.9")}, ["python 3.7"]),
    ({"setup.py": "setup(python_requires='>=3.7')"}, {P: project(">=3.8")}, ["python 3.7"]),
    ({PKG: engines("^14.13 || >=16")}, {PKG: engines(">=18")}, ["node 14", "node 16", "node 17"]),
    ({PKG: engines(">=0.10")}, {PKG: engines(">=4")},
     ["node 0.10", "node 0.12", "node 1", "node 2", "node 3"]),
    ({".nvmrc": "16"}, {".nvmrc": "20"}, ["node 16"]),
    ({"Dockerfile": "FROM debian:buster-slim"}, {"Dockerfile": "FROM debian:12"}, ["debian 10"]),
    ({"Dockerfile": "FROM python:3.8-alpine3.16"}, {"Dockerfile": "FROM python:3.12-alpine3.19"},
     ["alpine 3.16", "python 3.8"]),
    ({"Dockerfile": "FROM ubi8/ubi:8.6"}, {"Dockerfile": "FROM registry.io:80/ubi9:9.1@sha256:1"}, ["rhel 8"]),
    ({"a.gradle": "minSdk 19"}, {"a.gradle": "minSdk 22"}, ["android api 19", "android api 20", "android api 21"]),
    ({"Podfile": "platform :ios, '12.0'"}, {"Podfile": "platform :ios, '14.5'"}, ["ios 12", "ios 13"]),
    ({"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 10.14"}, {"x.xcconfig": "MACOSX_DEPLOYMENT_TARGET = 12"},
     ["macos 10.14", "macos 10.15", "macos 11"]),
    ({"go.mod": "go 1.19"}, {"go.mod": "go 1.21.0"}, ["go 1.19", "go 1.20"]),
    ({"Makefile": "all:"}, {"Makefile": "all: -march=x86-64-v3"}, ["x86-64-v1", "x86-64-v2"]),
    ({"ci/x.sh": "--plat manylinux2014_x86_64"}, {"ci/x.sh": "--plat manylinux_2_28_x86_64"}, ["glibc < 2.28"]),
    ({P: "[tool.cibuildwheel]\nbuild='*'"}, {P: "[tool.cibuildwheel]\nskip='*-win32 *_i686'"},
     ["linux-i686", "win32"]),
    ({P: "[tool.cibuildwheel]\narchs=['auto']"}, {P: "[tool.cibuildwheel]\narchs=['auto64']"},
     ["linux-i686", "win32"]),
    ({PKG: '{"browserslist": ["> 0.5%", "ie 11"]}'}, {PKG: '{"browserslist": ["> 1%", "not op_mini all"]}'},
     ["browsers > 0.5%", "browsers ie 11", "browsers op_mini all"]),
    ({P: '[project]\nclassifiers=["Operating System :: OS Independent"]'},
     {P: '[project]\nclassifiers=["Operating System :: POSIX :: Linux"]'}, ["os macos", "os windows"]),
]  # fmt: skip
NOTHING = [
    ({P: project(">=3.8")}, {P: project(">=3.7")}),
    ({P: project(">=3.8")}, {P: project(">=3.8.1")}),
    ({P: project(">=3.8")}, {P: project(">=3.8,<3.13")}),
    ({P: project(">=3.8")}, {P: project()}),
    ({P: project(">=3.8")}, {}),
    ({}, {P: project(">=3.12")}),
    ({"setup.py": "setup(python_requires='>=3.8')"}, {P: project(">=3.8")}),
    ({P: project(">=3.8", "3.8", "3.9")}, {P: project(">=3.8", "3.9", "3.10")}),
    ({P: project(">=3.8"), CI: matrix("3.8", "3.9")}, {P: project(">=3.8"), CI: matrix("3.9", "3.13")}),
    ({CI: matrix("3.8", system="windows-latest")}, {CI: matrix("3.12")}),
    ({P: project(">=3.8"), ".python-version": "3.8"}, {P: project(">=3.8"), ".python-version": "3.12"}),
    ({P: project(">=3.8"), "docs/.python-version": "3.8"}, {P: project(">=3.8"), "docs/.python-version": "3.12"}),
    ({"Dockerfile": "FROM debian:10 AS b\nFROM debian:12"}, {"Dockerfile": "FROM debian:11 AS b\nFROM debian:12"}),
    ({"Dockerfile": "FROM debian:12"}, {"Dockerfile": "FROM alpine:3.19"}),
    ({"Dockerfile": "FROM python:latest"}, {"Dockerfile": "FROM python:3.12"}),
    ({PKG: engines("16 || 18")}, {PKG: engines("16 || 18 || 20")}),
    ({PKG: '{"browserslist": ["> 1%", "last 1 versions", "not ie 11"]}'},
     {PKG: '{"browserslist": ["> 0.5%", "last 2 versions"]}'}),
    ({"Makefile": "-march=x86-64-v2"}, {"Makefile": "-march=x86-64-v2 -march=x86-64"}),
    ({}, {"bench/Makefile": "-march=haswell"}),
    ({"build.gradle": "minSdk 21"}, {"build.gradle": "minSdk libs.minSdk", "gradle/libs.versions.toml": "minSdk=21"}),
    (mac_wheels("x86_64", "arm64"), mac_wheels("universal2")),
    (mac_wheels("universal2"), mac_wheels("x86_64", "arm64")),
    ({P: "[tool.maturin]\ncompatibility='manylinux2014'"},
     {P: "[tool.maturin]\ncompatibility='manylinux2014'", CI: "jobs: {t: {container: manylinux_2_28_x86_64}}"}),
    ({"CMakeLists.txt": "project(x)"}, {"CMakeLists.txt": "check_c_compiler_flag(-mavx2 HAS)"}),
    ({P: "[tool.cibuildwheel]\narchs=['x86_64', 'aarch64']"}, {P: "[tool.cibuildwheel]\nbuild='*'"}),
]  # fmt: skip


@pytest.mark.parametrize(("base", "head", "names"), DROPS)
def test_every_dropped_release_is_named(device_check: DeviceCheck, base: Any, head: Any, names: list[str]) -> None:
    """Every release from the old minimum to the new one is named, and the reverse change drops none of them."""
    assert sorted(device_check.dropped_names(base, head)) == sorted(names)
    assert not {*device_check.dropped_names(head, base)} & {*names}


@pytest.mark.parametrize(("base", "head"), NOTHING)
def test_lesser_changes_are_no_drops(device_check: DeviceCheck, base: Any, head: Any) -> None:
    """Support that is added, moved, capped, tested less, raised within a release line or not declared is no drop."""
    assert device_check.dropped_names(base, head) == []


NOTES = [
    ({P: project(">=3.8")}, {P: project(">=3.8.1")},
     "the minimum rises from Python 3.8 to 3.8.1 (requires-python of pyproject.toml), within one release line"),
    ({P: project(">=3.8"), CI: matrix("3.8", "3.9")}, {P: project(">=3.8"), CI: matrix("3.9")},
     f"Python 3.8 is no longer tested or built (a matrix of {CI}); this alone drops nothing"),
    ({P: project(">=3.8", "3.8", "3.9")}, {P: project(">=3.8", "3.9")},
     "Python 3.8 is no longer listed (classifiers of pyproject.toml); this alone drops nothing"),
    ({P: project(">=3.8"), ".python-version": "3.8"}, {P: project(">=3.8"), ".python-version": "3.12"},
     "Python 3.8 is no longer used (the version of .python-version); this alone drops nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "head", "note"), NOTES)
def test_a_change_that_only_looks_like_a_drop_is_a_note(
    device_check: DeviceCheck, base: Any, head: Any, note: str
) -> None:
    """The note is made once, and not if a drop names the same release."""
    notes = find_notes(read_declarations(base), read_declarations(head), device_check.facts, device_check.now)
    assert notes == (note,)
    both = find_notes(
        read_declarations(base),
        read_declarations({**head, P: project(">=3.9", "3.9")}),
        device_check.facts,
        device_check.now,
    )
    assert both == ()


def test_a_monorepo_is_compared_project_by_project(device_check: DeviceCheck) -> None:
    """Each project has its own minimum; the same drop in several projects is one drop with all locations."""
    base = {"a/package.json": engines(">=16"), "b/package.json": engines(">=16"), "c/package.json": engines(">=18")}
    head = {**base, "a/package.json": engines(">=18"), "b/package.json": engines(">=18")}
    (drop,) = device_check.drops(base, head)
    assert drop.names == ("node 16", "node 17")
    assert [location.project for location in drop.where] == ["a", "b"]


def test_build_configurations_are_compared_one_by_one(device_check: DeviceCheck) -> None:
    """One raised target of an Xcode project is a drop although another stays; a smaller drop is part of a larger."""
    one, two = "13B07F941A680F5B00A75B9A /* a */ = {", "13B07F951A680F5B00A75B9A /* b */ = {"
    file = "x.xcodeproj/project.pbxproj"

    def text(first: str, second: str) -> str:
        return f"{one}\nIPHONEOS_DEPLOYMENT_TARGET = {first};\n{two}\nIPHONEOS_DEPLOYMENT_TARGET = {second};\n"

    assert device_check.dropped_names({file: text("12.0", "13.0")}, {file: text("14.0", "13.0")}) == [
        "ios 12",
        "ios 13",
    ]
    assert device_check.dropped_names({file: text("12.0", "13.0")}, {file: text("14.0", "14.0")}) == [
        "ios 12",
        "ios 13",
    ]


def test_a_release_of_the_future_is_not_dropped(device_check: DeviceCheck) -> None:
    """A release that is not yet out cannot be dropped."""
    base, head = {P: project(">=3.11")}, {P: project("==3.11.*")}
    early = device_check.on_day(NOW.replace(year=2023, month=1))
    assert device_check.dropped_names(base, head) == early.dropped_names(base, head) == []
    assert early.dropped_names({P: project(">=3.11")}, {P: project(">=3.13")}) == ["python 3.11"]


PYTHONS = [f"3.{minor}" for minor in range(6, 15)]


@LAW
@given(st.sampled_from(PYTHONS), st.sampled_from(PYTHONS))
def test_a_raised_minimum_drops_the_releases_between(low: str, high: str) -> None:
    """Exactly the releases from the old minimum to before the new one are dropped; a lowered minimum drops none."""
    first, last = sorted((PYTHONS.index(low), PYTHONS.index(high)))
    base, head = {P: project(f">={PYTHONS[first]}")}, {P: project(f">={PYTHONS[last]}")}
    device_check = DeviceCheck(shipped())
    assert device_check.dropped_names(base, head) == [f"python {version}" for version in PYTHONS[first:last]]
    assert device_check.dropped_names(head, base) == []


@LAW
@given(st.lists(st.sampled_from(PYTHONS), min_size=1, unique=True), st.lists(st.sampled_from(PYTHONS), unique=True))
def test_added_support_drops_nothing(some: list[str], more: list[str]) -> None:
    """Declaring more drops nothing, whatever was declared, and neither does changing nothing."""
    device_check, base = DeviceCheck(shipped()), {P: project("", *some)}
    assert device_check.dropped_names(base, {P: project("", *some, *more)}) == []
    assert device_check.dropped_names(base, base) == []


STALE = [
    ({P: project(">=3.9")}, [("python", "3.9", "declared")]),
    ({P: project(">=3.13")}, []),
    ({P: project(">=3.9", "2.7", "3.9")}, [("python", "3.9", "declared")]),
    ({"Dockerfile": "FROM debian:10"}, [("debian", "10", "image")]),
    ({"Dockerfile": "FROM debian:10\nFROM debian:13"}, []),
    ({".nvmrc": "18", PKG: engines(">=18")}, [("node", "18", "declared")]),
    ({"a.gradle": "minSdk 19", "Podfile": "platform :ios, '9.0'"}, []),
    ({CI: matrix("3.6")}, []),
]


@pytest.mark.parametrize(("head", "expected"), STALE)
def test_unpatched_releases_are_stale(device_check: DeviceCheck, head: Any, expected: list[Any]) -> None:
    """Runtimes and images that the maker no longer patches are stale; old devices that are still supported are not."""
    stale = find_stale_releases(read_declarations(head), device_check.facts, device_check.now)
    assert [(release.family, release.release.name, release.role) for release in stale] == expected


def test_all_changes_are_found_together(device_check: DeviceCheck) -> None:
    """Drops, notes, stale releases and unreadable files are found in one call."""
    base = {P: project(">=3.8"), PKG: engines(">=16"), CI: matrix("3.8", "3.9"), ".nvmrc": "16"}
    head = {P: project(">=3.9"), PKG: "{", CI: matrix("3.9"), ".nvmrc": "16", "setup.cfg": "no section"}
    declarations = read_declarations(base), read_declarations(head)
    changes = find_support_changes(*declarations, device_check.facts, device_check.now)
    assert [drop.names for drop in changes.drops] == [("python 3.8",)]
    assert changes.notes == ()
    assert [(release.family, release.release.name) for release in changes.stale] == [("node", "16"), ("python", "3.9")]
    assert [file.path for file in changes.unread] == [PKG, "setup.cfg"]
    assert [file.path for file in changes.newly_unreadable] == [PKG]


def test_several_releases_are_no_longer_tested(device_check: DeviceCheck) -> None:
    """A note on several releases is in the plural."""
    base, head = ({P: project(">=3.7"), CI: matrix(*pythons)} for pythons in (("3.7", "3.8", "3.9"), ("3.9",)))
    notes = find_notes(read_declarations(base), read_declarations(head), device_check.facts, device_check.now)
    assert notes == (f"Python 3.7 and 3.8 are no longer tested or built (a matrix of {CI}); this alone drops nothing",)
