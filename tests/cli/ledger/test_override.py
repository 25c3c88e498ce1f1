"""ledger override: what is granted, what is refused, and for what an override holds."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
on-exceeded = "fail"
approvers = ["@bob"]
"""
GRANT = ("--reason", "release", "--author", "ann", "--approver", "bob", "--amount", "4 kJ")


def test_an_override_lets_a_feature_pass(project: Any) -> None:
    """A granted override lets a run pass that would fail, and is a record of the ledger."""
    project.policy(BUDGETS)
    project.baseline(21)
    report = project.report()
    assert project.carbon("check", report).code == 1
    done = project.carbon("ledger", "override", "checkout", *GRANT, "--json")
    assert (done.code, done.err) == (0, "")
    assert len(done.json["added"]) == 1
    narrow = project.carbon("ledger", "override", "checkout", *GRANT, "--folder", "elsewhere").out
    assert narrow.endswith("; without --pr it excuses no limit per run and no growth\n")
    verdict = project.carbon("check", report, "--json")
    assert (verdict.code, verdict.json["state"]) == (0, "overridden")
    assert "bob has approved 4 kJ" in project.carbon("check", report).out
    assert project.carbon("ledger", "verify", "--json").json["records"] == {"entry": 21, "override": 1}


@pytest.mark.parametrize(("option", "named"), [("--pr", "7"), ("--commit", "HEAD"), ("--commit", "work")])
def test_an_override_holds_only_for_the_named_change(project: Any, option: str, named: str) -> None:
    """An override of a pull request or a commit, whatever the commit is called, lets no other change pass."""
    project.policy(BUDGETS)
    project.repository()
    project.git("branch", "work")
    project.baseline(21)
    assert project.carbon("ledger", "override", "checkout", *GRANT, option, named).code == 0
    report = project.report(commit=project.git("rev-parse", "HEAD"))
    assert project.carbon("check", report, "--pr", "7").code == 0
    other = project.report(2) if option == "--commit" else report
    assert project.carbon("check", other, "--pr", "8").code == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("checkout", *GRANT[:-1], "5 kJ"), "4 kJ is left of the 4 kJ that overrides may take"),
        (("checkout", *GRANT, "--author", "@Bob"), "who asked for it; ask somebody else"),
        (("checkout", *GRANT, "--approver", "eve"), "who is not an approver; ask one of @bob"),
        (("checkout", *GRANT, "--reason", " "), "gives no reason"),
        (("checkout", *GRANT, "--amount", "4 g"), "is in grams of CO2e and the limit in joules"),
        (("checkout", *GRANT, "--amount", "lots"), "--amount is 'lots', which is not an amount"),
        (("checkout", *GRANT, "--days", "8"), "--days is 8; an override holds for at least 1 and at most 7 days"),
        (("checkout", *GRANT, "--days", "0"), "--days is 0"),
        (("checkout", *GRANT, "--days", "9" * 12), "--days is 999999999999"),
        (("checkout", *GRANT, "--commit", "abc1234"), "--commit is 'abc1234', which is no commit of this clone"),
        (("chekout", *GRANT), "no feature or team is called 'chekout'; did you mean \"checkout\"? (there are: "),
        (("repository", *GRANT), "'repository' has no budget over a window"),
    ],
)
def test_an_override_against_the_policy_is_refused(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """The reason is one line, and nothing is written."""
    project.policy(BUDGETS)
    done = project.carbon("ledger", "override", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert not (project.root / ".carbon" / "ledger").exists()


def test_overrides_together_use_at_most_a_tenth(project: Any, lab: SimpleNamespace) -> None:
    """A second override is refused if both together are more than a tenth of the limit."""
    project.policy(BUDGETS)
    later = lab.NOW + timedelta(minutes=1)
    grant = ("ledger", "override", "checkout", *GRANT, "--amount")
    assert project.carbon(*grant, "3 kJ").code == 0
    assert project.carbon(*grant, "2 kJ").code == 2  # at the same moment, in whatever order their ids are
    done = project.carbon(*grant, "2 kJ", now=later)
    assert done.code == 2
    assert "1 kJ is left" in done.err
    assert project.carbon(*grant, "1 kJ", now=later).code == 0
