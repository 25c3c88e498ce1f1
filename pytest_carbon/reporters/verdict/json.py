"""A verdict as the text of a JSON file."""

from __future__ import annotations

import json

from pytest_carbon.core.escape import json_for_log
from pytest_carbon.core.verdict.verdict import Verdict, to_json


def render(verdict: Verdict) -> str:
    """Return the verdict as JSON in ASCII; equal verdicts give the same bytes.

    Raises ValueError if a figure is not finite.
    """
    return json_for_log(json.dumps(to_json(verdict), indent=1, sort_keys=True, allow_nan=False)) + "\n"
