"""From the attribution to the rows of a report: one a test, one a wide fixture, and one for each of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_carbon.core.attribution import exclusive
from pytest_carbon.core.features import feature_of_path
from pytest_carbon.core.model import OWN_WORK, Attribution, Probe, Row, RowKind, Span, WorkerTrace
from pytest_carbon.core.reference import PROBE_REFERENCE_S, SpeedTrack, reference_j

OWN_ROW_CPU_S = 0.001
"""A setup or teardown gets a row of its own from this much CPU time on; below, it counts in its test's row,
so that the report of a large suite stays small."""
_PHASES = ("setup", "call", "teardown")
_MAIN_PHASES = ("call", "setup", "teardown")


@dataclass(slots=True)
class _Part:
    """One phase of one attempt at one test, while its spans are being summed."""

    span: Span
    worker: str
    attempt: int
    energy_j: float | None
    cpu_s: float
    wall_s: float
    reference_j: float
    speed: tuple[float | None, float | None] = (None, None)


def probes_of(traces: Sequence[WorkerTrace]) -> list[Probe]:
    """Return the probes that stand among the traces' spans, as slowdowns against the reference machine."""
    return [
        Probe(s.end_s, s.cpu_s / PROBE_REFERENCE_S, t.worker)
        for t in traces
        for s in t.spans
        if s.kind == "tool" and s.cpu_s > 0
    ]


