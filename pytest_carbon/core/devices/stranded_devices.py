"""Whom a raised minimum strands: the devices and systems that cannot go beyond what was dropped."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import Version

from pytest_carbon.core.devices.values import DeviceFacts, DeviceGroup
from pytest_carbon.core.devices.version_ranges import parse_version, release_line
from pytest_carbon.core.devices.wording import release_label

CPU = "x86-64"
StrandedAndUnknown = tuple[tuple[DeviceGroup, ...], tuple[str, ...]]


def find_stranded(
    family: str, before: Version | None, after: Version | None, facts: DeviceFacts, *, in_image: bool = False
) -> StrandedAndUnknown:
    """Return who could follow ``before`` and cannot follow ``after``, and in sentences what could not be told.

    Without ``before`` there was no minimum. A family that needs others (Python needs a Windows) strands those who
    cannot follow these. An image brings its own system, so that only its need of a CPU can strand anybody.
    """
    if after is None:
        return (), ()
    if in_image and CPU not in _needs_of(facts.needs.get(family, {}), after):
        return (), ()
    holders = _groups_between(facts.groups.get(family, ()), before, after)
    if family in facts.needs:
        more, unknown = _stranded_by_needs(family, before, after, facts)
        return holders + more, unknown
    what = release_label(family, release_line(family, after))
    if family not in facts.groups:
        return (), (f"no table says which devices cannot follow {what}",)
    if _is_beyond_tables(family, after, facts):
        return holders, (f"which of the newest devices cannot follow {what} is not in the tables yet",)
    return holders, ()


def _groups_between(
    holders: tuple[DeviceGroup, ...], before: Version | None, after: Version
) -> tuple[DeviceGroup, ...]:
    """Return the holders whose last release, with all its updates, is at least ``before`` and less than ``after``."""
    lasts = [(holder, Version(f"{holder.last}.99999")) for holder in holders]
    return tuple(holder for holder, last in lasts if last < after and (before is None or last >= before))


def _stranded_by_needs(family: str, before: Version | None, after: Version, facts: DeviceFacts) -> StrandedAndUnknown:
    steps = facts.needs[family]
    if _is_beyond_tables(family, after, facts):
        what = release_label(family, release_line(family, after))
        return (), (f"what {what} needs is not in the tables yet",)
    had, has = _needs_of(steps, before), _needs_of(steps, after)
    holders: tuple[DeviceGroup, ...] = ()
    unknown: tuple[str, ...] = ()
    for other, least in has.items():
        was, now = parse_version(had.get(other, "0")), parse_version(least)
        if was and now and now > was:
            more, open_ = find_stranded(other, was, now, facts)
            holders, unknown = holders + more, unknown + open_
    return holders, unknown


def _needs_of(steps: Mapping[str, Mapping[str, str]], of: Version | None) -> Mapping[str, str]:
    """Return what a release needs: what the last step says that is not newer; without a release the first."""
    ordered = sorted(steps, key=Version)
    taken = [step for step in ordered if of is not None and Version(step) <= of] or ordered[:1]
    return steps[taken[-1]] if taken else {}


def _is_beyond_tables(family: str, of: Version, facts: DeviceFacts) -> bool:
    """Say whether a release is newer than all that the tables speak of."""
    names = (
        [facts.newest_covered[family]]
        if family in facts.newest_covered
        else [one.name for one in facts.releases.get(family, ())]
    )
    known = [one for name in names if (one := parse_version(name))]
    return bool(known) and Version(release_line(family, of)) > max(known)


def find_stranded_by_name(family: str, names: tuple[str, ...], facts: DeviceFacts) -> StrandedAndUnknown:
    """Return who is stranded when names are dropped (``win32``), and in sentences what could not be told."""
    holders = [holder for holder in facts.groups.get(family, ()) if holder.last in names]
    told = {holder.last for holder in holders}
    unknown = [f"no table says which devices need {release_label(family, name)}" for name in names if name not in told]
    return tuple(holders), tuple(unknown)
