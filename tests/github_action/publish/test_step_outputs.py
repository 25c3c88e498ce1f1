"""The step's outputs: plain values, and a file that no value can break."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_action.publish import step_outputs
from github_action.publish.publish import PublishResult
from tests.github_action.publish.cases import CHECKOUT, FAILED, FINE, GROWTH, HOSTILE, make_publication

NOTHING_PUBLISHED = PublishResult()


def _read(path: Path) -> dict[str, str]:
    """Read a file of outputs as the runner does: a name, a delimiter, lines up to that delimiter."""
    lines = path.read_text(encoding="utf-8").split("\n")
    result: dict[str, str] = {}
    while lines != [""]:
        name, _, end = lines.pop(0).partition("<<")
        assert name
        assert end
        cut = lines.index(end)
        result[name], lines = "\n".join(lines[:cut]), lines[cut + 1 :]
    return result


def test_outputs_of_a_verdict(tmp_path: Path) -> None:
    """Later steps get plain numbers in J and g, ratios, and JSON of every holder."""
    published = PublishResult("https://x.example/1#issuecomment-1", "", ())
    outputs = step_outputs.output_values(
        make_publication(), published, tmp_path / "report.json", tmp_path / "verdict.json"
    )
    features = json.loads(outputs.pop("features"))
    assert outputs == {
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


def test_unknown_values_are_empty() -> None:
    """A value that was not measured is empty and not 0."""
    unknown = replace(FINE, judged=(), energy_j=None, emissions_g=None)
    for publication in (make_publication(unknown), make_publication(None)):
        outputs = step_outputs.output_values(publication, NOTHING_PUBLISHED, None, None)
        not_empty = {name for name, value in outputs.items() if value}
        assert not_empty == {"verdict", "sentence", "features"}
        assert outputs["features"] == "[]"
    assert outputs["verdict"] == "error"


def test_change_is_that_of_the_whole_repository() -> None:
    """The change is the repository's, or without it that of the most relevant holder that was compared."""
    search = replace(CHECKOUT, name="search", state="fail", growth=replace(GROWTH, change=0.3))
    whole = replace(CHECKOUT, level="repository", growth=replace(GROWTH, change=0.1))
    blind = replace(CHECKOUT, level="repository", growth=replace(GROWTH, change=None))

    def change(*judged: object) -> str:
        verdict = replace(FINE, judged=judged)
        return step_outputs.output_values(make_publication(verdict), NOTHING_PUBLISHED, None, None)["change"]

    assert change(CHECKOUT, search, whole) == "0.1"
    assert change(CHECKOUT, search) == "0.3"
    assert change(CHECKOUT, blind) == "0.018"


@settings(max_examples=100, deadline=None)
@given(value=st.text(), name=st.sampled_from(["a", "report-path"]))
@example(value=HOSTILE, name="a")
@example(value="x\ncarbon-00000000000000000000000000000000\nverdict=pass", name="a")
@example(value="verdict<<EOF\npass\nEOF\n", name="a")
def test_output_stays_within_its_value(tmp_path_factory: pytest.TempPathFactory, value: str, name: str) -> None:
    """Whatever a value holds, the runner reads exactly the outputs that were written."""
    path = tmp_path_factory.getbasetemp() / "outputs"
    path.unlink(missing_ok=True)
    step_outputs.write(path, {name: value, "verdict": "fail"})
    result = _read(path)
    assert list(result) == [name, "verdict"]
    assert result["verdict"] == "fail"


def test_delimiter_cannot_be_guessed(tmp_path: Path) -> None:
    """Each value has a random delimiter of its own."""
    for _ in range(2):
        step_outputs.write(tmp_path / "file", {"a": "1", "b": "2"})
    ends = re.findall(r"<<(.*)", (tmp_path / "file").read_text(encoding="utf-8"))
    assert len(set(ends)) == 4
    assert min(map(len, ends)) >= 32


def test_hostile_sentence_is_one_line() -> None:
    """A sentence with a stranger's text has no line ends and no control characters."""
    outputs = step_outputs.output_values(
        make_publication(replace(FAILED, sentence=HOSTILE)), NOTHING_PUBLISHED, None, None
    )
    assert outputs["sentence"].isprintable()
