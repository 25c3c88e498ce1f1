"""What a stranger may bring: text in every place that text can come from, and numbers that lie."""

from __future__ import annotations

import json
import os
import re
import socket
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest

from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FAILS, Project, zip_text, zip_report
from tests.samples import POLICY

TEXTS = {
    "link": "[click](https://evil.example)",
    "image": "![x](https://evil.example/x.png)",
    "reference": "[x]: https://evil.example",
    "script": "<script>alert(1)</script>",
    "html": '<img src=x onerror="alert(1)"><a href=//evil.example>x</a>',
    "details": "</details></table><h1>approved</h1>",
    "marker": "<!-- pytest-carbon v=1 run=99999999.1 head=x -->",
    "mention": "@octocat/team and cc @octocat",
    "issue": "fixes #1, GH-1, octo/shop#1",
    "address": "https://evil.example www.evil.example evil@evil.example",
    "emoji": ":+1: :white_check_mark:",
    "table": "a | b |\n| --- | --- |\n| pass | pass |",
    "fence": "```\n# heading\n```",
    "code": "`` ` ``` x ```` `",
    "formula": "$\\unicode{x}$ $$x$$",
    "command": "\n::error::owned\n::set-output name=verdict::pass\n##[error]owned",
    "stop": "\n::stop-commands::x\n::add-mask::pass",
    "expression": "${{ secrets.GITHUB_TOKEN }} ${{ github.token }}",
    "shell": "$(touch owned) `touch owned` ; touch owned #",
    "bidi": "\u202egnp.ssap\u202c \u2066x\u2069",
    "control": "a\x00b\x07\x1b[31mred\x1b[0m\x7f",
    "lines": "a\r\nb\u2028c\u2029d\x85e",
    "zalgo": "p\u0300\u0301\u0302\u0303\u0304" * 200,
    "heredoc": "x\ncarbon-0000\nEOF\nverdict=pass",
    "unicode": "\U0001f4a9\ufeff\u200b\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "long": "x" * 4_000,
}
OURS = re.compile(
    r"::(notice|warning|error|stop-commands|carbon-[0-9a-f]{32})( title=pytest-carbon)?::|::(end)?group::"
)
TAGS = {
    "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "ul", "ol", "li", "strong", "code",
    "em", "span", "br",
}  # fmt: skip


