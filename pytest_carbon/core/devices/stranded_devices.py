"""Finds the devices and systems that a raised minimum strands."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import Version

from pytest_carbon.core.devices.support_values import DeviceFacts, DeviceGroup
from pytest_carbon.core.devices.version_ranges import parse_version, release_line
from pytest_carbon.core.devices.wording import minimum_label, release_label

CPU = "x86-64"
StrandedAndUnknown = tuple[tuple[DeviceGroup, ...], tuple[str, ...]]
"""The stranded devices, and clauses about what the facts do not know."""


def find_stranded(
    family: str, before: Version | None, after: Version | None, facts: DeviceFacts, *, in_image: bool = False
) -> StrandedAndUnknown:
    """Return the devices that can run ``before`` but not ``after``.

    ``before`` is None if there was no minimum. A family that needs other families (Python needs a Windows) strands the
    devices that cannot run those. An image brings its own system, so only its need of a CPU can strand devices.
    """
    if after is None:
        return (), ()
    if in_image and CPU not in _needs_of(facts.needs.get(family, {}), after):
        return (), ()
    groups = _groups_between(facts.groups.get(family, ()), before, after)
    if family in facts.needs:
        more, unknown = _stranded_by_needs(family, before, after, facts)
        return groups + more, unknown
    label = minimum_label(family, release_line(family, after))
    if family not in facts.groups:
        return (), (f"no table lists the devices that cannot run {label}",)
    if _is_beyond_tables(family, after, facts):
        return groups, (f"no table says yet which of the newest devices cannot run {label}",)
    return groups, ()


def _groups_between(groups: tuple[DeviceGroup, ...], before: Version | None, after: Version) -> tuple[DeviceGroup, ...]:
    """Return the groups whose last release, with all its updates, is at least ``before`` and less than ``after``."""
    lasts = [(group, Version(f"{group.last}.99999")) for group in groups]
    return tuple(group for group, last in lasts if last < after and (before is None or last >= before))


def _stranded_by_needs(family: str, before: Version | None, after: Version, facts: DeviceFacts) -> StrandedAndUnknown:
    steps = facts.needs[family]
    if _is_beyond_tables(family, after, facts):
        return (), (f"no table says yet what {release_label(family, release_line(family, after))} needs",)
    needs_before, needs_after = _needs_of(steps, before), _needs_of(steps, after)
    groups: tuple[DeviceGroup, ...] = ()
    unknown: tuple[str, ...] = ()
    for needed_family, release in needs_after.items():
        old, new = parse_version(needs_before.get(needed_family, "0")), parse_version(release)
        if old and new and new > old:
            more_groups, more_unknown = find_stranded(needed_family, old, new, facts)
            groups, unknown = groups + more_groups, unknown + more_unknown
    return groups, unknown


def _needs_of(steps: Mapping[str, Mapping[str, str]], release: Version | None) -> Mapping[str, str]:
    """Return what a release needs: the newest step that is not newer than the release, else the first step."""
    ordered = sorted(steps, key=Version)
    reached = [step for step in ordered if release is not None and Version(step) <= release] or ordered[:1]
    return steps[reached[-1]] if reached else {}


def _is_beyond_tables(family: str, release: Version, facts: DeviceFacts) -> bool:
    """Return whether a release is newer than every release that the tables cover."""
    covered = facts.newest_covered.get(family)
    names = [covered] if covered else [line.name for line in facts.releases.get(family, ())]
    versions = [version for name in names if (version := parse_version(name))]
    return bool(versions) and Version(release_line(family, release)) > max(versions)


def find_stranded_by_name(family: str, names: tuple[str, ...], facts: DeviceFacts) -> StrandedAndUnknown:
    """Return the devices that need one of the dropped names (``win32``)."""
    groups = [group for group in facts.groups.get(family, ()) if group.last in names]
    listed = {group.last for group in groups}
    missing = [release_label(family, name) for name in names if name not in listed]
    return tuple(groups), tuple(f"no table lists the devices that need {label}" for label in missing)
