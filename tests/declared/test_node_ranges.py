"""Version ranges of npm and Poetry, converted to specifiers of PEP 440."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from pytest_carbon.declared.node_ranges import npm_specifiers, poetry_specifiers

NUMBERS = st.integers(0, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">=16", (">=16",)),
        (">= 16.13.0 < 20", (">=16.13.0,<20",)),
        ("^16.13.0 || >=18", (">=16.13.0,<17", ">=18")),
        ("16", (">=16,<17",)),
        ("16.x", (">=16,<17",)),
        ("v16.1.0", ("==16.1.0",)),
        ("~16.1", (">=16.1,<16.2",)),
        ("~16", (">=16,<17",)),
        ("^0.10.3", (">=0.10.3,<0.11",)),
        ("12 - 14", (">=12,<15",)),
        ("12.1.0 - 14.2.3", (">=12.1.0,<=14.2.3",)),
        (">16", (">=17",)),
        ("<=16", ("<17",)),
        ("*", ("",)),
        ("x", ("",)),
        ("", ("",)),
        ("lts/*", None),
        ("newest", None),
        (">=16 && <18", None),
    ],
)
def test_ranges_of_npm(text: str, expected: tuple[str, ...] | None) -> None:
    """Carets, tildes, hyphens, wildcards and alternatives are written out; a text that is no range is None."""
    assert npm_specifiers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^3.9", (">=3.9,<4",)),
        ("~3.9", (">=3.9,<3.10",)),
        ("~=3.9", ("~=3.9",)),
        (">=3.8,<4.0", (">=3.8,<4.0",)),
        ("~2.7 || ^3.6", (">=2.7,<2.8", ">=3.6,<4")),
        ("3.9.*", ("==3.9.*",)),
        ("*", ("",)),
    ],
)
def test_constraints_of_poetry(text: str, expected: tuple[str, ...]) -> None:
    """Operators of Poetry are written out, those of PEP 440 stay."""
    assert poetry_specifiers(text) == expected


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 30), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_caret_accepts_the_rest_of_its_major_version(
    major: int, minor: int, patch: int, more: int, later: int
) -> None:
    """``^x.y.z`` accepts x.y.z and everything after it up to the next major version, and nothing else."""
    (specifier,) = npm_specifiers(f"^{major}.{minor}.{patch}") or ("",)
    accepted = SpecifierSet(specifier)
    assert f"{major}.{minor}.{patch}" in accepted
    assert f"{major}.{minor + more}.{patch + later}" in accepted
    assert f"{major + 1}.0.0" not in accepted
    assert f"{major - 1}.{minor}.{patch}" not in accepted
