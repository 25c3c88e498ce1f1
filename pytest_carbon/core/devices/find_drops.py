"""What base and head declare to run on -> what the change drops, what it only hints at, and what is out of date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from packaging.version import Version

from pytest_carbon.core.devices.browser_lists import narrowed_queries
from pytest_carbon.core.devices.dependency_drops import PackageNeeds, find_dependency_drops
from pytest_carbon.core.devices.match_statements import StatementPair, Support, match_statements, strongest_supports
from pytest_carbon.core.devices.stranded_devices import find_stranded, find_stranded_by_name
from pytest_carbon.core.devices.values import (
    FAMILIES_OF_NAMES,
    UNCERTAIN,
    Declarations,
    DeviceFacts,
    Drop,
    Release,
    StaleRelease,
    UnreadableFile,
)
from pytest_carbon.core.devices.version_ranges import parse_version, release_line, release_lines_between
from pytest_carbon.core.devices.wording import join_words, releases_label, short_name

FAMILIES_BY_MINIMUM = frozenset({"glibc", "musl"})
"""Families of which only the minimum is named, as in ``glibc < 2.28``."""
_COUNTED_FAMILIES = frozenset({"android"})
"""Families whose releases are numbers without gaps, of which the facts have only those of phones."""
_DEVICE_SYSTEMS = frozenset({"ios", "tvos", "watchos", "visionos", "android", "macos"})


@dataclass(frozen=True, slots=True)
class SupportChanges:
    """All that a change does to what the project runs on; ``hidden`` are files that only base could be read in."""

    drops: tuple[Drop, ...] = ()
    notes: tuple[str, ...] = ()
    stale: tuple[StaleRelease, ...] = ()
    unread: tuple[UnreadableFile, ...] = ()
    newly_unreadable: tuple[UnreadableFile, ...] = ()


def find_support_changes(
    base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime, known: PackageNeeds | None = None
) -> SupportChanges:
    """Return what head drops of base, what only looks so, what is past its support, and what could not be read.

    ``known`` says which Python the packages need that head asks for.
    """
    asked, open_ = find_dependency_drops(base, head, known or {}, facts)
    told = merge_drops(find_drops(base, head, facts, now) + asked)
    noted = find_notes(base, head, facts, now) + open_
    return SupportChanges(
        told, noted, find_stale_releases(head, facts, now), head.unread, find_newly_unreadable(base, head)
    )


def find_newly_unreadable(base: Declarations, head: Declarations) -> tuple[UnreadableFile, ...]:
    """Return the files of which head has nothing, since they cannot be read there, and base had something."""
    before, after = ({one.path for one in side.statements} for side in (base, head))
    return tuple(one for one in head.unread if one.path in before - after)


def find_drops(base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[Drop, ...]:
    """Return what head no longer supports of what base did; the same drop in several places is one.

    Raised within a release (3.7 to 3.7.1), capped from above, moved to another file, or no longer said at all is no
    drop. ``now`` decides which releases there are already.
    """
    found = [
        _make_drop(pair, lost, facts)
        for pair in match_statements(base, head)
        if pair.decisive and (lost := _lost_releases(pair, facts, now.date()))
    ]
    return merge_drops(found)


def merge_drops(found: Iterable[Drop]) -> tuple[Drop, ...]:
    """Return drops without those that another tells already; their places are added to its own."""
    kept: list[Drop] = []
    for drop in sorted(found, key=lambda one: -len(one.names)):
        number = next((n for n, one in enumerate(kept) if {*drop.names} <= {*one.names}), None)
        if number is None:
            kept.append(drop)
        else:
            where = tuple(dict.fromkeys((*kept[number].where, *drop.where)))
            kept[number] = replace(kept[number], where=where)
    return tuple(kept)


def _lost_releases(pair: StatementPair, facts: DeviceFacts, today: date) -> tuple[str, ...]:
    """Return the releases, or names, that base takes and head does not, oldest first."""
    if pair.family == "browsers":
        return narrowed_queries(pair.base.names, pair.head.names)
    if pair.family in FAMILIES_OF_NAMES:
        still = {name.removesuffix(UNCERTAIN) for name in pair.head.names}
        return tuple(name for name in pair.base.names if name not in still and not name.endswith(UNCERTAIN))
    if pair.family in FAMILIES_BY_MINIMUM:
        before, after = pair.base.minimum, pair.head.minimum
        return (str(after),) if before and after and after > before else ()
    known = [release.name for release in facts.releases.get(pair.family, ()) if (release.released or today) <= today]
    lines = _candidate_lines(pair, known)
    kept = [line for line in lines if pair.head.accepts(line)]
    newest = max((Version(line) for line in kept), default=None)
    lost = [line for line in lines if pair.base.accepts(line) and not pair.head.accepts(line)]
    return tuple(line for line in lost if newest is None or Version(line) < newest)


def _candidate_lines(pair: StatementPair, known: Sequence[str]) -> list[str]:
    """Return the release lines that both sides can be asked for: all that are known, and those of their minima."""
    floors = [bound for side in (pair.base, pair.head) if (bound := side.minimum)]
    if not floors:
        return sorted(known, key=Version)
    edge = release_line(pair.family, max(floors))
    between = release_lines_between(
        pair.family, min(floors), max(floors), [] if pair.family in _COUNTED_FAMILIES else known
    )
    return sorted({*between, edge, *known}, key=Version)


def _make_drop(pair: StatementPair, lost: tuple[str, ...], facts: DeviceFacts) -> Drop:
    before, after = pair.base.minimum, pair.head.minimum
    if pair.family in FAMILIES_OF_NAMES:
        before = after = None
        holders, unknown = find_stranded_by_name(pair.family, lost, facts)
    else:
        in_image = pair.head.role == "image"
        holders, unknown = find_stranded(pair.family, before, after, facts, in_image=in_image)
    return Drop(
        family=pair.family,
        names=tuple(short_name(pair.family, release) for release in lost),
        releases=lost,
        where=pair.head.locations,
        before=str(before) if before else None,
        after=str(after) if after else None,
        patched=_find_release(pair.family, lost[-1], facts),
        stranded=tuple(dict.fromkeys(holders)),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _find_release(family: str, name: str, facts: DeviceFacts) -> Release | None:
    known = (
        release for release in facts.releases.get(family, ()) if parse_version(release.name) == parse_version(name)
    )
    return next(known, None)


# -- notes -------------------------------------------------------------------------------------------------


def find_notes(base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[str, ...]:
    """Return sentences for what looks like a drop and is none, and is told by no drop already."""
    gone = {name for drop in find_drops(base, head, facts, now) for name in drop.names}
    found = [note for pair in match_statements(base, head) if (note := _note_on_pair(pair, facts, now.date(), gone))]
    return tuple(dict.fromkeys(found))


def _note_on_pair(pair: StatementPair, facts: DeviceFacts, today: date, gone: set[str]) -> str | None:
    lost = [one for one in _lost_releases(pair, facts, today) if short_name(pair.family, one) not in gone]
    where = _locations_text(pair.head)
    if lost and not pair.decisive:
        verb = {"tested": "tried or built", "claimed": "named"}.get(pair.head.role, "used")
        return f"{releases_label(pair.family, lost)} is no longer {verb} ({where}); that alone drops nothing"
    before, after = pair.base.minimum, pair.head.minimum
    if not pair.decisive or lost or pair.family in FAMILIES_OF_NAMES or not before or not after or after <= before:
        return None
    if release_line(pair.family, before) == release_line(pair.family, after):
        return f"the least {releases_label(pair.family, [str(before)])} is now {after} ({where}), within one release"
    return None


def _locations_text(support: Support) -> str:
    return join_words(list(dict.fromkeys(f"{place.setting} of {place.path}" for place in support.locations)))


# -- out of date -------------------------------------------------------------------------------------------


def find_stale_releases(head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[StaleRelease, ...]:
    """Return what head declares or builds upon at the least, and upstream patched for the last time before ``now``.

    Systems of devices are left out: to support a phone that its maker has given up is what keeps it alive.
    """
    found: dict[tuple[str, str], StaleRelease] = {}
    for family, support in strongest_supports(head):
        release = _past_support(family, support, facts, now.date())
        if release:
            same = found.get((family, release.name))
            where = (*same.where, *support.locations) if same else support.locations
            role = same.role if same else support.role
            found[family, release.name] = StaleRelease(family, release, role, tuple(dict.fromkeys(where)))
    return tuple(sorted(found.values(), key=lambda one: (one.family, Version(one.release.name))))


def _past_support(family: str, support: Support, facts: DeviceFacts, today: date) -> Release | None:
    """Return the least release of what is supported, if it is past its support."""
    bound = support.minimum
    if family in FAMILIES_OF_NAMES | _DEVICE_SYSTEMS or support.role == "tested" or bound is None:
        return None
    release = _find_release(family, release_line(family, bound), facts)
    return release if release and release.until and release.until < today else None
