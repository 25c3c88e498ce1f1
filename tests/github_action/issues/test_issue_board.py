"""The issues for product managers: found, made, kept, closed, and left alone where a person wants that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from github_action.api.client import ApiError
from github_action.issues.issue_body import HINT, MOST_CHARACTERS, NOTES_BEGIN, NOTES_END, parse_body
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.reporters.accounts.markdown import render_account
from tests.github_action.issues.samples import account, accounts
from tests.github_action.issues.shop import OUR_LOGIN, Shop

CHECKOUT = "Carbon report: checkout"


def test_one_for_every_feature_and_team_and_an_index(shop: Shop) -> None:
    """What the policy names has an issue; what no feature claims, and a feature of old runs, has none."""
    shop.features = ("checkout", "search")
    others = account("unattributed"), account("gone")
    assert shop.update(account(), account("search"), account("shop", level="team"), *others) == []
    assert shop.open_titles() == [CHECKOUT, "Carbon report: search", "Carbon report: team shop", "Carbon budgets"]
    threads = shop.repo.threads.values()
    assert {(thread.author, *thread.labels) for thread in threads} == {(OUR_LOGIN, "carbon-report")}
    assert shop.repo.threads[4].children == [1, 2, 3]
    assert "checkout #1" in shop.body("Carbon budgets")


def test_body_is_the_account_with_room_for_notes(shop: Shop) -> None:
    """Word for word what the summary of the command line says of a feature, and below it what is a person's."""
    shop.update(account())
    first, state, text = shop.body().split("\n", 2)
    assert first == "<!-- pytest-carbon:feature=checkout v=1 -->"
    assert re.fullmatch(
        r'<!-- state {"level":50,"overrides":\[\],"stamp":"[0-9a-f]{16}","text":\[\d+,"[0-9a-f]{16}"\],'
        r'"told":{"50":"2026-06-15"},"window":"month 2026-06-01"} -->',
        state,
    )
    said = render_account(account(), accounts(account()), MOST_CHARACTERS).strip()
    assert text == f"{said}\n\n{HINT}\n\n<!-- notes -->\n\n<!-- /notes -->"


def test_feature_and_team_of_one_name(shop: Shop) -> None:
    """They are two issues."""
    shop.update(account("shop"), account("shop", level="team"))
    assert shop.open_titles() == ["Carbon report: shop", "Carbon report: team shop", "Carbon budgets"]


def test_nothing_changed_is_one_call(shop: Shop) -> None:
    """A second run on the same day asks for the list of issues, and writes nothing."""
    those = [account(f"f{n}", causes=()) for n in range(5)]
    shop.update(*those)
    before, calls = shop.count_writes(), shop.hub.api_calls
    assert shop.update(*those) == []
    assert (shop.count_writes() - before, shop.hub.api_calls - calls) == (0, 1)


def test_next_day_writes_only_what_says_something_else(shop: Shop) -> None:
    """Another day alone is no news."""
    shop.update(account(), account("search"))
    before = len(shop.hub.asked("PATCH", ""))
    shop.update(account(), account("search", used=0.64), day="2026-06-16")
    assert [request.path[-1] for request in shop.hub.asked("PATCH", "")[before:]] == ["2", "3"]
    assert "64 %" in shop.body("Carbon report: search")
    assert shop.repo.comments(shop.issue("Carbon report: search")) == []


def test_title_belongs_to_people(shop: Shop) -> None:
    """A title that was edited stays, and the issue is found all the same."""
    shop.update(account())
    shop.repo.threads[1].title = "Where checkout stands"
    shop.update(account(used=0.64))
    assert shop.open_titles() == ["Where checkout stands", "Carbon budgets"]
    assert "64 %" in shop.body("Where checkout stands")


