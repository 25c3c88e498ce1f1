"""Lines of budgets, names and letters on a chart."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.svg_marks import add_budgets, add_names, to_text

LABELS = ["Jan", "Feb", "Mar"]


def test_a_budget_is_a_line_at_its_height() -> None:
    """A budget of as much as a bar has lies on the bar's upper edge; a month without a budget has no line."""
    svg = svg_charts.draw_months(
        "m", ("t", "d"), LABELS, {"a": [1.0, 2.0, 1.0], "b": [1.0, 1.0, 0.0]}, [2.0, None, 1.0]
    )
    lines = re.findall(r'<path d="M([\d.]+) ([\d.]+) h[\d.]+" class="line" />', svg.split("series budget")[1])
    tops = re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', svg)
    assert [float(y) for _, y in lines] == [float(tops[3]), float(tops[2])]


def test_a_budget_above_all_bars_is_on_the_chart() -> None:
    """The axis reaches up to the budget."""
    svg = svg_charts.draw_months("m", ("t", "d"), LABELS, {"a": [1.0, 2.0, 1.0]}, [9.0, 9.0, 9.0])
    assert "10 g" in svg
    assert svg.count('class="line" />') > svg_charts.draw_months("m", ("t", "d"), LABELS, {"a": [1.0] * 3}).count(
        'class="line" />'
    )


def test_low_parts_have_no_letter() -> None:
    """A letter that does not fit into its part is left out."""
    svg = svg_charts.draw_months("m", ("t", "d"), LABELS, {"a": [1.0, 20.0, 1.0], "b": [0.1, 0.1, 0.1]}, letters=True)
    assert re.findall(r'class="letter">(\w)<', svg) == ["A"]


def test_names_are_escaped() -> None:
    """A name is text."""
    svg = svg_charts.draw_per_run(
        "p", ("t", "d"), [(0.0, 1.0), (9.0, 2.0)], {3.0: "<b>"}, {0.0: "1 Oct", 9.0: "10 Oct"}
    )
    assert "&lt;b&gt;" in svg
    assert svg.count("<circle") == 1


def test_a_chart_without_a_plot_stays_as_it_is() -> None:
    """Nothing is drawn where there is nothing to draw on."""
    root = ElementTree.Element("svg")
    add_budgets(root, (0.0, 1.0), [1.0])
    add_names(root, "moved", ["#1"])
    assert to_text(root) == "<svg />"
