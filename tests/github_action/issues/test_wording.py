"""The texts of comments, word for word: whom they mention, and that a stranger's text has no effect."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import cmarkgfm
import pytest

from github_action.issues.state_changes import find_changes
from github_action.issues.wording import comment_on_changes, issue_title, mentions
from pytest_carbon.core.accounts.values.account import Account
from tests.github_action.issues.samples import OVERRIDE, account, month
from tests.github_action.issues.shop import Shop
from tests.github_action.publish.cases import HOSTILE

CALLED = "\n\n@checkout-team"
SENTENCE = "Checkout used {} % of its June carbon budget."


def _said(before: Account, after: Account, day: str = "2026-06-15") -> str:
    _, memory = find_changes(before, None, "2026-06-01")
    changes, _ = find_changes(after, memory, day)
    return comment_on_changes(after, changes, day)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (0.4, 0.755, f"**The budget is at risk: it is used too fast.** {SENTENCE.format(76)}"),
        (0.4, 0.97, f"**The budget is critical: at the present pace, it is exhausted soon.** {SENTENCE.format(97)}"),
        (0.4, 1.2, f"**The budget is exhausted.** {SENTENCE.format(120)}"),
        (1.2, 0.95, f"**The budget has recovered: less than 100 % of it is used.** {SENTENCE.format(95)}"),
    ],
)
def test_thresholds(before: float, after: float, text: str) -> None:
    """The first sentence names the change, the second is the account's; then the owners are mentioned."""
    assert _said(account(used=before), account(used=after)) == text + CALLED


def test_override() -> None:
    """The comment says who granted it, for what, until when, how much it borrows, and why."""
    assert _said(account(), account(overrides=(OVERRIDE,))) == (
        "**An override was granted for #12** by bob, valid until 17 June. It borrows 120 g CO2e. "
        f"This is debt in the next month. Reason: the provider ends tonight{CALLED}"
    )
    everybodys = replace(OVERRIDE, pr=None, kind="reference", amount=1200.0, expires="2027-01-02T00:00:00Z")
    assert _said(account(), account(overrides=(everybodys,))).startswith(
        "**An override was granted** by bob, valid until 2 January 2027. "
        "It borrows 1.2 kJ of reference energy. This is debt in the next month."
    )


UNKNOWN = month("2026-06", consumed=None)
QUARTER = tuple(month(f"2026-{n:02d}", 0.3 * n) for n in (4, 5, 6, 7))


@pytest.mark.parametrize(
    ("window", "first", "then", "months", "text"),
    [
        ("month", "2026-06-01", "2026-07-01", (month("2026-06"),),
         "**June 2026 is over.** 1.84 of 2 kg CO2e was used, 92 % of the budget."),
        ("month", "2026-06-01", "2026-07-01", (month("2026-06", uncounted_runs=1),),
         "**June 2026 is over.** 1.84 of 2 kg CO2e was used, 92 % of the budget. This does not include 1 run "
         "whose use is not known."),
        ("month", "2025-12-01", "2026-01-01", (month("2025-12", budget=None),),
         "**December 2025 is over.** 1.84 kg CO2e was used."),
        ("month", "2026-06-01", "2026-07-01", (UNKNOWN,), "**June 2026 is over.** It is not known how much was used."),
        ("month", "2026-06-01", "2026-07-01", (), "**June 2026 is over.** It is not known how much was used."),
        ("quarter", "2026-04-01", "2026-07-01", QUARTER,
         "**April to June 2026 is over.** 9 of 6 kg CO2e was used, 150 % of the budget."),
    ],
)  # fmt: skip
def test_closed_window(window: str, first: str, then: str, months: Any, text: str) -> None:
    """The comment has the final figure, and says what the figure does not include."""
    before = account(used=0.2, window=window, first=first)
    after = account(used=0.01, window=window, first=then, months=months)
    assert _said(before, after, then) == text + CALLED


def test_several_changes_are_one_comment() -> None:
    """Several changes at once send one mail only."""
    before, after = account(used=0.2), account(used=0.8, first="2026-07-01", overrides=(OVERRIDE,))
    text = _said(before, after, "2026-07-01")
    assert [part[:12] for part in text.split("\n\n")] == [
        "**June 2026 ",
        "**The budget",
        "**An overrid",
        "@checkout-te",
    ]


@pytest.mark.parametrize(
    ("owners", "text"),
    [
        (["@octo/checkout-team", "ann", "@ann"], "@octo/checkout-team @ann"),
        (["@a b", "@", "", "@x\n@everyone", "@-a", "@<b>"], ""),
        ([], ""),
    ],
)
def test_mentions(owners: list[str], text: str) -> None:
    """Accounts and teams are mentioned once each; what is no account or team is not mentioned."""
    assert mentions(owners) == text


def test_texts_of_strangers_have_no_effect(shop: Shop) -> None:
    """A name, a sentence or a reason mentions nobody, links nothing, is no HTML and forges no marker."""
    name = f"a{HOSTILE}"
    granted = replace(OVERRIDE, feature=name, approver="@bob @all", reason=f"{HOSTILE} <img src=x> {'x' * 999}")
    first = account(name, used=0.4, owners=(), sentence=HOSTILE)
    shop.features = (name,)
    assert shop.update(first) == []
    assert shop.update(replace(first, standing=account(used=0.8).standing, overrides=(granted,))) == []
    number = min(shop.repo.threads)
    thread = shop.repo.threads[number]
    assert thread.title == issue_title(first)
    assert thread.title.isprintable()
    (said,) = [c["body"].partition("\n")[2] for c in thread.comments]
    for text in (said, str(thread.body).partition("\n")[2].partition("\n")[2]):
        html = cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
        assert not re.search(r"<(img|a|b|script)\b", html)
        assert not re.search(r"@(?!\u200b)\w", html)
        assert text.count("<!--") in (0, 2)  # the marks of the notes
    assert shop.update(first) == []
    assert len([value for value in shop.repo.threads.values() if value.title == thread.title]) == 1


def test_amount_just_below_the_limit() -> None:
    """An amount just below the limit is not rounded to the limit."""
    last = month("2026-06", 0.99996)
    after = account(used=0.0, first="2026-07-01", months=(last,))
    assert "1.9999 of 2 kg CO2e was used, >99 % of the budget" in _said(account(), after, "2026-07-01")
