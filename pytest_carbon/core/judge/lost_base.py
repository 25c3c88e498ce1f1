"""Tells a lost base from a beginning: both lack runs to compare with, and only a beginning may pass; says how many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, shorten

MOST_NAMED_BRANCHES = 3
_A_DAY = timedelta(days=1)


def too_few_runs_text(inputs: VerdictInputs, comparable: int, others: int, differences: Sequence[str]) -> str:
    """Say that too few runs of the default branch can be compared with.

    ``comparable`` of the ``others`` are of this run's environment; this run itself does not count. ``differences`` are
    the fields in which the environments differ, empty if the ledger has too few runs of any.
    """
    branch, fields = inputs.default_branch, ", ".join(differences)
    is_in_ledger = len(inputs.baseline) > others
    if not others:
        return f"no {'other ' if is_in_ledger else ''}run of {branch} is in the ledger yet"
    if fields and not comparable:
        return f"the runs of {branch} are from another environment, different in {fields}"
    if fields:
        return (
            f"only {comparable} of the newest {others} runs of {branch} are from this environment, and a comparison "
            f"needs {LEAST_BASELINE}; the others are different in {fields}"
        )
    own = ", this one not counted" if is_in_ledger else ""
    runs = count_text(comparable, "run")
    return f"the ledger has {runs} of {branch} in this environment{own}; a comparison needs {LEAST_BASELINE}"


def find_lost_base(inputs: VerdictInputs, *, has_base: bool) -> LostRuns | None:
    """Return what shows that the ledger once had more than it has now; None for a whole ledger and for a beginning.

    ``has_base`` says that there are enough runs to compare with. What the ledger itself tells comes first, then what
    its own records say against each other.
    """
    lost = inputs.lost_runs
    if lost is not None and not (has_base and lost.until_new_base):
        return lost
    base_runs = [run for run in inputs.baseline if run.run != inputs.own_entry.run]
    entries = [entry for entry in inputs.entries if not entry.elsewhere and entry.run != inputs.own_entry.run]
    if has_base or not inputs.head.tests:
        return _runs_without_entries(inputs, base_runs, entries)
    return _too_few_kept(inputs, base_runs, entries) or _runs_without_entries(inputs, base_runs, entries)


def _too_few_kept(
    inputs: VerdictInputs, base_runs: Sequence[RunMeasurements], entries: Sequence[Entry]
) -> LostRuns | None:
    """Return what shows that runs to compare with are missing: those of another branch, or only entries."""
    branch = shorten(inputs.default_branch, NAME_CELLS)
    tested = [entry for entry in entries if entry.tests or entry.rolled is not None]
    own = [entry for entry in tested if entry.branch == inputs.default_branch and entry.pr is None]
    commits = {entry.commit for entry in own if entry.commit} if base_runs else {entry.id for entry in own}
    if commits and len(base_runs) < LEAST_BASELINE <= len(commits) + LEAST_BASELINE * (not base_runs):
        measured = count_text(len(commits), "commit" if base_runs else "run")
        return LostRuns(
            f"the ledger has {measured} of {branch}, and keeps the figures of the tests of {len(base_runs) or 'none'}",
            f"restore the folder baseline of the ledger, or measure {branch} anew at a known commit, and keep at least "
            f"{LEAST_BASELINE} (runs in [ledger])",
            only_base=True,
        )
    other = _names(inputs.other_bases)
    if other:
        return LostRuns(
            f"the ledger has runs of {other} to compare with, and {len(base_runs) or 'none'} of {branch}",
            f"if the branch was renamed, append {LEAST_BASELINE} runs of {branch}; else set default-branch to {other}",
            only_base=True,
        )
    if base_runs:
        return None
    source = inputs.source
    unlike = [
        entry
        for entry in tested
        if not (entry.pr is not None and entry.pr == source.pr)
        and not (entry.branch is not None and entry.branch == inputs.own_entry.branch)
    ]
    if sum(entry.runs for entry in unlike) < LEAST_BASELINE:
        return None
    branches = sorted({entry.branch for entry in unlike if entry.branch})
    runs = count_text(sum(entry.runs for entry in unlike), "run")
    if not branches:
        return LostRuns(
            f"the ledger has {runs} of no branch, and none of {branch}",
            f"name the branch of a run as you append it: pytest-carbon ledger append --on {branch}",
            only_base=True,
        )
    return LostRuns(
        f"the ledger has {runs} of {_names(branches)}, and none of {branch}",
        f"append runs of {branch}, or set default-branch to the branch that others start from",
        only_base=True,
    )


def _names(branches: Sequence[str]) -> str:
    shown, more = branches[:MOST_NAMED_BRANCHES], len(branches) - MOST_NAMED_BRANCHES
    return ", ".join(shorten(name, NAME_CELLS) for name in shown) + (f" and {more} more" if more > 0 else "")


def _runs_without_entries(
    inputs: VerdictInputs, base_runs: Sequence[RunMeasurements], entries: Sequence[Entry]
) -> LostRuns | None:
    """Return that entries are missing: days on which the default branch ran, as its baselines tell, have no entry."""
    if inputs.entries_since is None:
        return None
    days = {parse_time(entry.started).date() + near for entry in entries for near in (-_A_DAY, 0 * _A_DAY, _A_DAY)}
    started = sorted({parse_time(run.started).date() for run in base_runs})
    missing = [day for day in started if day not in days and inputs.entries_since < day <= inputs.now.date()]
    if not missing:
        return None
    return LostRuns(
        f"the ledger has no entry of {missing[0]}, though {shorten(inputs.default_branch, NAME_CELLS)} ran on that day",
        "restore the ledger's files of that day, so that the budgets count every run",
    )
