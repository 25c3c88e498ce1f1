"""Everything a verdict is made from. Same case, same verdict: it can be made again later from stored files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_carbon.core.model import UNATTRIBUTED, GridFactor
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.report.ledger_records import Entry, Override, SelfTest, Source, entry_of, moment
from pytest_carbon.core.report.paired_runs import Pairs
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.report.run_measurements import RunMeasurements, figures_of
from pytest_carbon.core.verdict.wording import NAME_CELLS, count, shorten

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

NAMED = 5


def with_payers(source: Source, policy: Policy) -> Source:
    """Return where a run came from with its payers: the features its labels name, or else those given beside it."""
    return replace(source, shares=policy.payers(source.labels) or source.shares)


@dataclass(frozen=True)
class VerdictInputs:
    """One run to be judged.

    ``entries`` are the ledger's, corrected, of the last windows; ``baseline`` the newest runs of the default
    branch, newest first; ``grid`` that of the policy's zone. ``policy_from`` says where the policy was read, and
    ``notes`` what was skipped on the way. ``now`` has a time zone. Of a run of several jobs ``parts`` is how many of
    them reported, and ``missing`` names the others. ``provenance`` says who measured; ``self_reported`` that it was
    somebody whom nobody here checked. ``proposal`` says what the change does to the policy. ``by_label`` says that the
    policy's label for overrides counts where this is judged. ``devices`` is what the change drops, None if that was not
    looked at.
    """

    report: Report
    source: Source
    policy: Policy
    policy_from: str
    grid: GridFactor
    branch: str
    now: datetime
    entries: tuple[Entry, ...] = ()
    overrides: tuple[Override, ...] = ()
    selftests: tuple[SelfTest, ...] = ()
    baseline: tuple[RunMeasurements, ...] = ()
    pairs: Pairs | None = None
    notes: tuple[str, ...] = ()
    parts: int = 1
    missing: tuple[str, ...] = ()
    provenance: str = ""
    self_reported: bool = False
    proposal: tuple[str, ...] = ()
    by_label: bool = False
    devices: DevicesVerdict | None = None

    @cached_property
    def incomplete(self) -> str:
        """Say which parts of the run did not report; empty if all did."""
        if not self.missing:
            return ""
        shown, more = self.missing[:NAMED], len(self.missing) - NAMED
        names = ", ".join(shorten(name, NAME_CELLS) for name in shown) + (f" and {more} more" if more > 0 else "")
        verb = "is" if len(self.missing) == 1 else "are"
        return f"{len(self.missing)} of {count(self.parts + len(self.missing), 'part')} {verb} missing: {names}"

    @cached_property
    def unlabelled(self) -> str:
        """Say that neither a label nor a test names the feature of a pull request; empty if one does."""
        label = next((label for feature in self.policy.features.values() for label in feature.labels), None)
        payers = {name for name, share in self.own.shares.items() if share > 0}
        if self.source.pr is None or label is None or (payers | self.features.keys()) != {UNATTRIBUTED}:
            return ""
        return f"no label says which feature this pull request is for (such as {label}), so it counts as {UNATTRIBUTED}"

    @cached_property
    def own(self) -> Entry:
        """This run as the ledger has it or would have it, paid by the features that its labels name by now."""
        known = min((e for e in self.entries if e.run == self.report.run.id), key=lambda e: e.id, default=None)
        source = with_payers(self.source, self.policy)
        if known is None:
            return entry_of(self.report, source)
        return replace(known, labels=source.labels, shares=source.shares) if source.shares else known

    @cached_property
    def runs(self) -> tuple[Entry, ...]:
        """The ledger's runs and this one, once, in the order of their start."""
        others = (entry for entry in self.entries if entry.run != self.own.run)
        return tuple(sorted((*others, self.own), key=lambda entry: (moment(entry.started), entry.id)))

    @cached_property
    def head(self) -> RunMeasurements:
        """This run's tests."""
        return figures_of(self.report)

    @cached_property
    def g_per_kwh(self) -> float | None:
        """The fixed intensity that work is counted at, where a budget names none: that of the policy's zone."""
        return self.grid.known_g_per_kwh

    @cached_property
    def features(self) -> Mapping[str, set[str]]:
        """The tests of every feature that has some in this run, and those that no feature claims."""
        out: dict[str, set[str]] = {}
        for nodeid in self.head.tests:
            out.setdefault(self.head.features.get(nodeid, UNATTRIBUTED), set()).add(nodeid)
        return out
