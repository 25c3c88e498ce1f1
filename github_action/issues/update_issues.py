"""The stage ``summary``: writes the issues for product managers from the policy and ledger of the default branch."""

from __future__ import annotations

from github_action.api.client import quote_path_part
from github_action.issues.issue_board import IssueBoard
from github_action.issues.issue_tracker import IssueTracker
from github_action.judge.judge_context import JudgeContext
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.usecases.read_accounts import read_accounts


def update_issues(judge: JudgeContext, problems: list[str]) -> None:
    """Update all issues. Append to ``problems`` a sentence for each issue that cannot be updated.

    The policy and its owners are those of the newest commit of the default branch, whatever commit started this run.
    Raises CarbonError if no issue can be updated.
    """
    context = judge.context
    if not context.on_default_branch:
        raise ConfigError(f"issues are written for the default branch only, but this run is of {context.ref}")
    head = judge.client.get(f"repos/{context.repository}/branches/{quote_path_part(context.branch)}")
    config = judge.config_on_branch(str(head["commit"]["sha"]), context.branch)
    if not config.features and not config.budgets:
        raise ConfigError(f"the branch {context.branch} has no policy with a feature or a budget; see docs/issues.md")
    accounts = read_accounts(config, judge.ledger(config), judge.now)
    tracker = IssueTracker(judge.client, context.repository, judge.inputs.login)
    IssueBoard(tracker, accounts, frozenset(config.features), f"{judge.now:%Y-%m-%d}", problems).update()
