"""What a change of the policy would allow that the policy does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import name_of
from pytest_carbon.core.budget.overrides import person
from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.devices import devices_rule as devices_policy
from pytest_carbon.core.percentages import percent_text, window_text
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.quantities import Quantity, round_digits

_DAYS = {"month": 365.25 / 12, "quarter": 365.25 / 4}


def changed(old: Policy, new: Policy) -> bool:
    """Say whether two policies differ in more than the order of their features and budgets."""
    return _ordered(old) != _ordered(new)


def _ordered(policy: Policy) -> Policy:
    return replace(policy, features=dict(policy.features), budgets=tuple(sorted(policy.budgets, key=name_of)))


def loosened(old: Policy, new: Policy) -> list[str]:
    """Return a sentence for everything that the new policy allows and the old one does not, or that moves who pays.

    Where it cannot be told which of the two allows more, that is told as well.
    """
    return [*_budgets(old, new), *_payers(old, new), *_settings(old, new)]


def _budgets(old: Policy, new: Policy) -> Iterator[str]:
    kept = {name_of(budget): budget for budget in new.budgets}
    for before in old.budgets:
        after = kept.get(name_of(before))
        if after is None:
            limits = (before.per_run, "per run"), (before.limit, window_text(before.window.text))
            had = [f"{limit.text} {when}" for limit, when in limits if limit]
            had += [] if before.growth is None else [f"{percent_text(before.growth)} of growth"]
            yield f"{_who(before)} has no budget any more, {' and '.join(had)} before"
        else:
            yield from _limits(before, after)
            yield from _rules(before, after)


def _who(budget: Budget) -> str:
    return f"team {budget.team}" if budget.team else budget.feature or "the repository"


def _limits(before: Budget, after: Budget) -> Iterator[str]:
    who = _who(before)
    if before.per_run and _looser(before.per_run, after.per_run):
        yield f"{who} {_may_use(after.per_run, 'per run')}, {before.per_run.text} before"
    if before.limit:
        was, now = window_text(before.window.text), window_text(after.window.text)
        times = _times_a_day(before, after)
        if _looser(before.limit, after.limit) or times > 1 or before.window.kind != after.window.kind:
            rate = f": {round_digits(times, 2)} times as much a day" if was != now and times > 1 else ""
            yield f"{who} {_may_use(after.limit, now)}, {before.limit.text} {was} before{rate}"
    if before.growth is not None and (after.growth is None or after.growth > before.growth):
        grows = "as much as it likes" if after.growth is None else f"by {percent_text(after.growth)}"
        yield f"{who} may grow {grows}, by {percent_text(before.growth)} before"


def _looser(before: Quantity, after: Quantity | None) -> bool:
    return after is None or after.kind != before.kind or after.value > before.value


def _may_use(limit: Quantity | None, when: str) -> str:
    return f"may use {limit.text} {when}" if limit else f"may use as much as it likes {when}"


def _times_a_day(before: Budget, after: Budget) -> float:
    """Return how many times as much a day may be used as before; 0 where the two cannot be compared."""
    if not before.limit or not after.limit or before.limit.kind != after.limit.kind:
        return 0.0
    times = after.limit.value / _days(after.window) * _days(before.window) / before.limit.value
    return round(times, 9)


def _days(window: BudgetWindow) -> float:
    return window.days or _DAYS[window.kind]


def _rules(before: Budget, after: Budget) -> Iterator[str]:
    who = _who(before)
    if (before.on_exceeded, after.on_exceeded) == ("fail", "warn"):
        yield f"{who} only warns when a limit is exceeded, it failed before"
    if before.counts != after.counts:
        yield f"grams of {who} are counted as {after.counts}, as {before.counts} before"
    dirtier = before.g_per_kwh and after.g_per_kwh and after.g_per_kwh > before.g_per_kwh
    if before.g_per_kwh != after.g_per_kwh and not dirtier:
        yield f"grams of {who} are counted at {_intensity(after)}, at {_intensity(before)} before"
    yield from _approvers(before, after)
    for child in sorted({*before.children} - {*after.children}):
        yield f"{who} does not pay for {child} any more"


def _intensity(budget: Budget) -> str:
    return f"{budget.g_per_kwh:g} g/kWh" if budget.g_per_kwh else "what the grid's zone has"


def _approvers(before: Budget, after: Budget) -> Iterator[str]:
    known = {person(name) for name in before.approvers}
    if before.approvers and not after.approvers:
        yield f"anybody may approve an override of {_who(before)}, only {', '.join(before.approvers)} before"
    elif before.approvers:
        for name in after.approvers:
            if person(name) not in known:
                yield f"{name} may approve an override of {_who(before)}"


def _payers(old: Policy, new: Policy) -> Iterator[str]:
    for path, was, now in _moved(_claims(old, "paths"), _claims(new, "paths")):
        yield f"the tests of {path} count for {now or 'no feature'}, for {was or 'no feature'} before"
    for label, was, now in _moved(_claims(old, "labels"), _claims(new, "labels")):
        unnamed = "the features of its tests"
        yield f"a pull request with the label {label} is paid by {now or unnamed}, by {was or unnamed} before"
    for name, feature in old.features.items():
        weight = new.features[name].weight if name in new.features else feature.weight
        if weight != feature.weight:
            yield f"{name} pays with the weight {weight:g} where several features pay, {feature.weight:g} before"


def _claims(policy: Policy, what: str) -> dict[str, str]:
    return {claim: feature.name for feature in policy.features.values() for claim in getattr(feature, what)}


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield every claim whose feature changes, with both; an empty one is none."""
    for claim in sorted({*old, *new}):
        was, now = old.get(claim, ""), new.get(claim, "")
        if was != now:
            yield claim, was, now


def _settings(old: Policy, new: Policy) -> Iterator[str]:
    if old.default_branch != new.default_branch:
        known = "the repository's default branch"
        yield f"runs are compared with those of {new.default_branch or known}, of {old.default_branch or known} before"
    if (old.on_inconclusive, new.on_inconclusive) == ("fail", "warn"):
        yield "what cannot be told only warns, it failed before"
    for label in sorted({*new.security_labels} - {*old.security_labels}):
        yield f"the label {label} lets a change pass an exhausted budget as a security fix"
    if (old.forks, new.forks) == ("queue", "accept"):
        yield "numbers from forks decide, before only those of the merge queue did"
    yield from devices_policy.loosened(old.devices, new.devices)
    if old.override_label != new.override_label:
        yield f"the label {new.override_label} asks for an override, {old.override_label} before"
