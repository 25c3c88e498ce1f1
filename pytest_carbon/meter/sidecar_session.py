"""The meter of a run: it starts the sidecar, stops it, and returns the readings of both as one measurement."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from pytest_carbon.core.energy.sidecar_stream import SidecarStream, parse_stream
from pytest_carbon.core.model import CpuReading, Measurement
from pytest_carbon.meter.cpu_time import Clock, read_cpu_time
from pytest_carbon.meter.power.cpu_share import own_quota

START_LIMIT_S = 10.0
STOP_LIMIT_S = 1.0
_MANY_TICKS_S = 0.1
_DETACH = 'exec 3<&0; "$@" <&3 3<&- &'
_NOT_FOR_THE_SIDECAR = ("CODECARBON_", "COVERAGE_", "COV_CORE_", "PYTEST_")


def sidecar_command() -> list[str]:
    """Return the command that starts our sidecar with the running interpreter.

    ``-P`` prevents files of the working directory from shadowing modules. ``-W ignore`` overrides a project's strict
    warnings, which must not fail the libraries of the sidecar.
    """
    return [sys.executable, "-P", "-W", "ignore", "-m", "pytest_carbon.meter.sidecar", str(os.getpid())]


def _sidecar_environment(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in environment.items() if not k.startswith(_NOT_FOR_THE_SIDECAR)}
    return {**kept, "CODECARBON_LOG_LEVEL": "critical"}


class _Descriptor:
    """A file descriptor of ours. Code under test may close it, and its number may then name another file."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._identity = self._stat()

    def _stat(self) -> tuple[int, int] | None:
        try:
            status = os.fstat(self.number)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    @property
    def still_ours(self) -> bool:
        return self._stat() == self._identity

    def close(self) -> None:
        if self.still_ours:
            os.close(self.number)