@pytest.mark.parametrize(
    ("author", "labels", "change"),
    [
        ("ann", ["carbon-report"], str),
        (OUR_LOGIN, [], str),
        (OUR_LOGIN, ["carbon-report"], lambda body: body.replace("pytest-carbon:feature", "pytest-carbon feature")),
        (OUR_LOGIN, ["carbon-report"], lambda _: CHECKOUT),
        (None, ["carbon-report"], str),
    ],
    ids=["of a person", "without the label", "without the mark", "the title alone", "of a deleted account"],
)
def test_issue_of_somebody_else_is_not_touched(
    shop: Shop, author: str | None, labels: list[str], change: Callable[[str], str]
) -> None:
    """Ours has our mark, our label and our login; anything else is nobody's business of ours."""
    shop.update(account())
    theirs = change(shop.body())
    shop.repo.threads.clear()
    number = shop.repo.open_issue(CHECKOUT, author, theirs, labels)
    shop.update(account(used=0.64))
    assert shop.repo.threads[number].body == theirs
    assert shop.repo.threads[number].state == "open"
    assert len(shop.repo.threads) == 3


def test_notes_are_kept(shop: Shop) -> None:
    """What a person wrote between the marks in a browser is there after an update, byte for byte."""
    shop.update(account())
    notes = "\r\n## Plan\r\n\r\n- [x] ask `ann` | \U0001f41b -->\r\n" + NOTES_BEGIN + "\r\n"
    sent = shop.body().replace("\n", "\r\n").partition(NOTES_BEGIN)[0]
    shop.repo.threads[1].body = f"{sent}{NOTES_BEGIN}{notes}{NOTES_END}"
    shop.update(account(used=0.64))
    assert f"{NOTES_BEGIN}{notes}{NOTES_END}" in shop.body()
    assert "64 %" in shop.body()


def test_notes_come_first(shop: Shop) -> None:
    """Long notes shorten our text; where they leave no room for it, the issue is not touched, and that is said."""
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


def test_closed_by_a_person_stays_closed(shop: Shop) -> None:
    """It is neither written nor told of, and no other is made for it."""
    shop.update(account())
    shop.repo.close_issue(1)
    body = shop.body()
    shop.update(account(used=1.2), day="2026-06-16")
    assert (shop.repo.threads[1].state, shop.body(), shop.comments()) == ("closed", body, [])
    assert len(shop.repo.threads) == 2


def test_index_that_a_person_closed_stays_closed(shop: Shop) -> None:
    """The features' issues go on."""
    shop.update(account())
    shop.repo.close_issue(2)
    body = shop.body("Carbon budgets")
    shop.update(account(used=0.8), account("search"))
    assert (shop.repo.threads[2].state, shop.body("Carbon budgets")) == ("closed", body)
    assert "80 %" in shop.body()


def test_feature_that_leaves_the_policy_and_comes_back(shop: Shop) -> None:
    """Its issue says so and is closed, with its notes; when it is back, so is the issue, and nothing is told twice."""
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


def test_gone_and_opened_by_a_person(shop: Shop) -> None:
    """Who opens it again has a reason: it is not closed every night; closed by him, it does not come back."""
    shop.update(account(), account("search"))
    shop.update(account("search"))
    shop.repo.open_again(1)
    shop.update(account("search"))
    assert shop.repo.threads[1].state == "open"
    shop.repo.close_issue(1, by="ann")
    shop.update(account(), account("search"))
    assert shop.repo.threads[1].state == "closed"


def test_two_that_were_made_at_the_same_moment(shop: Shop) -> None:
    """The oldest is kept; the others are closed with a line, once."""
    shop.update(account())
    shop.repo.open_issue(CHECKOUT, OUR_LOGIN, shop.body(), ["carbon-report"])
    for _ in range(2):
        shop.update(account())
    double = shop.repo.threads[3]
    assert (shop.repo.threads[1].state, double.state) == ("open", "closed")
    assert [c["body"].partition("\n")[2] for c in double.comments] == [
        "This issue is closed because it duplicates #1, which is older."
    ]


def test_child_that_a_person_took_out_stays_out(shop: Shop) -> None:
    """A sub-issue is added once; new ones are added to it."""
    shop.update(account())
    shop.repo.threads[2].children.clear()
    shop.update(account(used=0.64), account("search"))
    assert shop.repo.threads[2].children == [shop.issue("Carbon report: search")]


