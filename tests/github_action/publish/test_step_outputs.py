"""What needs no permission: the job's summary, the step's outputs, commands in the log."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_action.publish import job_summary, step_outputs
from github_action.publish.publish import PublishResult
from pytest_carbon.core.verdict.verdict import TestChange
from tests.github_action.publish.cases import CHECKOUT, FAILED, FINE, GROWTH, HOSTILE, make_publication

NOWHERE = PublishResult()


def _read(path: Path) -> dict[str, str]:
    """Read a file of outputs as the runner does: a name, a delimiter, lines up to that delimiter."""
    lines = path.read_text(encoding="utf-8").split("\n")
    found: dict[str, str] = {}
    while lines != [""]:
        name, _, end = lines.pop(0).partition("<<")
        assert name
        assert end
        cut = lines.index(end)
        found[name], lines = "\n".join(lines[:cut]), lines[cut + 1 :]
    return found


def test_summary_holds_the_whole_verdict(tmp_path: Path) -> None:
    """It is appended, with more rows than a comment has and with what could not be published."""
    path = tmp_path / "summary.md"
    path.write_text("before\n", encoding="utf-8")
    tests = tuple(TestChange(f"t.py::test_{n}", "new", None, 1.0 + n, None, None) for n in range(150))
    assert (
        job_summary.append(path, make_publication(replace(FAILED, tests=tests)), ["the status was not set: @bob"]) == ""
    )
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n### ❌ Carbon budget: failed\n")
    assert text.count("| `t.py::test_") == 150
    assert text.endswith("\n**What was not published**\n\n- the status was not set: @&#8203;bob\n\n")


def test_summary_is_never_too_long(tmp_path: Path) -> None:
    """GitHub shows at most a mebibyte of a step."""
    path = tmp_path / "summary.md"
    tests = tuple(TestChange(f"{n}{HOSTILE * 100}", "new", None, 1.0 + n, None, HOSTILE) for n in range(5000))
    judged = tuple(replace(CHECKOUT, name=f"{n}{HOSTILE}") for n in range(1000))
    job_summary.append(path, make_publication(replace(FAILED, tests=tests, judged=judged)), [HOSTILE * 1000] * 5)
    assert path.stat().st_size <= 1 << 20


def test_summary_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """It is no reason to fail."""
    assert job_summary.append(tmp_path / "no" / "summary.md", make_publication()) == (
        "the job's summary could not be written (No such file or directory)"
    )


def test_outputs_of_a_verdict(tmp_path: Path) -> None:
    """Later steps get plain numbers in J and g, ratios, and JSON of every feature."""
    published = PublishResult("https://x.example/1#issuecomment-1", "", ())
    found = step_outputs.output_values(
        make_publication(), published, tmp_path / "report.json", tmp_path / "verdict.json"
    )
    features = json.loads(found.pop("features"))
    assert found == {
        "verdict": "pass",
        "sentence": "Both limits hold.",
        "emissions-g": "11.0",
        "energy-j": "100.0",
        "change": "0.018",
        "change-low": "-0.03",
        "change-high": "0.07",
        "comment-url": "https://x.example/1#issuecomment-1",
        "report-path": str(tmp_path / "report.json"),
        "verdict-path": str(tmp_path / "verdict.json"),
    }
    assert features == [
        {"name": "checkout", "level": "feature", "state": "pass", "emissions_g": 1.23, "energy_j": 9.0, "used": None,
         "change": 0.018, "low": -0.03, "high": 0.07}
    ]  # fmt: skip


def test_what_is_not_known_is_empty() -> None:
    """Nothing that was not measured is 0."""
    unknown = replace(FINE, judged=(), energy_j=None, emissions_g=None)
    for told in (make_publication(unknown), make_publication(None)):
        found = step_outputs.output_values(told, NOWHERE, None, None)
        told_at_all = {name for name, value in found.items() if value}
        assert told_at_all == {"verdict", "sentence", "features"}
        assert found["features"] == "[]"
    assert found["verdict"] == "error"


def test_change_is_that_of_the_whole_repository() -> None:
    """Of several holders the repository speaks for all; without it the most relevant one that was compared."""
    search = replace(CHECKOUT, name="search", state="fail", growth=replace(GROWTH, change=0.3))
    whole = replace(CHECKOUT, level="repository", growth=replace(GROWTH, change=0.1))
    blind = replace(CHECKOUT, level="repository", growth=replace(GROWTH, change=None))

    def change(*judged: object) -> str:
        verdict = replace(FINE, judged=judged)
        return step_outputs.output_values(make_publication(verdict), NOWHERE, None, None)["change"]

    assert change(CHECKOUT, search, whole) == "0.1"
    assert change(CHECKOUT, search) == "0.3"
    assert change(CHECKOUT, blind) == "0.018"


@settings(max_examples=100, deadline=None)
@given(value=st.text(), name=st.sampled_from(["a", "report-path"]))
@example(value=HOSTILE, name="a")
@example(value="x\ncarbon-00000000000000000000000000000000\nverdict=pass", name="a")
@example(value="verdict<<EOF\npass\nEOF\n", name="a")
def test_output_stays_within_its_value(tmp_path_factory: pytest.TempPathFactory, value: str, name: str) -> None:
    """Whatever stands in a value, the runner reads exactly the outputs that were written."""
    path = tmp_path_factory.getbasetemp() / "outputs"
    path.unlink(missing_ok=True)
    step_outputs.write(path, {name: value, "verdict": "fail"})
    found = _read(path)
    assert list(found) == [name, "verdict"]
    assert found["verdict"] == "fail"


def test_delimiter_cannot_be_known_before(tmp_path: Path) -> None:
    """Each value has its own, and they are random."""
    for _ in range(2):
        step_outputs.write(tmp_path / "file", {"a": "1", "b": "2"})
    ends = re.findall(r"<<(.*)", (tmp_path / "file").read_text(encoding="utf-8"))
    assert len(set(ends)) == 4
    assert min(map(len, ends)) >= 32


def test_hostile_sentence_is_one_line() -> None:
    """A sentence with a stranger's names has no line ends and no control characters."""
    found = step_outputs.output_values(make_publication(replace(FAILED, sentence=HOSTILE)), NOWHERE, None, None)
    assert found["sentence"].isprintable()
