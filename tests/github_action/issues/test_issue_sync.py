"""One issue: created, commented on, rewritten and closed; a person's decisions stand."""

from __future__ import annotations

import pytest

from github_action.issues.issue_body import NOTES_BEGIN, NOTES_END, parse_body
from tests.github_action.issues.samples import account
from tests.github_action.issues.shop import OUR_LOGIN, Shop

CHECKOUT = "Carbon report: checkout"


def test_next_day_writes_only_changed_issues(shop: Shop) -> None:
    """A new day alone is no reason to write."""
    shop.update(account(), account("search"))
    before = len(shop.hub.asked("PATCH", ""))
    shop.update(account(), account("search", used=0.64), day="2026-06-16")
    assert [request.path[-1] for request in shop.hub.asked("PATCH", "")[before:]] == ["2", "3"]
    assert "64 %" in shop.body("Carbon report: search")
    assert shop.repo.comments(shop.issue("Carbon report: search")) == []


def test_notes_are_kept(shop: Shop) -> None:
    """Notes that a person wrote in a browser stay byte for byte."""
    shop.update(account())
    notes = "\r\n## Plan\r\n\r\n- [x] ask `ann` | \U0001f41b -->\r\n" + NOTES_BEGIN + "\r\n"
    sent = shop.body().replace("\n", "\r\n").partition(NOTES_BEGIN)[0]
    shop.repo.threads[1].body = f"{sent}{NOTES_BEGIN}{notes}{NOTES_END}"
    shop.update(account(used=0.64))
    assert f"{NOTES_BEGIN}{notes}{NOTES_END}" in shop.body()
    assert "64 %" in shop.body()


def test_notes_come_first(shop: Shop) -> None:
    """Long notes shorten our text; notes that leave no room are a problem, and the issue is not changed."""
    those = [account(f"feature-{n}-{'x' * 60}") for n in range(150)]
    shop.features = ("none",)
    shop.update(*those)
    notes = "n" * 50_000
    number = shop.issue("Carbon budgets")
    shop.repo.threads[number].body = shop.body("Carbon budgets").replace(NOTES_BEGIN, f"{NOTES_BEGIN}{notes}")
    assert shop.update(*those, account("one")) == []
    assert notes in shop.body("Carbon budgets")
    notes = "n" * 62_000
    full = shop.body("Carbon budgets").partition(NOTES_BEGIN)[0][:2000] + NOTES_BEGIN + notes + NOTES_END
    shop.repo.threads[number].body = full
    (problem,) = shop.update(*those)
    assert problem.startswith(
        "the issue of the index is not up to date: its notes leave no room for the text; shorten the notes to 6"
    )
    assert shop.repo.threads[number].body == full


def test_issue_closed_by_a_person_stays_closed(shop: Shop) -> None:
    """It gets no update and no comment, and no other issue is created for it."""
    shop.update(account())
    shop.repo.close_issue(1)
    body = shop.body()
    shop.update(account(used=1.2), day="2026-06-16")
    assert (shop.repo.threads[1].state, shop.body(), shop.comments()) == ("closed", body, [])
    assert len(shop.repo.threads) == 2


def test_index_closed_by_a_person_stays_closed(shop: Shop) -> None:
    """The issues of the features are still updated."""
    shop.update(account())
    shop.repo.close_issue(2)
    body = shop.body("Carbon budgets")
    shop.update(account(used=0.8), account("search"))
    assert (shop.repo.threads[2].state, shop.body("Carbon budgets")) == ("closed", body)
    assert "80 %" in shop.body()


def test_removed_and_opened_by_a_person(shop: Shop) -> None:
    """It is not closed every night; closed by the person again, it stays closed."""
    shop.update(account(), account("search"))
    shop.update(account("search"))
    shop.repo.open_again(1)
    shop.update(account("search"))
    assert shop.repo.threads[1].state == "open"
    shop.repo.close_issue(1, by="ann")
    shop.update(account(), account("search"))
    assert shop.repo.threads[1].state == "closed"


def test_duplicate_issues(shop: Shop) -> None:
    """The oldest issue stays; the others are closed with one comment."""
    shop.update(account())
    shop.repo.open_issue(CHECKOUT, OUR_LOGIN, shop.body(), ["carbon-report"])
    for _ in range(2):
        shop.update(account())
    double = shop.repo.threads[3]
    assert (shop.repo.threads[1].state, double.state) == ("open", "closed")
    assert [c["body"].partition("\n")[2] for c in double.comments] == [
        "This issue is closed because it duplicates #1, which is older."
    ]


def test_sub_issue_removed_by_a_person(shop: Shop) -> None:
    """Each sub-issue is added once; new sub-issues are still added."""
    shop.update(account())
    shop.repo.threads[2].children.clear()
    shop.update(account(used=0.64), account("search"))
    assert shop.repo.threads[2].children == [shop.issue("Carbon report: search")]


@pytest.mark.parametrize("status", [403, 404, 410, 422, 500])
def test_server_without_sub_issues(shop: Shop, status: int) -> None:
    """It is no failure, because the index has a table, and it is not tried again."""
    shop.hub.fault("POST", "/sub_issues$", status=status, times=None)
    assert shop.update(account()) == []
    before = shop.count_writes()
    assert shop.update(account()) == []
    assert shop.count_writes() == before
    assert "checkout #1" in shop.body("Carbon budgets")


def test_more_sub_issues_than_github_takes(shop: Shop) -> None:
    """After a hundred sub-issues no more are added."""
    those = [account(f"f{n:03d}") for n in range(3)]
    shop.update(*those)
    index = shop.repo.threads[4]
    body = parse_body(str(index.body))
    assert body is not None
    index.body = str(index.body).replace('"children":[1,2,3]', f'"children":{list(range(1, 101))}'.replace(" ", ""))
    shop.update(*those, account("one-more"))
    assert len(shop.hub.asked("POST", "/sub_issues")) == 3


def test_locked_issue(shop: Shop) -> None:
    """Where comments are not possible, the body is still updated."""
    shop.update(account())
    shop.repo.locked.add(1)
    assert shop.update(account(used=0.95)) == []
    assert "95 %" in shop.body()
