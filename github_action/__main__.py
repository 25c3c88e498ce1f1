"""The steps of action.yml: ``python -I -m github_action begin``, ``measure`` or ``finish``.

Each step is a process of its own. It imports a stage only if the event asks for that stage.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Mapping

from github_action.event import log_commands
from github_action.event.choose_stages import choose_stages
from github_action.event.github_context import read_github_context
from github_action.event.inputs import read_inputs
from github_action.steps.job import Job
from pytest_carbon.core.errors import CarbonError


def main(
    arguments: list[str], environment: Mapping[str, str] = os.environ, pause: Callable[[float], None] = time.sleep
) -> int:
    """Run one step and return its exit code. ``pause`` waits between requests to the API."""
    steps = {"begin": _begin, "measure": _measure, "finish": _finish}
    try:
        context, inputs = read_github_context(environment), read_inputs(environment)
        return steps[arguments[0]](Job(context, inputs, choose_stages(context, inputs), environment, pause))
    except CarbonError as error:
        problem = str(error)
    except Exception:
        log_commands.print_traceback()
        problem = log_commands.INTERNAL_ERROR
    log_commands.error(problem, "pytest-carbon")
    if arguments == ["finish"]:
        _end_without_verdict(environment, pause, problem)
    return 1


def _end_without_verdict(environment: Mapping[str, str], pause: Callable[[float], None], problem: str) -> None:
    from github_action.steps.end_without_verdict import end_without_verdict

    try:
        for text in end_without_verdict(environment, pause, problem):
            log_commands.warning(text, "pytest-carbon")
    except CarbonError:
        pass  # it is the one that was logged
    except Exception:
        log_commands.print_traceback()


def _begin(job: Job) -> int:
    if not job.stages & {"begin", "measure"}:
        return 0
    from github_action.steps.begin import run

    return run(job)


def _measure(job: Job) -> int:
    if "measure" not in job.stages:
        return 0
    from github_action.steps.measure_step import run

    return run(job)


def _finish(job: Job) -> int:
    if not job.stages & {"gate", "record", "summary"}:
        return 0
    from github_action.steps.finish import run

    return run(job)


def _forget_git_variables() -> None:
    """Remove git's variables: a step before, which ran the tests' code, can set them for steps that have a token."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]


def _write_utf_8() -> None:
    """Let every name be logged: the runner reads UTF-8, also on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    _write_utf_8()
    if sys.argv[1:] != ["measure"]:  # that step has no token, and the command may want its variables
        _forget_git_variables()
    sys.exit(main(sys.argv[1:]))
