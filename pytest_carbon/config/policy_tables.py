"""Reads a project's policy from its tables: features, teams, budgets, objectives and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Literal, cast, get_args

from pytest_carbon.config.toml_table import TomlTable, one_of, read_branch, read_positive_number, read_text, read_texts
from pytest_carbon.core.budget.budget import REPOSITORY, Budget
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from pytest_carbon.core.devices.devices_rule import APPROVAL_LABEL, DevicesRule
from pytest_carbon.core.errors import ConfigError, no_such_name
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.label_names import label_key
from pytest_carbon.core.policy.no_measurement import excuses_everything
from pytest_carbon.core.policy.policy import OVERRIDE_LABEL, Feature, Measure, Policy, PolicyObjective
from pytest_carbon.core.quantities import parse_percent, parse_quantity

DEFAULT_FEATURE = "default"


@dataclass(frozen=True, slots=True)
class _DefaultWindow:
    """The window and time zone of budgets that name none."""

    text: str
    zone: str

    def read(self, own: Any, own_zone: Any, where: str) -> BudgetWindow:
        return parse_window(self.text if own is None else own, self.zone if own_zone is None else own_zone, where)


def read_policy(table: TomlTable) -> Policy:
    """Take the policy's keys from a configuration. Raises ConfigError, which names the key, for a wrong value."""
    windows = _DefaultWindow(table.take("window", _unchecked, "28d"), table.take("timezone", _unchecked, "UTC"))
    windows.read(None, None, f"{table.where}: window")
    session = table.take("budget", partial(_read_budget, windows, Budget(None, None, "warn")), None)
    no_features: tuple[dict[str, Feature], tuple[Budget, ...]] = ({}, ())
    features, budgets = table.take("features", partial(_read_features, windows), no_features)
    teams = table.take("teams", partial(_read_teams, windows, features), ())
    all_budgets = ((session,) if session else ()) + budgets + teams
    security_labels = table.take("security-labels", read_texts, ("security",))
    taken = {**dict.fromkeys(map(label_key, security_labels), "a security label"), **_label_owners(features.values())}
    override_label, forks = _read_github(table.take("github", _unchecked, {}), f"{table.where}: github", taken)
    return Policy(
        features=features,
        budgets=all_budgets,
        default_branch=table.take("default-branch", read_branch, None),
        on_inconclusive=cast(Any, table.take("on-inconclusive", one_of("warn", "fail"), "warn")),
        security_labels=security_labels,
        override_label=override_label,
        forks=forks,
        objectives=table.take("objectives", partial(_read_objectives, features, all_budgets), ()),
        no_measurement=table.take("no-measurement", _read_globs, ()),
        machines=cast(Any, table.take("machines", one_of("own", "hosted"), None)),
        devices=table.take(
            "devices",
            partial(_read_devices, {**taken, label_key(override_label): "the label of overrides"}),
            DevicesRule(),
        ),
    )


def _unchecked(value: Any, _: str) -> Any:
    return value


def _read_globs(value: Any, where: str) -> tuple[str, ...]:
    """Read the paths that need no measurement. Raises ConfigError for a glob that would excuse every change."""
    globs = read_texts(value, where)
    for glob in filter(excuses_everything, globs):
        raise ConfigError(f'{where} has {glob!r}, with which no change is measured; name folders or files: "docs/**"')
    return globs


def _read_features(windows: _DefaultWindow, value: Any, where: str) -> tuple[dict[str, Feature], tuple[Budget, ...]]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; write a table for each feature, such as [features.checkout]")
    features: dict[str, Feature] = {}
    budgets: dict[str, Budget | None] = {}
    for name, table in value.items():
        _check_name(name, where, "feature", REPOSITORY)
        feature = TomlTable(table, f"{where}.{name}")
        if name not in (UNATTRIBUTED, DEFAULT_FEATURE):  # these two have a budget, but no labels and no paths
            labels, paths = feature.take("labels", read_texts, ()), feature.take("paths", read_texts, ())
            features[name] = Feature(name, labels, paths, feature.take("weight", read_positive_number, 1.0))
        budgets[name] = feature.take("budget", partial(_read_budget, windows, Budget(name, None, "warn")), None)
        feature.refuse_unknown_keys()
    _refuse_shared_claims(features.values(), where)
    default = budgets.pop(DEFAULT_FEATURE, None)
    if default is not None:
        for name in features:
            budgets[name] = budgets[name] or replace(default, feature=name)
    return features, tuple(budget for budget in budgets.values() if budget)


def _check_name(name: str, where: str, noun: str, *taken: str) -> None:
    """Refuse an empty name, and a name that an override could not tell from the name of another holder."""
    if not name.strip():
        raise ConfigError(f"{where} has a {noun} without a name; give it a name")
    if name in taken:
        raise ConfigError(f"{where}.{name}: the name {name!r} is taken; give the {noun} another name")


