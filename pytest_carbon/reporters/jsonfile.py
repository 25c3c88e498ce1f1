"""The carbon report as a JSON file: written whole or not at all, read with its schema."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from errno import EEXIST
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_carbon.config import make_folder
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import SCHEMA, Report, from_json, to_json

_SEPARATORS = (",", ":")


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the report."""
    text = resources.files("pytest_carbon.reporters").joinpath("report-1.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def to_text(report: Report) -> str:
    """Return the report as JSON text: one row a line, so that two reports can be compared line by line."""
    data = to_json(report)
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            items = ",\n".join(json.dumps(item, separators=_SEPARATORS, allow_nan=False) for item in value)
            parts.append(f'"{key}":[\n{items}\n]')
        else:
            parts.append(f'"{key}":{json.dumps(value, separators=_SEPARATORS, allow_nan=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(report: Report, path: Path) -> None:
    """Write a report to a path, folders included; a file half written is never seen there.

    A folder ``.carbon`` that is made for it ignores itself in git. Raises ReportError with the reason.
    """
    temporary: str | None = None
    try:
        text = to_text(report)
        if path.exists() and not path.is_file():  # a folder, or a device that must not be replaced by a file
            raise FileExistsError(EEXIST, "something that is no file stands there")
        make_folder(path.parent, path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except (OSError, ValueError) as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReportError(
            f"the carbon report could not be written to {path} ({why}); the tests' own result stands. "
            "Free space, or choose another place with --carbon-report"
        ) from error


def _refuse_constant(name: str) -> float:
    raise ReportError(f"it holds {name}, which is not a number")


def read(path: Path) -> Report:
    """Read and check a report; ReportError says what is wrong with the file and what to do."""
    again = "make a new one with pytest --carbon"
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise ReportError(f"there is no carbon report at {path}; {again}") from None
    except OSError as error:
        raise ReportError(f"{path} cannot be read ({error.strerror})") from error
    except ReportError as error:
        raise ReportError(f"{path} is no carbon report: {error}; {again}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path} is not whole JSON ({error}); was it cut short? {again}") from error
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        raise ReportError(
            f"{path} is no carbon report of this version: its schema is {found!r}, not {SCHEMA!r}; {again}"
        )
    _check(data, path, again)
    return from_json(data)


def _check(data: Any, path: Path, again: str) -> None:
    import fastjsonschema

    try:
        _validator()(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ReportError(f"{path} is not a sound carbon report: {error.message}; {again}") from error


@cache
def _validator() -> Any:
    import fastjsonschema

    return fastjsonschema.compile(schema())
