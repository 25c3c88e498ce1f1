"""Features, teams and their budgets, as a project's policy writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal, cast, get_args

from pytest_carbon.config.toml_table import Table, one_of, positive, text, texts
from pytest_carbon.core.budget.budget import REPOSITORY, Budget
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from pytest_carbon.core.devices.devices_rule import APPROVAL_LABEL, DevicesRule
from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import OVERRIDE_LABEL, Feature, Measure, Policy, Target
from pytest_carbon.core.quantities import parse_percent, parse_quantity

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class _Windows:
    """The window that a budget has if it names none."""

    text: str
    zone: str

    def read(self, own: Any, own_zone: Any, where: str) -> BudgetWindow:
        return parse_window(self.text if own is None else own, self.zone if own_zone is None else own_zone, where)


def read_policy(table: Table) -> Policy:
    """Take the policy's keys of a configuration; ConfigError, naming the key, for anything not understood."""
    windows = _Windows(table.take("window", _same, "28d"), table.take("timezone", _same, "UTC"))
    windows.read(None, None, f"{table.where}: window")
    session = table.take("budget", partial(_budget, windows, Budget(None, None, "warn")), None)
    none: tuple[dict[str, Feature], tuple[Budget, ...]] = ({}, ())
    features, budgets = table.take("features", partial(_features, windows), none)
    teams = table.take("teams", partial(_teams, windows, features), ())
    all_budgets = ((session,) if session else ()) + budgets + teams
    security_labels = table.take("security-labels", texts, ("security",))
    taken = {**dict.fromkeys(security_labels, "a security label"), **_claimed(features.values())}
    override_label, forks = _github(table.take("github", _same, {}), f"{table.where}: github", taken)
    return Policy(
        features=features,
        budgets=all_budgets,
        default_branch=table.take("default-branch", text, None),
        on_inconclusive=cast(Any, table.take("on-inconclusive", one_of("warn", "fail"), "warn")),
        security_labels=security_labels,
        override_label=override_label,
        forks=forks,
        objectives=table.take("objectives", partial(_objectives, features, all_budgets), ()),
        machines=cast(Any, table.take("machines", one_of("own", "hosted"), None)),
        devices=table.take(
            "devices", partial(_devices, {**taken, override_label: "the label of overrides"}), DevicesRule()
        ),
    )


def _same(value: Any, _: str) -> Any:
    return value


def _features(windows: _Windows, value: Any, where: str) -> tuple[dict[str, Feature], tuple[Budget, ...]]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; write a table for each feature, such as [features.checkout]")
    features: dict[str, Feature] = {}
    budgets: dict[str, Budget | None] = {}
    for name, table in value.items():
        _refuse_name(name, where, "feature", REPOSITORY)
        one = Table(table, f"{where}.{name}")
        if name not in (UNATTRIBUTED, DEFAULT):  # these two have a budget, and claim nothing
            labels, paths = one.take("labels", texts, ()), one.take("paths", texts, ())
            features[name] = Feature(name, labels, paths, one.take("weight", positive, 1.0))
        budgets[name] = one.take("budget", partial(_budget, windows, Budget(name, None, "warn")), None)
        one.refuse_the_rest()
    _refuse_twins(features.values(), where)
    default = budgets.pop(DEFAULT, None)
    if default is not None:
        for name in features:
            budgets[name] = budgets[name] or replace(default, feature=name)
    return features, tuple(budget for budget in budgets.values() if budget)


def _refuse_name(name: str, where: str, what: str, *taken: str) -> None:
    """Refuse a name that is none, or that an override could not tell from another's."""
    if not name.strip():
        raise ConfigError(f"{where} has a {what} without a name")
    if name in taken:
        raise ConfigError(f"{where}.{name}: the name {name!r} is taken; give the {what} another")


def _refuse_twins(features: Iterable[Feature], where: str) -> None:
    for what in ("labels", "paths"):
        seen: dict[str, str] = {}
        for feature in features:
            for entry in (claim.rstrip("/") or claim for claim in getattr(feature, what)):
                if seen.setdefault(entry, feature.name) != feature.name:
                    raise ConfigError(
                        f"{where}: both {seen[entry]} and {feature.name} claim {what[:-1]} {entry!r}; "
                        "give it to one of them"
                    )


