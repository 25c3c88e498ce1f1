"""The verdict and the report as files, for later steps of the job."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from github_action.judge.judge_subject import Judgement
from github_action.judge.verdict_files import write_verdict_files
from pytest_carbon.config.load import load_config
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.reporters.run import report_file
from tests.samples import NOW, POLICY, make_report

LIMIT = '[features.checkout.budget]\nper-run = "1 J"\non-exceeded = "fail"\n'


def test_without_a_verdict_there_are_no_files(tmp_path: Path) -> None:
    """Without a judgement no file is written that could be taken for a verdict."""
    assert write_verdict_files(None, tmp_path / "verdict") == (None, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["x", "]]><!-- & \x00\x1b\x7f", "\ud83d half a pair", "größe 結帳 \u202e", "a\nb"])
def test_every_format_can_be_read(tmp_path: Path, text: str) -> None:
    """JSON, SARIF and JUnit are well-formed whatever the tests are called; existing files are replaced."""
    (tmp_path / "carbon.toml").write_text(POLICY + LIMIT, encoding="utf-8")
    report = make_report()
    report = replace(report, rows=tuple(replace(row, nodeid=f"{row.nodeid}[{text}]") for row in report.rows))
    verdict = evaluate(VerdictInputs(report, RunSource(), load_config(tmp_path).policy, text, report.grid, "main", NOW))
    for _ in range(2):
        saved = write_verdict_files(Judgement(verdict, report, ()), tmp_path / "new" / "verdict")
    assert saved.report is not None
    assert saved.verdict is not None
    assert report_file.read(saved.report).rows[0].nodeid == report.rows[0].nodeid
    assert json.loads(saved.verdict.read_text(encoding="utf-8"))["state"] == "fail"
    assert json.loads((saved.verdict.parent / "verdict.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    junit = (saved.verdict.parent / "verdict.junit.xml").read_text(encoding="utf-8")
    assert ElementTree.fromstring(junit).tag == "testsuites"  # noqa: S314 - ours
    assert "fail" in (saved.verdict.parent / "verdict.md").read_text(encoding="utf-8")
