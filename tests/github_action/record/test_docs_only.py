"""Whether a pull request touches nothing but documentation, by GitHub's own list."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_action.record.docs_only import docs_only
from tests.github_action.fake import FakeGitHub
from tests.github_action.record.main_branch import MainBranch


@pytest.mark.parametrize(
    ("files", "only"),
    [
        ({"README.md": "x", "docs/a.rst": "y"}, True),
        ({"README.md": "x", "shop.py": "y"}, False),
        ({f"docs/{n}.md": "x" for n in range(300)}, None),
    ],
    ids=["documentation", "code", "a list that may be cut"],
)
def test_files_of_a_comparison(hub: FakeGitHub, tmp_path: Path, files: dict[str, str], only: bool | None) -> None:
    """A list that may be cut tells nothing, and neither does a commit that GitHub does not know."""
    main = MainBranch(hub, tmp_path)
    base = main.repo.commit({"a.py": "1"})
    head = main.repo.commit(files, "topic")
    client = main.judge_context("schedule", {"schedule": "17 3 * * *"}).client
    assert docs_only(client, "octo/shop", base, head) is only
    assert docs_only(client, "octo/shop", base, base) is None
    assert docs_only(client, "octo/shop", base, "f" * 40) is None
