"""An account -> rows of text: sorting, cutting and rounding happen here, once, for every reporter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_carbon.core.accounts.values.account import Account, Intensity, Month, Objective, PullCost, Wasted
from pytest_carbon.core.accounts.values.wording import amount_of_limit, amount_text, day_text, month_text, range_text
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import Kind, format_amount
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, left, share_text, used_text

_LEVELS = {"repository": "whole repository", "team": "team ", "feature": ""}


class TextTable(NamedTuple):
    """A table of text."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


class AccountLine(NamedTuple):
    """One line of the table of all: how full its budget is, and where that stands; empty without a budget."""

    name: str
    label: str
    share: float | None
    used: str
    state: str
    left: str
    exhausted: str
    month: str


def label(account: Account) -> str:
    """Name a holder; the repository has no name of its own."""
    name = "" if account.level == "repository" else words.shorten(account.name, words.NAME_CELLS)
    return _LEVELS[account.level] + name


def account_line(account: Account, made: str) -> AccountLine:
    """Return the line of one holder."""
    standing = account.standing
    month = account.months[-1] if account.months else None
    return AccountLine(
        name=account.name,
        label=label(account),
        share=standing.used if standing and not standing.unmeasured else None,
        used=_used(standing) if standing else "",
        state=state_name(standing),
        left=left(standing) if standing else "",
        exhausted=exhaustion_text(account, made),
        month=_emitted(month) if month else UNKNOWN,
    )


def state_name(standing: BudgetStatus | None) -> str:
    """Name the state of a budget; where nothing is known of its runs, nobody can tell one."""
    return "no budget" if standing is None else UNKNOWN if standing.unmeasured else standing.state


def index_table(accounts: Sequence[Account], made: str) -> TextTable:
    """Return a line for every holder."""
    lines = [account_line(account, made) for account in accounts]
    return _without_empty_columns(
        {
            "Feature": [line.label for line in lines],
            "Budget used": [line.used for line in lines],
            "State": [line.state for line in lines],
            "Left": [line.left for line in lines],
            "Exhausted": [line.exhausted for line in lines],
            "This month": [line.month for line in lines],
        }
    )


def account_tables(account: Account, made: str) -> list[TextTable]:
    """Return all tables of an account that have something to tell."""
    found = [
        TextTable(("Budget", ""), budget_facts(account, made)),
        months_table(account),
        intensities_table(account.intensities),
        pulls_table(account.cost_most, made, "Cost most"),
        pulls_table(account.saved_most, made, "Saved most"),
        waste_table(account.wasted),
    ]
    return [table for table in found if table.rows]


def _used(standing: BudgetStatus) -> str:
    if standing.unmeasured:
        return UNKNOWN
    return f"{used_text(standing)}: {amount_of_limit(standing.consumed, standing.limit, standing.kind)}"


def exhaustion_text(account: Account, made: str) -> str:
    """Say on which day a budget will likely be exhausted, or was; ``made`` is the day of telling."""
    standing = account.standing
    if standing is None or not standing.runs:
        return ""
    if standing.exhausted_in_s is None:
        return "not at this pace"
    day = f" on {day_text(account.exhausted_on, made)}" if account.exhausted_on else ""
    return f"already{day.replace(' on ', ', since ')}" if standing.state == "exhausted" else f"likely{day}"


def budget_facts(account: Account, made: str) -> list[tuple[str, str]]:
    """Return where a budget stands, as pairs of a word and what stands behind it; none without a budget."""
    standing = account.standing
    if standing is None:
        return []
    pace, time = words.burn(standing.burn)
    found = [
        ("Used", _used(standing)),
        ("Remaining", left(standing)),
        ("Owed for overrides", amount_text(standing.debt, standing.kind) if standing.debt else ""),
        ("Burn rate", f"{pace} {time}; at 1x a budget lasts exactly its window" if pace and standing.runs else ""),
        ("Likely outcome", _outcome(standing)),
        ("Exhausted", exhaustion_text(account, made)),
        ("Runs", _counted(standing)),
        ("Why it changed", standing.cause),
    ]
    return [(word, text) for word, text in found if text] + _override_facts(account, made)


def _counted(standing: BudgetStatus) -> str:
    unknown = f", and {standing.unknown_runs} whose use is not known" if standing.unknown_runs else ""
    return f"{standing.runs}{unknown}"


def _outcome(standing: BudgetStatus) -> str:
    """Say where the window will end: by calendar this one, else the next."""
    if standing.p10 is None or standing.p50 is None or standing.p90 is None:
        return ""
    low, middle, high = (format_amount(value, standing.kind, 2) for value in (standing.p10, standing.p50, standing.p90))
    end = "at the window's end" if standing.window in ("month", "quarter") else "in the next window"
    return f"{middle} {end}; one in ten below {low} (P10), one in ten above {high} (P90)"


def _override_facts(account: Account, made: str) -> list[tuple[str, str]]:
    return [
        (
            "Override",
            words.shorten(
                f"{amount_text(one.amount, one.kind)} until {day_text(one.expires, made)}"
                f"{' in another repository' if one.elsewhere else ''}, approved by {one.approver}: {one.reason}",
                words.TEXT_CELLS,
            ),
        )
        for one in account.overrides
    ]


