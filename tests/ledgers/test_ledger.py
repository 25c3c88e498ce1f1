"""The results that every ledger returns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.ledgers.ledger import Skipped, VerifyResult

SOUND = VerifyResult(kinds={"entry": 1}, runs=1, baselines=0, skipped=(), twice=(), misplaced=())
FILE = Skipped("2026/06/01/x.json", "it is not valid JSON")


@pytest.mark.parametrize(
    ("faults", "whole"),
    [
        ({}, True),
        ({"kinds": {}, "runs": 0}, True),
        ({"skipped": (FILE,)}, False),
        ({"twice": ("run-1",)}, False),
        ({"misplaced": (FILE,)}, False),
    ],
)
def test_ledger_is_whole_without_any_fault(faults: dict[str, Any], whole: bool) -> None:
    """Any kind of fault counts; an empty ledger has none."""
    assert replace(SOUND, **faults).whole is whole