def _claimed(features: Iterable[Feature]) -> dict[str, str]:
    return {label: f"the label of {feature.name}" for feature in features for label in feature.labels}


def _github(value: Any, where: str, taken: Mapping[str, str]) -> tuple[str, Literal["accept", "queue"]]:
    """Read what only a gate on GitHub needs; ``taken`` says what a label means already."""
    table = Table(value, where)
    override_label = table.take("override-label", text, OVERRIDE_LABEL)
    forks = table.take("forks", one_of("accept", "queue"), "accept")
    table.refuse_the_rest()
    if override_label in taken:
        raise ConfigError(f"{where}: override-label is {override_label!r}, {taken[override_label]}; give it another")
    return override_label, cast(Any, forks)


def _teams(windows: _Windows, features: Mapping[str, Feature], value: Any, where: str) -> tuple[Budget, ...]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; write a table for each team, such as [teams.shop]")
    budgets, seen = [], dict[str, str]()
    for name, table in value.items():
        _refuse_name(name, where, "team", REPOSITORY, *features)
        one = Table(table, f"{where}.{name}")
        children = tuple(dict.fromkeys(one.take("features", texts, ())))
        for child in children:
            if child not in features:
                raise ConfigError(f"{where}.{name}: no feature is called {child!r}{did_you_mean(child, features)}")
            if seen.setdefault(child, name) != name:
                raise ConfigError(f"{where}: both {seen[child]} and {name} have the feature {child!r}; keep it in one")
        empty = Budget(None, None, "warn", team=name, children=children)
        budget = one.take("budget", partial(_budget, windows, empty), None)
        one.refuse_the_rest()
        if not children or budget is None:
            raise ConfigError(f'{where}.{name} needs features = ["..."] and a table [teams.{name}.budget]')
        budgets.append(budget)
    return tuple(budgets)


def _budget(windows: _Windows, empty: Budget, value: Any, where: str) -> Budget:
    table = Table(value, where)
    own_window, own_zone = table.take("window", _same, None), table.take("timezone", _same, None)
    budget = replace(
        empty,
        per_run=table.take("per-run", parse_quantity, None),
        limit=table.take("limit", parse_quantity, None),
        window=windows.read(own_window, own_zone, f"{where}: window"),
        growth=table.take("growth", parse_percent, None),
        on_exceeded=cast(Any, table.take("on-exceeded", one_of("fail", "warn"), "warn")),
        counts=cast(Any, table.take("counts", one_of("work", "located"), "work")),
        g_per_kwh=table.take("g-per-kwh", positive, None),
        owners=table.take("owners", texts, ()),
        approvers=table.take("approvers", texts, ()),
    )
    table.refuse_the_rest()
    if budget.per_run is None and budget.limit is None and budget.growth is None:
        raise ConfigError(f'{where} has no limit; write per-run = "500 J", limit = "120 g" or growth = "5 %"')
    if budget.limit is None and (own_window is not None or own_zone is not None):
        raise ConfigError(f'{where} has a window and no limit for it; write limit = "120 g" beside it')
    return budget


_mode = one_of("off", "warn", "fail")


def _devices(taken: Mapping[str, str], value: Any, where: str) -> DevicesRule:
    """Read ``devices = "fail"``, or the table ``[devices]`` with more than a mode; ``taken`` says what labels mean."""
    rule = _devices_table(value, where) if isinstance(value, dict) else DevicesRule(cast(Any, _mode(value, where)))
    label = rule.approval_label
    if label in taken:
        raise ConfigError(f"{where}: approval-label is {label!r}, {taken[label]}; give it another")
    return rule


