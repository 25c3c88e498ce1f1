"""What a change does to devices, as JSON values."""

from __future__ import annotations

from datetime import date
from typing import Any

from pytest_carbon.core.devices import drop_lines as devices_view
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.to_plain_json import to_plain_json

_WORDS = {date.max: "not announced", date.min: "over"}


def to_data(verdict: DevicesVerdict) -> dict[str, Any]:
    """Return the verdict as JSON values, each drop also in words."""
    lines = devices_view.format_drops(verdict)
    return {
        "state": verdict.state,
        "sentence": devices_view.headline(verdict),
        "level": verdict.rule.level,
        "drops": [
            {
                **_plain(judged.drop),
                "state": line.state,
                "why": line.reason,
                "strands": line.strands,
                "keep": list(line.remedies),
            }
            for judged, line in zip(verdict.judged_drops, lines, strict=True)
        ],
        "stale": [_plain(one) for one in verdict.changes.stale],
        "notes": list(verdict.changes.notes),
        "unread": [to_plain_json(one) for one in verdict.changes.unread],
        "untold": verdict.inconclusive_reason,
        "approval": to_plain_json(verdict.approval),
        "refused": verdict.refusal,
        "facts": {"as_of": verdict.as_of.isoformat(), "source": verdict.source, "age_days": verdict.facts_age_days},
    }


def _plain(value: Any) -> dict[str, Any]:
    """Return a value as JSON values; a day as its text, one that is not announced or not known as a word."""

    def written(part: Any) -> Any:
        if isinstance(part, date):
            return _WORDS.get(part) or part.isoformat()
        if isinstance(part, dict):
            return {key: written(one) for key, one in part.items()}
        return [written(one) for one in part] if isinstance(part, list) else part

    found: dict[str, Any] = written(to_plain_json(value))
    return found
