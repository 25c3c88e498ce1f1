"""Compares what base and head declare to support: finds drops, notes on lesser changes, and unpatched releases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from packaging.version import Version

from pytest_carbon.core.devices.browser_lists import narrowed_queries
from pytest_carbon.core.devices.dependency_drops import PackageNeeds, find_dependency_drops
from pytest_carbon.core.devices.match_statements import StatementPair, Support, match_statements, strongest_supports
from pytest_carbon.core.devices.stranded_devices import find_stranded, find_stranded_by_name
from pytest_carbon.core.devices.support_values import (
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
from pytest_carbon.core.devices.wording import join_words, location_text, minimum_label, releases_label, short_name

FAMILIES_BY_MINIMUM = frozenset({"glibc", "musl"})
"""Families whose drops are named by the new minimum, as in ``glibc < 2.28``."""
_COUNTED_FAMILIES = frozenset({"android"})
"""Families whose releases are consecutive numbers; the facts have only the numbers of phones."""
_DEVICE_SYSTEMS = frozenset({"ios", "tvos", "watchos", "visionos", "android", "macos"})


@dataclass(frozen=True, slots=True)
class SupportChanges:
    """What a change does to what the project supports.

    ``stale`` are releases that head supports or uses although the maker no longer patches them. ``newly_unreadable``
    are files that declare something in base and cannot be read in head.
    """

    drops: tuple[Drop, ...] = ()
    notes: tuple[str, ...] = ()
    stale: tuple[StaleRelease, ...] = ()
    unread: tuple[UnreadableFile, ...] = ()
    newly_unreadable: tuple[UnreadableFile, ...] = ()


def find_support_changes(
    base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime, needs: PackageNeeds | None = None
) -> SupportChanges:
    """Return all changes of support from base to head; ``needs`` are the Python versions that packages need."""
    dependency_drops, dependency_notes = find_dependency_drops(base, head, needs or {}, facts)
    return SupportChanges(
        drops=merge_drops(find_drops(base, head, facts, now) + dependency_drops),
        notes=find_notes(base, head, facts, now) + dependency_notes,
        stale=find_stale_releases(head, facts, now),
        unread=head.unread,
        newly_unreadable=find_newly_unreadable(base, head),
    )


def find_newly_unreadable(base: Declarations, head: Declarations) -> tuple[UnreadableFile, ...]:
    """Return the unreadable files of head that make statements in base and none in head."""
    before, after = ({statement.path for statement in side.statements} for side in (base, head))
    return tuple(file for file in head.unread if file.path in before - after)


def find_drops(base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[Drop, ...]:
    """Return what base supports and head does not; equal drops in several places are merged into one.

    A minimum raised within a release line (3.7 to 3.7.1), a cap from above, a setting moved to another file and a
    setting that head lacks are no drops. Releases that are not out ``now`` cannot be dropped.
    """
    return merge_drops(
        _make_drop(pair, lost, facts)
        for pair in match_statements(base, head)
        if pair.decisive and (lost := _lost_releases(pair, facts, now.date()))
    )


def merge_drops(drops: Iterable[Drop]) -> tuple[Drop, ...]:
    """Merge a drop into another drop that contains all its names; keep the locations of both. Largest drop first."""
    merged: list[Drop] = []
    for drop in sorted(drops, key=lambda drop: -len(drop.names)):
        number = next((n for n, larger in enumerate(merged) if {*drop.names} <= {*larger.names}), None)
        if number is None:
            merged.append(drop)
        else:
            where = tuple(dict.fromkeys((*merged[number].where, *drop.where)))
            merged[number] = replace(merged[number], where=where)
    return tuple(merged)


def _lost_releases(pair: StatementPair, facts: DeviceFacts, today: date) -> tuple[str, ...]:
    """Return the releases, oldest first, or the names that base accepts and head does not."""
    if pair.family == "browsers":
        return narrowed_queries(pair.base.names, pair.head.names)
    if pair.family in FAMILIES_OF_NAMES:
        remaining = {name.removesuffix(UNCERTAIN) for name in pair.head.names}
        return tuple(name for name in pair.base.names if name not in remaining and not name.endswith(UNCERTAIN))
    if pair.family in FAMILIES_BY_MINIMUM:
        before, after = pair.base.minimum, pair.head.minimum
        return (str(after),) if before and after and after > before else ()
    released = [release.name for release in facts.releases.get(pair.family, ()) if (release.released or today) <= today]
    lines = _candidate_lines(pair, released)
    newest_kept = max((Version(line) for line in lines if pair.head.accepts(line)), default=None)
    lost = [line for line in lines if pair.base.accepts(line) and not pair.head.accepts(line)]
    return tuple(line for line in lost if newest_kept is None or Version(line) < newest_kept)


def _candidate_lines(pair: StatementPair, released: Sequence[str]) -> list[str]:
    """Return the release lines that may have been lost: all released lines, and those from minimum to minimum."""
    minima = [minimum for side in (pair.base, pair.head) if (minimum := side.minimum)]
    if not minima:
        return sorted(released, key=Version)
    highest = release_line(pair.family, max(minima))
    listed = [] if pair.family in _COUNTED_FAMILIES else released
    between = release_lines_between(pair.family, min(minima), max(minima), listed)
    return sorted({*between, highest, *released}, key=Version)


def _make_drop(pair: StatementPair, lost: tuple[str, ...], facts: DeviceFacts) -> Drop:
    before, after = pair.base.minimum, pair.head.minimum
    if pair.family in FAMILIES_OF_NAMES:
        before = after = None
        groups, unknown = find_stranded_by_name(pair.family, lost, facts)
    else:
        in_image = pair.head.role == "image"
        groups, unknown = find_stranded(pair.family, before, after, facts, in_image=in_image)
    return Drop(
        family=pair.family,
        names=tuple(short_name(pair.family, release) for release in lost),
        releases=lost,
        where=pair.head.locations,
        before=str(before) if before else None,
        after=str(after) if after else None,
        patched=_find_release(pair.family, lost[-1], facts),
        stranded=tuple(dict.fromkeys(groups)),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _find_release(family: str, name: str, facts: DeviceFacts) -> Release | None:
    releases = facts.releases.get(family, ())
    return next((release for release in releases if parse_version(release.name) == parse_version(name)), None)


# -- notes -------------------------------------------------------------------------------------------------


def find_notes(base: Declarations, head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[str, ...]:
    """Return one clause for each change that only looks like a drop, unless a drop names the same releases."""
    dropped = {name for drop in find_drops(base, head, facts, now) for name in drop.names}
    pairs = match_statements(base, head)
    return tuple(dict.fromkeys(note for pair in pairs if (note := _note_on_pair(pair, facts, now.date(), dropped))))


def _note_on_pair(pair: StatementPair, facts: DeviceFacts, today: date, dropped: set[str]) -> str | None:
    lost = [name for name in _lost_releases(pair, facts, today) if short_name(pair.family, name) not in dropped]
    where = join_words([location_text(location) for location in pair.head.locations])
    if lost and not pair.decisive:
        no_longer = f"{'are' if len(lost) > 1 else 'is'} no longer"
        verb = {"tested": "tested or built", "claimed": "listed"}.get(pair.head.role, "used")
        return f"{releases_label(pair.family, lost)} {no_longer} {verb} ({where}); this alone drops nothing"
    before, after = pair.base.minimum, pair.head.minimum
    if not pair.decisive or lost or pair.family in FAMILIES_OF_NAMES or not before or not after or after <= before:
        return None
    if release_line(pair.family, before) == release_line(pair.family, after):
        minimum = minimum_label(pair.family, str(before))
        return f"the minimum rises from {minimum} to {after} ({where}), within one release line"
    return None


# -- unpatched releases -------------------------------------------------------------------------------------------


def find_stale_releases(head: Declarations, facts: DeviceFacts, now: datetime) -> tuple[StaleRelease, ...]:
    """Return the minimum releases of head that the maker no longer patches ``now``, by family and version.

    Systems of devices are left out: supporting a phone that its maker has given up keeps the phone alive.
    """
    stale: dict[tuple[str, str], StaleRelease] = {}
    for family, support in strongest_supports(head):
        release = _unpatched_minimum(family, support, facts, now.date())
        if release:
            same = stale.get((family, release.name))
            where = (*same.where, *support.locations) if same else support.locations
            role = same.role if same else support.role
            stale[family, release.name] = StaleRelease(family, release, role, tuple(dict.fromkeys(where)))
    return tuple(sorted(stale.values(), key=lambda release: (release.family, Version(release.release.name))))


def _unpatched_minimum(family: str, support: Support, facts: DeviceFacts, today: date) -> Release | None:
    minimum = support.minimum
    if family in FAMILIES_OF_NAMES | _DEVICE_SYSTEMS or support.role == "tested" or minimum is None:
        return None
    release = _find_release(family, release_line(family, minimum), facts)
    return release if release and release.until and release.until < today else None
