"""Our copy of CodeCarbon's tables, and what is read of tables that a release has changed."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from pytest_carbon.grid.codecarbon_import import data_folder, make_copy, read_tables


def test_our_copy_is_what_codecarbon_ships() -> None:
    """Make a new copy for a new release: python -m pytest_carbon.grid.codecarbon_import > zones.json."""
    data = data_folder()
    assert data is not None
    text = resources.files("pytest_carbon.grid").joinpath("zones.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(make_copy(data)))


def test_a_table_that_a_release_removed_is_left_out(tmp_path: Path) -> None:
    """The other tables are read; a folder without any table gives no zones."""
    assert read_tables(tmp_path) == {}
    nordic = tmp_path / "private_infra" / "nordic_emissions.json"
    nordic.parent.mkdir()
    entries = {"SE3": {"emission_factor": 20, "year": 2024, "description": "Sweden"}, "SE4": {"emission_factor": 0,
               "year": 2024, "description": "no data"}}  # fmt: skip
    nordic.write_text(json.dumps({"data": entries}), encoding="utf-8")
    assert read_tables(tmp_path) == {"SE3": (20.0, 2024, "Sweden")}
    nordic.write_text("[]", encoding="utf-8")
    assert read_tables(tmp_path) == {}
