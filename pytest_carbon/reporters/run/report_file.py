"""The carbon report as a JSON file: written whole or not at all, read with its schema."""

from __future__ import annotations

import json
import os
import reprlib
import tempfile
from contextlib import suppress
from errno import EEXIST
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_carbon.config.load import make_folder
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report.report import SCHEMA, Report, from_json, to_json

_SEPARATORS = (",", ":")
_AGAIN = "make a new one with pytest --carbon"


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the report."""
    text = resources.files("pytest_carbon.reporters.run").joinpath("report-1.json").read_text(encoding="utf-8")
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
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReportError(f"there is no carbon report at {path}; {_AGAIN}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReportError(f"{path} cannot be read ({why})") from error
    return from_bytes(data, str(path))


def from_bytes(data: bytes, where: str) -> Report:
    """Check the bytes of a report; ReportError begins with ``where``. Of a key that stands twice the last counts."""
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except ReportError as error:
        raise ReportError(f"{where} is no carbon report: {error}; {_AGAIN}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{where} is not whole JSON ({error}); was it cut short? {_AGAIN}") from error
    found = values.get("schema") if isinstance(values, dict) else None
    if found != SCHEMA:
        shown = reprlib.repr(found)
        raise ReportError(
            f"{where} is no carbon report of this version: its schema is {shown}, not {SCHEMA!r}; {_AGAIN}"
        )
    _check(values, where)
    return from_json(values)


def _check(data: Any, where: str) -> None:
    import fastjsonschema

    try:
        _validator()(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ReportError(f"{where} is not a sound carbon report: {error.message[:300]}; {_AGAIN}") from error


@cache
def _validator() -> Any:
    import fastjsonschema

    return fastjsonschema.compile(schema())
