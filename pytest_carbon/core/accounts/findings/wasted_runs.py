"""Wasted runs: cancelled, superseded by a newer commit, or rerun."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pytest_carbon.core.accounts.values.account import Wasted
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_grams
from pytest_carbon.core.records.ledger_records import Entry, parse_time

WasteReason = Literal["cancelled", "superseded", "rerun"]
_StartedRun = tuple[datetime, Entry]


def find_wasted_runs(entries: Iterable[Entry], branch: str) -> dict[str, WasteReason]:
    """Return the ids of the wasted runs, each with the first reason that applies. ``entries`` are sorted by start.

    A run is cancelled if the CI says so. A run of a pull request is superseded if its job started on another commit
    before the run ended; a run on the default ``branch`` never is, as every commit counts there. A run is rerun if a
    later attempt of its job on its commit exists.
    """
    jobs: dict[tuple[int, str], list[_StartedRun]] = {}
    commits: dict[tuple[str, str | None, int | None, str], list[_StartedRun]] = {}
    reasons: dict[str, WasteReason] = {}
    for entry in entries:
        run = parse_time(entry.started), entry
        if entry.pr is not None and entry.branch != branch:
            jobs.setdefault((entry.pr, entry.job), []).append(run)
        commits.setdefault((entry.commit or entry.run, entry.branch, entry.pr, entry.job), []).append(run)
        if entry.conclusion == "cancelled":
            reasons[entry.id] = "cancelled"
    for id_ in (id_ for runs in jobs.values() for id_ in _find_superseded(runs)):
        reasons.setdefault(id_, "superseded")
    for id_ in (id_ for runs in commits.values() for id_ in _find_rerun(runs)):
        reasons.setdefault(id_, "rerun")
    return reasons


def _find_superseded(runs: Sequence[_StartedRun]) -> Iterator[str]:
    for n, (at, run) in enumerate(runs):
        end = at + timedelta(seconds=run.wall_s or 0.0)
        meanwhile = runs[n + 1 : bisect_left(runs, end, key=lambda later: later[0])]
        if any(later.commit != run.commit for _, later in meanwhile):
            yield run.id


def _find_rerun(runs: Sequence[_StartedRun]) -> Iterator[str]:
    """For every attempt but the first, yield the newest earlier run with a lower attempt number."""
    for n, (_, later) in enumerate(runs):
        earlier = [run.id for _, run in runs[:n] if run.attempt < later.attempt] if later.attempt > 1 else []
        yield from earlier[-1:]


def sum_wasted(shares: Iterable[HolderShare], reasons: Mapping[str, WasteReason]) -> Wasted:
    """Sum a holder's shares of wasted runs by reason; ``reasons`` are those of ``find_wasted_runs``."""
    wasted: dict[WasteReason, list[HolderShare]] = {"cancelled": [], "superseded": [], "rerun": []}
    for share in shares:
        if share.entry.id in reasons:
            wasted[reasons[share.entry.id]].append(share)
    grams = {reason: total_grams(runs) for reason, runs in wasted.items()}
    unknown = sum(share.emissions_g is None for runs in wasted.values() for share in runs)
    return Wasted(
        grams["cancelled"], len(wasted["cancelled"]), grams["superseded"], len(wasted["superseded"]),
        grams["rerun"], len(wasted["rerun"]), unknown,
    )  # fmt: skip
