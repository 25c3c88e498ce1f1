"""``carbon-policy``: mistakes in a policy, and the rules that a change loosens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack import Attack

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


def test_a_right_policy_has_no_warning(project: Any) -> None:
    """If its paths match files in git and nothing changed, the hook is silent."""
    _files(project, "tests/checkout/test_a.py", "tests/search/test_b.py")
    project.repository()
    done = project.carbon("hook", "carbon-policy", "carbon.toml", "--fail")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_policy_in_another_case_is_named(project: Any) -> None:
    """A file CARBON.TOML is no policy on most machines: the hook hears of it and says how to rename it."""
    (project.root / "carbon.toml").rename(project.root / "CARBON.TOML")
    for files in (["CARBON.TOML"], []):
        done = project.carbon("hook", "carbon-policy", *files, "--fail")
        assert done.code == 1
        assert "git mv CARBON.TOML carbon.toml" in done.out + done.err


def test_every_mistake_and_loosened_rule_is_a_warning(project: Any) -> None:
    """Budgets above their parent's, paths that match nothing, and rules that were stricter in the last commit."""
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
carbon.toml: the budgets below the repository add up to 130 g in 28 days, more than its own limit of 100 g
carbon.toml: the path 'tests/search/**' of feature search matches no file in git
carbon.toml: this change loosens it: feature checkout may use 90 g in 28 days; before: 80 g in 28 days
"""
    )
    assert project.carbon("hook", "carbon-policy", "--fail").code == 1


@pytest.mark.parametrize(
    ("text", "warning"),
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
def test_wrong_policy_is_a_warning(project: Any, text: str, warning: str) -> None:
    """A policy that cannot be read warns, and fails with ``--fail``."""
    project.policy(whole=text)
    done = project.carbon("hook", "carbon-policy", "carbon.toml")
    assert (done.code, done.err) == (0, "")
    assert warning in done.out
    assert project.carbon("hook", "carbon-policy", "carbon.toml", "--fail").code == 1


def test_every_changed_policy_of_a_repository_is_checked(project: Any) -> None:
    """pre-commit names the changed files in any folder; a pyproject.toml of other tools is no policy."""
    (project.root / "part").mkdir()
    (project.root / "part" / "carbon.toml").write_text(BUDGETS, encoding="utf-8")
    (project.root / "other").mkdir()
    (project.root / "other" / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    done = project.carbon("hook", "carbon-policy", "part/carbon.toml", "other/pyproject.toml", "carbon.toml")
    assert done.out.splitlines() == [
        "part: carbon.toml: the budgets below the repository add up to 120 g in 28 days, more than its own limit of "
        "100 g"
    ]


def test_a_push_is_compared_with_where_it_began(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit names the commit, so rules that an older commit of the push loosened are named too."""
    _files(project, "tests/checkout/a", "tests/search/b")
    project.repository()
    project.policy(BUDGETS)
    begun = project.commit()
    project.policy(BUDGETS.replace("100 g", "200 g"))
    project.commit()
    assert "loosens" not in project.carbon("hook", "carbon-policy").out
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    warning = "carbon.toml: this change loosens it: the repository may use 200 g in 28 days; before: 100 g in 28 days\n"
    assert project.carbon("hook", "carbon-policy").out == warning
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "0" * 40)
    assert project.carbon("hook", "carbon-policy").code == 0


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize("name", ["--output={outside}", "HEAD\n--output={outside}", "-O{outside}"])
def test_names_of_pushed_commits_are_no_options(
    project: Any, monkeypatch: pytest.MonkeyPatch, attack: Attack, name: str
) -> None:
    """What the environment calls a commit empties no file."""
    _files(project, "tests/checkout/a", "tests/search/b")
    project.repository()
    for variables in (("PRE_COMMIT_FROM_REF",), ("PRE_COMMIT_TO_REF",), ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")):
        for variable in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
            monkeypatch.setenv(variable, name.format(outside=attack.outside) if variable in variables else "HEAD")
        done = project.carbon("hook", "carbon-policy")
        attack.harmless(done.out, done.err)
