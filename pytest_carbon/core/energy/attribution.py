"""Attributes the joules of the energy windows to the spans of the workers.

Base energy is split by wall time among the workers that are in a span. Dynamic energy is split by CPU seconds. The
joules that no worker used are background (other processes), tool (our sidecar) or idle (no worker was in a span).
Every joule of every window is attributed exactly once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from pytest_carbon.core.energy.power_windows import interpolate_series
from pytest_carbon.core.model import Attribution, EnergyWindow, Span, WorkerTrace

FITTING_ROUNDS = 8
ROUNDING_ERROR = 1e-12
"""Share of the total energy. Idle joules below it are a rounding error and count as zero."""


def own_totals(spans: Sequence[Span], totals: Sequence[float]) -> list[float]:
    """Return each span's own total: its total (``totals``) without the totals of the spans inside it.

    ``spans`` are in the order in which they ended (see Span). An own total is never below zero: two clocks are read
    one after the other, so a span may appear some microseconds cheaper than the spans inside it.
    """
    own: list[float] = []
    open_spans: list[tuple[float, float]] = []  # (start, inclusive total) of spans that are inside no other span so far
    for span, total in zip(spans, totals, strict=True):
        inside = 0.0
        while open_spans and open_spans[-1][0] >= span.start_s:
            inside += open_spans.pop()[1]
        own.append(max(0.0, total - inside))
        open_spans.append((span.start_s, max(total, inside)))
    return own


def outermost_spans(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that lie inside no other span, in order of time."""
    outermost: list[Span] = []
    for span in spans:
        while outermost and outermost[-1].start_s >= span.start_s:
            outermost.pop()
        outermost.append(span)
    return outermost


class _BasePower:
    """Integrates base power divided by the number of workers in a span, and separately while no worker is in one."""

    def __init__(self, windows: Sequence[EnergyWindow], traces: Sequence[WorkerTrace]) -> None:
        start, end = windows[0].start_s, windows[-1].end_s
        changes = [(w.start_s, 0) for w in windows] + [(end, 0)]
        for trace in traces:
            for span in outermost_spans(trace.spans):
                a, b = max(start, span.start_s), min(end, span.end_s)
                if b > a:
                    changes += [(a, 1), (b, -1)]
        changes.sort()
        powers = [w.base_j / (w.end_s - w.start_s) for w in windows]
        starts = [w.start_s for w in windows]
        self.idle_j = self.idle_s = 0.0
        active = 0
        points: list[tuple[float, float]] = [(start, 0.0)]
        for (at, change), (until, _) in pairwise([*changes, (end, 0)]):
            active += change
            if until <= at:
                continue
            joules = powers[max(0, bisect_right(starts, at) - 1)] * (until - at)
            if active:
                points.append((until, points[-1][1] + joules / active))
            else:
                points.append((until, points[-1][1]))
                self.idle_j += joules
                self.idle_s += until - at
        self._at = interpolate_series(points)

    def share_j(self, span: Span) -> float:
        return self._at(span.end_s) - self._at(span.start_s)


class _CpuSpread:
    """Spreads the CPU seconds of an interval over the windows that it crosses, in proportion to their busy seconds."""

    def __init__(self, windows: Sequence[EnergyWindow]) -> None:
        self.windows = windows
        self.ends = [w.end_s for w in windows]
        self.rates = [w.busy_s / (w.end_s - w.start_s) for w in windows]

    def over(self, start_s: float, end_s: float, cpu_s: float) -> list[tuple[int, float]]:
        """Return pairs of a window's index and its CPU seconds, which sum to ``cpu_s``."""
        windows = self.windows
        first = min(bisect_right(self.ends, start_s), len(windows) - 1)
        if end_s <= windows[first].end_s or first == len(windows) - 1:
            return [(first, cpu_s)]
        last = min(bisect_left(self.ends, end_s), len(windows) - 1)
        overlaps = [
            (k, min(end_s, windows[k].end_s) - max(start_s, windows[k].start_s)) for k in range(first, last + 1)
        ]
        weights = [overlap * self.rates[k] for k, overlap in overlaps]
        if sum(weights) <= 0:
            weights = [overlap for _, overlap in overlaps]
        whole = sum(weights)
        if whole <= 0:
            return [(first, cpu_s)]
        return [(k, cpu_s * weight / whole) for (k, _), weight in zip(overlaps, weights, strict=True)]


