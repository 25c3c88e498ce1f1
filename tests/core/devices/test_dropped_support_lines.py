"""The verdict on devices as text: in the terminal and in Markdown, whole, escaped and never too long."""

from __future__ import annotations

import json
from dataclasses import replace

import cmarkgfm
import pytest

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.dropped_support_lines import approval_text, format_drops, headline, inconclusive_text
from pytest_carbon.core.devices.judge_drops import apply_approval
from pytest_carbon.core.devices.verdict_json import to_data
from pytest_carbon.core.records.ledger_records import Approval
from pytest_carbon.reporters.verdict import devices_markdown, devices_terminal
from tests.core.devices.device_check import MIXED_BASE, MIXED_HEAD, DeviceCheck

HOSTILE = "@team <img src=x> | [a](http://evil.example) `x`\x1b[31m ::error::"


@pytest.mark.parametrize(
    ("head", "rule", "sentence"),
    [
        (MIXED_BASE, DevicesRule(), "This change drops nothing that the project declares to support."),
        (MIXED_HEAD, DevicesRule("off"), 'Devices are not checked: the policy says devices = "off".'),
        (
            {**MIXED_BASE, "pyproject.toml": MIXED_HEAD["pyproject.toml"]},
            DevicesRule(),
            "This change drops Python 3.8 and strands Windows 7 PCs, Windows 8 PCs and Windows Vista PCs (the newest "
            "of these devices was sold until 2016-10-31 and is 10 years old); the maker stopped "
            "patching Python 3.8 after 2024-10-07.",
        ),
        (
            {**MIXED_BASE, "ci/wheels.sh": MIXED_HEAD["ci/wheels.sh"], "Dockerfile": MIXED_HEAD["Dockerfile"]},
            DevicesRule(),
            "This change drops glibc before 2.28 and strands Ubuntu 18.04, Debian 9, Ubuntu 16.04, Debian 8, RHEL 7 "
            "and 1 more (the newest of these devices was released on 2018-04-26 and is 8 years old). "
            "There is 1 more drop.",
        ),
    ],
)
def test_the_headline(device_check: DeviceCheck, head: dict[str, str], rule: DevicesRule, sentence: str) -> None:
    """The headline names what is dropped and the devices that it strands, the same in every format."""
    verdict = device_check.judge(MIXED_BASE, head, rule)
    assert to_data(verdict)["sentence"] == sentence
    assert sentence in " ".join(devices_terminal.render(verdict, width=100, colour=False).split())


def test_old_facts_ask_to_be_refreshed(device_check: DeviceCheck) -> None:
    """Facts that are older than 180 days name the command that refreshes them."""
    fresh = devices_terminal.render(device_check.judge(MIXED_BASE, MIXED_HEAD), width=200, colour=False)
    old_check = device_check.with_facts_of(device_check.now.date().replace(month=5))
    old = devices_terminal.render(old_check.judge(MIXED_BASE, MIXED_HEAD), width=200, colour=False)
    assert "as of 2026-08-01, 113 days old\n" in fresh
    assert "as of 2026-05-22, 184 days old; refresh them: pytest-carbon devices --refresh\n" in old


def test_hostile_names_do_nothing(device_check: DeviceCheck) -> None:
    """A hostile path or version is shown, and makes no markup, mention, link or control character."""
    path = f"{HOSTILE}/package.json"
    base = {path: json.dumps({"engines": {"node": ">=16"}, "browserslist": [HOSTILE]})}
    head = {path: json.dumps({"engines": {"node": HOSTILE}, "browserslist": ["chrome 100"]})}
    verdict = device_check.judge(base, head)
    page = cmarkgfm.github_flavored_markdown_to_html(devices_markdown.render(verdict))
    assert "<img" not in page
    assert "href" not in page
    assert "\x1b" not in devices_terminal.render(verdict, width=100, colour=False)
    assert json.loads(json.dumps(to_data(verdict)))["drops"]


@pytest.mark.parametrize(
    ("base", "head", "strands"),
    [
        ("platform :ios, '15.0'", "platform :ios, '15.6'", None),
        ("platform :tvos, '15.0'", "platform :tvos, '16.0'",
         "devices that are unknown (no table lists the devices that cannot run tvOS 16)"),
        ("platform :ios, '14.0'", "platform :ios, '15.0'", "no device in our tables"),
    ],
)  # fmt: skip
def test_stranded_devices_in_words(device_check: DeviceCheck, base: str, head: str, strands: str | None) -> None:
    """That devices are unknown and that none are known are two different sentences."""
    lines = format_drops(device_check.judge({"Podfile": base}, {"Podfile": head}))
    assert [line.strands for line in lines] == ([strands] if strands else [])


def test_consecutive_devices_share_a_name(device_check: DeviceCheck) -> None:
    """Devices that differ only in their API level are named once, as a list or as a span."""
    lines = [
        format_drops(device_check.judge({"a.gradle": "minSdk 21"}, {"a.gradle": f"minSdk {level}"}))[0]
        for level in (22, 23, 26)
    ]
    names = [line.strands.removeprefix("phones and tablets that stay at ").partition(" (")[0] for line in lines]
    assert names == ["Android API 21", "Android API 21 and 22", "Android API 21 to 25"]


def test_only_a_drop_that_does_not_pass_has_remedies(device_check: DeviceCheck) -> None:
    """A drop that the level allows needs no remedy; the new minimum is named in that of Python."""
    strict = device_check.judge(
        MIXED_BASE, {**MIXED_BASE, "pyproject.toml": MIXED_HEAD["pyproject.toml"]}, DevicesRule("fail", 5)
    )
    (allowed,) = format_drops(
        device_check.judge(MIXED_BASE, {**MIXED_BASE, "pyproject.toml": MIXED_HEAD["pyproject.toml"]})
    )
    (refused,) = format_drops(strict)
    assert allowed.remedies == ()
    assert refused.remedies == (
        "keep a branch that supports Python 3.8, patch it, and name it in maintained-branches of [devices]",
        'if only a dependency needs the new Python, keep its old version for python_version < "3.9"',
    )


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("", ""),
        ("no network", "Could not tell whether this change drops anything: no network."),
        ("is the remote reachable?", "Could not tell whether this change drops anything: is the remote reachable?"),
    ],
)
def test_a_reason_why_drops_may_be_missing(device_check: DeviceCheck, reason: str, text: str) -> None:
    """The sentence ends once, and is empty without a reason."""
    verdict = replace(device_check.judge(MIXED_BASE, MIXED_BASE), inconclusive_reason=reason)
    assert inconclusive_text(verdict) == text
    assert headline(verdict) == (text or "This change drops nothing that the project declares to support.")


def test_an_approval_or_its_refusal_is_a_sentence(device_check: DeviceCheck) -> None:
    """Who approved, for whom and why; or why a label does not count; empty without either."""
    verdict = device_check.judge(MIXED_BASE, MIXED_HEAD)
    approval = Approval("a", "2026-11-20T08:00:00Z", "all have moved", "ann", "bob", ("python 3.8",), "b" * 40, 7)
    assert approval_text(verdict) == ""
    assert approval_text(replace(verdict, refusal="ann is the author")) == "Not approved: ann is the author"
    assert approval_text(apply_approval(verdict, approval)) == "bob approved this for ann: all have moved"
