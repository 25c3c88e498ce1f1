"""Our values as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pytest_carbon.core.model import Range


def plain(value: Any, digits: int = 7) -> Any:
    """Return a value as JSON values, a dataclass by its fields and figures to so many digits."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if is_dataclass(value):
        return {part.name: plain(getattr(value, part.name), digits) for part in fields(value)}
    if isinstance(value, Range):
        return plain(value._asdict(), digits)
    if isinstance(value, tuple | list):
        return [plain(item, digits) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item, digits) for key, item in value.items()}
    return value
