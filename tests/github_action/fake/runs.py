"""Workflow runs and their artifacts."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github_action.fake.git import Bare
    from tests.github_action.fake.repository import Repository
    from tests.github_action.fake.state import World


class Runs:
    """The workflow runs of a repository."""

    world: World
    bare: Bare
    id: int
    url: str
    page: str
    runs: dict[int, dict[str, Any]]
    attempts: dict[int, list[str]]
    artifacts: list[dict[str, Any]]

    def workflow_run(
        self,
        *,
        head_sha: str,
        head_branch: str,
        event: str = "pull_request",
        head_repository: Repository | None = None,
        attempt: int = 1,
        conclusion: str | None = "success",
        path: str = ".github/workflows/carbon.yml",
        actor: str = "ann",
    ) -> int:
        """Add a workflow run and return its id. Without a conclusion the run has not ended."""
        key, made = self.world.new_id(), self.world.tick()
        self.runs[key] = {
            "id": key,
            "repository": self,
            "head_repository": head_repository or self,
            "name": path.rpartition("/")[2].removesuffix(".yml"),
            "path": path,
            "event": event,
            "head_sha": head_sha,
            "head_branch": head_branch,
            "run_number": len(self.runs) + 1,
            "run_attempt": attempt,
            "status": "completed" if conclusion else "in_progress",
            "conclusion": conclusion,
            "actor": actor,
            "created_at": made,
            "run_started_at": made,
        }
        self.attempts[key] = [made]
        return key

    def run_again(self, run_id: int, conclusion: str | None = "success") -> None:
        """Start the next attempt of a run; later artifacts belong to that attempt."""
        run = self.runs[run_id]
        status = "completed" if conclusion else "in_progress"
        run |= {"run_attempt": run["run_attempt"] + 1, "run_started_at": self.world.tick()}
        run |= {"status": status, "conclusion": conclusion}
        self.attempts[run_id].append(run["run_started_at"])

    def artifact(self, run_id: int, name: str, data: bytes, *, expired: bool = False) -> int:
        """Add an artifact to a run and return its id. A run with two attempts may have two artifacts of one name."""
        key, made, run = self.world.new_id(), self.world.tick(), self.runs[run_id]
        self.world.artifacts[key] = data
        facts = {
            "id": key,
            "name": name,
            "size_in_bytes": len(data),
            "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "expired": expired,
            "created_at": made,
            "updated_at": made,
            "expires_at": (self.world.clock + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "url": f"{self.url}/actions/artifacts/{key}",
            "archive_download_url": f"{self.url}/actions/artifacts/{key}/zip",
            "workflow_run": {
                "id": run_id,
                "repository_id": self.id,
                "head_repository_id": run["head_repository"].id,
                "head_branch": run["head_branch"],
                "head_sha": run["head_sha"],
            },
        }
        self.artifacts.append(facts)
        return key
