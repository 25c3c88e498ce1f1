"""A project with a policy and a ledger in a folder, which the use cases read and write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from tests.samples import NOW, POLICY


@dataclass
class Shop:
    """The project; its ledger is in a folder of its own."""

    root: Path

    def config(self, policy: str = "") -> Config:
        """Load the sample policy, with more lines."""
        (self.root / "carbon.toml").write_text(POLICY + policy, encoding="utf-8")
        return load_config(self.root, environment={})

    @property
    def ledger(self) -> FolderLedger:
        """The ledger, as of the sample's now."""
        return FolderLedger(self.root / "runs", NOW, 10)


MAIN = RunSource("main", None, (), 1, "")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project of its own for each test."""
    return Shop(tmp_path)
