"""The run begins before code of the project is imported, and nothing stays behind if it never becomes a session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.attack import Attack
from tests.conftest import Run

BURN = """
import os
until = sum(os.times()[:2]) + 0.4
while sum(os.times()[:2]) < until: pass
"""


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "with a worker"])
def test_imports_of_conftest_have_a_row(
    pytester: pytest.Pytester, carbon_run: Callable[..., Run], options: tuple[str, ...]
) -> None:
    """They are part of the collection; of what came before, the report tells apart from its rows."""
    pytester.makeconftest(BURN)
    pytester.makepyfile("def test_a(): pass")
    run = carbon_run(*options)
    imports = [row for row in run.rows("collection") if row["phase"] == "collect" and not row.get("worker")]
    assert 0.4 <= sum(row["cpu_s"] for row in imports) < 1.5
    assert run.report["run"]["start_up_cpu_s"] > 0.1


@pytest.mark.parametrize("options", [(), ("-n1",), ("-n2", "--dist", "loadscope")], ids=["alone", "one", "two"])
def test_work_outside_of_tests_is_in_the_same_rows_in_every_mode(
    pytester: pytest.Pytester, carbon_run: Callable[..., Run], options: tuple[str, ...]
) -> None:
    """In each process, imports are in the collection, and session start and finish in pytest itself."""
    burn = "    until = sum(os.times()[:2]) + 0.3\n    while sum(os.times()[:2]) < until: pass\n"
    hook = "def pytest_session{}(session):\n" + burn
    pytester.makeconftest(BURN + hook.format("start") + hook.format("finish"))
    pytester.makepyfile("def test_a(): pass")
    rows = carbon_run(*options).rows("collection")
    for worker in {row.get("worker") for row in rows}:
        own = {
            phase: sum(row["cpu_s"] for row in rows if row.get("worker") == worker and row["phase"] == phase)
            for phase in ("collect", "session")
        }
        assert 0.39 <= own["collect"] < 1.0, (worker, own)  # with another burn in it, at least 1
        assert 0.59 <= own["session"] < 1.0, (worker, own)


def test_plugin_that_is_loaded_late_begins_the_run(pytester: pytest.Pytester) -> None:
    """Named by a conftest, it is loaded after the hook that begins the run."""
    pytester.makeconftest('pytest_plugins = ["pytest_carbon.plugin"]')
    pytester.makepyfile("def test_a(): pass")
    run = Run(pytester.runpytest_subprocess("--carbon", "-p", "no:carbon"), pytester.path / ".carbon" / "report.json")
    run.result.assert_outcomes(passed=1)
    assert run.row("test_a")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("options", [("--carbon-zone=nowhere",), ("--no-such-option",), ("--help",)])
def test_run_that_never_becomes_a_session_leaves_no_sidecar(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    """The process goes on, as an editor that runs tests does; the sidecar does not."""
    pytester.runpytest_inprocess("--carbon", *options)
    until_s = time.monotonic() + 10
    while _sidecars():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def _sidecars() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if b"pytest_carbon.meter.sidecar" in words and str(os.getpid()).encode() in words:
                found += words
    return found


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("head", ["topic", "detached"])
@pytest.mark.parametrize("where", ["conftest", "plugin that is loaded first"])
def test_tests_do_not_choose_their_branch(
    pytester: pytest.Pytester,
    carbon_run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    head: str,
    where: str,
    attack: Attack,
) -> None:
    """A branch that is checked out says it itself; else the variables count that the process was started with."""
    for name in ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_SHA", "CI_COMMIT_REF_NAME"):
        monkeypatch.delenv(name, raising=False)
    git = ("git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-C", str(pytester.path))
    subprocess.run([*git, "init", "-q", "-b", "topic"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], check=True)
    if head == "detached":
        subprocess.run([*git, "checkout", "-q", "--detach"], check=True)
    lines = "import os\nos.environ |= {'GITHUB_REF_NAME': 'main', 'GITHUB_REF_TYPE': 'branch', 'BRANCH_NAME': 'main'}\n"
    if where == "conftest":
        pytester.makeconftest(lines)
    else:
        pytester.makepyfile(early=lines)
        pytester.makeini("[pytest]\naddopts = -p early\nasyncio_default_fixture_loop_scope = function\n")
        monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    pytester.makepyfile(test_it="def test_it(): pass")
    run = carbon_run()
    branch = run.report["run"]["branch"]
    attack.ended("success" if branch == "main" else str(branch), run.text)
    assert branch == ("topic" if head == "topic" else None)
