"""The charts and badges: what is drawn, what it says, and that nothing of the library's own look is left."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.reporters.site import badge, svg_charts
from pytest_carbon.reporters.site.burn_down import BurnDown, draw_burn_down
from pytest_carbon.reporters.site.holder_tables import pulls_table
from pytest_carbon.reporters.site.page_tables import KeyFigure, holders_table, key_figures, window_name

LAW = settings(max_examples=100, deadline=None)


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 (our own text)


def test_only_shapes_are_kept(lab: Any) -> None:
    """No style, script, comment, random id or colour of the library is in a chart, and it is small."""
    months = svg_charts.draw_months(
        "m", ("a <b>", "c & d"), ["Nov"] * 13, {"scope-2": [1.0] * 13, "scope-3": [2.0] * 13}
    )
    for svg in (_burn(lab, lab.account()).svg, months):
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
def test_ticks_hold_all_that_is_drawn(low: float, high: float) -> None:
    """Steps are even, there are a handful, and they reach from below the least to above the most."""
    ticks = svg_charts._ticks(low, high)
    assert 2 <= len(ticks) <= 8
    assert ticks[0] <= low + 1e-6 * (high - low)
    assert ticks[-1] >= high - 1e-6 * (high - low)


# -- badges ---------------------------------------------------------------------------------------------------


def test_the_library_leaves_no_trace_in_how_python_imports() -> None:
    """Its finder for maps would make Python warn of every import that fails; what is installed is still known."""
    svg_charts.draw_months("months", ("July", "more than June"), ["June", "July"], {"grams": [1.0, 2.0]})
    assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("pygal")]
    assert version("pytest") == pytest.__version__
