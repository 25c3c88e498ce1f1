"""Writes the proposed policy as TOML with comments: a whole ``carbon.toml``, or tables to append."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_carbon.core.proposal.change_policy import ZONE_TO_FILL_IN, toml_text
from pytest_carbon.core.proposal.first_limit import describe_limit, first_limit_j
from pytest_carbon.core.proposal.project_facts import ProjectFacts
from pytest_carbon.core.proposal.propose_features import ProposedFeature
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict.wording import count_text

SETTINGS_PAGE = "https://github.com/pytest-carbon/pytest-carbon/blob/main/docs/configuration.md"
GROWTH = "10 %"
_FOUND_WITHOUT_NAME = ("main", "master", "trunk")
_DOCUMENTS = (("docs/**", "docs/"), ("doc/**", "doc/"), ("*.md", ".md"), ("*.rst", ".rst"))
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)

Owners = Mapping[str, Sequence[str]]
"""The owners of each feature by its name; ``""`` stands for the repository."""


def policy_text(facts: ProjectFacts, features: Sequence[ProposedFeature], owners: Owners, zone: str | None) -> str:
    """Return the text of a new ``carbon.toml``. Without a zone, its key is a comment to fill in."""
    name = facts.name if facts.name.isprintable() else "this project"
    lines = [
        f"# The carbon policy of {name}: how runs are measured, and what features may use.",
        f"# Every key: {SETTINGS_PAGE}",
        *_top(facts, zone),
        "",
        *_repository_budget(facts, owners.get("", ())),
        *(line for feature in features for line in ("", *_feature(feature, owners, "features"))),
        *_end(facts, features),
    ]
    return "\n".join(lines) + "\n"


def feature_tables(
    features: Iterable[ProposedFeature], budgets: Iterable[ProposedFeature], owners: Owners, before: str
) -> str:
    """Return tables to append to a policy: whole features, and the budgets of features that are there already.

    ``before`` begins the names of the tables: nothing, or ``tool.pytest-carbon.`` in pyproject.toml.
    """
    tables = [_feature(feature, owners, f"{before}features") for feature in features]
    tables += [_budget(feature, owners.get(feature.name, ()), f"{before}features") for feature in budgets]
    return "\n".join("\n".join(table) + "\n" for table in tables if table)


def repository_table(facts: ProjectFacts, owners: Owners, before: str) -> str:
    """Return the budget of the repository as a table to append; ``before`` as for ``feature_tables``."""
    return "\n".join(_repository_budget(facts, owners.get("", ()), before)) + "\n"


def _top(facts: ProjectFacts, zone: str | None) -> Iterator[str]:
    if zone:
        yield f"zone = {toml_text(zone)}  # the electricity grid of the machines that run the tests"
    else:
        yield "# The electricity grid of the machines that run the tests, such as DE, US-VA, SE3 or gcp:us-central1."
        yield "# Until it is there, grams come from the world average, and no limit in grams is judged."
        yield ZONE_TO_FILL_IN
    if facts.default_branch not in _FOUND_WITHOUT_NAME:
        yield f"default-branch = {toml_text(facts.default_branch)}"
    documents = [glob for glob, part in _DOCUMENTS if any(_is_document(file, part) for file in facts.files)]
    if documents:
        yield f"# no-measurement = {_texts(documents)}  # a change of nothing else needs no run; not what tests read"
    yield 'on-inconclusive = "fail"  # an open question does not pass; before there is a base, growth asks none'


def _is_document(file: str, part: str) -> bool:
    return file.startswith(part) if part.endswith("/") else file.endswith(part) and "/" not in file


def _repository_budget(facts: ProjectFacts, owners: Sequence[str], before: str = "") -> Iterator[str]:
    branch = facts.default_branch if facts.default_branch.isprintable() else "the default branch"
    yield f"[{before}budget]  # the whole repository"
    yield f'growth = "{GROWTH}"  # how much costlier the same tests may become; judged from five runs of {branch} on'
    yield 'on-exceeded = "fail"  # "warn" only tells; GitHub blocks nothing until a branch rule requires carbon/budget'
    yield '# limit = "..."  # of all runs in 28 days: after two weeks, pytest-carbon budget tells what they use'
    if owners:
        yield f"owners = {_texts(owners)}  # from CODEOWNERS"


def _feature(feature: ProposedFeature, owners: Owners, header: str) -> list[str]:
    held = count_text(len(feature.files), "file") + " of tests" if feature.files else "named by markers"
    tests = f", {count_text(feature.tests, 'test')}" if feature.tests else ""
    lines = [f"[{header}.{_key(feature.name)}]  # {held}{tests}", f"labels = {_texts([feature.label])}"]
    lines += [f"paths = {_texts(feature.paths)}"] if feature.paths else []
    return [*lines, *_budget(feature, owners.get(feature.name, ()), header)]


def _budget(feature: ProposedFeature, owners: Sequence[str], header: str) -> list[str]:
    """Return the lines of a feature's budget; none if nothing was measured of it."""
    if not feature.reference_j:
        return []
    limit = format_amount(first_limit_j(feature.reference_j), "reference")
    lines = [
        f"[{header}.{_key(feature.name)}.budget]",
        f"per-run = {toml_text(limit)}  # {describe_limit(feature.reference_j)}",
        'on-exceeded = "fail"',
    ]
    return [*lines, f"owners = {_texts(owners)}  # from CODEOWNERS"] if owners else lines


def _end(facts: ProjectFacts, features: Sequence[ProposedFeature]) -> Iterator[str]:
    if not features:
        yield ""
        yield "# No file of tests was found. For each part of the product:"
        yield "# [features.checkout]"
        yield '# labels = ["feature:checkout"]'
        yield '# paths = ["tests/checkout/**"]'
    elif facts.measured is None:
        yield ""
        yield "# No feature has a limit yet, because no run of the whole suite was measured. Measure one with"
        yield "# pytest --carbon, and call pytest-carbon init again: it adds the limits."


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_text(name)


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(map(toml_text, values))}]"
