"""The hooks that other packages can implement, by an entry point of the group ``pytest_carbon``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from pytest_carbon.core.model import GridFactor
    from pytest_carbon.core.report.report import Report

PROJECT = "pytest_carbon"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def carbon_grid_factor(zone: str) -> GridFactor | None:
    """Return the factor of a grid zone, or None if this provider does not know the zone."""


@hookspec
def carbon_grid_zones() -> list[str]:
    """Return the zones this provider knows, so that a misspelt one can be suggested."""
    return []


@hookspec
def carbon_report_written(report: Report, path: Path) -> None:
    """A carbon report was written: write it elsewhere, or in another shape, too."""
