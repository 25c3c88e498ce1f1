"""The ``carbon`` marker: its arguments, and the message that fails a test over its limit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pytest_carbon.core.energy.carbon_marker import limit_exceeded_message, read_marker
from pytest_carbon.core.energy.reference_energy import reference_j
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.quantities import parse_quantity


def _read(*args: Any, features: tuple[str, ...] = (), **kwargs: Any) -> dict[str, Any]:
    return read_marker(args, kwargs, "t.py::a", features, lambda grams: grams * 9000)


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({}, {}),
        ({"feature": None, "limit": None}, {}),
        ({"feature": "checkout"}, {"feature": "checkout"}),
        ({"limit": "2 J"}, {"limit": "2 J", "limit_j": 2.0}),
        ({"limit": " 5 mWh"}, {"limit": "5 mWh", "limit_j": 18.0}),
        ({"limit": "2 g"}, {"limit": "2 g", "limit_j": 18000.0}),
        ({"feature": "pay", "limit": "1 kJ"}, {"feature": "pay", "limit": "1 kJ", "limit_j": 1000.0}),
    ],
)
def test_marker_is_read(kwargs: dict[str, Any], expected: dict[str, Any]) -> None:
    """The feature and the limit are read; grams are converted into joules."""
    assert _read(**kwargs) == expected


@pytest.mark.parametrize(
    ("args", "kwargs", "complaint"),
    [
        (
            ("checkout",),
            {},
            'takes only keyword arguments, such as feature="checkout", limit="2 J"; it got \'checkout\'',
        ),
        ((), {"limt": "2 J"}, "has no argument 'limt'; did you mean \"limit\"? (known: feature, limit)"),
        ((), {"colour": 1}, "has no argument 'colour' (known: feature, limit)"),
        ((), {"feature": ""}, "feature is ''; it must be a name such as \"checkout\""),
        ((), {"feature": 3}, "feature is 3; it must be a name"),
        ((), {"feature": "chekout"}, "no feature is called 'chekout'; did you mean \"checkout\"?"),
        ((), {"limit": 2}, "limit is 2, which has no unit"),
        ((), {"limit": "2"}, "limit is '2', which has no unit"),
        ((), {"limit": "0 J"}, "limit is '0 J'; it must be more than zero"),
    ],
)
def test_wrong_marker_is_refused(args: tuple[Any, ...], kwargs: dict[str, Any], complaint: str) -> None:
    """The error names the test, the marker and the correct use."""
    with pytest.raises(ConfigError) as caught:
        _read(*args, features=("checkout", "search"), **kwargs)
    assert str(caught.value).startswith("t.py::a: @pytest.mark.carbon")
    assert complaint in str(caught.value)


@pytest.mark.parametrize("feature", ["checkout", "reporting"])
def test_feature_may_be_missing_from_the_configuration(feature: str) -> None:
    """A configured feature is accepted, and so is a name that resembles no configured feature."""
    assert _read(feature=feature, features=("checkout",)) == {"feature": feature}


@pytest.mark.parametrize(
    ("cpu_s", "slowdown", "limit_j", "over"),
    [(0.0, 1.0, 1.0, False), (1.0, 1.0, 2.045, False), (1.0, 1.0, 2.0449, True), (8192.0, 2.0**20, 2.1, False),
     (8192.0, 1.0, 2.1, True)],
)  # fmt: skip
def test_limit_applies_to_reference_energy(cpu_s: float, slowdown: float, limit_j: float, over: bool) -> None:
    """A test fails if its reference energy is above the limit, not if it is equal to the limit."""
    used_j = reference_j(cpu_s, slowdown)
    assert (limit_exceeded_message(cpu_s, used_j, limit_j, "the limit") is not None) is over


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("2 J", "this test used 20.4 J of reference energy; its limit is 2 J."),
        ("2000 mJ", "this test used 20.4 J of reference energy; its limit is 2000 mJ (2 J)."),
    ],
)
def test_message_has_the_energy_and_the_limit(limit: str, expected: str) -> None:
    """The message has the energy, the limit as written in the marker, and a limit that the test would keep."""
    message = limit_exceeded_message(10.0, 20.45, 2.0, limit)
    assert message is not None
    assert message.splitlines()[0] == f"carbon limit exceeded: {expected}"
    assert message.endswith('or raise its limit with @pytest.mark.carbon(limit="25 J").')


@pytest.mark.parametrize("cpu_s", [1e-5, 1e-4, 0.0004, 0.02, 1.0, 400.0, 490.0, 1e6])
def test_suggested_limit_would_pass(cpu_s: float) -> None:
    """The limit that the message suggests is valid, and the test would keep within it."""
    message = limit_exceeded_message(cpu_s, reference_j(cpu_s, 1.0), 1e-9, "1e-6 mJ")
    assert message is not None
    suggested = re.findall(r'limit="(.*)"', message)[0]
    assert limit_exceeded_message(cpu_s, reference_j(cpu_s, 1.0), parse_quantity(suggested).value, suggested) is None
