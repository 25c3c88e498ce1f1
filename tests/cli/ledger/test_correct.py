"""ledger correct: another feature pays for a run."""

from __future__ import annotations

from typing import Any

import pytest

BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
[features.search.budget]
limit = "40 kJ"
"""
DATABASE = '[ledger]\nsql = "sqlite:///shop.db"\nrepository = "org/shop"\n'


def _consumed(project: Any) -> dict[str, float]:
    budgets = project.carbon("budget", "--json").json["budgets"]
    return {budget["name"]: budget["standing"]["consumed"] for budget in budgets}


def test_a_correction_changes_who_pays(project: Any) -> None:
    """A label that came late moves the cost of the run to another feature; the file of the run stays as it is."""
    project.policy(BUDGETS)
    project.carbon("ledger", "append", project.report(), "--label", "feature:checkout")
    assert _consumed(project) == {"checkout": 4000, "search": 0}
    file = project.root / ".carbon" / "ledger" / "2026" / "06" / "15" / "run-1.json"
    before = file.read_bytes()
    done = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "label was wrong")
    assert (done.code, done.err) == (0, "")
    assert "run-1 is now paid by search" in done.out
    assert file.read_bytes() == before
    assert _consumed(project) == {"checkout": 0, "search": 4000}
    (entry,) = project.carbon("ledger", "list", "--json").json["entries"]
    assert (entry["shares"], entry["labels"]) == ({"search": 1.0}, ["feature:search"])
    assert project.carbon("ledger", "verify", "--json").json["records"] == {"correction": 1, "entry": 1}


@pytest.mark.parametrize(
    ("run", "label", "complaint"),
    [
        (
            "run-2",
            "feature:search",
            "no run 'run-2' is in the ledger; see pytest-carbon ledger list; did you mean \"run-1\"?",
        ),
        (
            "run-1",
            "nope",
            "no feature of carbon.toml claims the label nope (its features have these: feature:checkout, feature",
        ),
        ("run-1", "feature:serach", 'claims the label feature:serach; did you mean "feature:search"?'),
        ("run-1", "", "no label of a feature is given"),
    ],
)
def test_an_unknown_run_or_label_is_refused(project: Any, run: str, label: str, complaint: str) -> None:
    """A run that is not in the ledger, and a label that no feature claims, are mistakes."""
    project.carbon("ledger", "append", project.report())
    done = project.carbon("ledger", "correct", run, "--label", label, "--reason", "why")
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err


def test_a_run_of_another_repository_is_corrected_only_there(project: Any) -> None:
    """Only a correction in the same repository is kept when the day of the run is summed up."""
    project.policy(DATABASE + 'scope = "organisation"\n')
    project.carbon("ledger", "migrate", now=None)
    project.carbon("ledger", "append", project.report(), "--repository", "org/pay")
    done = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "why")
    assert (done.code, "no run 'run-1' is in the ledger" in done.err) == (2, True)
    corrected = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "why",
                           "--repository", "org/pay")  # fmt: skip
    assert corrected.code == 0
    assert project.carbon("ledger", "verify").out.endswith("no faults\n")
