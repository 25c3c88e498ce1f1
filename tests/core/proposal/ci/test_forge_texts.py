"""Labels, and the lines for other CI systems."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pytest_carbon.core.proposal.ci.forge_texts import label_lines, lines_for_other_ci
from pytest_carbon.core.proposal.project_facts import Forge
from pytest_carbon.core.proposal.propose_features import ProposedFeature

PAGE = Path(__file__).parents[4] / "docs" / "troubleshooting.md"
PAY = ProposedFeature("pay", "feature:pay", (), ())


@pytest.mark.parametrize(
    ("forge", "first", "count"),
    [
        ("GitHub", "gh label create feature:pay --description 'the feature pay pays for the test runs'", 4),
        ("GitLab", "glab label create --name feature:pay --description 'the feature pay pays for the test runs'", 2),
        ("", "feature:pay: the feature pay pays for the test runs", 2),
    ],
)
def test_labels_are_commands_of_the_forge(forge: Forge, first: str, count: int) -> None:
    """Labels that approve something are read on GitHub alone."""
    assert label_lines([PAY], forge, all_labels=False) == [first]
    assert len(label_lines([PAY], forge, all_labels=True)) == count


def test_a_hostile_name_is_one_word_of_the_shell() -> None:
    """A feature that a marker names may have any letters."""
    name = "x'; rm -rf $HOME #"
    (line,) = label_lines([ProposedFeature(name, f"feature:{name}", (), ())], "GitHub", all_labels=False)
    assert shlex.split(line)[3] == f"feature:{name}"
    of_change, _ = lines_for_other_ci("a'; x")
    assert shlex.split(of_change[0])[-1] == "+refs/heads/a'; x:refs/remotes/origin/a'; x"


def test_lines_for_another_ci_are_those_of_the_page() -> None:
    """The page explains them."""
    of_change, of_main = lines_for_other_ci("main")
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(of_change).replace("NUMBER", "7") in page
    assert "\n".join(of_main) in page
