"""``ledger override``: lets a holder pass in spite of its budget, as debt on the next window."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options
from pytest_carbon.cli.shared.new_record import append_record, format_time, new_record_id
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "override",
        _override,
        summary="let a feature pass in spite of its budget, as debt",
        description="Grant an override. It needs a reason and an approver who is not the author. All overrides of a "
        "window together may use at most 10 % of the budget, and each holds for at most 7 days. The amount becomes "
        "debt: it is taken off the next month or quarter, or off a window of days at once.",
        example='pytest-carbon ledger override checkout --amount "5 g" --reason "release 2.0" --author ann '
        "--approver bob --pr 7",
    )
    parser.add_argument("feature", metavar="NAME", help="the feature or team, or repository")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why the change cannot wait")
    parser.add_argument("--author", metavar="NAME", required=True, help="who asks for the override")
    parser.add_argument("--approver", metavar="NAME", required=True, help="who approves it: somebody else")
    parser.add_argument("--amount", metavar="AMOUNT", required=True, help='how much may be used, such as "5 g"')
    parser.add_argument("--days", metavar="N", type=int, default=7, help="how many days it holds (default: 7)")
    parser.add_argument("--commit", metavar="COMMIT", help="only for this commit")
    parser.add_argument(
        "--pr",
        metavar="N",
        type=int,
        help="only for this pull request, and then also for its "
        "limits per run and on growth; check needs the same --pr",
    )
    options.add_ledger_options(parser)


def _override(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, accept_overrides
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.policy.find_holder import budget_over_window
    from pytest_carbon.core.quantities import parse_quantity
    from pytest_carbon.core.records.ledger_records import Override
    from pytest_carbon.usecases.ledger_history import read_history

    config, now = options.load_project_config(), options.read_now(arguments)
    budget = budget_over_window(arguments.feature, config.policy)
    amount = parse_quantity(arguments.amount, "--amount")
    if not 1 <= arguments.days <= LONGEST_OVERRIDE.days:
        raise ConfigError(
            f"--days is {arguments.days}; an override holds for at least 1 and at most {LONGEST_OVERRIDE.days} days"
        )
    override = Override(
        id=new_record_id(now, "override"),
        feature=arguments.feature,
        granted=format_time(now),
        expires=format_time(now + timedelta(days=arguments.days)),
        reason=arguments.reason,
        author=arguments.author,
        approver=arguments.approver,
        amount=amount.value,
        kind=amount.kind,
        commit=_full_commit(arguments.commit, config),
        pr=arguments.pr,
    )
    ledger = options.open_chosen_ledger(arguments, config, now, may_begin=True)
    earlier = read_history(ledger, config.budgets, now + timedelta(seconds=1)).overrides
    earlier_refusals = accept_overrides(budget, earlier).refusals
    refusals = accept_overrides(budget, [*earlier, override]).refusals
    new_refusal = next((refusal for refusal in refusals if refusal not in earlier_refusals), None)
    if new_refusal:
        raise ConfigError(new_refusal)
    meaning = f"{arguments.feature} may use {amount.text} more until {override.expires}"
    if override.pr is None:
        meaning += "; without --pr it excuses no limit per run and no growth"
    append_record(ledger, override, meaning, as_json=arguments.json)
    return 0


def _full_commit(commit: str | None, config: Config) -> str | None:
    """Return the full hash of a commit of this clone, or a full hash as it is.

    Raises ConfigError for an abbreviation or a name that this clone does not know.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git

    full_hash = commit and run_git.find_commit(commit, config.root)
    if commit and not full_hash and len(commit) not in (40, 64):
        raise ConfigError(f"--commit is {commit!r}, which is no commit of this clone; fetch it, or write its full hash")
    return full_hash or commit
