"""The variables of CI and of the Action that tox keeps from pytest, read from the process of tox itself.

tox passes on only the variables that its settings name. Nothing is put into the environment of the tests. Linux only;
elsewhere nothing is found, and ``pass_env`` must name the variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_carbon.config.load import GATE_VARIABLE, ZONE_VARIABLE
from pytest_carbon.config.report_places import TOX_VARIABLE
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.meter.ci_variables import ci_branch, teamcity_properties

_NAMES = frozenset(
    {
        GATE_VARIABLE,
        ZONE_VARIABLE,
        "GITHUB_ACTIONS",
        "RUNNER_ENVIRONMENT",
        teamcity_properties.FILE_VARIABLE,
        *ci_branch.VARIABLES,
    }
)
_PROC = Path("/proc")
_SEED = "PYTHONHASHSEED"
_MOST_BYTES, _MOST_STEPS = 20_000_000, 100


def with_dropped_variables(environment: Mapping[str, str], proc: Path = _PROC) -> dict[str, str]:
    """Return the variables, and those of ours that tox did not pass on. Those that are there stay as they are."""
    if TOX_VARIABLE not in environment:
        return dict(environment)
    of_tox = _environment_of_tox(proc)
    return {**{name: value for name, value in of_tox.items() if name in _NAMES}, **environment}


def _environment_of_tox(proc: Path) -> dict[str, str]:
    """Return the variables of the nearest process above this one that tox has not started: tox, or what started it."""
    process = "self"
    try:
        for _ in range(_MOST_STEPS):
            status = read_bytes(proc / process / "stat", _MOST_BYTES).decode(errors="replace")
            process = status[status.rindex(")") + 2 :].split()[1]
            found = ci_branch.read_variables(proc / process / "environ")
            if TOX_VARIABLE not in found:
                return found
    except (OSError, ValueError, IndexError):  # of another user, or ended
        pass
    return {}


def variables_now() -> dict[str, str]:
    """Return the variables of this process as they are now, and those that tox did not pass on."""
    return with_dropped_variables(os.environ)


def hash_seed(environment: Mapping[str, str], proc: Path = _PROC) -> str:
    """Return the seed of Python's hashes; ``random`` if none is set, and if tox drew one for this call alone.

    tox draws a seed at each call, unless its own process has one. Only ``0`` is surely set by its ``set_env``.
    """
    seed = environment.get(_SEED) or "random"
    if TOX_VARIABLE not in environment or seed == "0":
        return seed
    return seed if _environment_of_tox(proc).get(_SEED) == seed else "random"