def months_table(account: Account) -> TextTable:
    """Return the months, the newest first; a column in which nothing stands is left out."""
    kind = account.standing.kind if account.standing else "mass"
    own = account.months[::-1]
    return _without_empty_columns(
        {
            "Month": [month_text(month.month) + ("" if month.over else ", so far") for month in own],
            "CO2e": [_emitted(month) for month in own],
            "Of its budget": [_of_budget(month, kind) for month in own],
            "Change": ["" if month.change is None else f"{words.distinct_percent(month.change, 0)} %" for month in own],
            "Scope 1": [_grams(month.scope_1_g) if month.scope_3_g is not None else "" for month in own],
            "Scope 2": [_grams(month.scope_2_g) if month.scope_3_g is not None else "" for month in own],
            "Scope 3": [_grams(month.scope_3_g) if month.scope_3_g is not None else "" for month in own],
            "No scope known": [_grams(month.unscoped_g) if month.unscoped_g else "" for month in own],
            "Runs": [_runs(month) for month in own],
            "Pull requests": [str(month.pulls) for month in own],
        }
    )


def _without_empty_columns(columns: Mapping[str, Sequence[str]]) -> TextTable:
    told = {title: cells for title, cells in columns.items() if any(cells)}
    return TextTable(list(told), list(zip(*told.values(), strict=True)))


def _emitted(month: Month) -> str:
    if month.emissions_g is None:
        return UNKNOWN if month.runs else "no runs"
    return range_text(month.emissions_g)


def _of_budget(month: Month, kind: Kind) -> str:
    if month.budget is None:
        return ""
    if month.consumed is None:
        return UNKNOWN
    used = share_text(month.consumed / month.budget, month.uncounted_runs)
    return f"{used} of {format_amount(month.budget, kind)}"


def _grams(mass_g: float | None) -> str:
    return UNKNOWN if mass_g is None else format_amount(mass_g, "mass", 2)


def _runs(month: Month) -> str:
    return f"{month.runs} ({month.unknown_runs} {UNKNOWN})" if month.unknown_runs else str(month.runs)


def intensities_table(found: Sequence[Intensity]) -> TextTable:
    """Return the software carbon intensities."""
    return TextTable(
        ("Carbon intensity (SCI)", "CO2e", "Rests on"),
        [(f"per {one.per}", range_text(one.emissions_g), words.count(one.count, one.per)) for one in found],
    )


def pulls_table(costs: Sequence[PullCost], made: str, title: str = "Pull request") -> TextTable:
    """Return pull requests, each named ``#12``: what its runs used, and what it adds to those after it."""
    return TextTable(
        (title, "Its own runs (sunk)", "Later runs, a window (recurring)", "Runs", "Merged"),
        [
            (f"#{cost.pr}", _grams(cost.sunk_g), recurring_text(cost), str(cost.runs),
             day_text(cost.merged, made) if cost.merged else "no")
            for cost in costs
        ],
    )  # fmt: skip


def recurring_text(cost: PullCost) -> str:
    """Say what the change of a pull request adds to a window, with how sure that is."""
    if cost.merged is None:
        return "not merged"
    if cost.sureness == "unknown":
        return UNKNOWN
    if cost.recurring_g is None:
        return "no change seen" if cost.sureness == "sure" else "no change seen yet"
    sign = "+" if cost.recurring_g > 0 else ""
    return f"{sign}{format_amount(cost.recurring_g, 'mass', 2)}" + ("" if cost.sureness == "sure" else ", not sure")


def waste_table(found: Wasted) -> TextTable:
    """Return what came to nothing; no rows where nothing did."""
    rows = [
        ("Cancelled before the end", found.cancelled_runs, found.cancelled_g),
        ("Overtaken by a newer commit", found.superseded_runs, found.superseded_g),
        ("Run again", found.rerun_runs, found.rerun_g),
    ]
    told = [(name, str(runs), _grams(grams)) for name, runs, grams in rows if runs]
    told += [("Of these, not known and in no sum", str(found.unknown_runs), UNKNOWN)] if found.unknown_runs else []
    return TextTable(("What came to nothing", "Runs", "CO2e"), told)


def consumer_lines(account: Account) -> list[tuple[str, str, str]]:
    """Say what alone took more than a fifth of the budget: what that is, its name, and how much it was."""
    return [
        (
            "Pull request" if one.kind == "pull request" else "The job",
            words.shorten(one.name, words.NAME_CELLS),
            f"alone took {words.share(one.share)} of the budget, in {words.count(one.runs, 'run')}",
        )
        for one in account.causes
    ]


def objectives_table(found: Sequence[Objective], made: str) -> TextTable:
    """Return the objectives of teams and owners."""
    return TextTable(
        ("Objective", "Of", "Measured", "Target", "Began at", "Now", "Likely then", "State"),
        [
            (words.shorten(one.name, words.TEST_CELLS), words.shorten(one.holder, words.NAME_CELLS), one.measure,
             f"{_figure(one.target, one)} by {day_text(one.by, made)}", _figure(one.start, one),
             _figure(one.now, one), _figure(one.projected, one), one.state)
            for one in found
        ],
    )  # fmt: skip


def _figure(value: float | None, one: Objective) -> str:
    if value is None:
        return UNKNOWN
    return words.share(value) if one.unit == "share" else format_amount(value, "mass")


def coverage_lines(account: Account) -> list[str]:
    """Return how complete and how sure the figures are."""
    return [words.shorten(text, words.TEXT_CELLS) for text in account.coverage]
