"""The step's outputs, for later steps. An unknown value is empty, never 0."""

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
from pytest_carbon.files.write_safely import append


def output_values(
    publication: Publication, result: PublishResult, report_path: Path | None, verdict_path: Path | None
) -> dict[str, str]:
    """Return the outputs by name. Amounts are plain numbers in J and g; a change is a ratio (0.08 is 8 %).

    The change is that of the repository if it was compared, else of the most relevant holder that was compared.
    """
    verdict = publication.verdict
    growth = _growth_to_report(verdict) if verdict else None
    return {
        "verdict": verdict.state if verdict else "error",
        "sentence": visible(sentence(publication)),
        "emissions-g": _format_number(verdict.emissions_g.central if verdict and verdict.emissions_g else None),
        "energy-j": _format_number(verdict.energy_j.central if verdict and verdict.energy_j else None),
        "features": json.dumps([_holder_to_json(holder) for holder in verdict.judged] if verdict else []),
        "change": _format_number(growth.change if growth else None),
        "change-low": _format_number(growth.low if growth else None),
        "change-high": _format_number(growth.high if growth else None),
        "comment-url": result.comment_url,
        "report-path": str(report_path or ""),
        "verdict-path": str(verdict_path or ""),
    }


def _growth_to_report(verdict: Verdict) -> Growth | None:
    by_relevance = sort_by_relevance(verdict.judged)
    compared = [holder for holder in by_relevance if holder.growth and holder.growth.change is not None]
    compared.sort(key=lambda holder: holder.level != "repository")
    return compared[0].growth if compared else None


def _holder_to_json(holder: HolderVerdict) -> dict[str, Any]:
    growth = holder.growth
    return {
        "name": holder.name,
        "level": holder.level,
        "state": holder.state,
        "emissions_g": holder.emissions_g.central if holder.emissions_g else None,
        "energy_j": holder.energy_j,
        "used": holder.standing.used if holder.standing else None,
        "change": growth.change if growth else None,
        "low": growth.low if growth else None,
        "high": growth.high if growth else None,
    }


def _format_number(value: float | None) -> str:
    return "" if value is None else json.dumps(value)


def write(path: Path, outputs: Mapping[str, str]) -> None:
    """Append outputs to the file that GitHub reads, each between lines that no value can guess. Raises OSError."""
    text = ""
    for name, value in outputs.items():
        end = f"carbon-{secrets.token_hex(16)}"
        text += f"{name}<<{end}\n{value}\n{end}\n"
    append(path, text.encode("utf-8", "backslashreplace"))
