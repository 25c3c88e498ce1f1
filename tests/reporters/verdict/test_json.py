"""A verdict as JSON text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.verdict import HolderVerdict, Verdict, to_json
from pytest_carbon.reporters.verdict.json import render

CHECKOUT = HolderVerdict("checkout \u202e\ud800", "feature", "pass", (), 9, None, None, None, None, None, (0.5,), ())
VERDICT = Verdict(
    "warn", "A sentence.", (), (CHECKOUT,), (), "run", None, None, Range(2.0, 1.0, 3.0), None, 0.0, "modelled", "bench",
    None, "DE", "policy", (), {"python": "3.11", "os": "linux"},
)  # fmt: skip


def test_text_is_the_verdict() -> None:
    """The text is ASCII, reads back as the same values, and ends with one line end."""
    assert json.loads(render(VERDICT)) == to_json(VERDICT)
    assert render(VERDICT).isascii()
    assert render(VERDICT).endswith("}\n")


def test_equal_verdicts_give_the_same_bytes() -> None:
    """The order of a fingerprint's fields makes no difference."""
    other = replace(VERDICT, fingerprint={"os": "linux", "python": "3.11"})
    assert render(other) == render(VERDICT)


def test_figure_that_is_not_finite_is_refused() -> None:
    """NaN is no JSON: other programs could not read it."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        render(replace(VERDICT, reference_j=float("nan")))
