"""Whom a raised minimum strands: the devices and systems that cannot go beyond what was dropped."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import Version

from pytest_carbon.core.devices.values import DeviceFacts, DeviceGroup
from pytest_carbon.core.devices.version_ranges import line_of, version
from pytest_carbon.core.devices.wording import label_of

CPU = "x86-64"
Strands = tuple[tuple[DeviceGroup, ...], tuple[str, ...]]


def stranded(
    family: str, before: Version | None, after: Version | None, facts: DeviceFacts, *, in_image: bool = False
) -> Strands:
    """Return who could follow ``before`` and cannot follow ``after``, and in sentences what could not be told.

    Without ``before`` there was no minimum. A family that needs others (Python needs a Windows) strands those who
    cannot follow these. An image brings its own system, so that only its need of a CPU can strand anybody.
    """
    if after is None:
        return (), ()
    if in_image and CPU not in _needed(facts.needs.get(family, {}), after):
        return (), ()
    holders = _between(facts.groups.get(family, ()), before, after)
    if family in facts.needs:
        more, unknown = _by_needs(family, before, after, facts)
        return holders + more, unknown
    what = label_of(family, line_of(family, after))
    if family not in facts.groups:
        return (), (f"no table says which devices cannot follow {what}",)
    if _beyond(family, after, facts):
        return holders, (f"which of the newest devices cannot follow {what} is not in the tables yet",)
    return holders, ()


def _between(holders: tuple[DeviceGroup, ...], before: Version | None, after: Version) -> tuple[DeviceGroup, ...]:
    """Return the holders whose last release, with all its updates, is at least ``before`` and less than ``after``."""
    lasts = [(holder, Version(f"{holder.last}.99999")) for holder in holders]
    return tuple(holder for holder, last in lasts if last < after and (before is None or last >= before))


def _by_needs(family: str, before: Version | None, after: Version, facts: DeviceFacts) -> Strands:
    steps = facts.needs[family]
    if _beyond(family, after, facts):
        what = label_of(family, line_of(family, after))
        return (), (f"what {what} needs is not in the tables yet",)
    had, has = _needed(steps, before), _needed(steps, after)
    holders: tuple[DeviceGroup, ...] = ()
    unknown: tuple[str, ...] = ()
    for other, least in has.items():
        was, now = version(had.get(other, "0")), version(least)
        if was and now and now > was:
            more, open_ = stranded(other, was, now, facts)
            holders, unknown = holders + more, unknown + open_
    return holders, unknown


def _needed(steps: Mapping[str, Mapping[str, str]], of: Version | None) -> Mapping[str, str]:
    """Return what a release needs: what the last step says that is not newer; without a release the first."""
    ordered = sorted(steps, key=Version)
    taken = [step for step in ordered if of is not None and Version(step) <= of] or ordered[:1]
    return steps[taken[-1]] if taken else {}


def _beyond(family: str, of: Version, facts: DeviceFacts) -> bool:
    """Say whether a release is newer than all that the tables speak of."""
    names = (
        [facts.newest_covered[family]]
        if family in facts.newest_covered
        else [one.name for one in facts.releases.get(family, ())]
    )
    known = [one for name in names if (one := version(name))]
    return bool(known) and Version(line_of(family, of)) > max(known)


def stranded_by_name(family: str, names: tuple[str, ...], facts: DeviceFacts) -> Strands:
    """Return who is stranded when names are dropped (``win32``), and in sentences what could not be told."""
    holders = [holder for holder in facts.groups.get(family, ()) if holder.last in names]
    told = {holder.last for holder in holders}
    unknown = [f"no table says which devices need {label_of(family, name)}" for name in names if name not in told]
    return tuple(holders), tuple(unknown)
