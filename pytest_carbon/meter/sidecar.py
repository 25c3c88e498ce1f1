"""The sidecar: a process beside the run that reads the machine five times a second and hosts CodeCarbon.

``sidecar_session`` starts it as ``python -m pytest_carbon.meter.sidecar PARENT_PID``. It writes one JSON value per line
to standard output, which ``core.energy.sidecar_stream`` reads. It ends when a byte arrives on standard input, when
standard input closes, or when the parent has ended in any way. CodeCarbon runs here so that its threads, logging,
signal handling and imports stay out of the process that runs the tests.
"""

from __future__ import annotations

import gc
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.meter.busy_clock import BusyClock
from pytest_carbon.meter.codecarbon_start.light_start import LightStart
from pytest_carbon.meter.codecarbon_start.tracker_settings import tracker_settings
from pytest_carbon.meter.cpu_time import Clock, read_cpu_time
from pytest_carbon.meter.power.cpu_share import own_quota

SAMPLE_S = 0.2
CODECARBON_S = 1.0
_COUNTER_MODES = ("intel_rapl", "intel_power_gadget", "windows_emi", "apple_powermetrics")
Emit = Callable[[dict[str, Any]], None]


class CodeCarbonTracker:
    """CodeCarbon's offline tracker. It is started in a thread, because its start may take two seconds."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._tracker: Any = None
        self._counted_s = 0.0
        self.start_up_over = False

    def start(self) -> None:
        """Start CodeCarbon. An exception is written to the stream, never raised."""
        gc.disable()  # an import makes nothing that could be collected
        try:
            self._start()
        except BaseException as error:  # a library's start-up may raise anything, SystemExit included
            self._emit({"error": f"CodeCarbon did not start: {type(error).__name__}: {error}"[:500]})
        finally:
            gc.enable()
            self.start_up_over = True

    def _start(self) -> None:
        from importlib.metadata import version

        import codecarbon
        from codecarbon.output_methods.base_output import BaseOutput

        emit_totals = self._emit_totals

        class TotalsOutput(BaseOutput):
            """Writes CodeCarbon's running totals to the stream. Their differences are the joules of an interval."""

            def live_out(self, total: Any, delta: Any) -> None:  # noqa: ARG002
                emit_totals(total, getattr(tracker, "_last_measured_time", None))

            def out(self, total: Any, delta: Any) -> None:
                self.live_out(total, delta)

        light = LightStart(str(getattr(codecarbon, "__version__", "")))
        settings = tracker_settings(codecarbon.OfflineEmissionsTracker, TotalsOutput(), CODECARBON_S)
        tracker = codecarbon.OfflineEmissionsTracker(**{**settings, **light.settings})
        tracker.start()
        if light.settings and not getattr(tracker, "_hardware", []):
            light.undo()
            tracker = codecarbon.OfflineEmissionsTracker(**settings)
            tracker.start()
        hardware = list(getattr(tracker, "_hardware", []))
        modes = {str(getattr(item, "_mode", "")) for item in hardware}
        names = [type(item).__name__ for item in hardware]
        self._emit(
            {
                "codecarbon": {
                    "version": version("codecarbon"),
                    "hardware": [str(item) for item in hardware],
                    "cpu_counter": bool(modes & set(_COUNTER_MODES)) or "AppleSiliconChip" in names,
                }
            }
        )
        self._tracker = tracker

    def _emit_totals(self, total: Any, measured_s: Any) -> None:
        """Write totals with the moment when they were counted: the first ones come more than a second after it.

        ``measured_s`` is that moment by CodeCarbon, whose clock is ours; without it, it is now.
        """
        now_s = Clock.now()
        at_s = measured_s if isinstance(measured_s, float) and measured_s <= now_s else now_s
        if at_s > self._counted_s:
            self._counted_s = at_s
            self._emit(_totals_message(at_s, total.cpu_energy, total.ram_energy, total.gpu_energy))

    def flush(self) -> None:
        """Let CodeCarbon count its joules up to now."""
        if self._tracker is not None:
            with suppress(Exception):  # the totals up to the last sample are already in the stream
                self._tracker.flush()


def _totals_message(at_s: float, cpu_kwh: float, ram_kwh: float, gpu_kwh: float) -> dict[str, Any]:
    joules = [float(kwh) * J_PER_KWH for kwh in (cpu_kwh, ram_kwh, gpu_kwh)]
    return {"cc": [at_s, *joules]}


def _own_cpu_s(with_running_children: bool) -> float:
    """Return the sidecar's CPU seconds: of its threads, its waited children and, if asked, its running children.

    While CodeCarbon starts, it runs a helper process for more than a second. The kernel adds the CPU time of a child
    only after the child has ended; until then it would count as that of other processes.
    """
    times = os.times()
    used = time.process_time() + times.children_user + times.children_system
    if with_running_children:
        import psutil

        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                used += sum(child.cpu_times()[:2])
    return used


def _emitter(stream: TextIO) -> Emit:
    lock = threading.Lock()

    def emit(value: dict[str, Any]) -> None:
        line = json.dumps(value) + "\n"
        with lock:
            stream.write(line)
            stream.flush()

    return emit


class _Parent:
    """Waits for the signal to stop: a byte or end of file on standard input, or the end of the parent process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._watched: list[int] = [0]
        if hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._watched.append(os.pidfd_open(pid))

    def wait(self, seconds: float) -> bool:
        """Wait for up to so many seconds. Returns True as soon as the sidecar should stop."""
        ready, _, _ = select.select(self._watched, [], [], seconds)
        return bool(ready) or self._gone()

    def _gone(self) -> bool:
        if len(self._watched) > 1:
            return False
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def main() -> None:
    """Read the machine every ``SAMPLE_S`` until the signal to stop."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # output of a library must not get between the samples
    os.dup2(quiet, 2)
    emit = _emitter(stream)
    emit({"hello": os.getpid()})
    os.nice(10)  # the tests have priority
    parent = _Parent(int(sys.argv[1]))
    clock, codecarbon = BusyClock(), CodeCarbonTracker(emit)
    threading.Thread(target=codecarbon.start, daemon=True).start()
    while not parent.wait(SAMPLE_S):
        _emit_sample(emit, clock, codecarbon)
    codecarbon.flush()
    _emit_sample(emit, clock, codecarbon)
    emit({"end": Clock.now()})
    os._exit(0)  # do not wait for CodeCarbon's threads; they have nothing left to write


def _emit_sample(emit: Emit, clock: BusyClock, codecarbon: CodeCarbonTracker) -> None:
    reading = read_cpu_time(own_quota())
    if reading is not None:
        machine = [reading.at_s, reading.busy_s, reading.steal_s, reading.total_s]
        emit({"m": [*machine, _own_cpu_s(not codecarbon.start_up_over), clock.share()]})


if __name__ == "__main__":
    try:
        main()
    except OSError:  # the stream is closed or its disk is full: the error cannot be reported anywhere
        os._exit(1)
