"""From the attribution to the rows of a report: one a test, one a wide fixture, and one for each of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.energy.reference_energy import PROBE_REFERENCE_S, SpeedTrack, reference_j
from pytest_carbon.core.model import OWN_WORK, Attribution, Probe, Row, RowKind, Span, WorkerTrace

OWN_ROW_CPU_S = 0.001
"""A setup or teardown gets a row of its own from this much CPU time on; below, it counts in its test's row,
so that the report of a large suite stays small."""
_PHASES = ("setup", "call", "teardown")
_MAIN_PHASES = ("call", "setup", "teardown")


class _Cost(NamedTuple):
    """What one span, or one process's overhead, took; joules are None on another machine than the meter's."""

    energy_j: float | None
    cpu_s: float
    wall_s: float
    reference_j: float
    speed_before: float | None = None
    speed_after: float | None = None


_SpanCosts = list[tuple[Span, _Cost]]
_Attempt = tuple[str, int]  # a nodeid and how many times it ran before


def probes_of(traces: Sequence[WorkerTrace]) -> list[Probe]:
    """Return the probes that stand among the traces' spans, as slowdowns against the reference machine."""
    return [
        Probe(s.end_s, s.cpu_s / PROBE_REFERENCE_S, t.worker)
        for t in traces
        for s in t.spans
        if s.kind == "tool" and s.cpu_s > 0
    ]


def own_reference_j(rows: Sequence[Row]) -> float:
    """Return the reference energy of the run's own work: without other processes, idle time and the tool."""
    return sum(row.reference_j for row in rows if row.kind in OWN_WORK)


def make_rows(
    traces: Sequence[WorkerTrace],
    attribution: Attribution | None,
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Make the report's rows. Traces of other machines come with unknown energy, after all the others.

    ``attribution`` is that of the traces of this machine, in their order. ``outcomes`` maps a nodeid to the outcomes
    of its attempts, in order, and need not hold a test that just passed; ``features`` maps names to path globs. A
    marker's feature (``feature`` in the info of one of a test's spans) wins over paths.
    """
    slowdowns = sorted(p.slowdown for p in probes_of(traces))
    usual = slowdowns[len(slowdowns) // 2] if slowdowns else None
    rows: list[Row] = []
    tool: list[_Cost] = []
    ordered = sorted(traces, key=lambda t: not t.same_machine)
    for index, trace in enumerate(ordered):
        known = attribution if trace.same_machine else None
        spent = _span_costs(trace, known, index, usual)
        tool += [cost for span, cost in spent if span.kind == "tool"]
        rows += _collection_and_command_rows(spent, trace.worker, outcomes)
        rows += _test_and_fixture_rows(spent, trace.worker, outcomes, features)
        if known and known.overhead_cpu_s[index] > 0:
            overhead = _overhead_cost(known, index, usual)
            if any(span.kind == "command" for span in trace.spans):  # our own process, which waited for the command
                tool.append(overhead)
            else:
                rows.append(_row("collection", Span("", "", "session", 0, 0, 0), trace.worker, overhead))
    if attribution:
        rows += _machine_rows(attribution, tool, usual)
    return rows


def _span_costs(trace: WorkerTrace, attribution: Attribution | None, index: int, usual: float | None) -> _SpanCosts:
    """Return every span of a trace with what it took, without what the spans inside it took."""
    own_cpu_s: Sequence[float]
    own_j: Sequence[float | None]
    if attribution:
        own_cpu_s, own_j = attribution.span_cpu_s[index], attribution.span_j[index]
    else:
        own_cpu_s, own_j = own_totals(trace.spans, [s.cpu_s for s in trace.spans]), [None] * len(trace.spans)
    track = SpeedTrack(probes_of([trace]))
    spent = []
    for span, cpu_s, energy_j in zip(trace.spans, own_cpu_s, own_j, strict=True):
        work_j = reference_j(cpu_s, track.mean_slowdown(span.start_s, span.end_s) or usual)
        speeds = track.slowdowns_around(span.start_s, span.end_s)
        spent.append((span, _Cost(energy_j, cpu_s, span.end_s - span.start_s, work_j, *speeds)))
    return spent


def _overhead_cost(attribution: Attribution, index: int, usual: float | None) -> _Cost:
    cpu_s = attribution.overhead_cpu_s[index]
    return _Cost(attribution.overhead_j[index], cpu_s, attribution.overhead_wall_s[index], reference_j(cpu_s, usual))


def _machine_rows(attribution: Attribution, tool: Sequence[_Cost], usual: float | None) -> list[Row]:
    """Make the rows of the machine: the tool (its sidecar, its probes), other processes, and nobody."""
    a = attribution
    sidecar = _Cost(a.tool_j, a.tool_cpu_s, 0.0, reference_j(a.tool_cpu_s, usual))
    all_tool = [sidecar, *tool]
    return [
        Row(
            "tool",
            _sum(cost.energy_j for cost in all_tool if cost.energy_j is not None),
            sum(cost.cpu_s for cost in all_tool),
            sum(cost.wall_s for cost in all_tool),
            sum(cost.reference_j for cost in all_tool),
        ),
        Row("background", a.background_j, a.background_cpu_s, 0.0, reference_j(a.background_cpu_s, usual)),
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


def _collection_and_command_rows(spent: _SpanCosts, worker: str, outcomes: Mapping[str, Sequence[str]]) -> list[Row]:
    """Make the rows of collection, of workers' starts and ends, and of commands: one a span."""
    rows = []
    for span, cost in spent:
        if span.kind == "collection":
            rows.append(_row("collection", span, worker, cost))
        elif span.kind == "command":
            outcome = next(iter(outcomes.get(span.nodeid, ())), None)
            rows.append(_row("command", span, worker, cost, feature=(span.info or {}).get("feature"), outcome=outcome))
    return rows


