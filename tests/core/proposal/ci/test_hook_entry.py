"""The entry for pre-commit."""

from __future__ import annotations

from pathlib import Path

import yaml

from pytest_carbon.core.proposal.ci.hook_entry import hook_entry, hooks_file

ROOT = Path(__file__).parents[4]


def test_entry_is_that_of_the_docs_with_every_hook() -> None:
    """The page of the hooks shows the same file."""
    page = (ROOT / "docs/hooks.md").read_text(encoding="utf-8")
    assert f"# .pre-commit-config.yaml\n{hooks_file('0.1.0')}" in page
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (entry,) = yaml.safe_load(hook_entry("1.2.3"))
    assert entry["rev"] == "v1.2.3"
    assert [hook["id"] for hook in entry["hooks"]] == [hook["id"] for hook in manifest]
