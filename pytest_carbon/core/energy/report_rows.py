"""Makes the rows of a report from the attributed energy: tests, wide fixtures, collection, the rest of the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.counted_work.instruction_counts import CountedRun
from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.energy.reference_energy import (
    COMPUTING_REFERENCE_S,
    ONE_PROBE_S,
    WALKING_REFERENCE_S,
    SpeedTrack,
    reference_j,
    slowdown_of,
)
from pytest_carbon.core.energy.shared_fixture_energy import Attempt, share_fixture_energy
from pytest_carbon.core.model import OWN_WORK, Attribution, Probe, Row, RowKind, Span, WorkerTrace
from pytest_carbon.core.quantities import sum_or_unknown

OWN_ROW_CPU_S = 0.001
"""A setup or teardown with less CPU time (s) has no row of its own: it counts in the row of its test, so that the
report of a large suite stays small."""
_PHASES = ("setup", "call", "teardown")
_MAIN_PHASES = ("call", "setup", "teardown")


class _Cost(NamedTuple):
    """The cost of one span or of one process's overhead. Joules are None on another machine than the meter's."""

    energy_j: float | None
    cpu_s: float
    wall_s: float
    reference_j: float
    speed_before: float | None = None
    speed_after: float | None = None


_SpanCosts = list[tuple[Span, _Cost]]


def probes_of(traces: Sequence[WorkerTrace]) -> list[Probe]:
    """Return the speed probes among the spans of the traces, as slowdowns relative to the reference machine."""
    return [
        _probe(s, t.worker) for t in traces for s in t.spans if s.kind == "tool" and s.phase == "probe" and s.cpu_s > 0
    ]


def _probe(span: Span, worker: str) -> Probe:
    if not span.info or not 0 < (walking_s := float(span.info.get("walking_s", 0.0))) < span.cpu_s:
        return Probe(span.end_s, span.cpu_s / ONE_PROBE_S, worker)
    waiting, walking = span.info.get("waiting"), walking_s / WALKING_REFERENCE_S
    slowdown = slowdown_of((span.cpu_s - walking_s) / COMPUTING_REFERENCE_S, waiting, walking)
    return Probe(span.end_s, slowdown, worker, walking, waiting)


def own_reference_j(rows: Sequence[Row]) -> float:
    """Return the reference energy (J) of the run's own work: without other processes, idle time and the tool."""
    return sum(row.reference_j for row in rows if row.kind in OWN_WORK)


