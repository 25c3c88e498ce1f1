"""``carbon-workflows``: few findings, at the right line, with what they save and the lines that mend them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_carbon_hooks.carbon_workflows import with_lines

from pytest_carbon.core.hooks.workflow_model import LinedMapping, matrix_combinations, read_workflow
from pytest_carbon.core.hooks.workflow_rules import find_waste

FINE = """on:
  pull_request:
    paths-ignore: ["docs/**"]
  schedule:
    - cron: "17 3 * * 1"
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ${{ matrix.os }}
    timeout-minutes: 20
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest]
        python: ["3.11", "3.14"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: ${{ matrix.python }}
          cache: pip
      - run: pip install tox && tox
      - uses: actions/upload-artifact@v4
        with:
          name: report
          retention-days: 3
"""
CANCELS = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\n"
PATHS = '  pull_request:\n    paths-ignore: ["docs/**"]\n'
SCHEDULE = '  schedule:\n    - cron: "17 3 * * 1"\n'
CANCELS_JOB = "concurrency: {group: a, cancel-in-progress: true}"
LIMIT, CACHE, RUN = "    timeout-minutes: 20\n", "          cache: pip\n", "      - run: pip install tox && tox\n"
MIDDLE = FINE[FINE.index(LIMIT) + len(LIMIT) : FINE.index(RUN)]

CASES: dict[str, tuple[str, str, list[tuple[int, str]]]] = {
    "nothing": ("", "", []),
    "no concurrency": (CANCELS, "", [(2, "concurrency")]),
    "concurrency that waits": ("  cancel-in-progress: true\n", "", [(6, "concurrency")]),
    "concurrency that says it waits": ("in-progress: true", "in-progress: false", [(6, "concurrency")]),
    "an expression may cancel": ("in-progress: true", "in-progress: ${{ true }}", []),
    "each job cancels": (CANCELS + "jobs:\n  test:\n", f"jobs:\n  test:\n    {CANCELS_JOB}\n", []),
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
    "kept as long as the default says": ("          retention-days: 3\n", "", [(24, "retention")]),
    "twice": ('["3.11", "3.14"]', '["3.11", "3.14", "3.11"]', [(16, "matrix")]),
    "3.10 is not 3.1": ('["3.11", "3.14"]', "[3.1, 3.10]", []),
    "every version everywhere": ('"3.11", "3.14"', '"3.10", "3.11", "3.12", "3.13", "3.14", "3.15"', [(14, "matrix")]),
    "versions that are not known": ('["3.11", "3.14"]', "${{ fromJSON(needs.versions) }}", []),
    "only lints": (RUN, "      - run: |\n          pip install ruff\n          ruff check . && ruff format --check .\n",
                   [(14, "matrix")]),
    "lints and checks types": (RUN, "      - run: ruff check . && mypy\n", []),
    "silenced": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cron]', []),
    "silenced for more": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cache, cron]', []),
    "silenced for another": ('"17 3 * * 1"', '"0 3 * * 1"  # carbon: ignore[cache]', [(5, "cron")]),
}  # fmt: skip


def _found(text: str) -> list[tuple[int, str]]:
    workflow = read_workflow("ci.yml", with_lines(yaml.compose(text, Loader=yaml.SafeLoader), {}))
    return [(one.line, one.rule) for one in find_waste(workflow, text.splitlines())] if workflow else []


@pytest.mark.parametrize("case", CASES)
def test_each_rule_finds_its_waste_and_nothing_else(case: str) -> None:
    """A workflow that wastes nothing, changed in one place, has that finding at that line; near misses have none."""
    old, new, expected = CASES[case]
    assert FINE.count(old) == 1 or not old
    text = FINE.replace(old, new)
    if "tags" in new:
        text = text.replace(CACHE, "")
    assert _found(text) == expected


def test_a_job_that_makes_the_docs_needs_their_changes() -> None:
    """Path filters are not asked for where a job looks at the documentation, or at what changed."""
    bare = FINE.replace(PATHS, "  pull_request:\n")
    assert _found(bare.replace("tox\n", "tox -e docs\n")) == []
    assert _found(bare.replace("      - uses: actions/checkout@v4\n", "      - uses: dorny/paths-filter@v3\n")) == []


def test_the_same_waste_is_told_once_a_file(project: Any) -> None:
    """The line of the first, the lines of the others, what mending saves and how: the whole output."""
    folder = project.root / ".github" / "workflows"
    folder.mkdir(parents=True)
    job = "  {}:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm ci\n      - run: npm test\n"
    text = "on: [push, pull_request]\njobs:\n" + "".join(job.format(name) for name in "abc")
    (folder / "ci.yml").write_text(text, encoding="utf-8")
    done = project.carbon("hook", "carbon-workflows")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
.github/workflows/ci.yml:1: a newer push to a pull request does not end the run of the older one [concurrency]
    saves 3 jobs for every push that is overtaken: nobody reads them
    | concurrency:
    |   group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}
    |   cancel-in-progress: true
.github/workflows/ci.yml:1: the tests also run for a change of the documentation alone [paths]
    saves 3 jobs for every push of such a change
    | pull_request:
    |   paths-ignore: ["docs/**", "**/*.md", "**/*.rst"]
    | # if a rule requires one of these checks, leave the job out by its `if` instead: a check whose workflow
    | # did not start keeps the pull request waiting
.github/workflows/ci.yml:3: the job has no time limit (also in lines 8, 13) [timeout]
    saves up to 6 hours of a machine, GitHub's own limit, whenever it hangs
    | timeout-minutes: 20  # a few times what it usually takes
"""
    )
    assert project.carbon("hook", "carbon-workflows", "--fail").code == 1
    assert project.carbon("hook", "carbon-workflows", ".github/workflows/ci.yml").out == done.out
    (folder / "ci.yml").write_text(FINE, encoding="utf-8")
    assert project.carbon("hook", "carbon-workflows", "--fail").code == 0


