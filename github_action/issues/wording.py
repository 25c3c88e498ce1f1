"""The texts of issues: titles, comments on a change of state, and why an issue was closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from github_action.issues.state_changes import LEVELS, StateChange, months_in_window
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import amount_of_limit, amount_text, day_text, month_name, month_text
from pytest_carbon.core.escape import markdown, visible
from pytest_carbon.core.percentages import debt_time_text
from pytest_carbon.core.quantities import sum_or_unknown
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.core.verdict.wording import count_text, share_text, shorten

INDEX_TITLE = "Carbon budgets"
DUPLICATE = "This issue is closed because it duplicates #{}, which is older."
REMOVED = (
    "**The policy no longer names this feature or team.** Its carbon is not counted any more, and this issue is "
    "closed. The text below is the last one before that. If the policy names it again, this issue is opened again."
)
_WORSE_STATES = {
    LEVELS["at risk"]: "The budget is at risk: it is used too fast.",
    LEVELS["critical"]: "The budget is critical: at the present pace, it is exhausted soon.",
    LEVELS["exhausted"]: "The budget is exhausted.",
}
_TITLE_CELLS, _REASON_CELLS = 200, 300
_PERSON = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]{0,38}(/[A-Za-z0-9._-]{1,100})?", re.ASCII)


def issue_title(account: Account) -> str:
    """Return the title of a new issue; people may change it."""
    name = shorten(visible(account.name), _TITLE_CELLS)
    return f"Carbon report: team {name}" if account.level == "team" else f"Carbon report: {name}"


def mentions(owners: Iterable[str]) -> str:
    """Return the owners as mentions, which GitHub notifies. The owners must come from the default branch's policy."""
    named = [owner if owner.startswith("@") else f"@{owner}" for owner in owners]
    return " ".join(dict.fromkeys(owner for owner in named if _PERSON.fullmatch(owner)))


def comment_on_changes(account: Account, changes: Sequence[StateChange], day: str) -> str:
    """Return one comment that reports several changes of a holder and mentions its owners."""
    sentences = [_describe(account, change, day) for change in changes]
    return "\n\n".join([*sentences, *filter(None, [mentions(account.owners)])])


def _describe(account: Account, change: StateChange, day: str) -> str:
    sentence = markdown(account.sentence)
    if change.override is not None:
        return _describe_override(change.override, account, day)
    if change.kind == "closed":
        return f"**{_window_text(change.window)} is over.** {_final_figure(account, change.window)}"
    if change.kind == "recovered":
        return f"**The budget has recovered: less than 100 % of it is used.** {sentence}"
    return f"**{_WORSE_STATES[change.threshold]}** {sentence}"


def _describe_override(override: Override, account: Account, day: str) -> str:
    debt = f" This is debt {debt_time_text(account.standing.window)}." if account.standing is not None else ""
    target = " in another repository" if override.elsewhere else "" if override.pr is None else f" for #{override.pr}"
    approver, reason = markdown(override.approver.lstrip("@")), markdown(shorten(override.reason, _REASON_CELLS))
    return (
        f"**An override was granted{target}** by {approver}, valid until {day_text(override.expires, day)}. It borrows "
        f"{amount_text(override.amount, override.kind)}.{debt} Reason: {reason}"
    )


def _final_figure(account: Account, window: str) -> str:
    """Return a sentence on how much of its budget a closed calendar window used."""
    months = [month for month in account.months if month.month in months_in_window(window)]
    used, limit = sum_or_unknown(month.consumed for month in months), sum_or_unknown(month.budget for month in months)
    if not months or used is None or account.standing is None:
        return "It is not known how much was used."
    runs = sum(month.uncounted_runs for month in months)
    left_out = f" This does not include {count_text(runs, 'run')} whose use is not known." if runs else ""
    if not limit:
        return f"{amount_text(used, account.standing.kind)} was used.{left_out}"
    amount = amount_of_limit(used, limit, account.standing.kind)
    return f"{amount} was used, {share_text(used / limit)} of the budget.{left_out}"


def _window_text(window: str) -> str:
    months = months_in_window(window)
    if len(months) == 1:
        return month_text(months[0])
    return f"{month_name(months[0])} to {month_text(months[-1])}"
