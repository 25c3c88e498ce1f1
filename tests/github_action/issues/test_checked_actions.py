"""What a person has checked stays checked, and is no change of our text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_action.issues.checked_actions import (
    MOST_REMEMBERED,
    checked_actions,
    keep_checked,
    not_listed,
    without_checks,
)
from github_action.issues.issue_body import IssueBody, parse_body, render_body
from pytest_carbon.reporters.accounts.markdown import render_account
from tests.core.advice.sample_ledger import advised_repository
from tests.core.conftest import Bench
from tests.github_action.issues.samples import account
from tests.github_action.issues.shop import Shop
from tests.reporters.site.samples_site import ADVICE

TEXT = "**Fine.**\n\n- [ ] `superseded-59830ebc` Cancel: **saves 12 g**\n- [ ] `test-08f54eab` Halve: **saves 2 g**"


@pytest.fixture(scope="module")
def issue() -> str:
    """The text of an issue with advice."""
    return render_account(*advised_repository(Bench()), 60_000)


@pytest.mark.parametrize("mark", ["x", "X"])
def test_a_checked_action(mark: str) -> None:
    """It is found by its id, also if its words and its place in the list have changed."""
    before = TEXT.replace("- [ ] `test-", f"- [{mark}] `test-")
    after = keep_checked(
        "- [ ] `test-08f54eab` Halve it: **saves 9 g**\n- [ ] `flaky-00000000` Repair", checked_actions(before, None)
    )
    assert after == "- [x] `test-08f54eab` Halve it: **saves 9 g**\n- [ ] `flaky-00000000` Repair"
    assert without_checks(before) == TEXT


def test_boxes_of_other_texts_are_left_alone() -> None:
    """A box within a sentence, or of an action that is none of ours, checks nothing."""
    others = "x - [x] `test-08f54eab` a\n- [x] `test-08f54eab`b\n- [x] mine\n  - [x] `test-08f54eab` b"
    assert keep_checked(TEXT, checked_actions(others, None)) == TEXT
    assert without_checks(others) == others


@pytest.mark.parametrize("state", [None, "test-08f54eab", {"a": 1}, ["x", 1, None, "test-08f54eab\n", "-->"]])
def test_a_changed_state_checks_nothing(state: object) -> None:
    """The hidden state is text that a person may change: what is no id is passed over."""
    assert checked_actions(TEXT, state) == ()


def test_what_is_remembered() -> None:
    """An action that the list lacks stays checked; one that a person has unchecked does not; the oldest go first."""
    many = [f"flaky-{n:08x}" for n in range(MOST_REMEMBERED)]
    assert checked_actions(TEXT, ["test-08f54eab", *many[:2]]) == (*many[:2],)
    assert checked_actions(TEXT.replace("- [ ] `test-", "- [x] `test-"), many) == (*many[1:], "test-08f54eab")
    assert not_listed(("test-08f54eab", "flaky-00000000"), TEXT) == ["flaky-00000000"]


@given(st.sets(st.integers(0, 4)), st.sampled_from(["\nmine\n", "\n\n"]), st.booleans())
def test_a_check_survives_updates_and_keeps_a_persons_words(
    issue: str, checked: set[int], notes: str, crlf: bool
) -> None:
    """Checks in a browser change no line but their own; words beside our text are still told from it."""
    body = IssueBody("feature=checkout", {}, issue, notes)
    parts = render_body(body).split("- [ ] `")
    text = parts[0] + "".join(f"- [{'x' if n in checked else ' '}] `{part}" for n, part in enumerate(parts[1:]))
    text = text.replace("<!-- notes -->", "beside\n<!-- notes -->")
    read = parse_body(text.replace("\n", "\r\n") if crlf else text)
    assert read is not None
    assert "beside" in read.notes
    again = keep_checked(issue, checked_actions(read.text, None))
    assert [n for n, part in enumerate(again.split("- [")[1:]) if part.startswith("x")] == sorted(checked)
    assert render_body(replace(read, text=again)).count("beside") == 1


def test_the_issue_has_a_box_for_each_action(issue: Any) -> None:
    """The five largest savings have a box."""
    assert issue.count("- [ ] `") == 5


def test_a_box_stays_checked_for_many_nights(shop: Shop) -> None:
    """A person checks an action; the next nights keep it, also at another place of the list, and write no more."""
    first, second = ADVICE
    shop.update(account(advice=ADVICE))
    thread = shop.repo.threads[shop.issue("Carbon report: checkout")]
    assert f"- [ ] `{first.id}` " in thread.body
    thread.body = thread.body.replace(f"- [ ] `{first.id}`", f"- [x] `{first.id}`").replace("\n", "\r\n")
    shop.update(account(advice=(second, replace(first, action="Cancel them"))), day="2026-06-16")
    assert f"- [x] `{first.id}` Cancel them: " in shop.body()
    assert f"- [ ] `{second.id}` " in shop.body()
    writes = shop.count_writes()
    shop.update(account(advice=(second, replace(first, action="Cancel them"))), day="2026-06-16")
    assert shop.count_writes() == writes
    shop.update(account(advice=(second,)), day="2026-06-17")
    assert f"`{first.id}`" not in shop.body()
    assert shop.count_writes() == writes + 1
    shop.update(account(advice=()), day="2026-06-18")
    shop.update(account(advice=ADVICE), day="2026-06-19")
    assert f"- [x] `{first.id}` " in shop.body()
    thread.body = thread.body.replace(f"- [x] `{first.id}`", f"- [ ] `{first.id}`")
    shop.update(account(advice=(second,)), day="2026-06-20")
    shop.update(account(advice=ADVICE), day="2026-06-21")
    assert f"- [ ] `{first.id}` " in shop.body()
