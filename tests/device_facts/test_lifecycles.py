"""The facts: built from a table of lifecycles, shipped, and refreshed by a project."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.device_facts.lifecycles import REFRESHED_TABLE, build_facts, load_facts, shipped_facts
from tests.core.devices.device_check import NOW, shipped

PRODUCTS = ("python", "nodejs", "debian", "ubuntu", "alpine-linux", "rhel", "android", "windows", "iphone", "ipad")


def _table(as_of: str = "2026-01-01", **products: dict[str, Any]) -> dict[str, Any]:
    """Return a table of lifecycles without releases, except those that are given; ``_`` stands for a hyphen."""
    given = {name.replace("_", "-"): rows for name, rows in products.items()}
    return {"as_of": as_of, "products": {**{product: {} for product in PRODUCTS}, **given}}


def test_shipped_facts_are_complete() -> None:
    """The shipped facts have a day, all families, and groups of devices for everything that a runtime needs."""
    facts = shipped()
    assert date(2026, 1, 1) < facts.as_of < NOW.date()
    assert {"python", "node", "debian", "ubuntu", "alpine", "rhel", "ios", "macos", "android"} <= set(facts.releases)
    assert {"ios", "android", "windows", "glibc", "macos", "x86-64", "wheels"} == set(facts.groups)
    assert {needed for steps in facts.needs.values() for step in steps.values() for needed in step} <= set(facts.groups)


@pytest.mark.parametrize(
    ("until", "expected"),
    [(False, date.max), (True, date.min), ("2024-10-07", date(2024, 10, 7)), (None, None)],
)
def test_the_end_of_support(until: Any, expected: date | None) -> None:
    """False is no end yet, True an unknown day in the past, and nothing is unknown."""
    (release,) = build_facts(_table(python={"3.8": {"from": "2019-10-14", "until": until}}), "here").releases["python"]
    assert (release.released, release.until) == (date(2019, 10, 14), expected)


def test_releases_have_the_names_of_our_families() -> None:
    """Products are renamed to families, Android's releases to API levels; a name that is no version is left out."""
    facts = build_facts(
        _table(
            nodejs={"22": {}, "current": {}},
            alpine_linux={"3.20": {}},
            android={"14": {"from": "2023-10-04"}, "2.3": {}, "15": {"from": "2024-09-03"}},
        ),
        "here",
    )
    assert [release.name for release in facts.releases["node"]] == ["22", "0.10", "0.12"]
    assert [release.name for release in facts.releases["alpine"]] == ["3.20"]
    assert [release.name for release in facts.releases["android"]] == ["34", "35"]
    assert (facts.as_of, facts.source) == (date(2026, 1, 1), "endoflife.date (MIT), here")


def test_android_devices_were_sold_until_the_next_version() -> None:
    """The devices of the newest version may get the next one, so only the others stay."""
    rows = {"14": {"from": "2023-10-04"}, "15": {"from": "2024-09-03"}}
    (group,) = build_facts(_table(android=rows), "here").groups["android"]
    assert (group.last, group.newest, group.how) == ("34", date(2024, 9, 3), "sold at least until")


@pytest.mark.parametrize(
    ("product", "model", "name"),
    [
        ("iphone", "6s-plus", "iPhone 6S Plus"),
        ("iphone", "se-1", "iPhone SE (1)"),
        ("iphone", "x", "iPhone X"),
        ("iphone", "xs-max", "iPhone XS Max"),
        ("ipad", "mini-4", "iPad Mini 4"),
        ("ipad", "pro-2-12", "iPad Pro 2 (12-inch)"),
    ],
)
def test_apple_devices_have_readable_names(product: str, model: str, name: str) -> None:
    """A device ends at the last system of its range; its day is the end of its sale, else its introduction."""
    newest = {"iphone": {"99": {"systems": "27"}}}
    rows = {model: {"from": "2015-01-01", "sold": "2018-09-12", "systems": "9 - 15", "until": "2022-01-01"}}
    sold = build_facts(_table(**{**newest, product: {**newest.get(product, {}), **rows}}), "here").groups["ios"]
    assert [(group.name, group.last, group.newest, group.how) for group in sold] == [
        (name, "15", date(2018, 9, 12), "sold until")
    ]
    del rows[model]["sold"]
    made = build_facts(_table(**{**newest, product: {**newest.get(product, {}), **rows}}), "here").groups["ios"]
    assert [(group.newest, group.how) for group in made] == [(date(2015, 1, 1), "introduced")]


def test_devices_on_the_newest_ios_are_in_no_group() -> None:
    """They may get the next iOS; a device without a known system is left out, too."""
    rows = {"8": {"systems": "11 - 16"}, "15": {"systems": "17 - 26"}, "1": {}}
    facts = build_facts(_table(iphone=rows), "here")
    assert [(group.name, group.newest) for group in facts.groups["ios"]] == [("iPhone 8", None)]
    assert facts.newest_covered["ios"] == "26"


def test_newer_facts_are_used(tmp_path: Path) -> None:
    """A refreshed table counts unless it is older than the shipped one; a broken table is an error with a next step."""
    path = tmp_path / REFRESHED_TABLE
    path.parent.mkdir()
    path.write_text(json.dumps(_table("2020-01-01")), encoding="utf-8")
    assert load_facts(tmp_path) == shipped_facts() == load_facts(tmp_path / "nowhere")
    path.write_text(json.dumps(_table("2099-01-01")), encoding="utf-8")
    assert load_facts(tmp_path).source == "endoflife.date (MIT), .carbon/lifecycles.json"
    for broken in ("{", "[]", '{"products": {}, "as_of": "2030-01-01"}', '{"as_of": 3}'):
        path.write_text(broken, encoding="ascii")
        with pytest.raises(ConfigError, match="write it anew: pytest-carbon devices --refresh"):
            load_facts(tmp_path)
