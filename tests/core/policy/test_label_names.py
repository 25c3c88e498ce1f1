"""Names of labels: compared as GitHub compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.policy.label_names import find_label, label_key


@pytest.mark.parametrize(
    ("wanted", "labels", "found"),
    [
        ("carbon/override", ("bug", "Carbon/Override"), "Carbon/Override"),
        ("Feature:Checkout", ("feature:checkout",), "feature:checkout"),
        ("security", (" Security ",), " Security "),
        ("STRASSE", ("straße",), "straße"),
        ("security", ("security-fix", "secur"), None),
        ("security", (), None),
    ],
)
def test_label_is_found_in_any_case(wanted: str, labels: tuple[str, ...], found: str | None) -> None:
    """The label is returned as it is spelt there; a longer or shorter name is another label."""
    assert find_label(wanted, labels) == found


@given(st.text())
def test_key_of_a_key_is_the_key(name: str) -> None:
    """A name that was compared once compares in the same way again."""
    assert label_key(label_key(name)) == label_key(name)
