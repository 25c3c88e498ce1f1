"""How a proposal is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_carbon.cli.project import show_proposal
from pytest_carbon.core.proposal.project_facts import MeasuredRun, ProjectFacts
from pytest_carbon.core.proposal.propose_files import ProposedFile
from pytest_carbon.usecases.init_project.make_proposal import Proposal, ShownText

FACTS = ProjectFacts("shop", ("tests/test_a.py", "a.py"), unmeasured="no run was measured here")
RUN = MeasuredRun("2026-06-15T12:00:00+00:00", {"tests/test_a.py": (6.0, 20)}, {"pay": (1.0, 1)})


def test_facts_are_one_line() -> None:
    """What was measured counts all tests."""
    assert show_proposal.facts_line(FACTS) == "shop: 1 file of tests, default branch main, no run was measured here"
    facts = replace(FACTS, forge="GitHub", measured=RUN)
    assert show_proposal.facts_line(facts) == (
        "shop: 1 file of tests, default branch main, on GitHub, 21 tests measured with 7 J ref"
    )


@pytest.mark.parametrize(
    ("before", "as_diff", "shown"),
    [
        (None, False, "\na.toml (new):\n    x = 1\n\n    y = 2\n"),
        (None, True, "\na.toml (new):\n    --- /dev/null\n    +++ b/a.toml\n    @@ -0,0 +1,3 @@\n    +x = 1\n"
                     "    +\n    +y = 2\n"),
        ("x = 1\n", False, "\na.toml (added to what is there):\n    --- a/a.toml\n    +++ b/a.toml\n    @@ -1 +1,3 @@\n"
                           "     x = 1\n    +\n    +y = 2\n"),
    ],
)  # fmt: skip
def test_a_new_file_is_whole_and_an_addition_a_difference(
    capsys: pytest.CaptureFixture[str], before: str | None, as_diff: bool, shown: str
) -> None:
    """Lines have an indent, so that none begins a command of a CI."""
    show_proposal.show_file(ProposedFile("a.toml", before, "x = 1\n\ny = 2\n"), as_diff=as_diff)
    assert capsys.readouterr().out == shown


def test_texts_and_next_steps(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paths of the next step are seen from the working directory."""
    monkeypatch.chdir(tmp_path)
    show_proposal.show_text(ShownText("do this:", ("a", "b")))
    file = ProposedFile(".github/workflows/a b.yml", None, "x")
    show_proposal.show_next_steps(Proposal((file,), (), ("still open",)), [file], tmp_path)
    show_proposal.show_next_steps(Proposal((), (), ()), [], tmp_path, "pytest-carbon init --forge github")
    assert capsys.readouterr().out == (
        "\ndo this:\n    a\n    b\n"
        "\nstill open\n"
        "in the workflow, see that install has all that your tests need\n"
        "next: merge this, because a pull request is judged by the policy of its base\n"
        "    git add '.github/workflows/a b.yml'\n"
        '    git commit -m "Carbon budgets"\n'
        "\nnothing new: what deserves a feature has one, and nothing is missing beside it\n"
        "next: if pull requests are made on GitHub, which no remote tells, write the workflow, too:\n"
        "    pytest-carbon init --forge github\n"
    )
