"""Hostile input: text in every field that a stranger can fill, and numbers that cannot be."""

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
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FAILS, FakeProject, zip_report, zip_text
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
def project(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose feature checkout fails, so that everything is published."""
    return FakeProject(hub, tmp_path, capsys, POLICY + FAILS)


class _Page(HTMLParser):
    """A comment as a browser shows it: its tags, the targets of its links, and its text outside code."""

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
    """Return a report with a text in every field that takes text; it adds up, with the text in place of search."""
    names = {"checkout": "checkout", "search": text}
    rows = tuple(
        replace(
            row,
            nodeid=f"{row.nodeid}[{text}]" if n % 2 else row.nodeid,
            worker=text,
            outcome="passed",
            feature=names[str(row.feature)],
        )
        for n, row in enumerate(report.rows)
    )
    return replace(
        report,
        tool={"name": text, "version": text, "codecarbon": text},
        run=replace(report.run, command=("pytest", text), branch=text),
        machine=replace(report.machine, name=text, cpu=text, source=text, why=text, fingerprint={text: text}),
        grid=replace(report.grid, source=text),
        rows=rows,
        features={names[name]: use for name, use in report.features.items()},
        gaps=(text,),
        code={text: "0123456789ab"},
    )


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize("name", TEXTS)
def test_text_of_a_report_has_no_effect(project: FakeProject, name: str, tmp_path: Path, attack: Attack) -> None:
    """A hostile text in every field of a report reaches comment, summary, status, check run and log as text."""
    number = project.open_pull("feature:checkout")
    run_id = project.add_measured_run(number, _poisoned(project.report(), TEXTS[name]))
    done = project.judge(number, run_id)
    assert done.outputs["verdict"] == "fail"  # it was read, and judged
    attack.ended(project.status(project.head(number))["state"], done.log)
    _nothing_happens(project, number, done)
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize("name", sorted(set(TEXTS) - {"long", "unicode", "control"}))
def test_text_of_a_pull_request_has_no_effect(project: FakeProject, name: str, attack: Attack) -> None:
    """Text in a title, a label or the name of an artifact is shown as text, if at all."""
    text = TEXTS[name][:50].replace("\n", " ")
    number = project.open_pull("feature:checkout", text)
    project.repo.threads[number].title = text
    run_id = project.add_measured_run(number)
    project.repo.artifact(run_id, f"carbon-report-{text}", b"no zip")
    done = project.judge(number, run_id)
    attack.ended(project.status(project.head(number))["state"], done.log)
    _nothing_happens(project, number, done)


def _nothing_happens(project: FakeProject, number: int, done: Any) -> None:
    comment = project.comment(number)
    for text in (comment, done.summary, *(run["output"]["summary"] for run in project.repo.check_runs)):
        page = _Page(text)
        assert page.tags <= TAGS
        assert all(link.startswith(project.hub.server_url) for link in page.links)
        assert not re.search(r"(?<!\w)@\w|(?<!\w)#\d|GH-\d|https?://evil|www\.evil|:\+1:", page.text)
    assert comment.count("<!--") == 2  # ours, at its beginning and at its end
    assert len(comment.encode()) <= 60_500
    status = project.status(project.head(number))
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


@pytest.mark.attack("foreign-report")
def test_artifact_of_another_run_is_not_read(project: FakeProject, attack: Attack) -> None:
    """Only the run that the event names is asked for its artifacts."""
    number = project.open_pull("feature:checkout")
    other = project.repo.workflow_run(head_sha="d" * 40, head_branch="x")
    project.repo.artifact(other, "carbon-report-test", zip_report(project.report()))
    own_run = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    assert project.judge(number, own_run).outputs["verdict"] == "error"
    attack.ended(project.status(project.head(number))["state"])
    assert not project.hub.asked("GET", f"runs/{other}/artifacts")


@pytest.mark.attack("foreign-report")
def test_label_event_takes_only_runs_of_the_same_head_and_repository(project: FakeProject, attack: Attack) -> None:
    """A run of a fork with the same commit does not count for a pull request of ours."""
    fork = project.hub.repository("eve/shop", fork_of=project.repo)
    number = project.open_pull("feature:checkout")
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", head_repository=fork)
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report()))
    payload = project.repo.event_pull_request(number, "unlabeled", label="feature:checkout")
    assert project.run_step("finish", "pull_request", payload).outputs["verdict"] == "error"
    attack.ended(project.status(project.head(number))["state"])


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
@pytest.mark.attack("contradicting-report")
def test_impossible_numbers_give_no_verdict(project: FakeProject, change: dict[str, float], attack: Attack) -> None:
    """Negative, infinite and absurd figures are refused with the part's name; nobody passes by them."""
    number = project.open_pull("feature:checkout")
    data = json.loads(report_file.to_text(project.report()))
    data["totals"].update(change)
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    project.repo.artifact(run_id, "carbon-report-test", zip_text(json.dumps(data)))
    assert project.judge(number, run_id).outputs["verdict"] == "error"
    attack.ended(project.status(project.head(number))["state"])


def test_same_artifact_twice_is_counted_once(project: FakeProject) -> None:
    """One run of the tests, uploaded under two names, counts once."""
    number = project.open_pull("feature:checkout")
    once = project.judge(number, project.add_measured_run(number)).outputs["energy-j"]
    report = project.report()
    twice = project.judge(number, project.add_measured_run(number, report, report, names=("a", "b"))).outputs[
        "energy-j"
    ]
    assert once == twice


@pytest.mark.attack("secrets-in-files")
def test_nothing_about_the_machine_is_published(project: FakeProject, attack: Attack) -> None:
    """No address, host name or variable of the runner is published."""
    number = project.open_pull("feature:checkout")
    done = project.judge(number)
    published = project.comment(number) + done.summary + json.dumps([project.repo.check_runs, project.repo.statuses])
    attack.harmless(published)
    assert socket.gethostname() not in published
    for value in (os.environ["HOME"], str(project.folder)):
        assert value not in published
