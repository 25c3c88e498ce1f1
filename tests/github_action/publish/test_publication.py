"""Outcome and texts of what is published, without GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.publish.publication import base_text, document, outcome, sentence, tells_of_base
from pytest_carbon.core.verdict.verdict import Base
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
        (replace(FINE, state="not-measured"), "fail", "error"),
        (replace(FINE, state="not-measured"), "neutral", "neutral"),
        (STRICT, "fail", "failure"),
        (replace(STRICT, state="not-measured"), "fail", "failure"),
        (replace(FAILED, advisory="A fork measured this."), "fail", "neutral"),
        (replace(STRICT, advisory="A fork measured this."), "fail", "neutral"),
        (replace(FINE, state="not-measured", advisory="A fork measured this."), "fail", "neutral"),
        (replace(FINE, state="error"), "fail", "error"),
        (replace(FINE, state="error", advisory="A fork measured this."), "fail", "error"),
        (None, "fail", "error"),
        (None, "neutral", "neutral"),
    ],
)
def test_outcome(verdict: object, on_error: str, expected: str) -> None:
    """Without verdict or measurement it fails unless ``on-error`` is neutral; an advisory verdict decides nothing."""
    assert outcome(make_publication(verdict, on_error=on_error)) == expected


def test_advisory_replaces_the_sentence() -> None:
    """Why a verdict decides nothing matters more than the verdict itself."""
    assert sentence(make_publication(replace(FAILED, advisory="A fork measured this."))) == "A fork measured this."
    assert sentence(make_publication(FAILED)) == FAILED.sentence


@pytest.mark.parametrize(("age_s", "told"), [(60.0, " Base: 6 runs."), (None, "")])
def test_the_base_is_told_and_read_again(age_s: float | None, told: str) -> None:
    """A verdict with runs of the ledger says so; pairs that were measured in turns say nothing of the ledger."""
    base = Base("main", "b" * 40, 6, age_s, "the last 6 runs")
    assert base_text(make_publication(replace(FAILED, base=base))) == told
    assert tells_of_base(FAILED.sentence + told) == bool(told)
    assert (base_text(make_publication(replace(FINE, base=None))), base_text(make_publication(None))) == ("", "")
    assert not tells_of_base(" Base: 6 runs. And more")


def test_document_without_a_verdict() -> None:
    """The text names the commit, the reason and the next steps, and says that older numbers do not hold."""
    assert (
        document(make_publication(None), 60_000)
        == f"""\
### 🛑 Carbon budget: no verdict

No verdict: the tests left no report.

**What to do**

1. Find the cause in the log of [this run](https://github.example/octo/shop/actions/runs/100/attempts/1).
2. Mend the cause, and run the job again. A push helps only if the cause is in what is pushed.

Numbers shown here before belong to an earlier run, and say nothing about `{SHA[:10]}`.

Head: `{SHA[:10]}`. Run: 100.1.
"""
    )


def test_document_says_that_it_does_not_block() -> None:
    """With ``on-error: neutral`` the text says that the missing verdict does not block."""
    text = document(make_publication(None, on_error="neutral"), 60_000)
    assert "No verdict (does not block): the tests left no report." in text


def test_hostile_problem_is_only_text() -> None:
    """A problem may hold names from strangers, and may have any length."""
    text = document(make_publication(None, problem=HOSTILE * 500), 60_000)
    assert len(text) < 4000
    assert "<!--" not in text
    assert "@octocat" not in text
    assert len(text.splitlines()) == 12
