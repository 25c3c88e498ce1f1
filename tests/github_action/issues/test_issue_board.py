"""All issues together: one for each feature and team, an index, and no more calls than needed."""

from __future__ import annotations

import re

import pytest

from github_action.api.client import ApiError
from github_action.issues.issue_body import HINT, MOST_CHARACTERS, NOTES_BEGIN
from pytest_carbon.reporters.accounts.markdown import render_account
from tests.github_action.issues.samples import account, accounts
from tests.github_action.issues.shop import OUR_LOGIN, Shop

CHECKOUT = "Carbon report: checkout"


def test_features_teams_and_an_index(shop: Shop) -> None:
    """Features and teams of the policy have issues; unattributed carbon and features of old runs have none."""
    shop.features = ("checkout", "search")
    others = account("unattributed"), account("gone")
    assert shop.update(account(), account("search"), account("shop", level="team"), *others) == []
    assert shop.open_titles() == [CHECKOUT, "Carbon report: search", "Carbon report: team shop", "Carbon budgets"]
    threads = shop.repo.threads.values()
    assert {(thread.author, *thread.labels) for thread in threads} == {(OUR_LOGIN, "carbon-report")}
    assert shop.repo.threads[4].children == [1, 2, 3]
    assert "checkout #1" in shop.body("Carbon budgets")


def test_body_is_the_account_with_room_for_notes(shop: Shop) -> None:
    """The body is the summary of the command line, word for word, followed by a place for notes."""
    shop.update(account())
    first, state, text = shop.body().split("\n", 2)
    assert first == "<!-- pytest-carbon:feature=checkout v=1 -->"
    assert re.fullmatch(
        r'<!-- state {"level":0,"overrides":\[\],"stamp":"[0-9a-f]{16}","text":\[\d+,"[0-9a-f]{16}"\],'
        r'"told":{},"window":"month 2026-06-01"} -->',
        state,
    )
    said = render_account(account(), accounts(account()), MOST_CHARACTERS).strip()
    assert text == f"{said}\n\n{HINT}\n\n<!-- notes -->\n\n<!-- /notes -->"


def test_feature_and_team_of_one_name(shop: Shop) -> None:
    """A feature and a team of one name have two issues."""
    shop.update(account("shop"), account("shop", level="team"))
    assert shop.open_titles() == ["Carbon report: shop", "Carbon report: team shop", "Carbon budgets"]


def test_second_run_of_a_day_is_one_call(shop: Shop) -> None:
    """Without new data a second run lists the issues and writes nothing."""
    those = [account(f"f{n}", causes=()) for n in range(5)]
    shop.update(*those)
    before, calls = shop.count_writes(), shop.hub.api_calls
    assert shop.update(*those) == []
    assert (shop.count_writes() - before, shop.hub.api_calls - calls) == (0, 1)


def test_title_belongs_to_people(shop: Shop) -> None:
    """An edited title stays, and the issue is found by its marker."""
    shop.update(account())
    shop.repo.threads[1].title = "Where checkout stands"
    shop.update(account(used=0.64))
    assert shop.open_titles() == ["Where checkout stands", "Carbon budgets"]
    assert "64 %" in shop.body("Where checkout stands")


def test_feature_that_leaves_the_policy_and_comes_back(shop: Shop) -> None:
    """Its issue is closed with a sentence, keeps its notes, and is opened again without a comment."""
    shop.update(account(used=0.8), account("search"))
    shop.repo.threads[1].body = shop.body().replace(NOTES_BEGIN, f"{NOTES_BEGIN}\nmine\n")
    shop.update(account("search"))
    thread = shop.repo.threads[1]
    assert (thread.state, thread.reason, thread.closed_by) == ("closed", "not_planned", OUR_LOGIN)
    assert "**The policy no longer names this feature or team.** Its carbon is not counted any more" in shop.body()
    assert "80 %" in shop.body()
    before = shop.count_writes()
    shop.update(account("search"))
    assert shop.count_writes() == before
    shop.update(account(used=0.95), account("search"))
    assert thread.state == "open"
    assert "no longer names" not in shop.body()
    assert "95 %" in shop.body()
    assert f"{NOTES_BEGIN}\nmine\n" in shop.body()
    assert shop.comments() == []


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ({"status": 410}, "the object was deleted"),
        ({"status": 403}, "the token lacks the permission"),
        ({"status": 403, "headers": {"retry-after": "600"}}, "too many requests"),
        ({"status": 401}, "the token is wrong"),
        ({"drop": True}, "failed"),
    ],
    ids=["issues are off", "no permission", "rate limit", "no token", "no answer"],
)
@pytest.mark.parametrize("call", [("GET", "/issues$"), ("POST", "/labels$"), ("POST", "/issues$")])
def test_error_that_stops_all_issues(shop: Shop, call: tuple[str, str], fault: dict[str, object], what: str) -> None:
    """The first call that fails for every issue ends the update: a hundred more calls would fail too."""
    shop.hub.fault(*call, times=None, **fault)  # type: ignore[arg-type]
    with pytest.raises(ApiError, match=what):
        shop.update(*(account(f"f{n}") for n in range(20)))
    assert shop.hub.api_calls <= 12
    assert len(shop.repo.threads) == 0


def test_error_of_one_issue_leaves_the_others(shop: Shop) -> None:
    """The problem of one issue is noted, and the other issues are updated."""
    shop.update(account(), account("search"))
    shop.hub.fault("PATCH", "/issues/1$", status=422, times=None)
    (problem,) = shop.update(account(used=0.64), account("search", used=0.65))
    assert problem.startswith("the issue of checkout is not up to date: PATCH repos/octo/shop/issues/1 was answered")
    assert "65 %" in shop.body("Carbon report: search")
    assert "62 %" in shop.body()


def test_holder_without_a_budget(shop: Shop) -> None:
    """It has an issue too; a new or removed budget is no change of state."""
    for window in ("", "month", ""):
        assert shop.update(account(window=window, used=0.95)) == []
        assert ("Remaining" in shop.body()) == bool(window)
    assert shop.comments() == []
