"""docs/configuration.md names every setting, its default and its values, and every variable, as the code has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.ci_variables.ci_branch import SYSTEMS, CiSystem
from pytest_carbon.usecases.configured_grid import configured_grid_factor

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
OWNED = '[features.checkout]\nbudget = { limit = "1 kg", owners = ["@checkout-team"] }\n'
TEAM = '[teams.shop]\nfeatures = ["checkout"]\nbudget = { limit = "1 kg" }\n'
OBJECTIVE = {"name": '"n"', "target": '"2 kg"', "by": '"2026-12-31"'}
ADDRESS = "[features.checkout]\n"


class Place(NamedTuple):
    """Where a table's keys are written: its header, what stands before, its needed keys, and what stands after."""

    header: str = ""
    before: str = ""
    needed: Mapping[str, str] = MappingProxyType({})
    after: str = ""


HEAD = "| key | value | default | meaning |"
LIMIT = {"limit": '"1 kg"'}
PLACES = {
    "": Place(after='[budget]\nlimit = "1 kg"\nwindow = "month"\n[features.a.budget]\nlimit = "1 kg"'),
    "features.NAME": Place("[features.checkout]"),
    "teams.NAME": Place("[teams.shop]", ADDRESS, {"features": '["checkout"]', "budget": '{ limit = "1 kg" }'}),
    "budget": Place("[budget]", "", LIMIT),
    "features.NAME.budget": Place("[features.checkout.budget]", "", LIMIT),
    "teams.NAME.budget": Place("[teams.shop.budget]", ADDRESS + '[teams.shop]\nfeatures = ["checkout"]\n', LIMIT),
    "objectives": Place("[[objectives]]", OWNED + TEAM, OBJECTIVE),
    "devices": Place("[devices]"),
    "ledger": Place("[ledger]"),
    "github": Place("[github]"),
    "confirm": Place("[confirm]"),
    "grid": Place("[grid]"),
    "grid.file": Place("[grid.file]", "", {"path": '"grid.csv"', "kind": '"average"', "basis": '"direct"'}),
    "grid.carbon-aware-sdk": Place(
        "[grid.carbon-aware-sdk]", "", {"url": '"https://c.example"', "kind": '"average"', "basis": '"direct"'}
    ),
    "machine": Place("[machine]", "", {"idle-w": "20", "full-w": "70"}),
}


class Row(NamedTuple):
    """A row of the page: the table that the key is of, the values to write, and the default, both as TOML."""

    table: str
    key: str
    values: tuple[str, ...]
    default: str


def _rows() -> list[Row]:
    rows: list[Row] = []
    tables = [""]
    inside = False
    for line in PAGE.splitlines():
        inside = line == HEAD or (inside and line.startswith("|"))
        if line.startswith(("Table `[", "Tables `[", "Each `[[")):
            tables = [name for name in re.findall(r"`\[+([\w.-]+)\]+`", line) if name in PLACES]
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        key = re.fullmatch(r"`([\w-]+)`", cells[0])
        if inside and key:
            values = tuple(re.findall(r"`([^`]+)`", cells[1]))
            default = re.fullmatch(r"`([^`]+)`", cells[2])
            rows += [Row(table, key[1], values, default[1] if default else "") for table in tables]
    return rows


def _load(folder: Path, table: str, key: str = "", value: str = "") -> Config:
    place = PLACES[table]
    keys = {**({} if key == "watts" else place.needed), **({key: value} if key else {})}
    lines = [place.before, place.header, *(f"{name} = {text}" for name, text in keys.items()), place.after]
    (folder / "carbon.toml").write_text("\n".join(lines), encoding="utf-8")
    return replace(load_config(folder, environment={}), zone_from="")


@pytest.mark.parametrize("table", PLACES)
def test_every_key_of_a_table_has_its_row(table: str, tmp_path: Path) -> None:
    """The keys of the page are those that the code knows, and no key has two rows."""
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, table, "no-such-key", "1")
    known = re.search(r"\(known: (.*)\)$", str(error.value))
    assert known is not None
    assert sorted(row.key for row in _rows() if row.table == table) == sorted(known[1].split(", "))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row.table}.{row.key}".strip("."))
def test_values_and_defaults_are_those_of_the_code(row: Row, tmp_path: Path) -> None:
    """Every value of the page can be written, and a written default changes nothing."""
    for value in row.values:
        _load(tmp_path, row.table, row.key, value)
    if row.default:
        with_default = _load(tmp_path, row.table, row.key, row.default)
        assert with_default == _load(tmp_path, row.table)
        assert all(_load(tmp_path, row.table, row.key, value) != with_default for value in row.values[:1])


def test_kind_15_the_order_of_option_variable_and_file_is_that_of_the_code(tmp_path: Path) -> None:
    """Each place is asked when the ones before it say nothing, and the page says in which order."""
    (tmp_path / "carbon.toml").write_text('zone = "DE"\n[ledger]\nsql = "sqlite:///of-the-file.db"\n', encoding="utf-8")
    variables = {"PYTEST_CARBON_ZONE": "SE", "PYTEST_CARBON_SQL": "sqlite:///of-the-variable.db"}
    assert load_config(tmp_path, zone="FR", environment=variables).zone == "FR"
    of_variables, of_file = (load_config(tmp_path, environment=given) for given in (variables, {}))
    assert (of_variables.zone, of_variables.ledger.sql) == ("SE", "env")
    assert (of_file.zone, of_file.ledger.sql) == ("DE", "sqlite:///of-the-file.db")
    assert "An option wins over a variable, and a variable over the file." in PAGE


@pytest.mark.parametrize(
    "zone", re.findall(r"^\| [^|]+ \| `([\w:-]+)`[^|]* \| ", PAGE[PAGE.index("## Zones") :], re.MULTILINE)
)
def test_kind_15_every_zone_of_the_page_is_known(zone: str, tmp_path: Path) -> None:
    """Each kind of zone has an example that can be copied."""
    assert configured_grid_factor(load_config(tmp_path, zone=zone, environment={})).assumed is False


def test_every_variable_has_its_place() -> None:
    """The page names our variables and no others, those that the code asks for, and those of each CI system."""
    sources = [path for house in ("pytest_carbon", "pre-commit-hooks") for path in (ROOT / house).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert set(re.findall(r"PYTEST_CARBON_[A-Z]+", PAGE)) == set(re.findall(r"PYTEST_CARBON_[A-Z]+", code))
    asked = set(re.findall(r'environment(?:\.get\(|\[)"([A-Z_]+)"', code))
    report = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    assert {name for name in asked if f"`{name}`" not in PAGE + report} == {
        "PYTHONPATH"
    }  # to find modules, as Python does


def _table_row(name: str, system: CiSystem) -> str:
    head = f"`{system.head}`" if system.head in system.branches else f"`{system.head}`, to `{system.target}`"
    fork, ours = system.fork
    of_fork = f"`{fork}` is not `{ours}`" if ours else f"`{fork}`" if fork else ""
    cells = [", ".join(f"`{variable}`" for variable in names) for names in (system.branches, system.commits)]
    marks = " or ".join(f"`{variable}`" for variable in system.pull_request)
    return f"| {name} | {cells[0]} | {cells[1]} | {marks} | {head} | {of_fork} |".replace("|  |", "| |")


@pytest.mark.parametrize("name", SYSTEMS)
def test_kind_14_the_page_has_the_variables_of_every_system(name: str) -> None:
    """Branch, commit, what marks a pull request, its branch, and what tells a fork."""
    assert _table_row(name, SYSTEMS[name]) in PAGE.splitlines()