@pytest.mark.parametrize(
    "text",
    ["", "jobs", "[1, 2]", "jobs: {}", "on: push\njobs: [a]", "on: push\njobs: {a: b}",
     "on: {a: [b]}\njobs: {a: {steps: b}}",
     "on: pull_request\njobs: {a: {steps: [b, {run: [c]}, {uses: {d: e}}], strategy: {matrix: [1]}}}",
     "a: &a [*a]\njobs: {b: {c: *a}}"],
)  # fmt: skip
def test_what_is_no_workflow_has_no_finding(text: str) -> None:
    """Other YAML, and workflows of strange shapes, are looked at without harm."""
    assert _found(text) in ([], [(1, "concurrency")])


@pytest.mark.parametrize("data", [b"on: [", b"\xff\xfe\xfa", b"a: *b", b"a: 1: 2"])
def test_a_file_that_cannot_be_read_is_told(project: Any, data: bytes) -> None:
    """It is a note, which fails nothing."""
    (project.root / "ci.yml").write_bytes(data)
    done = project.carbon("hook", "carbon-workflows", "ci.yml", "missing.yml", "--fail")
    assert (done.code, done.err) == (0, "")
    told, missing = done.out.splitlines()
    assert re.fullmatch(r"ci\.yml(:\d)?: it cannot be read \(.+\)", told)
    assert missing == "missing.yml: it cannot be read (No such file or directory)"


