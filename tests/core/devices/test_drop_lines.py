"""The verdict on devices as text, Markdown and JSON: whole, escaped, and never too long."""

from __future__ import annotations

import json

import cmarkgfm
import pytest

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.verdict_json import to_data
from pytest_carbon.core.devices.wording import releases_label
from pytest_carbon.reporters.verdict import devices_markdown, devices_terminal
from tests.core.devices.device_check import MIXED_BASE, MIXED_HEAD, DeviceCheck

HOSTILE = "@team <img src=x> | [a](http://evil.example) `x`\x1b[31m ::error::"


@pytest.mark.parametrize(
    ("head", "rule", "sentence"),
    [
        (MIXED_BASE, DevicesRule(), "This change drops nothing that the project declares to run on."),
        (MIXED_HEAD, DevicesRule("off"), 'Devices are not looked at: the policy says devices = "off".'),
        (
            {**MIXED_BASE, "pyproject.toml": MIXED_HEAD["pyproject.toml"]},
            DevicesRule(),
            "This change drops Python 3.8: it strands Windows 7 PCs, Windows 8 PCs and Windows Vista PCs (the newest sold "
            "until 2016-10-31, 10 years old); upstream no longer patches Python 3.8 since 2024-10-07.",
        ),
        (
            {**MIXED_BASE, "ci/wheels.sh": MIXED_HEAD["ci/wheels.sh"], "Dockerfile": MIXED_HEAD["Dockerfile"]},
            DevicesRule(),
            "This change drops glibc before 2.28: it strands Ubuntu 18.04, Debian 9, Ubuntu 16.04, Debian 8, RHEL 7 and 1 "
            "more (the newest released 2018-04-26, 8 years old). It drops 1 more thing.",
        ),
    ],
)
def test_the_first_sentence(device_check: DeviceCheck, head: dict[str, str], rule: DevicesRule, sentence: str) -> None:
    """What is dropped and whom that strands stand in one sentence, the same in every form."""
    verdict = device_check.judge(MIXED_BASE, head, rule)
    assert to_data(verdict)["sentence"] == sentence
    assert sentence in " ".join(devices_terminal.render(verdict, width=100, colour=False).split())


@pytest.mark.parametrize(
    ("family", "releases", "text"),
    [
        ("python", ["3.8"], "Python 3.8"),
        ("python", ["3.7", "3.8"], "Python 3.7 and 3.8"),
        ("android", ["21", "22", "23", "24"], "Android API 21 to 24"),
        ("x86-64", ["1", "2"], "x86-64-v1 and x86-64-v2"),
        ("glibc", ["2.28"], "glibc before 2.28"),
        ("os", ["windows", "macos"], "Windows and macOS"),
        ("wheels", ["linux-i686", "win32"], "wheels for linux-i686 and win32"),
        ("browsers", ["a", "b", "c", "d", "e", "f"], "browsers: a, b, c, d, e and 1 more"),
    ],
)
def test_releases_in_words(family: str, releases: list[str], text: str) -> None:
    """Versions are joined or spanned, names are listed."""
    assert releases_label(family, releases) == text


def test_old_facts_say_so(device_check: DeviceCheck) -> None:
    """Facts of more than 180 days ask to be refreshed."""
    fresh = devices_terminal.render(device_check.judge(MIXED_BASE, MIXED_HEAD), width=200, colour=False)
    old = devices_terminal.render(
        device_check.with_facts_of(device_check.now.date().replace(month=5)).judge(MIXED_BASE, MIXED_HEAD),
        width=200,
        colour=False,
    )
    assert "as of 2026-08-01, 113 days ago\n" in fresh
    assert "as of 2026-05-22, 184 days ago; refresh them: pytest-carbon devices --refresh\n" in old


def test_names_from_outside_do_nothing(device_check: DeviceCheck) -> None:
    """A path or version of a stranger is shown, and is no markup, mention, link or control character."""
    path = f"{HOSTILE}/package.json"
    base = {path: json.dumps({"engines": {"node": ">=16"}, "browserslist": [HOSTILE]})}
    head = {path: json.dumps({"engines": {"node": HOSTILE}, "browserslist": ["chrome 100"]})}
    verdict = device_check.judge(base, head)
    page = cmarkgfm.github_flavored_markdown_to_html(devices_markdown.render(verdict))
    assert "<img" not in page
    assert "href" not in page
    assert "\x1b" not in devices_terminal.render(verdict, width=100, colour=False)
    assert json.loads(json.dumps(to_data(verdict)))["drops"]


def test_json_has_plain_values(device_check: DeviceCheck) -> None:
    """Days are texts, ends that are not announced words; each drop names its releases, places and stranded."""
    found = to_data(device_check.judge({"Podfile": "platform :ios, '15.0'"}, {"Podfile": "platform :ios, '17.0'"}))
    (drop,) = found["drops"]
    assert (drop["names"], drop["before"], drop["after"]) == (["ios 15", "ios 16"], "15.0", "17.0")
    assert drop["patched"]["until"] == "not announced"
    assert {"name": "iPhone X", "last": "16", "newest": "2018-09-12", "how": "sold until", "until": "2025-03-31"} in (
        drop["stranded"]
    )
    assert found["facts"]["age_days"] == 113
    assert json.loads(json.dumps(found, allow_nan=False)) == found
