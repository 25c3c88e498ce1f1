"""The verdict on devices as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import apply_approval
from pytest_carbon.core.devices.verdict_json import to_data
from pytest_carbon.core.records.ledger_records import Approval
from tests.core.devices.device_check import DeviceCheck, podfile, python_project, wheel_script

KEYS = {
    "state", "sentence", "level", "drops", "stale", "notes", "unread", "untold", "approval", "refused", "facts",
}  # fmt: skip
DROP_KEYS = {
    "family", "names", "releases", "where", "before", "after", "patched", "stranded", "unknown", "state", "why",
    "strands", "keep",
}  # fmt: skip


def test_json_has_plain_values(device_check: DeviceCheck) -> None:
    """Days are texts, open ends are words, and each drop names its releases, minima and stranded devices."""
    data = to_data(device_check.judge(podfile("15.0"), podfile("17.0")))
    (drop,) = data["drops"]
    assert (drop["names"], drop["before"], drop["after"]) == (["ios 15", "ios 16"], "15.0", "17.0")
    assert drop["patched"]["until"] == "not announced"
    assert {"name": "iPhone X", "last": "16", "newest": "2018-09-12", "how": "sold until", "until": "2025-03-31"} in (
        drop["stranded"]
    )
    assert data["facts"]["age_days"] == 113
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_keys_never_change(device_check: DeviceCheck) -> None:
    """Readers of the JSON rely on its keys, with drops and without."""
    nothing = to_data(device_check.judge(python_project("3.9"), python_project("3.9")))
    data = to_data(device_check.judge(python_project("3.8"), python_project("3.9")))
    assert set(nothing) == set(data) == KEYS
    (drop,) = data["drops"]
    assert set(drop) == DROP_KEYS
    assert set(drop["where"][0]) == {"path", "setting", "project"}
    assert set(drop["stranded"][0]) == {"name", "last", "newest", "how", "until"}
    assert set(data["stale"][0]) == {"family", "release", "role", "where"}


def test_an_end_on_an_unknown_day_is_a_word(device_check: DeviceCheck) -> None:
    """Support that ended on an unknown day is "over", and a day that is not known is null."""
    facts = device_check.facts
    old = tuple(replace(line, until=line.until and line.until.min, released=None) for line in facts.releases["python"])
    check = DeviceCheck(replace(facts, releases={**facts.releases, "python": old}), device_check.now)
    data = to_data(check.judge(python_project("3.8"), python_project("3.9")))
    assert (data["drops"][0]["patched"]["until"], data["drops"][0]["patched"]["released"]) == ("over", None)


def test_why_a_verdict_is_inconclusive_approved_or_refused(device_check: DeviceCheck) -> None:
    """The reason, the approval and its refusal have keys of their own, empty or null without them."""
    verdict = device_check.judge(wheel_script("manylinux2014"), wheel_script("manylinux_2_28"), DevicesRule("fail"))
    approval = Approval("a", "2026-11-20T08:00:00Z", "all have moved", "ann", "bob", ("glibc < 2.28",), "b" * 40, 7)
    plain = to_data(replace(verdict, inconclusive_reason="no network", refusal="ann is the author"))
    assert (plain["state"], plain["untold"], plain["refused"]) == ("fail", "no network", "ann is the author")
    assert plain["approval"] is None
    approved = to_data(apply_approval(verdict, approval))
    assert (approved["state"], approved["untold"], approved["refused"]) == ("overridden", "", "")
    assert (approved["approval"]["approver"], approved["drops"][0]["keep"]) == ("bob", [])