def _devices_table(value: Any, where: str) -> DevicesRule:
    table = Table(value, where)
    level = table.take("level", _same, 4)
    if level not in (4, 5) or isinstance(level, bool | float):
        raise ConfigError(f"{where}: level is {level!r}; it must be 4 (ten years) or 5 (no working device)")
    rule = DevicesRule(
        mode=cast(Any, table.take("mode", _mode, "warn")),
        level=cast(Any, level),
        maintained_branches=table.take("maintained-branches", texts, ()),
        dependencies=table.take("dependencies", _dependencies, {}),
        approval_label=table.take("approval-label", text, APPROVAL_LABEL),
        approvers=table.take("approvers", texts, ()),
    )
    table.refuse_the_rest()
    return rule


def _dependencies(value: Any, where: str) -> dict[str, dict[str, str]]:
    """Read which Python a package needs from which version on: ``numpy = { "2.1" = ">=3.10" }``."""
    from pytest_carbon.core.devices.version_ranges import specifier, version

    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise ConfigError(f'{where} is {value!r}; write for each package: numpy = {{ "2.1" = ">=3.10" }}')
    for name, steps in value.items():
        for of, python in steps.items():
            if version(of) is None or not isinstance(python, str) or specifier(python) is None:
                raise ConfigError(f'{where}.{name}: {of!r} = {python!r} is not understood; write "2.1" = ">=3.10"')
    return value


def _objectives(
    features: Mapping[str, Feature], budgets: Sequence[Budget], value: Any, where: str
) -> tuple[Target, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where} is {value!r}; write a table for each objective, below [[objectives]]")
    tables = (Table(one, f"{where}[{number}]") for number, one in enumerate(value, 1))
    return tuple(_objective(features, budgets, table) for table in tables)


def _objective(features: Mapping[str, Feature], budgets: Sequence[Budget], table: Table) -> Target:
    whose = {of: table.take(of, text, None) for of in ("feature", "team", "owner")}
    named = [(of, name) for of, name in whose.items() if name is not None]
    if len(named) > 1:
        raise ConfigError(f"{table.where} is of {' and of '.join(of for of, _ in named)}; keep one of them")
    of, holder = named[0] if named else ("repository", "")
    own = _own(of, holder, features, budgets, table.where)
    measure = table.take("measure", one_of(*get_args(Measure)), "per month")
    name, target, by = table.take("name", text, None), table.take("target", text, None), table.take("by", _day, None)
    table.refuse_the_rest()
    if name is None or target is None or by is None:
        raise ConfigError(f'{table.where} needs a name, a target such as "2 kg" and a day, by = "2026-12-31"')
    if measure == "budget used" and not any(budget.limit for budget in own):
        raise ConfigError(f"{table.where} measures the budget used, and no budget for a window is there; give it one")
    return Target(name, cast(Any, of), holder, cast(Any, measure), _goal(measure, target, f"{table.where}: target"), by)


def _own(of: str, holder: str, features: Mapping[str, Feature], budgets: Sequence[Budget], where: str) -> list[Budget]:
    """Return the budgets that an objective is about; ConfigError where nobody is called so."""
    owners = {owner: budget for budget in budgets if budget.feature for owner in budget.owners}
    teams = {budget.team or "": budget for budget in budgets if budget.team}
    known: Mapping[str, Any] = {"feature": features, "team": teams, "owner": owners, "repository": {"": None}}[of]
    if holder not in known:
        raise ConfigError(f"{where}: no {of} is called {holder!r}{did_you_mean(holder, known)}")
    if of == "owner":
        return [budget for budget in budgets if budget.feature and holder in budget.owners]
    return [b for b in budgets if (b.team or "", b.feature or "") == {"team": (holder, "")}.get(of, ("", holder))]


def _goal(measure: str, target: str, where: str) -> float:
    if measure == "budget used":
        return parse_percent(target, where)
    goal = parse_quantity(target, where)
    if goal.kind != "mass":
        raise ConfigError(
            f'{where} is {target!r}, which is energy; write grams, such as "2 kg", or measure "budget used"'
        )
    return goal.value


def _day(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)
    except (AttributeError, ValueError):
        raise ConfigError(f'{where} is {value!r}, which is no day; write it as "2026-12-31"') from None
