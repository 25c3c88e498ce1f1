"""A post-mortem issue: one pull request or job used a large part of the budget of a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from github_action.issues.issue_body import issue_key
from github_action.issues.wording import mentions
from pytest_carbon.core.accounts.values.account import TOP_CONSUMER_SHARE, Account, Accounts, TopConsumer
from pytest_carbon.core.accounts.values.wording import amount_text
from pytest_carbon.core.escape import code, markdown, visible
from pytest_carbon.core.verdict.wording import count_text, share_text, shorten

LABEL = "carbon-postmortem"
_NAME_CELLS = 150
_ACTIONS_FOR_PULL_REQUEST = (
    "Check how often it was pushed and which tests grew; `pytest-carbon explain` names the tests.",
    "Let a newer push cancel the runs of the older push: `concurrency` with `cancel-in-progress: true`.",
    "For drafts, do not run the whole suite, or run only the tests of the changed code.",
    "Cache what every run builds or downloads again.",
    "If it also made the default branch costlier, make the tests cheaper again, or revert it.",
)
_ACTIONS_FOR_JOB = (
    "Does somebody read the results of this job? If nobody does, switch it off.",
    "If it runs on a schedule, run it less often; if it runs on every push, limit it to the paths it tests (`paths:`).",
    "Check whether it is run again and again because of a flaky test: fix the test, and limit the retries.",
    "Give it a time limit (`timeout-minutes`), so that a run that hangs ends.",
    "Cache what every run builds or downloads again.",
)


class LargeCause(NamedTuple):
    """A pull request or job, with the holders of whose budgets it used a large part: features first, then teams."""

    consumer: TopConsumer
    holders: tuple[Account, ...]

    @property
    def key(self) -> str:
        """The key of the post-mortem issue."""
        return issue_key("cause", f"{self.consumer.kind} {self.consumer.name}")

    @property
    def since(self) -> str:
        """The first day of the longest window. An older issue of the same cause was about another window."""
        return self._longest_window.window_days[0]

    @property
    def _longest_window(self) -> Account:
        return min(self.holders, key=lambda holder: holder.window_days[0])

    def day_in_window(self, day: str) -> str:
        """Return the day of the window that is nearest to a day in UTC. The window has a time zone of its own."""
        first, last = self._longest_window.window_days
        return min(max(day, first), last)


def find_large_causes(accounts: Accounts) -> list[LargeCause]:
    """Return each pull request or job that used more of a budget than ``TOP_CONSUMER_SHARE``, once."""
    order = {"feature": 0, "team": 1, "repository": 2}
    pairs_by_cause: dict[tuple[str, str], list[tuple[TopConsumer, Account]]] = {}
    for account in sorted(accounts.accounts, key=lambda account: (order[account.level], account.name)):
        for consumer in account.causes:
            if consumer.share > TOP_CONSUMER_SHARE and account.standing is not None:
                pairs_by_cause.setdefault((consumer.kind, consumer.name), []).append((consumer, account))
    return [
        LargeCause(pairs[0][0], tuple(account for _, account in pairs)) for _, pairs in sorted(pairs_by_cause.items())
    ]


def title(consumer: TopConsumer) -> str:
    """Return the title of a new post-mortem issue."""
    return f"Carbon post-mortem: {consumer.kind} {shorten(visible(consumer.name), _NAME_CELLS)}"


def text(cause: LargeCause, issues: Iterable[tuple[str, int]]) -> str:
    """Return the text of the issue. ``issues`` are the names of the holders and the numbers of their issues."""
    actions = _ACTIONS_FOR_PULL_REQUEST if cause.consumer.kind == "pull request" else _ACTIONS_FOR_JOB
    tasks = [f"- [ ] {action}" for action in (*actions, "Write down here what you did, and close this issue.")]
    links = [f"- {markdown(shorten(name, _NAME_CELLS))}: #{number}" for name, number in issues]
    parts = [
        _sentence(cause.consumer, cause.holders),
        "More than 20 % of a budget for one pull request or job is worth a look back, without blame: what happened, "
        "and what prevents it next time? There is one such issue per cause and window, and its text is not updated.",
        "**What to do**",
        "\n".join(tasks),
        *(["**Reports on these budgets**", "\n".join(links)] if links else []),
        *filter(None, [mentions(owner for holder in cause.holders for owner in holder.owners)]),
    ]
    return "\n\n".join(parts)


def _sentence(consumer: TopConsumer, holders: Sequence[Account]) -> str:
    subject = f"Pull request {_name(consumer)}" if consumer.kind == "pull request" else f"The job {_name(consumer)}"
    shares = [_share(consumer, holder) for holder in holders]
    listed = shares[0] if len(shares) == 1 else f"{', '.join(shares[:-1])} and {shares[-1]}"
    grams = "" if consumer.emissions_g is None else f": {amount_text(consumer.emissions_g, 'mass')}"
    return f"{subject} used {listed} in one window{grams}, in {count_text(consumer.runs, 'run')}."


def _share(consumer: TopConsumer, holder: Account) -> str:
    own = next(cause for cause in holder.causes if (cause.kind, cause.name) == (consumer.kind, consumer.name))
    name = "the repository" if holder.level == "repository" else markdown(shorten(holder.name, _NAME_CELLS))
    return f"{share_text(own.share)} of the carbon budget of {name}"


def _name(consumer: TopConsumer) -> str:
    """Return the name as Markdown; only the number of a pull request becomes a link."""
    if consumer.kind == "pull request" and consumer.name.removeprefix("#").isdecimal():
        return f"#{consumer.name.removeprefix('#')}"
    return code(shorten(consumer.name, _NAME_CELLS))
