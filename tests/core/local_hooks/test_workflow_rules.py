"""The rules about workflows: few findings, at the right line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.local_hooks.workflows import FINE, found

CANCELS = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\n"
PATHS = '  pull_request:\n    paths-ignore: ["docs/**"]\n'
SCHEDULE = '  schedule:\n    - cron: "17 3 * * 1"\n'
OURS = "pytest-carbon/pytest-carbon/.github/workflows/reusable-carbon.yml@v1"
CANCELS_JOB = "concurrency: {group: a, cancel-in-progress: true}"
LIMIT, CACHE, RUN = "    timeout-minutes: 20\n", "          cache: pip\n", "      - run: pip install tox && tox\n"
MIDDLE = FINE[FINE.index(LIMIT) + len(LIMIT) : FINE.index(RUN)]

CASES: dict[str, tuple[str, str, list[tuple[int, str]]]] = {
    "no change": ("", "", []),
    "no concurrency": (CANCELS, "", [(2, "concurrency")]),
    "concurrency that waits": ("  cancel-in-progress: true\n", "", [(6, "concurrency")]),
    "concurrency that says it waits": ("in-progress: true", "in-progress: false", [(6, "concurrency")]),
    "an expression may cancel": ("in-progress: true", "in-progress: ${{ true }}", []),
    "each job cancels": (CANCELS + "jobs:\n  test:\n", f"jobs:\n  test:\n    {CANCELS_JOB}\n", []),
    "a called workflow of ours cancels": (FINE[FINE.index(CANCELS) :], f"jobs: {{a: {{uses: {OURS}}}}}\n", []),
    "another called workflow": (FINE[FINE.index(CANCELS) :], "jobs: {a: {uses: ./.github/workflows/a.yml}}\n",
                                [(2, "concurrency")]),
    "no push starts it": (PATHS + "  s", "  pull_request:\n    types: [labeled]\n  s", []),
    "no paths": (PATHS, "  pull_request:\n", [(2, "paths")]),
    "events in a list": ("on:\n" + PATHS + SCHEDULE + CANCELS, "on: [push, pull_request]\n",
                         [(1, "concurrency"), (1, "paths")]),
    "pushes to a branch only": ("on:\n" + PATHS + SCHEDULE + CANCELS, "on: push\n", []),
    "on the hour": ('"17 3', '"0 3', [(5, "cron")]),
    "every fifth minute": ('"17 3', '"*/5 3', []),
    "no time limit": (LIMIT, "", [(10, "timeout")]),
    "the step has a limit": (LIMIT + MIDDLE + RUN, MIDDLE + RUN + "        timeout-minutes: 9\n", []),
    "no cache": (CACHE, "", [(19, "cache")]),
    "nothing to cache": (CACHE + RUN, "      - run: make\n", []),
    "a cache by another action": (CACHE, "      - uses: actions/cache@v4\n", []),
    "an action of the project's own": (CACHE, "      - uses: ./.github/actions/setup\n", []),
    "a release takes no cache": (f"on:\n{PATHS}{SCHEDULE}{CANCELS}", "on: {push: {tags: ['*']}}\n", []),
    "default retention": ("          retention-days: 3\n", "", [(24, "retention")]),
    "silenced": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cron]', []),
    "silenced for two rules": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cache, cron]', []),
    "another rule silenced": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cache]', [(5, "cron")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_rule_finds_its_waste_and_nothing_else(name: str) -> None:
    """One changed place in a workflow without waste gives one finding at that line; near misses give none."""
    old, new, expected = CASES[name]
    assert FINE.count(old) == 1 or not old
    text = FINE.replace(old, new)
    if "tags" in new:
        text = text.replace(CACHE, "")
    assert found(text) == expected


def test_path_filters_are_not_asked_for_where_jobs_read_the_docs() -> None:
    """A job that builds the documentation, or that reads which files changed, needs every push."""
    bare = FINE.replace(PATHS, "  pull_request:\n")
    assert found(bare.replace("tox\n", "tox -e docs\n")) == []
    assert found(bare.replace("      - uses: actions/checkout@v4\n", "      - uses: dorny/paths-filter@v3\n")) == []


@pytest.mark.parametrize(
    "text",
    ["", "jobs", "[1, 2]", "jobs: {}", "on: push\njobs: [a]", "on: push\njobs: {a: b}",
     "on: {a: [b]}\njobs: {a: {steps: b}}",
     "on: pull_request\njobs: {a: {steps: [b, {run: [c]}, {uses: {d: e}}], strategy: {matrix: [1]}}}",
     "a: &a [*a]\njobs: {b: {c: *a}}"],
)  # fmt: skip
def test_other_yaml_has_no_finding(text: str) -> None:
    """Other YAML and workflows of wrong shapes raise nothing."""
    assert found(text) in ([], [(1, "concurrency")])


def test_many_uses_of_one_anchor_cost_nothing() -> None:
    """Aliases of aliases, which expand to billions of values, stay one value; a huge matrix is not counted."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    for job in ("b: *a29", "steps: [{run: pytest}], strategy: {matrix: {b: *a29, include: [{c: *a29}]}}"):
        assert len(found(f"{bomb}on: pull_request\njobs: {{a: {{{job}}}}}")) < 20
    axes = "".join(f"        axis{n}: [{', '.join(map(str, range(100)))}]\n" for n in range(10))
    assert found(FINE.replace("        os: [ubuntu-latest, macos-latest]\n", axes)) == []


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=30), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_a_rule(lines: list[str]) -> None:
    """Any text is checked or is no YAML."""
    try:
        found("on: pull_request\njobs:\n  a:\n    steps:\n" + "".join(f"      - run: {line}\n" for line in lines))
    except yaml.YAMLError:
        return