NINES = "".join(
    f"{c}0: &{c}0 [x]\n" + "".join(f"{c}{n}: &{c}{n} [{', '.join([f'*{c}{n - 1}'] * 9)}]\n" for n in range(1, 30))
    for c in "ab"
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("on: push\njobs: " + "[" * 100_000, "it is nested more than 50 levels deep"),
        ("- " * 100_000, "it is nested more than 50 levels deep"),
        (NINES + "on: push\njobs: {a: {strategy: {matrix: {x: [*a29, *b29]}}}}\n",
         "it has more than 100,000 values with its aliases expanded"),
        ("on: push\njobs: {a: {strategy: {matrix: {x: [&a [*a], &b [*b]]}}}}\n",
         "the alias 'a' has no anchor before it, or refers to a value that contains it"),
        ("#" * 500_001, "it has more than 500,000 bytes"),
    ],
    ids=["brackets", "dashes", "aliases", "itself", "size"],
)  # fmt: skip
def test_hostile_files_are_told_and_end_nothing(project: Any, data: str, why: str) -> None:
    """What would end libyaml, or take for ever to compare, is refused before it is read, with the reason."""
    (project.root / "ci.yml").write_text(data, encoding="utf-8")
    done = project.carbon("hook", "carbon-workflows", "ci.yml", "--fail")
    assert (done.code, done.out, done.err) == (0, f"ci.yml: it cannot be read ({why})\n", "")


def test_what_is_no_file_is_not_opened(project: Any) -> None:
    """A pipe, a folder or a link to a device would never end."""
    os.mkfifo(project.root / "pipe.yml")
    (project.root / "zero.yml").symlink_to("/dev/zero")
    (project.root / "folder.yml").mkdir()
    done = project.carbon("hook", "carbon-workflows", "pipe.yml", "zero.yml", "folder.yml")
    assert done.out.count("it cannot be read (it is no file)") == 3


def test_many_uses_of_one_anchor_cost_nothing() -> None:
    """Aliases of aliases, which would unfold to billions, stay one value; and a matrix without end is not counted."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    for job in ("b: *a29", "steps: [{run: pytest}], strategy: {matrix: {b: *a29, include: [{c: *a29}]}}"):
        assert len(_found(f"{bomb}on: pull_request\njobs: {{a: {{{job}}}}}")) < 20
    axes = "".join(f"        axis{n}: [{', '.join(map(str, range(100)))}]\n" for n in range(10))
    assert _found(FINE.replace("        os: [ubuntu-latest, macos-latest]\n", axes)) == []


MATRICES = [
    ("{a: [1, 2], b: [3, 4]}", 4),
    ("{a: [1, 2], b: [3, 4], exclude: [{a: 1, b: 3}]}", 3),
    ("{a: [1, 2], include: [{a: 1, c: 5}]}", 2),
    ("{a: [1, 2], include: [{a: 3}]}", 3),
    ("{a: [1, 2], include: [{c: 5}, {a: 3, c: 5}, {a: 3, c: 5}]}", 4),
    ("{include: [{a: 1}, {a: 2}]}", 2),
    ("{p: [{os: mac, x: 1}, {os: win, x: 2}], v: [1], exclude: [{p: {os: mac}}]}", 1),
    ("{a: '${{ fromJSON(x) }}'}", None),
    ("{a: ['${{ x }}']}", None),
]


@pytest.mark.parametrize(("text", "jobs"), MATRICES)
def test_matrices_are_counted_as_github_does(text: str, jobs: int | None) -> None:
    """Lists multiply, exclude takes away, include adds to what it fits or stands alone."""
    matrix = with_lines(yaml.compose(text, Loader=yaml.SafeLoader), {})
    assert isinstance(matrix, LinedMapping)
    found = matrix_combinations(matrix)
    assert (None if found is None else len(found)) == jobs


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=30), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_a_rule(lines: list[str]) -> None:
    """Whatever stands in a file, it is looked at or it is no YAML."""
    try:
        _found("on: pull_request\njobs:\n  a:\n    steps:\n" + "".join(f"      - run: {line}\n" for line in lines))
    except yaml.YAMLError:
        return


def test_our_own_workflows_waste_nothing(project: Any) -> None:
    """What we ask of others holds for the workflow that tests us."""
    ours = Path(__file__).parents[2] / ".github" / "workflows" / "ci.yml"
    assert project.carbon("hook", "carbon-workflows", str(ours), "--fail").out == ""
