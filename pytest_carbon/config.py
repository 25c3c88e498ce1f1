"""One loader for ``carbon.toml`` and ``[tool.pytest-carbon]`` of ``pyproject.toml``: one frozen Config."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pytest_carbon.core.budget import Budget
from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.core.machine import read_machine_table
from pytest_carbon.core.model import UNATTRIBUTED, MachineSpec
from pytest_carbon.core.units import parse_quantity

DEFAULT_REPORT = ".carbon/report.json"
ZONE_VARIABLE = "PYTEST_CARBON_ZONE"
T = TypeVar("T")
_FILE, _PYPROJECT, _TABLE = "carbon.toml", "pyproject.toml", "pytest-carbon"


@dataclass(frozen=True, slots=True)
class Feature:
    """A product feature: which pull-request labels and which test paths mean it."""

    name: str
    labels: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a user can set. ``source`` names the file it came from, for messages."""

    root: Path
    source: str = "no configuration file"
    report: Path = Path(DEFAULT_REPORT)
    zone: str | None = None
    zone_from: str = ""
    top: int = 10
    features: Mapping[str, Feature] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    machine: MachineSpec | None = None

    @property
    def feature_paths(self) -> dict[str, tuple[str, ...]]:
        """Return the path globs of every feature."""
        return {name: feature.paths for name, feature in self.features.items()}


def load_config(
    root: Path,
    *,
    report: str | None = None,
    zone: str | None = None,
    top: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Config:
    """Load the configuration of a project; options given by the caller win over the file.

    The zone comes from the option, then the file, then the environment variable ``PYTEST_CARBON_ZONE``. A
    relative report path of the file is relative to ``root``, one of an option to the working directory.
    Raises ConfigError, naming the file and the key, for anything that is not understood.
    """
    table, source = _find(root)
    known = _Table(table, source)
    file_top = known.take("top", _whole_number, 10)
    file_report = known.take("report", _text, DEFAULT_REPORT)
    zones = [
        (zone, "--carbon-zone"),
        (known.take("zone", _text, None), source),
        (environment.get(ZONE_VARIABLE), f"the variable {ZONE_VARIABLE}"),
    ]
    chosen_zone, zone_from = next(((z, where) for z, where in zones if z and z.strip()), (None, ""))
    session_budget = known.take("budget", partial(_budget, None), None)
    no_features: tuple[dict[str, Feature], tuple[Budget, ...]] = ({}, ())
    features, budgets = known.take("features", _features, no_features)
    machine = known.take("machine", read_machine_table, None)
    known.refuse_the_rest()
    if top is not None and top < 1:
        raise ConfigError(f"--carbon-top is {top}; it must be at least 1")
    return Config(
        root=root,
        source=source,
        report=Path.cwd() / report if report else root / file_report,
        zone=chosen_zone,
        zone_from=zone_from,
        top=top if top is not None else file_top,
        features=features,
        budgets=((session_budget,) if session_budget else ()) + budgets,
        machine=machine,
    )


def find_root(start: Path) -> Path:
    """Return the nearest folder upwards with a ``carbon.toml`` or ``pyproject.toml``; ``start`` if none has."""
    for folder in (start, *start.parents):
        if (folder / _FILE).is_file() or (folder / _PYPROJECT).is_file():
            return folder
    return start


def _find(root: Path) -> tuple[dict[str, Any], str]:
    own = _read(root / _FILE)
    pyproject = _read(root / _PYPROJECT)
    tools = (pyproject or {}).get("tool", {})
    if not isinstance(tools, dict):
        raise ConfigError(f"{_PYPROJECT}: [tool] is {tools!r}; it must be a table")
    table = tools.get(_TABLE)
    if own is not None and table is not None:
        raise ConfigError(
            f"both {_FILE} and [tool.{_TABLE}] of {_PYPROJECT} exist in {root}; "
            "keep one of them, so that nobody has to guess which counts"
        )
    if own is not None:
        return own, _FILE
    if table is not None:
        if not isinstance(table, dict):
            raise ConfigError(f"{_PYPROJECT}: [tool.{_TABLE}] is {table!r}; it must be a table")
        return table, f"[tool.{_TABLE}] of {_PYPROJECT}"
    return {}, "no configuration file"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, lists in lists without end
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


class _Table:
    """A table of the file whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, table: Any, where: str) -> None:
        if not isinstance(table, dict):
            raise ConfigError(f"{where} is {table!r}; it must be a table")
        self._left = dict(table)
        self._where = where
        self._asked: list[str] = []

    def take(self, key: str, read: Callable[[Any, str], T], default: T) -> T:
        self._asked.append(key)
        if key not in self._left:
            return default
        return read(self._left.pop(key), f"{self._where}: {key}")

    def refuse_the_rest(self) -> None:
        for key in self._left:
            known = ", ".join(self._asked)
            raise ConfigError(f"{self._where}: unknown key {key!r}{did_you_mean(key, self._asked)} (known: {known})")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} is {value!r}; it must be a text that is not empty")
    return value


def _whole_number(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where} is {value!r}; it must be a whole number of at least 1")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise ConfigError(f"{where} is {value!r}; it must be a list of texts")
    return tuple(value)


def _features(value: Any, where: str) -> tuple[dict[str, Feature], tuple[Budget, ...]]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; write a table for each feature, such as [features.checkout]")
    features, budgets = {}, []
    for name, table in value.items():
        if not name.strip():
            raise ConfigError(f"{where} has a feature without a name")
        if name == UNATTRIBUTED:
            raise ConfigError(f"{where}.unattributed: this name is kept for what no feature claims")
        one = _Table(table, f"{where}.{name}")
        features[name] = Feature(name, one.take("labels", _texts, ()), one.take("paths", _texts, ()))
        budget = one.take("budget", partial(_budget, name), None)
        one.refuse_the_rest()
        budgets += [budget] if budget else []
    _refuse_twins(features.values(), where)
    return features, tuple(budgets)


def _refuse_twins(features: Iterable[Feature], where: str) -> None:
    for what in ("labels", "paths"):
        seen: dict[str, str] = {}
        for feature in features:
            for entry in getattr(feature, what):
                if seen.setdefault(entry, feature.name) != feature.name:
                    raise ConfigError(
                        f"{where}: both {seen[entry]} and {feature.name} claim {what[:-1]} {entry!r}; "
                        "give it to one of them"
                    )


def _budget(feature: str | None, value: Any, where: str) -> Budget | None:
    table = _Table(value, where)
    limit = table.take("per-run", parse_quantity, None)
    on_exceeded = table.take("on-exceeded", _on_exceeded, "warn")
    table.refuse_the_rest()
    if limit is None:
        raise ConfigError(f'{where} has no limit; write per-run = "500 J" or per-run = "2 g"')
    return Budget(feature, limit, "fail" if on_exceeded == "fail" else "warn")


def _on_exceeded(value: Any, where: str) -> str:
    if value not in ("fail", "warn"):
        raise ConfigError(f'{where} is {value!r}; it must be "fail" or "warn"')
    return str(value)
