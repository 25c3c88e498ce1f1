"""Marks on charts that the library cannot draw: lines of budgets across bars, names at dots, letters in bars."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

_LETTER_HEIGHT = 24.0
"""A part of a bar that is lower has no letter."""
_ABOVE = 12.0
_HALF_LETTER = 7.0


def to_text(root: ElementTree.Element) -> str:
    """Return the text of an SVG."""
    return ElementTree.tostring(root, encoding="unicode")


def add_budgets(root: ElementTree.Element, ends: tuple[float, float], budgets: Sequence[float | None]) -> None:
    """Draw a line across each bar at its budget; ``ends`` are the values of the lowest and the highest guide."""
    plot = root.find(".//g[@class='plot']")
    if plot is None or not any(budget is not None for budget in budgets):
        return
    heights = [float(path.get("d", "").split()[1]) for path in plot.iterfind("g[1]/g[@class='guides']/path")]
    bars = [_box(rect) for rect in _parts_of_bars(root)[0]]
    group = ElementTree.SubElement(plot, "g", {"class": "series budget"})
    for (x, _, width, _), budget in zip(bars, budgets, strict=True):
        if budget is not None:
            share = (budget - ends[0]) / (ends[1] - ends[0])
            y = heights[0] + share * (heights[-1] - heights[0])
            ElementTree.SubElement(group, "path", {"d": f"M{x - 2:.1f} {y:.1f} h{width + 4:.1f}", "class": "line"})


def add_letters(root: ElementTree.Element, month: int) -> None:
    """Write A, B, C and so on into the parts of one bar, lowest first."""
    for number, parts in enumerate(_parts_of_bars(root)):
        x, y, width, height = _box(parts[month])
        if height >= _LETTER_HEIGHT:
            _add_text(root, (x + width / 2, y + height / 2 + _HALF_LETTER), "letter", chr(ord("A") + number))


def add_names(root: ElementTree.Element, series: str, names: Sequence[str]) -> None:
    """Write a name above each dot of a series."""
    dots = root.findall(f".//g[@class='series {series}']//circle")
    for dot, name in zip(dots, names, strict=False):
        _add_text(root, (float(dot.get("cx", "0")), float(dot.get("cy", "0")) - _ABOVE), "name", name)


def _parts_of_bars(root: ElementTree.Element) -> list[list[ElementTree.Element]]:
    """Return the bars' rectangles of each series, month by month."""
    series = root.findall(".//g[@class='plot']/g")
    return [rects for rects in (group.findall(".//rect") for group in series) if rects]


def _box(rect: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, width, height


def _add_text(root: ElementTree.Element, at: tuple[float, float], kind: str, text: str) -> None:
    plot = root.find(".//g[@class='plot']")
    if plot is not None:
        place = {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "class": kind}
        ElementTree.SubElement(plot, "text", place).text = text
