"""What is told of a run: words and colours, without GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.publish.publication import document, outcome, sentence
from tests.github_action.publish.cases import FAILED, FINE, HOSTILE, SHA, make_publication

STRICT = replace(FINE, state="inconclusive", on_inconclusive="fail")


@pytest.mark.parametrize(
    ("verdict", "on_error", "expected"),
    [
        (FINE, "fail", "success"),
        (replace(FINE, state="warn"), "fail", "success"),
        (replace(FINE, state="overridden"), "fail", "success"),
        (FAILED, "fail", "failure"),
        (FAILED, "neutral", "failure"),
        (replace(FINE, state="inconclusive"), "fail", "neutral"),
        (replace(FINE, state="not-measured"), "fail", "neutral"),
        (STRICT, "fail", "failure"),
        (replace(STRICT, state="not-measured"), "fail", "failure"),
        (replace(FAILED, advisory="A fork measured this."), "fail", "neutral"),
        (replace(STRICT, advisory="A fork measured this."), "fail", "neutral"),
        (replace(FINE, state="error"), "fail", "error"),
        (replace(FINE, state="error", advisory="A fork measured this."), "fail", "error"),
        (None, "fail", "error"),
        (None, "neutral", "neutral"),
    ],
)
def test_outcome(verdict: object, on_error: str, expected: str) -> None:
    """A verdict that was not reached fails unless it is asked not to; an advisory one decides nothing."""
    assert outcome(make_publication(verdict, on_error=on_error)) == expected


def test_advisory_is_what_is_said_first() -> None:
    """That a verdict decides nothing yet matters more than what it is."""
    assert sentence(make_publication(replace(FAILED, advisory="A fork measured this."))) == "A fork measured this."
    assert sentence(make_publication(FAILED)) == FAILED.sentence


def test_document_without_a_verdict() -> None:
    """It says for which commit there is none, why, what to do, and that older numbers do not hold."""
    assert (
        document(make_publication(None), 60_000)
        == f"""\
### 🛑 Carbon budget: no verdict

No verdict was reached: the tests left no report.

**What to do**

1. see what [the run](https://github.example/octo/shop/actions/runs/100/attempts/1) says in its log
2. run it again, or push a commit that mends it

Numbers that stood here before were those of an earlier run, and say nothing of `{SHA[:10]}`.

Head: `{SHA[:10]}`. Run: 100.1.
"""
    )


def test_document_says_that_it_does_not_block() -> None:
    """With on-error neutral the text says that the missing verdict blocks nothing."""
    text = document(make_publication(None, on_error="neutral"), 60_000)
    assert "No verdict was reached and this does not block: the tests left no report." in text


def test_hostile_problem_is_only_text() -> None:
    """What went wrong may hold names from strangers, and is of any length."""
    text = document(make_publication(None, problem=HOSTILE * 500), 60_000)
    assert len(text) < 4000
    assert "<!--" not in text
    assert "@octocat" not in text
    assert len(text.splitlines()) == 12
