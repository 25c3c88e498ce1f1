"""Variables that tox keeps from pytest: read from the process of tox, and only there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.meter.ci_variables.dropped_variables import hash_seed, with_dropped_variables

TESTS = "import os\ndef test_it():\n    sum(range(10**6))\n    assert 'GITHUB_HEAD_REF' not in os.environ\n"
POLICY = '[budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n'
GIVEN = {
    "GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted", "PYTEST_CARBON_GATE": "1",
    "PYTEST_CARBON_ZONE": "DE", "GITHUB_HEAD_REF": "feature-x", "OTHER": "s",
}  # fmt: skip
PYTEST = f"{sys.executable} -m pytest --carbon -p no:randomly -p no:hypothesispytest"


def _process(proc: Path, number: str, parent: int, **environment: str) -> None:
    (proc / number).mkdir()
    (proc / number / "stat").write_text(f"{number} (a) b) S {parent} 0", encoding="utf-8")
    (proc / number / "environ").write_bytes(b"".join(f"{n}={v}\0".encode() for n, v in environment.items()))


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"TOX_ENV_NAME": "py"}, {"GITHUB_HEAD_REF": "x", "PYTEST_CARBON_GATE": "1"}),
        ({"TOX_ENV_NAME": "py", "GITHUB_HEAD_REF": "mine"}, {"GITHUB_HEAD_REF": "mine", "PYTEST_CARBON_GATE": "1"}),
        ({}, {}),
    ],
    ids=["dropped", "what is there stays", "without tox"],
)
def test_only_our_variables_are_taken_from_tox(tmp_path: Path, own: dict[str, str], expected: dict[str, str]) -> None:
    """They are those of the nearest process that tox has not started."""
    _process(tmp_path, "self", 9)
    _process(tmp_path, "9", 8, TOX_ENV_NAME="py", GITHUB_HEAD_REF="of the test")
    _process(tmp_path, "8", 7, GITHUB_HEAD_REF="x", PYTEST_CARBON_GATE="1", OTHER="s")
    _process(tmp_path, "7", 1, PYTEST_CARBON_ZONE="DE")
    assert with_dropped_variables(own, tmp_path) == {**own, **expected}


def test_a_process_that_cannot_be_read_gives_nothing(tmp_path: Path) -> None:
    """It is another user's, or the system has no such files."""
    assert with_dropped_variables({"TOX_ENV_NAME": "py"}, tmp_path) == {"TOX_ENV_NAME": "py"}
    _process(tmp_path, "self", 9)
    assert with_dropped_variables({"TOX_ENV_NAME": "py"}, tmp_path) == {"TOX_ENV_NAME": "py"}


@pytest.mark.parametrize(
    ("own", "of_tox", "seed"),
    [
        ({"TOX_ENV_NAME": "py", "PYTHONHASHSEED": "77"}, {}, "random"),
        ({"TOX_ENV_NAME": "py", "PYTHONHASHSEED": "77"}, {"PYTHONHASHSEED": "random"}, "random"),
        ({"TOX_ENV_NAME": "py", "PYTHONHASHSEED": "77"}, {"PYTHONHASHSEED": "77"}, "77"),
        ({"TOX_ENV_NAME": "py", "PYTHONHASHSEED": "0"}, {}, "0"),
        ({"TOX_ENV_NAME": "py"}, {}, "random"),
        ({"PYTHONHASHSEED": "77"}, {}, "77"),
        ({"PYTHONHASHSEED": ""}, {}, "random"),
    ],
    ids=["drawn by tox", "drawn by tox too", "set before tox", "set_env", "none", "without tox", "empty"],
)
def test_kind_17_the_seed_that_tox_draws_at_each_call_is_random(
    tmp_path: Path, own: dict[str, str], of_tox: dict[str, str], seed: str
) -> None:
    """No two calls of tox would be of one environment, so no run would ever have a base."""
    _process(tmp_path, "self", 8)
    _process(tmp_path, "8", 1, **of_tox)
    assert hash_seed(own, tmp_path) == seed


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the variables of a process")
def test_what_the_action_tells_reaches_pytest_behind_tox(tmp_path: Path) -> None:
    """The gate judges the limit, zone, runner and branch are known, and the tests see none of these variables."""
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "carbon.toml").write_text(POLICY)
    tox = f'env -i PATH="$PATH" TOX_ENV_NAME=py PYTHONHASHSEED=77 {PYTEST}; exit $?'
    done = subprocess.run(
        ["sh", "-c", tox], cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, **GIVEN}
    )
    assert done.returncode == 0, done.stdout
    report = json.loads((tmp_path / ".carbon" / "report.json").read_text())
    assert report["grid"]["zone"] == "DE"
    assert report["machine"]["runner"] == "github-hosted"
    assert report["run"]["branch"] == "feature-x"
    assert report["machine"]["fingerprint"]["hashseed"] == "random"
