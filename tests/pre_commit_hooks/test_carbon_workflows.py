"""``carbon-workflows``: the output for workflows with waste, and files that cannot be read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.core.local_hooks.workflows import FINE


def test_the_same_waste_is_one_finding_per_file(project: Any) -> None:
    """A finding has the first line, the other lines, what the fix saves and the fix: the whole output."""
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
.github/workflows/ci.yml:1: a newer push to a pull request does not cancel the run of the older push [concurrency]
    saves 3 jobs for every push that a newer one replaces: nobody reads their results
    | concurrency:
    |   group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}
    |   cancel-in-progress: true
.github/workflows/ci.yml:1: the tests also run for a change of the documentation alone [paths]
    saves 3 jobs for every push of such a change
    | pull_request:
    |   paths-ignore: ["docs/**", "**/*.md", "**/*.rst"]
    | # if a rule requires one of these checks, skip the job by its `if` instead: a required check
    | # whose workflow did not start blocks the pull request
.github/workflows/ci.yml:3: the job has no time limit (also in lines 8, 13) [timeout]
    saves up to 6 hours of a machine, GitHub's own limit, whenever the job hangs
    | timeout-minutes: 20  # a few times the usual duration
"""
    )
    assert project.carbon("hook", "carbon-workflows", "--fail").code == 1
    assert project.carbon("hook", "carbon-workflows", ".github/workflows/ci.yml").out == done.out
    (folder / "ci.yml").write_text(FINE, encoding="utf-8")
    assert project.carbon("hook", "carbon-workflows", "--fail").code == 0


@pytest.mark.parametrize("data", [b"on: [", b"\xff\xfe\xfa", b"a: *b", b"a: 1: 2"])
def test_unreadable_file_is_a_note(project: Any, data: bytes) -> None:
    """The note names the file and the reason, and does not fail the hook."""
    (project.root / "ci.yml").write_bytes(data)
    done = project.carbon("hook", "carbon-workflows", "ci.yml", "missing.yml", "--fail")
    assert (done.code, done.err) == (0, "")
    note, missing = done.out.splitlines()
    assert re.fullmatch(r"ci\.yml(:\d)?: the file cannot be read \(.+\)", note)
    assert missing == "missing.yml: the file cannot be read (No such file or directory)"


ANY_REASON = ".+"
NINES = "".join(
    f"{c}0: &{c}0 [x]\n" + "".join(f"{c}{n}: &{c}{n} [{', '.join([f'*{c}{n - 1}'] * 9)}]\n" for n in range(1, 30))
    for c in "ab"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("on: push\njobs: " + "[" * 100_000, ANY_REASON),
        ("- " * 100_000, ANY_REASON),
        (NINES + "on: push\njobs: {a: {strategy: {matrix: {x: [*a29, *b29]}}}}\n",
         "it has more than 100,000 values with its aliases expanded"),
        ("on: push\njobs: {a: {strategy: {matrix: {x: [&a [*a], &b [*b]]}}}}\n",
         "the alias 'a' has no anchor before it, or refers to a value that contains it"),
        ("#" * 500_001, "it is larger than 500 kB"),
    ],
    ids=["brackets", "dashes", "aliases", "itself", "size"],
)  # fmt: skip
def test_hostile_file_is_a_note_with_a_reason(project: Any, data: str, reason: str) -> None:
    """A file that would crash the YAML library or never end is refused before it is loaded; the hook succeeds.

    Some versions of the library refuse deep nesting themselves, in words of their own.
    """
    (project.root / "ci.yml").write_text(data, encoding="utf-8")
    done = project.carbon("hook", "carbon-workflows", "ci.yml", "--fail")
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(rf"ci\.yml(:\d+)?: the file cannot be read \({reason}\)\n", done.out)


def test_pipes_devices_and_folders_are_not_opened(project: Any) -> None:
    """Reading a pipe or a link to a device would never end."""
    os.mkfifo(project.root / "pipe.yml")
    (project.root / "zero.yml").symlink_to("/dev/zero")
    (project.root / "folder.yml").mkdir()
    done = project.carbon("hook", "carbon-workflows", "pipe.yml", "zero.yml", "folder.yml")
    reasons = ("it is a pipe, not a regular file", "is a link that leaves the project", "it is a folder, not")
    assert [reason in line for reason, line in zip(reasons, done.out.splitlines(), strict=True)] == [True] * 3


@pytest.mark.parametrize("folder", [".github/workflows", "docs/workflows"])
def test_our_own_workflows_have_no_finding(project: Any, folder: str) -> None:
    """What we use and what we propose follows our own rules, or says on the line why not."""
    ours = sorted(map(str, (Path(__file__).parents[2] / folder).rglob("*.yml")))
    assert len(ours) >= 3
    assert project.carbon("hook", "carbon-workflows", *ours, "--fail").out == ""
