"""Runs the command and, where a limit on growth is in doubt, measures base and head in turns. Has no token."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.event.log_commands import group, warning
from github_action.steps.fetch_for_confirm import find_base_commit, ledger_folder, limits_growth
from pytest_carbon.config.load import GATE_VARIABLE, load_config
from pytest_carbon.core.errors import CarbonError, ConfigError, ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.reporters.run import report_file

_JUDGED = (0, 1, 3)
"""What ``pytest-carbon confirm`` ends with when it has judged: fine, failed, could not tell."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What the command's exit code was, and where its report is; ``trouble`` says why there is none."""

    exit_code: int
    report: Path | None
    problem: str = ""


def measure(context: GitHubContext, inputs: ActionInputs, environment: Mapping[str, str] = os.environ) -> CommandResult:
    """Run the command in the project's folder, or collect the reports that are there, and confirm what is in doubt."""
    folder = inputs.workspace / inputs.working_directory
    if not folder.is_dir():
        return CommandResult(
            1, None, f"there is no folder {inputs.working_directory!r} to measure in; is working-directory right?"
        )
    own = {name: value for name, value in environment.items() if not name.startswith("CARBON_")}
    own[GATE_VARIABLE] = "1"
    exit_code, trouble = 0, ""
    if inputs.command:
        trouble = _forget(folder)
        exit_code = _run(["bash", "-eo", "pipefail", "-c", inputs.command], folder, own)
    try:
        if trouble:
            raise ReportError(trouble)
        report = _collected(inputs, folder) if inputs.reports else _written(folder, exit_code)
        if inputs.command:
            _confirm(context, inputs, report, folder, own)
        report_file.read(report)
        return CommandResult(exit_code, report)
    except (CarbonError, OSError, ValueError) as error:
        return CommandResult(exit_code, None, str(error).replace(str(folder), inputs.working_directory))


def _forget(folder: Path) -> str:
    """Remove the report of an earlier run; say why it could not be removed, for then nobody knows which run left it."""
    try:
        load_config(folder).report.unlink(missing_ok=True)
    except (CarbonError, OSError, ValueError) as error:
        return str(error)
    return ""


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: int | None = None) -> int:
    """Run a command with our output as its own, and return its exit code; that of a signal as a shell tells it."""
    code = subprocess.run(command, cwd=folder, env=dict(environment), stdout=stdout, check=False).returncode
    return code if code >= 0 else 128 - code


def _written(folder: Path, exit_code: int) -> Path:
    """Return where the command has left its report."""
    report = load_config(folder).report
    if not report.is_file():
        ended = f"the command ended with {exit_code} and left no report at {report}"
        raise ReportError(f"{ended}; does it run pytest with --carbon, in working-directory?")
    return report


def _collected(inputs: ActionInputs, folder: Path) -> Path:
    """Join the reports that the patterns name into one."""
    try:
        found = sorted({path for pattern in inputs.reports for path in folder.glob(pattern) if path.is_file()})
    except (ValueError, NotImplementedError) as error:
        raise ReportError(f"the input reports has a pattern that is none below working-directory: {error}") from error
    if not found:
        raise ReportError(f"the input reports is {', '.join(inputs.reports)}, and no file in {folder} is called so")
    joined = inputs.temporary_folder / "pytest-carbon" / "joined" / "report.json"
    report_file.write(
        merge_reports([(path.relative_to(folder).as_posix(), report_file.read(path)) for path in found]), joined
    )
    return joined


# -- confirming --------------------------------------------------------------------------------------------


def _confirm(
    context: GitHubContext, inputs: ActionInputs, report: Path, folder: Path, environment: Mapping[str, str]
) -> None:
    """Let ``pytest-carbon confirm`` of the project's own environment decide whether there is anything to confirm.

    What it cannot do leaves the verdict to say that it could not tell; it never fails the job.
    """
    base = find_base_commit(context, folder)
    if base is None:
        return
    try:
        config = load_config(folder, policy_from=base)
        if not limits_growth(config):
            return
        in_database = config.ledger.sql is not None
        if in_database and not ledger_folder(inputs).is_dir():
            raise ConfigError("the ledger is in a database that was not read before; the step begin tells why")
        command = [*_confirming(context, inputs, environment), str(report), "--policy-from", base, "--base", base]
        words = _words(inputs.confirm_command or inputs.command)
        quiet = subprocess.DEVNULL if in_database else None  # the windows' runs are not here, so its verdict is not one
        with group("pytest-carbon confirm"):
            code = _run([*command, "--", *words], folder, environment, quiet)
        if code not in _JUDGED:
            warning("growth is not confirmed; what pytest-carbon confirm said above tells why", "pytest-carbon")
    except (CarbonError, OSError, ValueError) as error:
        warning(f"growth is not confirmed: {error}", "pytest-carbon")


def _confirming(context: GitHubContext, inputs: ActionInputs, environment: Mapping[str, str]) -> list[str]:
    """Return the program with the ledger and the labels; ConfigError where it is not installed."""
    program = shutil.which("pytest-carbon", path=environment.get("PATH"))
    if program is None:
        raise ConfigError("there is no pytest-carbon on PATH; install it beside pytest")
    pull = context.payload.get("pull_request") or {}
    labels = [f"--label={label['name']}" for label in pull.get("labels") or () if label.get("name")]
    ledger = [f"--folder={ledger_folder(inputs)}"] if ledger_folder(inputs).is_dir() else []
    return [program, "confirm", *ledger, *labels]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"the command cannot be split into words ({error}); set confirm-command") from error


def remove_result(folder: Path) -> None:
    """Remove what an earlier step of this job left: if this one is ended half way, that is not its result."""
    (folder / "measured.json").unlink(missing_ok=True)


def save_result(measured: CommandResult, folder: Path) -> Path:
    """Write what was measured, and what became of it, where the next step finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    note = {"exit_code": measured.exit_code, "trouble": measured.problem, "report": str(measured.report or "")}
    (folder / "measured.json").write_text(json.dumps(note), encoding="utf-8")
    return folder


def read_result(folder: Path) -> CommandResult | None:
    """Return what the step that measured left; None if it did not get so far."""
    try:
        note = json.loads((folder / "measured.json").read_text(encoding="utf-8"))
        report = Path(note["report"]) if note["report"] else None
        return CommandResult(int(note["exit_code"]), report, str(note["trouble"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
