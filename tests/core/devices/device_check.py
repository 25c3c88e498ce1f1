"""Shared by the tests on devices: the shipped facts, one moment, small projects, and a change judged in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.find_drops import find_drops, find_support_changes
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, MaintainedBranch, judge_drops
from pytest_carbon.core.devices.support_values import DeviceFacts, Drop
from pytest_carbon.declared.read_project import read_declarations
from pytest_carbon.device_facts.lifecycles import shipped_facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Files = Mapping[str, str]
PYPROJECT = "pyproject.toml"
MIXED_BASE = {
    "pyproject.toml": '[project]\nrequires-python = ">=3.8"\n',
    "ci/wheels.sh": "auditwheel repair --plat manylinux2014_x86_64\n",
    "Dockerfile": "FROM debian:10\n",
    "package.json": "{}",
}
MIXED_HEAD = {
    "pyproject.toml": '[project]\nrequires-python = ">=3.9"\n',
    "ci/wheels.sh": "auditwheel repair --plat manylinux_2_28_x86_64\n",
    "Dockerfile": "FROM debian:11\n",
    "package.json": "{",
}
"""A project and a change of it: drops of three kinds, an outdated release, and a file that cannot be read."""


def python_project(minimum: str, *dependencies: str) -> dict[str, str]:
    """Return the files of a project that requires at least this Python, and some dependencies."""
    listed = f"\ndependencies = {list(dependencies)!r}" if dependencies else ""
    return {PYPROJECT: f'[project]\nrequires-python = ">={minimum}"{listed}'}


def wheel_script(tag: str) -> dict[str, str]:
    """Return the files of a project whose CI builds wheels for a platform tag."""
    return {"ci/wheels.sh": f"--plat {tag}"}


def podfile(minimum: str) -> dict[str, str]:
    """Return the files of a project that supports at least this iOS."""
    return {"Podfile": f"platform :ios, '{minimum}'"}


@cache
def shipped() -> DeviceFacts:
    """Return the shipped facts, which are read once."""
    return shipped_facts()


@dataclass
class DeviceCheck:
    """Finds and judges the drops between the files of base and head, with given facts at a given moment."""

    facts: DeviceFacts
    now: datetime = NOW

    def drops(self, base: Files, head: Files) -> tuple[Drop, ...]:
        return find_drops(read_declarations(base), read_declarations(head), self.facts, self.now)

    def dropped_names(self, base: Files, head: Files) -> list[str]:
        return [name for drop in self.drops(base, head) for name in drop.names]

    def judge(
        self, base: Files, head: Files, rule: DevicesRule | None = None, *branches: MaintainedBranch
    ) -> DevicesVerdict:
        declarations = read_declarations(base)
        changes = find_support_changes(declarations, read_declarations(head), self.facts, self.now)
        return judge_drops(changes, declarations, rule or DevicesRule(), branches, self.facts, self.now)

    def on_day(self, now: datetime) -> DeviceCheck:
        """Return the same check at another moment."""
        return DeviceCheck(self.facts, now)

    def with_facts_of(self, day: date) -> DeviceCheck:
        """Return the same check with facts of another day."""
        return DeviceCheck(replace(self.facts, as_of=day), self.now)
