"""When the meter cannot do its work: the tests' result stands, and the report says what is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CarbonRun = Callable[..., Any]

FAKE_CODECARBON = """
import threading, time

class OfflineEmissionsTracker:
    def __init__(self, output_handlers, **settings):
        self.handler = output_handlers[0]
        self._hardware = [CPU()]
        self._conf = {{"cpu_model": "a CPU of the test's own"}}

    def start(self):
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        start = time.perf_counter()
        while True:
            self.flush_at(time.perf_counter() - start)
            time.sleep(0.1)

    def flush_at(self, seconds):
        {body}

    def flush(self): pass

class CPU:
    _mode = "{mode}"
    def __str__(self): return "CPU(of the test's own)"

class Total:
    def __init__(self, cpu_j, ram_j=0.0):
        self.cpu_energy, self.ram_energy, self.gpu_energy = cpu_j / 3.6e6, ram_j / 3.6e6, 0.0
"""


@pytest.fixture
def shadow_codecarbon(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a package called codecarbon before the real one, with a tracker whose body is given."""

    def shadow(body: str, mode: str = "intel_rapl") -> None:
        package = pytester.path / "shadow" / "codecarbon"
        (package / "output_methods").mkdir(parents=True)
        (package / "__init__.py").write_text(FAKE_CODECARBON.format(body=body, mode=mode))
        (package / "output_methods" / "__init__.py").write_text("")
        (package / "output_methods" / "base_output.py").write_text("class BaseOutput: pass\n")
        monkeypatch.setenv("PYTHONPATH", str(package.parent))

    return shadow


SECOND_COUNTED = "len(told.counted) > 1 and told.counted[-1].at_s - told.counted[0].at_s > 1"


def _burn_for(pytester: pytest.Pytester, cpu_s: float) -> None:
    pytester.makepyfile(f"from work import burn\ndef test_burn(): burn({cpu_s})")


def _burn_until(pytester: pytest.Pytester, happened: str) -> None:
    """Burn until the sidecar has told of it: how long CodeCarbon takes to come up is the machine's affair."""
    pytester.makepyfile(
        f"""
        import time
        from work import burn

        def test_burn(pytestconfig):
            meter = pytestconfig.pluginmanager.get_plugin("carbon-hooks")._meter
            start = time.monotonic()
            while True:
                burn(0.2)
                told = meter.so_far()
                if {happened}:
                    break
                assert time.monotonic() - start < 90, told
        """
    )


def test_codecarbon_joins_after_two_seconds(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """In a run of some seconds CodeCarbon's own figure is there, beside ours, and why they differ."""
    _burn_until(pytester, SECOND_COUNTED)
    report = carbon_run().report
    assert report["tool"]["codecarbon"]
    assert report["totals"]["codecarbon_raw_j"] > 0
    assert 0.2 < report["totals"]["codecarbon_s"] < report["run"]["duration_s"]
    assert report["totals"]["codecarbon_note"]


def test_a_short_run_says_that_codecarbon_missed_it(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Half a second is measured as well; CodeCarbon's own figure is named as missing."""
    _burn_for(pytester, 0.3)
    report = carbon_run().report
    assert report["totals"]["energy_j"] > 0
    assert report["totals"]["codecarbon_raw_j"] is None
    assert any("CodeCarbon was still starting" in gap for gap in report["gaps"])


def test_a_killed_sidecar(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The sidecar dies in the middle: the run goes on and is measured from end to end all the same."""
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


def test_codecarbon_that_cannot_be_imported(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken CodeCarbon is named, and the run is measured without it."""
    (pytester.path / "shadow").mkdir()
    (pytester.path / "shadow" / "codecarbon.py").write_text("raise ImportError('no such luck')")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "shadow"))
    _burn_until(pytester, "told.gaps")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert any("CodeCarbon did not start: ImportError: no such luck" in gap for gap in run.report["gaps"])
    assert run.report["totals"]["energy_j"] > 0


@pytest.mark.parametrize(
    "body",
    [
        "self.handler.live_out(Total(float('nan')), None)",
        "self.handler.live_out(Total(float('inf')), None)",
        "self.handler.live_out(Total(-5.0), None)",
        "self.handler.live_out(Total(100.0 - 50 * seconds), None)",
    ],
    ids=["nan", "infinite", "negative", "going back"],
)
def test_a_lying_counter_is_left_out_and_named(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None], body: str
) -> None:
    """Impossible figures never reach the report: they are counted, named, and the model is used."""
    shadow_codecarbon(body)
    _burn_until(pytester, "told.gaps")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert run.report["machine"]["method"] == "modelled"
    assert any("CodeCarbon samples were not finite, negative or out of order" in gap for gap in run.report["gaps"])


