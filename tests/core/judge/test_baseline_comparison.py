"""Which runs a run is compared with, and what the comparison says."""

from __future__ import annotations

from typing import Any

GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'


def test_pairs_of_two_environments_say_nothing(bench: Any) -> None:
    """Sides that were not measured alike are not compared."""
    pairs = bench.pairs(6, costs={"checkout": 1.5}, fingerprint={"cpu": "another"})
    verdict = bench.judge(GROWTH, report=bench.report(costs={"checkout": 1.5}), pairs=pairs)
    assert verdict.base is None
    assert bench.judged(verdict).growth.state == "no base"
