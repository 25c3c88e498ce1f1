"""``carbon-budget``: budgets near their end, growth and costly tests of the features that a change touches.

The hook reads the last report and the ledger as they are on disk. It names what it cannot read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path

from pytest_carbon.config.load import USUAL_BRANCHES, Config, default_branch, find_root, load_config
from pytest_carbon.config.policy_above import ignored_policy
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import budget_status
from pytest_carbon.core.budget.needed_history import history_needed
from pytest_carbon.core.budget.overrides import accept_overrides
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.local_hooks.budget_warnings import broken_limits, budget_warning, costliest_test_lines
from pytest_carbon.core.local_hooks.hook_result import HookResult
from pytest_carbon.core.local_hooks.touched_budgets import find_touched, touched_budgets
from pytest_carbon.core.records import run_measurements
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Entry, Override, parse_time
from pytest_carbon.core.records.run_entry import fingerprint_digest
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import Report, from_json
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.files.read_bounded import REPORT_BYTES, read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.ledgers import read_tree
from pytest_carbon.ledgers.branch.offline_copy import find_offline_ledger
from pytest_carbon.ledgers.file_layout import LedgerTree

_NAMES_ONLY = ("--name-only", "--relative", "--find-renames=100%", "--no-ext-diff", "-z")  # needs no file's content
_NO_REPORT = (KeyError, TypeError, ValueError, AttributeError, RecursionError, CarbonError)


def run_hook(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> HookResult:
    """Check the budgets that these files touch, or without files those that the push touches."""
    config = load_config(find_root(Path.cwd()))
    paths = (tuple(files) or changed_files(config, environment)) if config.budgets else ()
    if paths == ():
        return HookResult(notes=tuple(filter(None, [ignored_policy(config)])))
    warnings: list[str] = []
    notes = list(filter(None, [why_git_refuses(config.root)]))
    report = run = None
    with _errors_as_notes(notes):
        report, run = last_run(config.report, config.root)
    change = find_touched(paths, run, config.policy)
    budgets = touched_budgets(config.policy, change.features)
    with _errors_as_notes(notes):
        warnings += _ledger_warnings(config, budgets, report, now, notes)
    if report is not None:
        warnings += broken_limits(budgets, report)
    if warnings and run is not None:
        warnings += costliest_test_lines(change.tests, run)
    return HookResult(tuple(warnings), tuple(notes))


@contextmanager
def _errors_as_notes(notes: list[str]) -> Iterator[None]:
    """Turn an error of reading into a note."""
    try:
        yield
    except (CarbonError, OSError) as error:
        notes.append(str(error))


def changed_files(config: Config, environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the changed files of the project; None if nobody can tell.

    Before a push, pre-commit names the commits to compare. By hand, the working tree is compared with the upstream, or
    else with the default branch.
    """
    begun, ends = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    named, remotes = config.policy.default_branch, f"refs/remotes/{config.ledger.remote}/"
    defaults = [f"{remotes}{named}"] if named else [f"{remotes}HEAD"]
    bases = ["@{upstream}", *defaults, *(f"refs/heads/{name}" for name in ([named] if named else USUAL_BRANCHES))]
    pushed = [f"{begun}...{ends}"] if begun and ends else []
    for compared in [*pushed, *bases]:
        options = ["--merge-base"] if compared in bases else []
        with suppress(run_git.GitError):
            listing = run_git.run(["diff", *_NAMES_ONLY, *options], config.root, names=[compared])
            return tuple(listing.decode("utf-8", "surrogateescape").split("\0")[:-1])
    return None


def last_run(path: Path, project: Path | None = None) -> tuple[Report, RunMeasurements] | tuple[None, None]:
    """Return the last local run and its measurements; None if there is no report.

    The schema is not checked, because that takes longer than everything else here; the figures that the hook uses are
    checked by columns. Raises ReportError for a file that is no report.
    """
    try:
        report = from_json(json.loads(read_bytes(path, REPORT_BYTES, project), parse_constant=_refuse_constant))
        totals = [
            getattr(report.totals, part.name) for part in fields(report.totals) if part.name.endswith(("_j", "_g"))
        ]
        uses = [use for feature in report.features.values() for use in (feature.energy_j, feature.emissions_g)]
        numbers = [*totals, *uses, *report.grid.g_per_kwh, report.machine.full_speed]
        if not {*map(type, numbers)} <= {int, float, type(None)}:
            raise ReportError("one of its figures is no number")
        return report, run_measurements.from_json(run_measurements.to_json(run_measurements.measurements_of(report)))
    except FileNotFoundError:
        return None, None
    except (*_NO_REPORT, OSError) as error:
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise ReportError(
            f"{path} cannot be read as a carbon report ({why}); make a new one with pytest --carbon"
        ) from error


