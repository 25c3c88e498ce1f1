"""``carbon-policy``: what is wrong with a policy, and what a change of it loosens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.feature_shares import feature_of_path, glob_regex
from pytest_carbon.core.hooks.policy_path_check import path_problems

BUDGETS = """
[budget]
limit = "100 g"
[features.checkout.budget]
limit = "80 g"
[features.search.budget]
limit = "40 g"
"""


def _files(project: Any, *names: str) -> None:
    for name in names:
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")


def test_a_sound_policy_has_nothing_to_say(project: Any) -> None:
    """With its files in git and no change, there is no line and no failure."""
    _files(project, "tests/checkout/test_a.py", "tests/search/test_b.py")
    project.repository()
    done = project.carbon("hook", "carbon-policy", "carbon.toml", "--fail")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_everything_that_is_wrong_or_looser(project: Any) -> None:
    """Budgets beyond their parent's, paths that fit nothing, and what was stricter in the last commit."""
    _files(project, "tests/checkout/test_a.py")
    project.repository()
    project.policy(BUDGETS)
    project.commit()
    project.policy(BUDGETS.replace("80 g", "90 g"))
    done = project.carbon("hook", "carbon-policy")
    assert done.code == 0
    assert (
        done.out
        == """\
carbon.toml: the budgets below the repository add up to 130 g in 28d, more than its own limit of 100 g
carbon.toml: the path 'tests/search/**' of search fits no file that git knows
carbon.toml: this change loosens it: feature checkout may use 90 g in 28d; before: 80 g in 28d
"""
    )
    assert project.carbon("hook", "carbon-policy", "--fail").code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zoen = 'DE'", "carbon.toml: unknown key 'zoen'; did you mean \"zone\"?"),
        ("[budget]\nlimit = 5", "carbon.toml: budget: limit is 5, which has no unit"),
        ("[budget]\nlimit = '5 gg'", "carbon.toml: budget: limit is '5 gg': no unit is called 'gg'"),
        (
            "[features]\na = {labels = ['x']}\nb = {labels = ['x']}",
            "carbon.toml: features: both a and b claim the label 'x'",
        ),
        (
            "[features]\na = {paths = ['x']}\nb = {paths = ['x/']}",
            "carbon.toml: features: both a and b claim the path 'x'",
        ),
        ("[[", "is not valid TOML"),
    ],
)
def test_what_cannot_be_understood_is_a_warning(project: Any, text: str, said: str) -> None:
    """It warns as everything else does, and fails where that is asked for."""
    project.policy(whole=text)
    done = project.carbon("hook", "carbon-policy", "carbon.toml")
    assert (done.code, done.err) == (0, "")
    assert said in done.out
    assert project.carbon("hook", "carbon-policy", "carbon.toml", "--fail").code == 1


def test_every_policy_of_a_repository_is_looked_at(project: Any) -> None:
    """pre-commit names the files that changed, in whatever folder; other projects' settings are not ours."""
    (project.root / "part").mkdir()
    (project.root / "part" / "carbon.toml").write_text(BUDGETS, encoding="utf-8")
    (project.root / "other").mkdir()
    (project.root / "other" / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    done = project.carbon("hook", "carbon-policy", "part/carbon.toml", "other/pyproject.toml", "carbon.toml")
    assert done.out.splitlines() == [
        "part: carbon.toml: the budgets below the repository add up to 120 g in 28d, more than its own limit of 100 g"
    ]


def test_a_push_is_held_against_where_it_began(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit tells the commit: what an older commit of the push loosened is told as well."""
    _files(project, "tests/checkout/a", "tests/search/b")
    project.repository()
    project.policy(BUDGETS)
    begun = project.commit()
    project.policy(BUDGETS.replace("100 g", "200 g"))
    project.commit()
    assert "loosens" not in project.carbon("hook", "carbon-policy").out
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    said = "carbon.toml: this change loosens it: the repository may use 200 g in 28d; before: 100 g in 28d\n"
    assert project.carbon("hook", "carbon-policy").out == said
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "0" * 40)
    assert project.carbon("hook", "carbon-policy").code == 0


def test_files_that_two_features_claim_equally_closely() -> None:
    """The closer path wins and is no problem; a tie is told, with one of its files."""
    files = ["tests/api/test_pay.py", "tests/api/test_find.py", "tests/web/test_pay.py"]
    assert path_problems({"all": ["tests/**"], "api": ["tests/api/**"]}, files) == []
    assert path_problems({"pay": ["tests/*/test_pay.py"], "rest": ["tests/**", "docs"]}, files) == [
        "the path 'docs' of rest fits no file that git knows",
        "'tests/*/test_pay.py' of pay and 'tests/**' of rest claim 2 files equally closely, such as "
        "tests/api/test_pay.py; pay has them, as it is named first: make one of the paths closer",
    ]


_PART = st.sampled_from(["a", "b", "*", "**", "a?", "ab"])
_GLOB = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_FILE = st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(st.sampled_from("xyz"), st.lists(_GLOB, min_size=1, max_size=2), max_size=3), st.sets(_FILE))
@settings(max_examples=150, deadline=None)
def test_paths_are_told_as_they_are_matched(claims: dict[str, list[str]], files: set[str]) -> None:
    """A path is unused exactly if it fits no file; a tie is one exactly where the order of the features decides."""
    said = path_problems(claims, sorted(files))
    globs = [(name, glob) for name, own in claims.items() for glob in own]
    unused = {(name, glob) for name, glob in globs if not any(glob_regex(glob).fullmatch(file) for file in files)}
    assert sum("fits no file" in line for line in said) == len([pair for pair in globs if pair in unused])
    backwards = dict(reversed(claims.items()))
    tied = {file for file in files if feature_of_path(file, claims) != feature_of_path(file, backwards)}
    assert any("equally closely" in line for line in said) == bool(tied)
