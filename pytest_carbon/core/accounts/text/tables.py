"""Accounts as tables of text; every reporter takes its sorting, shortening and rounding from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_carbon.core.accounts.text.bridge import change_table
from pytest_carbon.core.accounts.text.change_sentence import caused_text
from pytest_carbon.core.accounts.values.account import Account, Intensity, Month, Objective, PullCost, Wasted
from pytest_carbon.core.accounts.values.wording import amount_of_limit, amount_text, day_text, month_text, range_text
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import Kind, format_amount
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, least_share_text, remaining_text, used_share_text

_LEVELS = {"repository": "whole repository", "team": "team ", "feature": ""}


class TextTable(NamedTuple):
    """Column titles and rows of cells."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


class AccountLine(NamedTuple):
    """One line of the index of all holders; texts on the budget are empty without a budget, ``share`` is None."""

    name: str
    label: str
    share: float | None
    used: str
    state: str
    left: str
    exhausted: str
    month: str


def label(account: Account) -> str:
    """Return a holder's name with its level; the repository has no name of its own."""
    name = "" if account.level == "repository" else words.shorten(account.name, words.NAME_CELLS)
    return _LEVELS[account.level] + name


def account_line(account: Account, made: str) -> AccountLine:
    """Return the index line of one holder."""
    status = account.standing
    month = account.months[-1] if account.months else None
    return AccountLine(
        name=account.name,
        label=label(account),
        share=status.used if status and not status.unmeasured else None,
        used=_used(status) if status else "",
        state=state_name(account),
        left=remaining_text(status) if status else "",
        exhausted=exhaustion_text(account, made),
        month=_emitted(month) if month else UNKNOWN,
    )


def state_name(account: Account) -> str:
    """Return the state of a budget, "not known" if the use of all its runs is unknown."""
    status = account.standing
    if status is None:
        return "no window" if account.other_limits else "no budget"
    return UNKNOWN if status.unmeasured else status.state


def index_table(accounts: Sequence[Account], made: str) -> TextTable:
    """Return one row per holder."""
    lines = [account_line(account, made) for account in accounts]
    return _without_empty_columns(
        {
            "Holder": [line.label for line in lines],
            "Budget used": [line.used for line in lines],
            "State": [line.state for line in lines],
            "Left": [line.left for line in lines],
            "Will be exhausted": [line.exhausted for line in lines],
            "This month": [line.month for line in lines],
        }
    )


def account_tables(account: Account, made: str) -> list[TextTable]:
    """Return all tables of an account that have rows."""
    tables = [
        TextTable(("Budget", ""), budget_facts(account, made)),
        TextTable(*change_table(account)),
        months_table(account),
        intensities_table(account.intensities),
        pulls_table(account.cost_most, made, "Cost most"),
        pulls_table(account.saved_most, made, "Saved most"),
        waste_table(account.wasted),
    ]
    return [table for table in tables if table.rows]


def _used(status: BudgetStatus) -> str:
    if status.unmeasured:
        return UNKNOWN
    return f"{used_share_text(status)}: {amount_of_limit(status.consumed, status.limit, status.kind)}"


def exhaustion_text(account: Account, made: str) -> str:
    """Return when a budget was or will likely be exhausted, empty without runs; ``made`` is today's date."""
    status = account.standing
    if status is None or not status.runs:
        return ""
    if status.exhausted_in_s is None:
        return "not at the present pace"
    day = f" on {day_text(account.exhausted_on, made)}" if account.exhausted_on else ""
    return f"already{day.replace(' on ', ', since ')}" if status.state == "exhausted" else f"likely{day}"


