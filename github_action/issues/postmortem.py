"""An issue that asks for a look back, where a single pull request or job took a large part of a window's budget."""

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
    "See in its runs which tests grew, and whether it pushed often: `pytest-carbon explain` names the tests.",
    "Let a newer push end the runs of the older one: `concurrency` with `cancel-in-progress: true`.",
    "Keep drafts from running the whole suite, or let them run the tests of what they change.",
    "Cache what every run builds or downloads anew.",
    "If it also made the default branch costlier, make that cheaper, or revert it.",
)
_ACTIONS_FOR_JOB = (
    "Is somebody reading what it says? If nobody does, switch it off.",
    "If it runs on a schedule, run it less often; if on every push, only for the paths that it is about (`paths:`).",
    "See whether it is run again and again because of a flaky test: mend that, and limit the retries.",
    "Give it a time limit (`timeout-minutes`), so that one that hangs ends.",
    "Cache what every run builds or downloads anew.",
)


class LargeCause(NamedTuple):
    """A cause, with those whose budget it took a large part of, the closest to a feature first."""

    consumer: TopConsumer
    holders: tuple[Account, ...]

    @property
    def key(self) -> str:
        """What its issue is found by."""
        return issue_key("cause", f"{self.consumer.kind} {self.consumer.name}")

    @property
    def since(self) -> str:
        """The day before which an issue of the same cause was about another window."""
        return self._longest_window.window_days[0]

    @property
    def _longest_window(self) -> Account:
        return min(self.holders, key=lambda one: one.window_days[0])

    def day_in_window(self, day: str) -> str:
        """Return a day in UTC as one of the window, which begins and ends by the time of its own zone."""
        first, last = self._longest_window.window_days
        return min(max(day, first), last)


def find_large_causes(accounts: Accounts) -> list[LargeCause]:
    """Return the causes above the share that asks for a post-mortem, each once."""
    order = {"feature": 0, "team": 1, "repository": 2}
    found: dict[tuple[str, str], list[tuple[TopConsumer, Account]]] = {}
    for account in sorted(accounts.accounts, key=lambda one: (order[one.level], one.name)):
        for cause in account.causes:
            if cause.share > TOP_CONSUMER_SHARE and account.standing is not None:
                found.setdefault((cause.kind, cause.name), []).append((cause, account))
    return [LargeCause(pairs[0][0], tuple(account for _, account in pairs)) for _, pairs in sorted(found.items())]


def title(cause: TopConsumer) -> str:
    """Return the title that the issue begins with."""
    return f"Carbon post-mortem: {cause.kind} {shorten(visible(cause.name), _NAME_CELLS)}"


def text(cause: LargeCause, issues: Iterable[tuple[str, int]]) -> str:
    """Return what the issue says. ``issues`` are those of the holders, by name and number."""
    cause = cause.consumer
    actions = _ACTIONS_FOR_PULL_REQUEST if cause.kind == "pull request" else _ACTIONS_FOR_JOB
    what = [f"- [ ] {action}" for action in (*actions, "Write down here what was done, and close this issue.")]
    links = [f"- {markdown(shorten(name, _NAME_CELLS))}: #{number}" for name, number in issues]
    parts = [
        _sentence(cause, cause.holders),
        "A single cause of more than 20 % of a budget asks for a look back, without blame: what happened, and what "
        "keeps it from happening again. This is asked once for a cause and a window, and this text is not changed.",
        "**What to do**",
        "\n".join(what),
        *(["**Where the budgets stand**", "\n".join(links)] if links else []),
        *filter(None, [mentions(owner for holder in cause.holders for owner in holder.owners)]),
    ]
    return "\n\n".join(parts)


def _sentence(cause: TopConsumer, holders: Sequence[Account]) -> str:
    which = f"Pull request {_name(cause)}" if cause.kind == "pull request" else f"The job {_name(cause)}"
    shares = [_share(cause, holder) for holder in holders]
    listed = shares[0] if len(shares) == 1 else f"{', '.join(shares[:-1])} and {shares[-1]}"
    grams = "" if cause.emissions_g is None else f": {amount_text(cause.emissions_g, 'mass')}"
    return f"{which} took {listed} in one window{grams}, in {count_text(cause.runs, 'run')}."


def _share(cause: TopConsumer, holder: Account) -> str:
    own = next(one for one in holder.causes if (one.kind, one.name) == (cause.kind, cause.name))
    whose = "the repository" if holder.level == "repository" else markdown(shorten(holder.name, _NAME_CELLS))
    return f"{share_text(own.share)} of the carbon budget of {whose}"


def _name(cause: TopConsumer) -> str:
    """Write a cause's name; only the number of a pull request becomes a link."""
    if cause.kind == "pull request" and cause.name.removeprefix("#").isdecimal():
        return f"#{cause.name.removeprefix('#')}"
    return code(shorten(cause.name, _NAME_CELLS))
