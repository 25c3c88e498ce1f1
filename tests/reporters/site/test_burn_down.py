"""The burn-down chart: its lines, its texts and its table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.reporters.site.burn_down import BurnDown, draw_burn_down


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


def test_the_moment_is_that_of_the_accounts(lab: Any) -> None:
    """The page is as of when its accounts were made: the same moment in another zone draws the same."""
    assert _burn(lab, lab.account()) == draw_burn_down(lab.account(), parse_time("2026-11-18T10:30:00+01:00"))
