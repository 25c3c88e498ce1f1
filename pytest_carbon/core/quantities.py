"""Amounts with units: parsed from a user's text and formatted for a reader.

Inside the program energy is in joules and mass in grams. Other units exist only in texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_carbon.core.errors import QuantityError, did_you_mean

J_PER_KWH = 3_600_000
DIGITS, BOUND_DIGITS = 3, 2
"""Significant digits of what was measured, and of bounds and estimates. So a figure is written the same everywhere."""
KWH_TEXT = "1 kWh is 3.6 MJ"
"""Said once where a grid factor (g/kWh) stands beside joules."""
Kind = Literal["energy", "mass", "reference"]
"""Energy in joules, mass in grams of CO2e, or reference energy in joules of the reference machine."""

_UNITS: dict[str, tuple[Literal["energy", "mass"], float]] = {
    "uJ": ("energy", 1e-6),
    "mJ": ("energy", 1e-3),
    "J": ("energy", 1.0),
    "kJ": ("energy", 1e3),
    "MJ": ("energy", 1e6),
    "mWh": ("energy", 3.6),
    "Wh": ("energy", 3600.0),
    "kWh": ("energy", float(J_PER_KWH)),
    "ug": ("mass", 1e-6),
    "mg": ("mass", 1e-3),
    "g": ("mass", 1.0),
    "kg": ("mass", 1e3),
    "t": ("mass", 1e6),
}
_MICRO = str.maketrans("µμ", "uu")
_AMOUNT = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]*)(\s+ref)?\s*", re.ASCII)
LARGEST_AMOUNT = 1e15
"""The report's schema allows no larger figure. In joules it is what a power station makes in four months."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of energy (J), mass (g of CO2e) or reference energy (J), with the text from which it was parsed."""

    value: float
    kind: Kind
    text: str

    @property
    def shown(self) -> str:
        """The text as a person wrote it; watt-hours also in joules, in which all other figures are."""
        return f"{self.text} ({format_amount(self.value, self.kind)})" if "Wh" in self.text else self.text


def parse_quantity(text: object, setting: str = "a quantity") -> Quantity:
    """Parse an amount such as ``"2 J"``, ``"5 mWh"``, ``"1.5 g"`` or, for reference energy, ``"2 J ref"``.

    ``setting`` is the name of the setting in the error message. Raises QuantityError for a number without a unit, an
    unknown unit, and an amount that is negative, zero, infinite or above ``LARGEST_AMOUNT``. Zero is an error because
    no run can keep within a limit of zero.
    """
    example = 'write it as text with a unit, such as "2 J", "5 mWh" or "1.5 g"'
    if isinstance(text, bool) or not isinstance(text, str):
        raise QuantityError(f"{setting} is {text!r}, which has no unit; {example}")
    match = _AMOUNT.fullmatch(text.translate(_MICRO)) if len(text) <= 100 else None
    if match is None:
        raise QuantityError(f"{setting} is {text!r}, which is not an amount; {example}")
    number, unit, of_reference = match.groups()
    if not unit:
        raise QuantityError(f"{setting} is {text!r}, which has no unit; {example}")
    if unit not in _UNITS:
        known = ", ".join(_UNITS)
        near = did_you_mean(unit, _UNITS) or next(
            (f'; did you mean "{u}"?' for u in _UNITS if u.lower() == unit.lower()), ""
        )
        raise QuantityError(f"{setting} is {text!r}: no unit is called {unit!r}{near} (known: {known})")
    kind, factor = _UNITS[unit]
    if of_reference and kind == "mass":
        raise QuantityError(f'{setting} is {text!r}; only energy can be reference energy, such as "2 J ref"')
    value = float(number) * factor
    if not 0 < value <= LARGEST_AMOUNT:
        raise QuantityError(
            f"{setting} is {text!r}; it must be more than zero and finite, and at most {LARGEST_AMOUNT:g} J or g"
        )
    return Quantity(value, "reference" if of_reference else kind, text.strip())