def budget_facts(account: Account, made: str) -> list[tuple[str, str]]:
    """Return the status of a budget as pairs of a term and its text; no pairs without a budget."""
    status = account.standing
    if status is None:
        return []
    pace, time = words.burn_rate_text(status.burn)
    pairs = [
        ("Used", _used(status)),
        ("Remaining", _remaining(status)),
        ("Debt from overrides", amount_text(status.debt, status.kind) if status.debt else ""),
        ("Burn rate", f"{pace} {time}; at 1x a budget lasts exactly its window" if pace and status.runs else ""),
        ("Forecast", _forecast(status)),
        ("Will be exhausted", exhaustion_text(account, made)),
        ("Runs", _run_count(status)),
    ]
    return [(term, text) for term, text in pairs if text] + _override_facts(account, made)


def _remaining(status: BudgetStatus) -> str:
    if status.unmeasured or status.remaining >= 0:
        return remaining_text(status)
    least = "at least " if status.unknown_runs else ""
    return f"nothing; the limit is exceeded by {least}{format_amount(-status.remaining, status.kind, 2)}"


def _run_count(status: BudgetStatus) -> str:
    unknown = f", and {status.unknown_runs} of unknown use" if status.unknown_runs else ""
    return f"{status.runs}{unknown}"


def _forecast(status: BudgetStatus) -> str:
    """Return the forecast: of a calendar window's end, or of the next rolling window."""
    if status.p10 is None or status.p50 is None or status.p90 is None:
        return ""
    low, middle, high = (format_amount(value, status.kind, 2) for value in (status.p10, status.p50, status.p90))
    end = "at the window's end" if status.window in ("month", "quarter") else "in the next window"
    return f"{middle} {end} (P50); from how days differ, 80 % likely between {low} (P10) and {high} (P90)"


def _override_facts(account: Account, made: str) -> list[tuple[str, str]]:
    return [
        (
            "Override",
            words.shorten(
                f"{amount_text(override.amount, override.kind)} until {day_text(override.expires, made)}"
                f"{' in another repository' if override.elsewhere else ''}, approved by {override.approver}: "
                f"{override.reason}",
                words.TEXT_CELLS,
            ),
        )
        for override in account.overrides
    ]


def months_table(account: Account) -> TextTable:
    """Return the months, newest first; empty columns are left out."""
    kind = account.standing.kind if account.standing else "mass"
    own = account.months[::-1]
    return _without_empty_columns(
        {
            "Month": [month_text(month.month) + ("" if month.over else ", so far") for month in own],
            "CO2e": [_emitted(month) for month in own],
            "Budget used": [_of_budget(month, kind) for month in own],
            "Change": ["" if month.change is None else f"{words.distinct_percent(month.change, 0)} %" for month in own],
            "Scope 1": [_grams(month.scope_1_g) if month.scope_3_g is not None else "" for month in own],
            "Scope 2": [_grams(month.scope_2_g) if month.scope_3_g is not None else "" for month in own],
            "Scope 3": [_grams(month.scope_3_g) if month.scope_3_g is not None else "" for month in own],
            "Unknown scope": [_grams(month.unscoped_g) if month.unscoped_g else "" for month in own],
            "Runs": [_runs(month) for month in own],
            "Pull requests": [str(month.pulls) for month in own],
        }
    )


def _without_empty_columns(columns: Mapping[str, Sequence[str]]) -> TextTable:
    filled = {title: cells for title, cells in columns.items() if any(cells)}
    return TextTable(list(filled), list(zip(*filled.values(), strict=True)))


def _emitted(month: Month) -> str:
    if month.emissions_g is None:
        return UNKNOWN if month.runs else "no runs"
    return range_text(month.emissions_g)


def _of_budget(month: Month, kind: Kind) -> str:
    if month.budget is None:
        return ""
    if month.consumed is None:
        return UNKNOWN
    used = least_share_text(month.consumed / month.budget, month.uncounted_runs)
    return f"{used} of {format_amount(month.budget, kind)}"


def _grams(mass_g: float | None) -> str:
    return UNKNOWN if mass_g is None else format_amount(mass_g, "mass")


def _runs(month: Month) -> str:
    return f"{month.runs} ({month.unknown_runs} {UNKNOWN})" if month.unknown_runs else str(month.runs)


