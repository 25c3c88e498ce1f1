"""The built-in providers of grid factors, in the order in which they are asked. A new provider is one line here."""

from __future__ import annotations

from pytest_carbon.grid.aws_regions import AwsRegions
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.grid_provider import GridProvider

PROVIDERS: tuple[GridProvider, ...] = (CodeCarbonTables(), AwsRegions())
