"""The entry point of the steps: which stages run, and how an error ends a step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from github_action.__main__ import main
from tests.attack import Attack

ROOT = Path(__file__).parents[2]
IMPORTED = """
import sys
from github_action.__main__ import main
print(main([sys.argv[1]]), sorted({"requests", "sqlalchemy", "pytest_carbon.core.judge.evaluate"} & set(sys.modules)))
"""


def _environment(folder: Path, event: str, payload: Mapping[str, Any], **inputs: str) -> dict[str, str]:
    """Return the variables of a step; an address that cannot be reached stands in for GitHub."""
    (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
    return {
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_SHA": "e" * 40,
        "GITHUB_RUN_ID": "7",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "RUNNER_TEMP": str(folder),
        **{f"CARBON_{name.upper()}": value for name, value in inputs.items()},
    }


def test_the_log_is_utf_8_whatever_the_runner_says(tmp_path: Path) -> None:
    """A name that the stream of the runner has no letters for, as on Windows, ends no step with a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "github_action", "шаг"], cwd=ROOT, capture_output=True, check=False,
        env={**_environment(tmp_path, "push", {}), "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "UnicodeEncodeError" not in done.stderr.decode()
    assert "KeyError: 'шаг'" in done.stdout.decode()
    assert "\n::error" in done.stdout.decode()


@pytest.mark.parametrize("step", ["begin", "measure", "finish"])
def test_event_without_stages_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str) -> None:
    """A new title is neither measured nor judged, and no step says anything."""
    environment = _environment(tmp_path, "pull_request", {"action": "edited"}, command="exit 9")
    assert main([step], environment) == 0
    assert "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize("step", ["begin", "measure", "finish"])
def test_event_without_stages_imports_no_stage(tmp_path: Path, step: str) -> None:
    """A step that has nothing to do starts fast: HTTP, database and judge are not imported."""
    environment = {**_environment(tmp_path, "issues", {"action": "opened"}), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", IMPORTED, step]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "0 []\n"


@pytest.mark.parametrize("step", ["begin", "measure", "finish"])
def test_process_outside_of_github_actions_is_refused(capsys: pytest.CaptureFixture[str], step: str) -> None:
    """The error names the command for other places."""
    assert main([step], {}) == 1
    log = capsys.readouterr().out
    assert log.startswith("::error title=pytest-carbon::this process is not a step of GitHub Actions")
    assert "use pytest-carbon check" in log


def test_wrong_input_fails_the_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error is one line that names the input, without a traceback."""
    assert main(["finish"], _environment(tmp_path, "push", {}, stage="gait")) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("::error title=pytest-carbon::the input stage is 'gait'")
    assert captured.err == ""


def test_bug_is_reported_with_its_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unforeseen error fails the step; the runner reads no command from the traceback."""
    assert main(["::error::x"], _environment(tmp_path, "push", {})) == 1
    captured = capsys.readouterr()
    assert "KeyError" in captured.out
    assert not any(line.startswith("::error::") for line in captured.out.splitlines())
    assert captured.out.startswith("::stop-commands::carbon-")
    assert captured.out.splitlines()[-1] == (
        "::error title=pytest-carbon::this is a bug in pytest-carbon; "
        "please report it with the traceback in the log of the job"
    )


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("step", ["begin", "measure", "finish"])
def test_variables_of_git_from_a_step_before(tmp_path: Path, attack: Attack, step: str) -> None:
    """A step with a token forgets them; the measuring step has none, and leaves them to the command."""
    code = "import os; print('LEFT', sorted(name for name in os.environ if name.startswith('GIT_')))"
    (tmp_path / "sitecustomize.py").write_text(
        f"import atexit\natexit.register(lambda: exec({code!r}))\n", encoding="utf-8"
    )
    environment = {
        **_environment(tmp_path, "issues", {"action": "opened"}),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "GIT_SSH_COMMAND": str(attack.command),
        "GIT_CONFIG_COUNT": "0",
    }
    command = [sys.executable, "-m", "github_action", step]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    kept = ["GIT_CONFIG_COUNT", "GIT_SSH_COMMAND"] if step == "measure" else []
    assert f"LEFT {kept}" in done.stdout
    attack.harmless(done.stdout, done.stderr)