_PERCENT = re.compile(r"\s*(\d{1,6}(?:\.\d{0,6})?)\s*%\s*", re.ASCII)


def parse_percent(text: object, setting: str = "a share") -> float:
    """Parse a text such as ``"5 %"`` as a ratio, here 0.05.

    Raises QuantityError for a text without a per cent sign and for a share below 0.1 % or above 10000 %.
    """
    match = _PERCENT.fullmatch(text) if isinstance(text, str) and len(text) <= 100 else None
    if match is None:
        raise QuantityError(f'{setting} is {text!r}; write it as text with a per cent sign, such as "5 %"')
    value = float(match[1]) / 100
    if not 0.001 <= value <= 100:
        raise QuantityError(f"{setting} is {text!r}; it must be at least 0.1 % and at most 10000 %")
    return value


def sum_or_unknown(values: Iterable[float | None]) -> float | None:
    """Return the sum of figures. Returns None if a figure is unknown (None)."""
    known = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return math.fsum(known)


_ENERGY_STEPS = ((1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (0.0, "µJ"))
_MASS_STEPS = ((1e6, "t"), (1e3, "kg"), (1.0, "g"), (1e-3, "mg"), (0.0, "µg"))
_SMALLEST = {"µJ": 1e-6, "µg": 1e-6}
_LEAST = 0.01
"""Less of the smallest unit is not written in figures: nothing here measures so little."""
LEAST_MASS_G = _LEAST * _SMALLEST["µg"]


def _format(value: float, steps: tuple[tuple[float, str], ...], digits: int) -> str:
    if value == 0:
        return f"0 {steps[-3][1]}"
    for index, (size, unit) in enumerate(steps):
        if value >= size:
            scaled = value / (size or _SMALLEST[unit])
            if scaled < _LEAST:
                return f"<{_LEAST:g} {unit}"
            if format_number(scaled, digits) == "1000" and index > 0:  # 999.96 J is 1 kJ, not 1000 J
                return f"1 {steps[index - 1][1]}"
            return f"{format_number(scaled, digits)} {unit}"
    raise AssertionError("unreachable: the last step takes every positive value")


def format_number(value: float, digits: int = DIGITS) -> str:
    """Format a number to so many significant digits, without an exponent. Digits before the point are never rounded."""
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{value:.{max(0, decimals)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_energy(energy_j: float, digits: int = DIGITS) -> str:
    """Format joules with the unit that keeps the text short: ``1.84 J``, ``412 J``, ``3.1 kJ``."""
    return _format(energy_j, _ENERGY_STEPS, digits)


def format_mass(mass_g: float, digits: int = DIGITS) -> str:
    """Format grams with the unit that keeps the text short: ``61 mg``, ``1.5 g``, ``2.2 kg``."""
    return _format(mass_g, _MASS_STEPS, digits)


def format_amount(value: float, kind: Kind, digits: int = DIGITS) -> str:
    """Format an amount of any kind with the unit that keeps the text short, and with a minus if it is negative."""
    if value < 0:
        text = format_amount(-value, kind, digits)
        return f">-{text[1:]}" if text.startswith("<") else f"-{text}"
    if kind == "mass":
        return format_mass(value, digits)
    return format_energy(value, digits) + (" ref" if kind == "reference" else "")


def format_about(value: float, kind: Kind) -> str:
    """Format an estimate to two significant digits: ``about 680 mg``."""
    return f"about {format_amount(float(f'{value:.1e}'), kind, BOUND_DIGITS)}"


def format_value_and_limit(value: float, limit: float, kind: Kind) -> tuple[str, str]:
    """Format a value and its limit with as many digits as it takes to show which is larger.

    The two texts are equal only if the values are.
    """
    for digits in range(DIGITS, 18):
        texts = format_amount(value, kind, digits), format_amount(limit, kind, digits)
        if value == limit or texts[0] != texts[1]:
            return texts
    unit = {"energy": "J", "mass": "g", "reference": "J ref"}[kind]
    return f"{value!r} {unit}", f"{limit!r} {unit}"
