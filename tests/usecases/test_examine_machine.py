"""How this machine is measured, as four seconds of measuring show it."""

from __future__ import annotations

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
