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

from github_action.commands import group, notice, warning
from github_action.context import Context
from github_action.fetching import CONFIRMED, base_of, ledger_folder
from github_action.inputs import Inputs
from pytest_carbon import git
from pytest_carbon.config import GATE_VARIABLE, load_config
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merging import merge
from pytest_carbon.reporters import jsonfile


@dataclass(frozen=True, slots=True)
class Measured:
    """What the command's exit code was, and where its report is; ``trouble`` says why there is none."""

    exit_code: int
    report: Path | None
    trouble: str = ""


def measure(context: Context, inputs: Inputs, environment: Mapping[str, str] = os.environ) -> Measured:
    """Run the command in the project's folder, or collect the reports that are there, and confirm what is in doubt."""
    folder = inputs.workspace / inputs.folder
    own = {name: value for name, value in environment.items() if not name.startswith("CARBON_")}
    own[GATE_VARIABLE] = "1"
    exit_code = 0
    try:
        where = load_config(folder).report
        if inputs.command:
            where.unlink(missing_ok=True)
            exit_code = _run(["bash", "-eo", "pipefail", "-c", inputs.command], folder, own)
        if inputs.reports:
            where = _collected(inputs, folder)
        if not where.is_file():
            ended = f"the command ended with {exit_code} and left no report at {where.name}"
            return Measured(exit_code, None, f"{ended}; does it run pytest with --carbon, in working-directory?")
        if context.event in CONFIRMED and inputs.command:
            _confirm(context, inputs, where, folder, own)
        jsonfile.read(where)
        return Measured(exit_code, where)
    except (CarbonError, OSError) as error:
        return Measured(exit_code, None, str(error))


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command with our output as its own, and return its exit code; that of a signal as a shell tells it."""
    code = subprocess.run(command, cwd=folder, env=dict(environment), check=False).returncode
    return code if code >= 0 else 128 - code


def _collected(inputs: Inputs, folder: Path) -> Path:
    """Join the reports that the patterns name into one."""
    found = sorted({path for pattern in inputs.reports for path in folder.glob(pattern) if path.is_file()})
    if not found:
        raise ReportError(f"the input reports is {', '.join(inputs.reports)}, and no file below {folder} is called so")
    joined = inputs.temporary / "pytest-carbon" / "joined" / "report.json"
    jsonfile.write(merge([(path.relative_to(folder).as_posix(), jsonfile.read(path)) for path in found]), joined)
    return joined


# -- confirming --------------------------------------------------------------------------------------------


def _confirm(context: Context, inputs: Inputs, report: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Let ``pytest-carbon confirm`` of the project's own environment decide whether there is anything to confirm.

    What it cannot do leaves the verdict to say that it could not tell; it never fails the job.
    """
    program = shutil.which("pytest-carbon", path=environment.get("PATH"))
    try:
        command = shlex.split(inputs.confirm_command or inputs.command)
    except ValueError as error:
        return warning(
            f"growth is not confirmed: the command cannot be split into words ({error}); set confirm-command"
        )
    if program is None:
        return notice("growth is not confirmed: there is no pytest-carbon on PATH; install it beside pytest")
    base = base_of(context, folder)
    if base is None or git.commit_of(base, folder) is None:
        return warning("growth is not confirmed: the base commit is not here")
    pull = context.payload.get("pull_request") or {}
    labels = [f"--label={label['name']}" for label in pull.get("labels") or () if label.get("name")]
    ledger = ["--folder", str(ledger_folder(inputs))] if ledger_folder(inputs).is_dir() else []
    arguments = [program, "confirm", str(report), "--policy-from", base, "--base", base, *ledger, *labels]
    with group("pytest-carbon confirm"):
        code = _run([*arguments, "--", *command], folder, environment)
    if code == 2:
        warning("growth is not confirmed; what pytest-carbon confirm said above tells why")
    return None


def kept(measured: Measured, folder: Path) -> Path:
    """Write what was measured, and what became of it, where the next step finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    note = {"exit_code": measured.exit_code, "trouble": measured.trouble, "report": str(measured.report or "")}
    (folder / "measured.json").write_text(json.dumps(note), encoding="utf-8")
    return folder


def read_kept(folder: Path) -> Measured | None:
    """Return what the step that measured left; None if it did not get so far."""
    try:
        note = json.loads((folder / "measured.json").read_text(encoding="utf-8"))
        report = Path(note["report"]) if note["report"] else None
        return Measured(int(note["exit_code"]), report, str(note["trouble"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
