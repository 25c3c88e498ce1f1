"""What GitHub workflows say: the matrices that CI tries, cibuildwheel's variables, platform tags and flags.

A workflow is read as data of texts only: no tag of YAML makes an object, and 3.10 stays 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.statements import Declaration, declare, declare_lines, strip_comments

_PYTHON = re.compile(r"(?:py|python)(?:[-_]?versions?)?", re.IGNORECASE)
_NODE = re.compile(r"node(?:js)?(?:[-_]?versions?)?", re.IGNORECASE)
_SYSTEM = re.compile(r"os|runs[-_]on|runner|platform", re.IGNORECASE)
_PYTHON_LINE = re.compile(r"(?:python-|~|\^)?(\d+\.\d+)(?:\.\w+)*(?:-dev|-alpha.*|-beta.*|-rc.*|\.0-.*)?")
_NODE_LINE = re.compile(r"v?(\d+)(?:\.[\w*]+)*")
_SYSTEMS = {"ubuntu": "linux", "linux": "linux", "windows": "windows", "macos": "macos"}


def read_workflow(path: str, text: str) -> Iterator[Declaration]:
    """Read a workflow: its matrices, CIBW_* variables, platform tags, deployment targets and compiler flags."""
    whole = _load_yaml(text)
    jobs = [job for job in _values(whole.get("jobs")) if isinstance(job, dict)]
    for key, value in ((key, value) for job in jobs for key, value in _matrix_values(job)):
        yield from _declare_tested(path, key, value)
    yield from wheels.read_cibuildwheel_variables(path, _cibuildwheel_environments(whole, jobs))
    plain = strip_comments(text)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)
    yield from cpu_flags.read_macos_target(path, plain)
    yield from cpu_flags.read_cpu_level(path, plain)


def _load_yaml(text: str) -> Mapping[str, Any]:
    import yaml

    from pytest_carbon.core.yaml_limits import check_yaml_limits

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    check_yaml_limits(yaml.parse(text, Loader=loader))
    whole = yaml.load(text, Loader=loader)  # noqa: S506 (the base loader makes texts, lists and tables only)
    return whole if isinstance(whole, dict) else {}


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _matrix_values(job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every key of a job's matrix with each of its texts."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return
    included = matrix.get("include")
    tables = [matrix, *(one for one in (included if isinstance(included, list) else []) if isinstance(one, dict))]
    for table in tables:
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


def _cibuildwheel_environments(whole: Mapping[str, Any], jobs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the variables of every step that runs cibuildwheel, upon those of its job and of the workflow."""
    for job in jobs:
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else []:
            if _runs_cibuildwheel(step):
                yield _environment(whole) | _environment(job) | _environment(step)


def _environment(of: Any) -> dict[str, Any]:
    found = of.get("env") if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def _runs_cibuildwheel(step: Any) -> bool:
    return isinstance(step, dict) and any("cibuildwheel" in str(step.get(key, "")) for key in ("uses", "run"))
