"""Paired runs: base and head measured in turns, the order of the runs, and why they stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.records import run_measurements
from pytest_carbon.core.records.run_measurements import RunMeasurements

SCHEMA = "pytest-carbon/pairs/1"
WORKING_TREE = "working tree"


@dataclass(frozen=True, slots=True)
class SideRun:
    """One measured run of one of the two sides."""

    side: Literal["base", "head"]
    measurements: RunMeasurements


@dataclass(frozen=True, slots=True)
class PairedRuns:
    """Runs of base and head, measured one after the other on one machine.

    ``base`` is a commit; ``head`` is a commit or ``"working tree"``. ``runs`` are in the order in which they ran, two
    to a pair. ``selected_tests`` are the nodeids to measure, empty for all tests. ``stop_reason`` is a sentence that
    says why there are not more pairs. ``took_s`` is the wall time of everything. ``gaps`` are sentences about what is
    missing. ``spoiled`` says how a side misbehaved, so that nothing follows from the pairs; empty if none did.
    """

    base: str
    head: str
    runs: tuple[SideRun, ...]
    selected_tests: tuple[str, ...]
    stop_reason: str
    took_s: float
    gaps: tuple[str, ...]
    spoiled: str = ""

    def measurements_of(self, side: Literal["base", "head"]) -> list[RunMeasurements]:
        """Return the measurements of one side, in the order of the pairs."""
        return [run.measurements for run in self.runs if run.side == side]


def fingerprint_differences(pairs: PairedRuns) -> list[str]:
    """Return the fingerprint's fields in which the two runs of any pair differ, in alphabetical order."""
    both = zip(pairs.measurements_of("base"), pairs.measurements_of("head"), strict=True)
    return sorted(set().union(*(run_measurements.differing_fingerprint_fields(base, head) for base, head in both)))


def to_json(pairs: PairedRuns) -> dict[str, Any]:
    """Return paired runs as JSON values."""
    spoiled = {"spoiled": pairs.spoiled} if pairs.spoiled else {}
    return {
        "schema": SCHEMA,
        "base": pairs.base,
        "head": pairs.head,
        "asked": list(pairs.selected_tests),
        "stopped": pairs.stop_reason,
        "took_s": round(pairs.took_s, 3),
        "gaps": list(pairs.gaps),
        "runs": [{"side": run.side, "figures": run_measurements.to_json(run.measurements)} for run in pairs.runs],
        **spoiled,
    }


def from_json(data: Any) -> PairedRuns:
    """Return the paired runs of JSON values. Raises ReportError for another version, and for incomplete values."""
    again = "measure again with pytest-carbon confirm"
    schema = data.get("schema") if isinstance(data, Mapping) else None
    if schema != SCHEMA:
        raise ReportError(
            f"the paired runs are of another version: their schema is {schema!r}, not {SCHEMA!r}; {again}"
        )
    try:
        pairs = PairedRuns(
            base=data["base"],
            head=data["head"],
            runs=tuple(SideRun(run["side"], run_measurements.from_json(run["figures"])) for run in data["runs"]),
            selected_tests=tuple(data["asked"]),
            stop_reason=data["stopped"],
            took_s=float(data["took_s"]),
            gaps=tuple(data["gaps"]),
            spoiled=data.get("spoiled", ""),
        )
        sides = [{first.side, second.side} for first, second in zip(pairs.runs[::2], pairs.runs[1::2], strict=True)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(f"the paired runs are incomplete ({type(error).__name__}: {error}); {again}") from error
    if any(pair != {"base", "head"} for pair in sides):
        raise ReportError(f"the paired runs are incomplete: a pair is not one run of base and one of head; {again}")
    return pairs
