"""What a changed policy allows that the old policy forbids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from pytest_carbon.core.budget.budget import Budget, holder_name, holder_phrase
from pytest_carbon.core.budget.overrides import normalise_person
from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.devices import devices_rule as devices_policy
from pytest_carbon.core.percentages import percent_text, window_text
from pytest_carbon.core.policy.label_names import find_label, label_key
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.quantities import Quantity, format_number

_DAYS = {"month": 365.25 / 12, "quarter": 365.25 / 4}


def policy_changed(old: Policy, new: Policy) -> bool:
    """Return whether two policies differ in more than the order of their features and budgets."""
    return _ordered(old) != _ordered(new)


def _ordered(policy: Policy) -> Policy:
    return replace(policy, features=dict(policy.features), budgets=tuple(sorted(policy.budgets, key=holder_name)))


def loosened_rules(old: Policy, new: Policy) -> list[str]:
    """Return one sentence for each rule that the new policy loosens, and for each change of who pays.

    A rule that changed is also named where nobody can say which of the two policies allows more.
    """
    return [*_budgets(old, new), *_payers(old, new), *_settings(old, new)]


def _budgets(old: Policy, new: Policy) -> Iterator[str]:
    new_budgets = {holder_name(budget): budget for budget in new.budgets}
    for before in old.budgets:
        after = new_budgets.get(holder_name(before))
        if after is None:
            limits = (before.per_run, "per run"), (before.limit, window_text(before.window.text))
            old_limits = [f"{limit.shown} {when}" for limit, when in limits if limit]
            old_limits += [] if before.growth is None else [f"{percent_text(before.growth)} growth"]
            yield f"{_holder(before)} no longer has a budget; before: {', '.join(old_limits)}"
        else:
            yield from _limits(before, after)
            yield from _rules(before, after)


def _holder(budget: Budget) -> str:
    return holder_phrase(budget.feature, budget.team)


def _limits(before: Budget, after: Budget) -> Iterator[str]:
    holder = _holder(before)
    if before.per_run and _looser(before.per_run, after.per_run):
        yield f"{holder} {_may_use(after.per_run, 'per run')}; before: {before.per_run.shown}"
    if before.limit:
        was, now = window_text(before.window.text), window_text(after.window.text)
        times = _times_a_day(before, after)
        if _looser(before.limit, after.limit) or times > 1 or before.window.kind != after.window.kind:
            rate = f" ({format_number(times, 2)} times as much per day)" if was != now and times > 1 else ""
            yield f"{holder} {_may_use(after.limit, now)}{rate}; before: {before.limit.shown} {was}"
    if before.growth is not None and (after.growth is None or after.growth > before.growth):
        allowed = "without limit" if after.growth is None else f"by {percent_text(after.growth)}"
        yield f"{holder} may grow {allowed}; before: by {percent_text(before.growth)}"


def _looser(before: Quantity, after: Quantity | None) -> bool:
    return after is None or after.kind != before.kind or after.value > before.value


def _may_use(limit: Quantity | None, when: str) -> str:
    return f"may use {limit.shown} {when}" if limit else f"may use any amount {when}"


def _times_a_day(before: Budget, after: Budget) -> float:
    """Return the ratio of the new limit per day to the old; 0 if their kinds differ."""
    if not before.limit or not after.limit or before.limit.kind != after.limit.kind:
        return 0.0
    times = after.limit.value / _days(after.window) * _days(before.window) / before.limit.value
    return round(times, 9)


def _days(window: BudgetWindow) -> float:
    return window.days or _DAYS[window.kind]


def _rules(before: Budget, after: Budget) -> Iterator[str]:
    holder = _holder(before)
    if (before.on_exceeded, after.on_exceeded) == ("fail", "warn"):
        yield f"{holder} only warns when it exceeds a limit; before: it failed"
    if before.counts != after.counts:
        yield f"grams of {holder} are counted as {after.counts}; before: as {before.counts}"
    dirtier = before.g_per_kwh and after.g_per_kwh and after.g_per_kwh > before.g_per_kwh
    if before.g_per_kwh != after.g_per_kwh and not dirtier:
        yield f"grams of {holder} are counted at {_intensity(after)}; before: at {_intensity(before)}"
    yield from _approvers(before, after)
    for child in sorted({*before.children} - {*after.children}):
        yield f"{holder} no longer pays for feature {child}"


def _intensity(budget: Budget) -> str:
    return f"{budget.g_per_kwh:g} g/kWh" if budget.g_per_kwh else "the grid factor of the policy's zone"


def _approvers(before: Budget, after: Budget) -> Iterator[str]:
    old_approvers = {normalise_person(name) for name in before.approvers}
    if before.approvers and not after.approvers:
        yield f"anybody may approve an override of {_holder(before)}; before: only {', '.join(before.approvers)}"
    elif before.approvers:
        for name in after.approvers:
            if normalise_person(name) not in old_approvers:
                yield f"{name} may now approve an override of {_holder(before)}"


def _payers(old: Policy, new: Policy) -> Iterator[str]:
    for path, was, now in _moved_claims(_claims(old, "paths"), _claims(new, "paths")):
        yield f"the tests of {path} count for {_feature(now)}; before: for {_feature(was)}"
    for label, was, now in _moved_claims(_claims(old, "labels"), _claims(new, "labels")):
        by_tests = "the features of its tests"
        yield (
            f"a pull request with the label {label} is paid by {_feature(now, by_tests)}; "
            f"before: by {_feature(was, by_tests)}"
        )
    for name, feature in old.features.items():
        weight = new.features[name].weight if name in new.features else feature.weight
        if weight != feature.weight:
            yield (
                f"feature {name} pays with the weight {weight:g} where several features pay; before: {feature.weight:g}"
            )


def _feature(name: str, without: str = "no feature") -> str:
    return holder_phrase(name) if name else without


def _claims(policy: Policy, field: Literal["labels", "paths"]) -> dict[str, str]:
    """Return the feature of each label or path that a feature claims."""
    key = label_key if field == "labels" else str
    return {key(claim): feature.name for feature in policy.features.values() for claim in getattr(feature, field)}


def _moved_claims(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each claim whose feature changes: the claim, its old and its new feature, ``""`` for no feature."""
    for claim in sorted({*old, *new}):
        was, now = old.get(claim, ""), new.get(claim, "")
        if was != now:
            yield claim, was, now


def _settings(old: Policy, new: Policy) -> Iterator[str]:
    if old.default_branch != new.default_branch:
        unset = "the repository's default branch"
        yield f"runs are compared with runs of {new.default_branch or unset}; before: of {old.default_branch or unset}"
    if (old.on_inconclusive, new.on_inconclusive) == ("fail", "warn"):
        yield "an inconclusive check only warns; before: it failed"
    for label in sorted(label for label in {*new.security_labels} if not find_label(label, old.security_labels)):
        yield f"the label {label} lets a change pass an exhausted budget as a security fix"
    if (old.forks, new.forks) == ("queue", "accept"):
        yield "measurements from forks decide; before: only measurements of the merge queue"
    for glob in sorted({*new.no_measurement} - {*old.no_measurement}):
        yield f"a change of nothing but {glob} needs no measurement"
    yield from devices_policy.describe_loosening(old.devices, new.devices)
    before, now = old.devices.approval_label, new.devices.approval_label
    if label_key(now) != label_key(before):
        yield f"the label {now} approves that devices are dropped; before: {before}"
    if label_key(old.override_label) != label_key(new.override_label):
        yield f"the label {new.override_label} asks for an override; before: {old.override_label}"