def _sum(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if len(known) == len(values) else None


def make_rows(
    traces: Sequence[WorkerTrace],
    attribution: Attribution | None,
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Make the report's rows. Traces of other machines come with unknown energy, after all the others.

    ``outcomes`` maps a nodeid to the outcomes of its attempts, in order, and need not hold a test that just
    passed; ``features`` names to path globs. A
    marker's feature (``feature`` in the info of a test's setup span) wins over paths.
    """
    here = [t for t in traces if t.same_machine]
    away = [t for t in traces if not t.same_machine]
    rows: list[Row] = []
    tool_cpu_s = tool_wall_s = tool_j = tool_reference_j = 0.0
    all_slowdowns = [p.slowdown for p in probes_of(traces)]
    usual = sorted(all_slowdowns)[len(all_slowdowns) // 2] if all_slowdowns else None
    for index, trace in enumerate([*here, *away]):
        known = attribution is not None and trace.same_machine
        track = SpeedTrack(probes_of([trace]))
        own_cpu_s = (
            attribution.span_cpu_s[index]
            if attribution and known
            else exclusive(trace.spans, [s.cpu_s for s in trace.spans])
        )
        parts: list[_Part] = []
        fixture_rows: list[tuple[Row, str]] = []
        for position, span in enumerate(trace.spans):
            energy_j = attribution.span_j[index][position] if attribution and known else None
            cpu_s = own_cpu_s[position]
            wall_s = span.end_s - span.start_s
            work_j = reference_j(cpu_s, track.slowdown(span.start_s, span.end_s) or usual)
            speed = track.around(span.start_s, span.end_s)
            if span.kind == "tool":
                tool_cpu_s, tool_wall_s = tool_cpu_s + cpu_s, tool_wall_s + wall_s
                tool_j, tool_reference_j = tool_j + (energy_j or 0.0), tool_reference_j + work_j
            elif span.kind == "fixture":
                life = str((span.info or {}).get("life", ""))
                row = Row(
                    "fixture", energy_j, cpu_s, wall_s, work_j, span.nodeid, span.phase, trace.worker,
                    scope=(span.info or {}).get("scope"), speed_before=speed[0], speed_after=speed[1],
                )  # fmt: skip
                fixture_rows.append((row, life))
            elif span.kind == "test":
                parts.append(_Part(span, trace.worker, 0, energy_j, cpu_s, wall_s, work_j, speed))
            else:
                kind: RowKind = "command" if span.kind == "command" else "collection"
                told = outcomes.get(span.nodeid) if kind == "command" else None
                rows.append(
                    Row(kind, energy_j, cpu_s, wall_s, work_j, span.nodeid, span.phase, trace.worker,
                        feature=(span.info or {}).get("feature"), outcome=told[0] if told else None,
                        speed_before=speed[0], speed_after=speed[1])
                )  # fmt: skip
        rows += _test_and_fixture_rows(parts, fixture_rows, outcomes, features)
        if attribution and known and any(s.kind == "command" for s in trace.spans):  # our own process, waiting
            tool_j, tool_cpu_s = (
                tool_j + attribution.overhead_j[index],
                tool_cpu_s + attribution.overhead_cpu_s[index],
            )
            tool_wall_s += attribution.overhead_wall_s[index]
            tool_reference_j += reference_j(attribution.overhead_cpu_s[index], usual)
        elif attribution and known and attribution.overhead_cpu_s[index] > 0:
            rows.append(
                Row("collection", attribution.overhead_j[index], attribution.overhead_cpu_s[index],
                    attribution.overhead_wall_s[index],
                    reference_j(attribution.overhead_cpu_s[index], usual), "", "session", trace.worker)
            )  # fmt: skip
    if attribution:
        rows.append(
            Row("tool", attribution.tool_j + tool_j, attribution.tool_cpu_s + tool_cpu_s, tool_wall_s,
                tool_reference_j + reference_j(attribution.tool_cpu_s, usual))
        )  # fmt: skip
        rows.append(
            Row("background", attribution.background_j, attribution.background_cpu_s, 0.0,
                reference_j(attribution.background_cpu_s, usual))
        )  # fmt: skip
        rows.append(Row("idle", attribution.idle_j, 0.0, attribution.idle_s, 0.0))
    return rows


def _test_and_fixture_rows(
    parts: Sequence[_Part],
    fixture_rows: Sequence[tuple[Row, str]],
    outcomes: Mapping[str, Sequence[str]],
    features: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Group one worker's phases by test and attempt, fold the small ones, and share fixtures among users."""
    attempts: dict[str, tuple[int, int]] = {}  # nodeid -> (attempt, place of its last phase)
    grouped: dict[tuple[str, int], list[_Part]] = {}
    for part in parts:
        nodeid, place = part.span.nodeid, _PHASES.index(part.span.phase)
        attempt, last_place = attempts.get(nodeid, (0, -1))
        part.attempt = attempt if place > last_place else attempt + 1  # its phases begin anew: it was repeated
        attempts[nodeid] = part.attempt, place
        grouped.setdefault((nodeid, part.attempt), []).append(part)

    fixture_j: dict[str, float | None] = {}
    for row, life in fixture_rows:
        so_far = fixture_j.get(life, 0.0)
        fixture_j[life] = None if so_far is None or row.energy_j is None else so_far + row.energy_j
    users: dict[str, list[tuple[str, int]]] = {}
    for key, group in grouped.items():
        for part in group:
            for life in (part.span.info or {}).get("uses", ()):
                users.setdefault(life, []).append(key)
    extra: dict[tuple[str, int], list[float | None]] = {}
    for life, keys in users.items():
        cost = fixture_j.get(life)
        for key in keys:
            extra.setdefault(key, []).append(None if cost is None else cost / len(keys))

    rows: list[Row] = []
    by_path: dict[str, str | None] = {}
    for (nodeid, attempt), group in grouped.items():
        path = nodeid.split("::", 1)[0]
        if path not in by_path:
            by_path[path] = feature_of_path(path, features)
        marked = next((str(p.span.info["feature"]) for p in group if p.span.info and "feature" in p.span.info), None)
        told = outcomes.get(nodeid, ())
        outcome = told[attempt] if attempt < len(told) else "passed"
        tests = _fold(group, marked or by_path[path], outcome)
        shares = extra.get((nodeid, attempt))
        if shares:
            tests[0] = replace(tests[0], amortised_j=_sum([tests[0].energy_j, *shares]))
        rows += tests
    rows += [replace(row, users=len(users.get(life, ()))) for row, life in fixture_rows]
    return rows


def _fold(group: Sequence[_Part], feature: str | None, outcome: str) -> list[Row]:
    """Make an attempt's rows, one a phase; phases that are too small for a row become part of the main one."""
    by_phase = {
        part.span.phase: Row(
            "test", part.energy_j, part.cpu_s, part.wall_s, part.reference_j, part.span.nodeid, part.span.phase,
            part.worker, feature, outcome, speed_before=part.speed[0], speed_after=part.speed[1],
        )
        for part in group
    }  # fmt: skip
    main = by_phase.pop(next(phase for phase in _MAIN_PHASES if phase in by_phase))
    kept = []
    for row in by_phase.values():
        if row.cpu_s < OWN_ROW_CPU_S:
            main = _add(main, row)
        else:
            kept.append(row)
    return [main, *kept]


def _add(a: Row, b: Row) -> Row:
    return replace(
        a,
        energy_j=_sum([a.energy_j, b.energy_j]),
        cpu_s=a.cpu_s + b.cpu_s,
        wall_s=a.wall_s + b.wall_s,
        reference_j=a.reference_j + b.reference_j,
        speed_after=b.speed_after if b.speed_after is not None else a.speed_after,
    )


def own_reference_j(rows: Sequence[Row]) -> float:
    """Return the reference energy of the run's own work: without other processes, idle time and the tool."""
    return sum(row.reference_j for row in rows if row.kind in OWN_WORK)