def make_rows(
    traces: Sequence[WorkerTrace],
    attribution: Attribution | None,
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Make the rows of a report. The rows of other machines have unknown energy and come last.

    ``attribution`` holds the energy of the traces of this machine, in their order. ``outcomes`` maps a nodeid to the
    outcomes of its attempts, in order; a test without an entry has passed. ``features`` maps names to path globs. The
    feature of a test's marker (``feature`` in the info of one of its spans) wins over the globs.
    """
    ordered = sorted(traces, key=lambda t: not t.same_machine)
    work = _Work(ordered)
    rows: list[Row] = []
    tool: list[_Cost] = []
    for index, trace in enumerate(ordered):
        attributed = attribution if trace.same_machine else None
        span_costs = _span_costs(trace, attributed, index, work)
        tool += [cost for span, cost in span_costs if span.kind == "tool"]
        rows += _collection_and_command_rows(span_costs, trace.worker, outcomes)
        rows += _test_and_fixture_rows(span_costs, trace.worker, outcomes, features)
        if attributed and attributed.overhead_cpu_s[index] > 0:
            overhead = _overhead_cost(attributed, index, work)
            if any(span.kind == "command" for span in trace.spans):  # our own process, which waits for the command
                tool.append(overhead)
            else:
                rows.append(_row("collection", Span("", "", "session", 0, 0, 0), trace.worker, overhead))
    if attribution:
        rows += _machine_rows(attribution, tool, work)
    return rows


class _Work:
    """The reference energy of the work of some traces: by counted instructions if all were counted, else by probes."""

    def __init__(self, traces: Sequence[WorkerTrace]) -> None:
        slowdowns = sorted(p.slowdown for p in probes_of(traces))
        self._median_slowdown = slowdowns[len(slowdowns) // 2] if slowdowns else None
        counted = CountedRun(traces)
        self._counted = counted if counted.is_complete else None

    def of_span_j(self, index: int, position: int, cpu_s: float, slowdown: float | None) -> float:
        """Return the joules of a span of a trace (its ``index``); ``slowdown`` is that of the probes around it."""
        if self._counted:
            return self._counted.reference_j(self._counted.own[index][position], cpu_s)
        return reference_j(cpu_s, slowdown or self._median_slowdown)

    def elsewhere_j(self, cpu_s: float) -> float:
        """Return the joules of CPU seconds that are in no span."""
        return self._counted.reference_j(None, cpu_s) if self._counted else reference_j(cpu_s, self._median_slowdown)


def _span_costs(trace: WorkerTrace, attribution: Attribution | None, index: int, work: _Work) -> _SpanCosts:
    """Return every span of a trace with its own cost, without the cost of the spans inside it."""
    own_cpu_s: Sequence[float]
    own_j: Sequence[float | None]
    if attribution:
        own_cpu_s, own_j = attribution.span_cpu_s[index], attribution.span_j[index]
    else:
        own_cpu_s, own_j = own_totals(trace.spans, [s.cpu_s for s in trace.spans]), [None] * len(trace.spans)
    track = SpeedTrack(probes_of([trace]))
    span_costs = []
    for position, (span, cpu_s, energy_j) in enumerate(zip(trace.spans, own_cpu_s, own_j, strict=True)):
        work_j = work.of_span_j(index, position, cpu_s, track.mean_slowdown(span.start_s, span.end_s))
        speeds = track.slowdowns_around(span.start_s, span.end_s)
        span_costs.append((span, _Cost(energy_j, cpu_s, span.end_s - span.start_s, work_j, *speeds)))
    return span_costs


def _overhead_cost(attribution: Attribution, index: int, work: _Work) -> _Cost:
    cpu_s, wall_s = attribution.overhead_cpu_s[index], attribution.overhead_wall_s[index]
    return _Cost(attribution.overhead_j[index], cpu_s, wall_s, work.elsewhere_j(cpu_s))


def _machine_rows(attribution: Attribution, tool: Sequence[_Cost], work: _Work) -> list[Row]:
    """Make the rows of the rest of the machine: tool (sidecar and probes), background (other processes) and idle."""
    a = attribution
    sidecar = _Cost(a.tool_j, a.tool_cpu_s, 0.0, work.elsewhere_j(a.tool_cpu_s))
    all_tool = [sidecar, *tool]
    return [
        Row(
            "tool",
            sum_or_unknown(cost.energy_j for cost in all_tool if cost.energy_j is not None),
            sum(cost.cpu_s for cost in all_tool),
            sum(cost.wall_s for cost in all_tool),
            sum(cost.reference_j for cost in all_tool),
        ),
        Row("background", a.background_j, a.background_cpu_s, 0.0, work.elsewhere_j(a.background_cpu_s)),
        Row("idle", a.idle_j, 0.0, a.idle_s, 0.0),
    ]


def _row(kind: RowKind, span: Span, worker: str, cost: _Cost, **more: Any) -> Row:
    return Row(
        kind,
        cost.energy_j,
        cost.cpu_s,
        cost.wall_s,
        cost.reference_j,
        span.nodeid,
        span.phase,
        worker,
        speed_before=cost.speed_before,
        speed_after=cost.speed_after,
        **more,
    )


def _collection_and_command_rows(
    span_costs: _SpanCosts, worker: str, outcomes: Mapping[str, Sequence[str]]
) -> list[Row]:
    """Make one row for each span of collection (the start and end of workers included) and of commands."""
    rows = []
    for span, cost in span_costs:
        if span.kind == "collection":
            rows.append(_row("collection", span, worker, cost))
        elif span.kind == "command":
            outcome = next(iter(outcomes.get(span.nodeid, ())), None)
            rows.append(_row("command", span, worker, cost, feature=(span.info or {}).get("feature"), outcome=outcome))
    return rows


def _test_and_fixture_rows(
    span_costs: _SpanCosts,
    worker: str,
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Make the rows of the tests and wide fixtures of one worker, and share out the fixtures' energy over the tests."""
    attempts = _group_by_attempt(span_costs)
    shared = share_fixture_energy(
        [(span, cost.energy_j) for span, cost in span_costs if span.kind == "fixture"],
        {attempt: [span for span, _ in group] for attempt, group in attempts.items()},
    )
    rows: list[Row] = []
    by_path: dict[str, str | None] = {}
    for (nodeid, number), group in attempts.items():
        path = nodeid.split("::", 1)[0]
        if path not in by_path:
            by_path[path] = feature_of_path(path, features)
        marked = next((s.info["feature"] for s, _ in group if s.info and "feature" in s.info), None)
        noted = outcomes.get(nodeid, ())
        outcome = noted[number] if number < len(noted) else "passed"
        main, *others = _attempt_rows(group, worker, marked or by_path[path], outcome)
        if (nodeid, number) in shared.shares_j:
            main = replace(main, amortised_j=sum_or_unknown([main.energy_j, *shared.shares_j[nodeid, number]]))
        rows += [main, *others]
    for span, cost in span_costs:
        if span.kind == "fixture":
            scope = (span.info or {}).get("scope")
            rows.append(_row("fixture", span, worker, cost, scope=scope, users=shared.users_of(span)))
    return rows


def _group_by_attempt(span_costs: _SpanCosts) -> dict[Attempt, _SpanCosts]:
    """Group the spans of tests by attempt. A phase that does not come after the previous one begins a new attempt."""
    last: dict[str, tuple[int, int]] = {}  # nodeid -> (attempt, position of its last phase)
    grouped: dict[Attempt, _SpanCosts] = {}
    for span, cost in span_costs:
        if span.kind == "test":
            position = _PHASES.index(span.phase)
            number, previous = last.get(span.nodeid, (0, -1))
            number += position <= previous
            last[span.nodeid] = number, position
            grouped.setdefault((span.nodeid, number), []).append((span, cost))
    return grouped


def _attempt_rows(group: _SpanCosts, worker: str, feature: str | None, outcome: str) -> list[Row]:
    """Make the rows of an attempt, one for each phase, the main phase first. Small phases are merged into its row."""
    by_phase = {s.phase: _row("test", s, worker, cost, feature=feature, outcome=outcome) for s, cost in group}
    main = by_phase.pop(next(phase for phase in _MAIN_PHASES if phase in by_phase))
    others = []
    for row in by_phase.values():
        if row.cpu_s < OWN_ROW_CPU_S:
            main = _merge_rows(main, row)
        else:
            others.append(row)
    return [main, *others]


def _merge_rows(a: Row, b: Row) -> Row:
    """Return the row of a phase and a small one before or after it. The speeds are those of the phase itself."""
    return replace(
        a,
        energy_j=sum_or_unknown([a.energy_j, b.energy_j]),
        cpu_s=a.cpu_s + b.cpu_s,
        wall_s=a.wall_s + b.wall_s,
        reference_j=a.reference_j + b.reference_j,
    )
