"""The tables and lines of one holder's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.reporters.site.holder_tables import (
    consumer_lines,
    months_table,
    override_lines,
    pulls_table,
    waste_table,
)


def test_what_a_pull_request_adds(lab: Any) -> None:
    """One that is not merged, or cannot be told, is not said to have changed nothing."""
    open_, unclear = lab.PULLS[2], replace(lab.PULLS[2], merged="2026-11-12")
    sure = replace(unclear, sureness="sure")
    adds = [row[2] for row in pulls_table([*lab.PULLS, *lab.SAVED, unclear, sure], "", "").rows]
    assert open_.merged is None
    assert adds == ["+540 g", "+120 g, not sure", "not merged", "-310 g", "not known", "no change seen"]