def _refuse_constant(name: str) -> float:
    raise ReportError(f"it holds {name}, which is no number")


def _ledger_warnings(
    config: Config, budgets: Sequence[Budget], report: Report | None, now: datetime, notes: list[str]
) -> list[str]:
    """Return the warnings about budgets near their end and about growth; files that cannot be read become a note."""
    windows = [budget for budget in budgets if budget.limit is not None]
    growing = [budget for budget in budgets if budget.growth is not None]
    if not windows and not (growing and report):
        return []
    ledger = find_offline_ledger(config)
    since = now - history_needed(windows, now)
    content = read_tree.read(ledger, since.date(), (now + timedelta(days=1)).date(), now)
    if content.skipped:
        files, first = count_text(len(content.skipped), "file"), content.skipped[0]
        notes.append(f"{files} of the ledger could not be read, such as {first.path}: {first.reason}")
    entries = [entry for entry in apply_corrections(content.records) if parse_time(entry.started) <= now]
    overrides = [record for record in content.records if isinstance(record, Override)]
    warnings = _status_warnings(config, windows, entries, overrides, now)
    if growing and report and _environment_in_ledger(report, entries):
        warnings += _growth_warnings(config, growing, report, ledger, now)
    return warnings


def _status_warnings(
    config: Config, budgets: Sequence[Budget], entries: Sequence[Entry], overrides: Sequence[Override], now: datetime
) -> list[str]:
    g_per_kwh = _grid_g_per_kwh(config, budgets, entries) if entries else None
    warnings = []
    for budget in budgets:
        accepted = accept_overrides(budget, overrides).overrides
        status = budget_status(budget, entries, accepted, now, g_per_kwh)
        warnings.append(budget_warning(budget, status, now) if status else None)
    return [warning for warning in warnings if warning]


def _environment_in_ledger(report: Report, entries: Sequence[Entry]) -> bool:
    """Return whether the ledger has a run of the report's environment; without one its baselines are not read."""
    digest = fingerprint_digest(report.machine.fingerprint)
    return any(entry.fingerprint == digest for entry in entries)


def _grid_g_per_kwh(config: Config, budgets: Sequence[Budget], entries: Sequence[Entry]) -> float | None:
    """Return the grid factor for work in g/kWh: that of the newest run in the policy's zone, else of the tables.

    None if no limit in grams needs a grid factor, or if the factor is unknown.
    """
    if not any(budget.limit and budget.limit.kind == "mass" and budget.g_per_kwh is None for budget in budgets):
        return None
    same = [entry for entry in entries if not entry.grid_assumed and entry.grid_zone == config.zone]
    if same:
        return same[-1].grid_g_per_kwh
    from pytest_carbon.usecases.configured_grid import configured_grid_factor

    return configured_grid_factor(config).known_g_per_kwh


def _growth_warnings(
    config: Config, budgets: Sequence[Budget], report: Report, ledger: LedgerTree, now: datetime
) -> list[str]:
    from pytest_carbon.core.compare.estimate import sigmas_needed
    from pytest_carbon.core.judge import budget_rules
    from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
    from pytest_carbon.core.judge.holder_growth import HolderGrowth
    from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
    from pytest_carbon.core.records.run_entry import RunSource

    branch = default_branch(config)
    baseline = [run for _, run in read_tree.branch_baselines(ledger, branch, now)[0][: config.ledger.runs]]
    inputs = VerdictInputs(
        report, RunSource(), config.policy, config.source, report.grid, branch, now, baseline=tuple(baseline)
    )
    comparison = BaselineComparison(inputs)
    below_repository = [budget for budget in budgets if budget.feature or budget.team]
    warnings = []
    for budget in budgets:
        features = budget.children or ([budget.feature] if budget.feature else None)
        sigmas = sigmas_needed(len(below_repository)) if budget in below_repository else sigmas_needed()
        growth = comparison.growth_of(features, budget.growth, sigmas)
        if growth.state in ("costlier", "suspicious"):
            warnings.append(budget_rules.check_growth(budget, growth, HolderGrowth(comparison).why_advisory).reason)
    return warnings
