"""Reads GitHub workflows: the matrices that CI tests, the variables of cibuildwheel, platform tags and flags.

All scalars of a workflow are read as texts: no YAML tag creates an object, and 3.10 stays 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.make_statements import Declaration, declare, declare_lines, strip_comments

_PYTHON = re.compile(r"(?:py|python)(?:[-_]?versions?)?", re.IGNORECASE)
_NODE = re.compile(r"node(?:js)?(?:[-_]?versions?)?", re.IGNORECASE)
_SYSTEM = re.compile(r"os|runs[-_]on|runner|platform", re.IGNORECASE)
_PYTHON_LINE = re.compile(r"(?:python-|~|\^)?(\d+\.\d+)(?:\.\w+)*(?:-dev|-alpha.*|-beta.*|-rc.*|\.0-.*)?")
_NODE_LINE = re.compile(r"v?(\d+)(?:\.[\w*]+)*")
_SYSTEMS = {"ubuntu": "linux", "linux": "linux", "windows": "windows", "macos": "macos"}


def read_workflow(path: str, text: str) -> Iterator[Declaration]:
    """Read the matrices, CIBW_* variables, platform tags, deployment targets and compiler flags of a workflow.

    Raises ValueError or yaml.YAMLError for YAML that is broken, nested too deep or too large.
    """
    workflow = _load_yaml(text)
    jobs = [job for job in _values(workflow.get("jobs")) if isinstance(job, dict)]
    for key, value in ((key, value) for job in jobs for key, value in _matrix_values(job)):
        yield from _declare_tested(path, key, value)
    yield from wheels.read_cibuildwheel_variables(path, _cibuildwheel_environments(workflow, jobs))
    plain = strip_comments(text)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)
    yield from cpu_flags.read_macos_target(path, plain)
    yield from cpu_flags.read_cpu_level(path, plain)


def _load_yaml(text: str) -> Mapping[str, Any]:
    import yaml

    from pytest_carbon.core.yaml_limits import check_yaml_limits

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    check_yaml_limits(yaml.parse(text, Loader=loader))
    document = yaml.load(text, Loader=loader)  # noqa: S506 (the base loader makes texts, lists and tables only)
    return document if isinstance(document, dict) else {}


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _matrix_values(job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every key of the matrix of a job with each of its texts."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return
    included = matrix.get("include")
    entries = included if isinstance(included, list) else []
    for table in [matrix, *(entry for entry in entries if isinstance(entry, dict))]:
        for key, value in table.items():
            texts = value if isinstance(value, list) else [value]
            yield from ((str(key), text) for text in texts if isinstance(text, str) and key != "exclude")


def _declare_tested(path: str, key: str, value: str) -> Iterator[Declaration]:
    for pattern, line, family in ((_PYTHON, _PYTHON_LINE, "python"), (_NODE, _NODE_LINE, "node")):
        match = line.fullmatch(value.strip())
        if pattern.fullmatch(key) and match:
            yield from declare_lines(path, "a matrix", family, [match[1]], "tested")
    system = _SYSTEMS.get(value.split("-", maxsplit=1)[0].strip().lower())
    if _SYSTEM.fullmatch(key) and system:
        yield from declare(path, "a matrix", "os", [system], "tested")


def _cibuildwheel_environments(workflow: Mapping[str, Any], jobs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the environment of every step that runs cibuildwheel, with the variables of its job and workflow."""
    for job in jobs:
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else []:
            if _runs_cibuildwheel(step):
                yield _environment(workflow) | _environment(job) | _environment(step)


def _environment(table: Mapping[str, Any]) -> dict[str, Any]:
    environment = table.get("env")
    return environment if isinstance(environment, dict) else {}


def _runs_cibuildwheel(step: Any) -> bool:
    return isinstance(step, dict) and any("cibuildwheel" in str(step.get(key, "")) for key in ("uses", "run"))
