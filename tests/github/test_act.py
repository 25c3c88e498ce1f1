"""The Action end to end: the workflows of the docs, run by a real runner, against the fake GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.github.fake import FakeGitHub
from tests.github.stage import Stage

FILES = {
    "carbon.toml": 'zone = "DE"\ndefault-branch = "main"\n\n[features.checkout]\nlabels = ["feature:checkout"]\n'
    'paths = ["tests/**"]\n\n[features.checkout.budget]\nper-run = "1 mJ"\nlimit = "1 MJ"\non-exceeded = "fail"\n',
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n\n[build-system]\nrequires = ["setuptools"]\n'
    'build-backend = "setuptools.build_meta"\n\n[tool.setuptools]\npy-modules = ["shop"]\n',
    "shop.py": "def price():\n    return 1\n",
    "tests/test_shop.py": "import shop\n\n\ndef test_price():\n    assert sum(range(20_000)) and shop.price() == 1\n",
}


@pytest.fixture
def stage(hub: FakeGitHub, tmp_path: Path) -> Iterator[Stage]:
    """A small project whose feature is over its limit per run."""
    hub.clock = datetime.now(UTC).replace(microsecond=0)
    made = Stage(hub, tmp_path / "stage", FILES)
    yield made
    made.close()


def test_pull_request_is_measured_judged_and_judged_again(stage: Stage) -> None:
    """Own branch, one file: pending, measured, failed with a comment; a label judges again without a test."""
    stage.repo.commit({"shop.py": "def price():\n    return 1  # a bargain\n"}, branch="topic")
    number = stage.repo.open_pull(head="topic", author="ann", labels=("feature:checkout",), title="Bargain")
    head = stage.repo.pull(number)["head"]["sha"]
    ran = stage.run("carbon.yml", "pull_request", stage.repo.event_pull_request(number, "opened"), head, job="measure")
    assert ran.code == 0, ran.output
    assert [s["state"] for s in stage.repo.statuses] == ["pending", "failure"], ran.output
    (comment,) = stage.repo.comments(number)
    assert "feature checkout used" in comment["body"]
    stage.repo.unlabel(number, "feature:checkout", by="ann")
    payload = stage.repo.event_pull_request(number, "unlabeled", label="feature:checkout")
    again = stage.run("carbon.yml", "pull_request", payload, head, job="judge-again")
    assert again.code == 0, again.output
    assert "test session starts" not in again.output
    assert stage.repo.statuses[-1]["target_url"].endswith(f"/{again.run_id}/attempts/1")
    assert len(stage.repo.comments(number)) == 1
