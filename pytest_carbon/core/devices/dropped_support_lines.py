"""The verdict on devices as texts for the terminal and for Markdown. Nothing is escaped yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pytest_carbon.core.devices.judge_drops import OLD_FACTS_DAYS, DevicesVerdict, DropState, JudgedDrop
from pytest_carbon.core.devices.support_values import DeviceGroup, Drop, StaleRelease, newest_first
from pytest_carbon.core.devices.wording import (
    age_text,
    join_some,
    join_words,
    location_text,
    patched_text,
    release_label,
    releases_label,
)

STATE_WORDS: dict[DropState, str] = {
    "pass": "pass",
    "overridden": "approved",
    "inconclusive": "inconclusive",
    "warn": "warning",
    "fail": "fail",
}
_REMEDIES = {
    "python": 'if only a dependency needs the new Python, keep its old version for python_version < "{after}"',
    "node": "keep a release line whose engines still include it",
    "glibc": "build wheels for both the old and the new manylinux tag",
    "musl": "build wheels for both the old and the new musllinux tag",
    "wheels": "keep a source distribution that builds there, and document it",
    "x86-64": "build for both levels and choose at run time, as glibc's hwcaps and GCC's target_clones do",
    "android": "publish several APKs by API level: older phones keep getting the last APK that runs there",
    "ios": "the App Store keeps offering the last version that runs there: patch it, and keep its servers running",
    "macos": "offer the last version that runs there for download, and patch it",
    "browsers": "serve these browsers a separate build, or the page without scripts",
}
"""What else keeps stranded devices alive, by the family of the drop; ``{after}`` is the new minimum."""


@dataclass(frozen=True, slots=True)
class DropLine:
    """The texts of one drop. ``remedies`` would keep the stranded devices alive; empty if the drop passes."""

    dropped: str
    settings: str
    strands: str
    upstream: str
    state: DropState
    reason: str
    remedies: tuple[str, ...]

    @property
    def effect(self) -> str:
        """The stranded devices with their verb, to be put behind "the change"."""
        return f"strands {self.strands}"


def headline(verdict: DevicesVerdict) -> str:
    """Return sentences on the worst drop and the devices it strands, with the number of other drops."""
    if verdict.rule.mode == "off":
        return 'Devices are not checked: the policy says devices = "off".'
    if not verdict.judged_drops:
        return inconclusive_text(verdict) or "This change drops nothing that the project declares to support."
    worst, more = format_drop(verdict.judged_drops[0], verdict), len(verdict.judged_drops) - 1
    sentences = [
        f"This change drops {worst.dropped} and {'; '.join(filter(None, (worst.effect, worst.upstream)))}.",
        f"There {'are' if more > 1 else 'is'} {more} more drop{'s' if more > 1 else ''}." if more else "",
        inconclusive_text(verdict),
    ]
    return " ".join(filter(None, sentences))


def inconclusive_text(verdict: DevicesVerdict) -> str:
    """Return a sentence that says why drops may be missing; empty if none can be."""
    if not verdict.inconclusive_reason:
        return ""
    anything = "anything more" if verdict.judged_drops else "anything"
    end = "" if verdict.inconclusive_reason.endswith((".", "?")) else "."
    return f"Could not tell whether this change drops {anything}: {verdict.inconclusive_reason}{end}"


def format_drops(verdict: DevicesVerdict) -> list[DropLine]:
    """Return the texts of every drop, the worst drop first."""
    return [format_drop(judged, verdict) for judged in verdict.judged_drops]


def format_drop(judged: JudgedDrop, verdict: DevicesVerdict) -> DropLine:
    """Return the texts of one drop of a verdict."""
    drop, today = judged.drop, verdict.today
    return DropLine(
        dropped=releases_label(drop.family, drop.releases),
        settings=join_some([location_text(location) for location in drop.where], 3),
        strands=_stranded_text(drop, today),
        upstream=patched_text(drop.family, drop.patched, today) if drop.patched else "",
        state=judged.state,
        reason=judged.reason,
        remedies=() if judged.state in ("pass", "overridden") else remedies_for(drop),
    )


def approval_text(verdict: DevicesVerdict) -> str:
    """Return a sentence on who approved the drops and why, or why an approval label does not count; else empty."""
    approval = verdict.approval
    if approval:
        return f"{approval.approver} approved this for {approval.author}: {approval.reason}"
    return f"Not approved: {verdict.refusal}" if verdict.refusal else ""


def _stranded_text(drop: Drop, today: date) -> str:
    if drop.stranded:
        groups = newest_first(drop.stranded)
        return f"{_join_groups(groups)} ({age_text(groups[0], today)})"
    if drop.unknown:
        return f"devices that are unknown ({'; '.join(drop.unknown[:2])})"
    return "no device in our tables"


def _join_groups(groups: Sequence[DeviceGroup]) -> str:
    """Join the names of groups, newest first. Share a name that differs only in its last number: ``API 26 to 29``."""
    stems = {group.name.removesuffix(group.last) for group in groups}
    if len(stems) > 1 or len(groups) < 2:
        return join_some([group.name for group in groups])
    numbers = [group.last for group in reversed(groups)]
    return stems.pop() + (f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 3 else join_words(numbers))


def remedies_for(drop: Drop) -> tuple[str, ...]:
    """Return clauses on what would keep the stranded devices of a drop alive."""
    label = releases_label(drop.family, drop.releases)
    branch = f"keep a branch that supports {label}, patch it, and name it in maintained-branches of [devices]"
    remedy = _REMEDIES.get(drop.family)
    return (branch, remedy.format(after=drop.after)) if remedy else (branch,)


def stale_text(stale: StaleRelease, today: date) -> str:
    """Return a clause that says where an unpatched release is supported or used, and what to do about it."""
    where = join_words([location_text(location) for location in stale.where][:3])
    patched = patched_text(stale.family, stale.release, today)
    label = release_label(stale.family, stale.release.name)
    if stale.role in ("declared", "claimed"):
        return f"{label} is supported ({where}), but {patched}: keep it for users who cannot upgrade, and warn them"
    return f"{label} is used ({where}), but {patched}: upgrade it if that strands nobody"


def facts_text(verdict: DevicesVerdict) -> str:
    """Return the source and the age of the facts; facts of more than 180 days ask to be refreshed."""
    days = verdict.facts_age_days
    text = f"{verdict.source}, as of {verdict.as_of}, {days} days old"
    return f"{text}; refresh them: pytest-carbon devices --refresh" if days > OLD_FACTS_DAYS else text


def note_lines(verdict: DevicesVerdict) -> list[str]:
    """Return the notes on changes that only look like drops, and the files that could not be read."""
    unread = [f"{file.path} could not be read: {file.why}" for file in verdict.changes.unread]
    return [*verdict.changes.notes, *unread]
