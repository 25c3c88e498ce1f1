"""What the tests of devices share: the shipped facts, a moment, and a change judged in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from pytest_carbon.core.devices import find_drops as devices
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, MaintainedBranch, judge_drops
from pytest_carbon.core.devices.values import DeviceFacts, Drop
from pytest_carbon.declared import read_project
from pytest_carbon.device_facts.lifecycles import shipped_facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Files = Mapping[str, str]


@cache
def cached_facts() -> DeviceFacts:
    """Return the shipped facts, read once."""
    return shipped_facts()


@dataclass
class DeviceCheck:
    """Base and head as files, and what is made of them on a day."""

    facts: DeviceFacts
    now: datetime = NOW

    def drops(self, base: Files, head: Files) -> tuple[Drop, ...]:
        return devices.find_drops(
            read_project.read_declarations(base), read_project.read_declarations(head), self.facts, self.now
        )

    def names(self, base: Files, head: Files) -> list[str]:
        return [name for drop in self.drops(base, head) for name in drop.names]

    def judged(
        self, base: Files, head: Files, rule: DevicesRule | None = None, *branches: MaintainedBranch
    ) -> DevicesVerdict:
        ours, theirs = read_project.read_declarations(base), read_project.read_declarations(head)
        found = devices.find_support_changes(ours, theirs, self.facts, self.now)
        return judge_drops(found, ours, rule or DevicesRule(), branches, self.facts, self.now)

    def on(self, now: datetime) -> DeviceCheck:
        """Return the same on another day."""
        return DeviceCheck(self.facts, now)

    def with_facts_of(self, day: date) -> DeviceCheck:
        """Return the same with facts of another day."""
        return DeviceCheck(replace(self.facts, as_of=day), self.now)