def test_a_codecarbon_that_counts_nothing_is_named(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """A tracker that starts and then stays silent is a gap, not a zero."""
    shadow_codecarbon("pass")
    _burn_until(pytester, "told.codecarbon")
    report = carbon_run().report
    assert report["totals"]["codecarbon_raw_j"] is None
    assert any("started but counted nothing" in gap for gap in report["gaps"])


def test_a_counter_is_the_truth(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """Where CodeCarbon reads a counter, its joules are the run's: here 40 W for as long as it runs."""
    shadow_codecarbon("self.handler.live_out(Total(30 * seconds, 10 * seconds), None)")
    _burn_until(pytester, SECOND_COUNTED)
    report = carbon_run().report
    assert report["machine"]["method"] == "counter"
    assert report["totals"]["energy_j"] == pytest.approx(40 * report["run"]["duration_s"], rel=0.02)
    assert report["totals"]["codecarbon_raw_j"] == pytest.approx(40 * report["totals"]["codecarbon_s"], rel=0.02)
    assert "CPU(of the test's own)" in report["machine"]["source"]


def test_the_tests_process_is_left_alone(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """No thread, child, handler, logger, import or file of ours is there while tests run."""
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
    carbon_run("-p", "no:rerunfailures").result.assert_outcomes(passed=2)  # it starts a thread of its own


def test_files_closed_under_the_meter(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Code that closes every file it did not open loses the sidecar's samples, and nothing else."""
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
    assert any("closed the sidecar's files" in gap for gap in run.report["gaps"])


def test_the_sidecar_ends_with_a_killed_parent(pytester: pytest.Pytester) -> None:
    """SIGKILL for pytest, with a forked child still holding its files: the sidecar is gone within seconds."""
    pytester.makepyfile(
        """
        import os, time

        def test_forever():
            if os.fork() == 0:
                time.sleep(8)
                os._exit(0)
            open("running", "w").close()
            time.sleep(60)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "pytest", "--carbon"], cwd=pytester.path, stdout=subprocess.DEVNULL
    )
    _until((pytester.path / "running").exists)
    _until(lambda: bool(_sidecars_of(process.pid)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    _until(lambda: not _sidecars_of(process.pid))


def _until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _sidecars_of(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"pytest_carbon.meter.sidecar" in words and str(pid).encode() in words:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("place", ["file/report.json", "folder"])
def test_a_report_that_cannot_be_written(pytester: pytest.Pytester, carbon_run: CarbonRun, place: str) -> None:
    """The tests' result stands, and one line says which path and what to do."""
    (pytester.path / "file").write_text("")
    (pytester.path / "folder").mkdir()
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run(f"--carbon-report={place}")
    assert run.result.ret == 0
    run.result.stdout.fnmatch_lines([f"pytest-carbon: the carbon report c* be written to *{place}*"])


def test_a_full_disk(pytester: pytest.Pytester) -> None:
    """Nothing more can be written anywhere: no half report is left, and the tests' result stands."""
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(200))\ndef test_n(n): pass")
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 8; exec {sys.executable} -m pytest --carbon -q -p no:randomly -p no:cacheprovider"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the carbon report could not be written" in done.stdout
    assert [path.name for path in (pytester.path / ".carbon").iterdir()] == [".gitignore"]


def test_strict_warnings_and_settings_do_not_reach_the_sidecar(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project's -W error, CODECARBON_* variables and a configuration file of CodeCarbon stay out of it."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("CODECARBON_SAVE_TO_API", "true")
    monkeypatch.setenv("CODECARBON_FORCE_CPU_POWER", "9999")
    (pytester.path / ".codecarbon.config").write_text("[codecarbon]\nforce_cpu_power = 9999\n")
    _burn_until(pytester, SECOND_COUNTED)
    report = carbon_run("-W", "default").report
    assert report["totals"]["codecarbon_raw_j"] < 60 * report["totals"]["codecarbon_s"]
    assert not (pytester.path / "emissions.csv").exists()


def test_off_means_nothing_is_loaded(pytester: pytest.Pytester) -> None:
    """Installed and not asked for, the plugin loads one module of its own and none of its libraries."""
    pytester.makeconftest(
        """
        import json, sys

        def pytest_unconfigure():
            ours = sorted(name for name in sys.modules if name.startswith("pytest_carbon"))
            heavy = [n for n in ("codecarbon", "pandas", "requests", "jinja2", "github3", "rich") if n in sys.modules]
            open("loaded.json", "w").write(json.dumps([ours, heavy]))
        """
    )
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cov").assert_outcomes(passed=1)
    ours, heavy = json.loads((pytester.path / "loaded.json").read_text())
    assert ours == ["pytest_carbon", "pytest_carbon.plugin"]
    assert heavy == []
    assert not (pytester.path / ".carbon").exists()
