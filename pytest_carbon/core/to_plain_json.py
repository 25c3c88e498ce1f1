"""Turns our values (dataclasses, ranges, tuples) into plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pytest_carbon.core.model import Range


def to_plain_json(value: Any, digits: int = 7) -> Any:
    """Return a value as plain JSON: a dataclass as an object of its fields, a float to so many significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if is_dataclass(value):
        return {field.name: to_plain_json(getattr(value, field.name), digits) for field in fields(value)}
    if isinstance(value, Range):
        return to_plain_json(value._asdict(), digits)
    if isinstance(value, tuple | list):
        return [to_plain_json(item, digits) for item in value]
    if isinstance(value, Mapping):
        return {key: to_plain_json(item, digits) for key, item in value.items()}
    return value
