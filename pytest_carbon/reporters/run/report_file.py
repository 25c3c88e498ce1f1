"""The carbon report as a JSON file: written completely or not at all, and checked by its schema when read."""

from __future__ import annotations

import json
import reprlib
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_carbon.config.load import DEFAULT_REPORT
from pytest_carbon.config.report_places import place_of_command
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.escape import visible
from pytest_carbon.core.report import SCHEMA, Report, from_json, to_json
from pytest_carbon.files.follow_links import UnfitFileError, refuse_outside
from pytest_carbon.files.read_bounded import REPORT_BYTES, read_bytes
from pytest_carbon.files.write_safely import NameTakenError, make_folder, replace_when_whole

_SEPARATORS = (",", ":")
MOST_VALUES = 8_000_000
"""The most values of a report; small values take much memory."""
OWN_FOLDER = Path(DEFAULT_REPORT).parent.name
_OPTION = "--carbon-report"
_MAKE_NEW = "make a new one with pytest --carbon"


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the report."""
    text = resources.files("pytest_carbon.reporters.run").joinpath("report-1.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def to_text(report: Report) -> str:
    """Return the report as JSON text with one row a line, so that a diff shows the rows that differ."""
    data = to_json(report)
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            items = ",\n".join(json.dumps(item, separators=_SEPARATORS, allow_nan=False) for item in value)
            parts.append(f'"{key}":[\n{items}\n]')
        else:
            parts.append(f'"{key}":{json.dumps(value, separators=_SEPARATORS, allow_nan=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(
    report: Report,
    path: Path,
    project: Path | None = None,
    *,
    named: bool = True,
    option: str = _OPTION,
    replaces: bool = True,
) -> None:
    """Write a report to a path and make its folders; nobody ever sees a half-written file there.

    A new folder ``.carbon`` gets a .gitignore of its own. ``project`` is the folder of the project, by default the
    working directory; a link in it may not lead the report out of it. A path that the user has not ``named`` is
    refused as ``refuse_unfit_place`` says. Raises ReportError with the reason, which tells of the ``option``, and
    NameTakenError if another run has a report there that this one may not replace.
    """
    top = project or Path.cwd()
    try:
        if not named:
            refuse_unfit_place(path, top)
        data = to_text(report).encode()
        make_folder(path.parent, top, next((p for p in path.parents if p.name == OWN_FOLDER), path.parent))
        with replace_when_whole(path, top, replaces=replaces) as file:
            file.write(data)
    except NameTakenError:
        raise
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        step = "Choose" if isinstance(error, UnfitFileError) else "Free some space, or choose"
        raise ReportError(
            f"the carbon report could not be written to {path} ({why}); the result of the tests is not affected. "
            f"{step} another path with {option}"
        ) from error


def refuse_unfit_place(path: Path, project: Path) -> None:
    """Raise OSError for a place that the project's settings, and not the user, may not name for a report.

    That is a place outside of the project, and a file that is there and is no report, which would be lost.
    """
    refuse_outside(path, project)
    with suppress(FileNotFoundError):
        if path != project / DEFAULT_REPORT and not _is_report(read_bytes(path, REPORT_BYTES, project)):
            raise UnfitFileError(path, "this file is no carbon report, and would be lost")


def _is_report(data: bytes) -> bool:
    """Return whether a file is a report of any version. Whatever ``from_bytes`` takes for a report is one."""
    if data.lstrip()[:1] != b"{" or _has_too_many_values(data):
        return False
    with suppress(ValueError, RecursionError):
        values = json.loads(data)
        return isinstance(values, dict) and str(values.get("schema")).startswith(SCHEMA.rstrip("0123456789"))
    return False


def _has_too_many_values(data: bytes) -> bool:
    return sum(map(data.count, b"{[,")) > MOST_VALUES


def _refuse_constant(name: str) -> float:
    raise ReportError(f"it contains {name}, which is not a number")


def read(path: Path, project: Path | None = None) -> Report:
    """Read and check a report. Raises ReportError, which says what is wrong with the file and what to do.

    A link in the folder ``project`` may not lead out of it; a path that a user names is read without this limit.
    """
    try:
        data = read_bytes(path, REPORT_BYTES, project)
    except FileNotFoundError:
        beside = [
            own for own in (path.with_name("report.json"), place_of_command(path)) if own != path and own.exists()
        ]
        step = f"name {beside[0]}, which is there" if beside else f"if the path is right, {_MAKE_NEW}"
        raise ReportError(f"there is no carbon report at {path}; {step}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReportError(f"{path} cannot be read ({why}); is it a carbon report, and yours to read?") from error
    return from_bytes(data, str(path))


def from_bytes(data: bytes, where: str) -> Report:
    """Read and check the bytes of a report; the last of two equal keys counts.

    Raises ReportError; its message begins with ``where``.
    """
    if _has_too_many_values(data):
        raise ReportError(f"{where} holds more than {MOST_VALUES:,} values, as no run has; {_MAKE_NEW}")
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except ReportError as error:
        raise ReportError(f"{where} is not a carbon report: {error}; {_MAKE_NEW}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{where} is not complete JSON ({error}); was it cut short? {_MAKE_NEW}") from error
    schema_name = values.get("schema") if isinstance(values, dict) else None
    if schema_name != SCHEMA:
        shown = reprlib.repr(schema_name)
        raise ReportError(
            f"{where} is not a carbon report of this version: its schema is {shown}, not {SCHEMA!r}; {_MAKE_NEW}"
        )
    _check(values, where)
    report = from_json(values)
    _refuse_contradictions(report, where)
    return report


def _check(data: Any, where: str) -> None:
    import fastjsonschema

    try:
        _validator()(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ReportError(f"{where} is not a valid carbon report: {error.message[:300]}; {_MAKE_NEW}") from error


def _refuse_contradictions(report: Report, where: str) -> None:
    from pytest_carbon.core.evidence.report_sums import contradictions

    found = contradictions(report)
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise ReportError(
            f"{where} does not add up: {visible(found[0])}{more}; was it changed after the run? {_MAKE_NEW}"
        )


@cache
def _validator() -> Any:
    import fastjsonschema

    return fastjsonschema.compile(schema())
