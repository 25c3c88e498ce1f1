"""Names from a policy, a marker or a test reach the terminal as text: no escape sequence, no command of a CI system."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.attack import Attack
from tests.conftest import Run

CarbonRun = Callable[..., Run]
NAME = r"x\u001B]0;title\u0007\n::set-output name=a::b\u202e##[error]c"
COMMAND = re.compile(r"^\s*::|##\[|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", re.MULTILINE)


def _policy(pytester: pytest.Pytester, text: str) -> None:
    pytester.path.joinpath("carbon.toml").write_text(text, encoding="utf-8")


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "worker"])
def test_a_budget_that_is_exceeded(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack, workers: list[str]
) -> None:
    """The line in red and the table name the feature with escapes; the run fails."""
    _policy(
        pytester,
        f'zone = "DE"\n[features."{NAME}"]\npaths = ["**"]\nbudget = {{per-run = "1 uJ", on-exceeded = "fail"}}\n',
    )
    pytester.makepyfile("from work import burn\ndef test_it(): burn(0.05)")
    run = carbon_run(*workers)
    attack.ended(run.result.ret, run.text)
    assert "carbon budget exceeded: feature x\\x1b]0;title\\x07\\n" in run.text
    assert not COMMAND.search(run.text)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize(
    "policy",
    [f'"{NAME}" = 1\n', f'zone = "{NAME}"\n', f'[features.a]\npaths = ["a"]\nbudget = {{per-run = "{NAME}"}}\n'],
    ids=["key", "zone", "limit"],
)
def test_a_configuration_that_cannot_be_used(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack, policy: str
) -> None:
    """The error shows the value with escapes."""
    _policy(pytester, policy)
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    attack.ended(run.result.ret, run.text)
    assert "\\x1b]0;title" in run.text
    assert not COMMAND.search(run.text)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "worker"])
@pytest.mark.parametrize("argument", ["limit", "other"])
def test_a_marker_that_cannot_be_used(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack, argument: str, workers: list[str]
) -> None:
    """The error of a marker shows the value with escapes, also when a worker finds the marker."""
    pytester.makepyfile(f'import pytest\n@pytest.mark.carbon(**{{"{argument}": "{NAME}"}})\ndef test_it(): pass\n')
    _policy(pytester, '[features.a]\npaths = ["a"]\n')
    run = carbon_run(*workers)
    attack.ended(run.result.ret, run.text)
    assert "pytest-carbon: " in run.text
    assert not COMMAND.search(run.text)


@pytest.mark.attack("hostile-text")
def test_a_note_that_is_wrapped(pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack) -> None:
    """A long name that the table wraps begins no line with a command."""
    name = "::error::" * 30
    _policy(
        pytester,
        f'zone = "DE"\n[features."{name}"]\npaths = ["**"]\nbudget = {{per-run = "1 uJ", on-exceeded = "warn"}}\n',
    )
    pytester.makepyfile("from work import burn\ndef test_it(): burn(0.05)")
    run = carbon_run()
    attack.harmless(run.text)
    assert ":error::" in run.text
    assert not COMMAND.search(run.text)
