"""A limit per run that a fault keeps from being judged is not held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack import Attack

CarbonRun = Callable[..., Any]

POLICY = """
on-inconclusive = "{on_inconclusive}"
[budget]
per-run = "1 MJ"
on-exceeded = "{on_exceeded}"
"""
NO_REPORT = """
def pytest_runtestloop(session):
    session.config.pluginmanager.get_plugin("carbon-hooks").recorder.trace = None
"""
NOT_WHOLE = NO_REPORT.replace("recorder.trace", "recorder.begin_test")
LEAK = """
import os

KEPT = []

def test_good():
    try:
        while True:
            KEPT.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
"""
SAID = "carbon budget not judged: no whole report tells whether this run holds the limits per run of carbon.toml"


def _project(pytester: pytest.Pytester, conftest: str, on_exceeded: str, on_inconclusive: str) -> None:
    policy = POLICY.format(on_exceeded=on_exceeded, on_inconclusive=on_inconclusive)
    pytester.path.joinpath("carbon.toml").write_text(policy)
    pytester.makeconftest(conftest)
    pytester.makepyfile("def test_good(): pass")


@pytest.mark.parametrize(
    ("conftest", "on_exceeded", "on_inconclusive", "exit_code", "said"),
    [
        (NO_REPORT, "fail", "warn", 0, f'{SAID}; to let such a run fail, set on-inconclusive = "fail"'),
        (NO_REPORT, "warn", "fail", 0, ""),
        ("", "fail", "fail", 0, ""),
    ],
    ids=["warn", "no limit that fails", "no fault"],
)
def test_fault_fails_a_run_only_if_the_policy_says_so(
    pytester: pytest.Pytester, carbon_run: CarbonRun, conftest: str, on_exceeded: str, on_inconclusive: str,
    exit_code: int, said: str,
) -> None:  # fmt: skip
    """Whether an open question fails is on-inconclusive of the policy; a limit that only warns fails nothing."""
    _project(pytester, conftest, on_exceeded, on_inconclusive)
    run = carbon_run()
    assert run.result.ret == exit_code, run.text
    run.result.assert_outcomes(passed=1)
    assert said in run.text if said else SAID not in run.text


def test_gate_judges_later(pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate sees that there is no report."""
    monkeypatch.setenv("PYTEST_CARBON_GATE", "1")
    _project(pytester, NO_REPORT, "fail", "fail")
    run = carbon_run()
    assert run.result.ret == 0
    assert f"{SAID}; a gate judges this later" in run.text


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("conftest", [NO_REPORT, NOT_WHOLE], ids=["no report", "not whole"])
def test_inconclusive_on_purpose_by_what_breaks_the_report(
    pytester: pytest.Pytester, carbon_run: CarbonRun, conftest: str, attack: Attack
) -> None:
    """With on-inconclusive = "fail", the run fails; the outcome of the test stays."""
    _project(pytester, conftest, "fail", "fail")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert f'{SAID}, so it fails (on-inconclusive = "fail")' in run.text
    attack.ended(int(run.result.ret), run.text)


@pytest.mark.attack("inconclusive-on-purpose")
def test_inconclusive_on_purpose_by_a_leak_of_file_descriptors(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack
) -> None:
    """A test that uses up all file descriptors does not keep its run from being judged, whatever the policy says."""
    resource = pytest.importorskip("resource")
    was = resource.getrlimit(resource.RLIMIT_NOFILE)
    policy = POLICY.format(on_exceeded="fail", on_inconclusive="warn").replace("1 MJ", "1 mJ")
    pytester.path.joinpath("carbon.toml").write_text(policy)
    pytester.makeconftest(
        f"import resource\ndef pytest_configure():\n    resource.setrlimit(resource.RLIMIT_NOFILE, (256, {was[1]}))"
    )
    pytester.makepyfile(LEAK)
    run = carbon_run("-p", "no:cacheprovider")
    assert "over its limit of 1 mJ per run" in run.text
    assert run.rows()[0]["outcome"] == "passed"
    attack.ended(int(run.result.ret), run.text)


def test_run_that_could_not_begin_is_not_good(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Also a fault before the first test leaves the limits open."""
    _project(pytester, "", "fail", "fail")
    pytester.makepyfile(
        breaks="import pytest_carbon.pytest_edge.begin_run as module\n"
        "def fail(*_): raise RuntimeError('broken')\n"
        "module.Recorder = fail"
    )
    run = carbon_run("-p", "breaks")
    run.result.assert_outcomes(passed=1)
    assert run.result.ret == 1, run.text
    assert SAID in run.text
    assert "RuntimeError: broken" in run.text