class Meter:
    """Measures the machine from ``start`` to ``stop``, which returns a Measurement and never raises.

    The meter itself reads the machine at the start and at the end, so that a run is measured even if the sidecar never
    starts. The sidecar adds the readings in between and those of CodeCarbon. The sidecar is no child of this process,
    because code under test may wait for its children. It has a session of its own, because an interrupt from the
    keyboard is not meant for it. An empty ``command`` means no sidecar: a comparison needs only the tests' CPU time.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = list(command) if command is not None else sidecar_command()
        self._stop: _Descriptor | None = None
        self._spool: _Descriptor | None = None
        self._gaps: list[str] = []
        self._first_reading: CpuReading | None = None
        self.start_s = 0.0

    def start(self) -> None:
        """Read the machine and start the sidecar. A sidecar that cannot start becomes a gap of the measurement."""
        self.start_s = Clock.now()
        self._first_reading = read_cpu_time(own_quota())
        if not self._command:
            return
        if os.name != "posix":
            self._gaps.append("CodeCarbon did not run: the sidecar, which hosts it, needs Linux or macOS")
            return
        try:
            self._launch()
        except OSError as error:
            self._gaps.append(f"CodeCarbon did not run: the sidecar, which hosts it, could not be started ({error})")

    def _launch(self) -> None:
        with tempfile.TemporaryFile() as spool:  # it has no name, so no file is left behind
            with subprocess.Popen(
                ["/bin/sh", "-c", _DETACH, "sh", *self._command],
                stdin=subprocess.PIPE,
                stdout=spool,
                stderr=subprocess.DEVNULL,
                cwd=os.sep,
                env=_sidecar_environment(os.environ),
                start_new_session=True,
            ) as launcher:
                assert launcher.stdin is not None
                self._stop = _Descriptor(os.dup(launcher.stdin.fileno()))
            self._spool = _Descriptor(os.dup(spool.fileno()))

    def read_stream(self) -> SidecarStream:
        """Read what the sidecar has written up to now."""
        if self._spool is None or not self._spool.still_ours:
            return parse_stream(())
        data = os.pread(self._spool.number, os.fstat(self._spool.number).st_size, 0)
        return parse_stream(data.decode("utf-8", "replace").splitlines(keepends=True))

    def _sidecar_ended(self) -> bool:
        assert self._spool is not None
        size = os.fstat(self._spool.number).st_size
        return b'"end"' in os.pread(self._spool.number, 64, max(0, size - 64))

    def stop(self) -> Measurement:
        """Stop the sidecar and return the measurement. Its ``gaps`` name what is missing."""
        end_s = Clock.now()
        quota = own_quota()
        last = read_cpu_time(quota)
        stream = self._stop_sidecar(end_s)
        gaps = [*self._gaps, *stream.gaps]
        readings = [r for r in stream.readings if self.start_s < r.at_s < end_s]
        codecarbon = stream.codecarbon
        if quota is not None:
            gaps.append(_describe_quota(quota.cpus, counted=quota.used_s() is not None))
            if codecarbon is not None and codecarbon.cpu_counter:
                codecarbon = replace(codecarbon, cpu_counter=False)
                gaps.append("the energy counter counts the whole host, so the energy of this share of it is modelled")
        if self._first_reading is None or last is None or _stands_still(self._first_reading, last):
            readings = []
            gaps.append("this kernel counts no CPU time of the whole machine, so other processes cannot be measured")
        else:
            between = [r for r in readings if _between(self._first_reading, r, last)]
            tool_s = max([r.tool_s for r in stream.readings], default=0.0)
            readings = [self._first_reading, *between, _add_tool_s(last, tool_s)]
        return Measurement(self.start_s, end_s, tuple(readings), stream.codecarbon_readings, codecarbon, tuple(gaps))

    def _stop_sidecar(self, end_s: float) -> SidecarStream:
        if self._stop is None or self._spool is None:
            return parse_stream(())
        if not self._spool.still_ours or not self._stop.still_ours:
            self._gaps.append("the code under test closed the files of the sidecar, so its samples are lost")
        else:
            alive = True
            try:
                os.write(self._stop.number, b"stop")
            except OSError:
                alive = False
            while alive and not self._sidecar_ended() and Clock.now() - end_s < STOP_LIMIT_S:
                time.sleep(0.005)
            self._note_what_is_missing(self.read_stream(), end_s, alive)
        stream = self.read_stream()
        self.abandon()
        return stream

    def abandon(self) -> None:
        """Let the sidecar end, and forget what it wrote. Without a sidecar, do nothing."""
        for descriptor in (self._stop, self._spool):
            if descriptor is not None:
                descriptor.close()
        self._stop = self._spool = None

    def _note_what_is_missing(self, stream: SidecarStream, end_s: float, alive: bool) -> None:
        """Add a gap if the sidecar's stream is incomplete. Ends a sidecar that still runs but does not answer."""
        if stream.pid is None:
            waited = min(end_s - self.start_s, START_LIMIT_S)
            self._gaps.append(
                f"CodeCarbon did not run: the sidecar, which hosts it, did not start within {waited:.1f} s"
            )
        elif not stream.ended:
            seen_s = stream.readings[-1].at_s - self.start_s if stream.readings else 0.0
            self._gaps.append(
                f"the sidecar ended early, after {seen_s:.1f} s of {end_s - self.start_s:.1f} s; "
                "the energy of the rest is modelled from the mean utilisation"
            )
            if alive:  # its end of the pipe is still open, so the process id still belongs to the sidecar
                with suppress(OSError):
                    os.kill(stream.pid, signal.SIGTERM)
        elif stream.codecarbon is not None and not stream.codecarbon_readings and not stream.gaps:
            self._gaps.append(f"CodeCarbon {stream.codecarbon.version} started but gave no figures")
        elif stream.codecarbon is None and not stream.gaps:
            self._gaps.append(
                f"CodeCarbon was still starting when the run ended after {end_s - self.start_s:.1f} s "
                "(it needs about half a second), so its own figure is missing"
            )


def _describe_quota(cpus: float, *, counted: bool) -> str:
    host = os.cpu_count() or 1
    used = "of what may be used" if counted else "that of the host, as nothing counts what the container uses"
    return (
        f"this container may use {cpus:.3g} of the host's {host} CPUs (the quota of its cgroup): base power and making "
        f"are {100 * cpus / host:.2g} % of the host's, and utilisation is {used}"
    )


def _stands_still(first: CpuReading, last: CpuReading) -> bool:
    """Return whether a kernel counts nothing: for much longer than a tick, not even idle time has passed."""
    return last.at_s - first.at_s > _MANY_TICKS_S and last.total_s <= first.total_s


def _between(first: CpuReading, reading: CpuReading, last: CpuReading) -> bool:
    return first.busy_s <= reading.busy_s <= last.busy_s and first.total_s <= reading.total_s <= last.total_s


def _add_tool_s(reading: CpuReading, tool_s: float) -> CpuReading:
    return CpuReading(reading.at_s, reading.busy_s, reading.steal_s, reading.total_s, tool_s, reading.frequency)
