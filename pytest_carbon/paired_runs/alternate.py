"""Measures base and head alternately: (base, head), (head, base), (base, head), ... each a run of pytest."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_carbon.core.report.paired_runs import WORKING_TREE, PairedRuns, SideRun, fingerprint_differences
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.report.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.git.worktree import MeasureError
from pytest_carbon.paired_runs import import_origins, run_command
from pytest_carbon.paired_runs.checkouts import CheckedOutSide, PairsPlan, Say, SideName, check_out_sides

__all__ = ["MeasureError", "PairsPlan", "measure_pairs"]
Read = Callable[[Path], Report]
Enough = Callable[[PairedRuns], str | None]
_HANG_FACTOR = 2.0


def measure_pairs(plan: PairsPlan, enough: Enough, say: Say, read: Read) -> PairedRuns:
    """Measure pairs until ``enough`` says in a sentence why there are enough of them, or a limit is reached.

    Each side runs in a checkout of its own, so that the user's tree is left alone; ``read`` reads a report.
    Where the code under test does not come from the checkouts there are no runs, and ``stopped`` says why.
    Raises MeasureError for a commit that is not there, and for a setup or a run that fails; failing tests do not.
    """
    started_s = time.monotonic()
    with check_out_sides(plan, say) as (base, head):
        pairs = _PairRunner(plan, base, head, say, read).run(enough)
    return replace(pairs, took_s=time.monotonic() - started_s)


class _TimeIsUp(Exception):
    """A run went on long after the limit, and was ended."""


class _PairRunner:
    """Runs the pairs of two sides that are ready. Holds only what one measuring needs."""

    def __init__(self, plan: PairsPlan, base: CheckedOutSide, head: CheckedOutSide, say: Say, read: Read) -> None:
        self._plan = plan
        self._sides: dict[SideName, CheckedOutSide] = {"base": base, "head": head}
        self._say = say
        self._read = read
        self._pairs_began_s = time.monotonic()
        self._nodeids: tuple[str, ...] | None = None
        self._test_counts: dict[SideName, int] = {}
        self._plugins: frozenset[str] = frozenset()
        gaps = tuple(dict.fromkeys((*base.gaps, *head.gaps)))
        self._pairs = PairedRuns(base.commit, head.commit, (), plan.nodeids, "", 0.0, gaps)

    def run(self, enough: Enough) -> PairedRuns:
        """Look at both sides, then measure."""
        try:
            stopped = self._collect_both() or self._measure(enough)
        except _TimeIsUp:
            stopped = f"a run went on long after the limit of {self._plan.limit_s:.0f} s, and was ended"
        fields = fingerprint_differences(self._pairs)
        if fields:
            self._note(f"base and head differ in {', '.join(fields)}; what they used cannot be compared")
        return replace(self._pairs, stop_reason=stopped)

    def _note(self, gap: str) -> None:
        self._pairs = replace(self._pairs, gaps=(*self._pairs.gaps, gap))

    # -- before the pairs -----------------------------------------------------------------------------------

    def _collect_both(self) -> str | None:
        """Collect on both sides, which also warms them; a sentence if they cannot be compared."""
        found: dict[SideName, frozenset[str]] = {}
        for name, stand in self._sides.items():
            self._say(f"collecting the tests of {name}")
            told = self._collect(stand)
            foreign = import_origins.describe_foreign_import(
                told["origins"], stand.packages, stand.tree, self._plan.repository
            )
            if foreign:
                return foreign
            found[name] = frozenset(told["tests"])
            self._plugins = frozenset(told["plugins"])
        self._test_counts = {name: len(tests) for name, tests in found.items()}
        both = found["base"] & found["head"]
        if not both:
            return "base and head have no test in common"
        if self._plan.nodeids:
            self._choose(both)
        return None

    def _choose(self, both: frozenset[str]) -> None:
        self._nodeids = tuple(nodeid for nodeid in self._plan.nodeids if nodeid in both)
        self._test_counts = dict.fromkeys(self._sides, len(self._nodeids))
        left_out = [nodeid for nodeid in self._plan.nodeids if nodeid not in both]
        if left_out:
            self._note(f"not on both sides, and left out: {', '.join(left_out)}")

    def _collect(self, stand: CheckedOutSide) -> dict[str, Any]:
        result = stand.work / "found.json"
        names = [*stand.packages, *import_origins.editable_packages()]
        request = {"chosen": self._plan.nodeids or None, "found": str(result), "names": names}
        code, log = self._pytest(stand, "collect", request, ["--collect-only"], {})
        if not result.exists():
            raise MeasureError(_failure(f"the tests of {stand.name} could not be collected", code, log))
        told: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        if not told["tests"] and code not in (0, 5):  # neither well nor simply none
            raise MeasureError(_failure(f"no test of {stand.name} could be collected", code, log))
        return told

    # -- the pairs ------------------------------------------------------------------------------------------

    def _measure(self, enough: Enough) -> str:
        longest_s = 0.0
        cap_s = self._plan.limit_s
        begin_s = self._pairs_began_s = time.monotonic()
        for number in range(1, self._plan.max_pairs + 1):
            if cap_s is not None and begin_s - self._pairs_began_s + longest_s > cap_s:
                return f"the next pair would probably have passed the limit of {cap_s:.0f} s"
            order: tuple[SideName, SideName] = ("base", "head") if number % 2 else ("head", "base")
            sides = [SideRun(name, self._run_side(self._sides[name], number)) for name in order]
            self._pairs = replace(self._pairs, runs=(*self._pairs.runs, *sides))
            reason = enough(self._pairs) if number >= self._plan.min_pairs else None
            if reason:
                return reason
            now_s = time.monotonic()
            longest_s, begin_s = max(longest_s, now_s - begin_s), now_s
        return f"{self._plan.max_pairs} pairs are the most that are measured"

    def _run_side(self, stand: CheckedOutSide, number: int) -> RunMeasurements:
        tests, seconds = self._test_counts[stand.name], time.monotonic() - self._pairs_began_s
        self._say(
            f"pair {number} of at most {self._plan.max_pairs}: {stand.name}, {tests} tests, {seconds:.0f} s so far"
        )
        report = stand.work / f"report-{number}.json"
        options = ["--carbon", f"--carbon-report={report}"]
        if "cacheprovider" in self._plugins:  # what failed in one run must not steer the next
            options += ["-o", f"cache_dir={stand.work / f'cache-{number}'}"]
        if "randomly" in self._plugins and not any(word.startswith("--randomly-seed") for word in self._plan.command):
            options.append(f"--randomly-seed={number}")
        seed = {} if os.environ.get("PYTHONHASHSEED", "random") != "random" else {"PYTHONHASHSEED": str(number)}
        request = {"chosen": self._nodeids, "found": None, "names": None}
        code, log = self._pytest(stand, f"run-{number}", request, options, seed)
        figures = measurements_of(self._read(report)) if report.exists() else None
        if figures is None or not figures.tests:
            raise MeasureError(_failure(f"a run of {stand.name} measured no test", code, log))
        return replace(figures, commit=None) if stand.commit == WORKING_TREE else figures

    def _pytest(
        self,
        stand: CheckedOutSide,
        what: str,
        request: Mapping[str, Any],
        options: list[str],
        variables: Mapping[str, str],
    ) -> tuple[int, Path]:
        cap_s = self._plan.limit_s
        limit_s = None if cap_s is None else max(1.0, self._pairs_began_s + _HANG_FACTOR * cap_s - time.monotonic())
        code, log = stand.run_pytest(what, request, options, variables, limit_s)
        if code is None:
            raise _TimeIsUp
        return code, log


def _failure(what: str, code: int, log: Path) -> str:
    return (
        f"{what}: pytest ended with {code}; if the commit needs another environment, set [confirm] setup. "
        f"Its last lines:\n{run_command.last_lines(log)}"
    )
