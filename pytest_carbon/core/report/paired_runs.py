"""Base and head measured alternately: what was asked, what ran in which order, and why it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import run_measurements as figures
from pytest_carbon.core.report.run_measurements import RunMeasurements

SCHEMA = "pytest-carbon/pairs/1"
WORKING_TREE = "working tree"


@dataclass(frozen=True, slots=True)
class SideRun:
    """One measured run of one of the two sides."""

    side: Literal["base", "head"]
    measurements: RunMeasurements


@dataclass(frozen=True, slots=True)
class PairedRuns:
    """Runs of two commits, measured in one go on one machine.

    ``runs`` stand in the order in which they ran, two to a pair. ``head`` is a commit or ``"working tree"``.
    ``asked`` are the nodeids that were asked for, none for all. ``stopped`` says in a sentence why there are
    not more pairs; ``took_s`` is the wall time of everything; ``gaps`` are sentences about what is missing.
    """

    base: str
    head: str
    runs: tuple[SideRun, ...]
    selected_tests: tuple[str, ...]
    stop_reason: str
    took_s: float
    gaps: tuple[str, ...]

    def measurements_of(self, side: Literal["base", "head"]) -> list[RunMeasurements]:
        """Return the figures of one side: the first is of the first pair, and so on."""
        return [run.measurements for run in self.runs if run.side == side]


def fingerprint_differences(pairs: PairedRuns) -> list[str]:
    """Return the fields of the fingerprint in which the two runs of any pair differ, in order of the alphabet."""
    both = zip(pairs.measurements_of("base"), pairs.measurements_of("head"), strict=True)
    return sorted(set().union(*(figures.differing_fingerprint_fields(base, head) for base, head in both)))


def to_json(pairs: PairedRuns) -> dict[str, Any]:
    """Return the pairs as JSON values."""
    return {
        "schema": SCHEMA,
        "base": pairs.base,
        "head": pairs.head,
        "asked": list(pairs.selected_tests),
        "stopped": pairs.stop_reason,
        "took_s": round(pairs.took_s, 3),
        "gaps": list(pairs.gaps),
        "runs": [{"side": run.side, "figures": figures.to_json(run.measurements)} for run in pairs.runs],
    }


def from_json(data: Any) -> PairedRuns:
    """Make pairs from JSON values; ReportError if they are no pairs of this version, or not whole."""
    again = "make a new one with pytest-carbon confirm"
    found = data.get("schema") if isinstance(data, Mapping) else None
    if found != SCHEMA:
        raise ReportError(f"these are no pairs of this version: the schema is {found!r}, not {SCHEMA!r}; {again}")
    try:
        pairs = PairedRuns(
            base=data["base"],
            head=data["head"],
            runs=tuple(SideRun(run["side"], figures.from_json(run["figures"])) for run in data["runs"]),
            selected_tests=tuple(data["asked"]),
            stop_reason=data["stopped"],
            took_s=float(data["took_s"]),
            gaps=tuple(data["gaps"]),
        )
        paired = [{first.side, second.side} for first, second in zip(pairs.runs[::2], pairs.runs[1::2], strict=True)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(f"these pairs are not whole ({type(error).__name__}: {error}); {again}") from error
    if any(sides != {"base", "head"} for sides in paired):
        raise ReportError(f"these pairs are not whole: a pair is not one run of base and one of head; {again}")
    return pairs
