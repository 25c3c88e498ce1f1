"""Charts as SVG: only shapes are left of what the library draws."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.burn_down import draw_burn_down

LAW = settings(max_examples=100, deadline=None)


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 (our own text)


def test_only_shapes_are_left(lab: Any) -> None:
    """A chart has no style, script, comment, random id or colour of the library, and is small."""
    months = svg_charts.draw_months(
        "m", ("a <b>", "c & d"), ["Nov"] * 13, {"scope-2": [1.0] * 13, "scope-3": [2.0] * 13}
    )
    burn_down = draw_burn_down(lab.account(), lab.NOW)
    assert burn_down is not None
    for svg in (burn_down.svg, months):
        assert {node.tag for node in _parsed(svg).iter()} <= {
            "svg",
            "title",
            "desc",
            "g",
            "path",
            "rect",
            "text",
            "circle",
        }
        assert not re.search(r"style|script|pygal|color-|#[0-9a-fA-F]{3}|<!--", svg)
        assert len(svg) < 8000
    assert '<title id="m-title">a &lt;b&gt;</title>' in months


@LAW
@given(st.floats(-50, 0), st.floats(1e-9, 1e9))
def test_ticks_cover_the_values(low: float, high: float) -> None:
    """At most eight ticks reach from the smallest value or below to the largest or above."""
    ticks = svg_charts._ticks(low, high)
    assert 2 <= len(ticks) <= 8
    assert ticks[0] <= low + 1e-6 * (high - low)
    assert ticks[-1] >= high - 1e-6 * (high - low)


def test_the_library_leaves_python_imports_alone() -> None:
    """Its finder for maps, which makes every failed import warn, is gone; installed packages are still found."""
    svg_charts.draw_months("months", ("July", "more than June"), ["June", "July"], {"grams": [1.0, 2.0]})
    assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("pygal")]
    assert version("pytest") == pytest.__version__
