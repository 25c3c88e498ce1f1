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


def _burn(lab: Any, account: Any) -> BurnDown:
    found = draw_burn_down(account, lab.NOW)
    assert found is not None
    return found


def _ends(burn: BurnDown, series: str) -> list[tuple[float, float]]:
    """Return the points of a line, in pixels."""
    found = re.search(rf'class="series {series}"><path d="M([^"]+)"', burn.svg)
    assert found is not None
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", found[1])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_what_is_left_ends_where_the_budget_stands(lab: Any) -> None:
    """The line starts with all of it, goes down day by day, and ends at what is left now; the fan starts there."""
    burn = _burn(lab, lab.account())
    line, fan = _ends(burn, "left"), _ends(burn, "fan")
    assert len(line) == 20
    assert [y for _, y in line] == sorted(y for _, y in line)
    assert line[-1] == fan[0] == fan[-1]
    assert fan[1][0] == fan[2][0] > line[-1][0]
    assert burn.title == "62 % used with 42 % of November left"
    assert burn.table.rows[0] == ["2026-11-18", "73.4 g", "760 g", "12"]
    assert len(burn.table.rows) == 18


def test_a_rolling_budget_looks_a_window_ahead(lab: Any) -> None:
    """Of a window of 28 days the chart shows the last and the next ones."""
    account = lab.account(window_days=("2026-10-21", "2026-11-18"))
    account = replace(account, standing=replace(account.standing, window="28d"))
    burn = _burn(lab, account)
    (start, _), (end, _) = _ends(burn, "left")[0], _ends(burn, "left")[-1]
    assert _ends(burn, "fan")[1][0] - end == pytest.approx(end - start, rel=0.02)
    assert burn.title == "62 % used in the last 28 days"
    assert "the next window will use between 87 % and 118 %" in burn.description


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"p10": None, "p50": None, "p90": None}, "cannot be told yet"),
        ({"used": 9.0, "consumed": 18_000.0, "remaining": -16_000.0}, "this window will use"),
        (
            {"used": 0.0, "consumed": 0.0, "remaining": 2000.0, "p10": 0.0, "p50": 0.0, "p90": 0.0},
            "between 0 % and 0 %",
        ),
    ],
    ids=["no projection", "far over", "nothing used"],
)
def test_every_budget_has_a_chart(lab: Any, changes: dict[str, Any], about: str) -> None:
    """Also one without a projection, one far below nothing, and one of which nothing is used."""
    burn = _burn(lab, lab.account(standing=lab.standing(**changes), days=lab.days(changes.get("consumed", 1240.0))))
    assert about in burn.description
    assert ('class="series fan"' in burn.svg) == (changes.get("p10", 1) is not None)
    assert _parsed(burn.svg) is not None


def test_a_budget_without_days_has_a_chart(lab: Any) -> None:
    """Where the ledger has no run yet, the line is what is left."""
    assert len(_ends(_burn(lab, lab.account(days=(), standing=lab.standing(0.0))), "left")) == 2


def test_no_budget_has_no_chart(lab: Any) -> None:
    """Without a budget, or where overrides took all of it before, there is nothing to go down."""
    assert draw_burn_down(lab.account(used=None), lab.NOW) is None
    assert draw_burn_down(lab.account(standing=lab.standing(limit=0.0)), lab.NOW) is None


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


def test_the_days_clock_is_that_of_the_budget(lab: Any) -> None:
    """An hour after a month began in Auckland, all of it is left, though the day before is not half over in London."""
    account = lab.account(
        zone="Pacific/Auckland", days=(lab.Day("2026-12-01", 1240.0, 1240.0, 1),),
        window_days=("2026-12-01", "2026-12-31"),
    )  # fmt: skip
    burn = draw_burn_down(account, parse_time("2026-11-30T12:00:00Z"))
    assert burn is not None
    assert burn.title == "62 % used with >99 % of December left"


