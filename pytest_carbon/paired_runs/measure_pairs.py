"""Measures base and head alternately, each in a run of pytest: (base, head), (head, base), (base, head), ..."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from pytest_carbon.core.records.paired_runs import WORKING_TREE, PairedRuns, SideRun, fingerprint_differences
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.files.read_bounded import REPORT_BYTES, read_bytes
from pytest_carbon.paired_runs import import_origins, run_command
from pytest_carbon.paired_runs.checkouts import CheckedOutSide, PairsPlan, Say, SideName, check_out_sides
from pytest_carbon.paired_runs.kept_files import put_back
from pytest_carbon.paired_runs.run_command import MeasureError
from pytest_carbon.paired_runs.tree_guard import (
    TreeGuard,
    changed_source,
    differing,
    installed_packages,
    remove_new,
    shared_settings,
    take_stamps,
)
from pytest_carbon.processes.watch import CountedOutside

__all__ = ["MeasureError", "PairsPlan", "measure_pairs"]
Read = Callable[[Path], Report]
Enough = Callable[[PairedRuns], str | None]
_SHOWN_CHARACTERS = 300
_MORE_TIME = "give more with --cap, or cap-s of [confirm]"
_HANG_FACTOR = 2.0
"""A run is ended when the pairs have taken this many times the time limit."""


def measure_pairs(plan: PairsPlan, enough: Enough, say: Say, read: Read) -> PairedRuns:
    """Measure pairs until ``enough`` returns a sentence why there are enough of them, or a limit is reached.

    Each side runs in a checkout of its own, so the user's tree stays untouched. ``read`` reads a report, ``say`` is
    called with a line of progress. If the code under test does not come from the checkouts, there are no runs, and
    ``stop_reason`` says why. Raises CheckoutError for a missing commit, and MeasureError for a setup or run that fails.
    Failing tests are no error.
    """
    started_s = time.monotonic()
    with check_out_sides(plan, say) as (base, head):
        pairs = _PairRunner(plan, base, head, say, read).run(enough)
    return replace(pairs, took_s=time.monotonic() - started_s)


class _Misbehaviour(Exception):
    """A side changed what is not its own, or its own source, or left a process that cannot be ended."""


class _TimeIsUp(Exception):
    """A run went on long after the time limit and was ended."""


class _PairRunner:
    """Runs the pairs of two sides that are ready. An object serves one measurement."""

    def __init__(self, plan: PairsPlan, base: CheckedOutSide, head: CheckedOutSide, say: Say, read: Read) -> None:
        self._plan = plan
        self._sides: dict[SideName, CheckedOutSide] = {"base": base, "head": head}
        self._say = say
        self._read = read
        self._pairs_began_s = time.monotonic()
        self._nodeids: tuple[str, ...] | None = None
        self._test_counts: dict[SideName, int] = {}
        self._plugins: frozenset[str] = frozenset()
        own: dict[str, tuple[Path, ...]] = {name: (side.tree, side.work) for name, side in self._sides.items()}
        self._guard = TreeGuard(base.work.parent, own, shared_settings(), installed_packages())
        self._known: dict[SideName, frozenset[str]] = {}
        gaps = tuple(dict.fromkeys((*base.gaps, *head.gaps)))
        self._pairs = PairedRuns(base.commit, head.commit, (), plan.nodeids, "", 0.0, gaps)

    def run(self, enough: Enough) -> PairedRuns:
        """Collect the tests of both sides, then measure."""
        try:
            self._refuse_other_setup()
            self._pairs_began_s = time.monotonic()
            stop_reason = self._collect_both() or self._measure(enough)
        except _Misbehaviour as error:
            return replace(
                self._pairs, runs=(), stop_reason=str(error), gaps=(*self._pairs.gaps, str(error)), spoiled=str(error)
            )
        except _TimeIsUp:
            stop_reason = (
                f"a run went on long after the limit of {self._plan.limit_s:.0f} s and was ended; {_MORE_TIME}"
            )
        fields = fingerprint_differences(self._pairs)
        if fields:
            self._note(
                f"base and head differ in {', '.join(fields)}; what they used cannot be compared; set [confirm] setup"
            )
        return replace(self._pairs, stop_reason=stop_reason)

    def _note(self, gap: str) -> None:
        self._pairs = replace(self._pairs, gaps=(*self._pairs.gaps, gap))

    def _refuse_other_setup(self) -> None:
        """Raise _Misbehaviour if the base's checkout was changed while the head was made ready."""
        base = self._sides["base"]
        self._refuse("head", differing(base.source.stamps, take_stamps([base.tree])), "is not its own")

    def _refuse(self, side: SideName, paths: Sequence[str], whose: str) -> None:
        if paths:
            folder = f"{self._sides['base'].work.parent}{os.sep}"
            shown = shorten(", ".join(path.removeprefix(folder) for path in paths), _SHOWN_CHARACTERS)
            raise _Misbehaviour(
                f"{side} changed what {whose} while it was measured ({shown}), so the pairs are no evidence; let tests "
                "write below tmp_path"
            )

    def _note_left(self, side: SideName, counted: CountedOutside) -> None:
        if counted.kept:
            raise _Misbehaviour(
                f"{side} left running what could not be ended ({', '.join(counted.kept)}), so the pairs are no "
                "evidence; let tests end what they start"
            )
        names = sorted({name.rpartition(" (")[0] for name in counted.ended})
        gap = f"{side} left running, and it was ended after its turn: {shorten(', '.join(names), _SHOWN_CHARACTERS)}"
        if names and gap not in self._pairs.gaps:
            self._note(gap)

    def _put_back(self, side: CheckedOutSide) -> None:
        """Put back what a run wrote to its own files, so that the next run finds what this one found."""
        back, lost = put_back(side.tree, side.kept, changed_source(side.source))
        self._refuse(side.name, lost, "its commit has")
        names = shorten(", ".join(path.removeprefix(f"{side.tree}{os.sep}") for path in back), _SHOWN_CHARACTERS)
        gap = f"{side.name} wrote to its own files, which were put back after its turn: {names}"
        if back and gap not in self._pairs.gaps:
            self._note(gap)

    # -- before the pairs -----------------------------------------------------------------------------------

    def _collect_both(self) -> str | None:
        """Collect the tests of both sides, which also warms caches; return a sentence if they cannot be compared."""
        tests: dict[SideName, frozenset[str]] = {}
        for name, side in self._sides.items():
            self._say(f"collecting the tests of {name}")
            collected = self._collect(side)
            foreign_import = import_origins.describe_foreign_import(
                collected["origins"], side.packages, side.tree, self._plan.repository
            )
            if foreign_import:
                return foreign_import
            if name == "base":  # its interpreter may be another than ours
                self._guard.add(map(Path, collected["settings"]), map(Path, collected["packages"]))
            tests[name] = frozenset(collected["tests"])
            self._plugins = frozenset(collected["plugins"])
        self._test_counts = {name: len(nodeids) for name, nodeids in tests.items()}
        common = tests["base"] & tests["head"]
        if not common:
            return "base and head have no test in common; is the base right?"
        if self._plan.nodeids:
            self._choose(common)
        return None

    def _choose(self, common: frozenset[str]) -> None:
        """Measure only those of the plan's tests that both sides have."""
        self._nodeids = tuple(nodeid for nodeid in self._plan.nodeids if nodeid in common)
        self._test_counts = dict.fromkeys(self._sides, len(self._nodeids))
        left_out = [nodeid for nodeid in self._plan.nodeids if nodeid not in common]
        if left_out:
            self._note(f"not on both sides, and left out: {', '.join(left_out)}")

    def _collect(self, side: CheckedOutSide) -> dict[str, Any]:
        """Return what pytest_selection writes: the collected tests, the plugins, the origins of modules."""
        file = side.work / "collected.json"
        packages = [*side.packages, *import_origins.editable_packages()]
        request = {"chosen": self._plan.nodeids or None, "collected": str(file), "packages": packages}
        code, log = self._run_pytest(side, "collect", request, ["--collect-only"], {})
        if not file.exists():
            raise MeasureError(_failure(f"the tests of {side.name} could not be collected", code, log))
        collected = _read_collected(file, side.name)
        if not collected["tests"] and code not in (0, 5):  # pytest ends with 5 if there are simply no tests
            raise MeasureError(_failure(f"no test of {side.name} could be collected", code, log))
        return collected

    # -- the pairs ------------------------------------------------------------------------------------------

    def _measure(self, enough: Enough) -> str:
        """Run pairs and keep their measurements; return the reason to stop."""
        longest_s = 0.0
        limit_s = self._plan.limit_s
        begin_s = self._pairs_began_s = time.monotonic()
        for number in range(1, self._plan.max_pairs + 1):
            if limit_s is not None and begin_s - self._pairs_began_s + longest_s > limit_s:
                return f"the next pair would probably have passed the limit of {limit_s:.0f} s; {_MORE_TIME}"
            order: tuple[SideName, SideName] = ("base", "head") if number % 2 else ("head", "base")
            sides = [SideRun(name, self._run_side(self._sides[name], number)) for name in order]
            self._pairs = replace(self._pairs, runs=(*self._pairs.runs, *sides))
            reason = enough(self._pairs) if number >= self._plan.min_pairs else None
            if reason:
                return reason
            now_s = time.monotonic()
            longest_s, begin_s = max(longest_s, now_s - begin_s), now_s
        return f"the maximum of {self._plan.max_pairs} pairs was measured"

    def _run_side(self, side: CheckedOutSide, number: int) -> RunMeasurements:
        tests, seconds = self._test_counts[side.name], time.monotonic() - self._pairs_began_s
        self._say(
            f"pair {number} of at most {self._plan.max_pairs}: {side.name}, {tests} tests, {seconds:.0f} s so far"
        )
        report = side.work / f"report-{number}.json"
        report.unlink(missing_ok=True)
        options = ["--carbon", f"--carbon-report={report}"]
        if "cacheprovider" in self._plugins:  # failures of one run must not change the next
            options += ["-o", f"cache_dir={side.work / f'cache-{number}'}"]
        if "randomly" in self._plugins and not any(word.startswith("--randomly-seed") for word in self._plan.command):
            options.append(f"--randomly-seed={number}")
        seed = {} if os.environ.get("PYTHONHASHSEED", "random") != "random" else {"PYTHONHASHSEED": str(number)}
        request = {"chosen": self._nodeids, "collected": None, "packages": None}
        code, log = self._run_pytest(side, f"run-{number}", request, options, seed)
        measurements = measurements_of(self._read(report)) if report.exists() else None
        if measurements is None or not measurements.tests:
            raise MeasureError(_failure(f"a run of {side.name} measured no test", code, log))
        return replace(measurements, commit=None) if side.commit == WORKING_TREE else measurements

    def _run_pytest(
        self,
        side: CheckedOutSide,
        step: str,
        request: Mapping[str, Any],
        options: list[str],
        variables: Mapping[str, str],
    ) -> tuple[int, Path]:
        limit_s = None
        if self._plan.limit_s is not None:
            limit_s = max(1.0, self._pairs_began_s + _HANG_FACTOR * self._plan.limit_s - time.monotonic())
        code, log = side.run_pytest(
            step, request, options, variables, limit_s, lambda counted: self._note_left(side.name, counted)
        )
        self._put_back(side)
        if side.name in self._known:
            remove_new(side.tree, self._known[side.name])
        else:  # it has collected its tests, which also made its caches
            self._known[side.name] = frozenset(take_stamps([side.tree]))
        self._refuse(side.name, self._guard.changes(side.name), "is not its own")
        if code is None:
            raise _TimeIsUp
        return code, log


def _read_collected(file: Path, side: SideName) -> dict[str, Any]:
    """Return what pytest_selection wrote. Raises MeasureError for a file that the code under test has replaced."""
    try:
        collected: dict[str, Any] = json.loads(read_bytes(file, REPORT_BYTES, file.parent))
        lists = (collected[key] for key in ("tests", "plugins", "settings", "packages"))
        texts = [*chain.from_iterable(lists), *collected["origins"].values()]
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not what pytest wrote"
        raise MeasureError(
            f"the list of the tests of {side} cannot be read ({why}); do its tests write to it?"
        ) from None
    if not {*map(type, texts)} <= {str}:
        raise MeasureError(f"the list of the tests of {side} holds a value that is no text; do its tests write to it?")
    return collected


def _failure(message: str, code: int, log: Path) -> str:
    return (
        f"{message}: pytest ended with {code}; if the commit needs another environment, set [confirm] setup. "
        f"Its last lines:\n{run_command.last_lines(log)}"
    )
