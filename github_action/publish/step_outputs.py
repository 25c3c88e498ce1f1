"""The step's outputs, for the steps after it. What is not known is empty, never 0."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from github_action.publish.publication import Publication, sentence
from github_action.publish.publish import PublishResult
from pytest_carbon.core.escape import visible
from pytest_carbon.core.verdict.holder_lines import sort_by_relevance
from pytest_carbon.core.verdict.verdict import Growth, HolderVerdict, Verdict


def output_values(
    told: Publication, published: PublishResult, report: Path | None, verdict: Path | None
) -> dict[str, str]:
    """Return the outputs by name; amounts are plain numbers, in J and g, and a change is a ratio (0.08 is 8 %).

    The change is the repository's where that is judged, else that of the most relevant holder that was compared.
    """
    found = told.verdict
    growth = _growth(found) if found else None
    return {
        "verdict": found.state if found else "error",
        "sentence": visible(sentence(told)),
        "emissions-g": _number(found.emissions_g.central if found and found.emissions_g else None),
        "energy-j": _number(found.energy_j.central if found and found.energy_j else None),
        "features": json.dumps([_holder(one) for one in found.judged] if found else []),
        "change": _number(growth.change if growth else None),
        "change-low": _number(growth.low if growth else None),
        "change-high": _number(growth.high if growth else None),
        "comment-url": published.comment_url,
        "report-path": str(report or ""),
        "verdict-path": str(verdict or ""),
    }


def _growth(verdict: Verdict) -> Growth | None:
    compared = [one for one in sort_by_relevance(verdict.judged) if one.growth and one.growth.change is not None]
    compared.sort(key=lambda one: one.level != "repository")
    return compared[0].growth if compared else None


def _holder(one: HolderVerdict) -> dict[str, Any]:
    growth = one.growth
    return {
        "name": one.name,
        "level": one.level,
        "state": one.state,
        "emissions_g": one.emissions_g.central if one.emissions_g else None,
        "energy_j": one.energy_j,
        "used": one.standing.used if one.standing else None,
        "change": growth.change if growth else None,
        "low": growth.low if growth else None,
        "high": growth.high if growth else None,
    }


def _number(value: float | None) -> str:
    return "" if value is None else json.dumps(value)


def write(path: Path, found: Mapping[str, str]) -> None:
    """Append outputs to the file that GitHub reads, between lines that no value can guess; OSError if it cannot be."""
    with path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for name, value in found.items():
            end = f"carbon-{secrets.token_hex(16)}"
            file.write(f"{name}<<{end}\n{value}\n{end}\n")
