"""The configuration is checked, and the hooks of the process are registered, before any test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack import Attack

CarbonRun = Callable[..., Any]


@pytest.mark.parametrize(
    ("workers", "expected"),
    [((), {"ControllerHooks"}), (("-n", "1"), {"ControllerHooks", "WorkerHooks"})],
    ids=["one process", "xdist"],
)
def test_each_process_has_the_hooks_of_its_part(
    pytester: pytest.Pytester, carbon_run: CarbonRun, workers: tuple[str, ...], expected: set[str]
) -> None:
    """The process that the user started has the hooks of the controller, an xdist worker those of a worker."""
    pytester.makeconftest(
        """
        def pytest_sessionfinish(session):
            hooks = session.config.pluginmanager.get_plugin("carbon-hooks")
            open(type(hooks).__name__ + ".hooks", "w").close()
        """
    )
    pytester.makepyfile("def test_it(): pass")
    assert carbon_run(*workers).result.ret == 0
    assert {path.stem for path in pytester.path.glob("*.hooks")} == expected


@pytest.mark.parametrize(
    ("argument", "message"),
    [("--carbon-zone=Germany", "no grid zone is called 'Germany'"), ("--carbon-top=x", "invalid int value")],
)
def test_wrong_option_is_a_usage_error(
    pytester: pytest.Pytester, carbon_run: CarbonRun, argument: str, message: str
) -> None:
    """A wrong value of an option ends the run before any test, with the reason."""
    pytester.makepyfile("def test_it(): print('ran')")
    run = carbon_run("-s", argument)
    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in run.text
    assert "\nran" not in run.text


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("carbon.toml", "zone = [", "is not valid TOML"),
        ("carbon.toml", 'zne = "DE"', 'did you mean "zone"?'),
        ("carbon.toml", 'zone = "Germany"', "no grid zone is called 'Germany'"),
        ("carbon.toml", "[features.a.budget]\nper-run = 5", "has no unit"),
        ("carbon.toml", "[machine]\nidle-w = 5", "full-w is missing"),
        ("pyproject.toml", '[tool.pytest-carbon]\ntop = "x"', "whole number"),
        ("CARBON.TOML", 'zone = "DE"', "git mv CARBON.TOML carbon.toml"),
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


@pytest.mark.parametrize(
    "option",
    ["--collect-only", "--co", "--fixtures", "--fixtures-per-test", "--setup-plan", "--setup-only", "--cache-show",
     "--cache-show=*", "--markers", "--help", "--version", "-VV", "-qh"],
)  # fmt: skip
def test_looking_measures_writes_and_removes_nothing(
    pytester: pytest.Pytester, carbon_run: CarbonRun, option: str
) -> None:
    """Where pytest runs no test, the report of the last run stays as it is, and nothing more is shown."""
    pytester.makeconftest(
        "def pytest_configure(config): print('hooks', config.pluginmanager.has_plugin('carbon-hooks'))"
    )
    pytester.makepyfile("import pytest\n@pytest.fixture\ndef one(): return 1\ndef test_it(one): pass")
    carbon = pytester.path / ".carbon"
    assert carbon_run(option).result.ret == pytest.ExitCode.OK
    assert not carbon.exists()
    carbon.mkdir()
    (carbon / "report.json").write_text("of the last run")
    text = carbon_run(option, "-s").text
    assert "hooks True" not in text
    assert "= carbon =" not in text
    assert (carbon / "report.json").read_text() == "of the last run"
    assert [path.name for path in carbon.iterdir()] == ["report.json"]


@pytest.mark.attack("nothing-ran")
@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "-VV"])
def test_a_file_of_the_project_cannot_ask_to_look_only(
    pytester: pytest.Pytester, carbon_run: CarbonRun, option: str, attack: Attack
) -> None:
    """Else a change could leave out its tests, and be judged by a report that lies in the checkout."""
    pytester.makeini(f"[pytest]\naddopts = {option}\n")
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"addopts of the project's settings has {option.replace('VV', 'V')}, so no test runs" in run.text
    assert "Traceback" not in run.text
    attack.ended(int(run.result.ret), run.text)
