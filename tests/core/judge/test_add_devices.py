"""Dropped devices in a verdict: state and first sentence, next steps, the comment, and the approval."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import cmarkgfm
import pytest

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, apply_approval
from pytest_carbon.core.judge.add_devices import add_devices
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Approval
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.verdict.verdict import State, Todo, Verdict, to_json
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from pytest_carbon.reporters.verdict import json as verdictfile
from pytest_carbon.reporters.verdict import junit, markdown
from tests.core.devices.device_check import NOW, DeviceCheck, shipped
from tests.github_action.publish.cases import FAILED, FINE
from tests.samples import make_report

EXPECTED = Path(__file__).parents[2] / "expected"
BASE = {
    "pyproject.toml": '[project]\nrequires-python = ">=3.8"\n',
    "android/build.gradle": "android { defaultConfig { minSdk 26 } }\n",
}
HEAD = {
    "pyproject.toml": '[project]\nrequires-python = ">=3.9"\n',
    "android/build.gradle": "android { defaultConfig { minSdk 30 } }\n",
}
APPROVAL = Approval(
    "devices-pr7-abc", "2026-11-20T08:00:00Z", "our last customer has moved", "ann", "bob", ("android api 26",),
    "b" * 40, 7,
)  # fmt: skip


@pytest.fixture(scope="session")
def device_check() -> DeviceCheck:
    """The shipped facts, in November 2026."""
    return DeviceCheck(shipped())


@pytest.fixture
def devices(device_check: DeviceCheck) -> Callable[..., DevicesVerdict]:
    """Return a maker of verdicts on a change that drops an Android and a Python, under a rule."""
    return lambda mode="fail", level=4: device_check.judge(BASE, HEAD, DevicesRule(mode, level))


def _inconclusive(verdict: DevicesVerdict) -> DevicesVerdict:
    reason = "git fetch took longer than 20 s and was ended; is the remote reachable?"
    return replace(verdict, judged_drops=(), inconclusive_reason=reason)


def test_comment_on_dropped_devices(devices: Callable[..., DevicesVerdict]) -> None:
    """The comment fails, says why first, and lists the drops beneath the table of features."""
    _whole(add_devices(FINE, devices(), by_label=True), "devices-dropped.md", drops=2)


def test_comment_on_approved_drops(devices: Callable[..., DevicesVerdict]) -> None:
    """The comment passes, and says who approved the drops and why."""
    _whole(add_devices(FINE, apply_approval(devices(), APPROVAL), by_label=True), "devices-approved.md", drops=2)


def test_comment_on_an_inconclusive_verdict(devices: Callable[..., DevicesVerdict]) -> None:
    """The comment says that drops could not be found, and why."""
    _whole(add_devices(FINE, _inconclusive(devices()), by_label=True), "devices-could-not-tell.md", drops=0)


def _whole(verdict: Verdict, name: str, drops: int) -> None:
    text = markdown.render(verdict)
    assert text == (EXPECTED / name).read_text(encoding="utf-8")
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    assert page.count("<tr>") == 2 + (drops + 1 if drops else 0)
    assert json.loads(verdictfile.render(verdict))["devices"]["state"] == verdict.devices.state  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("own", "mode", "kind", "state", "begins"),
    [
        (FINE, "fail", "drop", "fail", "This change drops Android API 26 to 29 and strands"),
        (FINE, "warn", "drop", "warn", "Passes, with a warning: this change drops Android API 26 to 29 and strands"),
        (
            FINE,
            "fail",
            "approved",
            "overridden",
            "Approved by bob (our last customer has moved): this change drops Android API 26",
        ),
        (
            FINE,
            "fail",
            "inconclusive",
            "inconclusive",
            "Could not tell whether this change drops anything: git fetch took",
        ),
        (
            FINE,
            "warn",
            "inconclusive",
            "warn",
            "Passes, with a warning: could not tell whether this change drops anything",
        ),
        (FAILED, "fail", "drop", "fail", "This change does not fit its carbon budget: "),
        (FAILED, "warn", "drop", "fail", "This change does not fit its carbon budget: "),
        (replace(FINE, state="inconclusive"), "warn", "drop", "inconclusive", FINE.sentence),
        (replace(FINE, state="inconclusive"), "fail", "drop", "fail", "This change drops Android API 26 to 29"),
        (
            replace(FINE, state="overridden"),
            "fail",
            "inconclusive",
            "inconclusive",
            "Could not tell whether this change drops anything",
        ),
    ],
)
def test_worse_state_decides_and_its_sentence_comes_first(
    devices: Callable[..., DevicesVerdict], own: Verdict, mode: str, kind: str, state: State, begins: str
) -> None:
    """The other sentence follows; an inconclusive verdict is only a warning if the rule only warns."""
    result = devices(mode)
    result = {"drop": result, "approved": apply_approval(result, APPROVAL), "inconclusive": _inconclusive(result)}[kind]
    verdict = add_devices(own, result, by_label=True)
    assert verdict.state == state
    assert verdict.sentence.startswith(begins)
    assert own.sentence in verdict.sentence
    assert "his change drops" in verdict.sentence


@pytest.mark.parametrize(("on_inconclusive", "code"), [("warn", 0), ("fail", 3)])
@pytest.mark.parametrize("mode", ["warn", "fail"])
def test_exit_code_of_an_inconclusive_verdict_follows_the_policy(
    devices: Callable[..., DevicesVerdict], mode: str, on_inconclusive: str, code: int
) -> None:
    """The exit code is 3 only if both settings of the policy ask for it."""
    own = replace(FINE, on_inconclusive=on_inconclusive)  # type: ignore[arg-type]
    assert add_devices(own, _inconclusive(devices(mode)), by_label=True).exit_code == (code if mode == "fail" else 0)


def test_next_steps_keep_the_devices_supported(devices: Callable[..., DevicesVerdict]) -> None:
    """The steps of the deciding verdict come first; the label is named if it counts and the change fails."""
    own = replace(FAILED, todo=(Todo("look at a test"),))
    for by_label, mode, asked in ((True, "fail", True), (False, "fail", False), (True, "warn", False)):
        result = devices(mode)
        todo = [one.text for one in add_devices(FINE, result, by_label).todo]
        assert todo[0].startswith("keep a branch that supports Android API 26 to 29, patch it")
        assert ("carbon/devices-approved" in todo[-1]) is asked
        assert [one.text for one in add_devices(own, result, by_label).todo] == ["look at a test", *todo]


def test_change_without_drops_leaves_the_verdict_alone(device_check: DeviceCheck) -> None:
    """Neither sentence nor comment mentions devices; an allowed drop is in the comment only."""
    fine = add_devices(FINE, device_check.judge(BASE, BASE), by_label=True)
    assert replace(fine, devices=None) == FINE
    assert markdown.render(fine) == markdown.render(FINE)
    allowed = add_devices(
        FINE, device_check.judge(BASE, {**BASE, "pyproject.toml": HEAD["pyproject.toml"]}), by_label=True
    )
    assert (allowed.state, allowed.sentence) == ("pass", FINE.sentence)
    assert "### ✅ Devices: pass" in markdown.render(allowed)


def test_evaluate_judges_the_devices_of_its_inputs(devices: Callable[..., DevicesVerdict]) -> None:
    """Devices are judged even if no test ran."""
    report = make_report()
    inputs = VerdictInputs(report, RunSource(), Policy(), "carbon.toml", report.grid, "main", NOW, devices=devices())
    assert evaluate(inputs).state == "fail"
    assert evaluate(replace(inputs, report=replace(report, rows=()))).state == "fail"
    assert "devices" not in to_json(evaluate(replace(inputs, devices=None))) or to_json(FINE)["devices"] is None


@pytest.mark.parametrize(("mode", "tag"), [("fail", "failure"), ("warn", "system-out")])
def test_junit_has_a_case_for_devices(devices: Callable[..., DevicesVerdict], mode: str, tag: str) -> None:
    """A verdict that fails for its devices has a case that fails."""
    root = Xml.fromstring(junit.render(add_devices(FINE, devices(mode), by_label=True)))  # noqa: S314 (it is our own text)
    (case,) = [one for one in root.iter("testcase") if one.get("name") == "devices"]
    assert [child.tag for child in case] == [tag]
    assert root.get("failures") == str(int(mode == "fail"))


def test_comment_on_many_drops_stays_within_its_limit(device_check: DeviceCheck) -> None:
    """However many drops there are, the comment fits."""
    many = {f"p{n}/pyproject.toml": f'[project]\nrequires-python = ">=3.{8 + n % 4}"\n' for n in range(300)}
    raised = {path: text.replace(">=3.", ">=3.1") for path, text in many.items()}
    text = markdown.render(
        add_devices(FINE, device_check.judge(many, raised, DevicesRule("fail", 5)), by_label=True), 10_000
    )
    assert len(text.encode()) <= 10_000
    before = {"Podfile": "platform :ios, '12.0'", "ci/x.sh": "--plat manylinux2014", ".nvmrc": "12"}
    after = {"Podfile": "platform :ios, '16.0'", "ci/x.sh": "--plat manylinux_2_34", ".nvmrc": "22"}
    long = device_check.judge({**BASE, **before}, {**HEAD, **after})
    text = markdown.render(add_devices(FINE, long, by_label=True))
    assert "<summary>All 5 drops</summary>" in text


def test_decision_is_kept_in_every_ledger(tmp_path: Path) -> None:
    """Who let what be dropped, and why, comes back from a folder and from a database as it was."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    migrate(url)
    for ledger in (FolderLedger(tmp_path / "folder", NOW), SqlLedger(url, "octo/shop", NOW)):
        assert ledger.append([APPROVAL]) == [APPROVAL.id]
        assert ledger.append([APPROVAL]) == []
        assert ledger.read((NOW - timedelta(days=9)).date(), NOW.date()).records == (APPROVAL,)
        assert ledger.verify().whole
