"""A real runner for the Action: act runs the real workflows on this machine, against the fake GitHub.

What only GitHub has is stood in for: actions/checkout is act's own, actions/setup-python puts an environment with this
checkout's pytest-carbon on PATH, and actions/upload-artifact brings the file to the fake. The Action's install.py makes
its environment once for all jobs of a session, unless a test asks for a new one in each job.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import site
import subprocess
import sys
import threading
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.project import RIGHTS

ROOT = Path(__file__).parents[2]
UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
SETUP = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065"
UPLOAD_YML = """
name: upload-artifact
inputs: {name: {}, path: {}, overwrite: {}, if-no-files-found: {}, retention-days: {}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FILE: "${{ inputs.path }}"}
      run: |
        cd "$(dirname "$FILE")"
        python3 -m zipfile -c "$FILE.zip" "$(basename "$FILE")"
        curl -fsS -X PUT --data-binary "@$FILE.zip" "$STAGE_UPLOADS?run=$GITHUB_RUN_ID&name=$NAME"
"""
SETUP_YML = """
name: setup-python
inputs: {python-version: {}}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo "$STAGE_PYTHON" >> "$GITHUB_PATH"
"""

INSTALLED = """
import os
with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
    file.write("python={python}\\n")
"""
"""Stands in for install.py where its environment is there already."""


class _Uploads(ThreadingHTTPServer):
    """Takes the artifacts of runs, in place of the storage behind actions/upload-artifact."""

    daemon_threads = True

    def __init__(self, repo: Repository) -> None:
        super().__init__(("127.0.0.1", 0), _Upload)
        self.repo = repo
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Upload(BaseHTTPRequestHandler):
    server: _Uploads

    def do_PUT(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        data = self.rfile.read(int(self.headers["content-length"]))
        self.server.repo.artifact(int(query["run"][0]), query["name"][0], data)
        self.send_response(201)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class WorkflowResult:
    """The exit code and output of act for one run of a workflow."""

    code: int
    output: str
    run_id: int


@dataclass
class ActRunner:
    """A repository on the fake, and act, which runs its workflows on clones of it."""

    hub: FakeGitHub
    folder: Path
    files: Mapping[str, str]
    action: Path
    repo: Repository = field(init=False)
    runs: int = 0

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop")
        self.repo.collaborators.update(ann="write", bob="write")
        self.repo.commit(self.files)
        self.uploads = _Uploads(self.repo)
        for name, text in (("upload", UPLOAD_YML), ("setup", SETUP_YML)):
            (self.folder / name).mkdir(parents=True)
            (self.folder / name / "action.yml").write_text(text, encoding="utf-8")
        self._make_python(self.folder / "python")

    def close(self) -> None:
        """Stop the server for uploads."""
        self.uploads.shutdown()
        self.uploads.server_close()

    def _make_python(self, folder: Path) -> None:
        """Make an environment with the packages of this one, and pytest and pytest-carbon on its PATH."""
        venv.create(folder)
        packages = next((folder / "lib").glob("python*/site-packages"))
        (packages / "ours.pth").write_text("\n".join([*site.getsitepackages(), str(ROOT)]), encoding="utf-8")
        for name, module in (("pytest", "pytest"), ("pytest-carbon", "pytest_carbon.cli"), ("pip", "pip._internal")):
            main = "console_main" if name == "pytest" else "main"
            body = f"#!{folder}/bin/python -Wignore\nimport sys\nfrom {module} import {main}\nsys.exit({main}())\n"
            (folder / "bin" / name).write_text(body, encoding="utf-8")
            (folder / "bin" / name).chmod(0o755)

    def run(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, Any],
        commit: str,
        *,
        rights: Mapping[str, str] = RIGHTS,
        run_id: int | None = None,
        cancel_after: str = "",
        secrets: Mapping[str, str] = {},
    ) -> WorkflowResult:
        """Run a workflow of the docs, or of a file, for an event, in a clone at a commit."""
        self.runs += 1
        here = self.folder / f"run-{self.runs}"
        clone = here / "shop"
        subprocess.run(["git", "clone", "-q", str(self.repo.git), str(clone)], check=True)
        subprocess.run(
            ["git", "-C", str(clone), "remote", "set-url", "origin", f"{self.hub.server_url}/octo/shop"], check=True
        )
        subprocess.run(["git", "-C", str(clone), "fetch", "-q", str(self.repo.git), commit], check=True)
        subprocess.run(["git", "-C", str(clone), "checkout", "-q", "-B", "main", commit], check=True)
        number = run_id or self.repo.workflow_run(
            event=event,
            head_sha=commit,
            head_branch="main",
            path=f".github/workflows/{Path(workflow).name}",
            conclusion=None,
        )
        (here / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        command = [
            "act", event, "-W", str(ROOT / "docs" / "workflows" / workflow), "-e", str(here / "event.json"),
            "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--action-offline-mode", "--pull=false",
            "--action-cache-path", str(here / "cache"), "-a", "ann", "-s", f"GITHUB_TOKEN={self.hub.token(rights)}",
            *(part for pair in secrets.items() for part in ("-s", "=".join(pair))),
            *(part for pair in self._environment(number, payload).items() for part in ("--env", "=".join(pair))),
            "--local-repository", f"pytest-carbon/pytest-carbon@v1={self.action}",
            "--local-repository", f"{UPLOAD}={self.folder / 'upload'}",
            "--local-repository", f"{SETUP}={self.folder / 'setup'}",
        ]  # fmt: skip
        own = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
        own.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
        own |= {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(here / "home"),
            "LANG": "C.UTF-8",
        }
        with subprocess.Popen(
            command,
            cwd=clone,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            output = _watched(process, cancel_after)
        return WorkflowResult(process.returncode, output, number)

    def _environment(self, run_id: int, payload: Mapping[str, Any]) -> dict[str, str]:
        return {
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_SERVER_URL": self.hub.server_url,
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_REF": str(payload.get("ref") or "refs/heads/main"),
            "STAGE_UPLOADS": f"http://127.0.0.1:{self.uploads.server_port}/",
            "STAGE_PYTHON": str(self.folder / "python" / "bin"),
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }


def copy_action(folder: Path, *, installed: bool) -> Path:
    """Copy the Action as a runner fetches it; ``installed`` makes its environment here, once for all jobs."""
    action = Path(shutil.copytree(ROOT, folder / "action", ignore=_only_the_action))
    if installed:
        install, output = action / "github_action" / "install.py", folder / "output"
        environment = {
            **os.environ,
            "RUNNER_TEMP": str(folder),
            "GITHUB_OUTPUT": str(output),
            "CARBON_DATABASE": "false",
        }
        subprocess.run([sys.executable, "-I", str(install)], check=True, env=environment)
        python = output.read_text(encoding="utf-8").strip().removeprefix("python=")
        install.write_text(INSTALLED.format(python=python), encoding="utf-8")
    return action


def _watched(process: subprocess.Popen[str], cancel_after: str) -> str:
    """Read all output of a process; after ``cancel_after`` send the signal by which GitHub cancels a run."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if cancel_after and cancel_after in line:
            process.send_signal(signal.SIGINT)
            cancel_after = ""
    return "".join(lines)


def _only_the_action(folder: str, names: list[str]) -> list[str]:
    """Leave out files that neither the Action nor a reusable workflow needs."""
    if Path(folder) != ROOT:
        return [name for name in names if name == "__pycache__"]
    return [name for name in names if name not in ("action.yml", "github_action", "pytest_carbon", ".github")]
