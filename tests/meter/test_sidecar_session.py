"""The meter: a run is measured whatever happens to the sidecar, and the process of the tests is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


def _burn_for(pytester: pytest.Pytester, cpu_s: float) -> None:
    pytester.makepyfile(f"from work import burn\ndef test_burn(): burn({cpu_s})")


def test_run_shorter_than_the_start_of_codecarbon_has_a_gap(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A run of half a second is measured; a gap says that CodeCarbon's own figure is missing."""
    _burn_for(pytester, 0.3)
    report = carbon_run().report
    assert report["totals"]["energy_j"] > 0
    assert report["totals"]["codecarbon_raw_j"] is None
    assert any("CodeCarbon was still starting" in gap for gap in report["gaps"])


def test_run_with_a_killed_sidecar_is_measured(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """If the sidecar is killed during the run, the run is still measured to its end, and the report has a gap."""
    pytester.makepyfile(
        """
        import os, pathlib, signal, time
        from work import burn

        def sidecars():
            for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = path.read_bytes().split(b"\\0")
                except OSError:
                    continue
                if b"pytest_carbon.meter.sidecar" in words and str(os.getpid()).encode() in words:
                    yield int(path.parent.name)

        def test_kill():
            time.sleep(0.5)
            (pid,) = sidecars()
            os.kill(pid, signal.SIGKILL)
            burn(0.3)
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert any("the sidecar ended early" in gap for gap in run.report["gaps"])
    assert run.row("test_kill")["energy_j"] > 0


def test_process_of_the_tests_is_left_alone(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """While tests run, their process has no thread, child, handler, logger, heavy import or file of ours."""
    pytester.makepyfile(
        """
        import logging, os, signal, sys, threading
        import pytest

        def test_nothing_is_there():
            assert threading.active_count() == 1
            with pytest.raises(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
            assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
            assert not [name for name in logging.root.manager.loggerDict if "carbon" in name]
            for name in ("codecarbon", "pandas", "requests", "jinja2", "github3", "rich"):
                assert name not in sys.modules, name
            assert not os.path.exists(".carbon")

        def test_output(capfd, caplog):
            assert capfd.readouterr() == ("", "")
            assert not caplog.records
        """
    )
    carbon_run("-p", "no:rerunfailures").result.assert_outcomes(
        passed=2
    )  # pytest-rerunfailures starts a thread of its own


def test_code_under_test_may_close_the_files_of_the_meter(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """If a test closes all open files, only the samples of the sidecar are lost."""
    pytester.makepyfile(
        """
        import os

        def test_close():
            for descriptor in range(3, 200):
                try:
                    if "deleted" in os.readlink(f"/proc/self/fd/{descriptor}") or "pipe" in os.readlink(
                        f"/proc/self/fd/{descriptor}"
                    ):
                        os.close(descriptor)
                except OSError:
                    pass
            global kept
            kept = open(os.devnull)  # takes a number that was the meter's

        def test_kept():
            kept.close()
        """
    )
    run = carbon_run("-s")
    run.result.assert_outcomes(passed=2)
    assert any("closed the files of the sidecar" in gap for gap in run.report["gaps"])