@pytest.mark.parametrize("status", [403, 404, 410, 422, 500])
def test_server_without_sub_issues(shop: Shop, status: int) -> None:
    """That there are none is no failure: the index has a table. It is not tried again."""
    shop.hub.fault("POST", "/sub_issues$", status=status, times=None)
    assert shop.update(account()) == []
    before = shop.count_writes()
    assert shop.update(account()) == []
    assert shop.count_writes() == before
    assert "checkout #1" in shop.body("Carbon budgets")


def test_more_children_than_github_takes(shop: Shop) -> None:
    """A hundred are added, and no more is tried."""
    those = [account(f"f{n:03d}") for n in range(3)]
    shop.update(*those)
    index = shop.repo.threads[4]
    body = parse_body(str(index.body))
    assert body is not None
    index.body = str(index.body).replace('"children":[1,2,3]', f'"children":{list(range(1, 101))}'.replace(" ", ""))
    shop.update(*those, account("one-more"))
    assert len(shop.hub.asked("POST", "/sub_issues")) == 3


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
def test_where_going_on_is_no_use(shop: Shop, call: tuple[str, str], fault: dict[str, object], what: str) -> None:
    """The first call that is refused for all ends it: no hundred calls more are made."""
    shop.hub.fault(*call, times=None, **fault)  # type: ignore[arg-type]
    with pytest.raises(ApiError, match=what):
        shop.update(*(account(f"f{n}") for n in range(20)))
    assert shop.hub.api_calls <= 12
    assert len(shop.repo.threads) == 0


def test_one_that_cannot_be_written_leaves_the_others(shop: Shop) -> None:
    """What is wrong with one issue is said, and the others are brought up to date."""
    shop.update(account(), account("search"))
    shop.hub.fault("PATCH", "/issues/1$", status=422, times=None)
    (problem,) = shop.update(account(used=0.64), account("search", used=0.65))
    assert problem.startswith("the issue of checkout is not up to date: PATCH repos/octo/shop/issues/1 was answered")
    assert "65 %" in shop.body("Carbon report: search")
    assert "62 %" in shop.body()


def test_locked_conversation(shop: Shop) -> None:
    """Where nobody may comment, the body still tells how it stands."""
    shop.update(account())
    shop.repo.locked.add(1)
    assert shop.update(account(used=0.95)) == []
    assert "95 %" in shop.body()


def test_answer_that_is_lost(shop: Shop) -> None:
    """An issue, and a comment, that may have been made are looked for, and not made again."""
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


def test_answer_that_is_lost_where_the_month_began_earlier(shop: Shop) -> None:
    """A comment of June in Tokyo, where it is still May in UTC, is found, and not made again."""
    shop.hub.clock = shop.hub.clock.replace(month=5, day=31, hour=16)
    shop.update(account(), day="2026-05-31")
    shop.hub.fault("POST", "/comments$", status=502, after=True)
    shop.update(account(used=0.8), day="2026-05-31")
    assert len(shop.comments()) == 1


def test_token_of_another_account(shop: Shop) -> None:
    """An issue that would not be found again is said at once, before there are a hundred."""
    shop.login = "robot"
    with pytest.raises(ConfigError, match=r"issue #1 was written by github-actions.bot., but the input login is robot"):
        shop.update(account(), account("search"))
    assert len(shop.repo.threads) == 1


def test_many_issues_are_all_found(shop: Shop) -> None:
    """More than a page of them are no trouble, and neither are pull requests with the label."""
    those = [account(f"f{n:03d}") for n in range(101)]
    shop.update(*those)
    shop.repo.commit({"a": "a"})
    shop.repo.commit({"b": "b"}, branch="topic")
    shop.repo.open_pull("topic", author=OUR_LOGIN, labels=["carbon-report"], body=shop.body("Carbon report: f001"))
    before, calls = shop.count_writes(), shop.hub.api_calls
    assert shop.update(*those) == []
    assert (shop.count_writes() - before, shop.hub.api_calls - calls) == (0, 2)


def test_holder_without_a_budget(shop: Shop) -> None:
    """It has an issue too; that it gets a budget, or loses it, is no change of state to comment on."""
    for window in ("", "month", ""):
        assert shop.update(account(window=window, used=0.95)) == []
        assert ("Remaining" in shop.body()) == bool(window)
    assert shop.comments() == []
