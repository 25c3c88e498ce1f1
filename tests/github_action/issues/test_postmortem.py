"""Post-mortem issues: one for each large cause and window, with a fitting list of actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from github_action.issues import postmortem
from tests.github_action.issues.samples import account, accounts, cause
from tests.github_action.issues.shop import Shop
from tests.github_action.publish.cases import HOSTILE

PULL = "Carbon post-mortem: pull request #12"
EXPECTED = """<!-- pytest-carbon:cause=pull%20request%20%2312 v=1 -->
<!-- state {"day":"2026-06-15"} -->
Pull request #12 used 31 % of the carbon budget of checkout and 24 % of the carbon budget of shop in one window: \
620 g CO2e, in 14 runs.

More than 20 % of a budget for one pull request or job is worth a look back, without blame: what happened, and what \
prevents it next time? There is one such issue per cause and window, and its text is not updated.

**What to do**

- [ ] Check how often it was pushed and which tests grew; `pytest-carbon explain` names the tests.
- [ ] Let a newer push cancel the runs of the older push: `concurrency` with `cancel-in-progress: true`.
- [ ] For drafts, do not run the whole suite, or run only the tests of the changed code.
- [ ] Cache what every run builds or downloads again.
- [ ] If it also made the default branch costlier, make the tests cheaper again, or revert it.
- [ ] Write down here what you did, and close this issue.

**Reports on these budgets**

- checkout: #1
- shop: #2

@checkout-team @octo/shop
"""
OF_A_JOB = """The job `nightly` used 25 % of the carbon budget of checkout in one window: 500 g CO2e, in 14 runs.

More than 20 % of a budget for one pull request or job is worth a look back, without blame: what happened, and what \
prevents it next time? There is one such issue per cause and window, and its text is not updated.

**What to do**

- [ ] Does somebody read the results of this job? If nobody does, switch it off.
- [ ] If it runs on a schedule, run it less often; if it runs on every push, limit it to the paths it tests (`paths:`).
- [ ] Check whether it is run again and again because of a flaky test: fix the test, and limit the retries.
- [ ] Give it a time limit (`timeout-minutes`), so that a run that hangs ends.
- [ ] Cache what every run builds or downloads again.
- [ ] Write down here what you did, and close this issue.

@checkout-team"""


def test_postmortem_of_a_pull_request(shop: Shop) -> None:
    """One issue names all budgets that it used much of, and mentions their owners."""
    team = account("shop", level="team", owners=("@octo/shop",), causes=(cause(share=0.24),))
    shop.update(account(causes=(cause(),)), team)
    assert shop.body(PULL) == EXPECTED
    assert shop.repo.threads[shop.issue(PULL)].labels == ["carbon-postmortem"]


def test_postmortem_of_a_job() -> None:
    """A job gets the list of actions for jobs."""
    (one,) = postmortem.find_large_causes(accounts(account(causes=(cause("nightly", 0.25),))))
    assert postmortem.text(one, []) == OF_A_JOB
    assert postmortem.title(one.consumer) == "Carbon post-mortem: job nightly"


def test_one_postmortem_in_a_window(shop: Shop) -> None:
    """A closed issue is neither repeated nor opened again in its window; the next window gets a new issue."""
    for day in ("2026-06-15", "2026-06-16", "2026-06-17"):
        shop.update(account(causes=(cause(),)), day=day)
        shop.repo.close_issue(shop.issue(PULL), by="ann")
    assert shop.repo.threads[shop.issue(PULL)].state == "closed"
    shop.hub.clock = shop.hub.clock.replace(month=7)
    shop.update(account(causes=(cause(),), first="2026-07-01"), day="2026-07-02")
    assert [thread.state for thread in shop.repo.threads.values() if thread.title == PULL] == ["closed", "open"]


@pytest.mark.parametrize(
    ("clock", "firsts", "asked"),
    [
        ("2026-05-31T16:00:00", ["2026-06-01"] * 3, 1),  # of Tokyo: June has begun there
        ("2026-06-01T02:00:00", ["2026-05-01", "2026-06-01", "2026-06-01"], 2),  # of New York: May goes on there
    ],
)
def test_windows_of_other_time_zones(shop: Shop, clock: str, firsts: list[str], asked: int) -> None:
    """There is one issue for each window, although windows have time zones and GitHub's times are UTC."""
    shop.hub.clock = datetime.fromisoformat(f"{clock}+00:00")
    for first in firsts:
        one = account(causes=(cause(),), first=first)
        shop.update(replace(one, window_days=(first, f"{first[:8]}{30 + (first[6] == '5')}")), day=clock[:10])
        shop.hub.clock += timedelta(hours=3)
    assert len([one for one in shop.repo.threads.values() if one.title == PULL]) == asked


@pytest.mark.parametrize("title", [PULL, "Why pull request 12 was dear"])
def test_found_by_its_marker(shop: Shop, title: str) -> None:
    """An edited title makes no difference, and a person's issue of the same title is not ours."""
    shop.update(account(causes=(cause(),)))
    shop.repo.threads[shop.issue(PULL)].title = title
    shop.repo.open_issue(PULL, "ann", EXPECTED, ["carbon-postmortem"])
    shop.update(account(causes=(cause(),)), day="2026-06-16")
    assert len([value for value in shop.repo.threads.values() if "carbon-postmortem" in value.labels]) == 2


def test_lost_label_makes_no_second_one(shop: Shop) -> None:
    """A person removed the label: the cause has its issue all the same, also if it was closed."""
    shop.update(account(causes=(cause(),)))
    number = shop.issue(PULL)
    shop.repo.unlabel(number, "carbon-postmortem", by="ann")
    shop.repo.threads[number].state = "closed"
    before = len(shop.repo.threads)
    shop.update(account(causes=(cause(),)), day="2026-06-16")
    assert len(shop.repo.threads) == before


def test_no_large_cause(shop: Shop) -> None:
    """A share of exactly a fifth is not large, and a holder without a budget has no shares."""
    shop.update(account(causes=(cause(share=0.2),)), account("search", window="", causes=(cause(),)))
    assert shop.hub.asked("POST", "/issues$")[-1].body["title"] == "Carbon budgets"
    assert len(shop.repo.threads) == 3
    assert len([r for r in shop.hub.asked("GET", "/issues$") if "postmortem" in r.query]) == 0


def test_refused_label(shop: Shop) -> None:
    """If the label cannot be created, the problem is noted and the index is updated."""
    shop.update(account())
    shop.hub.fault("POST", "/labels$", status=404, times=None)
    (problem,) = shop.update(account(used=0.64, causes=(cause(),)))
    assert problem.startswith(f"the issue of {PULL} is not up to date: POST repos/octo/shop/labels was answered")
    assert "64&nbsp;%" in shop.body("Carbon budgets")


def test_hostile_names() -> None:
    """The name of a job comes from a ledger: it has no effect in title, text and marker."""
    blamed = postmortem.find_large_causes(accounts(account(HOSTILE, causes=(replace(cause("nightly"), name=HOSTILE),))))
    text = f"<!-- pytest-carbon:{blamed[0].key} v=1 -->\n{postmortem.text(blamed[0], [(HOSTILE, 1)])}"
    assert text.count("<!--") == text.count("-->") == 1
    assert "@octocat" not in text
    assert "http://" not in text
    assert postmortem.title(blamed[0].consumer).isprintable()
    assert len(postmortem.title(blamed[0].consumer)) < 256
    odd = postmortem.find_large_causes(accounts(account(causes=(replace(cause(), name="#12 #13"),))))
    assert "Pull request `#12 #13` used" in postmortem.text(odd[0], [])
