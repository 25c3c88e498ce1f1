"""How complete and how certain an account is, and how its figures are made, as sentences."""

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
from pytest_carbon.core.quantities import BOUND_DIGITS, KWH_TEXT, format_mass
from pytest_carbon.core.verdict.wording import count_text, share_text

MOST_NAMED = 5


def describe_data_quality(holder: Budget, window: Sequence[HolderShare], context: AccountContext) -> tuple[str, ...]:
    """Return sentences on how the budget counts, how complete the window's runs are, and how certain their figures."""
    sentences = [*_describe_budget_unit(holder, context)]
    if window:
        sentences += [
            *_describe_energy(window),
            *_describe_unknown_runs(window),
            *_describe_range(window),
            *_describe_assumed_grid(window),
        ]
        sentences += [*_describe_other_repositories(window), *_describe_missing_pulls(window, context)]
        sentences += _describe_unattributed(window) if holder.team is None and holder.feature is None else []
    return (*sentences, *_describe_ledger_start(holder, context))


def _describe_budget_unit(holder: Budget, context: AccountContext) -> Iterator[str]:
    if holder.limit is None:
        return
    intensity = holder.g_per_kwh or context.g_per_kwh
    if holder.limit.kind == "energy":
        yield "The budget counts energy, whatever its source."
    elif holder.limit.kind == "reference":
        yield "The budget counts reference energy, so a slower or busier machine costs no more."
    elif holder.counts == "located":
        yield "The budget counts located grams (the grid of each run), so a week of dirty electricity costs more."
    elif intensity is None:
        yield (
            "The budget counts grams at a fixed grid intensity, but no grid zone is set, so nothing can be counted. "
            "Set zone in the configuration."
        )
    else:
        fixed = f"{intensity:.0f} g/kWh ({KWH_TEXT})"
        yield f"The budget counts grams at a fixed {fixed}, so a week of dirty electricity costs no more."


def _describe_energy(window: Sequence[HolderShare]) -> Iterator[str]:
    known = [(s.share * s.entry.energy_j, s.entry.method) for s in window if s.entry.energy_j is not None]
    total_j = math.fsum(energy_j for energy_j, _ in known)
    if total_j > 0:
        counted = math.fsum(energy_j for energy_j, method in known if method == "counter") / total_j
        if counted == 0:
            yield "All energy is modelled from the machines' load; no hardware counter was read."
        elif counted == 1:
            yield "All energy was read from hardware counters."
        else:
            yield f"{share_text(counted)} of the energy was read from hardware counters; the rest is modelled."


def _describe_unknown_runs(window: Sequence[HolderShare]) -> Iterator[str]:
    unknown = sum(share.emissions_g is None for share in window)
    if unknown:
        yield f"The emissions of {unknown} of {count_text(len(window), 'run')} are not known and are in no total."


def _describe_range(window: Sequence[HolderShare]) -> Iterator[str]:
    grams = total_emissions(window)
    if grams is None:
        return
    if grams.low < grams.high:
        low, high = (format_mass(bound_g, BOUND_DIGITS) for bound_g in (grams.low, grams.high))
        yield f"The window's {format_mass(grams.central)} CO2e may be as little as {low} or as much as {high}."
    bounds = [(share.entry.emissions_low_g, share.entry.emissions_high_g) for share in window if share.emissions_g]
    unbounded = sum(None in pair for pair in bounds)
    if unbounded:
        yield f"The uncertainty of the emissions of {count_text(unbounded, 'run')} is not known."


def _describe_assumed_grid(window: Sequence[HolderShare]) -> Iterator[str]:
    assumed = sum(share.entry.grid_assumed for share in window)
    if assumed:
        yield (
            f"The grid zone of {assumed} of {count_text(len(window), 'run')} is not known; the world average was "
            "assumed."
        )


def _describe_other_repositories(window: Sequence[HolderShare]) -> Iterator[str]:
    others = sum(share.entry.elsewhere for share in window)
    if others:
        yield (
            f"{others} of {count_text(len(window), 'run')} are from other repositories; pull requests, waste and top "
            "consumers cover this repository only."
        )


def _describe_missing_pulls(window: Sequence[HolderShare], context: AccountContext) -> Iterator[str]:
    own = (share.entry for share in window if not share.entry.elsewhere)
    if all(entry.pr is None or entry.branch == context.branch for entry in own):
        yield f"The ledger has only runs of {context.branch}; runs of pull requests before their merge are not counted."


def _describe_unattributed(window: Sequence[HolderShare]) -> Iterator[str]:
    grams = total_emissions(window)
    unattributed_g = math.fsum(share.central_g * share.entry.shares.get(UNATTRIBUTED, 0.0) for share in window)
    if grams is not None and unattributed_g > 0:
        yield f"{share_text(unattributed_g / grams.central)} of the emissions belong to no feature."


def _describe_ledger_start(holder: Budget, context: AccountContext) -> Iterator[str]:
    if context.ledger_start is None:
        yield "The ledger has no run yet."
    elif context.ledger_start - timedelta(days=1) > month_bounds(holder.window.zone, context.now)[0]:
        first = context.ledger_start.astimezone(time_zone(holder.window.zone)).date()
        yield f"The ledger begins on {day_with_year(first)}; nothing is known of the time before."


def describe_method(policy: Policy, runs: Sequence[HolderShare], context: AccountContext) -> tuple[str, ...]:
    """Return sentences on how the figures of all accounts are made."""
    sentences = [
        "Energy is read from the machine's hardware counters if it has any, otherwise modelled from its load.",
        "Emissions are that energy times the carbon intensity of the electricity grid, with the data centre's "
        "overhead, plus a share of the machine's manufacture. Certificates and offsets are not deducted.",
        "A run is paid for by the features that its pull request's labels name, otherwise by the features of its "
        "tests.",
        f"The recurring cost of a pull request compares runs of {context.branch} before and after its merge, on the "
        "same kind of machine, and multiplies the difference by the number of runs in a window.",
    ]
    unknown_owner = {share.entry.runner for share in runs} - {"github-hosted", "self-hosted"}
    if policy.machines is not None and unknown_owner:
        owner = "your own" if policy.machines == "own" else "hosted by a provider"
        sentences.append(
            f'Machines of an unknown owner count as {owner}, because the policy sets machines to "{policy.machines}".'
        )
    return tuple(sentences)


def note_removed_features(policy: Policy, by_feature: SharesByFeature) -> Iterator[str]:
    """Yield a note on features of this repository that the ledger has runs of but the policy no longer has."""
    in_policy = {*policy.features, UNATTRIBUTED}
    used = {name for name, shares in by_feature.items() if any(not share.entry.elsewhere for share in shares)}
    removed = sorted(name for name in used if name is not None and name not in in_policy)
    if removed:
        more = f" and {len(removed) - MOST_NAMED} more" if len(removed) > MOST_NAMED else ""
        yield (
            f"the ledger has runs of features that are not in the policy; they count for the repository only: "
            f"{', '.join(removed[:MOST_NAMED])}{more}"
        )
