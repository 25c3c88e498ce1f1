"""How complete and how sure an account is, and how its figures are made, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

from pytest_carbon.core.accounts.monthly_use import AccountContext, month_bounds
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, SharesByFeature, total_emissions
from pytest_carbon.core.accounts.values.wording import day_with_year
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import time_zone
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.quantities import format_mass
from pytest_carbon.core.verdict.wording import count, share

MOST_NAMED = 5


def describe_data_quality(holder: Budget, window: Sequence[HolderShare], books: AccountContext) -> tuple[str, ...]:
    """Say of the runs of a holder's window what is known, how well, and how its budget counts them."""
    told = [*_describe_budget_unit(holder, books)]
    if window:
        told += [
            *_describe_energy(window),
            *_describe_unknown_runs(window),
            *_describe_range(window),
            *_describe_assumed_grid(window),
        ]
        told += [*_describe_other_repositories(window), *_describe_missing_pulls(window, books)]
        told += _describe_unattributed(window) if holder.team is None and holder.feature is None else []
    return (*told, *_describe_ledger_start(holder, books))


def _describe_budget_unit(holder: Budget, books: AccountContext) -> Iterator[str]:
    if holder.limit is None:
        return
    intensity = holder.g_per_kwh or books.g_per_kwh
    if holder.limit.kind == "energy":
        yield "The budget counts energy, whatever the electricity was made from."
    elif holder.limit.kind == "reference":
        yield "The budget counts energy as a reference machine would have used it, so a slow machine costs no more."
    elif holder.counts == "located":
        yield "The budget counts grams as they were on the grid of each run, so a dirty week costs more."
    elif intensity is None:
        yield "The budget counts grams at one fixed intensity, but no grid zone is set, so nothing can be counted."
    else:
        yield f"The budget counts grams at a fixed {intensity:.0f} g/kWh, so a dirty week on the grid costs no more."


def _describe_energy(window: Sequence[HolderShare]) -> Iterator[str]:
    known = [(p.share * p.entry.energy_j, p.entry.method) for p in window if p.entry.energy_j is not None]
    whole = math.fsum(energy for energy, _ in known)
    if whole > 0:
        counted = math.fsum(energy for energy, method in known if method == "counter") / whole
        if counted == 0:
            yield "All energy is modelled from how busy the machines were; none was read from a counter."
        elif counted == 1:
            yield "All energy was read from counters in the machines."
        else:
            yield f"{share(counted)} of the energy was read from counters in the machines; the rest is modelled."


def _describe_unknown_runs(window: Sequence[HolderShare]) -> Iterator[str]:
    unknown = sum(part.emissions_g is None for part in window)
    if unknown:
        yield f"What {unknown} of {count(len(window), 'run')} emitted is not known; they are in no sum of grams."


def _describe_range(window: Sequence[HolderShare]) -> Iterator[str]:
    grams = total_emissions(window)
    if grams is None:
        return
    if grams.low < grams.high:
        low, central, high = (format_mass(gram, 2) for gram in (grams.low, grams.central, grams.high))
        yield f"What is told as {central} of CO2e may have been as little as {low} or as much as {high}."
    ends = [(part.entry.emissions_low_g, part.entry.emissions_high_g) for part in window if part.emissions_g]
    unsure = sum(None in pair for pair in ends)
    if unsure:
        yield f"How far off the grams of {count(unsure, 'run')} may be is not known."


def _describe_assumed_grid(window: Sequence[HolderShare]) -> Iterator[str]:
    assumed = sum(part.entry.grid_assumed for part in window)
    if assumed:
        yield (
            f"For {assumed} of {count(len(window), 'run')} nobody said which electricity grid they were on, "
            "so the world's average was assumed."
        )


def _describe_other_repositories(window: Sequence[HolderShare]) -> Iterator[str]:
    others = sum(part.entry.elsewhere for part in window)
    if others:
        yield (
            f"{others} of {count(len(window), 'run')} are of other repositories: pull requests, waste and single "
            "causes are told of this one alone."
        )


def _describe_missing_pulls(window: Sequence[HolderShare], books: AccountContext) -> Iterator[str]:
    own = (part.entry for part in window if not part.entry.elsewhere)
    if all(entry.pr is None or entry.branch == books.branch for entry in own):
        yield f"Only runs of {books.branch} are known here: what pull requests ran before their merge is not counted."


def _describe_unattributed(window: Sequence[HolderShare]) -> Iterator[str]:
    grams = total_emissions(window)
    nobodys = math.fsum(part.central_g * part.entry.shares.get(UNATTRIBUTED, 0.0) for part in window)
    if grams is not None and nobodys > 0:
        yield f"{share(nobodys / grams.central)} of the grams belong to no feature."


def _describe_ledger_start(holder: Budget, books: AccountContext) -> Iterator[str]:
    if books.ledger_start is None:
        yield "No run is in the ledger yet."
    elif books.ledger_start - timedelta(days=1) > month_bounds(holder.window.zone, books.now)[0]:
        first = books.ledger_start.astimezone(time_zone(holder.window.zone)).date()
        yield f"The ledger has runs since {day_with_year(first)}; of the time before that nothing is known."


def describe_method(policy: Policy, runs: Sequence[HolderShare], books: AccountContext) -> tuple[str, ...]:
    """Say how the figures of all accounts are made."""
    told = [
        "Energy is read from counters of the machine where it has any, and else modelled from how busy it was.",
        "Grams are that energy at the intensity of its electricity grid, with what the data centre needs beside it, "
        "and a part of what making the machine emitted. No certificates or offsets are taken off.",
        "A run is paid by the features that the labels of its pull request name, else by those of the tests it ran.",
        f"What a pull request adds to later runs is told from runs of {books.branch} before and after it, on the same "
        "kind of machine, times the runs that a window has.",
    ]
    owned = {part.entry.runner for part in runs} - {"github-hosted", "self-hosted"}
    if policy.machines is not None and owned:
        whose = "our own" if policy.machines == "own" else "hosted by somebody else"
        told.append(f"Machines that do not say whose they are count as {whose}, as the policy says.")
    return tuple(told)


def note_removed_features(policy: Policy, by_feature: SharesByFeature) -> Iterator[str]:
    """Say which features the ledger has runs of and the policy has no more."""
    known = {*policy.features, UNATTRIBUTED}
    ours = {name for name, parts in by_feature.items() if any(not part.entry.elsewhere for part in parts)}
    names = sorted(name for name in ours if name is not None and name not in known)
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield (
            f"the ledger has runs of features that are not in the policy, which count for the repository alone: "
            f"{', '.join(names[:MOST_NAMED])}{more}"
        )
