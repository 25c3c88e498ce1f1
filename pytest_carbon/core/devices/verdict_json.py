"""The verdict on devices as JSON values."""

from __future__ import annotations

from datetime import date
from typing import Any

from pytest_carbon.core.devices.dropped_support_lines import format_drops, headline
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.to_plain_json import to_plain_json

_DAY_WORDS = {date.max: "not announced", date.min: "over"}


def to_data(verdict: DevicesVerdict) -> dict[str, Any]:
    """Return a verdict as JSON values; each drop has its values and its texts."""
    lines = format_drops(verdict)
    return {
        "state": verdict.state,
        "sentence": headline(verdict),
        "level": verdict.rule.level,
        "drops": [
            {
                **_plain_with_days(judged.drop),
                "state": line.state,
                "why": line.reason,
                "strands": line.strands,
                "keep": list(line.remedies),
            }
            for judged, line in zip(verdict.judged_drops, lines, strict=True)
        ],
        "stale": [_plain_with_days(release) for release in verdict.changes.stale],
        "notes": list(verdict.changes.notes),
        "unread": [to_plain_json(file) for file in verdict.changes.unread],
        "untold": verdict.inconclusive_reason,
        "approval": to_plain_json(verdict.approval),
        "refused": verdict.refusal,
        "facts": {"as_of": verdict.as_of.isoformat(), "source": verdict.source, "age_days": verdict.facts_age_days},
    }


def _plain_with_days(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON values. A day becomes ISO 8601 text; an end that is open or of unknown day, a word."""

    def convert(part: Any) -> Any:
        if isinstance(part, date):
            return _DAY_WORDS.get(part) or part.isoformat()
        if isinstance(part, dict):
            return {key: convert(item) for key, item in part.items()}
        return [convert(item) for item in part] if isinstance(part, list) else part

    converted: dict[str, Any] = convert(to_plain_json(value))
    return converted
