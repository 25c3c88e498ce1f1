"""Our values as plain JSON values."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from pytest_carbon.core.model import FeatureUse, Footprint, Range
from pytest_carbon.core.to_plain_json import to_plain_json

USE = FeatureUse(2, 0.25, 1.0, 2.0, 0.123456789)
PLAIN_USE = {"tests": 2, "share": 0.25, "energy_j": 1.0, "reference_j": 2.0, "emissions_g": 0.1234568}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="null"),
        pytest.param(True, True, id="truth value stays one"),
        pytest.param(123456789, 123456789, id="whole number is not rounded"),
        pytest.param(0.123456789, 0.1234568, id="float to seven digits"),
        pytest.param(123456789.0, 123456800.0, id="large float too"),
        pytest.param("0.123456789", "0.123456789", id="text"),
        pytest.param((), [], id="empty tuple"),
        pytest.param((1.0, (2, "a")), [1.0, [2, "a"]], id="tuple in a tuple"),
        pytest.param(Range(3.0, 1.0, 8.0), {"central": 3.0, "low": 1.0, "high": 8.0}, id="range by its fields"),
        pytest.param(USE, PLAIN_USE, id="dataclass by its fields"),
        pytest.param(MappingProxyType({"a": (USE,)}), {"a": [PLAIN_USE]}, id="mapping of tuples of dataclasses"),
        pytest.param(
            Footprint(Range(1.0, 1.0, 1.0), Range(2.0, 2.0, 2.0), Range(3.0, 3.0, 3.0)),
            {
                name: {"central": figure, "low": figure, "high": figure}
                for name, figure in (("energy_j", 1.0), ("operational_g", 2.0), ("embodied_g", 3.0))
            },
            id="dataclass of ranges",
        ),
    ],
)
def test_value_becomes_plain_json(value: Any, expected: Any) -> None:
    """Dataclasses and ranges become objects, tuples become lists, and floats are rounded."""
    plain = to_plain_json(value)
    assert plain == expected
    assert json.loads(json.dumps(plain)) == expected


@pytest.mark.parametrize(("digits", "expected"), [(1, 0.1), (3, 0.123), (9, 0.123456789)])
def test_number_of_digits_applies_inside_too(digits: int, expected: float) -> None:
    """The number of significant digits applies to floats at every depth."""
    assert to_plain_json({"a": [0.123456789]}, digits) == {"a": [expected]}


def test_truth_values_keep_their_type() -> None:
    """True is not turned into 1."""
    assert to_plain_json([True, 1]) == [True, 1]
    assert [type(item) for item in to_plain_json([True, 1])] == [bool, int]
