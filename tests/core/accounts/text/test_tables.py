"""Tables of text: what every reporter shows of an account."""

from __future__ import annotations

from typing import Any

import pytest


def test_where_nothing_is_known_nobody_is_called_ok(bench: Any) -> None:
    """Runs whose use is not known are neither none used, nor all left, nor a good state."""
    unknown = {"energy_j": None, "operational_g": None}
    policy = '[features.checkout.budget]\nlimit = "1 kg"\nwindow = "month"\n'
    found = named(make(bench, policy, [bench.entry(1, **unknown)]))
    line = account_line(found, "2026-03-20")
    assert (line.share, line.used, line.state, line.left) == (None, "not known", "not known", "not known")
    half = named(make(bench, policy, [bench.entry(1), bench.entry(2, **unknown)]))
    assert half.sentence.startswith("Checkout used at least 0.1 % of its March carbon budget: 1 g of 1 kg CO2e")
    assert (account_line(half, "2026-03-20").left, half.months[-1].uncounted_runs) == ("at most 999 g", 1)
    table = months_table(half)
    assert table.rows[0][table.titles.index("Of its budget")] == "at least 0.1 % of 1 kg"