def test_what_is_not_known_is_not_nothing(lab: Any) -> None:
    """A day of which nothing is known says so; a budget with unknown runs used at least so much, or nobody knows."""
    days = (lab.Day("2026-11-17", 1240.0, 1240.0, 3), lab.Day("2026-11-18", None, None, 1))
    burn = _burn(lab, lab.account(days=days, standing=lab.standing(unknown_runs=1)))
    assert burn.title == "At least 62 % used with 42 % of November left"
    assert burn.table.rows[0] == ["2026-11-18", "not known", "760 g", "1"]
    untold = lab.account(standing=lab.standing(0.0, runs=0, unknown_runs=4, state="unknown"))
    assert draw_burn_down(untold, lab.NOW) is None
    assert badge.make_badge(untold, "November") == badge.Badge(
        "carbon checkout", "November not known", badge.UNKNOWN_COLOUR
    )
    assert key_figures(untold, "2026-11-18") == [KeyFigure("Used", "not known", "4 runs did not tell")]
    table = holders_table([untold], ["x.html"], "2026-11-18", "", "Feature")
    assert table.rows[0][1:5] == ["not known", "", "", ""]


def test_facts_of_a_budget(lab: Any) -> None:
    """A rolling budget's outcome is that of the next window; what is exhausted is never said to last."""
    rolling = replace(lab.account(), standing=lab.standing(1.2, window="28d"), exhausted_on=None)
    told = {fact.name: (fact.value, fact.small) for fact in key_figures(rolling, "2026-11-18")}
    assert told["In the next 28 days"][1] == "eight outcomes in ten"
    assert "At the window's end" not in told
    assert told["Exhausted"] == ("already", "nothing is left")


def test_what_a_pull_request_adds(lab: Any) -> None:
    """One that is not merged, or cannot be told, is not said to have changed nothing."""
    open_, unclear = lab.PULLS[2], replace(lab.PULLS[2], merged="2026-11-12")
    sure = replace(unclear, sureness="sure")
    adds = [row[2] for row in pulls_table([*lab.PULLS, *lab.SAVED, unclear, sure], "", "").rows]
    assert open_.merged is None
    assert adds == ["+540 g", "+120 g, not sure", "not merged", "-310 g", "not known", "no change seen"]


# -- badges ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "window", "message"),
    [
        (0.62, "month", "62 % of November"),
        (0.93, "quarter", "93 % of Q4, critical"),
        (1.13, "28d", "113 % of 28 days, exhausted"),
        (0.1, "4w", "10 % of 4 weeks"),
        (0.1, "4 w", "10 % of 4 weeks"),
        (0.1, "1d", "10 % of 1 day"),
        (None, "", "no budget"),
    ],
)
def test_badges_say_it_in_words(lab: Any, used: float | None, window: str, message: str) -> None:
    """A badge has what is used, of what, and the state where it is bad; never colour alone."""
    account = lab.account(used=used)
    if used is not None:
        account = replace(account, standing=replace(account.standing, window=window))
    found = badge.make_badge(account, window_name(account))
    assert (found.label, found.message) == ("carbon checkout", message)


def test_badges_show_hostile_names_as_they_are(built: Any, lab: Any) -> None:
    """Every badge is sound XML with its texts, however a feature is called."""
    files = (built.folder / "badges/features").glob("*.svg")
    names = {_parsed(path.read_text(encoding="utf-8"))[0].text for path in files}
    assert "carbon <script>alert(1)</script>: 40 % of November" in names
    assert len(names) == len(lab.HOSTILE) + 7


@pytest.mark.parametrize("colour", [*badge.COLOURS.values(), badge.UNKNOWN_COLOUR])
def test_badges_can_be_read(colour: str) -> None:
    """White on each colour has a contrast of 4.5 to 1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_the_moment_is_that_of_the_accounts(lab: Any) -> None:
    """The page is as of when its accounts were made: the same moment in another zone draws the same."""
    assert _burn(lab, lab.account()) == draw_burn_down(lab.account(), parse_time("2026-11-18T10:30:00+01:00"))


def test_the_library_leaves_no_trace_in_how_python_imports() -> None:
    """Its finder for maps would make Python warn of every import that fails; what is installed is still known."""
    svg_charts.draw_months("months", ("July", "more than June"), ["June", "July"], {"grams": [1.0, 2.0]})
    assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("pygal")]
    assert version("pytest") == pytest.__version__
