"""What a provider of grid factors can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_carbon.core.model import GridFactor


class GridProvider(Protocol):
    """Knows the grams of CO2e per kWh of some grid zones."""

    @property
    def name(self) -> str:
        """The provider's name in messages."""
        ...

    def factor(self, zone: str) -> GridFactor | None:
        """Return the factor of a zone; None for a zone that this provider does not know."""
        ...

    def zones(self) -> Sequence[str]:
        """Return the zones that this provider knows, so that a misspelt zone can be corrected."""
        ...
