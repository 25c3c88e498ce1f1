"""Charts as SVG: the shapes that pygal draws, without its styles, scripts and ids; carbon.css colours them."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from xml.etree import ElementTree

from pytest_carbon.core.quantities import format_mass
from pytest_carbon.reporters.site.svg_marks import add_budgets, add_letters, add_names, to_text

WIDTH, HEIGHT = 640, 260
LABEL_SIZE = 22
"""Of labels on a small screen, whose 320 pixels have 11 pixels for it; on a large one carbon.css makes them smaller."""
_MOST_LABELS = 7
_NUMBER = re.compile(r"-?\d+\.\d+")
_COPIED_ATTRIBUTES = {"g": ("transform",), "path": ("d",), "rect": ("x", "y", "width", "height"), "text": ("x", "y"),
         "circle": ("cx", "cy", "r")}  # fmt: skip
_LIBRARY_CLASSES = ("reactive", "tooltip-trigger", "nofill", "background", "tooltip")
Points = Sequence[tuple[float, float]]


def draw_burn_down(
    name: str,
    texts: tuple[str, str],
    left: Points,
    forecast: tuple[float, float, float] | None,
    ends: tuple[float, float],
    days: Mapping[float, str],
) -> str:
    """Draw the remaining share of a budget by the days since its window's start.

    ``name`` is the prefix of ids, ``texts`` are the title and the description. ``forecast`` is the share that remains
    at the end in the P90, P50 and P10 outcome of use. ``ends`` are the days when an even pace reaches 0 and when the
    forecast ends; ``days`` are the labels of the x axis.
    """
    now, (even_end, forecast_end) = left[-1], ends
    series: dict[str, Points] = {"even": ((0.0, 1.0), (even_end, 0.0))}
    if forecast is not None and forecast_end > now[0]:
        low, middle, high = forecast
        fan = (now, (forecast_end, high), (forecast_end, low), now)
        series = {"fan": fan, **series, "likely": (now, (forecast_end, middle))}
    series |= {"left": left, "now": (now,)}
    lowest = min(share for points in series.values() for _, share in points)
    chart = _chart("XY")(**_settings(lambda share: f"{share * 100:.0f} %"), stroke=True, show_dots=False)
    chart.y_labels = _ticks(lowest, 1.0)
    chart.x_labels = [{"value": at, "label": label} for at, label in _thin_out(days.items())]
    chart.xrange = (0, max(forecast_end, *days))
    for points in series.values():
        chart.add("", list(points), show_dots=len(points) == 1, dots_size=5)
    return to_text(_svg(chart, name, texts, [*series]))


def draw_months(
    name: str,
    texts: tuple[str, str],
    labels: Sequence[str],
    grams: Mapping[str, Sequence[float]],
    budgets: Sequence[float | None] = (),
    letters: bool = False,
) -> str:
    """Draw stacked bars of grams by month; ``grams`` are by the class of each part.

    A month of unknown grams has no bar. ``budgets`` are lines across the bars. With ``letters``, the parts of the
    highest bar are marked A, B, C and so on.
    """
    totals = [math.fsum(month) for month in zip(*grams.values(), strict=True)]
    ticks = _ticks(0.0, max([*totals, *(budget for budget in budgets if budget is not None)]))
    chart = _chart("StackedBar")(**_settings(lambda mass_g: format_mass(mass_g, 2)))
    chart.y_labels = ticks
    chart.x_labels = list(labels)
    for values in grams.values():
        chart.add("", list(values))
    root = _svg(chart, name, texts, [*grams])
    add_budgets(root, (ticks[0], ticks[-1]), budgets)
    if letters:
        add_letters(root, totals.index(max(totals)))
    return to_text(root)


def draw_per_run(
    name: str, texts: tuple[str, str], grams: Points, marks: Mapping[float, str], days: Mapping[float, str]
) -> str:
    """Draw grams per run by day, with a dot and a name at each mark; ``days`` are the labels of the x axis."""
    series: dict[str, Points] = {"per-run": grams}
    if marks:
        series["moved"] = [(day, _value_at(grams, day)) for day in marks]
    chart = _chart("XY")(**_settings(lambda mass_g: format_mass(mass_g, 2)), stroke=True, show_dots=False)
    chart.y_labels = _ticks(0.0, max(gram for _, gram in grams))
    chart.x_labels = [{"value": at, "label": label} for at, label in _thin_out(days.items())]
    chart.xrange = (0, max(days))
    for part, points in series.items():
        chart.add("", list(points), show_dots=part == "moved", stroke=part != "moved", dots_size=6)
    root = _svg(chart, name, texts, [*series])
    add_names(root, "moved", list(marks.values()))
    return to_text(root)


def _value_at(points: Points, at: float) -> float:
    """Return the value of the first point from ``at`` on, or of the last one."""
    return next((value for day, value in points if day >= at), points[-1][1])


@cache
def _chart(kind: str) -> Callable[..., Any]:
    import pygal  # type: ignore[import-untyped]

    # pygal's finder for maps makes Python warn of every later failed import, so we remove it. The finder of pygal's
    # dependency importlib_metadata stays: it replaced the standard library's, and finds the installed packages.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    made: Callable[..., Any] = getattr(pygal, kind)
    return made


def _settings(formatter: Callable[[float], str]) -> dict[str, Any]:
    """Return the settings of all charts; the large font reserves room for the labels on a small screen."""
    from pygal.style import Style  # type: ignore[import-untyped]

    return {
        "width": WIDTH, "height": HEIGHT, "margin": 4, "margin_top": 14, "spacing": 8, "show_legend": False, "js": [],
        "css": [], "no_prefix": True, "style": Style(label_font_size=LABEL_SIZE), "value_formatter": formatter,
        "truncate_label": -1,
    }  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    """Return at most eight ticks from ``low`` or below to ``high`` or above.

    Their step is 1, 2, 2.5 or 5 times a power of ten.
    """
    rough = max(high - low, 1e-12) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _thin_out(labels: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """Keep every n-th label, so that at most _MOST_LABELS are left."""
    every = list(labels)
    return every[:: -(-len(every) // _MOST_LABELS)]


def _svg(chart: Any, name: str, texts: tuple[str, str], series: Sequence[str]) -> ElementTree.Element:
    root = ElementTree.Element(
        "svg",
        {"class": "chart", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img",
         "aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-about"},
    )  # fmt: skip
    for tag, suffix, text in zip(("title", "desc"), ("title", "about"), texts, strict=True):
        ElementTree.SubElement(root, tag, {"id": f"{name}-{suffix}"}).text = text
    for child in chart.render_tree():
        _copy_shapes(root, child, series)
    return root


def _copy_shapes(parent: ElementTree.Element, node: Any, series: Sequence[str]) -> None:
    """Copy groups, paths, bars, dots and labels to ``parent``, with the names of the series as classes."""
    classes = node.get("class", "").split()
    background = node.tag == "rect" and "background" in classes
    if node.tag not in _COPIED_ATTRIBUTES or background or "tooltip-overlay" in classes:
        return
    names = _COPIED_ATTRIBUTES[node.tag]
    copy = ElementTree.Element(node.tag, {name: _round_numbers(node.get(name)) for name in names if node.get(name)})
    ours = [name for name in classes if not name.startswith("color-") and name not in _LIBRARY_CLASSES]
    if ours:
        copy.set("class", " ".join(_series_class(name, series) for name in ours))
    copy.text = node.text if node.tag == "text" else None
    for child in node:
        _copy_shapes(copy, child, series)
    if node.tag != "g" or len(copy):
        parent.append(copy)


def _series_class(name: str, series: Sequence[str]) -> str:
    """Return the series' own name for pygal's ``serie-0``, and any other class as it is."""
    return series[int(name.removeprefix("serie-"))] if name.startswith("serie-") else name


def _round_numbers(text: str) -> str:
    return _NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text)
