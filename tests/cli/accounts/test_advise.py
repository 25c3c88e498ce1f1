"""advise: every format, from a real ledger, and its mistakes."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from tests.core.advice.sample_ledger import HOSTILE
from tests.samples import NOW


@pytest.fixture
def shop(project: Any, lab: SimpleNamespace) -> Any:
    """A project whose job of a pull request was run again six times, each time on the same commit."""
    project.policy(whole=lab.POLICY)
    project.baseline()
    for number in range(6):
        commit = f"{number:040x}"
        for attempt in (1, 2):
            ago = timedelta(hours=20 * number + 3 - attempt)
            path = project.report(10 * number + attempt, ago=ago, commit=commit, branch="topic")
            own = ("--pr", "7", "--attempt", str(attempt), "--job", HOSTILE)
            assert project.carbon("ledger", "append", path, *own).code == 0
    return project


def test_formats(shop: Any) -> None:
    """Markdown goes to a pipe, JSON fits its schema, a file gets the same and prints one line."""
    shown = shop.carbon("advise")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("## whole repository\n\n**What to do about the repository: ")
    data = shop.carbon("advise", "--json").json
    jsonschema.Draft7Validator(shop.carbon("schema", "advice", now=None).json).validate(data)
    kinds = {advice["kind"] for advice in data["holders"][0]["advice"]}
    assert "repeated" in kinds
    saved = shop.carbon("advise", "--output", "advice.md")
    assert saved.out == shown.out.splitlines()[2].strip("*") + "\n"
    assert (shop.root / "advice.md").read_text(encoding="utf-8") == shown.out
    assert json.loads(shop.carbon("advise", "--format", "json").out) == data


def test_holders(shop: Any) -> None:
    """The repository without a name; a feature by its name; all of them with --all."""
    names = lambda *options: [one["name"] for one in shop.carbon("advise", "--json", *options).json["holders"]]  # noqa: E731
    assert names() == ["repository"]
    assert names("--feature", "checkout") == ["checkout"]
    assert names("--all")[0] == "repository"
    assert len(names("--all")) >= 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--feature", "chekout"), "no feature or team is called 'chekout'; did you mean \"checkout\"?"),
        (("--feature", "checkout", "--all"), "--all and --feature are given; keep one of these options"),
    ],
)
def test_mistakes(shop: Any, options: tuple[str, ...], said: str) -> None:
    """A wrong name, and options that contradict each other."""
    done = shop.carbon("advise", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_an_empty_ledger(project: Any) -> None:
    """Nothing is known, and that is said."""
    done = project.carbon("advise", now=NOW)
    assert done.code == 0
    assert "not known, because the ledger has no run of it; run pytest --carbon" in done.out


def test_the_place_in_a_workflow(project: Any, lab: SimpleNamespace) -> None:
    """In a checkout, the line of the job is named; a link out of the project is not read."""
    project.policy(whole=lab.POLICY)
    for number in range(4):
        commit, ago = f"{number:040x}", timedelta(hours=20 * number)
        for attempt in (1, 2):
            path = project.report(10 * number + attempt, ago=ago + timedelta(hours=3 - attempt), commit=commit)
            own = ("--pr", "7", "--attempt", str(attempt), "--job", "tests-3.11", "--on", "topic")
            assert project.carbon("ledger", "append", path, *own).code == 0
    folder = project.root / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text("on: push\njobs:\n  tests:\n    runs-on: x\n", encoding="utf-8")
    outside = project.root.with_name("outside.yml")
    outside.write_text("jobs:\n  tests:\n", encoding="utf-8")
    (folder / "link.yml").symlink_to(outside)
    (advice,) = (
        own for own in project.carbon("advise", "--json").json["holders"][0]["advice"] if own["kind"] == "repeated"
    )
    assert advice["where"] == ".github/workflows/ci.yml:3"
    assert "  - Where: `.github/workflows/ci.yml:3`" in project.carbon("advise").out