def intensities_table(intensities: Sequence[Intensity]) -> TextTable:
    """Return the software carbon intensities."""
    return TextTable(
        ("Carbon intensity (SCI)", "CO2e", "Based on"),
        [(f"per {sci.per}", range_text(sci.emissions_g), words.count_text(sci.count, sci.per)) for sci in intensities],
    )


def pulls_table(costs: Sequence[PullCost], made: str, title: str = "Pull request") -> TextTable:
    """Return pull requests, each named ``#12``: where they changed runs, and what they cost the holder."""
    return _without_empty_columns(
        {
            title: [f"#{cost.pr}" for cost in costs],
            "Own runs (sunk)": [_grams(cost.sunk_g) for cost in costs],
            "Caused in": [caused_text(cost.caused_in, changed=cost.recurring_g is not None) for cost in costs],
            "Later runs, per expected window (recurring)": [recurring_text(cost) for cost in costs],
            "Runs": [str(cost.runs) for cost in costs],
            "Merged": [day_text(cost.merged, made) if cost.merged else "no" for cost in costs],
        }
    )


def recurring_text(cost: PullCost) -> str:
    """Return what a pull request's change adds to a window, by how much each run changed, and how sure that is."""
    if cost.merged is None:
        return "not merged"
    if cost.sureness == "unknown":
        return UNKNOWN
    if cost.recurring_g is None:
        return "no change" if cost.sureness == "sure" else "no change so far"
    sign = "+" if cost.recurring_g > 0 else ""
    each = "" if cost.per_run is None else f" ({words.distinct_percent(cost.per_run, 0, [0.0])} % per run)"
    sure = "" if cost.sureness == "sure" else ", not sure"
    return f"{sign}{format_amount(cost.recurring_g, 'mass', 2)}{each}{sure}"


def waste_table(wasted: Wasted) -> TextTable:
    """Return the wasted runs by reason; no rows if no run was wasted."""
    reasons = [
        ("Cancelled", wasted.cancelled_runs, wasted.cancelled_g),
        ("Superseded by a newer commit", wasted.superseded_runs, wasted.superseded_g),
        ("Run again", wasted.rerun_runs, wasted.rerun_g),
    ]
    rows = [(reason, str(runs), _grams(grams)) for reason, runs, grams in reasons if runs]
    rows += [("Of these, in no total", str(wasted.unknown_runs), UNKNOWN)] if wasted.unknown_runs else []
    return TextTable(("Wasted runs", "Runs", "CO2e"), rows)


def consumer_lines(account: Account) -> list[tuple[str, str, str]]:
    """Return the top consumers of the budget, each as its kind, its name and how much it used."""
    return [
        (
            "Pull request" if consumer.kind == "pull request" else "The job",
            words.shorten(consumer.name, words.NAME_CELLS),
            f"alone used {words.share_text(consumer.share)} of the budget, in {words.count_text(consumer.runs, 'run')}",
        )
        for consumer in account.causes
    ]


def objectives_table(objectives: Sequence[Objective], made: str) -> TextTable:
    """Return the objectives with their progress."""
    return TextTable(
        ("Objective", "Holder", "Measure", "Target", "Start", "Now", "Projected", "State"),
        [
            (words.shorten(goal.name, words.TEST_CELLS), words.shorten(goal.holder, words.NAME_CELLS), goal.measure,
             f"{objective_value(goal, goal.target)} by {day_text(goal.by, made)}", objective_value(goal, goal.start),
             objective_value(goal, goal.now), objective_value(goal, goal.projected), goal.state)
            for goal in objectives
        ],
    )  # fmt: skip


def objective_value(objective: Objective, value: float | None) -> str:
    """Return a value of an objective in its unit."""
    if value is None:
        return UNKNOWN
    return words.share_text(value) if objective.unit == "share" else format_amount(value, "mass")


def coverage_lines(account: Account) -> list[str]:
    """Return the sentences on data quality, shortened."""
    return [words.shorten(text, words.TEXT_CELLS) for text in account.coverage]
