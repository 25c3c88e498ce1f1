"""The doctor's findings in the terminal."""

from __future__ import annotations

import pytest

from pytest_carbon.core.energy.diagnosis import Diagnosis
from pytest_carbon.reporters.run.doctor import render

DETAILS = [("method", "modelled: no energy counter can be read here"), ("grid", "DE")]


def test_details_come_first_then_the_advice() -> None:
    """The whole text: labelled details, then numbered advice."""
    text = render(Diagnosis(DETAILS, ["set the zone", "name the machine"]), width=80, colour=False)
    assert text == (
        "method        modelled: no energy counter can be read here\n"
        "grid          DE\n"
        "\n"
        "how to measure better\n"
        "1.  set the zone\n"
        "2.  name the machine\n"
    )


def test_the_network_has_a_section_of_its_own() -> None:
    """It lies between the details and the advice, and is there only if somebody may be asked."""
    findings = Diagnosis(DETAILS, ["set the zone"], [("neso", "asks a.example"), ("detect", "asks 169.254.169.254")])
    assert render(findings, width=80, colour=False).partition("DE\n")[2] == (
        "\n"
        "network\n"
        "neso              asks a.example\n"
        "detect            asks 169.254.169.254\n"
        "\n"
        "how to measure better\n"
        "1.  set the zone\n"
    )


def test_no_advice_is_reported() -> None:
    """An empty list would leave the reader wondering."""
    assert render(Diagnosis(DETAILS, []), width=80, colour=False).endswith("no advice: nothing better is known\n")


@pytest.mark.parametrize("width", [20, 60, 100])
def test_long_advice_is_wrapped(width: int) -> None:
    """No line is wider than the terminal, down to 60 cells, and no control character comes through."""
    text = render(Diagnosis([("CPU", "\x1b[31m" * 40)], ["measure " * 60]), width=width, colour=False)
    assert max(map(len, text.splitlines())) <= max(width, 60)
    assert text.replace("\n", "").isprintable()