@pytest.fixture
def scene(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """A project whose feature checkout fails, so that all is told."""
    return Project(hub, tmp_path, capsys, POLICY + FAILS)


class _Page(HTMLParser):
    """What a browser would make of a comment: its tags, where its links lead, and its text outside code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self._code = 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag == "code"
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}
        self.tags |= {tag} - {"a"}

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._code else data


def _poisoned(report: Report, text: str) -> Report:
    """Return a report with the text wherever a report takes one."""
    rows = tuple(
        replace(row, nodeid=f"{row.nodeid}[{text}]" if n % 2 else row.nodeid, worker=text, outcome="passed")
        for n, row in enumerate(report.rows)
    )
    return replace(
        report,
        tool={"name": text, "version": text, "codecarbon": text},
        run=replace(report.run, command=("pytest", text), branch=text),
        machine=replace(report.machine, name=text, cpu=text, source=text, why=text, fingerprint={text: text}),
        grid=replace(report.grid, source=text),
        rows=rows,
        features={**report.features, text: next(iter(report.features.values()))},
        gaps=(text,),
        code={text: "0123456789ab"},
    )


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_a_report_does_nothing(scene: Project, name: str, tmp_path: Path) -> None:
    """A hostile text in every field of a report reaches comment, summary, status, check run and log as text."""
    number = scene.open_pull("feature:checkout")
    run_id = scene.add_measured_run(number, _poisoned(scene.report(), TEXTS[name]))
    done = scene.judge(number, run_id)
    assert done.outputs["verdict"] == "fail"  # it was read, and judged
    _nothing_happens(scene, number, done)
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize("name", sorted(set(TEXTS) - {"long", "unicode", "control"}))
def test_text_of_a_pull_request_does_nothing(scene: Project, name: str) -> None:
    """Nor does it in a title or a label; an artifact's name that holds it is no part of ours or is shown as text."""
    text = TEXTS[name][:50].replace("\n", " ")
    number = scene.open_pull("feature:checkout", text)
    scene.repo.threads[number].title = text
    run_id = scene.add_measured_run(number)
    scene.repo.artifact(run_id, f"carbon-report-{text}", b"no zip")
    _nothing_happens(scene, number, scene.judge(number, run_id))


def _nothing_happens(scene: Project, number: int, done: Any) -> None:
    comment = scene.comment(number)
    for text in (comment, done.summary, *(run["output"]["summary"] for run in scene.repo.check_runs)):
        page = _Page(text)
        assert page.tags <= TAGS
        assert all(link.startswith(scene.hub.server_url) for link in page.links)
        assert not re.search(r"(?<!\w)@\w|(?<!\w)#\d|GH-\d|https?://evil|www\.evil|:\+1:", page.text)
    assert comment.count("<!--") == 2  # ours, at its beginning and at its end
    assert len(comment.encode()) <= 60_500
    status = scene.status(scene.head(number))
    assert status["description"].isprintable()
    assert len(status["description"]) <= 140
    assert all(OURS.match(line) for line in done.log.splitlines() if line.startswith(("::", "##[")))
    assert "\x1b" not in done.log
    assert "\u202e" not in done.log
    assert set(done.outputs) == {
        "verdict", "sentence", "emissions-g", "energy-j", "features", "change", "change-low", "change-high",
        "comment-url", "report-path", "verdict-path",
    }  # fmt: skip
    json.loads(done.outputs["features"])
    assert "\n" not in done.outputs["sentence"]


def test_artifact_of_another_run_is_not_read(scene: Project) -> None:
    """Only the run that the event names is asked for its artifacts."""
    number = scene.open_pull("feature:checkout")
    other = scene.repo.workflow_run(head_sha="d" * 40, head_branch="x")
    scene.repo.artifact(other, "carbon-report-test", zip_report(scene.report()))
    mine = scene.repo.workflow_run(head_sha=scene.head(number), head_branch="topic")
    assert scene.judge(number, mine).outputs["verdict"] == "error"
    assert not scene.hub.asked("GET", f"runs/{other}/artifacts")


def test_label_event_takes_only_runs_of_the_same_head_and_repository(scene: Project) -> None:
    """A run of a fork with the same commit does not count for a pull request of ours."""
    fork = scene.hub.repository("eve/shop", fork_of=scene.repo)
    number = scene.open_pull("feature:checkout")
    run_id = scene.repo.workflow_run(head_sha=scene.head(number), head_branch="topic", head_repository=fork)
    scene.repo.artifact(run_id, "carbon-report-test", zip_report(scene.report()))
    payload = scene.repo.event_pull_request(number, "unlabeled", label="feature:checkout")
    assert scene.run_step("finish", "pull_request", payload).outputs["verdict"] == "error"


@pytest.mark.parametrize(
    "change",
    [
        {"energy_j": -1.0},
        {"energy_j": 1e300},
        {"reference_j": -5.0},
        {"reference_j": 1e999},
        {"emissions_g": -1.0},
        {"low_j": 5e20},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_are_no_verdict(scene: Project, change: dict[str, float]) -> None:
    """Negative, endless and absurd figures are refused with the part's name; nobody passes by them."""
    number = scene.open_pull("feature:checkout")
    data = json.loads(report_file.to_text(scene.report()))
    data["totals"].update(change)
    run_id = scene.repo.workflow_run(head_sha=scene.head(number), head_branch="topic")
    scene.repo.artifact(run_id, "carbon-report-test", zip_text(json.dumps(data)))
    assert scene.judge(number, run_id).outputs["verdict"] == "error"
    assert scene.status(scene.head(number))["state"] == "error"


def test_same_artifact_twice_is_counted_once(scene: Project) -> None:
    """One run of the tests uploaded under two names is one run."""
    number = scene.open_pull("feature:checkout")
    once = scene.judge(number, scene.add_measured_run(number)).outputs["energy-j"]
    report = scene.report()
    twice = scene.judge(number, scene.add_measured_run(number, report, report, names=("a", "b"))).outputs["energy-j"]
    assert once == twice


def test_nobody_learns_about_the_machine(scene: Project) -> None:
    """No address, host name or variable of the runner is published."""
    number = scene.open_pull("feature:checkout")
    done = scene.judge(number)
    published = scene.comment(number) + done.summary + json.dumps([scene.repo.check_runs, scene.repo.statuses])
    assert socket.gethostname() not in published
    for value in (os.environ["HOME"], str(scene.folder)):
        assert value not in published
