"""One record of each type, made by hand."""

from __future__ import annotations

from pytest_carbon.core.records.ledger_records import Approval, Correction, Entry, Override, SelfTest

ENTRY = Entry(
    id="run-1", run="run-1", attempt=1, job="tests", started="2026-06-01T10:00:00+00:00", commit="c" * 40,
    branch="feature", pr=7, labels=("checkout",), method="modelled", machine="bench", fingerprint="f" * 16,
    grid_zone="DE", grid_g_per_kwh=381.0, grid_assumed=False, energy_j=120.5, energy_low_j=90.0, energy_high_j=180.0,
    reference_j=60.25, operational_g=0.0128, embodied_g=None, emissions_low_g=None, emissions_high_g=None, tests=42,
    shares={"checkout": 0.75, "søk": 0.25},
)  # fmt: skip
CORRECTION = Correction(
    "co-1", "run-1", ENTRY.started, "2026-06-09T10:00:00Z", "label", ("search",), {"search": 1.0}
)  # fmt: skip
OVERRIDE = Override(
    "ov-1", "checkout", "2026-06-03T00:30:00+02:00", "2026-06-10T08:00:00Z", "release", "ann", "bob", 5.5, "mass"
)
APPROVAL = Approval("devices-pr7-abc", "2026-06-02T08:00:00Z", "søk", "ann", "bob", ("python 3.8",), "b" * 40, 7)
SELFTEST = SelfTest("self-1", "2026-06-04T08:00:00Z", "f" * 16, 40, 1, {"": 0.01}, {"": 0.03})