def _fit_to_kernel(pieces: Sequence[list[tuple[int, float]]], windows: Sequence[EnergyWindow]) -> list[float]:
    """Fit the spread CPU seconds to the busy seconds that the kernel counted. Returns the CPU seconds of each window.

    ``pieces`` holds, for each span, its CPU seconds by window; the function changes them in place. They were first
    spread by the busy seconds of all processes. A few rounds of iterative proportional fitting (Deming and Stephan,
    1940) move them between the windows of a span until each window's sum is near its busy seconds. The sum of each
    span stays the same.
    """
    movable = [piece for piece in pieces if len(piece) > 1]
    for last in (*[False] * FITTING_ROUNDS, True):
        used_s = [w.tool_s for w in windows]
        for piece in pieces:
            for k, cpu_s in piece:
                used_s[k] += cpu_s
        if last or not movable:
            break
        factors = [w.busy_s / used if used > 0 else 1.0 for w, used in zip(windows, used_s, strict=True)]
        for piece in movable:
            before = sum(cpu_s for _, cpu_s in piece)
            scaled = [(k, cpu_s * factors[k]) for k, cpu_s in piece]
            after = sum(cpu_s for _, cpu_s in scaled)
            if after > 0:
                piece[:] = [(k, cpu_s * before / after) for k, cpu_s in scaled]
    return used_s


def attribute(windows: Sequence[EnergyWindow], traces: Sequence[WorkerTrace]) -> Attribution:
    """Attribute the windows' joules to the spans of the workers, their overhead, background, tool and idle.

    ``windows`` follow each other without gaps. A worker's overhead is what its process used outside its spans (pytest
    itself). The figures are in the order of ``traces`` and their spans, and sum to the windows' total. The caller must
    leave out the traces of other machines: the windows do not cover their time.
    """
    base = _BasePower(windows, traces)
    spread = _CpuSpread(windows)
    span_cpu = [own_totals(t.spans, [s.cpu_s for s in t.spans]) for t in traces]
    span_base = [own_totals(t.spans, [base.share_j(s) for s in t.spans]) for t in traces]
    overhead_cpu = [max(0.0, t.cpu_s - sum(s.cpu_s for s in outermost_spans(t.spans))) for t in traces]

    pieces = [
        [spread.over(s.start_s, s.end_s, c) for s, c in zip(t.spans, cpu, strict=True)]
        for t, cpu in zip(traces, span_cpu, strict=True)
    ]
    overhead_pieces = [spread.over(t.start_s, t.end_s, cpu) for t, cpu in zip(traces, overhead_cpu, strict=True)]
    all_pieces = [piece for trace in pieces for piece in trace] + overhead_pieces
    used_s = _fit_to_kernel(all_pieces, windows)
    busy_s = [max(w.busy_s, used) for w, used in zip(windows, used_s, strict=True)]
    rates = [w.dynamic_j / busy if busy > 0 else 0.0 for w, busy in zip(windows, busy_s, strict=True)]

    def dynamic_j(piece: list[tuple[int, float]]) -> float:
        return sum(cpu_s * rates[k] for k, cpu_s in piece)

    # Between tests a worker computes (pytest itself) or waits (idle). It computes for as long as its CPU clock says.
    computing = [min(cpu, t.end_s - t.start_s) for cpu, t in zip(overhead_cpu, traces, strict=True)]
    scale = min(1.0, base.idle_s / sum(computing)) if sum(computing) > 0 else 0.0
    base_w = base.idle_j / base.idle_s if base.idle_s > 0 else 0.0
    overhead_wall = [seconds * scale for seconds in computing]
    overhead_base = [seconds * base_w for seconds in overhead_wall]

    total_j = sum(w.base_j + w.dynamic_j for w in windows)
    span_j = tuple(
        tuple(b + dynamic_j(p) for b, p in zip(bases, parts, strict=True))
        for bases, parts in zip(span_base, pieces, strict=True)
    )
    overhead_j = tuple(b + dynamic_j(p) for b, p in zip(overhead_base, overhead_pieces, strict=True))
    tool_j = sum(w.tool_s * r for w, r in zip(windows, rates, strict=True))
    background_s = [busy - used for busy, used in zip(busy_s, used_s, strict=True)]
    background_j = sum(s * r for s, r in zip(background_s, rates, strict=True))
    idle_j = total_j - (sum(sum(js) for js in span_j) + sum(overhead_j) + tool_j + background_j)
    return Attribution(
        span_j=span_j,
        span_cpu_s=tuple(tuple(c) for c in span_cpu),
        overhead_j=overhead_j,
        overhead_cpu_s=tuple(overhead_cpu),
        overhead_wall_s=tuple(overhead_wall),
        background_j=background_j,
        background_cpu_s=sum(background_s),
        tool_j=tool_j,
        tool_cpu_s=sum(w.tool_s for w in windows),
        idle_j=idle_j if idle_j > ROUNDING_ERROR * total_j else 0.0,
        idle_s=max(0.0, base.idle_s - sum(overhead_wall)),
        total_j=total_j,
    )
