"""Inputs that are small, or allowed, and would cost minutes or gigabytes: each ends in one clear error, at once."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.attack import Attack
from tests.samples import make_report

pytestmark = pytest.mark.timeout(120)
MOST_S = 30.0  # on a slow machine; what is held off takes minutes or hours


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" + ".a" * 50_000 + " = 1", "more than 200 dots"),
        ("[" + '"a".' * 40_000 + "a]", "more than 200 dots"),
        ("a = " + "[" * 90_000, "is not valid TOML"),
        ("top = " + "9" * 90_000, "is not valid TOML"),
        ("# " + "a" * 250_000, "larger than 200 kB"),
        ('[budget]\nlimit = "1' + " " * 190_000 + '!"', "limit is '1"),
    ],
    ids=["dots", "quoted-dots", "deep", "digits", "large", "spaces"],
)
def test_a_policy_that_takes_long_is_refused(project: Any, attack: Attack, text: str, reason: str) -> None:
    """The parser would take minutes for a key of 50,000 parts."""
    project.policy(whole=text)
    started_s = time.monotonic()
    done = project.carbon("budget")
    attack.ended(done.code, done.out, done.err)
    assert reason in done.err
    assert len(done.err) < 10_000
    assert time.monotonic() - started_s < MOST_S


def _tiny() -> bytes:
    return b'["",""]\n' * 8_000_000


def _zeros() -> bytes:
    return bytes(300_000_000)


def _deep() -> bytes:
    return b'["2026/06/01/a.json",' + b"[" * 1_000_000


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    ("make", "reason"),
    [(_tiny, "more than 250,000 records"), (_zeros, "unpacks to more than 64 MB"), (_deep, "is not valid JSON")],
)
def test_a_month_that_unpacks_to_a_bomb_is_left_out(
    project: Any, attack: Attack, make: Callable[[], bytes], reason: str
) -> None:
    """It is named, and verify fails."""
    (project.root / ".carbon/ledger/2026").mkdir(parents=True)
    (project.root / ".carbon/ledger/2026/06.jsonl.gz").write_bytes(gzip.compress(make(), 1))
    started_s = time.monotonic()
    done = project.carbon("ledger", "verify")
    attack.ended(done.code, done.out, done.err)
    assert reason in done.out
    assert time.monotonic() - started_s < MOST_S


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" + "[]," * 10_000_000 + "[]]", "more than 8,000,000 values"),
        ('{"a":' * 1_000_000, "is not complete JSON"),
        ('{"schema":' + "9" * 1_000_000 + "}", "is not complete JSON"),
    ],
    ids=["values", "deep", "digits"],
)
def test_a_report_that_takes_much_memory_is_refused(project: Any, attack: Attack, text: str, reason: str) -> None:
    """Nothing of it becomes a value."""
    (project.root / "report.json").write_text(text, encoding="utf-8")
    done = project.carbon("check", "report.json")
    attack.ended(done.code, done.out, done.err)
    assert reason in done.err


@pytest.mark.attack("bombs")
@pytest.mark.parametrize("started", ["0001-01-01T00:00:00+00:00", "0001-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
                                     "9999-01-01T00:00:00+00:00", "1969-12-31T23:59:59Z"])  # fmt: skip
@pytest.mark.parametrize("verb", ["check", "explain", "append"])
def test_a_run_at_an_end_of_the_calendar_is_refused(project: Any, attack: Attack, verb: str, started: str) -> None:
    """Neither the window nor the next day of such a time can be computed."""
    project.write(make_report(1))
    report = json.loads((project.root / ".carbon/report.json").read_text(encoding="utf-8"))
    report["run"]["started"] = started
    (project.root / ".carbon/report.json").write_text(json.dumps(report), encoding="utf-8")
    done = project.carbon(*(["ledger", "append"] if verb == "append" else [verb]))
    attack.ended(done.code, done.out, done.err)
    assert "Traceback" not in done.err
    assert done.err.count("\n") == 1


@pytest.mark.attack("bombs")
@pytest.mark.parametrize("words", [("ledger", "list", "--since"), ("ledger", "compact", "--before")])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_an_end_of_the_calendar_is_a_day(
    project: Any, attack: Attack, words: tuple[str, ...], day: str
) -> None:
    """Options that name a day take every day."""
    project.baseline(1)
    done = project.carbon(*words, day)
    attack.harmless(done.out, done.err)
    assert done.code == 0
    assert "Traceback" not in done.err
