"""Packages that extend pytest-carbon, as their entry points look."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any


class _Point:
    """An entry point without a distribution, whose object is at hand or whose import fails."""

    dist = None

    def __init__(self, name: str, plugin: Any) -> None:
        self.name = name
        self._plugin = plugin

    def load(self) -> Any:
        """Import the package."""
        if isinstance(self._plugin, BaseException):
            raise self._plugin
        return self._plugin


def entry_point(name: str, plugin: Any) -> EntryPoint:
    """Return an entry point that loads ``plugin``, or raises ``plugin`` if that is an error."""
    return _Point(name, plugin)  # type: ignore[return-value]
