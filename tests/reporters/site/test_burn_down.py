"""The burn-down chart: its lines, its texts and its table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.reporters.site.burn_down import BurnDown, draw_burn_down


def _burn(lab: Any, account: Any) -> BurnDown:
    burn = draw_burn_down(account, lab.NOW)
    assert burn is not None
    return burn


def _ends(burn: BurnDown, series: str) -> list[tuple[float, float]]:
    """Return the points of a line, in pixels."""
    path = re.search(rf'class="series {series}"><path d="M([^"]+)"', burn.svg)
    assert path is not None
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path[1])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_line_ends_at_the_remaining_budget(lab: Any) -> None:
    """The line starts with the whole budget, goes down by day, and ends at what remains now; the fan starts there."""
    burn = _burn(lab, lab.account())
    line, fan = _ends(burn, "left"), _ends(burn, "fan")
    assert len(line) == 20
    assert [y for _, y in line] == sorted(y for _, y in line)
    assert line[-1] == fan[0] == fan[-1]
    assert fan[1][0] == fan[2][0] > line[-1][0]
    assert burn.title == "62 % used with 42 % of November left"
    assert burn.table.rows[0] == ["2026-11-18", "73.4 g", "760 g", "12"]
    assert len(burn.table.rows) == 18


def test_a_rolling_budget_shows_the_next_window(lab: Any) -> None:
    """For a window of 28 days the chart shows the last 28 days and the next 28."""
    account = lab.account(window_days=("2026-10-21", "2026-11-18"))
    account = replace(account, standing=replace(account.standing, window="28d"))
    burn = _burn(lab, account)
    (start, _), (end, _) = _ends(burn, "left")[0], _ends(burn, "left")[-1]
    assert _ends(burn, "fan")[1][0] - end == pytest.approx(end - start, rel=0.02)
    assert burn.title == "62 % used in the last 28 days"
    assert "At the recent pace, the next 28 days will use between 87 % and 118 % of the budget" in burn.description


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"p10": None, "p50": None, "p90": None}, "There is no forecast yet"),
        ({"used": 9.0, "consumed": 18_000.0, "remaining": -16_000.0}, "November will use"),
        (
            {"used": 0.0, "consumed": 0.0, "remaining": 2000.0, "p10": 0.0, "p50": 0.0, "p90": 0.0},
            "between 0 % and 0 %",
        ),
    ],
    ids=["no projection", "far over", "nothing used"],
)
def test_every_budget_has_a_chart(lab: Any, changes: dict[str, Any], description: str) -> None:
    """A budget without a forecast, a far exceeded one and an unused one have a chart as well."""
    burn = _burn(lab, lab.account(standing=lab.standing(**changes), days=lab.days(changes.get("consumed", 1240.0))))
    assert description in burn.description
    assert ('class="series fan"' in burn.svg) == (changes.get("p10", 1) is not None)
    assert ElementTree.fromstring(burn.svg) is not None  # noqa: S314 (our own text)


def test_a_budget_without_days_has_a_chart(lab: Any) -> None:
    """If the ledger has no run yet, the line is what remains."""
    assert len(_ends(_burn(lab, lab.account(days=(), standing=lab.standing(0.0))), "left")) == 2


def test_no_budget_has_no_chart(lab: Any) -> None:
    """Without a budget, or with a debt of all of it, there is nothing to draw."""
    assert draw_burn_down(lab.account(used=None), lab.NOW) is None
    assert draw_burn_down(lab.account(standing=lab.standing(limit=0.0)), lab.NOW) is None


def test_days_are_in_the_time_zone_of_the_budget(lab: Any) -> None:
    """An hour into December in Auckland, all of December is left, although London still has 30 November."""
    account = lab.account(
        zone="Pacific/Auckland", days=(lab.Day("2026-12-01", 1240.0, 1240.0, 1),),
        window_days=("2026-12-01", "2026-12-31"),
    )  # fmt: skip
    burn = draw_burn_down(account, parse_time("2026-11-30T12:00:00Z"))
    assert burn is not None
    assert burn.title == "62 % used with >99 % of December left"


def test_unknown_use_is_not_zero(lab: Any) -> None:
    """A day of unknown use says so; a budget with unknown runs is "at least"; without known use there is no chart."""
    days = (lab.Day("2026-11-17", 1240.0, 1240.0, 3), lab.Day("2026-11-18", None, None, 1))
    burn = _burn(lab, lab.account(days=days, standing=lab.standing(unknown_runs=1)))
    assert burn.title == "At least 62 % used with 42 % of November left"
    assert burn.table.rows[0] == ["2026-11-18", "not known", "760 g", "1"]
    unmeasured = lab.account(standing=lab.standing(0.0, runs=0, unknown_runs=4, state="unknown"))
    assert draw_burn_down(unmeasured, lab.NOW) is None


def test_the_same_moment_in_another_zone_draws_the_same(lab: Any) -> None:
    """The chart is as of the moment of its accounts, however that is written."""
    assert _burn(lab, lab.account()) == draw_burn_down(lab.account(), parse_time("2026-11-18T10:30:00+01:00"))
