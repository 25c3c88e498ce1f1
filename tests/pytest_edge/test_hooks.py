"""The configuration is checked, and the hooks of the process are registered, before any test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("carbon.toml", "zone = [", "is not valid TOML"),
        ("carbon.toml", 'zne = "DE"', 'did you mean "zone"?'),
        ("carbon.toml", 'zone = "Germany"', "no grid zone is called 'Germany'"),
        ("carbon.toml", "[features.a.budget]\nper-run = 5", "has no unit"),
        ("carbon.toml", "[machine]\nidle-w = 5", "full-w is missing"),
        ("pyproject.toml", '[tool.pytest-carbon]\ntop = "x"', "whole number"),
    ],
)
def test_wrong_configuration_is_one_usage_error(
    pytester: pytest.Pytester, carbon_run: CarbonRun, file: str, text: str, message: str
) -> None:
    """A wrong configuration ends the run before any test, with an error that names the problem and no traceback."""
    pytester.path.joinpath("tox.ini").unlink()
    pytester.path.joinpath(file).write_text(text)
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in run.text
    assert "Traceback" not in run.text


def test_settings_can_stand_in_pyproject(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """[tool.pytest-carbon] of pyproject.toml sets zone, report and machine; a command-line option wins over it."""
    pytester.path.joinpath("tox.ini").unlink()
    pytester.path.joinpath("pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n[tool.pytest-carbon]\nzone = 'FR'\nreport = 'out/carbon.json'\n"
        "[tool.pytest-carbon.machine]\nname = 'desk'\nidle-w = 20\nfull-w = 65\n"
    )
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=SE")
    run.path = pytester.path / "out" / "carbon.json"
    assert run.report["grid"]["zone"] == "SE"
    assert run.report["machine"]["name"] == "desk"
