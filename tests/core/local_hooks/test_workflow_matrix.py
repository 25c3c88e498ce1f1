"""The rule about matrices: jobs that tell nothing new."""

from __future__ import annotations

import pytest

from pytest_carbon.core.local_hooks.workflow_matrix import find_matrix_waste
from tests.core.local_hooks.workflows import FINE, found, workflow_of

RUN = "      - run: pip install tox && tox\n"
CASES: dict[str, tuple[str, str, list[tuple[int, str]]]] = {
    "repeated entry": ('["3.11", "3.14"]', '["3.11", "3.14", "3.11"]', [(16, "matrix")]),
    "3.10 is not 3.1": ('["3.11", "3.14"]', "[3.1, 3.10]", []),
    "every version everywhere": ('"3.11", "3.14"', '"3.10", "3.11", "3.12", "3.13", "3.14", "3.15"', [(14, "matrix")]),
    "unknown versions": ('["3.11", "3.14"]', "${{ fromJSON(needs.versions) }}", []),
    "only lints": (RUN, "      - run: |\n          pip install ruff\n          ruff check . && ruff format --check .\n",
                   [(14, "matrix")]),
    "lints and checks types": (RUN, "      - run: ruff check . && mypy\n", []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_matrix_rule_finds_its_waste_and_nothing_else(name: str) -> None:
    """One changed place in a workflow without waste gives one finding at that line; near misses give none."""
    old, new, expected = CASES[name]
    assert FINE.count(old) == 1
    assert found(FINE.replace(old, new)) == expected


def test_finding_counts_the_needless_jobs() -> None:
    """Every version on every system: 12 jobs, of which the oldest and newest version elsewhere leave 8."""
    text = FINE.replace('["3.11", "3.14"]', '["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]')
    (finding,) = find_matrix_waste(workflow_of(text), text.splitlines())
    assert finding.problem == "test runs every version on every system: 12 jobs per push"
    assert finding.saves.startswith("about 4 of 12 jobs, ")


def test_repeated_entry_is_named() -> None:
    """The problem names the entry, also one that is a mapping; an expression may have another value each time."""
    for entries, name in (("[a, b, a]", "x a"), ("[{os: mac, v: '1'}, {os: mac, v: '1'}]", "x of mac, 1")):
        text = f"on: push\njobs: {{test: {{strategy: {{matrix: {{x: {entries}}}}}}}}}\n"
        problems = [finding.problem for finding in find_matrix_waste(workflow_of(text), text.splitlines())]
        assert problems == [f"test has {name} twice in its matrix"]
    text = "on: push\njobs: {test: {strategy: {matrix: {x: ['${{ a }}', '${{ a }}']}}}}\n"
    assert list(find_matrix_waste(workflow_of(text), text.splitlines())) == []
