"""Our issues on GitHub: found by label, marker and login, and created once even if an answer is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from github_action.api.client import Client
from github_action.issues.issue_body import IssueBody, render_body
from github_action.issues.issue_tracker import IssueTracker
from pytest_carbon.core.errors import ConfigError
from tests.github_action.issues.samples import account
from tests.github_action.issues.shop import OUR_LOGIN, RIGHTS, Shop

CHECKOUT = "Carbon report: checkout"


@pytest.mark.parametrize(
    ("author", "labels", "change"),
    [
        ("ann", ["carbon-report"], str),
        ("ann", [], str),
        (OUR_LOGIN, ["carbon-report"], lambda body: body.replace("pytest-carbon:feature", "pytest-carbon feature")),
        (OUR_LOGIN, ["carbon-report"], lambda _: CHECKOUT),
        (None, ["carbon-report"], str),
    ],
    ids=[
        "of a person",
        "of a person, without the label",
        "without the mark",
        "the title alone",
        "of a deleted account",
    ],
)
def test_issue_of_somebody_else_is_not_changed(
    shop: Shop, author: str | None, labels: list[str], change: Callable[[str], str]
) -> None:
    """Only an issue with our marker and our login is ours."""
    shop.update(account())
    edited = change(shop.body())
    shop.repo.threads.clear()
    number = shop.repo.open_issue(CHECKOUT, author, edited, labels)
    shop.update(account(used=0.64))
    assert shop.repo.threads[number].body == edited
    assert shop.repo.threads[number].state == "open"
    assert len(shop.repo.threads) == 3


def test_issue_that_lost_its_label_is_still_the_one(shop: Shop) -> None:
    """A person removed the label, or renamed it: the issue is found by its author and marker, and gets the label."""
    shop.update(account())
    for number, thread in shop.repo.threads.items():
        shop.repo.unlabel(number, "carbon-report", by="ann")
        shop.repo.label(number, "reports", by="ann")
        assert thread.labels == ["reports"]
    shop.repo.open_issue("Work", OUR_LOGIN, "of another workflow", [])
    assert shop.update(account(used=0.64)) == []
    assert shop.open_titles() == [CHECKOUT, "Carbon budgets", "Work"]
    assert "64 %" in shop.body()
    assert [shop.repo.threads[n].labels for n in (1, 2, 3)] == [["reports", "carbon-report"]] * 2 + [[]]
    calls = shop.hub.api_calls
    shop.update(account(used=0.64))
    assert shop.hub.api_calls - calls == 1


def test_label_of_the_repository_in_another_case(shop: Shop) -> None:
    """GitHub keeps the first spelling of a label: issues with it are ours, and none is made twice."""
    shop.repo.define_label("Carbon-Report")
    for used in (0.3, 0.64):
        assert shop.update(account(used=used)) == []
    assert shop.open_titles() == [CHECKOUT, "Carbon budgets"]
    assert [thread.labels for thread in shop.repo.threads.values()] == [["Carbon-Report"]] * 2


def test_closed_issue_that_lost_its_label_stays_closed(shop: Shop) -> None:
    """Who closes an issue wants no updates, with or without its label."""
    shop.update(account())
    shop.repo.unlabel(1, "carbon-report", by="ann")
    shop.repo.threads[1].state = "closed"
    shop.repo.threads[1].closed_by = "ann"
    shop.update(account(used=0.64))
    assert shop.open_titles() == ["Carbon budgets"]
    assert len(shop.repo.threads) == 2


def test_label_that_cannot_be_given_back_is_a_problem(shop: Shop) -> None:
    """The issue is updated all the same, and not doubled."""
    shop.update(account())
    shop.repo.unlabel(1, "carbon-report", by="ann")
    shop.hub.fault("POST", "/issues/1/labels$", status=422, times=None)
    (problem,) = shop.update(account(used=0.64))
    assert "/issues/1/labels was answered with 422" in problem
    assert "64 %" in shop.body()
    assert len(shop.repo.threads) == 2


def test_lost_answer(shop: Shop) -> None:
    """An issue or comment that may exist is looked for, and not created again."""
    those = [account()]
    for after in (True, False):
        shop.hub.fault("POST", "/issues$", status=502, after=after)
        shop.update(*those)
        those.append(account("search"))
    assert shop.open_titles() == [CHECKOUT, "Carbon budgets", "Carbon report: search"]
    for used, after in ((0.8, True), (0.95, False)):
        shop.hub.fault("POST", "/comments$", status=502, after=after)
        shop.update(account(used=used), account("search"))
    assert len(shop.comments()) == 2


def test_lost_answer_in_an_earlier_time_zone(shop: Shop) -> None:
    """A comment of June in Tokyo, while it is May in UTC, is found and not written again."""
    shop.hub.clock = shop.hub.clock.replace(month=5, day=31, hour=16)
    shop.update(account(), day="2026-05-31")
    shop.hub.fault("POST", "/comments$", status=502, after=True)
    shop.update(account(used=0.8), day="2026-05-31")
    assert len(shop.comments()) == 1


def test_token_of_another_account(shop: Shop) -> None:
    """If the login is not the author, the first issue stops the update, before there are a hundred."""
    shop.login = "robot"
    with pytest.raises(ConfigError, match=r"issue #1 was written by github-actions.bot., but the input login is robot"):
        shop.update(account(), account("search"))
    assert len(shop.repo.threads) == 1


def test_more_than_a_page_of_issues(shop: Shop) -> None:
    """All issues are found, and a pull request with the label is none of them."""
    those = [account(f"f{n:03d}") for n in range(101)]
    shop.update(*those)
    shop.repo.commit({"a": "a"})
    shop.repo.commit({"b": "b"}, branch="topic")
    shop.repo.open_pull("topic", author=OUR_LOGIN, labels=["carbon-report"], body=shop.body("Carbon report: f001"))
    before, calls = shop.count_writes(), shop.hub.api_calls
    assert shop.update(*those) == []
    assert (shop.count_writes() - before, shop.hub.api_calls - calls) == (0, 2)


@pytest.fixture
def tracker(shop: Shop) -> IssueTracker:
    """A tracker that writes as our own account."""
    client = Client(shop.hub.api_url, shop.hub.token(RIGHTS, login=OUR_LOGIN), pause=lambda _: None)
    return IssueTracker(client, "octo/shop", OUR_LOGIN)


def _body(state: dict[str, str]) -> str:
    return render_body(IssueBody("index", state, "text"))


@pytest.mark.parametrize(("state", "day"), [({}, "2026-06-15"), ({"day": "2026-05-31"}, "2026-05-31")])
def test_day_of_an_issue(tracker: IssueTracker, state: dict[str, str], day: str) -> None:
    """The day that the state names counts; without one the day of creation in UTC."""
    assert tracker.create("carbon-report", "Budgets", _body(state)).day == day


@pytest.mark.parametrize(("by", "ours"), [(OUR_LOGIN, True), (None, True), ("ann", False)])
def test_who_closed_an_issue(shop: Shop, tracker: IssueTracker, by: str | None, ours: bool) -> None:
    """Only a known person other than our account counts as somebody else."""
    issue = tracker.create("carbon-report", "Budgets", _body({}))
    shop.repo.close_issue(issue.number, by=by)
    assert tracker.closed_by_us(issue) is ours


def test_reported_keys_are_those_of_our_own_comments_since_a_day(shop: Shop, tracker: IssueTracker) -> None:
    """A copy of our marker in another account's comment, and a comment from before that day, report nothing."""
    issue = tracker.create("carbon-report", "Budgets", _body({}))
    tracker.comment(issue, ["28d:50", "override:a b--c"], "Half of it is used.", "")
    shop.repo.comment(issue.number, "<!-- pytest-carbon:told 28d:75 -->\nnot ours", by="ann")
    shop.repo.comment(issue.number, "first <!-- pytest-carbon:told 28d:90 -->\n", by=OUR_LOGIN)
    assert tracker.reported_keys(issue, "2026-06-15") == {"28d:50", "override:a%20b-%2Dc"}
    assert tracker.reported_keys(issue, "2026-06-16") == set()


def test_label_is_defined_once(shop: Shop, tracker: IssueTracker) -> None:
    """A label that exists already is no error, and one tracker does not ask for it twice."""
    shop.repo.define_label("carbon-report")
    for title in ("one", "two"):
        tracker.create("carbon-report", title, _body({}))
    assert [request.status for request in shop.hub.asked("POST", "/labels$")] == [422]
