"""How this machine is measured, as four seconds of measuring show it."""

from __future__ import annotations

from dataclasses import replace

from pytest_carbon.config.grid_settings import GridSettings
from pytest_carbon.grid.runner.detect_region import detect_region
from pytest_carbon.usecases.examine_machine import EXAMINE_S, examine_machine
from tests.usecases.conftest import Shop


def test_the_diagnosis_names_the_configured_grid(shop: Shop) -> None:
    """Method, machine and grid are explained after four seconds; a sound installation has no line on extensions."""
    assert EXAMINE_S == 4.0
    diagnosis = examine_machine(shop.config())
    details = dict(diagnosis.details)
    assert {"method", "machine", "grid"} <= details.keys()
    assert details["grid"].startswith("DE, set by ")
    assert "extension" not in details
    assert diagnosis.network == []


def test_the_diagnosis_tells_who_is_asked_and_why_the_region_is_unknown(shop: Shop) -> None:
    """With ``detect``, the doctor asks in CI as a run does; here nobody listens."""
    config = replace(shop.config(), zone=None, zone_from="", grid=GridSettings(detect=True))
    diagnosis = examine_machine(config, {"CI": "true"}, lambda: detect_region(("127.0.0.1", 1)))
    assert [name for name, _ in diagnosis.network] == ["detect", "CodeCarbon", "never sent"]
    assert any(text.startswith("the region of this machine is unknown, because ") for _, text in diagnosis.details)