def _refuse_shared_claims(features: Iterable[Feature], where: str) -> None:
    """Refuse a label or path that two features claim."""
    for field in ("labels", "paths"):
        claimed_by: dict[str, str] = {}
        for feature in features:
            for claim in (claim.rstrip("/") or claim for claim in getattr(feature, field)):
                key = label_key(claim) if field == "labels" else claim
                if claimed_by.setdefault(key, feature.name) != feature.name:
                    raise ConfigError(
                        f"{where}: both {claimed_by[key]} and {feature.name} claim the {field[:-1]} {claim!r}; "
                        "give it to one of them"
                    )


def _label_owners(features: Iterable[Feature]) -> dict[str, str]:
    """Return what each label of a feature means already, for errors about a label with two meanings."""
    return {label_key(label): f"the label of {feature.name}" for feature in features for label in feature.labels}


def _read_github(value: Any, where: str, taken: Mapping[str, str]) -> tuple[str, Literal["accept", "queue"]]:
    """Read the override label and the rule for forks; ``taken`` says what a label means already."""
    table = TomlTable(value, where)
    override_label = table.take("override-label", read_text, OVERRIDE_LABEL)
    forks = table.take("forks", one_of("accept", "queue"), "accept")
    table.refuse_unknown_keys()
    meaning = taken.get(label_key(override_label))
    if meaning is not None:
        raise ConfigError(f"{where}: override-label is {override_label!r}, {meaning}; give it another")
    return override_label, cast(Any, forks)


def _read_teams(windows: _DefaultWindow, features: Mapping[str, Feature], value: Any, where: str) -> tuple[Budget, ...]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; write a table for each team, such as [teams.shop]")
    budgets, team_of = [], dict[str, str]()
    for name, table in value.items():
        _check_name(name, where, "team", REPOSITORY, *features)
        team = TomlTable(table, f"{where}.{name}")
        children = tuple(dict.fromkeys(team.take("features", read_texts, ())))
        for child in children:
            if child not in features:
                raise ConfigError(f"{where}.{name}: {no_such_name('feature', child, features)}")
            if team_of.setdefault(child, name) != name:
                raise ConfigError(
                    f"{where}: both {team_of[child]} and {name} have the feature {child!r}; keep it in one"
                )
        empty = Budget(None, None, "warn", team=name, children=children)
        budget = team.take("budget", partial(_read_budget, windows, empty), None)
        team.refuse_unknown_keys()
        if not children or budget is None:
            raise ConfigError(f'{where}.{name} needs features = ["..."] and a table [teams.{name}.budget]')
        budgets.append(budget)
    return tuple(budgets)


def _read_budget(windows: _DefaultWindow, empty: Budget, value: Any, where: str) -> Budget:
    if isinstance(value, str):
        raise ConfigError(f'{where} is {value!r}; it must be a table, such as budget = {{ limit = "120 g" }}')
    table = TomlTable(value, where)
    own_window, own_zone = table.take("window", _unchecked, None), table.take("timezone", _unchecked, None)
    budget = replace(
        empty,
        per_run=table.take("per-run", parse_quantity, None),
        limit=table.take("limit", parse_quantity, None),
        window=windows.read(own_window, own_zone, f"{where}: window"),
        growth=table.take("growth", parse_percent, None),
        on_exceeded=cast(Any, table.take("on-exceeded", one_of("fail", "warn"), "warn")),
        counts=cast(Any, table.take("counts", one_of("work", "located"), "work")),
        g_per_kwh=table.take("g-per-kwh", read_positive_number, None),
        owners=table.take("owners", read_texts, ()),
        approvers=table.take("approvers", read_texts, ()),
    )
    table.refuse_unknown_keys()
    if budget.per_run is None and budget.limit is None and budget.growth is None:
        raise ConfigError(f'{where} has no limit; write per-run = "500 J", limit = "120 g" or growth = "5 %"')
    if budget.limit is None and (own_window is not None or own_zone is not None):
        raise ConfigError(f'{where} has a window but no limit; write limit = "120 g" beside the window')
    return budget


_read_mode = one_of("off", "warn", "fail")


def _read_devices(taken: Mapping[str, str], value: Any, where: str) -> DevicesRule:
    """Read ``devices = "fail"`` or the table ``[devices]``; ``taken`` says what a label means already."""
    rule = (
        _read_devices_table(value, where)
        if isinstance(value, dict)
        else DevicesRule(cast(Any, _read_mode(value, where)))
    )
    label = rule.approval_label
    meaning = taken.get(label_key(label))
    if meaning is not None:
        raise ConfigError(f"{where}: approval-label is {label!r}, {meaning}; give it another")
    return rule


