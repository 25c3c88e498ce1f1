"""Amounts: parsed from a user's text and formatted for a reader."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import QuantityError
from pytest_carbon.core.quantities import (
    Kind,
    Quantity,
    format_amount,
    format_energy,
    format_mass,
    format_number,
    format_value_and_limit,
    parse_percent,
    parse_quantity,
    sum_or_unknown,
)

LAW = settings(max_examples=200, deadline=None)
FACTORS = {
    "MJ": Decimal(1_000_000), "kJ": Decimal(1000), "J": Decimal(1), "mJ": Decimal("0.001"), "µJ": Decimal("0.000001"),
    "t": Decimal(1_000_000), "kg": Decimal(1000), "g": Decimal(1), "mg": Decimal("0.001"), "µg": Decimal("0.000001"),
}  # fmt: skip


def _amount_of(text: str) -> Decimal:
    number, unit = text.split(" ")
    return Decimal(number) * FACTORS[unit]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 J", Quantity(2.0, "energy", "2 J")),
        ("2J", Quantity(2.0, "energy", "2J")),
        ("  2 J\n", Quantity(2.0, "energy", "2 J")),
        ("+.5 kJ", Quantity(500.0, "energy", "+.5 kJ")),
        ("3. MJ", Quantity(3_000_000.0, "energy", "3. MJ")),
        ("250 mJ", Quantity(0.25, "energy", "250 mJ")),
        ("5 mWh", Quantity(18.0, "energy", "5 mWh")),
        ("1 Wh", Quantity(3600.0, "energy", "1 Wh")),
        ("1 kWh", Quantity(3_600_000.0, "energy", "1 kWh")),
        ("1e3 J", Quantity(1000.0, "energy", "1e3 J")),
        ("1.5 g", Quantity(1.5, "mass", "1.5 g")),
        ("500 mg", Quantity(0.5, "mass", "500 mg")),
        ("2 kg", Quantity(2000.0, "mass", "2 kg")),
        ("1 t", Quantity(1_000_000.0, "mass", "1 t")),
        ("1000000 ug", Quantity(1.0, "mass", "1000000 ug")),
        ("2 J ref", Quantity(2.0, "reference", "2 J ref")),
        ("1.5kJ  ref ", Quantity(1500.0, "reference", "1.5kJ  ref")),
        ("1 kWh ref", Quantity(3_600_000.0, "reference", "1 kWh ref")),
    ],
)
def test_amount_is_parsed(text: str, expected: Quantity) -> None:
    """An amount with a unit is converted into joules or grams, and keeps its text."""
    assert parse_quantity(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (2, "limit is 2, which has no unit; write it as text with a unit"),
        (2.5, "limit is 2.5, which has no unit"),
        (True, "limit is True, which has no unit"),
        (None, "limit is None, which has no unit"),
        (["2 J"], "limit is ['2 J'], which has no unit"),
        ("2", "limit is '2', which has no unit"),
        ("", "limit is '', which is not an amount"),
        ("two J", "limit is 'two J', which is not an amount"),
        ("2 J s", "limit is '2 J s', which is not an amount"),
        ("1,5 J", "limit is '1,5 J', which is not an amount"),
        ("nan J", "limit is 'nan J', which is not an amount"),
        ("2 kwh", "no unit is called 'kwh'; did you mean \"kWh\"?"),
        ("2 horses", "no unit is called 'horses' (known: uJ, mJ, J, kJ"),
        ("0 J", "limit is '0 J'; it must be more than zero and finite"),
        ("-1 g", "limit is '-1 g'; it must be more than zero and finite"),
        ("1e-400 J", "it must be more than zero and finite"),
        ("1e999 J", "it must be more than zero and finite"),
        ("1e308 kWh", "it must be more than zero and finite"),
        ("2 g ref", "limit is '2 g ref'; only energy can be reference energy, such as \"2 J ref\""),
        ("2 Jref", "no unit is called 'Jref'"),
        ("2 ref", "no unit is called 'ref'"),
        ("2 J ref ref", "limit is '2 J ref ref', which is not an amount"),
        ("0 J ref", "it must be more than zero and finite"),
    ],
)
def test_wrong_amount_is_refused(text: object, complaint: str) -> None:
    """The error names the setting, its value and what is wrong with the value."""
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, "limit")
    assert complaint in str(caught.value)


@LAW
@given(st.one_of(st.text(), st.from_regex(r"[-+.0-9eE]{1,8} ?[A-Za-z]{0,4}", fullmatch=True), st.none(), st.floats()))
def test_parsing_an_amount_raises_no_other_error(text: object) -> None:
    """Any text is either an amount above zero or a QuantityError."""
    try:
        quantity = parse_quantity(text)
    except QuantityError:
        return
    assert math.isfinite(quantity.value)
    assert quantity.value > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5 %", 0.05), ("5%", 0.05), (" 7.5 % ", 0.075), ("0.1 %", 0.001), ("100 %", 1.0), ("10000 %", 100.0)],
)
def test_share_is_parsed(text: str, expected: float) -> None:
    """A text with a per cent sign is parsed as a ratio."""
    assert parse_percent(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (5, 'growth is 5; write it as text with a per cent sign, such as "5 %"'),
        (0.05, "growth is 0.05; write it as text"),
        (None, "growth is None; write it as text"),
        (True, "growth is True; write it as text"),
        ("5", "growth is '5'; write it as text"),
        ("-5 %", "growth is '-5 %'; write it as text"),
        ("nan %", "growth is 'nan %'; write it as text"),
        ("1e2 %", "growth is '1e2 %'; write it as text"),
        ("\N{ARABIC-INDIC DIGIT FIVE} %", "write it as text"),
        ("0 %", "growth is '0 %'; it must be at least 0.1 % and at most 10000 %"),
        ("0.05 %", "growth is '0.05 %'; it must be at least 0.1 %"),
        ("10001 %", "growth is '10001 %'; it must be at least 0.1 %"),
    ],
)
def test_wrong_share_is_refused(text: object, complaint: str) -> None:
    """The error names the setting, its value and the correct form."""
    with pytest.raises(QuantityError) as caught:
        parse_percent(text, "growth")
    assert complaint in str(caught.value)


@LAW
@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,7}\.?[0-9]{0,7} ?%?", fullmatch=True), st.none(), st.floats()))
def test_parsing_a_share_raises_no_other_error(text: object) -> None:
    """Any text is either a share from 0.1 % to 10000 % or a QuantityError."""
    try:
        ratio = parse_percent(text)
    except QuantityError:
        return
    assert 0.001 <= ratio <= 100


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (412.0, "energy", "412 J"),
        (0.061, "mass", "61 mg"),
        (1840.0, "reference", "1.84 kJ ref"),
        (0.0, "reference", "0 J ref"),
        (-2.5, "energy", "-2.5 J"),
        (-0.0025, "mass", "-2.5 mg"),
        (-1.0, "reference", "-1 J ref"),
    ],
)
def test_amount_of_any_kind_is_formatted(value: float, kind: Kind, expected: str) -> None:
    """An amount is formatted with the unit of its kind, and with its sign."""
    assert format_amount(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.0, 3, "0"),
        (1.0, 3, "1"),
        (1234.0, 3, "1234"),
        (1234.5, 2, "1234"),
        (12.3456, 3, "12.3"),
        (0.012345, 3, "0.0123"),
        (9.996, 3, "10"),
        (100.0, 5, "100"),
        (0.00000001, 3, "0.00000001"),
        (1e21, 3, "1000000000000000000000"),
        (-1.236, 3, "-1.24"),
    ],
)
def test_number_is_rounded(value: float, digits: int, expected: str) -> None:
    """A number is rounded to significant digits; digits before the point are kept and exponents never appear."""
    assert format_number(value, digits) == expected


@pytest.mark.parametrize(
    ("energy_j", "expected"),
    [
        (0.0, "0 J"),
        (1.84, "1.84 J"),
        (412.0, "412 J"),
        (3100.0, "3.1 kJ"),
        (999.6, "1 kJ"),
        (999.4, "999 J"),
        (0.9996, "1 J"),
        (0.0123, "12.3 mJ"),
        (0.00045, "450 µJ"),
        (2_500_000.0, "2.5 MJ"),
        (999_999.0, "1 MJ"),
        (1e12, "1000000 MJ"),
    ],
)
def test_energy_is_formatted_with_a_short_unit(energy_j: float, expected: str) -> None:
    """Joules are formatted with three digits and the unit that keeps the text short."""
    assert format_energy(energy_j) == expected


@pytest.mark.parametrize(
    ("mass_g", "digits", "expected"),
    [
        (0.0, 3, "0 g"),
        (0.061, 3, "61 mg"),
        (1.5, 3, "1.5 g"),
        (2200.0, 3, "2.2 kg"),
        (3_000_000.0, 3, "3 t"),
        (0.000_002, 3, "2 µg"),
        (0.000_000_01, 3, "0.01 µg"),
        (6.72e-11, 3, "<0.01 µg"),
        (1.55, 1, "2 g"),
        (996.0, 2, "996 g"),
        (999.6, 2, "1 kg"),
    ],
)
def test_mass_is_formatted_with_a_short_unit(mass_g: float, digits: int, expected: str) -> None:
    """Grams are formatted with the given digits and the unit that keeps the text short."""
    assert format_mass(mass_g, digits) == expected


@LAW
@given(st.floats(1e-3, 1e12))
def test_formatted_energy_can_be_parsed(energy_j: float) -> None:
    """A formatted energy from a millijoule on is parsed as the same amount, to its three digits."""
    assert parse_quantity(format_energy(energy_j)).value == pytest.approx(energy_j, rel=0.0051)


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (2.0, 2.0, ("2 J", "2 J")),
        (1.0, 2.0, ("1 J", "2 J")),
        (2.001, 2.0, ("2.001 J", "2 J")),
        (1.9999, 2.0, ("1.9999 J", "2 J")),
        (999.9996, 1000.0, ("999.9996 J", "1 kJ")),
        (1000.04, 1000.0, ("1.00004 kJ", "1 kJ")),
        (0.0, 5.0, ("0 J", "5 J")),
    ],
)
def test_value_and_limit_differ_in_text_too(value: float, limit: float, expected: tuple[str, str]) -> None:
    """The texts have as many digits as it takes to distinguish the value from its limit."""
    assert format_value_and_limit(value, limit, "energy") == expected


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (2.0, 2.0, ("2 J ref", "2 J ref")),
        (2.001, 2.0, ("2.001 J ref", "2 J ref")),
        (1.0, 2000.0, ("1 J ref", "2 kJ ref")),
        (math.nextafter(1.0, 0), 1.0, ("999.9999999999999 mJ ref", "1 J ref")),
        (521448127.5, 521448127.50000006, ("521448127.5 J ref", "521448127.50000006 J ref")),
    ],
)
def test_value_and_limit_of_reference_energy(value: float, limit: float, expected: tuple[str, str]) -> None:
    """Both texts end in "ref", however many digits they need."""
    assert format_value_and_limit(value, limit, "reference") == expected


def _pairs() -> st.SearchStrategy[tuple[float, float]]:
    amounts = st.floats(1e-5, 1e9)
    near = st.tuples(amounts, st.floats(-1e-3, 1e-3)).map(lambda p: (p[0], p[0] * (1 + p[1])))
    nearest = amounts.map(lambda a: (a, math.nextafter(a, math.inf)))
    return st.one_of(st.tuples(amounts, amounts), near, nearest)


@LAW
@given(_pairs(), st.booleans(), st.sampled_from(["energy", "mass"]))
@example((521448127.5, 521448127.50000006), False, "energy")
@example((1000.0, math.nextafter(1000.0, 0)), False, "energy")
@example((1.0, math.nextafter(1.0, 0)), False, "mass")
def test_text_never_rounds_across_a_limit(pair: tuple[float, float], swap: bool, kind: str) -> None:
    """The texts are equal only if the amounts are, never reverse their order, and both have units."""
    value, limit = reversed(pair) if swap else pair
    written, allowed = format_value_and_limit(value, limit, "energy" if kind == "energy" else "mass")
    assert (_amount_of(written) > _amount_of(allowed)) == (value > limit)
    assert (_amount_of(written) == _amount_of(allowed)) == (value == limit)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], 0.0), ([1.0, 2.5], 3.5), ([None], None), ([1.0, None, 2.0], None), ([0.1] * 10, 1.0)],
)
def test_sum_with_an_unknown_figure_is_unknown(values: list[float | None], expected: float | None) -> None:
    """Known figures are added exactly; one unknown figure makes the sum unknown."""
    assert sum_or_unknown(values) == expected


def test_a_negative_amount_that_is_too_little_to_write() -> None:
    """It lies between nothing and the least amount that is written."""
    assert format_amount(-6.72e-11, "mass") == ">-0.01 µg"
