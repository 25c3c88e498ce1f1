"""Checks a source against a service on this machine."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import Origin
from pytest_carbon.grid.live.http_client import HttpClient
from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.registry import SOURCES
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOW = START + HOUR + timedelta(minutes=10)
OWN = Origin("own", "average", "lifecycle", "consumption", "your own source")
KEYS = {name: "Xq7-not-shown" for source in SOURCES for name in source.needs}
KEY_IN_QUERY = ("eia", "entsoe")
"""These services take a key nowhere else."""


def question(code: str = "x") -> Question:
    """Return a question about three hours, of which the first is over."""
    return Question("ZONE", code, START, START + 3 * HOUR, NOW, HttpClient(), KEYS)


def check_answers(service: Any, source: Any, code: str, answers: Any, expected: Any) -> None:
    """Check start, intensity and status of each signal, what all have in common, and that no key shows."""
    service.answers |= answers
    source = replace(source, address=service.url)
    signals = ask(source, question(code))
    assert [(f"{s.start:%H:%M}", round(s.g_per_kwh, 5), s.status) for s in signals] == expected
    assert {(s.zone, s.origin, s.fetched) for s in signals} == {("ZONE", source.origin, NOW)}
    for path, query, headers in service.requests:
        assert "Xq7-not-shown" not in path
        assert "Xq7-not-shown" not in json.dumps(query) or source.name in KEY_IN_QUERY
        assert headers["user-agent"] == "pytest-carbon"


def check_fault(service: Any, source: Any, code: str, answers: Any, said: str) -> None:
    """Check that an answer is refused in one line with the source's name, and without the key."""
    service.answers |= answers
    with pytest.raises(SourceFaultError) as caught:
        ask(replace(source, address=service.url), question(code))
    text = str(caught.value)
    assert text.startswith(f"{source.name}: ")
    assert said in text
    assert "Xq7-not-shown" not in text
    assert text.isprintable()