def _test_and_fixture_rows(
    spent: _SpanCosts,
    worker: str,
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Group one worker's phases by test and attempt, fold the small ones, and share fixtures among users."""
    attempts = _group_by_attempt(spent)
    shares, users = _shares(spent, attempts)
    rows: list[Row] = []
    by_path: dict[str, str | None] = {}
    for (nodeid, number), group in attempts.items():
        path = nodeid.split("::", 1)[0]
        if path not in by_path:
            by_path[path] = feature_of_path(path, features)
        marked = next((s.info["feature"] for s, _ in group if s.info and "feature" in s.info), None)
        told = outcomes.get(nodeid, ())
        tests = _attempt_rows(group, worker, marked or by_path[path], told[number] if number < len(told) else "passed")
        if (nodeid, number) in shares:
            tests[0] = replace(tests[0], amortised_j=_sum([tests[0].energy_j, *shares[nodeid, number]]))
        rows += tests
    for span, cost in spent:
        if span.kind == "fixture":
            info = span.info or {}
            count = users.get(str(info.get("life")), 0)
            rows.append(_row("fixture", span, worker, cost, scope=info.get("scope"), users=count))
    return rows


def _group_by_attempt(spent: _SpanCosts) -> dict[_Attempt, _SpanCosts]:
    """Group the spans of tests; where a test's phases begin anew, it was repeated."""
    last: dict[str, tuple[int, int]] = {}  # nodeid -> (attempt, place of its last phase)
    grouped: dict[_Attempt, _SpanCosts] = {}
    for span, cost in spent:
        if span.kind == "test":
            place = _PHASES.index(span.phase)
            number, before = last.get(span.nodeid, (0, -1))
            number += place <= before
            last[span.nodeid] = number, place
            grouped.setdefault((span.nodeid, number), []).append((span, cost))
    return grouped


def _shares(
    spent: _SpanCosts, attempts: Mapping[_Attempt, _SpanCosts]
) -> tuple[dict[_Attempt, list[float | None]], dict[str, int]]:
    """Return each attempt's shares of the wide fixtures it used (J), and how many used each fixture's life."""
    used_by: dict[str, list[_Attempt]] = {}
    for attempt, group in attempts.items():
        for span, _ in group:
            for life in (span.info or {}).get("uses", ()):
                used_by.setdefault(life, []).append(attempt)
    costs: dict[str, list[float | None]] = {}
    for span, cost in spent:
        if span.kind == "fixture":
            costs.setdefault(str((span.info or {}).get("life")), []).append(cost.energy_j)
    shares: dict[_Attempt, list[float | None]] = {}
    for life, users in used_by.items():
        energy_j = _sum(costs.get(life, [None]))
        for attempt in users:
            shares.setdefault(attempt, []).append(None if energy_j is None else energy_j / len(users))
    return shares, {life: len(users) for life, users in used_by.items()}


def _attempt_rows(group: _SpanCosts, worker: str, feature: str | None, outcome: str) -> list[Row]:
    """Make an attempt's rows, one a phase; phases that are too small for a row become part of the main one."""
    by_phase = {s.phase: _row("test", s, worker, cost, feature=feature, outcome=outcome) for s, cost in group}
    main = by_phase.pop(next(phase for phase in _MAIN_PHASES if phase in by_phase))
    kept = []
    for row in by_phase.values():
        if row.cpu_s < OWN_ROW_CPU_S:
            main = _merge_rows(main, row)
        else:
            kept.append(row)
    return [main, *kept]


def _merge_rows(a: Row, b: Row) -> Row:
    return replace(
        a,
        energy_j=_sum([a.energy_j, b.energy_j]),
        cpu_s=a.cpu_s + b.cpu_s,
        wall_s=a.wall_s + b.wall_s,
        reference_j=a.reference_j + b.reference_j,
        speed_after=b.speed_after if b.speed_after is not None else a.speed_after,
    )


def _sum(values: Iterable[float | None]) -> float | None:
    """Sum figures; one that is not known makes the sum unknown."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
