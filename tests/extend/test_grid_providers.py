"""An extension knows zones of its own; an answer that cannot be used is passed over and named."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.grid_providers import ExtensionGridProvider
from pytest_carbon.hookspecs import hookimpl
from tests.extend.packages import entry_point

GOOD = GridFactor("island", Range(1.0, 1.0, 1.0), "our own wind mill", 2026, False)


class Island:
    """A package that knows two zones."""

    @hookimpl
    def carbon_grid_factor(self, zone: str) -> GridFactor | None:
        """Know the island, and Germany better than the tables."""
        return GOOD if zone in ("island", "DE") else None

    @hookimpl
    def carbon_grid_zones(self) -> list[str]:
        """Name one zone."""
        return ["island"]


class Answering:
    """A package that gives one answer to every question."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @hookimpl
    def carbon_grid_factor(self) -> Any:
        """Answer."""
        return self.answer

    @hookimpl
    def carbon_grid_zones(self) -> Any:
        """Answer."""
        return self.answer


def _source(zone: str, extensions: Extensions) -> str | None:
    factor = ExtensionGridProvider(extensions).factor(zone)
    return factor and factor.source


def test_a_zone_of_an_extension() -> None:
    """The first extension that knows the zone answers, and names its zones."""
    extensions = Extensions([entry_point("none", Answering(None)), entry_point("island", Island())])
    assert _source("island", extensions) == "our own wind mill"
    assert _source("FR", extensions) is None
    assert ExtensionGridProvider(extensions).zones() == ["island"]
    assert extensions.faults == ()


class LastIsland:
    """A package that answers only for zones that nobody else knows."""

    @hookimpl(trylast=True)
    def carbon_grid_factor(self, zone: str) -> GridFactor | None:
        """Know every zone."""
        return GridFactor(zone, Range(2.0, 2.0, 2.0), "a guess for every zone", None, False)


def test_an_extension_that_is_asked_last() -> None:
    """With ``trylast``, an extension stands behind the built-in tables."""
    extensions = Extensions([entry_point("last", LastIsland()), entry_point("island", Island())])
    assert [_source("island", extensions), _source("FR", extensions)] == ["our own wind mill", None]
    last = ExtensionGridProvider(extensions, last=True).factor("FR")
    assert last is not None
    assert last.source == "a guess for every zone"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (300.0, "a GridFactor with a Range was expected, not 300.0"),
        (GridFactor("x", (1.0, 1.0, 1.0), "s", 2026, False), "a GridFactor with a Range was expected"),  # type: ignore[arg-type]
        (GridFactor("x", Range(math.nan, 1.0, 1.0), "s", 2026, False), "the numbers must be finite"),
        (GridFactor("x", Range(10**400, 1.0, 10**400), "s", 2026, False), "OverflowError"),
        (GridFactor("x", Range(math.inf, 1.0, math.inf), "s", 2026, False), "the numbers must be finite"),
        (GridFactor("x", Range(1.0, 2.0, 3.0), "s", 2026, False), "0 <= low <= central <= high"),
        (GridFactor("x", Range(0.0, -1.0, 3.0), "s", 2026, False), "0 <= low <= central <= high"),
        (GridFactor("x", Range("1", "1", "1"), "s", 2026, False), "the numbers must be finite"),  # type: ignore[arg-type]
        (GridFactor("x", Range(1.0, 1.0, 1.0), None, 2026, False), "zone and source must be texts"),  # type: ignore[arg-type]
        (GridFactor("x", Range(1.0, 1.0, 1.0), "s", "2026", False), "year a whole number"),  # type: ignore[arg-type]
        (GridFactor("x", Range(1.0, 1.0, 1.0), "s", 2026, 0), "assumed True or False"),  # type: ignore[arg-type]
    ],
)
def test_an_answer_that_cannot_be_used_is_a_fault(answer: Any, reason: str) -> None:
    """No factor is returned, and the fault names the package, the zone and the reason."""
    extensions = Extensions([entry_point("odd", Answering(answer))])
    assert _source("DE", extensions) is None
    (fault,) = extensions.faults
    assert (fault.package, fault.doing) == ("odd", "asked for the grid zone 'DE'")
    assert reason in fault.error


def test_zones_that_are_no_list_are_a_fault() -> None:
    """The zones of the other extensions are still known."""
    extensions = Extensions([entry_point("island", Island()), entry_point("odd", Answering(5))])
    assert ExtensionGridProvider(extensions).zones() == ["island"]
    assert [fault.doing for fault in extensions.faults] == ["asked for its zones"]
