"""The stage ``summary``: what product managers are told in issues, from the policy and ledger of the default branch."""

from __future__ import annotations

from github_action.api.client import quote_path_part
from github_action.issues.issue_board import IssueBoard
from github_action.issues.issue_tracker import IssueTracker
from github_action.judge.judge_context import JudgeContext
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.usecases.account_ledger import read_accounts


def update_issues(judge: JudgeContext, problems: list[str]) -> None:
    """Bring all issues up to date; ``problems`` gets a sentence for each that is not. CarbonError where none can be.

    Policy and owners are those of the newest commit of the default branch, whatever commit this run is of.
    """
    context = judge.context
    if not context.on_default_branch:
        raise ConfigError(f"issues are written for the default branch only, and this run is of {context.ref}")
    head = judge.client.get(f"repos/{context.repository}/branches/{quote_path_part(context.branch)}")
    config = judge.config_on_branch(str(head["commit"]["sha"]), context.branch)
    if not config.features and not config.budgets:
        raise ConfigError(
            f"there is no policy with a feature or a budget in the branch {context.branch}; see docs/issues.md"
        )
    found = read_accounts(config, judge.ledger(config), judge.now)
    tracker = IssueTracker(judge.client, context.repository, judge.inputs.login)
    IssueBoard(tracker, found, frozenset(config.features), f"{judge.now:%Y-%m-%d}", problems).update()
