"""Reading what services answer, without trusting it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pytest_carbon.grid.live.http_client import HttpClient
from pytest_carbon.grid.live.read_answers import ask, list_of, moment_of, number_of, utc
from pytest_carbon.grid.live.signal_source import SourceFaultError
from pytest_carbon.grid.live.sources.eia import Eia
from tests.grid.live.sources.check_source import question


@pytest.mark.parametrize(("value", "number"), [(3, 3.0), ("3.5", 3.5), (None, None)])
def test_numbers(value: Any, number: float | None) -> None:
    """Some services write numbers as texts; null is unknown."""
    assert number_of(value) == number


@pytest.mark.parametrize("value", [True, "x", [], {}, float("nan"), "inf", ""])
def test_no_numbers(value: Any) -> None:
    """What is no number is refused, and never 0."""
    with pytest.raises(ValueError, match=r"is no number|could not convert"):
        number_of(value)


def test_moments() -> None:
    """In any zone, in seconds, or in UTC by agreement; a time that could be any hour is refused."""
    moment = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert moment_of("2026-11-20T10:00:00+01:00") == moment_of(moment.timestamp()) == moment
    assert moment_of("2026-11-20T09:00:00", utc) == moment
    for wrong in ("2026-11-20T09:00:00", "", None, True):
        with pytest.raises(ValueError, match=r"has no time zone|Invalid isoformat"):
            moment_of(wrong)


@pytest.mark.parametrize("answer", [None, [], {}, {"data": {}}, {"data": "x"}])
def test_lists(answer: Any) -> None:
    """A list that is missing is a fault."""
    assert list_of({"data": [1]}, "data") == [1]
    with pytest.raises(SourceFaultError, match="the answer has no 'data'"):
        list_of(answer, "data")


def test_a_short_key_is_hidden_in_a_fault(service: Any) -> None:
    """A key that is too short to be taken out of an answer is not shown where a fault repeats a part of the answer."""
    service.otherwise = {"response": {"data": [{"period": "2026-11-20T09", "fueltype": "Xq7", "value": 1}]}}
    asked = replace(question(), client=HttpClient(secrets=["Xq7"]))
    with pytest.raises(SourceFaultError) as caught:
        ask(replace(Eia(), address=service.url), asked)
    assert str(caught.value) == "eia: a fuel that is not known ('***')"
