"""A policy with every kind of budget, for the tests of the judge."""

from __future__ import annotations

SHOP = """
on-inconclusive = "fail"
[budget]
limit = "1 kg"
growth = "5 %"
[features.checkout.budget]
limit = "120 g"
per-run = "500 J"
growth = "5 %"
on-exceeded = "fail"
[features.unattributed.budget]
limit = "10 kJ"
[teams.shop]
features = ["checkout", "search"]
[teams.shop.budget]
limit = "100 kJ ref"
window = "month"
timezone = "Europe/Berlin"
growth = "10 %"
"""
