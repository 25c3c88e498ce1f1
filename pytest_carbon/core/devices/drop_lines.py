"""What a change does to devices -> rows of text, the same for the terminal and for Markdown; nothing is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pytest_carbon.core.devices.judge_drops import OLD_FACTS_DAYS, DevicesVerdict, DropState, JudgedDrop
from pytest_carbon.core.devices.values import DeviceGroup, Drop, StaleRelease
from pytest_carbon.core.devices.wording import (
    age_text,
    join_some,
    join_words,
    patched_text,
    release_label,
    releases_label,
)

STATE_WORDS: dict[DropState, str] = {
    "pass": "pass",
    "overridden": "approved",
    "inconclusive": "could not tell",
    "warn": "warning",
    "fail": "fail",
}
_REMEDIES = {
    "python": 'where only a dependency needs it, ask for the old one by a marker: ; python_version < "{after}"',
    "node": "keep a release line for it, and let engines of that line name it",
    "glibc": "build wheels for both: the old manylinux tag beside the new one",
    "musl": "build wheels for both: the old musllinux tag beside the new one",
    "wheels": "keep a source distribution that builds there, and say so",
    "x86-64": "build for both levels and choose when it runs, as glibc's hwcaps and GCC's target_clones do",
    "android": "publish several APKs by API level: older phones keep getting the last one that runs there",
    "ios": "the App Store keeps offering the last version that runs: keep its server side working, and patch it",
    "macos": "offer the last version that runs there for download, and patch it",
    "browsers": "serve these browsers a build of their own, or the plain page without scripts",
}


@dataclass(frozen=True, slots=True)
class DropLine:
    """One drop in words."""

    dropped: str
    settings: str
    strands: str
    upstream: str
    state: DropState
    reason: str
    remedies: tuple[str, ...]


def headline(verdict: DevicesVerdict) -> str:
    """Return what the change drops, and whom that strands, in one sentence; of several drops the worst."""
    if verdict.rule.mode == "off":
        return 'Devices are not looked at: the policy says devices = "off".'
    if not verdict.judged_drops:
        return inconclusive_text(verdict) or "This change drops nothing that the project declares to run on."
    first, more = verdict.judged_drops[0], len(verdict.judged_drops) - 1
    line = format_drop(first, verdict)
    upstream = f"; {line.upstream}" if line.upstream else ""
    also = f" It drops {more} more thing{'s' if more > 1 else ''}." if more else ""
    said = f"This change drops {line.dropped}: {line.strands}{upstream}.{also}"
    return f"{said} {inconclusive_text(verdict)}".rstrip()


def inconclusive_text(verdict: DevicesVerdict) -> str:
    """Say that not all could be told, and why; empty where it could."""
    if not verdict.inconclusive_reason:
        return ""
    more, end = " more" if verdict.judged_drops else "", "" if verdict.inconclusive_reason.endswith((".", "?")) else "."
    return f"Whether this change drops anything{more} could not be told: {verdict.inconclusive_reason}{end}"


def format_drops(verdict: DevicesVerdict) -> list[DropLine]:
    """Return every drop in words, the worst first."""
    return [format_drop(judged, verdict) for judged in verdict.judged_drops]


def format_drop(judged: JudgedDrop, verdict: DevicesVerdict) -> DropLine:
    """Return one drop in words."""
    drop, today = judged.drop, verdict.today
    where = [f"{place.setting} of {place.path}" for place in drop.where]
    upstream = patched_text(drop.family, drop.patched, today) if drop.patched else ""
    return DropLine(
        dropped=releases_label(drop.family, drop.releases),
        settings=join_some(where, 3),
        strands=_stranded_text(drop, today),
        upstream=upstream,
        state=judged.state,
        reason=judged.why,
        remedies=() if judged.state in ("pass", "overridden") else remedies_for(drop),
    )


def approval_text(verdict: DevicesVerdict) -> str:
    """Say who let the drops pass and why, or why a label that asks for that does not count; empty where neither is."""
    given = verdict.approval
    if given:
        return f"{given.approver} approved this for {given.author}: {given.reason}"
    return f"Not approved: {verdict.refusal}" if verdict.refusal else ""


def _stranded_text(drop: Drop, today: date) -> str:
    if drop.stranded:
        newest_first = sorted(drop.stranded, key=lambda one: one.newest or date.min, reverse=True)
        return f"it strands {_join_groups(newest_first)} ({age_text(newest_first[0], today)})"
    if drop.unknown:
        return f"whom it strands could not be told ({'; '.join(drop.unknown[:2])})"
    return "it strands no device that the tables know"


def _join_groups(newest_first: Sequence[DeviceGroup]) -> str:
    """Name devices; those that differ in their last number alone by one name: ``phones with Android API 26 to 29``."""
    stems = {one.name.removesuffix(one.last) for one in newest_first}
    if len(stems) > 1 or len(newest_first) < 2:
        return join_some([one.name for one in newest_first])
    last = [one.last for one in reversed(newest_first)]
    return stems.pop() + (f"{last[0]} to {last[-1]}" if len(last) > 3 else join_words(last))


def remedies_for(drop: Drop) -> tuple[str, ...]:
    """Return what would keep alive what a drop strands, in sentences."""
    what = releases_label(drop.family, drop.releases)
    found = [f"keep a branch that supports {what}, patch it, and name it in maintained-branches of [devices]"]
    own = _REMEDIES.get(drop.family)
    if own:
        found.append(own.format(after=drop.after))
    return tuple(found)


def stale_text(stale: StaleRelease, today: date) -> str:
    """Say that something is past its support, and what to do about it."""
    where = join_words([f"{place.setting} of {place.path}" for place in stale.where][:3])
    patched = patched_text(stale.family, stale.release, today)
    label = release_label(stale.family, stale.release.name)
    if stale.role in ("declared", "claimed"):
        return f"{label} is supported ({where}), and {patched}: keep it for those who cannot move, and tell them"
    return f"{label} is used ({where}), and {patched}: move on where that strands nobody"


def facts_text(verdict: DevicesVerdict) -> str:
    """Say where the facts come from and how old they are."""
    days = verdict.facts_age_days
    told = f"{verdict.source}, as of {verdict.as_of}, {days} days ago"
    return f"{told}; refresh them: pytest-carbon devices --refresh" if days > OLD_FACTS_DAYS else told


def note_lines(verdict: DevicesVerdict) -> list[str]:
    """Return what only looks like a drop, and what could not be read."""
    unread = [f"{one.path} could not be read: {one.why}" for one in verdict.changes.unread]
    return [*verdict.changes.notes, *unread]
