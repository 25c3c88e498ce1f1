"""The text of a proposed policy."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from pytest_carbon.core.proposal.policy_text import feature_tables, policy_text, repository_table
from pytest_carbon.core.proposal.project_facts import MeasuredRun, ProjectFacts
from pytest_carbon.core.proposal.propose_features import ProposedFeature

EXPECTED = Path(__file__).parents[2] / "expected"
FACTS = ProjectFacts("shop", ("docs/index.md", "README.md", "docs.py", "tests/test_a.py"), default_branch="develop")
RUN = MeasuredRun("2026-06-15T12:00:00+00:00", {"tests/checkout/test_checkout.py": (6.0, 20)})
CHECKOUT = ProposedFeature(
    "checkout", "feature:checkout", ("tests/checkout/**", "shop/checkout.py"), ("tests/checkout/test_checkout.py",),
    6.0, 20,
)  # fmt: skip
OTHER = ProposedFeature("other", "feature:other", ("tests/**",), ("tests/test_a.py", "tests/test_b.py"), 0.0, 0)
HOSTILE = ProposedFeature('a"b\\', 'feature:a"b\\', ("tests/\"]\\'/**",), ("x",), 6.0, 1)
OWNERS = {"checkout": ("@checkout-team", "@ann"), "": ("@shop/core",)}


def test_whole_policy_with_what_was_measured() -> None:
    """The zone, the branch, owners and limits are there, each with a comment."""
    text = policy_text(replace(FACTS, measured=RUN), [CHECKOUT, OTHER], OWNERS, "DE")
    assert text == (EXPECTED / "init-measured.toml").read_text(encoding="utf-8")


def test_whole_policy_without_anything_known() -> None:
    """The zone is a line to fill in, and no figure is invented."""
    features = [replace(CHECKOUT, reference_j=None, tests=None)]
    text = policy_text(replace(FACTS, default_branch="main", files=()), features, {}, None)
    assert text == (EXPECTED / "init-unmeasured.toml").read_text(encoding="utf-8")


def test_a_project_without_tests_has_an_example() -> None:
    """It is a comment, so that no feature is invented."""
    text = policy_text(FACTS, [], {}, None)
    assert "# [features.checkout]" in text
    assert "features" not in tomllib.loads(text)


def test_hostile_names_stay_texts() -> None:
    """Quotes, brackets and line ends in names end no text and no comment."""
    facts = replace(FACTS, name='x\nzone = "FR"', default_branch='a"\nb')
    found = tomllib.loads(policy_text(facts, [HOSTILE], {HOSTILE.name: ('@a"]\nzone',)}, 'D"E'))
    assert found["zone"] == 'D"E'
    assert found["default-branch"] == 'a"\nb'
    assert found["features"][HOSTILE.name]["paths"] == list(HOSTILE.paths)
    assert found["features"][HOSTILE.name]["budget"]["owners"] == ['@a"]\nzone']


def test_tables_for_a_policy_that_is_there() -> None:
    """New features are whole tables; of others only the budget is new, and nothing without a figure."""
    text = feature_tables([OTHER], [CHECKOUT, replace(OTHER, name="a")], OWNERS, "tool.pytest-carbon.")
    assert text == (
        "[tool.pytest-carbon.features.other]  # 2 files of tests\n"
        'labels = ["feature:other"]\n'
        'paths = ["tests/**"]\n'
        "\n"
        "[tool.pytest-carbon.features.checkout.budget]\n"
        'per-run = "9 J ref"  # 6 J ref measured, and a half more\n'
        'on-exceeded = "fail"\n'
        'owners = ["@checkout-team", "@ann"]  # from CODEOWNERS\n'
    )
    assert feature_tables([], [OTHER], OWNERS, "") == ""
    first = repository_table(FACTS, OWNERS, "tool.pytest-carbon.").splitlines()[0]
    assert first == "[tool.pytest-carbon.budget]  # the whole repository"
