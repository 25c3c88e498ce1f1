"""Everything that a verdict is made from. The same inputs give the same verdict, also later and from stored files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.model import UNATTRIBUTED, GridFactor
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, Override, SelfTest, parse_time
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.paired_runs import PairedRuns
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, shorten

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

MOST_NAMED_PARTS = 5


def with_payers(source: RunSource, policy: Policy) -> RunSource:
    """Return the source of a run with its payers: the features that its labels name, or else its given shares."""
    return replace(source, shares=payers_of_labels(source.labels, policy) or source.shares)


def choose_baseline(baseline: Sequence[RunMeasurements], head: RunMeasurements) -> tuple[RunMeasurements, ...]:
    """Return the baseline runs that the run ``head`` is compared with, the newest first.

    These are the runs in the same environment as ``head``, without ``head`` itself. If at least 5 of them ran the same
    part of the suite, only those are taken.
    """
    same_environment = [run for run in baseline if run.fingerprint == head.fingerprint and run.run != head.run]
    same_selection = [run for run in same_environment if run.selection == head.selection]
    chosen = same_selection if len(same_selection) >= LEAST_BASELINE else same_environment
    return tuple(sorted(chosen, key=lambda run: (parse_time(run.started), run.run), reverse=True))


@dataclass(frozen=True)
class VerdictInputs:
    """One run to be judged, and all that it is judged by.

    ``entries`` are the corrected entries of the ledger, over the last windows. ``baseline`` has the newest runs of the
    default branch, the newest first. ``grid`` is the grid of the policy's zone. ``policy_source`` says where the policy
    was read, ``notes`` what was skipped on reading. ``now`` has a time zone. For a run of several jobs,
    ``reported_parts`` counts the jobs that reported and ``missing_parts`` names the others. ``provenance`` says who
    measured; ``self_reported`` says that nobody here checked the measurement. ``policy_changes`` says what the change
    does to the policy. ``override_by_label`` says that the policy's override label counts here, ``override_refusal``
    why it does not although the change has it, and what to do. ``devices`` is the verdict on dropped devices, None if
    devices were not looked at. ``lost_runs`` says what the ledger has lost, None if nothing is known to be lost.
    ``other_bases`` are the branches that have a baseline, if the default branch has none.
    ``entries_since`` is the first day of the entries, None if it is not known. ``nothing_to_measure`` says why the
    change needs no test; it counts only if none ran. ``why_not_measured`` says why there is no report; ``report`` is
    then empty. ``other_commit`` says that the run is of another commit than the one that is to be judged.
    ``judge_unpaid`` says that a holder whose tests ran is judged also if a label lets others pay. ``advice`` is what
    would save the repository most, empty if nobody looked.
    """

    report: Report
    source: RunSource
    policy: Policy
    policy_source: str
    grid: GridFactor
    default_branch: str
    now: datetime
    entries: tuple[Entry, ...] = ()
    overrides: tuple[Override, ...] = ()
    selftests: tuple[SelfTest, ...] = ()
    baseline: tuple[RunMeasurements, ...] = ()
    pairs: PairedRuns | None = None
    notes: tuple[str, ...] = ()
    reported_parts: int = 1
    missing_parts: tuple[str, ...] = ()
    provenance: str = ""
    self_reported: bool = False
    policy_changes: tuple[str, ...] = ()
    override_by_label: bool = False
    override_refusal: str = ""
    devices: DevicesVerdict | None = None
    lost_runs: LostRuns | None = None
    other_bases: tuple[str, ...] = ()
    entries_since: date | None = None
    nothing_to_measure: str = ""
    why_not_measured: str = ""
    judge_unpaid: bool = False
    other_commit: str = ""
    advice: str = ""

    @cached_property
    def missing_parts_text(self) -> str:
        """Which parts of the run did not report, as a sentence; empty if all parts reported."""
        if not self.missing_parts:
            return ""
        verb = "is" if len(self.missing_parts) == 1 else "are"
        all_parts = count_text(self.reported_parts + len(self.missing_parts), "part")
        return f"{len(self.missing_parts)} of {all_parts} {verb} missing: {self.missing_part_names}"

    @cached_property
    def missing_part_names(self) -> str:
        """The names of the parts that did not report, cut and counted if there are many."""
        shown, more = self.missing_parts[:MOST_NAMED_PARTS], len(self.missing_parts) - MOST_NAMED_PARTS
        return ", ".join(shorten(name, NAME_CELLS) for name in shown) + (f" and {more} more" if more > 0 else "")

    @cached_property
    def missing_label_text(self) -> str:
        """A sentence that no label and no test names a feature; empty if a label or a test names a feature."""
        label = next((label for feature in self.policy.features.values() for label in feature.labels), None)
        payers = {name for name, share in self.own_entry.shares.items() if share > 0}
        if self.source.pr is None or label is None or (payers | self.tests_by_feature.keys()) != {UNATTRIBUTED}:
            return ""
        return f"no label says which feature this pull request is for (such as {label}), so it counts as {UNATTRIBUTED}"

    @cached_property
    def payers_text(self) -> str:
        """Who pays for this run, as the end of a sentence: ``search pays by a label``."""
        entry = self.own_entry
        names = sorted((name for name, share in entry.shares.items() if share > 0), key=lambda n: (-entry.shares[n], n))
        shown, more = names[:MOST_NAMED_PARTS], len(names) - MOST_NAMED_PARTS
        text = ", ".join(shorten(name, NAME_CELLS) for name in shown) + (f" and {more} more" if more > 0 else "")
        by = " by a label" if payers_of_labels(entry.labels, self.policy) else ""
        return f"{text} {'pays' if len(names) == 1 else 'pay'}{by}"

    @cached_property
    def own_entry(self) -> Entry:
        """This run as the ledger has it or would have it, paid by the features that its labels name now."""
        known = min((e for e in self.entries if e.run == self.report.run.id), key=lambda e: e.id, default=None)
        source = with_payers(self.source, self.policy)
        if known is None:
            entry = make_entry(self.report, source)
            is_ahead = parse_time(entry.started) > self.now  # by a fast clock, which takes no run out of a window
            return replace(entry, started=self.now.isoformat()) if is_ahead else entry
        return replace(known, labels=source.labels, shares=source.shares) if source.shares else known

    @cached_property
    def all_runs(self) -> tuple[Entry, ...]:
        """The runs of the ledger and this run, each once, in the order of their start."""
        others = (entry for entry in self.entries if entry.run != self.own_entry.run)
        return tuple(sorted((*others, self.own_entry), key=lambda entry: (parse_time(entry.started), entry.id)))

    @cached_property
    def head(self) -> RunMeasurements:
        """The tests of this run with their reference energy."""
        return measurements_of(self.report)

    @cached_property
    def g_per_kwh(self) -> float | None:
        """The fixed intensity of the policy's zone, for work of budgets that set no intensity themselves."""
        return self.grid.known_g_per_kwh

    @cached_property
    def is_part(self) -> bool:
        """Whether the command of this run chose tests, and no run of the default branch chose the same."""
        others = [run for run in self.baseline if run.run != self.head.run]
        return bool(self.head.selection and others) and all(run.selection != self.head.selection for run in others)

    @cached_property
    def tests_by_feature(self) -> Mapping[str, set[str]]:
        """The tests of this run by feature; tests that no feature claims are under ``unattributed``."""
        out: dict[str, set[str]] = {}
        for nodeid in self.head.tests:
            out.setdefault(self.head.features.get(nodeid, UNATTRIBUTED), set()).add(nodeid)
        return out
