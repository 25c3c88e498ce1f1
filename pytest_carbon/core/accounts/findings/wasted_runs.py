"""Runs that came to nothing: cancelled, overtaken by a newer commit, or run again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pytest_carbon.core.accounts.values.account import Wasted
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_grams
from pytest_carbon.core.report.ledger_records import Entry, parse_time

WasteReason = Literal["cancelled", "superseded", "rerun"]
_StartedRun = tuple[datetime, Entry]


def find_wasted_runs(entries: Iterable[Entry], branch: str) -> dict[str, WasteReason]:
    """Return the ids of the runs that came to nothing, each with the first reason that fits.

    A run is cancelled where the CI says so. One of a pull request is superseded where its job began on another commit
    before it ended; on the default ``branch`` every commit counts. A run is run again where a later attempt of its
    job on its commit is there. The entries come in the order of their start.
    """
    jobs: dict[tuple[int, str], list[_StartedRun]] = {}
    commits: dict[tuple[str, str | None, int | None, str], list[_StartedRun]] = {}
    found: dict[str, WasteReason] = {}
    for entry in entries:
        run = parse_time(entry.started), entry
        if entry.pr is not None and entry.branch != branch:
            jobs.setdefault((entry.pr, entry.job), []).append(run)
        commits.setdefault((entry.commit or entry.run, entry.branch, entry.pr, entry.job), []).append(run)
        if entry.conclusion == "cancelled":
            found[entry.id] = "cancelled"
    for id_ in (id_ for runs in jobs.values() for id_ in _find_superseded(runs)):
        found.setdefault(id_, "superseded")
    for id_ in (id_ for runs in commits.values() for id_ in _find_rerun(runs)):
        found.setdefault(id_, "rerun")
    return found


def _find_superseded(runs: Sequence[_StartedRun]) -> Iterator[str]:
    for n, (at, run) in enumerate(runs):
        end = at + timedelta(seconds=run.wall_s or 0.0)
        meanwhile = runs[n + 1 : bisect_left(runs, end, key=lambda later: later[0])]
        if any(later.commit != run.commit for _, later in meanwhile):
            yield run.id


def _find_rerun(runs: Sequence[_StartedRun]) -> Iterator[str]:
    """Yield of every attempt that is not the first the newest run before it with a lower number."""
    for n, (_, later) in enumerate(runs):
        earlier = [run.id for _, run in runs[:n] if run.attempt < later.attempt] if later.attempt > 1 else []
        yield from earlier[-1:]


def sum_wasted(parts: Iterable[HolderShare], why: Mapping[str, WasteReason]) -> Wasted:
    """Sum up a holder's parts of such runs."""
    own: dict[WasteReason, list[HolderShare]] = {"cancelled": [], "superseded": [], "rerun": []}
    for part in parts:
        if part.entry.id in why:
            own[why[part.entry.id]].append(part)
    grams = {name: total_grams(found) for name, found in own.items()}
    unknown = sum(part.emissions_g is None for found in own.values() for part in found)
    return Wasted(
        grams["cancelled"], len(own["cancelled"]), grams["superseded"], len(own["superseded"]),
        grams["rerun"], len(own["rerun"]), unknown,
    )  # fmt: skip
