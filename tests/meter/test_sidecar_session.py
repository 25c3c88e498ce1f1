"""The meter: a run is measured whatever happens to the sidecar, and the process of the tests is left alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.energy.sidecar_stream import parse_stream
from pytest_carbon.core.model import Measurement
from pytest_carbon.meter.sidecar_session import Meter

CarbonRun = Callable[..., Any]

FAKE_SIDECAR = """
import json, os, sys, time
for value in {values}:
    print(json.dumps(value), flush=True)
{end}
"""
NO_PID = 2**22
"""One more than the largest process id of Linux."""
ANSWER = "sys.stdin.read(1); print(json.dumps({'end': 1}), flush=True)"


def _measure(values: object, end: str = ANSWER, seconds: float = 0.5) -> Measurement:
    """Measure with a sidecar that writes the given values, then waits for the signal to stop and answers it."""
    meter = Meter([sys.executable, "-c", FAKE_SIDECAR.format(values=repr(values), end=end)])
    meter.start()
    deadline = time.monotonic() + 10
    while isinstance(values, list) and meter.read_stream().pid is None and values and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    return meter.stop()


def test_without_a_sidecar_the_run_is_measured_by_two_readings() -> None:
    """An empty command means no sidecar: the readings are those of the start and the end, and nothing is missing."""
    meter = Meter(())
    meter.start()
    assert meter.read_stream() == parse_stream(())
    measurement = meter.stop()
    assert len(measurement.readings) == 2
    assert measurement.readings[0].at_s < measurement.readings[1].at_s
    assert (measurement.codecarbon, measurement.codecarbon_readings, measurement.gaps) == (None, (), ())
    assert measurement.start_s <= measurement.readings[0].at_s


def test_readings_of_the_sidecar_outside_the_run_are_left_out() -> None:
    """A reading before the start of the run is left out; the sidecar's CPU time in it is kept."""
    measurement = _measure([{"hello": NO_PID}, {"m": [0.001, 0.0, 0.0, 0.0, 0.25]}])
    assert len(measurement.readings) == 2
    assert measurement.readings[-1].tool_s == 0.25


@pytest.mark.parametrize(
    ("values", "end", "gap"),
    [
        pytest.param(
            [], ANSWER, "CodeCarbon did not run: the sidecar, which hosts it, did not start within", id="mute"
        ),
        pytest.param([{"hello": NO_PID}], "", "the sidecar ended early, after 0.0 s of", id="ended early"),
        pytest.param(
            [{"hello": NO_PID}], ANSWER, "CodeCarbon was still starting when the run ended after", id="short run"
        ),
        pytest.param(
            [{"hello": NO_PID}, {"codecarbon": {"version": "3.3.2", "hardware": [], "cpu_counter": False}}],
            ANSWER,
            "CodeCarbon 3.3.2 started but gave no figures",
            id="no figures",
        ),
        pytest.param(
            [{"hello": NO_PID}, {"error": "CodeCarbon did not start"}], ANSWER, "CodeCarbon did not start", id="error"
        ),
    ],
)
def test_incomplete_stream_is_one_gap(values: list[dict[str, object]], end: str, gap: str) -> None:
    """A sidecar that is mute, ends early or has no figures of CodeCarbon gives exactly one gap with the cause."""
    (text,) = _measure(values, end).gaps
    assert text.startswith(gap)


def test_sidecar_that_cannot_be_started_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder for the stream the sidecar is not started; the run is measured and the reason is a gap."""
    monkeypatch.setattr("tempfile.tempdir", "/does/not/exist")
    meter = Meter()
    meter.start()
    (gap,) = meter.stop().gaps
    assert gap.startswith("CodeCarbon did not run: the sidecar, which hosts it, could not be started (")


def test_sidecar_that_does_not_answer_is_ended() -> None:
    """A sidecar that ignores the signal to stop is terminated after the time limit, and the report has a gap."""
    pid = "print(json.dumps({'hello': os.getpid()}), flush=True); time.sleep(60)"
    meter = Meter([sys.executable, "-c", FAKE_SIDECAR.format(values="[]", end=pid)])
    meter.start()
    deadline = time.monotonic() + 10
    while meter.read_stream().pid is None and time.monotonic() < deadline:
        time.sleep(0.01)
    sidecar = meter.read_stream().pid
    assert sidecar is not None
    (gap,) = meter.stop().gaps
    assert gap.startswith("the sidecar ended early")
    while Path(f"/proc/{sidecar}").exists() and time.monotonic() < deadline + 10:
        time.sleep(0.01)
    assert not Path(f"/proc/{sidecar}").exists()


def _burn_for(pytester: pytest.Pytester, cpu_s: float) -> None:
    pytester.makepyfile(f"from work import burn\ndef test_burn(): burn({cpu_s})")


def test_run_shorter_than_the_start_of_codecarbon_has_a_gap(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ends while CodeCarbon still starts is measured; a gap says that CodeCarbon's own figure is missing."""
    (pytester.path / "shadow").mkdir()
    (pytester.path / "shadow" / "codecarbon.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "shadow"))
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
            for name in ("codecarbon", "pandas", "requests", "jinja2", "rich", "pytest_carbon.core.verdict.verdict"):
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