def _read_devices_table(value: Any, where: str) -> DevicesRule:
    table = TomlTable(value, where)
    level = table.take("level", _unchecked, 4)
    if level not in (4, 5) or isinstance(level, bool | float):
        raise ConfigError(f"{where}: level is {level!r}; it must be 4 (ten years) or 5 (no working device)")
    rule = DevicesRule(
        mode=cast(Any, table.take("mode", _read_mode, "warn")),
        level=cast(Any, level),
        maintained_branches=table.take("maintained-branches", read_texts, ()),
        dependencies=table.take("dependencies", _read_dependencies, {}),
        approval_label=table.take("approval-label", read_text, APPROVAL_LABEL),
        approvers=table.take("approvers", read_texts, ()),
    )
    table.refuse_unknown_keys()
    return rule


def _read_dependencies(value: Any, where: str) -> dict[str, dict[str, str]]:
    """Read from which version on a package needs which Python: ``numpy = { "2.1" = ">=3.10" }``."""
    from pytest_carbon.core.devices.version_ranges import parse_specifier, parse_version

    if not isinstance(value, dict) or not all(isinstance(steps, dict) for steps in value.values()):
        raise ConfigError(f'{where} is {value!r}; write for each package: numpy = {{ "2.1" = ">=3.10" }}')
    for name, steps in value.items():
        for version, python in steps.items():
            if parse_version(version) is None or not isinstance(python, str) or parse_specifier(python) is None:
                raise ConfigError(f'{where}.{name}: {version!r} = {python!r} is not understood; write "2.1" = ">=3.10"')
    return value


def _read_objectives(
    features: Mapping[str, Feature], budgets: Sequence[Budget], value: Any, where: str
) -> tuple[PolicyObjective, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where} is {value!r}; write a table for each objective, below [[objectives]]")
    tables = (TomlTable(objective, f"{where}[{number}]") for number, objective in enumerate(value, 1))
    return tuple(_read_objective(features, budgets, table) for table in tables)


def _read_objective(features: Mapping[str, Feature], budgets: Sequence[Budget], table: TomlTable) -> PolicyObjective:
    holders = {of: table.take(of, read_text, None) for of in ("feature", "team", "owner")}
    named = [(of, name) for of, name in holders.items() if name is not None]
    if len(named) > 1:
        raise ConfigError(f"{table.where} has {' and '.join(of for of, _ in named)}; keep one of them")
    of, holder = named[0] if named else ("repository", "")
    holder_budgets = _holder_budgets(of, holder, features, budgets, table.where)
    measure = table.take("measure", one_of(*get_args(Measure)), "per month")
    name, target, by = (
        table.take("name", read_text, None),
        table.take("target", read_text, None),
        table.take("by", _read_day, None),
    )
    table.refuse_unknown_keys()
    if name is None or target is None or by is None:
        raise ConfigError(f'{table.where} needs a name, a target such as "2 kg" and a day, by = "2026-12-31"')
    if measure == "budget used" and not any(budget.limit for budget in holder_budgets):
        raise ConfigError(
            f'{table.where} measures "budget used", but its holder has no budget with a limit; '
            'add limit = "120 g" to its budget'
        )
    return PolicyObjective(
        name, cast(Any, of), holder, cast(Any, measure), _read_target(measure, target, f"{table.where}: target"), by
    )


def _holder_budgets(
    of: str, holder: str, features: Mapping[str, Feature], budgets: Sequence[Budget], where: str
) -> list[Budget]:
    """Return the budgets of an objective's holder. Raises ConfigError if no holder has that name."""
    owners = {owner: budget for budget in budgets if budget.feature for owner in budget.owners}
    teams = {budget.team or "": budget for budget in budgets if budget.team}
    known: Mapping[str, Any] = {"feature": features, "team": teams, "owner": owners, "repository": {"": None}}[of]
    if holder not in known:
        raise ConfigError(f"{where}: {no_such_name(of, holder, known)}")
    if of == "owner":
        return [budget for budget in budgets if budget.feature and holder in budget.owners]
    return [b for b in budgets if (b.team or "", b.feature or "") == {"team": (holder, "")}.get(of, ("", holder))]


def _read_target(measure: str, target: str, where: str) -> float:
    if measure == "budget used":
        return parse_percent(target, where)
    goal = parse_quantity(target, where)
    if goal.kind != "mass":
        raise ConfigError(
            f'{where} is {target!r}, which is energy; write grams, such as "2 kg", or measure "budget used"'
        )
    return goal.value


def _read_day(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)
    except (AttributeError, ValueError):
        raise ConfigError(f'{where} is {value!r}, which is no day; write a day such as "2026-12-31"') from None
