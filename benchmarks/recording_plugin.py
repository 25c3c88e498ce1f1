"""Writes down what the plugin recorded of a run: pytest --carbon -p recording_plugin; CARBON_RECORDING names the file.

The spans are those of the code that ships, with its own probes. The figures are made of them afterwards, by
``recordings.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_carbon.core.energy.reference_energy import PROBES
from pytest_carbon.core.model import Span
from pytest_carbon.pytest_edge.hooks import HOOKS_NAME


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Write the trace when the plugin has made its report."""
    result = yield
    hooks = session.config.pluginmanager.get_plugin(HOOKS_NAME)
    assert hooks is not None, "--carbon is missing"
    trace = hooks.recorder.trace()
    text = json.dumps({"probes": PROBES, "spans": [_short(span, trace.start_s) for span in trace.spans]})
    Path(os.environ["CARBON_RECORDING"]).write_text(text)
    return result


def _short(span: Span, start_s: float) -> list[object]:
    """Return kind, nodeid, phase, microseconds from the start to begin and end and of CPU time, what a probe tells."""
    begin_us, end_us = (round(1e6 * (at_s - start_s)) for at_s in (span.start_s, span.end_s))
    values: list[object] = [span.kind, span.nodeid, span.phase, begin_us, end_us, round(1e6 * span.cpu_s)]
    if span.info and "walking_s" in span.info:
        values += [round(1e6 * span.info["walking_s"]), round(span.info.get("waiting", 0.0), 4)]
    return values
